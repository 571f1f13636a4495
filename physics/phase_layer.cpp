#include "physics/phase_layer.hpp"

#include <cmath>
#include <complex>
#include <numbers>

#include "physics/validate.hpp"

namespace wavesmith {
namespace {

DesignRange phase_range(const DesignOptions& options, double max_phase, Bound bound) {
  validate_not_negative(max_phase, "max_phase [rad]");
  DesignRange range;
  range.bound = max_phase > 0.0 ? bound : Bound::free;
  range.high = max_phase;
  range.step = options.levels > 0 ? 2.0 * std::numbers::pi / options.levels : 0.0;
  range.spread = std::numbers::pi;
  return range;
}

}  // namespace

PhaseLayer::PhaseLayer(const Plane& plane, const DesignOptions& options, double max_phase,
                       Bound bound, std::vector<double> start)
    : grid_(plane, options),
      phase_(grid_.pixels(), phase_range(options, max_phase, bound), options, std::move(start)) {}

void PhaseLayer::initial_parameters(std::uint64_t seed, double spread,
                                    std::span<double> parameters) const {
  phase_.initial_parameters(seed, 0, spread, parameters);
}

std::vector<double> PhaseLayer::phases(std::span<const double> parameters) const {
  std::vector<double> phase(phase_.size());
  phase_.values(parameters, phase);
  return phase;
}

void PhaseLayer::transmission(std::span<const double> parameters, double /*wavelength*/,
                              std::span<Complex> t) const {
  const std::vector<double> phase = phases(parameters);
  std::vector<Complex> pixels(phase.size());
  for (std::size_t p = 0; p < pixels.size(); ++p) pixels[p] = std::polar(1.0, phase[p]);
  grid_.to_samples(pixels, t);
}

void PhaseLayer::pull_back(std::span<const double> parameters, double /*wavelength*/,
                           std::span<const Complex> g, std::span<double> gradient) const {
  const std::vector<double> phase = phases(parameters);
  std::vector<Complex> g_pixels(phase.size());
  grid_.from_samples(g, g_pixels);
  // dt/dphi = i t.
  std::vector<double> g_phase(phase.size());
  for (std::size_t p = 0; p < g_phase.size(); ++p)
    g_phase[p] = std::imag(g_pixels[p] * std::polar(1.0, -phase[p]));
  phase_.pull_back(parameters, g_phase, gradient);
}

}  // namespace wavesmith
