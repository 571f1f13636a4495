// Parts that the losses share: normalisation with its transpose, softmax cross entropy, guards.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "training/losses.hpp"

namespace wavesmith {

// Below this a reading, a sum of readings or a power counts as dark: what is divided by it is taken
// as 0 and has derivative 0. Nothing above it is altered, so no gradient of a lit sample changes;
// NaN is not dark and goes through, for the caller to find.
inline constexpr double dark_limit = 1e-300;

enum class Normalise { sum, max, input, none };
Normalise parse_normalise(const LossSpec& spec, Normalise otherwise);

// x_r = factor * reading_r, with factor = scale / (sum of readings, largest reading, input power
// or 1).
class Normaliser {
 public:
  Normaliser(Normalise kind, double scale) : kind_(kind), scale_(scale) {}
  double factor(std::span<const double> readings, double input_power) const;
  // Turns dL/dx into dL/dreading, in place.
  void pull_back(std::span<const double> readings, double factor,
                 std::span<double> cotangent) const;

 private:
  Normalise kind_;
  double scale_;
};

std::size_t largest(std::span<const double> readings);  // index, the first among equals

// Target value of class k: the sample's own, or 1 at its label and 0 elsewhere.
inline double target_value(const Target& target, std::size_t k) {
  if (!target.values.empty()) return target.values[k];
  return static_cast<std::size_t>(target.label) == k ? 1.0 : 0.0;
}

// Cross entropy of softmax(x) against a label, or against values t (sum_k -t_k log softmax(x)_k).
// x_k = score(k), k < count; where `cotangent` is not empty its first `count` entries get dL/dx_k.
template <class Score>
double softmax_cross_entropy(std::size_t count, const Score& score, const Target& target,
                             std::span<double> cotangent) {
  // The largest score is taken out of the exponentials, so none overflows.
  double top = score(0);
  for (std::size_t k = 1; k < count; ++k) top = std::max(top, score(k));
  double sum = 0.0, value = 0.0, total = 0.0;
  for (std::size_t k = 0; k < count; ++k) sum += std::exp(score(k) - top);
  const double log_sum = std::log(sum);
  for (std::size_t k = 0; k < count; ++k) {
    const double t = target_value(target, k);
    total += t;
    value += t * (log_sum - (score(k) - top));
  }
  if (!cotangent.empty()) {
    for (std::size_t k = 0; k < count; ++k)
      cotangent[k] = total * std::exp(score(k) - top) / sum - target_value(target, k);
  }
  return value;
}

// One per file of that name.
std::unique_ptr<Loss> make_squared_error(const LossSpec& spec);
std::unique_ptr<Loss> make_cross_entropy(const LossSpec& spec);
std::unique_ptr<Loss> make_differential(const LossSpec& spec);
std::unique_ptr<Loss> make_efficiency(const LossSpec& spec);
std::unique_ptr<Loss> make_log_share(const LossSpec& spec);
std::unique_ptr<Loss> make_weighted_targets(const LossSpec& spec);
std::unique_ptr<Loss> make_image(const LossSpec& spec);

}  // namespace wavesmith
