// wavesmith gradcheck of a scene with a [design]: the derivative of the goals by the pixels,
// through filter, projection, averaging, sources and monitors, against differences, in double
// precision.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "apps/design_constraints.hpp"
#include "apps/design_run.hpp"
#include "apps/gradcheck_parts.hpp"
#include "core/random.hpp"

namespace wavesmith {
namespace {

constexpr int directions = 2;
constexpr double bound = 1e-5;

// A design as the first steps make one: interfaces where the goals ask for them. A uniform design
// has none, and no derivative once it is binary.
std::vector<double> after_a_step(DesignSimulation& simulation, double beta, const Random& random) {
  std::vector<double> parameters = simulation.pattern().start();
  simulation.settle(parameters, beta);
  const std::vector<double> gradient = simulation.evaluate_with_gradient(parameters, beta).gradient;
  double square = 0.0;
  for (const double g : gradient) square += g * g;
  const double scale = std::sqrt(square / static_cast<double>(gradient.size()));
  for (std::size_t i = 0; i < parameters.size(); ++i)
    parameters[i] = 0.5 - 0.45 * std::tanh(gradient[i] / std::max(scale, 1e-300)) +
                    random.uniform(i, -0.02, 0.02);
  return parameters;
}

// A direction in the parameters, number `direction`.
std::vector<double> change_of(const Random& random, int direction, std::size_t size) {
  std::vector<double> change(size);
  for (std::size_t i = 0; i < size; ++i)
    change[i] = random.uniform((static_cast<std::uint64_t>(direction) + 1) << 32 | i, -0.5, 0.5);
  return change;
}

double along(std::span<const double> gradient, std::span<const double> change) {
  double sum = 0.0;
  for (std::size_t i = 0; i < change.size(); ++i) sum += change[i] * gradient[i];
  return sum;
}

// The derivative by differences of fourth order in h.
double difference_of(const std::function<double(const std::vector<double>&)>& value,
                     const std::vector<double>& parameters, const std::vector<double>& change,
                     double h) {
  const auto shifted = [&](double step) {
    std::vector<double> moved = parameters;
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += step * change[i];
    return value(moved);
  };
  return (8.0 * (shifted(h) - shifted(-h)) - (shifted(2 * h) - shifted(-2 * h))) / (12.0 * h);
}

// How far a value is from smooth, from moves in which its derivative is lost: of a resonance, what
// harmonic inversion leaves open.
double roughness_of(const std::function<double(const std::vector<double>&)>& value,
                    const std::vector<double>& parameters, const std::vector<double>& change) {
  const double here = value(parameters);
  double most = 0.0;
  for (int k = 1; k <= 4; ++k) {
    std::vector<double> moved = parameters;
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += 1e-12 * k * change[i];
    most = std::max(most, std::abs(value(moved) - here));
  }
  return most;
}

// The constraints' own derivatives, at a strength at which they are asked for.
bool constraints_hold(const DesignPart& design, const DensityPattern& pattern,
                      const std::vector<double>& parameters, double beta, const Random& random) {
  DesignConstraints constraints(design);
  if (!constraints.active(beta)) return true;
  bool all = true;
  const DesignConstraints::Values found = constraints.evaluate(pattern, parameters, beta);
  for (std::size_t c = 0; c < constraints.names().size(); ++c) {
    const std::vector<double> change = change_of(random, directions, parameters.size());
    const double difference = difference_of(
        [&](const std::vector<double>& moved) {
          return constraints.evaluate(pattern, moved, beta).value[c];
        },
        parameters, change, 1e-5);
    const double exact = along(found.gradient[c], change);
    all =
        report_check(fmt::format("beta {:g}: {}, finite differences", beta, constraints.names()[c]),
                     std::abs(exact - difference) /
                         std::max(std::abs(difference), 1e-6 * std::abs(found.value[c])),
                     bound) &&
        all;
  }
  return all;
}

}  // namespace

Status gradcheck_design_scene(WaveProblem problem, const SceneOptions& options) {
  const DesignPart design = *problem.design;
  const bool by_spectra = problem.gradient.mode == MemoryMode::dft;
  // The derivative by spectra is one of fields that have decayed for good; it is compared with the
  // exact one.
  if (by_spectra) problem.gradient.mode = MemoryMode::automatic;
  const Device device = parse_device(options.device);
  DesignSimulation simulation(problem, device, Precision::f64, options.threads);
  fmt::print("memory: {}\n", simulation.plan().text());
  const Random random(options.seed, 0);
  const std::vector<double> parameters =
      after_a_step(simulation, design.stages.front().beta, random);
  simulation.settle(parameters, design.stages.front().beta);
  bool all = true;
  std::vector<double> betas;
  for (const DesignStage& stage : design.stages) betas.push_back(stage.beta);
  if (std::isfinite(betas.back())) betas.push_back(std::numeric_limits<double>::infinity());
  const bool resonant = std::any_of(design.goals.begin(), design.goals.end(),
                                    [](const GoalPart& goal) { return !goal.point.empty(); });
  int told = 0;
  DesignEvaluation found;
  for (const double beta : betas) {
    found = simulation.evaluate_with_gradient(parameters, beta);
    for (int direction = 0; direction < directions; ++direction) {
      const std::vector<double> change = change_of(random, direction, parameters.size());
      // But for the ends of the smoothed step, which has two derivatives there: what is binary
      // takes shorter steps.
      const double h = 1e-3 / std::clamp(beta, 1.0, 100.0);
      const auto loss = [&](const std::vector<double>& moved) {
        return simulation.evaluate(moved, beta).loss;
      };
      const double difference = difference_of(loss, parameters, change, h);
      const double exact = along(found.gradient, change);
      const double size = std::max(std::abs(difference), 1e-6 * std::abs(found.loss));
      const std::string what =
          fmt::format("beta {:g}: finite differences, direction {}", beta, direction + 1);
      if (resonant) {
        const double lost = 1.5 * roughness_of(loss, parameters, change) / h;
        if (lost > bound * size) {
          fmt::print("cannot be told: {}: {:.2e} of it is lost in how well resonances are known\n",
                     what, lost / size);
          continue;
        }
      }
      ++told;
      all = report_check(what, std::abs(exact - difference) / size, bound) && all;
    }
    if (std::isfinite(beta))
      all = constraints_hold(design, simulation.pattern(), parameters, beta, random) && all;
  }
  if (by_spectra) {
    problem.gradient.mode = MemoryMode::dft;
    DesignSimulation spectra(problem, device, Precision::f64, options.threads);
    spectra.set_steps(simulation.steps());
    const DesignEvaluation other = spectra.evaluate_with_gradient(parameters, betas.back());
    double apart = 0.0, size = 0.0;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      apart += std::pow(other.gradient[i] - found.gradient[i], 2);
      size += std::pow(found.gradient[i], 2);
    }
    fmt::print(
        "by spectra (gradient.memory = \"dft\") the gradient is off by {:.2e} of its length; "
        "estimated: {:.2e}\n",
        std::sqrt(apart / size), other.error_estimate);
  }
  fmt::print("{} steps, {} parameters\n", simulation.steps(), parameters.size());
  if (told == 0)
    fmt::print("nothing was compared: let the run last longer, or narrow the band of resonances\n");
  return all && told > 0 ? Status::done : Status::numerics;
}

}  // namespace wavesmith
