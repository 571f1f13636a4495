// wavesmith run: audit, training, evaluation, files.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "apps/commands.hpp"
#include "apps/run_scene.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/interrupt.hpp"
#include "core/progress.hpp"

namespace wavesmith {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void say(const RunOptions& settings, const std::string& line) {
  if (settings.quiet) return;
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

// Trains, and reports whether it was stopped.
bool train(const DiffractiveProblem& problem, const ProblemInputs& inputs,
           const RunOptions& settings, const Device& device, const std::filesystem::path& out,
           RunFindings& findings) {
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
  training.resume = settings.resume;
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
  findings.outcome = trainer.run(
      starting_parameters(problem, settings.seed),
      [&](const Trainer::Progress& p) {
        const std::uint64_t done = static_cast<std::uint64_t>(p.epoch) * p.total + p.done;
        bar.update(done, design ? fmt::format("loss {:.6g}", p.loss)
                                : fmt::format("epoch {}  loss {:.4f}  accuracy {:.2f} %",
                                              p.epoch + 1, p.loss, 100.0 * p.accuracy));
      },
      [&](int epoch, std::span<const double> parameters) {
        if (design || !problem.data) return;
        model->set_parameters(parameters);
        bar.print_line(fmt::format("epoch {} done", epoch));
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

}  // namespace

int run_command(const RunOptions& settings) {
  const auto start = std::chrono::steady_clock::now();
  const Scene scene = Scene::load(settings.scene, settings.overrides);
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
  const ProblemInputs inputs = make_inputs(problem, settings.data_dir);

  findings.parameters = starting_parameters(problem, settings.seed);
  if (problem.training && train(problem, inputs, settings, device, out, findings)) {
    fmt::print("stopped after epoch {}; to go on: wavesmith run {} --out {} --resume\n",
               findings.outcome.epochs_done, settings.scene, out.string());
    return static_cast<int>(Status::interrupted);
  }
  const auto evaluating = std::chrono::steady_clock::now();
  evaluate_problem(problem, inputs, settings, device, findings.parameters, findings.metrics,
                   &findings.test_readings);
  findings.timing["evaluation"] = seconds_since(evaluating);
  findings.timing["total"] = seconds_since(start);
  // Told before they are written: a full disk must not take them away.
  for (const auto& [name, value] : findings.metrics.all())
    say(settings, fmt::format("  {:<32} {:.6g}", name, value));
  for (const std::string& line : write_outputs(problem, inputs, settings, device, findings, out))
    say(settings, line);
  say(settings, fmt::format("results in {} ({:.1f} s)", out.string(), seconds_since(start)));
  return static_cast<int>(check_expectations(problem, findings.metrics));
}

}  // namespace wavesmith
