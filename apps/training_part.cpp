#include "apps/training_part.hpp"

#include <fmt/format.h>

#include <memory>

#include "apps/scene_parts.hpp"
#include "core/atomic_file.hpp"
#include "core/interrupt.hpp"
#include "core/progress.hpp"

namespace wavesmith {

TrainingPart read_training(const SceneTable& table, std::uint64_t seed, int least_epochs) {
  TrainingPart part;
  std::vector<std::string> methods;
  for (const MethodEntry& entry : method_registry()) methods.push_back(entry.name);
  part.method = table.choice("method", methods, "exact");
  if (part.method == "spsa") {
    part.method_options.perturbation = table.number("perturbation", 0.01, Range::above(0));
    part.method_options.draws = table.integer("draws", 1, IntegerRange::between(1, 100000));
  }
  TrainingOptions& options = part.options;
  options.epochs = table.integer("epochs", IntegerRange::between(least_epochs, 100000000));
  options.optimizer = read_optimizer(table);
  if (options.optimizer.name != "lbfgs") {
    if (options.epochs > 0 || table.has("learning_rate")) options.schedule = read_schedule(table);
    options.batch = table.integer("batch", 32, IntegerRange::between(1, 1 << 20));
  }
  options.patience = table.integer("patience", 0, IntegerRange::at_least(0));
  part.watch_test = table.boolean("watch_test", false);
  options.seed = seed;
  part.spread = table.number("spread", 0.0, Range::at_least(0));
  return part;
}

TrainingOutcome train_with_progress(const TrainingPart& part, const TrainingTask& task,
                                    const SceneOptions& settings, bool resume,
                                    const std::filesystem::path& out) {
  TrainingOptions training = part.options;
  training.checkpoint = out / "checkpoint" / "training.ckpt";
  training.threads = settings.threads;
  training.resume = resume;
  training.scene_hash = task.scene_hash;
  if (part.watch_test) training.watched = task.test;
  // A cosine runs over the whole training.
  const std::size_t samples = task.training.count();
  const std::size_t batches = (samples + static_cast<std::size_t>(training.batch) - 1) /
                              static_cast<std::size_t>(training.batch);
  training.schedule.total_steps =
      static_cast<std::int64_t>(batches) * static_cast<std::int64_t>(training.epochs);
  make_folder(training.checkpoint.parent_path());

  const InterruptGuard guard(
      "\nfinishing this batch and saving; press Ctrl-C again to stop at once\n");
  training.interrupted = [&guard] { return guard.requested(); };
  const auto method = make_method(part.method, part.method_options);
  Trainer trainer(task.device, task.model, *method, task.loss, task.training, task.validation,
                  training, [&](std::uint64_t occasion) {
                    task.model.set_occasion(occasion);
                    task.device.set_occasion(occasion);
                  });

  const bool design = samples == 1;
  const std::uint64_t epochs = static_cast<std::uint64_t>(training.epochs);
  Progress bar(design ? "designing" : "training", epochs * (design ? 1 : samples),
               design ? "iterations" : "samples", choose_progress_style(settings.quiet));
  bool started = false;
  TrainingOutcome outcome = trainer.run(task.start, [&](const Trainer::Progress& p) {
    const std::uint64_t done = static_cast<std::uint64_t>(p.epoch) * p.total + p.done;
    if (!started) bar.start_at(done);
    started = true;
    bar.update(done, design ? fmt::format("loss {:.6g}", p.loss)
                            : fmt::format("epoch {}  loss {:.4f}  accuracy {:.2f} %", p.epoch + 1,
                                          p.loss, 100.0 * p.accuracy));
  });
  bar.finish();
  outcome.history.write(out / "history.csv");
  return outcome;
}

void tell_best_epoch(const TrainingOutcome& outcome, Metrics& metrics) {
  double best = -1.0;
  for (const double accuracy : outcome.history.column("test_accuracy"))
    if (accuracy > best) best = accuracy;  // not where it was not measured
  if (best >= 0.0) metrics.set("best_test_accuracy", best);
}

}  // namespace wavesmith
