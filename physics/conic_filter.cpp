#include "physics/conic_filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "physics/validate.hpp"

namespace wavesmith {

ConicFilter::ConicFilter(const Plane& pixels, double radius) : pixels_(pixels) {
  validate_not_negative(radius, "filter_radius [m]");
  if (radius <= std::min(pixels.dx, pixels.dy)) return;  // reaches no neighbour
  WAVESMITH_VALIDATE(
      radius <= std::hypot(pixels.width(), pixels.height()),
      fmt::format("filter_radius {} m is larger than the layer ({} m by {} m); make it smaller",
                  radius, pixels.width(), pixels.height()));

  const int reach_x = std::min(pixels.nx - 1, static_cast<int>(radius / pixels.dx));
  const int reach_y = std::min(pixels.ny - 1, static_cast<int>(radius / pixels.dy));
  for (int dj = -reach_y; dj <= reach_y; ++dj)
    for (int di = -reach_x; di <= reach_x; ++di) {
      const double weight = 1.0 - std::hypot(di * pixels.dx, dj * pixels.dy) / radius;
      if (weight > 0.0) taps_.push_back({di, dj, weight});
    }

  inverse_sum_.assign(pixels.size(), 1.0);
  std::vector<double> ones(pixels.size(), 1.0), sum(pixels.size());
  apply(ones, sum);
  for (std::size_t p = 0; p < sum.size(); ++p) inverse_sum_[p] = 1.0 / sum[p];
}

void ConicFilter::apply(std::span<const double> values, std::span<double> filtered) const {
  if (is_identity()) {
    std::copy(values.begin(), values.end(), filtered.begin());
    return;
  }
  const int nx = pixels_.nx, ny = pixels_.ny;
  std::fill(filtered.begin(), filtered.end(), 0.0);
  for (const Tap& tap : taps_)
    for (int j = std::max(0, -tap.dj); j < std::min(ny, ny - tap.dj); ++j) {
      double* out = filtered.data() + static_cast<std::ptrdiff_t>(j) * nx;
      const double* in = values.data() + static_cast<std::ptrdiff_t>(j + tap.dj) * nx + tap.di;
      for (int i = std::max(0, -tap.di); i < std::min(nx, nx - tap.di); ++i)
        out[i] += tap.weight * in[i];
    }
  for (std::size_t p = 0; p < filtered.size(); ++p) filtered[p] *= inverse_sum_[p];
}

void ConicFilter::apply_transpose(std::span<const double> values, std::span<double> result) const {
  if (is_identity()) {
    std::copy(values.begin(), values.end(), result.begin());
    return;
  }
  // w is symmetric, so only the normalisation changes sides.
  const int nx = pixels_.nx, ny = pixels_.ny;
  std::vector<double> scaled(values.begin(), values.end());
  for (std::size_t p = 0; p < scaled.size(); ++p) scaled[p] *= inverse_sum_[p];
  std::fill(result.begin(), result.end(), 0.0);
  for (const Tap& tap : taps_)
    for (int j = std::max(0, -tap.dj); j < std::min(ny, ny - tap.dj); ++j) {
      double* out = result.data() + static_cast<std::ptrdiff_t>(j) * nx;
      const double* in = scaled.data() + static_cast<std::ptrdiff_t>(j + tap.dj) * nx + tap.di;
      for (int i = std::max(0, -tap.di); i < std::min(nx, nx - tap.di); ++i)
        out[i] += tap.weight * in[i];
    }
}

TanhProjection::TanhProjection(double beta, double eta) : beta_(beta), eta_(eta) {
  validate_not_negative(beta, "projection_beta");
  validate_between(eta, 0.0, 1.0, "projection_eta");
  offset_ = std::tanh(beta * eta);
  scale_ = beta > 0.0 ? 1.0 / (offset_ + std::tanh(beta * (1.0 - eta))) : 1.0;
}

double TanhProjection::value(double v) const {
  if (beta_ == 0.0) return v;
  return scale_ * (offset_ + std::tanh(beta_ * (v - eta_)));
}

double TanhProjection::slope(double v) const {
  if (beta_ == 0.0) return 1.0;
  const double t = std::tanh(beta_ * (v - eta_));
  return scale_ * beta_ * (1.0 - t * t);
}

}  // namespace wavesmith
