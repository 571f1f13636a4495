// Parts of a scene of waves in time: what drives it and what is measured, read from their tables
// and made when the media lie on the grid. docs/scene_format.md describes every key.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/scene.hpp"
#include "solvers/flux.hpp"
#include "solvers/frequency_monitor.hpp"
#include "solvers/mode_overlap.hpp"
#include "solvers/time_domain.hpp"
#include "solvers/wave_context.hpp"
#include "solvers/waveform.hpp"

namespace wavesmith {

struct WaveProblem;

// A word of the scene language, and what it stands for.
struct WaveKind {
  const char* name;
  const char* sentence;
};
std::vector<WaveKind> list_waveforms();
std::vector<WaveKind> list_wave_sources();
std::vector<WaveKind> list_wave_monitors();
std::vector<WaveKind> list_wave_solids();

// `frequencies` (with `count`: evenly from the lowest to the highest), or of light `wavelengths`.
std::vector<double> read_frequencies(const SceneTable& table, bool sound);

// A table that tells a signal. Files are looked for beside the scene.
Waveform read_waveform(const SceneTable& table, bool sound, const std::string& scene_folder);

// A source of the scene. `make` needs the media on the grid.
struct SourcePart {
  std::string name, kind;
  Waveform waveform;
  // What the amplitude 1 of the waveform stands for, to relate powers to: of a plane wave W/m^2, of
  // a mode or a beam W; 0: no such number.
  double power = 0.0;
  std::function<std::vector<TimeSource>(const TimeDomainSetup& setup, const WaveContext& context)>
      make;
};
SourcePart read_source(const SceneTable& table, const WaveProblem& problem);

// A monitor of the scene that gives numbers at frequencies. `make` adds to the setup what it needs.
struct FrequencyMonitorPart {
  std::string name, kind;
  std::vector<double> frequencies;  // [Hz]
  bool gives_numbers = true;        // and not only fields to be looked at
  bool per_waveform = true;         // divided by the first source's spectrum
  bool by_media = false;            // `make` looks at the media: modes
  std::function<std::unique_ptr<FrequencyMonitor>(TimeDomainSetup& setup,
                                                  const WaveContext& context, int every)>
      make;
};

// A plane across `axis` at `position`, cut to `centre` and `size` along the others.
PlaneRectangle read_rectangle(const SceneTable& table, const WaveProblem& problem);

// Which modes of a guide along an axis are meant: the number at `key`, near `index_guess`; in two
// dimensions those of the scene's polarisation.
ModeChoice read_mode_choice(const SceneTable& table, const std::string& key,
                            const WaveProblem& problem, int axis);

// Ports by the numbers of mode monitors, and on which side of each the device lies.
struct ScatteringPart {
  std::string name;
  std::vector<std::size_t> monitors;
  std::vector<bool> device_ahead;
  int excited = 1, mode = 1;  // counted from 1
  // Orders of the ports in which the device is the same, counted from 0.
  std::vector<std::vector<std::size_t>> symmetries;
};

// A ring between two guides: S-parameters to be taken for a network of coupled modes.
struct CoupledModesPart {
  std::string name, place;  // in the scene: "file.toml:12:1: coupled_modes[0]"
  std::size_t scattering = 0;
  int through = 0, drop = 0, add = 0;  // ports, counted from 1; add 0: not measured
  double low = 0.0, high = 0.0;        // band [Hz]
  int phase_order = 1;
};

// Pictures of fields while they happen: a series of frames.
struct SnapshotPart {
  std::string name;
  std::vector<std::string> fields;
  Vec3 low{}, high{};  // [m]
  double from = 0.0;   // [s]
  double every = 0.0;  // [s]
  int most = 0;        // frames
  std::array<int, 3> stride = {1, 1, 1};
};

// A field at one place in time, and the resonances in it.
struct PointPart {
  std::string name;
  std::string field;
  Vec3 position{};
  bool resonances = false;
  double low = 0.0, high = 0.0;  // band of the resonances [Hz]
  double least = 1e-4;           // amplitude of one, against the signal's root mean square
};

}  // namespace wavesmith
