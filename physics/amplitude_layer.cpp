#include "physics/amplitude_layer.hpp"

#include "core/error.hpp"

namespace wavesmith {
namespace {

DesignRange amplitude_range(const DesignOptions& options, Bound bound) {
  WAVESMITH_VALIDATE(bound != Bound::free,
                     "an amplitude lies between 0 and 1: bound it by a sigmoid or a clamp");
  DesignRange range;
  range.bound = bound;
  range.step = options.levels > 1 ? 1.0 / (options.levels - 1) : 0.0;
  return range;
}

}  // namespace

AmplitudeLayer::AmplitudeLayer(const Plane& plane, const DesignOptions& options, Bound bound,
                               std::vector<double> start)
    : grid_(plane, options),
      amplitude_(grid_.pixels(), amplitude_range(options, bound), options, std::move(start)) {}

void AmplitudeLayer::initial_parameters(std::uint64_t seed, double spread,
                                        std::span<double> parameters) const {
  amplitude_.initial_parameters(seed, 0, spread, parameters);
}

std::vector<double> AmplitudeLayer::amplitudes(std::span<const double> parameters) const {
  std::vector<double> amplitude(amplitude_.size());
  amplitude_.values(parameters, amplitude);
  return amplitude;
}

void AmplitudeLayer::transmission(std::span<const double> parameters, double /*wavelength*/,
                                  std::span<Complex> t) const {
  const std::vector<double> amplitude = amplitudes(parameters);
  const std::vector<Complex> pixels(amplitude.begin(), amplitude.end());
  grid_.to_samples(pixels, t);
}

void AmplitudeLayer::pull_back(std::span<const double> parameters, double /*wavelength*/,
                               std::span<const Complex> g, std::span<double> gradient) const {
  std::vector<Complex> g_pixels(amplitude_.size());
  grid_.from_samples(g, g_pixels);
  std::vector<double> g_amplitude(g_pixels.size());
  for (std::size_t p = 0; p < g_pixels.size(); ++p) g_amplitude[p] = g_pixels[p].real();
  amplitude_.pull_back(parameters, g_amplitude, gradient);
}

}  // namespace wavesmith
