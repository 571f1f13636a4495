#include "apps/circuit_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "apps/gradcheck_parts.hpp"
#include "apps/run_parts.hpp"
#include "core/atomic_file.hpp"
#include "core/random.hpp"
#include "core/suggest.hpp"
#include "core/units.hpp"
#include "solvers/circuit_solver.hpp"

namespace wavesmith {
namespace {

constexpr std::size_t checked_frequencies = 7;

// Some of the frequencies, evenly.
std::vector<double> few_frequencies(const CircuitProblem& problem) {
  const std::size_t count = std::min(checked_frequencies, problem.frequencies.size());
  std::vector<double> few;
  for (std::size_t i = 0; i < count; ++i)
    few.push_back(problem.frequencies[(i * (problem.frequencies.size() - 1)) /
                                      std::max<std::size_t>(1, count - 1)]);
  return few;
}

double real_product(const std::vector<Complex>& a, const std::vector<Complex>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::real(std::conj(a[i]) * b[i]);
  return sum;
}

}  // namespace

std::vector<std::string> circuit_summary(const CircuitProblem& problem) {
  const Circuit& circuit = problem.circuit;
  std::size_t joined = 0;
  for (std::size_t port = 0; port < circuit.port_count(); ++port)
    joined += circuit.partner(port) != Circuit::none;
  std::vector<std::string> lines = {
      fmt::format("{} components, {} connections, {} external ports: {}", circuit.parts().size(),
                  joined / 2, circuit.external_names().size(),
                  join_names(circuit.external_names())),
      fmt::format("{} frequencies from {} to {}", problem.frequencies.size(),
                  format_quantity(problem.frequencies.front(), Dimension::frequency, 7),
                  format_quantity(problem.frequencies.back(), Dimension::frequency, 7))};
  // A device of a file may give more power than it takes: noise, or a wrong normalisation.
  for (const Circuit::Part& part : circuit.parts()) {
    const std::size_t n = part.component->ports().size();
    std::vector<double> parameters;
    for (const ComponentParameter& parameter : part.component->parameters())
      parameters.push_back(parameter.value);
    double most = 0.0;
    for (const double frequency : few_frequencies(problem)) {
      std::vector<Complex> s(n * n);
      part.component->scatter(frequency, parameters, ScatteringView(n, s, {}));
      for (std::size_t from = 0; from < n; ++from) {
        double power = 0.0;
        for (std::size_t to = 0; to < n; ++to) power += std::norm(s[to * n + from]);
        most = std::max(most, power);
      }
    }
    if (most > 1.0 + 1e-9)
      lines.push_back(fmt::format("component {} gives up to {:.6g} of the power that it takes",
                                  part.name, most));
  }
  lines.insert(lines.end(), problem.notes.begin(), problem.notes.end());
  return lines;
}

Status run_circuit_scene(const Scene& scene, const RunOptions& settings) {
  const Clock::time_point start = Clock::now();
  const CircuitProblem problem = read_circuit_problem(scene);
  const std::filesystem::path out =
      settings.out.empty() ? std::filesystem::path("out") / problem.stem : settings.out;
  say(settings, problem.title);
  for (const std::string& line : circuit_summary(problem)) say(settings, "  " + line);
  make_folder(out);
  remove_stale_parts(out);
  CircuitFindings findings;
  findings.device = "cpu";
  const Clock::time_point solving = Clock::now();
  findings.s = CircuitSolver(problem.circuit, problem.frequencies, {.threads = settings.threads})
                   .solve(problem.circuit.parameters());
  findings.timing["solve"] = seconds_since(solving);
  add_circuit_metrics(problem, settings.threads, findings);
  findings.timing["total"] = seconds_since(start);
  // Told before they are written: a full disk must not take them away.
  for (const auto& [name, value] : findings.metrics.all())
    say(settings, fmt::format("  {:<32} {:.6g}", name, value));
  for (const std::string& line : write_circuit_outputs(problem, settings, findings, out))
    say(settings, line);
  say(settings, fmt::format("results in {} ({:.1f} s)", out.string(), seconds_since(start)));
  return check_expectations(problem.expectations, findings.metrics);
}

Status check_circuit_scene(const Scene& scene, const SceneOptions& options) {
  const CircuitProblem problem = read_circuit_problem(scene);
  fmt::print("{}\n", problem.title);
  for (const std::string& line : circuit_summary(problem)) fmt::print("  {}\n", line);
  // Loops without loss show only when they are solved.
  CircuitSolver(problem.circuit, few_frequencies(problem), {.threads = options.threads})
      .solve(problem.circuit.parameters());
  fmt::print("  parameters: {}\n", problem.circuit.parameter_count());
  fmt::print("the scene is in order\n");
  return Status::done;
}

Status gradcheck_circuit_scene(const Scene& scene, const SceneOptions& options) {
  const CircuitProblem problem = read_circuit_problem(scene);
  fmt::print("{}\n", problem.title);
  const std::vector<double> parameters = problem.circuit.parameters();
  if (parameters.empty()) {
    fmt::print("  no component has a parameter, so there is no gradient to check\n");
    return Status::done;
  }
  const CircuitSolver solver(problem.circuit, few_frequencies(problem),
                             {.threads = options.threads});
  const Random random(options.seed, 0);
  // A direction in which every parameter changes the waves by about as much.
  std::vector<double> direction(parameters.size());
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    std::vector<double> one(parameters.size());
    one[k] = 1.0;
    const std::vector<Complex> change = solver.push_forward(parameters, one);
    const double size = std::sqrt(real_product(change, change));
    direction[k] = size > 0.0 ? random.uniform(k, -1.0, 1.0) / size : 0.0;
  }
  const std::vector<Complex> change = solver.push_forward(parameters, direction);
  std::vector<Complex> cotangent(change.size());
  for (std::size_t i = 0; i < cotangent.size(); ++i)
    cotangent[i] = {random.uniform(2 * i + 1'000'000, -1, 1),
                    random.uniform(2 * i + 1'000'001, -1, 1)};
  std::vector<double> gradient(parameters.size());
  solver.pull_back_waves(parameters, cotangent, gradient);
  double along = 0.0, scale = 0.0;
  for (std::size_t k = 0; k < gradient.size(); ++k) {
    along += gradient[k] * direction[k];
    scale += std::abs(gradient[k] * direction[k]);
  }
  bool holds =
      report_check("transpose of the whole circuit",
                   std::abs(real_product(cotangent, change) - along) / scale, transpose_bound);
  // Fourth order, along all parameters at once.
  const double h = 1e-3;
  const auto at = [&](double steps) {
    std::vector<double> moved = parameters;
    for (std::size_t k = 0; k < moved.size(); ++k) moved[k] += steps * h * direction[k];
    return real_product(cotangent, solver.waves(moved));
  };
  const double difference = (8.0 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12.0 * h);
  holds &= report_check("all parameters against finite differences",
                        std::abs(difference - along) / scale, difference_bound);
  return holds ? Status::done : Status::expectation_failed;
}

}  // namespace wavesmith
