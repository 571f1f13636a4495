// Training and evaluation of the network of a scene.
#include "apps/network_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

#include "apps/compare_table.hpp"
#include "apps/gradcheck_parts.hpp"
#include "apps/recording_system.hpp"
#include "apps/run_parts.hpp"
#include "core/atomic_file.hpp"
#include "core/memory.hpp"
#include "core/random.hpp"

namespace wavesmith {
namespace {

constexpr std::uint64_t evaluation_occasion = 0x4556414cull;  // noise of the readings of tests
constexpr std::size_t checked_samples = 2;
constexpr int directions = 3;

NetworkSystemOptions system_options(const SceneOptions& options) {
  NetworkSystemOptions of_system;
  of_system.precision = options.precision;
  of_system.device = parse_device(options.device);
  of_system.threads = options.threads;
  of_system.seed = options.seed;
  return of_system;
}

void require_network_memory(const NetworkProblem& problem, const SceneOptions& options) {
  require_memory(problem.network->bytes(problem.training.options.batch, options.precision),
                 fmt::format("a network of kind \"{}\" at work on batches of {}", problem.kind,
                             problem.training.options.batch));
}

double angle_in_degrees(const GradientAgreement& agreement) {
  return 180.0 / std::numbers::pi *
         std::acos(std::clamp(1.0 - agreement.direction_error, -1.0, 1.0));
}

void note_gradient(const NetworkProblem& problem, const NetworkInputs& inputs,
                   const SceneOptions& options, std::span<const double> parameters,
                   const std::string& moment, Metrics& metrics) {
  if (problem.gradient_samples == 0 || problem.training.options.epochs == 0) return;
  const GradientAgreement found = compare_network_gradient(problem, inputs, options, parameters);
  metrics.set(moment + "_gradient_direction_error", found.direction_error);
  metrics.set(moment + "_gradient_angle", angle_in_degrees(found));
  metrics.set(moment + "_gradient_length_ratio", found.length_ratio);
}

}  // namespace

NetworkPair make_network(const NetworkProblem& problem, const SceneOptions& options) {
  const NetworkSystemOptions of_system = system_options(options);
  NetworkPair pair;
  pair.model = problem.network->make_system(of_system, false);
  if (problem.network->has_imperfections() || problem.training.method != "exact")
    pair.built = problem.network->make_system(of_system, true);
  return pair;
}

bool train_network(const NetworkProblem& problem, const NetworkInputs& inputs,
                   const SceneOptions& settings, bool resume, const std::filesystem::path& out,
                   NetworkFindings& findings) {
  const NetworkPair pair = make_network(problem, settings);
  const auto loss = make_loss(problem.loss);
  findings.outcome = train_with_progress(
      problem.training,
      {pair.laboratory(), *pair.model, *loss, *inputs.training, inputs.validation.get(),
       starting_parameters(problem, settings.seed), problem.scene_hash, inputs.test.get()},
      settings, resume, out);
  findings.parameters = findings.outcome.parameters;
  tell_best_epoch(findings.outcome, findings.metrics);
  findings.timing["training"] = findings.outcome.seconds;
  findings.timing["epochs"] = findings.outcome.epochs_done;
  findings.cost += findings.outcome.cost;
  return findings.outcome.interrupted;
}

void evaluate_network(const NetworkProblem& problem, const NetworkInputs& inputs,
                      const SceneOptions& options, NetworkFindings& findings) {
  const NetworkPair pair = make_network(problem, options);
  const auto loss = make_loss(problem.loss);
  const int batch = problem.training.options.batch;
  const auto test = [&](PhysicalSystem& system, const std::string& prefix, const InputSet& samples,
                        std::vector<double>* keep) {
    RecordingSystem recording(system, keep);
    recording.set_occasion(evaluation_occasion);
    recording.set_parameters(findings.parameters);
    const Evaluation found = evaluate(recording, samples, *loss, batch);
    findings.metrics.set(prefix + "accuracy", found.accuracy);
    findings.metrics.set(prefix + "loss", found.loss);
  };
  // What is kept is what the network in the laboratory answers.
  const bool imperfect = problem.network->has_imperfections();
  const FewInputs seen(*inputs.training, inputs.originals);
  test(*pair.model, "", *inputs.test, imperfect ? nullptr : &findings.test_readings);
  test(*pair.model, "training_", seen, nullptr);
  if (!imperfect) return;
  test(*pair.built, "device_", *inputs.test, &findings.test_readings);
  test(*pair.built, "device_training_", seen, nullptr);
}

GradientAgreement compare_network_gradient(const NetworkProblem& problem,
                                           const NetworkInputs& inputs, const SceneOptions& options,
                                           std::span<const double> parameters) {
  const NetworkPair pair = make_network(problem, options);
  PhysicalSystem& laboratory = pair.laboratory();
  const auto loss = make_loss(problem.loss);
  const FewInputs samples(*inputs.training, static_cast<std::size_t>(problem.gradient_samples));
  const auto method = make_method(problem.training.method, problem.training.method_options);
  return method_agreement(laboratory, *pair.model, *method, samples, *loss, parameters,
                          options.seed);
}

Status run_network_scene(const Scene& scene, const RunOptions& settings) {
  const auto start = std::chrono::steady_clock::now();
  const NetworkProblem problem = read_network_problem(scene, settings);
  const std::filesystem::path out =
      settings.out.empty() ? std::filesystem::path("out") / problem.stem : settings.out;
  NetworkFindings findings;
  findings.device = parse_device(settings.device).name();
  say(settings, problem.title);
  for (const std::string& line : problem.network->summary()) say(settings, "  " + line);
  require_network_memory(problem, settings);
  make_folder(out);
  remove_stale_parts(out);
  const NetworkInputs inputs = make_network_inputs(problem, settings);
  findings.parameters = starting_parameters(problem, settings.seed);
  note_gradient(problem, inputs, settings, findings.parameters, "first", findings.metrics);
  if (problem.training.options.epochs > 0) {
    if (train_network(problem, inputs, settings, settings.resume, out, findings)) {
      fmt::print("stopped after epoch {}; to go on: wavesmith run {} --out {} --resume\n",
                 findings.outcome.epochs_done, settings.scene, out.string());
      return Status::interrupted;
    }
    note_gradient(problem, inputs, settings, findings.parameters, "last", findings.metrics);
  }
  const auto evaluating = std::chrono::steady_clock::now();
  evaluate_network(problem, inputs, settings, findings);
  findings.timing["evaluation"] = seconds_since(evaluating);
  findings.timing["total"] = seconds_since(start);
  // Told before they are written: a full disk must not take them away.
  for (const auto& [name, value] : findings.metrics.all())
    say(settings, fmt::format("  {:<32} {:.6g}", name, value));
  for (const std::string& line : write_network_outputs(problem, inputs, settings, findings, out))
    say(settings, line);
  say(settings, fmt::format("results in {} ({:.1f} s)", out.string(), seconds_since(start)));
  return check_expectations(problem.expectations, findings.metrics);
}

Status check_network_scene(const Scene& scene, const SceneOptions& options) {
  const NetworkProblem problem = read_network_problem(scene, options);
  fmt::print("{}\n", problem.title);
  for (const std::string& line : problem.network->summary()) fmt::print("  {}\n", line);
  fmt::print("  parameters: {}\n", starting_parameters(problem, options.seed).size());
  fmt::print("  memory: {}\n", format_bytes(problem.network->bytes(problem.training.options.batch,
                                                                   options.precision)));
  require_network_memory(problem, options);
  fmt::print("  data: {} (not read by check)\n", problem.data.name);
  fmt::print("the scene is in order\n");
  return Status::done;
}

Status gradcheck_network_scene(const Scene& scene, const SceneOptions& options) {
  NetworkProblem problem = read_network_problem(scene, options);
  fmt::print("{}\n", problem.title);
  problem.data.augmentation.copies = 0;  // the first samples are checked: no copies among them
  const NetworkInputs all = make_network_inputs(problem, options);
  const FewInputs inputs(*all.training, checked_samples);
  NetworkSystemOptions in_double = system_options(options);
  in_double.precision = Precision::f64;
  const auto system = problem.network->make_system(in_double, false);
  const auto loss = make_loss(problem.loss);
  std::vector<double> parameters = starting_parameters(problem, options.seed);
  // A small step away from the start, which is often a symmetric point where slopes vanish.
  const Random random(options.seed, 0);
  for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i] += 0.01 * random.normal(i);
  bool holds = report_check(
      "loss against finite differences",
      finite_difference_error(*system, inputs, *loss, parameters, directions, options.seed),
      difference_bound);
  // On the model, without noise: what the experiment itself loses.
  for (const char* method : {"in_situ", "scattering"}) {
    const bool offered = method == std::string("in_situ")
                             ? dynamic_cast<AdjointExperiment*>(system.get()) != nullptr
                             : dynamic_cast<ScatteringExperiment*>(system.get()) != nullptr;
    if (!offered) continue;
    const double error = method_error(*system, *make_method(method, {}), inputs, *loss, parameters);
    if (problem.network->experiments_are_exact())
      holds &= report_check(fmt::format("{} without noise against exact", method), error, 1e-10);
    else
      fmt::print("       {} without noise is {:.2e} of the exact gradient away\n", method, error);
  }
  return holds ? Status::done : Status::expectation_failed;
}

Status compare_network_scene(const Scene& scene, const CompareOptions& options) {
  NetworkProblem problem = read_network_problem(scene, options);
  require_network_memory(problem, options);
  const NetworkInputs inputs = make_network_inputs(problem, options);
  const std::string score = problem.network->has_imperfections() ? "device_accuracy" : "accuracy";
  return compare_methods(
      options, problem.stem, score, [&](MethodRow& row, const std::filesystem::path& out) {
        problem.training.method = row.method;
        row.agreement = compare_network_gradient(problem, inputs, options,
                                                 starting_parameters(problem, options.seed));
        NetworkFindings findings;
        if (train_network(problem, inputs, options, false, out, findings)) return false;
        evaluate_network(problem, inputs, options, findings);
        row.metrics = findings.metrics;
        row.cost = findings.cost;
        row.seconds = findings.outcome.seconds;
        row.trained_samples = static_cast<double>(inputs.training->count()) *
                              static_cast<double>(std::max(findings.outcome.epochs_done, 1));
        return true;
      });
}

}  // namespace wavesmith
