// wavesmith compare: one system, several training methods, one table.
#include <fmt/format.h>

#include "apps/commands.hpp"
#include "apps/compare_table.hpp"
#include "apps/gradcheck_parts.hpp"
#include "apps/network_run.hpp"
#include "apps/run_scene.hpp"
#include "apps/scene_solver.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "training/gradient_check.hpp"

namespace wavesmith {
namespace {

constexpr std::size_t gradient_samples = 32;

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

  const auto method = make_method(problem.training->method, problem.training->method_options);
  return method_agreement(*built, *model, *method, FewInputs(inputs, gradient_samples), *loss,
                          parameters, options.seed);
}

}  // namespace

int compare_command(const CompareOptions& options) {
  const Scene scene = Scene::load(options.scene, options.overrides);
  if (solver_of(scene) == "network") return static_cast<int>(compare_network_scene(scene, options));
  const Device device = parse_device(options.device);
  DiffractiveProblem problem = read_problem(scene, options.seed);
  if (!problem.training)
    throw InputError(options.scene + " has no [training], so there are no methods to compare");
  const ProblemInputs inputs = make_inputs(problem, options.data_dir);
  const bool on_device = problem.device.has_value();
  const std::string score = problem.data ? (on_device ? "device_accuracy" : "accuracy")
                                         : (on_device ? "device_loss" : "loss");
  const Status status = compare_methods(
      options, problem.stem, score, [&](MethodRow& row, const std::filesystem::path& out) {
        problem.training->method = row.method;
        row.agreement = first_gradient(problem, *inputs.training, options, device);
        RunFindings findings;
        if (train_problem(problem, inputs, options, false, device, out, findings)) return false;
        evaluate_problem(problem, inputs, options, device, findings.parameters, findings.metrics);
        row.metrics = findings.metrics;
        row.cost = findings.cost;
        row.seconds = findings.outcome.seconds;
        row.trained_samples = static_cast<double>(inputs.training->count()) *
                              static_cast<double>(std::max(findings.outcome.epochs_done, 1));
        return true;
      });
  return static_cast<int>(status);
}

}  // namespace wavesmith
