#include "physics/minimum_size.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "physics/conic_filter.hpp"
#include "physics/feature_threshold.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

constexpr double sharpest = 256.0;  // a step has no derivative; from here on it is one

// Central difference about i of `count` values, one-sided at the ends: (v[after] - v[before]) *
// scale.
struct Difference {
  int before, after;
  double scale;  // [1/m]
};
Difference difference_at(int i, int count, double spacing) {
  const int before = std::max(i - 1, 0), after = std::min(i + 1, count - 1);
  return {before, after, after > before ? 1.0 / ((after - before) * spacing) : 0.0};
}

}  // namespace

MinimumSize::MinimumSize(const Plane& pixels, const MinimumSizeSettings& settings)
    : pixels_(pixels),
      settings_(settings),
      threshold_(wavesmith::eroded_threshold(settings.filter_radius, settings.length)) {
  validate_plane(pixels, "pixels of a minimum size");
  validate_positive(settings.decay, "decay of a minimum size");
  validate_positive(settings.tolerance, "tolerance of a minimum size");
  // A single row has one width everywhere: only its length is looked at.
  const double pixel = std::max(pixels.nx > 1 ? pixels.dx : 0.0, pixels.ny > 1 ? pixels.dy : 0.0);
  WAVESMITH_VALIDATE(
      settings.length >= 2.0 * pixel,
      fmt::format("minimum length {} m is less than two pixels ({} m each), which cannot show it; "
                  "make the pixels smaller",
                  settings.length, pixel));
}

double MinimumSize::evaluate(std::span<const double> filtered, double beta,
                             std::span<double> gradient) const {
  validate_count(filtered.size(), pixels_.size(), "filtered pixels of a minimum size");
  validate_count(gradient.size(), pixels_.size(), "gradient of a minimum size");
  const TanhProjection projection(std::min(beta, sharpest), 0.5);
  const double sign = settings_.phase == PatternPhase::solid ? 1.0 : -1.0;
  const double offset = settings_.phase == PatternPhase::solid ? 0.0 : 1.0;
  const double decay = settings_.decay * settings_.filter_radius * settings_.filter_radius;
  const double weight =
      pixels_.cell_area() / (settings_.length * settings_.length * settings_.tolerance);
  const int nx = pixels_.nx;
  const auto at = [nx](int i, int j) {
    return static_cast<std::size_t>(j) * static_cast<std::size_t>(nx) + static_cast<std::size_t>(i);
  };
  std::fill(gradient.begin(), gradient.end(), 0.0);
  double sum = 0.0;
  for (int j = 0; j < pixels_.ny; ++j) {
    const Difference dy = difference_at(j, pixels_.ny, pixels_.dy);
    for (int i = 0; i < nx; ++i) {
      const double v = offset + sign * filtered[at(i, j)];
      const double lack = threshold_ - v;
      if (lack <= 0.0) continue;
      const Difference dx = difference_at(i, nx, pixels_.dx);
      const double vx = dx.scale * (filtered[at(dx.after, j)] - filtered[at(dx.before, j)]);
      const double vy = dy.scale * (filtered[at(i, dy.after)] - filtered[at(i, dy.before)]);
      const double flat = std::exp(-decay * (vx * vx + vy * vy));
      const double solid = projection.value(v);
      sum += solid * flat * lack * lack;

      gradient[at(i, j)] +=
          sign * weight * flat * lack * (projection.slope(v) * lack - 2.0 * solid);
      const double by_slope = -2.0 * weight * decay * solid * flat * lack * lack;
      gradient[at(dx.after, j)] += by_slope * vx * dx.scale;
      gradient[at(dx.before, j)] -= by_slope * vx * dx.scale;
      gradient[at(i, dy.after)] += by_slope * vy * dy.scale;
      gradient[at(i, dy.before)] -= by_slope * vy * dy.scale;
    }
  }
  return weight * sum - 1.0;
}

}  // namespace wavesmith
