// wavesmith run of a scene with a [design]: the optimisation with history and checkpoints, the
// export, and the part read back from its file and simulated on a finer grid.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "apps/commands.hpp"
#include "apps/design_simulation.hpp"
#include "apps/wave_problem.hpp"
#include "core/error.hpp"
#include "core/scene.hpp"
#include "training/history.hpp"

namespace wavesmith {

Status run_design_scene(const Scene& scene, const WaveProblem& problem, const RunOptions& options);
Status gradcheck_design_scene(WaveProblem problem, const SceneOptions& options);

// Where an optimisation stands: everything that a bit-identical resume needs.
struct DesignProgress {
  DesignProgress(const DesignPart& design, const DensityPattern& pattern);

  std::vector<double> parameters;
  std::vector<double> best;  // of this stage, from which the next one starts
  double best_loss, best_violation;
  std::size_t stage = 0;
  int iteration = 0;             // of the stage, done
  std::int64_t evaluations = 0;  // with gradient, all stages
  long steps = 0;                // of a march in this stage; 0: not yet known
  double seconds = 0.0;
  History history;
  // The design at its start and after each stage, as looked at: pixels from void (0) to solid (1).
  std::vector<std::vector<double>> looks;
};

// The optimisation, from where `progress` stands. True where it was stopped by Ctrl-C, after
// saving.
bool optimize_design(const WaveProblem& problem, DesignSimulation& simulation,
                     const RunOptions& options, const std::filesystem::path& out,
                     DesignProgress& progress);

}  // namespace wavesmith
