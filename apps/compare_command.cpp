// wavesmith compare: one system, several training methods, one table.
#include <fmt/format.h>
#include <sys/resource.h>

#include <nlohmann/json.hpp>

#include "apps/commands.hpp"
#include "apps/run_scene.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/memory.hpp"
#include "training/gradient_check.hpp"

namespace wavesmith {
namespace {

constexpr std::size_t gradient_samples = 32;

double peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

// A method's first gradient against the exact one, on the same samples and parameters.
GradientAgreement first_gradient(const DiffractiveProblem& problem, const InputSet& inputs,
                                 const SceneOptions& options, const Device& device) {
  DiffractiveSystemOptions of_model = system_options(options, device);
  DiffractiveSystemOptions of_device = of_model;
  if (problem.device) of_device.misalignment = *problem.device;
  of_device.phase_levels = problem.device_levels;
  of_device.interferometer = problem.interferometer;
  const PropagationSettings& propagation = problem.description.propagation;
  const auto model = make_system(problem, propagation, of_model);
  const auto built = make_system(problem, propagation, of_device);
  const auto loss = make_loss(*problem.loss);
  const std::vector<double> parameters = starting_parameters(problem, options.seed);

  std::vector<std::size_t> indices(std::min(gradient_samples, inputs.count()));
  for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = i;
  const SampleLoss of_sample = [&](int sample, std::span<const double> readings,
                                   std::span<double> cotangent) {
    const std::size_t s = static_cast<std::size_t>(sample);
    return loss->evaluate(readings, inputs.power(s), inputs.target(s), cotangent);
  };
  std::vector<double> readings(indices.size() * static_cast<std::size_t>(built->reading_count()));
  std::vector<double> exact(parameters.size()), found(parameters.size());
  // The exact gradient of the device itself is what every method is after.
  built->set_parameters(parameters);
  built->pull_back({&inputs, indices}, of_sample, readings, exact);
  make_method(problem.training->method, problem.training->method_options)
      ->gradient({built.get(),
                  model.get(),
                  {&inputs, indices},
                  &of_sample,
                  parameters,
                  options.seed,
                  0,
                  readings,
                  found});
  return compare_gradients(found, exact);
}

}  // namespace

int compare_command(const CompareOptions& options) {
  const Scene scene = Scene::load(options.scene, options.overrides);
  const Device device = parse_device(options.device);
  DiffractiveProblem problem = read_problem(scene, options.seed);
  if (!problem.training)
    throw InputError(options.scene + " has no [training], so there are no methods to compare");
  for (const std::string& name : options.methods) make_method(name, {});  // before anything runs
  const std::filesystem::path out = options.out.empty()
                                        ? std::filesystem::path("out") / (problem.stem + "-compare")
                                        : options.out;
  make_folder(out);
  remove_stale_parts(out);
  const ProblemInputs inputs = make_inputs(problem, options.data_dir);

  nlohmann::ordered_json table = nlohmann::ordered_json::array();
  for (const std::string& name : options.methods) {
    problem.training->method = name;
    make_folder(out / name);
    remove_stale_parts(out / name);
    RunFindings findings;
    const GradientAgreement agreement = first_gradient(problem, *inputs.training, options, device);
    if (train_problem(problem, inputs, options, false, device, out / name, findings)) {
      fmt::print("stopped while training with {}; nothing is lost of the methods before it\n",
                 name);
      return static_cast<int>(Status::interrupted);
    }
    evaluate_problem(problem, inputs, options, device, findings.parameters, findings.metrics);
    const double trained = static_cast<double>(inputs.training->count()) *
                           static_cast<double>(std::max(findings.outcome.epochs_done, 1));
    nlohmann::ordered_json row;
    row["method"] = name;
    for (const auto& [metric, value] : findings.metrics.all()) row[metric] = value;
    row["experiments_per_sample"] = findings.cost.experiments / trained;
    row["exposures_per_sample"] = findings.cost.exposures / trained;
    row["readings_per_sample"] = findings.cost.readings / trained;
    row["experiments"] = findings.cost.experiments;
    row["operations"] = findings.cost.operations;
    row["peak_memory_bytes"] = peak_memory();
    row["direction_error"] = agreement.direction_error;
    row["length_ratio"] = agreement.length_ratio;
    row["seconds"] = findings.outcome.seconds;
    table.push_back(row);
    write_file(out / "compare.json", table.dump(2) + "\n");
  }

  const bool on_device = problem.device.has_value();
  const std::string score = problem.data ? (on_device ? "device_accuracy" : "accuracy")
                                         : (on_device ? "device_loss" : "loss");
  fmt::print("{:<12} {:>16} {:>12} {:>12} {:>12} {:>11} {:>9} {:>10}\n", "method", score,
             "experiments", "exposures", "direction", "length", "seconds", "memory");
  fmt::print("{:<12} {:>16} {:>12} {:>12} {:>12} {:>11} {:>9} {:>10}\n", "", "", "a sample",
             "a sample", "error", "ratio", "", "");
  for (const auto& row : table)
    fmt::print("{:<12} {:>16.6g} {:>12.3g} {:>12.3g} {:>12.3e} {:>11.4g} {:>9.1f} {:>10}\n",
               row["method"].get<std::string>(), row[score].get<double>(),
               row["experiments_per_sample"].get<double>(),
               row["exposures_per_sample"].get<double>(), row["direction_error"].get<double>(),
               row["length_ratio"].get<double>(), row["seconds"].get<double>(),
               format_bytes(static_cast<std::uint64_t>(row["peak_memory_bytes"].get<double>())));
  fmt::print(
      "experiments: runs of the light through the device, of one sample each; exact asks a model "
      "alone and makes none\n");
  fmt::print("table in {}\n", (out / "compare.json").string());
  return static_cast<int>(Status::done);
}

}  // namespace wavesmith
