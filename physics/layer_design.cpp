#include "physics/layer_design.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "physics/amplitude_layer.hpp"
#include "physics/cells_layer.hpp"
#include "physics/complex_layer.hpp"
#include "physics/device_layer.hpp"
#include "physics/fixed_layers.hpp"
#include "physics/height_layer.hpp"
#include "physics/phase_layer.hpp"

namespace wavesmith {
namespace {

LayerDesign phase_design(const Plane& pixels, std::vector<double> phases) {
  constexpr double turn = 2.0 * std::numbers::pi;
  for (double& phase : phases) {
    phase -= turn * std::floor(phase / turn);
    if (phase >= turn) phase = 0.0;  // just below 0, rounded up
  }
  return {"phase", "rad", pixels, std::move(phases)};
}

// Of layers that are no array of design pixels.
std::vector<LayerDesign> sampled_design(const Layer& layer, std::span<const double> parameters,
                                        double wavelength) {
  std::vector<Complex> t(layer.plane().size());
  layer.transmission(parameters, wavelength, t);
  std::vector<double> amplitude, phase;
  for (const Complex& value : t) {
    amplitude.push_back(std::abs(value));
    phase.push_back(value == 0.0 ? 0.0 : std::arg(value));
  }
  std::vector<LayerDesign> designs;
  if (std::any_of(amplitude.begin(), amplitude.end(),
                  [](double a) { return std::abs(a - 1.0) > 1e-12; }))
    designs.push_back({"amplitude", "1", layer.plane(), std::move(amplitude)});
  if (designs.empty() || std::any_of(phase.begin(), phase.end(), [](double p) { return p != 0.0; }))
    designs.push_back(phase_design(layer.plane(), std::move(phase)));
  return designs;
}

}  // namespace

std::vector<LayerDesign> layer_designs(const Layer& layer, std::span<const double> parameters,
                                       double wavelength) {
  if (const auto* frozen = dynamic_cast<const FrozenLayer*>(&layer))
    return layer_designs(frozen->layer(), frozen->parameters(), wavelength);
  if (const auto* phase = dynamic_cast<const PhaseLayer*>(&layer))
    return {phase_design(phase->grid().pixels(), phase->phases(parameters))};
  if (const auto* height = dynamic_cast<const HeightLayer*>(&layer))
    return {{"height", "m", height->grid().pixels(), height->heights(parameters)}};
  if (const auto* amplitude = dynamic_cast<const AmplitudeLayer*>(&layer))
    return {{"amplitude", "1", amplitude->grid().pixels(), amplitude->amplitudes(parameters)}};
  if (const auto* complex = dynamic_cast<const ComplexLayer*>(&layer)) {
    const Plane& pixels = complex->grid().pixels();
    return {{"amplitude", "1", pixels, complex->amplitudes(parameters)},
            phase_design(pixels, complex->phases(parameters))};
  }
  if (const auto* device = dynamic_cast<const DeviceLayer*>(&layer))
    return {{"control", "1", device->grid().pixels(), device->controls(parameters)}};
  if (const auto* cells = dynamic_cast<const CellsLayer*>(&layer))
    return {{cell_size_name(cells->table().data().shape), "m", cells->grid().pixels(),
             cells->sizes(parameters)}};
  return sampled_design(layer, parameters, wavelength);
}

}  // namespace wavesmith
