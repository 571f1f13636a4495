#include "physics/feature_threshold.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

// K above.
double edge_profile(double t) {
  if (t <= -1.0) return 0.0;
  if (t >= 1.0) return 1.0;
  const double cubic = t == 0.0 ? 0.0 : t * t * t * std::acosh(1.0 / std::abs(t));
  return 0.5 + (2.0 * t * std::sqrt(1.0 - t * t) + std::asin(t) - cubic) / std::numbers::pi;
}

// Where a rising function passes 0 between low and high.
template <class Rising>
double find_zero(double low, double high, const Rising& rising) {
  for (int i = 0; i < 100; ++i) {
    const double middle = 0.5 * (low + high);
    (rising(middle) < 0.0 ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

// A bar of half width a before filtering, at distance x from its middle.
double bar_profile(double a, double x) {
  return edge_profile(a + x) + edge_profile(a - x) - 1.0;
}

double inverse_edge(double value) {
  return find_zero(-1.0, 1.0, [&](double t) { return edge_profile(t) - value; });
}

}  // namespace

double eroded_threshold(double filter_radius, double length) {
  validate_positive(filter_radius, "filter_radius [m]");
  validate_positive(length, "minimum length [m]");
  WAVESMITH_VALIDATE(
      length < 2.0 * filter_radius,
      fmt::format("minimum length {} m cannot be told with a filter_radius of {} m (a filter sees "
                  "bars narrower than twice its radius only); make filter_radius at least {} m",
                  length, filter_radius, filter_radius_of(length, 0.75)));
  const double x = 0.5 * length / filter_radius;
  const double a = find_zero(0.0, 1.0, [&](double half) { return bar_profile(half, x) - 0.5; });
  return bar_profile(a, 0.0);
}

double dilated_threshold(double filter_radius, double length) {
  return 1.0 - eroded_threshold(filter_radius, length);
}

double filter_radius_of(double length, double eroded_threshold) {
  validate_positive(length, "minimum length [m]");
  WAVESMITH_VALIDATE(0.5 < eroded_threshold && eroded_threshold < 1.0,
                     fmt::format("eroded threshold {} must lie between 0.5 and 1; 0.75 is usual",
                                 eroded_threshold));
  const double a = inverse_edge(0.5 * (1.0 + eroded_threshold));
  const double x = find_zero(0.0, 1.0, [&](double at) { return 0.5 - bar_profile(a, at); });
  return 0.5 * length / x;
}

double threshold_of_shift(double filter_radius, double shift) {
  validate_positive(filter_radius, "filter_radius [m]");
  WAVESMITH_VALIDATE(
      std::abs(shift) < filter_radius,
      fmt::format("an edge cannot be moved by {} m with a filter_radius of {} m; make the shift "
                  "smaller or the radius larger",
                  shift, filter_radius));
  return edge_profile(shift / filter_radius);
}

double shift_of_threshold(double filter_radius, double threshold) {
  validate_positive(filter_radius, "filter_radius [m]");
  WAVESMITH_VALIDATE(0.0 < threshold && threshold < 1.0,
                     fmt::format("threshold {} must lie between 0 and 1", threshold));
  return filter_radius * inverse_edge(threshold);
}

}  // namespace wavesmith
