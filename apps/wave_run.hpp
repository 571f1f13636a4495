// wavesmith run, check and gradcheck of a scene of waves in time.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "apps/commands.hpp"
#include "apps/metrics.hpp"
#include "apps/outputs.hpp"
#include "apps/wave_coupled_modes.hpp"
#include "apps/wave_problem.hpp"
#include "apps/wave_simulation.hpp"
#include "core/error.hpp"
#include "solvers/decay_stop.hpp"
#include "viz/chart.hpp"

namespace wavesmith {

Status run_wave_scene(const Scene& scene, const RunOptions& options);
Status check_wave_scene(const Scene& scene, const SceneOptions& options);
Status gradcheck_wave_scene(const Scene& scene, const SceneOptions& options);

struct WaveFindings {
  Metrics metrics;
  std::map<std::string, double> timing;  // [s]
  std::string device, stopped;           // why the run ended
  std::vector<std::string> audit;
  std::vector<MonitorCurves> curves;
  std::vector<PointTrace> traces;
  std::vector<CoupledModesFound> coupled_modes;
  long steps = 0;
  double cells_per_second = 0.0;      // 0: not measured
  std::vector<WrittenFile> files;     // of this run that are there already
  std::vector<std::string> left_out;  // what was not written so far, and why
  std::vector<Chart> charts;          // beside those of the curves
};

// The shortest wavelengths of the scene's band in each material, in cells; a line a material that
// stands in the geometry, with a warning below ten. Then the problem's own warnings.
std::vector<std::string> audit_resolution(const WaveProblem& problem);

// Lowest and highest frequency of all sources [Hz].
std::array<double, 2> band_of_sources(const WaveProblem& problem);

// When the last of the pulses has ended, or the last of the tones has risen [s].
double end_of_sources(const WaveProblem& problem);

// When the problem's run has decayed; `last`: its last step.
DecayRule decay_rule(const WaveProblem& problem, long last);

// What a run of a problem begins with: tells people about it, fills in device and audit, makes the
// folder of its results and removes what an earlier run left there. The folder.
std::filesystem::path begin_wave_run(const WaveProblem& problem, const RunOptions& settings,
                                     WaveFindings& findings);

// Files of a finished run: fields of the frequency monitors, curves, traces, pictures, the report,
// and last result.json. Lines for people about what was left out.
std::vector<std::string> write_wave_outputs(const WaveProblem& problem,
                                            const WaveSimulation& simulation,
                                            const RunOptions& settings, WaveFindings& findings,
                                            const std::filesystem::path& out);

}  // namespace wavesmith
