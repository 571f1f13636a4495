// The goals of a design as numbers of what its monitors record in a march, their transpose, and the
// losses made of them.
#pragma once

#include <complex>
#include <span>
#include <string>
#include <vector>

#include "apps/point_resonances.hpp"
#include "apps/wave_problem.hpp"
#include "apps/wave_simulation.hpp"

namespace wavesmith {

// [goal][frequency]
using GoalValues = std::vector<std::vector<double>>;

// Of the goals of a problem and the monitors of its simulation, which both must outlive it.
class DesignGoals {
 public:
  // Throws InputError where a goal asks for a number that its monitor does not give.
  DesignGoals(const WaveProblem& problem, const WaveSimulation& simulation);

  // Throws InputError where a goal is about a mode that no guide carries there.
  void require_guided() const;

  // What is seen of a march: the numbers of each monitor of a goal, looked at once.
  struct Seen {
    std::vector<std::vector<std::complex<double>>> waveforms;  // [monitor][frequency], or empty
    std::vector<MonitorValues> numbers;                        // per waveform where there is one
    std::vector<std::vector<Resonance>> resonances;            // [point], none where no goal looks
    GoalValues values;
    // How well the resonances of goals are told: the largest error of one against its linewidth.
    double error_estimate = 0.0;
  };
  // After the simulation's march of so many steps. Throws NumericsError where a goal is about a
  // resonance and there is none.
  Seen look(long steps) const;

  // The cotangents of what the march saw, of a loss whose derivative by the loss of each goal at
  // each frequency is slopes, in the order of append_losses.
  TimeDomainData pull_back(const Seen& seen, std::span<const double> slopes) const;

 private:
  struct Watched {
    const FrequencyMonitor* monitor = nullptr;
    bool per_waveform = true;
  };
  // Where a goal's number stands: its monitor, the row of its values, and what divides it; or its
  // point.
  struct GoalPlace {
    std::size_t point = none;
    std::size_t watched = 0, row = 0;
    MonitorNumber number;
    double over = 1.0;  // power [W], or its root for amplitudes
  };
  // A goal's number of a monitor's, and the cotangent of the latter per unit of the former.
  struct GoalNumber {
    double value = 0.0;
    std::complex<double> slope;
  };
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  std::size_t watch(const GoalPart& goal);
  GoalPlace place_of(const GoalPart& goal);
  GoalPlace point_of(const GoalPart& goal) const;
  ResonanceNumber number_of_resonance(const GoalPart& goal, const GoalPlace& place,
                                      const Seen& seen, std::size_t& which) const;
  void require_guided(const GoalPart& goal, int mode) const;
  static GoalNumber number_of(const GoalPart& goal, const GoalPlace& place, std::complex<double> v);

  const WaveProblem& problem_;
  const WaveSimulation& simulation_;
  std::vector<Watched> watched_;   // each monitor of a goal once
  std::vector<GoalPlace> places_;  // of each goal
};

// The number that stands for a goal: of its frequencies the worst one.
double worst_value(const GoalPart& goal, std::span<const double> values);

// Appends losses and weights of all goals at all of their frequencies.
void append_losses(const std::vector<GoalPart>& goals, const GoalValues& values,
                   std::vector<double>& losses, std::vector<double>& weights);

// A smooth maximum of losses, or their weighted mean, and its derivative by each of them
// (`slopes`, as many). sharpness s: log(sum of w exp(s l)) / s with weights of sum 1; 0: the mean.
double combine_losses(std::span<const double> losses, std::span<const double> weights,
                      double sharpness, std::vector<double>& slopes);

}  // namespace wavesmith
