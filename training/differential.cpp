// Differential detection: two detectors a class, read in the order +0, -0, +1, -1, ...
//   score_k = (a_k - b_k) / (a_k + b_k),  L = -log softmax(score / temperature)_label.
// Li et al., Adv. Photonics 1, 046001 (2019).
// Derivative: d score / da = 2 b / (a + b)^2, d score / db = -2 a / (a + b)^2. A pair that reads
// nothing has score 0 and derivative 0.
#include "training/loss_parts.hpp"

namespace wavesmith {
namespace {

double score(std::span<const double> readings, std::size_t k) {
  const double a = readings[2 * k], b = readings[2 * k + 1];
  return a + b < dark_limit ? 0.0 : (a - b) / (a + b);
}

class Differential final : public Loss {
 public:
  explicit Differential(const LossSpec& spec) : sharpness_(1.0 / spec.temperature) {}

  double evaluate(std::span<const double> readings, double, const Target& target,
                  std::span<double> cotangent) const override {
    const std::size_t classes = readings.size() / 2;
    const double value = softmax_cross_entropy(
        classes, [&](std::size_t k) { return sharpness_ * score(readings, k); }, target, cotangent);
    if (cotangent.empty()) return value;
    // Last class first: the scores' derivatives lie in the first half of the array being filled.
    for (std::size_t k = classes; k-- > 0;) {
      const double a = readings[2 * k], b = readings[2 * k + 1];
      const double inverse = a + b < dark_limit ? 0.0 : 1.0 / (a + b);
      const double g = 2.0 * sharpness_ * cotangent[k] * inverse;
      cotangent[2 * k] = g * (b * inverse);
      cotangent[2 * k + 1] = -g * (a * inverse);
    }
    return value;
  }
  int predicted_class(std::span<const double> readings) const override {
    std::size_t best = 0;
    for (std::size_t k = 1; k < readings.size() / 2; ++k)
      if (score(readings, k) > score(readings, best)) best = k;
    return static_cast<int>(best);
  }

 private:
  double sharpness_;
};

}  // namespace

std::unique_ptr<Loss> make_differential(const LossSpec& spec) {
  return std::make_unique<Differential>(spec);
}

}  // namespace wavesmith
