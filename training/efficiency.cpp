// Efficiency of a design: e = sum_r w_r reading_r / input_power; L = 1 - e, or L = -log e.
// A sample that sends nothing in has e = 0; -log is held at -log(1e-300), with derivative 0.
#include "training/loss_parts.hpp"

namespace wavesmith {
namespace {

class Efficiency final : public Loss {
 public:
  explicit Efficiency(const LossSpec& spec) : weights_(spec.weights), logarithm_(spec.logarithm) {}

  double evaluate(std::span<const double> readings, double input_power, const Target&,
                  std::span<double> cotangent) const override {
    const double factor = input_power < dark_limit ? 0.0 : 1.0 / input_power;
    double e = 0.0;
    for (std::size_t r = 0; r < readings.size(); ++r) e += weight(r) * factor * readings[r];
    const bool dark = e < dark_limit;
    const double slope = !logarithm_ ? -1.0 : dark ? 0.0 : -1.0 / e;  // dL/de
    for (std::size_t r = 0; r < cotangent.size(); ++r) cotangent[r] = slope * weight(r) * factor;
    return logarithm_ ? -std::log(dark ? dark_limit : e) : 1.0 - e;
  }
  int predicted_class(std::span<const double>) const override { return -1; }

 private:
  double weight(std::size_t r) const { return weights_.empty() ? 1.0 : weights_[r]; }

  std::vector<double> weights_;
  bool logarithm_;
};

}  // namespace

std::unique_ptr<Loss> make_efficiency(const LossSpec& spec) {
  return std::make_unique<Efficiency>(spec);
}

}  // namespace wavesmith
