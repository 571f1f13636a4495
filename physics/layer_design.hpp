// A layer as a maker needs it: one number per design pixel and quantity.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "physics/layer.hpp"

namespace wavesmith {

// As fabricated: filtered, projected and quantised.
struct LayerDesign {
  std::string quantity;  // "phase", "amplitude", "height", "control", "radius"
  std::string unit;      // "rad", "1", "m"
  Plane pixels;
  std::vector<double> values;  // row-major over pixels
};

// What a layer is made of: phase layer: phase; amplitude layer: amplitude; complex layer: both;
// height layer: height; device layer: control; cells: their size; any other layer: amplitude
// (unless it is 1 everywhere) and phase of its samples at `wavelength`, in vacuum [m]. Phases are
// wrapped to [0, 2 pi).
std::vector<LayerDesign> layer_designs(const Layer& layer, std::span<const double> parameters,
                                       double wavelength);

}  // namespace wavesmith
