#include "apps/run_scene.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/interrupt.hpp"
#include "core/progress.hpp"
#include "core/units.hpp"
#include "solvers/sampling_audit.hpp"

namespace wavesmith {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void say(const RunSettings& settings, const std::string& line) {
  if (settings.quiet) return;
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

// Trains, and reports whether it was stopped.
bool train(const DiffractiveProblem& problem, const ProblemInputs& inputs,
           const RunSettings& settings, const Device& device, const std::filesystem::path& out,
           RunFindings& findings) {
  const TrainingPart& part = *problem.training;
  DiffractiveSystemOptions options = system_options(settings);
  options.device = device;
  options.robust = problem.robust;
  options.robust_seed = problem.robust_seed;
  const auto model = make_system(problem, problem.description.propagation, options);
  std::unique_ptr<DiffractiveSystem> built;
  if (problem.device || part.method != "exact") {
    DiffractiveSystemOptions of_device = system_options(settings);
    of_device.device = device;
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

Status check_expectations(const DiffractiveProblem& problem, const Metrics& metrics) {
  Status status = Status::done;
  for (const Expectation& expectation : problem.expectations) {
    if (!metrics.has(expectation.metric)) {
      std::string known;
      for (const auto& [name, value] : metrics.all()) known += (known.empty() ? "" : ", ") + name;
      throw InputError("expect." + expectation.metric +
                       " names a metric that this scene does not give; it gives " + known);
    }
    const double value = metrics.at(expectation.metric);
    const bool holds = value >= expectation.low && value <= expectation.high;
    fmt::print("{}  {} = {:.9g}, expected {:.9g} to {:.9g}\n", holds ? "holds" : "FAILS",
               expectation.metric, value, expectation.low, expectation.high);
    if (!holds) status = Status::expectation_failed;
  }
  return status;
}

}  // namespace

void Metrics::set(const std::string& name, double value) {
  for (auto& entry : values_)
    if (entry.first == name) {
      entry.second = value;
      return;
    }
  values_.emplace_back(name, value);
}

bool Metrics::has(const std::string& name) const {
  return std::any_of(values_.begin(), values_.end(),
                     [&](const auto& entry) { return entry.first == name; });
}

double Metrics::at(const std::string& name) const {
  for (const auto& entry : values_)
    if (entry.first == name) return entry.second;
  throw std::out_of_range("no metric " + name);
}

DiffractiveSystemOptions system_options(const RunSettings& settings) {
  DiffractiveSystemOptions options;
  options.precision = settings.precision;
  options.threads = settings.threads;
  return options;
}

std::unique_ptr<DiffractiveSystem> make_system(const DiffractiveProblem& problem,
                                               const PropagationSettings& propagation,
                                               const DiffractiveSystemOptions& options) {
  StackDescription description = problem.description;
  description.propagation = propagation;
  return std::make_unique<DiffractiveSystem>(description, options);
}

std::vector<std::string> audit_problem(const DiffractiveProblem& problem) {
  const StackDescription& description = problem.description;
  std::vector<std::string> lines;
  Plane in = description.source;
  std::vector<Gap> seen;
  for (std::size_t l = 0; l <= description.layers.size(); ++l) {
    const bool last = l == description.layers.size();
    for (const double wavelength : description.wavelengths) {
      Gap gap;
      gap.in = in;
      gap.out = last ? description.detector_plane : description.layers[l].layer->plane();
      gap.distance = last ? description.detector_distance : description.layers[l].distance;
      gap.wavelength = wavelength / description.medium_index;
      gap.method = description.propagation.method;
      gap.evanescent = description.propagation.evanescent;
      gap.padding = description.propagation.padding;
      gap.periodic = description.propagation.periodic;
      const bool known = std::any_of(seen.begin(), seen.end(), [&](const Gap& other) {
        return other.in == gap.in && other.out == gap.out && other.distance == gap.distance &&
               other.wavelength == gap.wavelength;
      });
      if (known) continue;
      seen.push_back(gap);
      AuditOptions options;
      options.allow_undersampled = problem.allow_undersampled;
      const SamplingAudit found = audit(gap, options);
      lines.push_back(fmt::format(
          "gap {}, {}: {} on {} x {}, Fresnel number {:.3g}, predicted signal-to-noise {:.0f} dB{}",
          l, format_quantity(wavelength, Dimension::length), method_name(found.method),
          convolution_grid(gap).nx, convolution_grid(gap).ny, found.fresnel_number, found.snr,
          problem.description.propagation.method == PropagationMethod::automatic
              ? " (chosen: " + found.reason + ")"
              : ""));
      for (const std::string& message : found.messages) lines.push_back("  " + message);
      require_sampled(found);
    }
    in = last ? in : description.layers[l].layer->plane();
  }
  return lines;
}

Status run_scene(const RunSettings& settings) {
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
    return Status::interrupted;
  }
  const auto evaluating = std::chrono::steady_clock::now();
  evaluate_problem(problem, inputs, settings, device, findings.parameters, findings.metrics);
  findings.timing["evaluation"] = seconds_since(evaluating);
  findings.timing["total"] = seconds_since(start);
  write_outputs(problem, inputs, settings, device, findings, out);

  for (const auto& [name, value] : findings.metrics.all())
    say(settings, fmt::format("  {:<32} {:.6g}", name, value));
  say(settings, fmt::format("results in {} ({:.1f} s)", out.string(), seconds_since(start)));
  return check_expectations(problem, findings.metrics);
}

}  // namespace wavesmith
