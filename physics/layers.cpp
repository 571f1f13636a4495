#include "physics/layers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "physics/amplitude_layer.hpp"
#include "physics/cells_layer.hpp"
#include "physics/complex_layer.hpp"
#include "physics/device_layer.hpp"
#include "physics/height_layer.hpp"
#include "physics/names.hpp"
#include "physics/phase_layer.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

constexpr double two_pi = 2.0 * std::numbers::pi;

using LayerPointer = std::unique_ptr<Layer>;

LayerPointer make_phase(const LayerSpec& spec, const Plane& plane) {
  return std::make_unique<PhaseLayer>(plane, spec.design, spec.max_phase, spec.bound, spec.start);
}

LayerPointer make_amplitude(const LayerSpec& spec, const Plane& plane) {
  return std::make_unique<AmplitudeLayer>(plane, spec.design, spec.bound, spec.start);
}

LayerPointer make_complex(const LayerSpec& spec, const Plane& plane) {
  return std::make_unique<ComplexLayer>(plane, spec.design, spec.bound, spec.start);
}

// n - 1, which every conversion between phase and height divides by.
double index_contrast(const Material& material, double wavelength) {
  const double contrast = material.index(wavelength).real() - 1.0;
  WAVESMITH_VALIDATE(contrast > 1e-6,
                     fmt::format("material {} has n - 1 = {:.3g} at {:.6g} m: no height makes a "
                                 "phase; choose another material",
                                 material.name, contrast, wavelength));
  return contrast;
}

LayerPointer make_height(const LayerSpec& spec, const Plane& plane) {
  const Material material = material_of(spec);
  double h_max = spec.h_max;
  if (h_max == 0.0) {
    WAVESMITH_VALIDATE(spec.design_wavelength > 0.0,
                       "a height layer needs h_max, or design_wavelength to set it to one wave");
    h_max = spec.h_min + spec.design_wavelength / index_contrast(material, spec.design_wavelength);
  }
  return std::make_unique<HeightLayer>(plane, spec.design, material, spec.h_min, h_max, spec.bound,
                                       spec.start);
}

LayerPointer make_device(const LayerSpec& spec, const Plane& plane) {
  return std::make_unique<DeviceLayer>(
      plane, spec.design,
      ResponseTable(spec.table_control, spec.table_amplitude, spec.table_phase, spec.interpolation,
                    spec.unwrap),
      spec.bound, spec.start);
}

LayerPointer make_cells(const LayerSpec& spec, const Plane& plane) {
  WAVESMITH_VALIDATE(spec.cells != nullptr, "a layer of cells needs a table of them");
  return std::make_unique<CellsLayer>(plane, spec.design, *spec.cells, spec.bound,
                                      spec.smallest_size, spec.largest_size, spec.start);
}

LayerPointer make_lens(const LayerSpec& spec, const Plane& plane) {
  return std::make_unique<LensLayer>(plane, spec.focal_length, spec.lens_model, spec.lens_aperture,
                                     spec.x, spec.y);
}

LayerPointer make_aperture(const LayerSpec& spec, const Plane& plane) {
  return std::make_unique<ApertureLayer>(plane, spec.shape, spec.open);
}

LayerPointer make_mask(const LayerSpec& spec, const Plane& plane) {
  return std::make_unique<MaskLayer>(plane, spec.design, spec.mask_amplitude, spec.mask_phase);
}

struct LayerEntry {
  const char* name;
  const char* sentence;
  LayerPointer (*make)(const LayerSpec&, const Plane&);
};

constexpr std::array<LayerEntry, 9> layer_entries{{
    {"phase", "Free phase exp(i phi), or phase between 0 and max_phase", make_phase},
    {"amplitude", "Amplitude between 0 and 1", make_amplitude},
    {"complex", "Amplitude and phase, independent", make_complex},
    {"height", "Surface relief of a dispersive, absorbing material", make_height},
    {"device", "Measured modulator: amplitude and phase against control", make_device},
    {"cells", "Metasurface: the size of each cell, its transmission from a table", make_cells},
    {"lens", "Fixed thin lens, ideal (spherical) or paraxial", make_lens},
    {"aperture", "Fixed circle, rectangle, ring or slits, open or as a stop", make_aperture},
    {"mask", "Fixed amplitude and phase from numbers", make_mask},
}};

const Layer& thawed(const Layer& layer) {
  const auto* frozen = dynamic_cast<const FrozenLayer*>(&layer);
  return frozen ? frozen->layer() : layer;
}

}  // namespace

std::vector<LayerKind> list_layers() {
  std::vector<LayerKind> kinds;
  for (const LayerEntry& entry : layer_entries) kinds.push_back({entry.name, entry.sentence});
  return kinds;
}

Material material_of(const LayerSpec& spec) {
  return spec.material == "constant" ? constant_material(spec.n, spec.k)
                                     : find_material(spec.material);
}

std::unique_ptr<Layer> make_layer(const LayerSpec& spec, const Plane& plane) {
  std::array<NamedValue<const LayerEntry*>, layer_entries.size()> names{};
  std::transform(layer_entries.begin(), layer_entries.end(), names.begin(),
                 [](const LayerEntry& entry) {
                   return NamedValue<const LayerEntry*>{entry.name, &entry};
                 });
  LayerPointer layer =
      value_from_name<const LayerEntry*>(names, spec.kind, "layer")->make(spec, plane);
  if (spec.trainable || layer->parameter_count() == 0) return layer;

  WAVESMITH_VALIDATE(!spec.start.empty(),
                     "a layer of kind \"" + spec.kind +
                         "\" with trainable = false needs the values it stays at (start)");
  std::vector<double> parameters(layer->parameter_count());
  layer->initial_parameters(0, 0.0, parameters);
  return std::make_unique<FrozenLayer>(std::move(layer), std::move(parameters));
}

std::unique_ptr<Layer> layer_from_heights(LayerSpec spec, const Plane& plane,
                                          std::vector<double> heights, bool trainable) {
  validate_all_finite(heights, "the height map");
  WAVESMITH_VALIDATE(!heights.empty(), "the height map is empty");
  const auto [low, high] = std::minmax_element(heights.begin(), heights.end());
  WAVESMITH_VALIDATE(*low >= 0.0, fmt::format("the height map has a height of {} m; heights are "
                                              "measured from the substrate, 0 or above",
                                              *low));
  spec.kind = "height";
  spec.bound = Bound::clamp;
  spec.trainable = trainable;
  spec.design.filter_radius = 0.0;
  spec.design.projection_beta = 0.0;
  spec.design.levels = 0;
  // The range holds every height; a flat map still needs one that is not empty.
  spec.h_min = std::min(spec.h_min, *low);
  spec.h_max = std::max(spec.h_max, *high);
  if (spec.h_max <= spec.h_min)
    spec.h_max = spec.h_min + std::max(1e-9, 1e-3 * std::abs(spec.h_min));
  spec.start = std::move(heights);
  return make_layer(spec, plane);
}

std::vector<double> height_map(const Layer& layer, std::span<const double> parameters,
                               const Material& material, double wavelength) {
  if (const auto* frozen = dynamic_cast<const FrozenLayer*>(&layer))
    return height_map(frozen->layer(), frozen->parameters(), material, wavelength);
  if (const auto* height = dynamic_cast<const HeightLayer*>(&layer))
    return height->heights(parameters);
  const auto* phase = dynamic_cast<const PhaseLayer*>(&layer);
  WAVESMITH_VALIDATE(phase != nullptr,
                     "only a phase layer and a height layer have a relief to print");
  std::vector<double> heights = phase->phases(parameters);
  const double scale = wavelength / index_contrast(material, wavelength);
  for (double& value : heights) {
    // The margin keeps a phase that rounding left just below 0 from becoming a full wave.
    const double turns = value / two_pi, part = turns - std::floor(turns);
    value = part > 1.0 - 1e-12 ? 0.0 : part * scale;
  }
  return heights;
}

Plane design_pixels(const Layer& layer) {
  const Layer& inner = thawed(layer);
  if (const auto* height = dynamic_cast<const HeightLayer*>(&inner)) return height->grid().pixels();
  if (const auto* phase = dynamic_cast<const PhaseLayer*>(&inner)) return phase->grid().pixels();
  return inner.plane();
}

Bound bound_from_name(const std::string& name) {
  constexpr std::array<NamedValue<Bound>, 2> names{
      {{"sigmoid", Bound::sigmoid}, {"clamp", Bound::clamp}}};
  return value_from_name<Bound>(names, name, "bound");
}

LensModel lens_model_from_name(const std::string& name) {
  constexpr std::array<NamedValue<LensModel>, 2> names{
      {{"ideal", LensModel::ideal}, {"paraxial", LensModel::paraxial}}};
  return value_from_name<LensModel>(names, name, "lens model");
}

TableInterpolation interpolation_from_name(const std::string& name) {
  constexpr std::array<NamedValue<TableInterpolation>, 2> names{
      {{"linear", TableInterpolation::linear}, {"cubic", TableInterpolation::cubic}}};
  return value_from_name<TableInterpolation>(names, name, "interpolation");
}

PhaseUnwrap unwrap_from_name(const std::string& name) {
  constexpr std::array<NamedValue<PhaseUnwrap>, 3> names{{{"none", PhaseUnwrap::none},
                                                          {"nearest", PhaseUnwrap::nearest},
                                                          {"monotone", PhaseUnwrap::monotone}}};
  return value_from_name<PhaseUnwrap>(names, name, "phase unwrapping");
}

}  // namespace wavesmith
