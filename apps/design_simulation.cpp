#include "apps/design_simulation.hpp"

#include <algorithm>

#include "apps/wave_run.hpp"
#include "apps/wave_validate.hpp"
#include "core/error.hpp"
#include "solvers/run_until_decayed.hpp"

namespace wavesmith {
namespace {

// What the goals need: no pictures, metrics, or other monitors.
WaveProblem for_goals(WaveProblem problem) {
  std::vector<FrequencyMonitorPart> kept;
  std::vector<std::size_t> number(problem.monitors.size());
  for (std::size_t m = 0; m < problem.monitors.size(); ++m) {
    const FrequencyMonitorPart& part = problem.monitors[m];
    const bool a_goal =
        std::any_of(problem.design->goals.begin(), problem.design->goals.end(),
                    [&](const GoalPart& goal) { return goal.monitor == part.name; });
    const bool a_port = std::any_of(
        problem.scattering.begin(), problem.scattering.end(), [&](const ScatteringPart& s) {
          return std::find(s.monitors.begin(), s.monitors.end(), m) != s.monitors.end();
        });
    if (!a_goal && !a_port) continue;
    number[m] = kept.size();
    kept.push_back(part);
  }
  problem.monitors = std::move(kept);
  for (ScatteringPart& scattering : problem.scattering)
    for (std::size_t& m : scattering.monitors) m = number[m];
  std::erase_if(problem.points, [&](const PointPart& point) {
    return std::none_of(problem.design->goals.begin(), problem.design->goals.end(),
                        [&](const GoalPart& goal) { return goal.point == point.name; });
  });
  problem.snapshots.clear();
  problem.metrics.clear();
  problem.coupled_modes.clear();
  problem.geometry.add(design_block(*problem.design), problem.design->empty);
  return problem;
}

}  // namespace

void march_to_end(const WaveProblem& problem, TimeDomain& march) {
  const long last = step_count(problem);
  if (problem.stop.decay > 0.0)
    run_until_decayed(march, decay_rule(problem, last));
  else
    march.run(last - march.step());
}

DesignSimulation::DesignSimulation(const WaveProblem& problem, const Device& device,
                                   Precision precision, int threads)
    : problem_(for_goals(problem)), steps_(step_count(problem)) {
  const DesignPart& design = *problem_.design;
  simulation_ = std::make_unique<WaveSimulation>(problem_, device, precision, threads);
  Geometry filled = problem.geometry;
  filled.add(design_block(design), design.solid);
  setup_ = simulation_->march().setup();
  if (problem_.equations == Equations::sound)
    grid_ = std::make_unique<DesignOnGrid>(setup_, problem_.geometry, filled,
                                           problem_.materials.sound, problem_.reference, threads);
  else
    grid_ = std::make_unique<DesignOnGrid>(setup_, problem_.equations, problem_.geometry, filled,
                                           problem_.materials.light, threads);
  const DensityPattern nominal(design.pixels, design.pattern);
  for (const double threshold : design.thresholds)
    patterns_.push_back(nominal.with_threshold(threshold));
  require_clear_of_design();
  goals_ = std::make_unique<DesignGoals>(problem_, *simulation_);
  goals_->require_guided();
  plan_ = simulation_->march().plan_gradient(steps_, grid_->box(), problem_.gradient);
}

void DesignSimulation::require_clear_of_design() const {
  const TimeDomainSetup& setup = simulation_->march().setup();
  for (std::size_t m = 0; m < problem_.monitors.size(); ++m) {
    if (!problem_.monitors[m].by_media) continue;
    const std::span<const std::size_t> first = simulation_->first_spectra();
    const std::size_t end = m + 1 < first.size() ? first[m + 1] : setup.monitors.size();
    for (std::size_t s = first[m]; s < end; ++s)
      WAVESMITH_VALIDATE(!overlap(setup.monitors[s].box, grid_->box()),
                         problem_.design->place + " reaches into monitor " +
                             problem_.monitors[m].name +
                             ", whose modes are those of the guide before the design; keep two "
                             "cells between them");
  }
  for (const SourcePart& part : problem_.sources) {
    if (part.kind != "mode" && part.kind != "plane_wave") continue;
    for (const TimeSource& source : part.make(setup, simulation_->context()))
      WAVESMITH_VALIDATE(!overlap(source.box, grid_->box()),
                         problem_.design->place + " reaches into source " + part.name +
                             ", whose profile is that of the media before the design; keep two "
                             "cells between them");
  }
}

void DesignSimulation::set_steps(long steps) {
  steps_ = steps;
}

TimeDomain& DesignSimulation::march_of(const DensityPattern& pattern,
                                       std::span<const double> parameters, double beta) {
  samples_ = grid_->place(setup_, pattern, parameters, beta);
  TimeDomain& march = simulation_->march();
  march.set_medium(setup_.coefficient, setup_.off_diagonal, grid_->weights_of_sources(setup_));
  return march;
}

void DesignSimulation::settle(std::span<const double> parameters, double beta) {
  if (problem_.stop.decay == 0.0) return;
  TimeDomain& march = march_of(patterns_.front(), parameters, beta);
  march_to_end(problem_, march);
  steps_ = march.step();
}

DesignEvaluation DesignSimulation::evaluate(std::span<const double> parameters, double beta) {
  DesignEvaluation found;
  std::vector<double> losses, weights, slopes;
  for (const DensityPattern& pattern : patterns_) {
    TimeDomain& march = march_of(pattern, parameters, beta);
    march.run(steps_);
    found.values.push_back(goals_->look(steps_).values);
    append_losses(problem_.design->goals, found.values.back(), losses, weights);
  }
  found.loss = combine_losses(losses, weights, problem_.design->worst, slopes);
  return found;
}

DesignEvaluation DesignSimulation::evaluate_with_gradient(std::span<const double> parameters,
                                                          double beta) {
  const DesignPart& design = *problem_.design;
  DesignEvaluation found;
  found.gradient.assign(parameters.size(), 0.0);
  // With one pattern, all losses are known when the march is over; with several, the slopes of a
  // smooth maximum need the others' first.
  const bool ahead = patterns_.size() > 1 && design.worst > 0.0;
  std::vector<double> losses, weights, slopes;
  if (ahead) {
    found = evaluate(parameters, beta);
    found.gradient.assign(parameters.size(), 0.0);
    for (const GoalValues& values : found.values)
      append_losses(design.goals, values, losses, weights);
    combine_losses(losses, weights, design.worst, slopes);
  }
  std::size_t first_slope = 0;
  for (const DensityPattern& pattern : patterns_) {
    TimeDomain& march = march_of(pattern, parameters, beta);
    // Looks at what the march has, which is what it hands over.
    const auto loss = [&](const TimeDomainData&) {
      const DesignGoals::Seen seen = goals_->look(steps_);
      std::vector<double> own, own_weights, own_slopes;
      append_losses(design.goals, seen.values, own, own_weights);
      if (ahead) {
        const auto begin = slopes.begin() + static_cast<std::ptrdiff_t>(first_slope);
        own_slopes.assign(begin, begin + static_cast<std::ptrdiff_t>(own.size()));
      } else {
        const double combined = combine_losses(own, own_weights, design.worst, own_slopes);
        // The mean over patterns is the mean of their means: all have the same weights.
        const double share = 1.0 / static_cast<double>(patterns_.size());
        for (double& slope : own_slopes) slope *= share;
        found.loss += share * combined;
        found.values.push_back(seen.values);
      }
      first_slope += own.size();
      found.error_estimate = std::max(found.error_estimate, seen.error_estimate);
      return goals_->pull_back(seen, own_slopes);
    };
    GradientWants wants;
    wants.second_group = problem_.equations == Equations::sound;
    const TimeDomainGradient gradient =
        march.pull_back(steps_, grid_->box(), TimeDomain::Loss(loss), problem_.gradient, wants);
    found.error_estimate = std::max(found.error_estimate, gradient.error_estimate);
    plan_ = gradient.plan;
    const std::vector<double> own = grid_->pull_back(pattern, parameters, beta, samples_, gradient);
    for (std::size_t i = 0; i < own.size(); ++i) found.gradient[i] += own[i];
  }
  return found;
}

}  // namespace wavesmith
