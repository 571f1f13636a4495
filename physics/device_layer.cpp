#include "physics/device_layer.hpp"

#include "core/error.hpp"

namespace wavesmith {
namespace {

DesignRange control_range(const DesignOptions& options, Bound bound) {
  WAVESMITH_VALIDATE(bound != Bound::free,
                     "a control value lies between 0 and 1: bound it by a sigmoid or a clamp");
  DesignRange range;
  range.bound = bound;
  range.step = options.levels > 1 ? 1.0 / (options.levels - 1) : 0.0;
  return range;
}

}  // namespace

DeviceLayer::DeviceLayer(const Plane& plane, const DesignOptions& options, ResponseTable table,
                         Bound bound, std::vector<double> start)
    : grid_(plane, options),
      table_(std::move(table)),
      control_(grid_.pixels(), control_range(options, bound), options, std::move(start)) {}

void DeviceLayer::initial_parameters(std::uint64_t seed, double spread,
                                     std::span<double> parameters) const {
  control_.initial_parameters(seed, 0, spread, parameters);
}

std::vector<double> DeviceLayer::controls(std::span<const double> parameters) const {
  std::vector<double> control(control_.size());
  control_.values(parameters, control);
  return control;
}

void DeviceLayer::transmission(std::span<const double> parameters, double /*wavelength*/,
                               std::span<Complex> t) const {
  const std::vector<double> control = controls(parameters);
  std::vector<Complex> pixels(control.size());
  for (std::size_t p = 0; p < pixels.size(); ++p) pixels[p] = table_.at(control[p]).t;
  grid_.to_samples(pixels, t);
}

void DeviceLayer::pull_back(std::span<const double> parameters, double /*wavelength*/,
                            std::span<const Complex> g, std::span<double> gradient) const {
  std::vector<double> control(control_.size());
  control_.values(parameters, control);
  std::vector<Complex> g_pixels(control.size());
  grid_.from_samples(g, g_pixels);
  std::vector<double> g_control(control.size());
  for (std::size_t p = 0; p < g_control.size(); ++p)
    g_control[p] = std::real(std::conj(g_pixels[p]) * table_.at(control[p]).slope);
  control_.pull_back(parameters, g_control, gradient);
}

}  // namespace wavesmith
