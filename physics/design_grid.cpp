#include "physics/design_grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "physics/validate.hpp"

namespace wavesmith {

DesignGrid::DesignGrid(const Plane& plane, const DesignOptions& options)
    : plane_(plane),
      pixels_(plane),
      side_(options.samples_per_pixel),
      dead_transmission_(options.dead_transmission) {
  validate_plane(plane, "layer");
  WAVESMITH_VALIDATE(side_ >= 1, fmt::format("samples_per_pixel is {}; give 1 or more", side_));
  WAVESMITH_VALIDATE(
      plane.nx % side_ == 0 && plane.ny % side_ == 0,
      fmt::format("samples_per_pixel = {} does not divide the layer's {} x {} samples; choose a "
                  "whole number of pixels",
                  side_, plane.nx, plane.ny));
  WAVESMITH_VALIDATE(
      options.dead_fraction >= 0.0 && options.dead_fraction < 1.0,
      fmt::format("dead_fraction is {}; it must be at least 0 and below 1", options.dead_fraction));
  validate_between(std::abs(options.dead_transmission), 0.0, 1.0, "|dead_transmission|");

  pixels_.nx /= side_;
  pixels_.ny /= side_;
  pixels_.dx *= side_;
  pixels_.dy *= side_;

  // Overlap of each sample with the modulating interval, the same along x and y.
  const double active = side_ * std::sqrt(1.0 - options.dead_fraction);
  const double low = 0.5 * (side_ - active), high = 0.5 * (side_ + active);
  std::vector<double> along(static_cast<std::size_t>(side_));
  for (int i = 0; i < side_; ++i)
    along[static_cast<std::size_t>(i)] =
        std::max(0.0, std::min(i + 1.0, high) - std::max<double>(i, low));
  for (const double b : along)
    for (const double a : along) share_.push_back(a * b);
}

void DesignGrid::to_samples(std::span<const Complex> pixels, std::span<Complex> samples) const {
  const auto side = static_cast<std::size_t>(side_);
  const auto columns = static_cast<std::size_t>(pixels_.nx);
  std::size_t sample = 0;
  for (int j = 0; j < plane_.ny; ++j) {
    const auto row = static_cast<std::size_t>(j);
    const Complex* pixel = pixels.data() + row / side * columns;
    const double* share = share_.data() + row % side * side;
    for (std::size_t p = 0; p < columns; ++p)
      for (std::size_t a = 0; a < side; ++a, ++sample)
        samples[sample] = share[a] * pixel[p] + (1.0 - share[a]) * dead_transmission_;
  }
}

void DesignGrid::from_samples(std::span<const Complex> samples, std::span<Complex> pixels) const {
  const auto side = static_cast<std::size_t>(side_);
  const auto columns = static_cast<std::size_t>(pixels_.nx);
  std::fill(pixels.begin(), pixels.end(), Complex(0.0));
  std::size_t sample = 0;
  for (int j = 0; j < plane_.ny; ++j) {
    const auto row = static_cast<std::size_t>(j);
    Complex* pixel = pixels.data() + row / side * columns;
    const double* share = share_.data() + row % side * side;
    for (std::size_t p = 0; p < columns; ++p)
      for (std::size_t a = 0; a < side; ++a, ++sample) pixel[p] += share[a] * samples[sample];
  }
}

}  // namespace wavesmith
