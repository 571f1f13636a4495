// A design's wishes: L = sum_r w_r (reading_r / input_power - t_r)^2, with the targets t of the
// sample, or else of the scene: the share of the input that should arrive at every reading.
#include "training/loss_parts.hpp"

namespace wavesmith {
namespace {

class WeightedTargets final : public Loss {
 public:
  explicit WeightedTargets(const LossSpec& spec) : weights_(spec.weights), targets_(spec.targets) {}

  double evaluate(std::span<const double> readings, double input_power, const Target& target,
                  std::span<double> cotangent) const override {
    const std::span<const double> wanted = target.values.empty() ? targets_ : target.values;
    const double factor = input_power < dark_limit ? 0.0 : 1.0 / input_power;
    double value = 0.0;
    for (std::size_t r = 0; r < readings.size(); ++r) {
      const double weight = weights_.empty() ? 1.0 : weights_[r];
      const double difference = factor * readings[r] - wanted[r];
      value += weight * difference * difference;
      if (!cotangent.empty()) cotangent[r] = 2.0 * weight * difference * factor;
    }
    return value;
  }
  int predicted_class(std::span<const double>) const override { return -1; }

 private:
  std::vector<double> weights_, targets_;
};

}  // namespace

std::unique_ptr<Loss> make_weighted_targets(const LossSpec& spec) {
  return std::make_unique<WeightedTargets>(spec);
}

}  // namespace wavesmith
