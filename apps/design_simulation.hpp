// The goals of a design as numbers of its parameters, with the exact derivative: pattern, march,
// monitors, waveform, goals, and all of them transposed.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "apps/commands.hpp"
#include "apps/wave_problem.hpp"
#include "apps/wave_simulation.hpp"
#include "physics/density_pattern.hpp"
#include "solvers/design_on_grid.hpp"

namespace wavesmith {

// [goal][frequency]
using GoalValues = std::vector<std::vector<double>>;

// The numbers of the goals from the spectra of a march of so many steps. `problem`: what the
// simulation was made of, with the goals. Throws InputError where a goal asks for a number that its
// monitor does not give.
GoalValues goal_values(const WaveProblem& problem, const WaveSimulation& simulation,
                       const Spectra& spectra, long steps);

// The number that stands for a goal: of its frequencies the worst one.
double worst_value(const GoalPart& goal, std::span<const double> values);

struct DesignEvaluation {
  double loss = 0.0;
  std::vector<GoalValues> values;  // of each threshold
  std::vector<double> gradient;    // of the loss, by the parameters
  double error_estimate = 0.0;     // of the gradient, relative (TimeDomainGradient)
};

class DesignSimulation {
 public:
  // Throws InputError where the region reaches into a source or a monitor that looks at the media;
  // UnavailableError where it does not fit into memory.
  DesignSimulation(const WaveProblem& problem, const Device& device, Precision precision,
                   int threads);

  const DensityPattern& pattern() const { return patterns_.front(); }
  const WaveProblem& problem() const { return problem_; }
  long steps() const { return steps_; }
  // How the derivative keeps what it needs.
  const GradientPlan& plan() const { return plan_; }

  // Takes the number of steps until the fields of this design have decayed, where the scene asks
  // for that, for all that follow.
  void settle(std::span<const double> parameters, double beta);
  void set_steps(long steps);

  DesignEvaluation evaluate(std::span<const double> parameters, double beta);
  DesignEvaluation evaluate_with_gradient(std::span<const double> parameters, double beta);

 private:
  TimeDomainSetup setup_of(const DensityPattern& pattern, std::span<const double> parameters,
                           double beta) const;
  std::unique_ptr<TimeDomain> marched(const DensityPattern& pattern,
                                      std::span<const double> parameters, double beta) const;
  GoalValues values_of(const Spectra& spectra) const;
  void require_clear_of_design() const;

  WaveProblem problem_;  // without what no goal needs
  std::unique_ptr<WaveSimulation> simulation_;
  std::unique_ptr<DesignOnGrid> grid_;
  std::vector<DensityPattern> patterns_;  // one a threshold
  GradientPlan plan_;
  long steps_ = 0;
};

// A smooth maximum of losses, or their weighted mean, and its derivative by each of them
// (`slopes`, as many). sharpness s: log(sum of w exp(s l)) / s with weights of sum 1; 0: the mean.
double combine_losses(std::span<const double> losses, std::span<const double> weights,
                      double sharpness, std::vector<double>& slopes);

// Marches to the end that the scene asks for.
void march_to_end(const WaveProblem& problem, TimeDomain& march);

}  // namespace wavesmith
