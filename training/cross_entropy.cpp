// Softmax cross entropy of the normalised readings: L = -log softmax(x)_label, x = scale *
// readings / N. Normalised by the sum or by the largest reading it does not see the brightness of
// a sample; the scale sets how sharp the softmax can get, since 0 <= reading / N <= 1. Mengu et
// al., IEEE JSTQE 26, 3700114 (2020) train diffractive networks with a loss of this kind.
#include "training/loss_parts.hpp"

namespace wavesmith {
namespace {

class CrossEntropy final : public Loss {
 public:
  explicit CrossEntropy(const LossSpec& spec)
      : normaliser_(parse_normalise(spec, Normalise::sum), spec.scale.value_or(10.0)) {}

  double evaluate(std::span<const double> readings, double input_power, const Target& target,
                  std::span<double> cotangent) const override {
    const double factor = normaliser_.factor(readings, input_power);
    const double value = softmax_cross_entropy(
        readings.size(), [&](std::size_t k) { return factor * readings[k]; }, target, cotangent);
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

std::unique_ptr<Loss> make_cross_entropy(const LossSpec& spec) {
  return std::make_unique<CrossEntropy>(spec);
}

}  // namespace wavesmith
