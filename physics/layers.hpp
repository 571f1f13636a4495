// Every kind of layer by its name: the one place to look one up, and the one list to add to.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "physics/cell_table.hpp"
#include "physics/design_variable.hpp"
#include "physics/fixed_layers.hpp"
#include "physics/layer.hpp"
#include "physics/material.hpp"
#include "physics/response_table.hpp"
#include "physics/shape.hpp"

namespace wavesmith {

struct LayerSpec {
  std::string kind = "phase";  // one of list_layers()
  DesignOptions design;        // all kinds but lens and aperture
  Bound bound = Bound::sigmoid;

  // Values per design pixel to start from, in the layer's unit: phase [rad], amplitude, height [m]
  // or control; complex: amplitudes, then phases. They are taken before filter, projection and
  // rounding. Empty: the layer's own start.
  std::vector<double> start;
  bool trainable = true;  // false: the layer stays at `start`

  double max_phase = 0.0;  // phase: upper end [rad]; 0: free

  std::string material = "fused_silica";  // height; "constant": n and k below
  double n = 1.5, k = 0.0;
  double h_min = 0.0, h_max = 0.0;  // height [m]; h_max 0: one wave above h_min at the next
  double design_wavelength = 0.0;   // in vacuum [m]

  double focal_length = 0.0;  // lens [m]
  LensModel lens_model = LensModel::ideal;
  double lens_aperture = 0.0;  // diameter [m]; 0: open
  double x = 0.0, y = 0.0;     // centre of the lens [m]

  Shape shape;  // aperture
  ApertureLayer::Open open = ApertureLayer::Open::inside;

  std::vector<double> table_control, table_amplitude, table_phase;  // device; phase [rad]
  TableInterpolation interpolation = TableInterpolation::cubic;
  PhaseUnwrap unwrap = PhaseUnwrap::nearest;

  // cells; sizes that a pixel may have, 0: the ends of the table [m]
  std::shared_ptr<const CellTable> cells;
  double smallest_size = 0.0, largest_size = 0.0;

  std::vector<double> mask_amplitude, mask_phase;  // mask, per design pixel; phase [rad]
};

struct LayerKind {
  std::string name, sentence;
};
std::vector<LayerKind> list_layers();

// Throws InputError when the kind is unknown or an option does not fit.
std::unique_ptr<Layer> make_layer(const LayerSpec& spec, const Plane& plane);

Material material_of(const LayerSpec& spec);

// The same layer as printed and measured again: a height layer with `heights` per design pixel [m]
// (clamped, so that they are met exactly), fixed or as a start for training. Filter, projection and
// quantisation are left out: the heights have been through them.
std::unique_ptr<Layer> layer_from_heights(LayerSpec spec, const Plane& plane,
                                          std::vector<double> heights, bool trainable);

// Printable heights per design pixel [m], row-major over design_pixels(layer). A height layer gives
// its own. A phase layer gives h = phase wavelength / (2 pi (n - 1)) with the phase taken modulo
// 2 pi, in `material` at the design wavelength, in vacuum [m]. Other kinds have no relief:
// InputError.
std::vector<double> height_map(const Layer& layer, std::span<const double> parameters,
                               const Material& material, double wavelength);

// The grid of design pixels of a phase or height layer (frozen or not).
Plane design_pixels(const Layer& layer);

Bound bound_from_name(const std::string& name);
LensModel lens_model_from_name(const std::string& name);
TableInterpolation interpolation_from_name(const std::string& name);
PhaseUnwrap unwrap_from_name(const std::string& name);

}  // namespace wavesmith
