// wavesmith run, check and gradcheck of a circuit.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "apps/circuit_problem.hpp"
#include "apps/commands.hpp"
#include "apps/metrics.hpp"
#include "core/error.hpp"

namespace wavesmith {

Status run_circuit_scene(const Scene& scene, const RunOptions& settings);
Status check_circuit_scene(const Scene& scene, const SceneOptions& options);
Status gradcheck_circuit_scene(const Scene& scene, const SceneOptions& options);

struct CircuitFindings {
  Metrics metrics;
  std::map<std::string, double> timing;  // [s]
  std::string device;
  std::vector<Complex> s;  // [frequency][to][from]
};

// What the scene has, a line each, for people.
std::vector<std::string> circuit_summary(const CircuitProblem& problem);

// The numbers of [[metric]]. Throws NumericsError naming the metric where the curve has no such
// number.
void add_circuit_metrics(const CircuitProblem& problem, int threads, CircuitFindings& findings);

// Files and, last, result.json. Lines for people about what was left out.
std::vector<std::string> write_circuit_outputs(const CircuitProblem& problem,
                                               const RunOptions& settings,
                                               const CircuitFindings& findings,
                                               const std::filesystem::path& out);

}  // namespace wavesmith
