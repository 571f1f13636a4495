// Designs without training, to compare a trained one with: [baseline] in a scene.
//
//   superposed_lenses  one layer takes the phase of the sum of off-axis lens waves, one a colour,
//                      made into a height at the mean wavelength
//   matched_heights    one layer takes, pixel by pixel, the height whose phases at all colours come
//                      closest to those of the lenses: the largest sum of cos(phase - lens phase)
//
// The lens of a colour sends a plane wave to the centre of that colour's region: the region with
// the largest target (detector.region.wavelength, detector.region.target). All other layers are
// flat, and heights are rounded to the levels of the layer. Assumes a plane wave along the axis.
#pragma once

#include <string>
#include <vector>

#include "apps/scene_parts.hpp"
#include "core/scene.hpp"
#include "solvers/diffractive_stack.hpp"

namespace wavesmith {

struct BaselinePart {
  std::string kind;
  int layer = 0;       // the one that works, counted from 0
  bool start = false;  // training starts from that layer, instead of from a flat one
};

BaselinePart read_baseline(const SceneTable& table, const std::vector<LayerPart>& layers);

// One focus a wavelength [m], `distance` behind the layer; the index in the medium in between.
struct BaselineFocus {
  double wavelength = 0.0;  // in vacuum
  double x = 0.0, y = 0.0, distance = 0.0;
};

// Heights per design pixel [m].
std::vector<double> baseline_heights(const std::string& kind, const LayerPart& part,
                                     const std::vector<BaselineFocus>& foci, double medium_index);

// Heights of the layer that works.
std::vector<double> working_heights(const BaselinePart& baseline,
                                    const StackDescription& description,
                                    const std::vector<LayerPart>& layers,
                                    const DetectorPart& detector);

// The stack with the baseline's layers, which have no parameters.
StackDescription baseline_stack(const BaselinePart& baseline, const StackDescription& description,
                                const std::vector<LayerPart>& layers, const DetectorPart& detector);

}  // namespace wavesmith
