// A scene of waves in time, read whole: the domain, what is in it, what drives it and what is
// measured. docs/scene_format.md describes every key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apps/design_part.hpp"
#include "apps/expectations.hpp"
#include "apps/wave_parts.hpp"
#include "core/scene.hpp"
#include "physics/geometry.hpp"
#include "solvers/field_names.hpp"
#include "solvers/place_geometry.hpp"
#include "solvers/time_domain.hpp"

namespace wavesmith {

// Materials by number, in the order of the scene; 0 is the background.
struct WaveMaterials {
  std::vector<std::string> names;
  std::vector<LightMaterial> light;  // one of the two is filled
  std::vector<SoundMaterial> sound;

  // Throws InputError of `table`, listing the names.
  int find(const SceneTable& table, const std::string& key) const;
};

// When a run ends.
struct StopPart {
  double time = 0.0;   // at the latest [s]
  double decay = 0.0;  // or when the fields have fallen to this share of their highest; 0: never
  double save_every = 60.0;  // wall time between states for --resume [s]
};

// A number of the scene's own: a monitor's number at a frequency, perhaps related to another; or of
// the resonances of a point the one nearest to a frequency.
struct WaveMetricPart {
  std::string place;  // in the scene: "file.toml:12:1: metric[0]"
  std::string name, monitor, number;
  double frequency = 0.0;         // [Hz]
  std::string part = "value";     // "value", "abs", "phase", "real", "imaginary", "decibels"
  std::string over, over_number;  // another monitor, or a source, to divide by
  double over_frequency = 0.0;    // of that monitor [Hz]
  std::string point;              // instead of a monitor
  double scale = 1.0;             // the result times this
};

struct WaveOutputPart {
  bool fields = true, pictures = true, report = true;
  std::string compression = "none";
};

struct WaveProblem {
  std::string title, stem, scene_text, scene_folder;
  std::uint64_t scene_hash = 0;
  Equations equations = Equations::maxwell;
  bool transverse_electric = false;  // of two dimensions: Ex, Ey, Hz of the full equations
  int dimensions = 3;
  bool bloch = false;    // complex fields, with the phases of the setup's boundaries
  double courant = 0.0;  // share of the largest stable step
  WaveMaterials materials;
  SoundMaterial reference;  // of sound
  Geometry geometry;
  TimeDomainSetup setup;  // without media, sources and monitors
  std::vector<SourcePart> sources;
  std::vector<FrequencyMonitorPart> monitors;
  std::vector<ScatteringPart> scattering;
  std::vector<CoupledModesPart> coupled_modes;
  std::vector<SnapshotPart> snapshots;
  std::vector<PointPart> points;
  StopPart stop;
  std::vector<WaveMetricPart> metrics;
  std::optional<DesignPart> design;
  GradientMemory gradient;
  WaveOutputPart output;
  std::vector<Expectation> expectations;
  std::vector<std::string> warnings;  // of what is allowed, but seldom meant

  // Of sound in the reference medium, to which stored velocities are relative [Pa s/m].
  double impedance() const { return reference.density * reference.speed; }
};

// [material.*]; `background` names the material of number 0.
WaveMaterials read_materials(const SceneTable& root, bool sound, const std::string& background);

// [[solid]] in order, later over earlier. Files are looked for beside the scene. Each solid must
// touch the domain.
Geometry read_solids(const SceneTable& root, const WaveMaterials& materials, const YeeGrid& grid,
                     const std::string& scene_folder);

// [[monitor]], checked against the domain.
void read_monitors(const SceneTable& root, WaveProblem& problem);

// Throws InputError for anything wrong in the scene, misspelt keys included; UnavailableError where
// the grid does not fit into memory. refine: cells for each one of the scene, along each axis.
WaveProblem read_wave_problem(const Scene& scene, int refine = 1);

// A position or a size along the domain's axes; those that it does not have are 0.
Vec3 read_position(const SceneTable& table, const std::string& key, int dimensions);

// Of a monitor or of S-parameters by name [Hz]; none where there is no such.
std::vector<double> frequencies_of(const WaveProblem& problem, const std::string& monitor);

// Memory of a run, sources and monitors aside [bytes].
std::uint64_t grid_bytes(const WaveProblem& problem, Precision precision);

}  // namespace wavesmith
