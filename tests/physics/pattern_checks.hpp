// Derivatives of a design pattern along random directions.
#pragma once

#include <cmath>
#include <complex>
#include <functional>

#include "core/random.hpp"
#include "physics/design_pattern.hpp"

namespace wavesmith::testing {

inline double product(const PatternSamples& a, const PatternSamples& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.fill.size(); ++i)
    sum += a.fill[i] * b.fill[i] + a.xx[i] * b.xx[i] + a.xy[i] * b.xy[i] + a.yy[i] * b.yy[i];
  return sum;
}

inline PatternSamples random_cotangent(std::size_t points, std::uint64_t seed) {
  const Random random(seed, 3);
  PatternSamples samples = PatternSamples::zeros(points);
  std::uint64_t draw = 0;
  for (auto* values : {&samples.fill, &samples.xx, &samples.xy, &samples.yy})
    for (double& value : *values) value = random.uniform(draw++, -1.0, 1.0);
  return samples;
}

inline std::vector<double> random_numbers(std::size_t count, double low, double high,
                                          std::uint64_t seed) {
  const Random random(seed, 4);
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = random.uniform(i, low, high);
  return values;
}

inline std::vector<Point2> random_points(std::size_t count, double x_low, double x_high,
                                         double y_low, double y_high, std::uint64_t seed) {
  const std::vector<double> x = random_numbers(count, x_low, x_high, seed);
  const std::vector<double> y = random_numbers(count, y_low, y_high, seed + 1000);
  std::vector<Point2> points(count);
  for (std::size_t i = 0; i < count; ++i) points[i] = {x[i], y[i]};
  return points;
}

struct PatternErrors {
  double transpose = 0.0;    // against the linearisation, relative to the lengths of both sides
  double differences = 0.0;  // against central differences of fourth order, relative
};

// `linearised`: the derivative of the samples along a direction, found independently. h: of the
// differences, in units of the direction.
inline PatternErrors pattern_errors(
    const DesignPattern& pattern, const std::vector<double>& parameters,
    const std::vector<double>& direction, const std::vector<Point2>& points, double radius,
    double beta, double h,
    const std::function<PatternSamples(const std::vector<double>& direction)>& linearised) {
  const PatternSamples cotangent = random_cotangent(points.size(), 8);
  std::vector<double> gradient(parameters.size(), 0.0);
  pattern.pull_back(parameters, points, radius, beta, cotangent, gradient);
  double along = 0.0;
  for (std::size_t i = 0; i < gradient.size(); ++i) along += gradient[i] * direction[i];

  const PatternSamples change = linearised(direction);
  PatternErrors errors;
  errors.transpose = std::abs(product(cotangent, change) - along) /
                     std::sqrt(product(cotangent, cotangent) * product(change, change));
  const auto at = [&](double by) {
    std::vector<double> moved = parameters;
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += by * direction[i];
    return product(cotangent, pattern.sample(moved, points, radius, beta));
  };
  const double found = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
  errors.differences = std::abs(found - along) / std::abs(along);
  return errors;
}

// Of complex numbers whose imaginary part is a small change: what is not analytic is decided by the
// real part.
using Stepped = std::complex<double>;
inline constexpr double complex_step = 1e-30;

inline Stepped smoothed_step_of(const Stepped& t) {
  if (std::abs(t.real()) >= 1.0) return t.real() < 0.0 ? 1.0 : 0.0;
  return 0.5 - 15.0 / 16.0 * t + 5.0 / 8.0 * t * t * t - 3.0 / 16.0 * t * t * t * t * t;
}

}  // namespace wavesmith::testing
