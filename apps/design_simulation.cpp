#include "apps/design_simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "apps/wave_run.hpp"
#include "apps/wave_validate.hpp"
#include "core/error.hpp"
#include "core/units.hpp"
#include "solvers/decay_stop.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

constexpr long steps_at_once = 256;

// Where a goal's number stands: its monitor, the row of its values, and what divides it.
struct GoalPlace {
  const FrequencyMonitor* monitor = nullptr;
  bool per_waveform = true;
  std::size_t row = 0;
  FieldPower power = FieldPower::linear;
  double over = 1.0;  // power [W], or its root for amplitudes
};

GoalPlace find_goal(const WaveProblem& problem, const WaveSimulation& simulation,
                    const GoalPart& goal) {
  GoalPlace place;
  for (std::size_t m = 0; m < problem.monitors.size(); ++m)
    if (problem.monitors[m].name == goal.monitor) {
      place.monitor = simulation.monitors()[m].get();
      place.per_waveform = problem.monitors[m].per_waveform;
    }
  for (const auto& scattering : simulation.scattering())
    if (scattering->name() == goal.monitor) {
      place.monitor = scattering.get();
      place.per_waveform = false;
    }
  const std::vector<MonitorNumber> numbers = place.monitor->numbers();
  std::string known;
  for (place.row = 0; place.row < numbers.size(); ++place.row) {
    if (goal.number.empty() || numbers[place.row].name == goal.number) break;
    known += (known.empty() ? "\"" : ", \"") + numbers[place.row].name + "\"";
  }
  WAVESMITH_VALIDATE(place.row < numbers.size(), goal.place + " asks for the number \"" +
                                                     goal.number + "\" of monitor " + goal.monitor +
                                                     ", which gives " + known);
  place.power = numbers[place.row].power;
  for (const SourcePart& source : problem.sources)
    if (!goal.over.empty() && source.name == goal.over) {
      const bool power = goal.part == "power" || place.power == FieldPower::quadratic;
      place.over = power ? source.power : std::sqrt(source.power);
    }
  return place;
}

// Refuses goals of modes that no guide carries there.
void require_guided(const WaveProblem& problem, const WaveSimulation& simulation,
                    const GoalPart& goal) {
  const std::size_t word = goal.number.find("mode ");
  const int mode = word == std::string::npos ? 1 : std::atoi(goal.number.c_str() + word + 5);
  std::vector<std::size_t> overlaps;
  for (std::size_t m = 0; m < problem.monitors.size(); ++m)
    if (problem.monitors[m].name == goal.monitor) overlaps.push_back(m);
  for (const ScatteringPart& scattering : problem.scattering)
    if (scattering.name == goal.monitor) overlaps = scattering.monitors;
  for (const std::size_t m : overlaps) {
    const auto* overlap = dynamic_cast<const ModeOverlap*>(simulation.monitors()[m].get());
    if (overlap == nullptr || mode < 1 || mode > overlap->mode_count()) continue;
    for (std::size_t f = 0; f < overlap->frequencies().size(); ++f) {
      const double index = overlap->modes()[f][static_cast<std::size_t>(mode - 1)].n_eff.real();
      const double around = overlap->rim_index()[f];
      WAVESMITH_VALIDATE(
          index > around,
          goal.place + fmt::format(" needs mode {} of monitor {}, which is not guided at {}: its "
                                   "effective index is {:.4g}, and {:.4g} lies around the guide; "
                                   "take a mode that is there, a wider guide, or look at where "
                                   "the monitor lies",
                                   mode, overlap->name(),
                                   format_quantity(overlap->frequencies()[f], Dimension::frequency),
                                   index, around));
    }
  }
}

// A goal's number of a monitor's, and the cotangent of the latter per unit of the former.
struct GoalNumber {
  double value = 0.0;
  Complex slope;
};
GoalNumber number_of(const GoalPart& goal, const GoalPlace& place, Complex v) {
  const double unit = 1.0 / place.over;
  if (goal.part == "imaginary") return {unit * v.imag(), Complex(0.0, unit)};
  if (goal.part == "real" || place.power == FieldPower::quadratic) return {unit * v.real(), unit};
  if (goal.part == "power") return {unit * std::norm(v), 2.0 * unit * v};
  const double size = std::abs(v);
  return {unit * size, size > 0.0 ? unit * v / size : Complex()};
}

std::size_t frequency_index(const FrequencyMonitor& monitor, double frequency) {
  const std::vector<double>& known = monitor.frequencies();
  return static_cast<std::size_t>(std::min_element(known.begin(), known.end(),
                                                   [&](double a, double b) {
                                                     return std::abs(a - frequency) <
                                                            std::abs(b - frequency);
                                                   }) -
                                  known.begin());
}

// The monitor's values per unit of the waveform, where it is so divided.
std::vector<Complex> waveform_of(const WaveProblem& problem, const FrequencyMonitor& monitor,
                                 long steps) {
  return waveform_spectrum(problem.sources.front().waveform.value, monitor.frequencies(),
                           problem.setup.dt, steps);
}

double loss_of(const GoalPart& goal, double value) {
  if (goal.sense == GoalPart::Sense::maximize) return -value;
  if (goal.sense == GoalPart::Sense::minimize) return value;
  return (value - goal.target) * (value - goal.target);
}
double loss_slope(const GoalPart& goal, double value) {
  if (goal.sense == GoalPart::Sense::maximize) return -1.0;
  if (goal.sense == GoalPart::Sense::minimize) return 1.0;
  return 2.0 * (value - goal.target);
}

// Losses and weights of all goals at all of their frequencies.
void append_losses(const std::vector<GoalPart>& goals, const GoalValues& values,
                   std::vector<double>& losses, std::vector<double>& weights) {
  for (std::size_t g = 0; g < goals.size(); ++g)
    for (const double value : values[g]) {
      losses.push_back(loss_of(goals[g], value));
      weights.push_back(goals[g].weight / static_cast<double>(values[g].size()));
    }
}

// What the goals need: numbers at frequencies, no pictures, points or metrics.
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
  problem.points.clear();
  problem.snapshots.clear();
  problem.metrics.clear();
  problem.coupled_modes.clear();
  problem.geometry.add(design_block(*problem.design), problem.design->empty);
  return problem;
}

}  // namespace

double combine_losses(std::span<const double> losses, std::span<const double> weights,
                      double sharpness, std::vector<double>& slopes) {
  double all = 0.0;
  for (const double w : weights) all += w;
  slopes.assign(losses.size(), 0.0);
  if (sharpness == 0.0) {
    double sum = 0.0;
    for (std::size_t i = 0; i < losses.size(); ++i) {
      slopes[i] = weights[i] / all;
      sum += slopes[i] * losses[i];
    }
    return sum;
  }
  const double highest = *std::max_element(losses.begin(), losses.end());
  double sum = 0.0;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    slopes[i] = weights[i] / all * std::exp(sharpness * (losses[i] - highest));
    sum += slopes[i];
  }
  for (double& slope : slopes) slope /= sum;
  return highest + std::log(sum) / sharpness;
}

double worst_value(const GoalPart& goal, std::span<const double> values) {
  return *std::max_element(values.begin(), values.end(),
                           [&](double a, double b) { return loss_of(goal, a) < loss_of(goal, b); });
}

GoalValues goal_values(const WaveProblem& problem, const WaveSimulation& simulation,
                       const Spectra& spectra, long steps) {
  GoalValues values;
  for (const GoalPart& goal : problem.design->goals) {
    const GoalPlace place = find_goal(problem, simulation, goal);
    MonitorValues of_monitor = place.monitor->evaluate(spectra);
    if (place.per_waveform)
      of_monitor = divide_by_waveform(of_monitor, place.monitor->numbers(),
                                      waveform_of(problem, *place.monitor, steps));
    values.emplace_back();
    for (const double frequency : goal.frequencies)
      values.back().push_back(
          number_of(goal, place, of_monitor[place.row][frequency_index(*place.monitor, frequency)])
              .value);
  }
  return values;
}

void march_to_end(const WaveProblem& problem, TimeDomain& march) {
  const long last = step_count(problem);
  if (problem.stop.decay == 0.0) {
    march.run(last - march.step());
    return;
  }
  DecayStop decay(decay_rule(problem, last));
  const double dt = march.setup().dt;
  while (march.step() < last && decay.reason() == StopReason::running) {
    march.run(std::min(steps_at_once, last - march.step()));
    decay.add(march.step(), static_cast<double>(march.step()) * dt, field_magnitude(march));
  }
}

DesignSimulation::DesignSimulation(const WaveProblem& problem, const Device& device,
                                   Precision precision, int threads)
    : problem_(for_goals(problem)), steps_(step_count(problem)) {
  const DesignPart& design = *problem_.design;
  simulation_ = std::make_unique<WaveSimulation>(problem_, device, precision, threads);
  Geometry filled = problem.geometry;
  filled.add(design_block(design), design.solid);
  const TimeDomainSetup& setup = simulation_->march().setup();
  if (problem_.equations == Equations::sound)
    grid_ = std::make_unique<DesignOnGrid>(setup, problem_.geometry, filled,
                                           problem_.materials.sound, problem_.reference, threads);
  else
    grid_ = std::make_unique<DesignOnGrid>(setup, problem_.equations, problem_.geometry, filled,
                                           problem_.materials.light, threads);
  const DensityPattern nominal(design.pixels, design.pattern);
  for (const double threshold : design.thresholds)
    patterns_.push_back(nominal.with_threshold(threshold));
  require_clear_of_design();
  for (const GoalPart& goal : design.goals) {
    find_goal(problem_, *simulation_, goal);
    require_guided(problem_, *simulation_, goal);
  }
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

TimeDomainSetup DesignSimulation::setup_of(const DensityPattern& pattern,
                                           std::span<const double> parameters, double beta) const {
  TimeDomainSetup setup = simulation_->march().setup();
  grid_->place(setup, pattern, parameters, beta);
  return setup;
}

std::unique_ptr<TimeDomain> DesignSimulation::marched(const DensityPattern& pattern,
                                                      std::span<const double> parameters,
                                                      double beta) const {
  auto march = std::make_unique<TimeDomain>(setup_of(pattern, parameters, beta));
  march->run(steps_);
  return march;
}

GoalValues DesignSimulation::values_of(const Spectra& spectra) const {
  return goal_values(problem_, *simulation_, spectra, steps_);
}

void DesignSimulation::settle(std::span<const double> parameters, double beta) {
  if (problem_.stop.decay == 0.0) return;
  TimeDomain march(setup_of(patterns_.front(), parameters, beta));
  march_to_end(problem_, march);
  steps_ = march.step();
}

DesignEvaluation DesignSimulation::evaluate(std::span<const double> parameters, double beta) {
  DesignEvaluation found;
  std::vector<double> losses, weights, slopes;
  for (const DensityPattern& pattern : patterns_) {
    found.values.push_back(values_of(spectra_of(*marched(pattern, parameters, beta))));
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
    TimeDomain march(setup_of(pattern, parameters, beta));
    const auto loss = [&](const std::vector<std::vector<Complex>>& spectra) {
      const GoalValues values = values_of(spectra);
      std::vector<double> own_slopes;
      if (ahead) {
        own_slopes = slopes;
      } else {
        std::vector<double> own, own_weights;
        append_losses(design.goals, values, own, own_weights);
        const double combined = combine_losses(own, own_weights, design.worst, own_slopes);
        // The mean over patterns is the mean of their means: all have the same weights.
        const double share = 1.0 / static_cast<double>(patterns_.size());
        for (double& slope : own_slopes) slope *= share;
        found.loss += share * combined;
        found.values.push_back(values);
      }
      Spectra cotangents = zeros_like(spectra);
      std::size_t entry = ahead ? first_slope : 0;
      for (std::size_t g = 0; g < design.goals.size(); ++g) {
        const GoalPart& goal = design.goals[g];
        const GoalPlace place = find_goal(problem_, *simulation_, goal);
        const std::vector<MonitorNumber> numbers = place.monitor->numbers();
        const MonitorValues raw = place.monitor->evaluate(spectra);
        const std::vector<Complex> unit = place.per_waveform
                                              ? waveform_of(problem_, *place.monitor, steps_)
                                              : std::vector<Complex>();
        const MonitorValues seen =
            place.per_waveform ? divide_by_waveform(raw, numbers, unit) : raw;
        MonitorValues cotangent(seen.size());
        for (std::size_t n = 0; n < seen.size(); ++n) cotangent[n].assign(seen[n].size(), 0.0);
        for (const double frequency : goal.frequencies) {
          const std::size_t f = frequency_index(*place.monitor, frequency);
          const GoalNumber number = number_of(goal, place, seen[place.row][f]);
          cotangent[place.row][f] +=
              own_slopes[entry++] * loss_slope(goal, number.value) * number.slope;
        }
        if (place.per_waveform) cotangent = divide_by_waveform_transpose(cotangent, numbers, unit);
        place.monitor->pull_back(spectra, cotangent, cotangents);
      }
      first_slope = entry;
      return cotangents;
    };
    GradientWants wants;
    wants.second_group = problem_.equations == Equations::sound;
    const TimeDomainGradient gradient = march.pull_back(
        steps_, grid_->box(), TimeDomain::SpectrumLoss(loss), problem_.gradient, wants);
    found.error_estimate = std::max(found.error_estimate, gradient.error_estimate);
    plan_ = gradient.plan;
    const std::vector<double> own = grid_->pull_back(pattern, parameters, beta, gradient);
    for (std::size_t i = 0; i < own.size(); ++i) found.gradient[i] += own[i];
  }
  return found;
}

}  // namespace wavesmith
