// wavesmith run: audit, training, evaluation, files.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "apps/cells_run.hpp"
#include "apps/circuit_run.hpp"
#include "apps/commands.hpp"
#include "apps/lens_kinds.hpp"
#include "apps/lens_run.hpp"
#include "apps/network_run.hpp"
#include "apps/run_parts.hpp"
#include "apps/run_scene.hpp"
#include "apps/scene_solver.hpp"
#include "apps/wave_run.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"

namespace wavesmith {

int run_command(const RunOptions& settings) {
  const auto start = std::chrono::steady_clock::now();
  const Scene scene = Scene::load(settings.scene, settings.overrides);
  const std::string solver = solver_of(scene);
  if (solver == "time_domain") return static_cast<int>(run_wave_scene(scene, settings));
  if (solver == "network") return static_cast<int>(run_network_scene(scene, settings));
  if (solver == "circuit") return static_cast<int>(run_circuit_scene(scene, settings));
  if (solver == "unit_cells") return static_cast<int>(run_cells_scene(scene, settings));
  if (find_lens_kind(solver)) return static_cast<int>(run_lens_scene(scene, settings));
  const DiffractiveProblem problem = read_problem(scene, settings.seed);
  const Device device = parse_device(settings.device);
  const std::filesystem::path out =
      settings.out.empty() ? std::filesystem::path("out") / problem.stem : settings.out;
  RunFindings findings;
  findings.device = device.name();
  findings.audit = audit_problem(problem);
  say(settings, problem.title);
  for (const std::string& line : findings.audit) say(settings, "  " + line);
  make_folder(out);
  remove_stale_parts(out);
  const ProblemInputs inputs = make_inputs(problem, settings.data_dir);

  findings.parameters = starting_parameters(problem, settings.seed);
  if (problem.training &&
      train_problem(problem, inputs, settings, settings.resume, device, out, findings)) {
    fmt::print("stopped after epoch {}; to go on: wavesmith run {} --out {} --resume\n",
               findings.outcome.epochs_done, settings.scene, out.string());
    return static_cast<int>(Status::interrupted);
  }
  const auto evaluating = std::chrono::steady_clock::now();
  evaluate_problem(problem, inputs, settings, device, findings.parameters, findings.metrics,
                   &findings.test_readings);
  if (problem.baseline) evaluate_baseline(problem, inputs, settings, device, findings.metrics);
  if (problem.evaluation.full_waves)
    evaluate_full_waves(problem, inputs, settings, findings.parameters, out, findings.metrics);
  findings.timing["evaluation"] = seconds_since(evaluating);
  findings.timing["total"] = seconds_since(start);
  // Told before they are written: a full disk must not take them away.
  for (const auto& [name, value] : findings.metrics.all())
    say(settings, fmt::format("  {:<32} {:.6g}", name, value));
  for (const std::string& line : write_outputs(problem, inputs, settings, device, findings, out))
    say(settings, line);
  say(settings, fmt::format("results in {} ({:.1f} s)", out.string(), seconds_since(start)));
  return static_cast<int>(check_expectations(problem.expectations, findings.metrics));
}

}  // namespace wavesmith
