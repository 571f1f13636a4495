// Parts of a scene, from their tables to the settings that the library takes.
// docs/scene_format.md describes every key.
#pragma once

#include <string>
#include <vector>

#include "core/plane.hpp"
#include "core/scene.hpp"
#include "physics/detectors.hpp"
#include "physics/image_encoder.hpp"
#include "physics/layers.hpp"
#include "physics/source.hpp"
#include "solvers/diffractive_stack.hpp"
#include "training/interferometer.hpp"
#include "training/losses.hpp"
#include "training/misalignment_draw.hpp"
#include "training/optimizer.hpp"
#include "training/schedule.hpp"

namespace wavesmith {

// `samples` and `pitch`, each one number or two; `fallback` where they are missing (null:
// required).
Plane read_plane(const SceneTable& table, const Plane* fallback);

// A plane figure; `key` names its kind.
Shape read_shape(const SceneTable& table, const std::string& key);

struct LayerPart {
  LayerSpec spec;
  double distance = 0.0;  // [m]
  Plane plane;
  // A volume: in so many slices, or in slices of this thickness at most [m]. Both 0: thin.
  int slices = 0;
  double slice = 0.0;
};
// design_wavelength: in vacuum [m], the default of a layer's own key. Files are looked for beside
// the scene. `trained`: whether the scene trains at all. A layer that is not trained and has its
// values from a file is one that is already made: its values are taken as they are, not filtered
// and projected once more.
LayerPart read_layer(const SceneTable& table, const Plane& grid, double design_wavelength,
                     const std::string& scene_folder, bool trained);

SourceSpec read_source(const SceneTable& table);
ImageWindow read_image_window(const SceneTable& table);

// A detector's regions may belong to one of the wavelengths, and carry the goals of a design.
struct DetectorPart {
  DetectorSpec spec;
  std::vector<int> region_wavelength;    // regions only: index, or -1 for all
  std::vector<double> weights, targets;  // regions only, one each
};
DetectorPart read_detector(const SceneTable& table, const std::vector<double>& wavelengths);

// The light on a window of its own behind the last layer: [[view]].
struct ViewPart {
  std::string name;
  Plane plane;                        // x0, y0: its centre
  double distance = 0.0;              // of its centre behind the last layer, or the source [m]
  double tilt_x = 0.0, tilt_y = 0.0;  // see solvers/tilted_plane.hpp [rad]

  bool is_tilted() const { return tilt_x != 0.0 || tilt_y != 0.0; }
};
// What the table does not say is as on the detector.
ViewPart read_view(const SceneTable& table, const Plane& detector_plane, double detector_distance);

// What a run writes beside result.json and history.csv.
struct OutputPart {
  bool fields = true, pictures = true, design = true, report = true;
  std::string material;  // of the .stl of phase layers; empty: none are written
  double base = 0.0;     // thickness under the relief of an .stl [m]
};
// wavelength: of the design, in vacuum [m].
OutputPart read_output(const SceneTable& table, double wavelength);

PropagationSettings read_propagation(const SceneTable& table);
MisalignmentSpread read_spread(const SceneTable& table);
InterferometerSettings read_interferometer(const SceneTable& table);
LossSpec read_loss(const SceneTable& table, const DetectorPart& detector);
OptimizerSpec read_optimizer(const SceneTable& table);
ScheduleSpec read_schedule(const SceneTable& table);

}  // namespace wavesmith
