// The goals of a design as numbers of its parameters, with the exact derivative: pattern, march,
// monitors, waveform, goals, and all of them transposed.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "apps/commands.hpp"
#include "apps/design_goals.hpp"
#include "apps/wave_problem.hpp"
#include "apps/wave_simulation.hpp"
#include "physics/density_pattern.hpp"
#include "solvers/design_on_grid.hpp"

namespace wavesmith {

struct DesignEvaluation {
  double loss = 0.0;
  std::vector<GoalValues> values;  // of each threshold
  std::vector<double> gradient;    // of the loss, by the parameters
  // Of the gradient, relative (TimeDomainGradient), or of a resonance, against its linewidth: a
  // derivative is that of the numbers as they are found.
  double error_estimate = 0.0;
};

class DesignSimulation {
 public:
  // Throws InputError where the region reaches into a source or a monitor that looks at the media;
  // UnavailableError where it does not fit into memory.
  DesignSimulation(const WaveProblem& problem, const Device& device, Precision precision,
                   int threads);
  DesignSimulation(const DesignSimulation&) = delete;  // the goals look at the problem
  DesignSimulation& operator=(const DesignSimulation&) = delete;

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
  // The march through a pattern, before its first step.
  TimeDomain& march_of(const DensityPattern& pattern, std::span<const double> parameters,
                       double beta);
  void require_clear_of_design() const;

  WaveProblem problem_;                         // without what no goal needs
  std::unique_ptr<WaveSimulation> simulation_;  // whose march goes through one design after another
  std::unique_ptr<DesignGoals> goals_;
  std::unique_ptr<DesignOnGrid> grid_;
  TimeDomainSetup setup_;                 // of the design that was placed last
  PatternSamples samples_;                // of that design, as it was placed
  std::vector<DensityPattern> patterns_;  // one a threshold
  GradientPlan plan_;
  long steps_ = 0;
};

// Marches to the end that the scene asks for.
void march_to_end(const WaveProblem& problem, TimeDomain& march);

}  // namespace wavesmith
