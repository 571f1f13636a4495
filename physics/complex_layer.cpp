#include "physics/complex_layer.hpp"

#include <numbers>

#include "core/error.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

enum class Part { amplitude, phase };

DesignRange range_of(Part part, const DesignOptions& options, Bound bound) {
  WAVESMITH_VALIDATE(bound != Bound::free,
                     "an amplitude lies between 0 and 1: bound it by a sigmoid or a clamp");
  DesignRange range;
  const bool quantised = options.levels > 1;
  if (part == Part::amplitude) {
    range.bound = bound;
    range.step = quantised ? 1.0 / (options.levels - 1) : 0.0;
  } else {
    range.bound = Bound::free;
    range.step = quantised ? 2.0 * std::numbers::pi / options.levels : 0.0;
    range.spread = std::numbers::pi;
  }
  return range;
}

std::vector<double> start_of(Part part, std::size_t pixels, const std::vector<double>& start) {
  if (start.empty()) return {};
  validate_count(start.size(), 2 * pixels, "a complex layer's start (amplitudes, then phases)");
  const auto middle = start.begin() + static_cast<std::ptrdiff_t>(pixels);
  return part == Part::amplitude ? std::vector<double>(start.begin(), middle)
                                 : std::vector<double>(middle, start.end());
}

}  // namespace

ComplexLayer::ComplexLayer(const Plane& plane, const DesignOptions& options, Bound bound,
                           std::vector<double> start)
    : grid_(plane, options),
      amplitude_(grid_.pixels(), range_of(Part::amplitude, options, bound), options,
                 start_of(Part::amplitude, grid_.pixels().size(), start)),
      phase_(grid_.pixels(), range_of(Part::phase, options, bound), options,
             start_of(Part::phase, grid_.pixels().size(), start)) {}

void ComplexLayer::initial_parameters(std::uint64_t seed, double spread,
                                      std::span<double> parameters) const {
  amplitude_.initial_parameters(seed, 0, spread, parameters.first(amplitude_.size()));
  phase_.initial_parameters(seed, 1, spread, parameters.last(phase_.size()));
}

std::vector<double> ComplexLayer::amplitudes(std::span<const double> parameters) const {
  std::vector<double> amplitude(amplitude_.size());
  amplitude_.values(parameters.first(amplitude.size()), amplitude);
  return amplitude;
}

std::vector<double> ComplexLayer::phases(std::span<const double> parameters) const {
  std::vector<double> phase(phase_.size());
  phase_.values(parameters.last(phase.size()), phase);
  return phase;
}

void ComplexLayer::transmission(std::span<const double> parameters, double /*wavelength*/,
                                std::span<Complex> t) const {
  const std::size_t n = phase_.size();
  const std::vector<double> amplitude = amplitudes(parameters), phase = phases(parameters);
  std::vector<Complex> pixels(n);
  for (std::size_t p = 0; p < n; ++p) pixels[p] = amplitude[p] * std::polar(1.0, phase[p]);
  grid_.to_samples(pixels, t);
}

void ComplexLayer::pull_back(std::span<const double> parameters, double /*wavelength*/,
                             std::span<const Complex> g, std::span<double> gradient) const {
  const std::size_t n = phase_.size();
  std::vector<double> amplitude(n), phase(n);
  amplitude_.values(parameters.first(n), amplitude);
  phase_.values(parameters.last(n), phase);
  std::vector<Complex> g_pixels(n);
  grid_.from_samples(g, g_pixels);
  std::vector<double> g_amplitude(n), g_phase(n);
  for (std::size_t p = 0; p < n; ++p) {
    const Complex turned = g_pixels[p] * std::polar(1.0, -phase[p]);
    g_amplitude[p] = turned.real();
    g_phase[p] = amplitude[p] * turned.imag();
  }
  amplitude_.pull_back(parameters.first(n), g_amplitude, gradient.first(n));
  phase_.pull_back(parameters.last(n), g_phase, gradient.last(n));
}

}  // namespace wavesmith
