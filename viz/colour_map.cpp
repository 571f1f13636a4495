#include "viz/colour_map.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace wavesmith {
namespace {

struct Lab {
  double L, a, b;
};

std::uint8_t encode(double linear) {
  const double x = std::clamp(linear, 0.0, 1.0);
  const double s = x <= 0.0031308 ? 12.92 * x : 1.055 * std::pow(x, 1.0 / 2.4) - 0.055;
  return static_cast<std::uint8_t>(std::lround(255.0 * s));
}

Rgb to_rgb(const Lab& c) {
  const auto cube = [](double x) { return x * x * x; };
  const double l = cube(c.L + 0.3963377774 * c.a + 0.2158037573 * c.b);
  const double m = cube(c.L - 0.1055613458 * c.a - 0.0638541728 * c.b);
  const double s = cube(c.L - 0.0894841775 * c.a - 1.2914855480 * c.b);
  return {encode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
          encode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
          encode(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s)};
}

Lab from_polar(double L, double chroma, double hue_degrees) {
  const double hue = hue_degrees * std::numbers::pi / 180.0;
  return {L, chroma * std::cos(hue), chroma * std::sin(hue)};
}

Lab intensity_path(double t) {
  return from_polar(0.10 + 0.87 * t, 0.05 + 0.135 * std::sin(std::numbers::pi * t),
                    280.0 + 185.0 * t);
}

Lab diverging_path(double t) {
  const double side = 2.0 * t - 1.0;
  const double L = 0.96 - 0.52 * std::abs(side);
  const double chroma = 0.17 * std::abs(side);
  return from_polar(L, chroma, side < 0.0 ? 257.0 : 27.0);
}

Lab grey_path(double t) {
  return {0.10 + 0.89 * t, 0.0, 0.0};
}

// Centre, radius and direction make the circle nearly the largest that fits into sRGB at this tilt.
Lab phase_path(double t) {
  constexpr double tilt = 50.0 * std::numbers::pi / 180.0, azimuth = 5.17, radius = 0.19;
  const double angle = 2.0 * std::numbers::pi * (t - 0.25);  // lightest in the middle, at phase 0
  const double flat = radius * std::cos(angle), steep = radius * std::sin(angle);
  return {0.568 + steep * std::sin(tilt),
          0.080 + flat * std::cos(azimuth) - steep * std::sin(azimuth) * std::cos(tilt),
          -0.063 + flat * std::sin(azimuth) + steep * std::cos(azimuth) * std::cos(tilt)};
}

// Walks the path at equal steps of distance in OKLab.
std::array<Rgb, 256> at_equal_steps(Lab (*path)(double)) {
  constexpr int fine = 4096;
  std::vector<double> length(fine + 1, 0.0);
  Lab last = path(0.0);
  for (int i = 1; i <= fine; ++i) {
    const Lab next = path(static_cast<double>(i) / fine);
    length[static_cast<std::size_t>(i)] =
        length[static_cast<std::size_t>(i - 1)] +
        std::hypot(next.L - last.L, next.a - last.a, next.b - last.b);
    last = next;
  }
  std::array<Rgb, 256> table;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const double target = length.back() * static_cast<double>(i) / 255.0;
    const auto at = std::lower_bound(length.begin(), length.end(), target) - length.begin();
    table[i] = to_rgb(path(static_cast<double>(std::min<std::ptrdiff_t>(at, fine)) / fine));
  }
  return table;
}

std::array<Rgb, 256> around_circle() {
  std::array<Rgb, 256> table;
  for (std::size_t i = 0; i < table.size(); ++i)
    table[i] = to_rgb(phase_path((static_cast<double>(i) + 0.5) / 256.0));
  return table;
}

}  // namespace

const std::array<Rgb, 256>& colour_table(ColourMap map) {
  static const std::array<Rgb, 256> intensity = at_equal_steps(intensity_path);
  static const std::array<Rgb, 256> phase = around_circle();
  static const std::array<Rgb, 256> diverging = at_equal_steps(diverging_path);
  static const std::array<Rgb, 256> grey = at_equal_steps(grey_path);
  switch (map) {
    case ColourMap::phase:
      return phase;
    case ColourMap::diverging:
      return diverging;
    case ColourMap::grey:
      return grey;
    case ColourMap::intensity:
      break;
  }
  return intensity;
}

Rgb colour_at(ColourMap map, double t) {
  if (!std::isfinite(t)) return colour_of_nan;
  const auto& table = colour_table(map);
  if (map == ColourMap::phase) {
    const auto index = static_cast<long>((t - std::floor(t)) * 256.0);
    return table[static_cast<std::size_t>(std::min(index, 255L))];
  }
  return table[static_cast<std::size_t>(std::lround(std::clamp(t, 0.0, 1.0) * 255.0))];
}

Rgb curve_colour(int index) {
  // Hues as far apart as their order allows: each next one goes 137.5 degrees on.
  const double hue = 255.0 + 137.508 * index;
  return to_rgb(from_polar(0.60 + 0.06 * (index % 2), 0.135, hue));
}

}  // namespace wavesmith
