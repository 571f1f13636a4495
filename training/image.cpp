// Distance of the image that the readings form from a target image t, with weights w:
//   L = sum_r w_r (a x_r - t_r)^2 / sum_r w_r t_r^2,   x = readings / N.
// Fixed scale: a is given. Optimal scale (the default): a = <x, t>_w / <x, x>_w minimises L, which
// is then 1 - <x, t>^2 / (<x, x> <t, t>): only the image's shape counts. Since dL/da = 0 there, the
// derivative with respect to x at constant a is the exact one.
#include <optional>

#include "training/loss_parts.hpp"

namespace wavesmith {
namespace {

class Image final : public Loss {
 public:
  explicit Image(const LossSpec& spec)
      : normaliser_(parse_normalise(spec, Normalise::input), 1.0),
        scale_(spec.scale),
        weights_(spec.weights),
        targets_(spec.targets) {}

  double evaluate(std::span<const double> readings, double input_power, const Target& target,
                  std::span<double> cotangent) const override {
    const std::span<const double> wanted = target.values.empty() ? targets_ : target.values;
    const double factor = normaliser_.factor(readings, input_power);
    double xx = 0.0, xt = 0.0, tt = 0.0;
    for (std::size_t r = 0; r < readings.size(); ++r) {
      const double x = factor * readings[r];
      xx += weight(r) * x * x;
      xt += weight(r) * x * wanted[r];
      tt += weight(r) * wanted[r] * wanted[r];
    }
    const double a = scale_ ? *scale_ : xx < dark_limit ? 0.0 : xt / xx;
    double value = 0.0;
    for (std::size_t r = 0; r < readings.size(); ++r) {
      const double difference = a * factor * readings[r] - wanted[r];
      value += weight(r) * difference * difference / tt;
      if (!cotangent.empty()) cotangent[r] = 2.0 * a * weight(r) * difference / tt;
    }
    normaliser_.pull_back(readings, factor, cotangent);
    return value;
  }
  int predicted_class(std::span<const double>) const override { return -1; }

 private:
  double weight(std::size_t r) const { return weights_.empty() ? 1.0 : weights_[r]; }

  Normaliser normaliser_;
  std::optional<double> scale_;
  std::vector<double> weights_, targets_;
};

}  // namespace

std::unique_ptr<Loss> make_image(const LossSpec& spec) {
  return std::make_unique<Image>(spec);
}

}  // namespace wavesmith
