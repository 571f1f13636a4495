// Squared error of the normalised readings: (1/n) sum_r (x_r - t_r)^2, x = scale * readings / N,
// t one-hot at the label or the sample's values. Lin et al., Science 361, 1004 (2018) use it with
// a detector per class. Derivative: dL/dx_r = (2/n)(x_r - t_r), then the normaliser's transpose.
#include "training/loss_parts.hpp"

namespace wavesmith {
namespace {

class SquaredError final : public Loss {
 public:
  explicit SquaredError(const LossSpec& spec)
      : normaliser_(parse_normalise(spec, Normalise::sum), spec.scale.value_or(1.0)) {}

  double evaluate(std::span<const double> readings, double input_power, const Target& target,
                  std::span<double> cotangent) const override {
    const double factor = normaliser_.factor(readings, input_power);
    const double share = 1.0 / static_cast<double>(readings.size());
    double value = 0.0;
    for (std::size_t r = 0; r < readings.size(); ++r) {
      const double difference = factor * readings[r] - target_value(target, r);
      value += share * difference * difference;
      if (!cotangent.empty()) cotangent[r] = 2.0 * share * difference;
    }
    normaliser_.pull_back(readings, factor, cotangent);
    return value;
  }
  int predicted_class(std::span<const double> readings) const override {
    return static_cast<int>(largest(readings));
  }

 private:
  Normaliser normaliser_;
};

}  // namespace

std::unique_ptr<Loss> make_squared_error(const LossSpec& spec) {
  return std::make_unique<SquaredError>(spec);
}

}  // namespace wavesmith
