// Trains the layers of a scene with the method that it names.
#include <memory>

#include "apps/run_scene.hpp"

namespace wavesmith {

bool train_problem(const DiffractiveProblem& problem, const ProblemInputs& inputs,
                   const SceneOptions& settings, bool resume, const Device& device,
                   const std::filesystem::path& out, RunFindings& findings) {
  const TrainingPart& part = *problem.training;
  DiffractiveSystemOptions options = system_options(settings, device);
  options.robust = problem.robust;
  options.robust_seed = problem.robust_seed;
  const auto model = make_system(problem, problem.description.propagation, options);
  std::unique_ptr<DiffractiveSystem> built;
  if (problem.device || part.method != "exact") {
    DiffractiveSystemOptions of_device = system_options(settings, device);
    if (problem.device) of_device.misalignment = *problem.device;
    of_device.phase_levels = problem.device_levels;
    of_device.interferometer = problem.interferometer;
    built = make_system(problem, problem.description.propagation, of_device);
  }
  DiffractiveSystem& laboratory = built ? *built : *model;

  const auto loss = make_loss(*problem.loss);
  findings.outcome = train_with_progress(
      part,
      {laboratory, *model, *loss, *inputs.training, inputs.validation.get(),
       starting_parameters(problem, settings.seed), problem.scene_hash, inputs.test.get()},
      settings, resume, out);
  findings.parameters = findings.outcome.parameters;
  tell_best_epoch(findings.outcome, findings.metrics);
  findings.timing["training"] = findings.outcome.seconds;
  findings.timing["epochs"] = findings.outcome.epochs_done;
  findings.cost += findings.outcome.cost;
  findings.trained = true;
  return findings.outcome.interrupted;
}

}  // namespace wavesmith
