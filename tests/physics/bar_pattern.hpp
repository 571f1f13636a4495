// Straight bars as exact pixel coverage, for what is measured on filtered patterns.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/plane.hpp"

namespace wavesmith::test {

// A bar of the given half width through the plane's centre, its axis turned by `angle` [rad]; its
// half length along the axis, rounded by nothing. Coverage by 8 x 8 points a pixel.
inline std::vector<double> bar_pattern(const Plane& plane, double half_width, double half_length,
                                       double angle) {
  const double c = std::cos(angle), s = std::sin(angle);
  std::vector<double> values(plane.size());
  for (int j = 0; j < plane.ny; ++j)
    for (int i = 0; i < plane.nx; ++i) {
      int inside = 0;
      for (int q = 0; q < 64; ++q) {
        const double x = plane.x(i) - plane.x0 + plane.dx * ((q % 8 + 0.5) / 8.0 - 0.5);
        const double y = plane.y(j) - plane.y0 + plane.dy * ((q / 8 + 0.5) / 8.0 - 0.5);
        inside += std::abs(c * y - s * x) < half_width && std::abs(c * x + s * y) < half_length;
      }
      values[static_cast<std::size_t>(j * plane.nx + i)] = inside / 64.0;
    }
  return values;
}

// Largest relative difference between a gradient and fourth-order central differences along
// directions: value(x) and the directional slopes gradient . d.
template <class Value>
double worst_slope(const Value& value, const std::vector<double>& x,
                   const std::vector<double>& gradient,
                   const std::vector<std::vector<double>>& directions, double step) {
  double worst = 0.0;
  for (const auto& d : directions) {
    const auto at = [&](double t) {
      std::vector<double> moved = x;
      for (std::size_t i = 0; i < x.size(); ++i) moved[i] += t * d[i];
      return value(moved);
    };
    const double measured =
        (8.0 * (at(step) - at(-step)) - (at(2.0 * step) - at(-2.0 * step))) / (12.0 * step);
    double slope = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) slope += gradient[i] * d[i];
    worst = std::max(worst, std::abs(measured - slope) / std::max(std::abs(slope), 1e-30));
  }
  return worst;
}

}  // namespace wavesmith::test
