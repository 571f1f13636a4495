#include "physics/validate.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/error.hpp"

namespace wavesmith {

void validate_plane(const Plane& plane, const std::string& what) {
  WAVESMITH_VALIDATE(
      plane.nx >= 1 && plane.ny >= 1,
      fmt::format("{} has {} x {} samples; give at least 1 x 1", what, plane.nx, plane.ny));
  // In double, so that the product cannot overflow before it is judged.
  const double samples = static_cast<double>(plane.nx) * static_cast<double>(plane.ny);
  WAVESMITH_VALIDATE(
      samples <= static_cast<double>(max_plane_samples),
      fmt::format("{} has {} x {} samples, {:.3g} GB for one complex field; at most {} samples are "
                  "accepted: use fewer or larger samples",
                  what, plane.nx, plane.ny, samples * 16e-9, max_plane_samples));
  validate_positive(plane.dx, what + ": sample spacing dx [m]");
  validate_positive(plane.dy, what + ": sample spacing dy [m]");
  validate_finite(plane.x0, what + ": centre x0 [m]");
  validate_finite(plane.y0, what + ": centre y0 [m]");
}

void validate_positive(double value, const std::string& name) {
  WAVESMITH_VALIDATE(std::isfinite(value) && value > 0.0,
                     fmt::format("{} is {}; it must be positive and finite", name, value));
}

void validate_not_negative(double value, const std::string& name) {
  WAVESMITH_VALIDATE(std::isfinite(value) && value >= 0.0,
                     fmt::format("{} is {}; it must be zero or positive, and finite", name, value));
}

void validate_finite(double value, const std::string& name) {
  WAVESMITH_VALIDATE(std::isfinite(value),
                     fmt::format("{} is {}; give a finite number", name, value));
}

void validate_between(double value, double low, double high, const std::string& name) {
  WAVESMITH_VALIDATE(
      value >= low && value <= high,
      fmt::format("{} is {}; it must lie between {} and {}", name, value, low, high));
}

void validate_count(std::size_t count, std::size_t expected, const std::string& what) {
  WAVESMITH_VALIDATE(count == expected,
                     fmt::format("{} has {} values; {} are expected", what, count, expected));
}

void validate_all_finite(std::span<const double> values, const std::string& what) {
  for (std::size_t i = 0; i < values.size(); ++i)
    WAVESMITH_VALIDATE(std::isfinite(values[i]),
                       fmt::format("{}: value {} is {}; give finite numbers", what, i, values[i]));
}

}  // namespace wavesmith
