// Trains the layers of a scene with the method that it names.
#include <fmt/format.h>

#include <memory>

#include "apps/run_scene.hpp"
#include "core/atomic_file.hpp"
#include "core/interrupt.hpp"
#include "core/progress.hpp"

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

  TrainingOptions training = part.options;
  training.checkpoint = out / "checkpoint" / "training.ckpt";
  training.threads = settings.threads;
  training.resume = resume;
  training.scene_hash = problem.scene_hash;
  // A cosine runs over the whole training.
  const std::size_t samples = inputs.training->count();
  const std::size_t batches = (samples + static_cast<std::size_t>(training.batch) - 1) /
                              static_cast<std::size_t>(training.batch);
  training.schedule.total_steps =
      static_cast<std::int64_t>(batches) * static_cast<std::int64_t>(training.epochs);
  make_folder(training.checkpoint.parent_path());

  const InterruptGuard guard(
      "\nfinishing this batch and saving; press Ctrl-C again to stop at once\n");
  training.interrupted = [&guard] { return guard.requested(); };
  const auto method = make_method(part.method, part.method_options);
  const auto loss = make_loss(*problem.loss);
  Trainer trainer(laboratory, *model, *method, *loss, *inputs.training, inputs.validation.get(),
                  training, [&](std::uint64_t occasion) {
                    model->set_occasion(occasion);
                    if (built) built->set_occasion(occasion);
                  });

  const bool design = samples == 1;
  const std::uint64_t epochs = static_cast<std::uint64_t>(training.epochs);
  Progress bar(design ? "designing" : "training", epochs * (design ? 1 : samples),
               design ? "iterations" : "samples", choose_progress_style(settings.quiet));
  bool started = false;
  findings.outcome =
      trainer.run(starting_parameters(problem, settings.seed), [&](const Trainer::Progress& p) {
        const std::uint64_t done = static_cast<std::uint64_t>(p.epoch) * p.total + p.done;
        if (!started) bar.start_at(done);
        started = true;
        bar.update(done, design ? fmt::format("loss {:.6g}", p.loss)
                                : fmt::format("epoch {}  loss {:.4f}  accuracy {:.2f} %",
                                              p.epoch + 1, p.loss, 100.0 * p.accuracy));
      });
  bar.finish();
  findings.outcome.history.write(out / "history.csv");
  findings.parameters = findings.outcome.parameters;
  findings.timing["training"] = findings.outcome.seconds;
  findings.timing["epochs"] = findings.outcome.epochs_done;
  findings.cost += model->cost();
  if (built) findings.cost += built->cost();
  findings.trained = true;
  return findings.outcome.interrupted;
}

}  // namespace wavesmith
