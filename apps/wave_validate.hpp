// What a scene of waves in time asks for that cannot be, found before anything of the run's size
// is allocated: places, bands, steps, names.
#pragma once

#include <string>
#include <vector>

#include "apps/wave_problem.hpp"
#include "solvers/frequency_monitor.hpp"

namespace wavesmith {

// Throws InputError with the place in the scene, and adds what is allowed but seldom meant to the
// problem's warnings. The problem is whole but for that.
void validate_wave_problem(const SceneTable& root, WaveProblem& problem);

// Throws InputError where a [[metric]] asks one of these monitors for a number that it does not
// give.
struct NumberNames {
  std::string monitor;
  std::vector<MonitorNumber> numbers;
};
void validate_metric_numbers(const WaveProblem& problem, const std::vector<NumberNames>& known);

// How the shortest wave of the sources' band lies in the grid, of each material in use.
struct WaveResolution {
  int material = 0;
  double cells = 0.0;   // a wavelength
  double length = 0.0;  // of the wave [m]
  bool metal = false;   // no wave there: 2 pi skin depths instead
};
std::vector<WaveResolution> wave_resolutions(const WaveProblem& problem);

// Steps of the run, at most.
long step_count(const WaveProblem& problem);

}  // namespace wavesmith
