#include "physics/height_layer.hpp"

#include <fmt/format.h>

#include <complex>
#include <numbers>

#include "core/error.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

DesignRange height_range(const DesignOptions& options, double h_min, double h_max, Bound bound) {
  validate_not_negative(h_min, "h_min [m]");
  validate_positive(h_max, "h_max [m]");
  WAVESMITH_VALIDATE(h_max > h_min,
                     fmt::format("h_max = {} m must be above h_min = {} m", h_max, h_min));
  WAVESMITH_VALIDATE(bound != Bound::free,
                     "a height lies between h_min and h_max: bound it by a sigmoid or a clamp");
  DesignRange range;
  range.bound = bound;
  range.low = h_min;
  range.high = h_max;
  range.step = options.levels > 1 ? (h_max - h_min) / (options.levels - 1) : 0.0;
  return range;
}

}  // namespace

HeightLayer::HeightLayer(const Plane& plane, const DesignOptions& options, Material material,
                         double h_min, double h_max, Bound bound, std::vector<double> start)
    : grid_(plane, options),
      material_(std::move(material)),
      height_(grid_.pixels(), height_range(options, h_min, h_max, bound), options,
              std::move(start)),
      h_max_(h_max),
      solid_(options.dead_fraction == 0.0) {}

Complex HeightLayer::exponent(double wavelength) const {
  return Complex(0.0, 2.0 * std::numbers::pi / wavelength) * (material_.index(wavelength) - 1.0);
}

void HeightLayer::initial_parameters(std::uint64_t seed, double spread,
                                     std::span<double> parameters) const {
  height_.initial_parameters(seed, 0, spread, parameters);
}

std::vector<double> HeightLayer::heights(std::span<const double> parameters) const {
  std::vector<double> height(height_.size());
  height_.values(parameters, height);
  return height;
}

void HeightLayer::transmission(std::span<const double> parameters, double wavelength,
                               std::span<Complex> t) const {
  const Complex slope = exponent(wavelength);
  const std::vector<double> height = heights(parameters);
  std::vector<Complex> pixels(height.size());
  for (std::size_t p = 0; p < pixels.size(); ++p) pixels[p] = std::exp(slope * height[p]);
  grid_.to_samples(pixels, t);
}

void HeightLayer::pull_back(std::span<const double> parameters, double wavelength,
                            std::span<const Complex> g, std::span<double> gradient) const {
  const Complex slope = exponent(wavelength);
  const std::vector<double> height = heights(parameters);
  std::vector<Complex> g_pixels(height.size());
  grid_.from_samples(g, g_pixels);
  std::vector<double> g_height(height.size());
  for (std::size_t p = 0; p < g_height.size(); ++p)
    g_height[p] = std::real(std::conj(g_pixels[p]) * slope * std::exp(slope * height[p]));
  height_.pull_back(parameters, g_height, gradient);
}

void HeightLayer::sample_heights(std::span<const double> parameters,
                                 std::span<double> heights_out) const {
  const std::vector<double> height = heights(parameters);
  const std::vector<Complex> pixels(height.begin(), height.end());
  std::vector<Complex> samples(heights_out.size());
  grid_.to_samples(pixels, samples);
  for (std::size_t i = 0; i < samples.size(); ++i) heights_out[i] = samples[i].real();
}

void HeightLayer::pull_back_heights(std::span<const double> parameters, std::span<const double> g,
                                    std::span<double> gradient) const {
  const std::vector<Complex> samples(g.begin(), g.end());
  std::vector<Complex> g_pixels(height_.size());
  grid_.from_samples(samples, g_pixels);
  std::vector<double> g_height(height_.size());
  for (std::size_t p = 0; p < g_height.size(); ++p) g_height[p] = g_pixels[p].real();
  height_.pull_back(parameters, g_height, gradient);
}

}  // namespace wavesmith
