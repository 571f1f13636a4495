// The commands on a scene of a trainable network.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "apps/commands.hpp"
#include "apps/metrics.hpp"
#include "apps/network_problem.hpp"
#include "core/error.hpp"
#include "training/gradient_check.hpp"

namespace wavesmith {

Status run_network_scene(const Scene& scene, const RunOptions& settings);
Status check_network_scene(const Scene& scene, const SceneOptions& options);
Status gradcheck_network_scene(const Scene& scene, const SceneOptions& options);
Status compare_network_scene(const Scene& scene, const CompareOptions& options);

// What a run found, for the files.
struct NetworkFindings {
  Metrics metrics;
  Cost cost;
  std::map<std::string, double> timing;  // [s]
  std::vector<double> parameters;
  TrainingOutcome outcome;
  std::vector<double> test_readings;  // samples x readings, of the network that was trained
  std::string device;
};

// The network that is trained and, where it differs, the model of it.
struct NetworkPair {
  std::unique_ptr<PhysicalSystem> model, built;  // built: null where the model is exact
  PhysicalSystem& laboratory() const { return built ? *built : *model; }
};
NetworkPair make_network(const NetworkProblem& problem, const SceneOptions& options);

// True where it was stopped by Ctrl-C, after saving.
bool train_network(const NetworkProblem& problem, const NetworkInputs& inputs,
                   const SceneOptions& settings, bool resume, const std::filesystem::path& out,
                   NetworkFindings& findings);

// Loss and accuracy of the test set and, where it was trained, of the training set, on the model
// and on the built network ("device_").
void evaluate_network(const NetworkProblem& problem, const NetworkInputs& inputs,
                      const SceneOptions& options, NetworkFindings& findings);

// The method's gradient against the exact one of the same network, on the first samples.
GradientAgreement compare_network_gradient(const NetworkProblem& problem,
                                           const NetworkInputs& inputs, const SceneOptions& options,
                                           std::span<const double> parameters);

// Files, report and, last, result.json. Lines for people come back: what was left out, and why.
std::vector<std::string> write_network_outputs(const NetworkProblem& problem,
                                               const NetworkInputs& inputs,
                                               const RunOptions& settings,
                                               const NetworkFindings& findings,
                                               const std::filesystem::path& out);

}  // namespace wavesmith
