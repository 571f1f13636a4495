#include "solvers/decimation.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.hpp"

namespace wavesmith {

double alias_bound(const std::function<double(double frequency)>& magnitude,
                   std::span<const double> frequencies, double dt, int every, double headroom) {
  double worst = 0.0;
  for (const double f : frequencies) {
    const double own = magnitude(f);
    WAVESMITH_VALIDATE(own > 0.0, "the source holds nothing of " + std::to_string(f / 1e12) +
                                      " THz, at which a monitor records; choose a frequency inside "
                                      "of its band");
    double sum = 0.0;
    for (int m = 1; m < every; ++m) {
      // In turns a step, between -1/2 and 1/2.
      const double turns = f * dt + static_cast<double>(m) / every;
      sum += magnitude(std::abs(turns - std::round(turns)) / dt);
    }
    worst = std::max(worst, headroom * sum / own);
  }
  return worst;
}

Decimation choose_decimation(const std::function<double(double frequency)>& magnitude,
                             std::span<const double> frequencies, double dt, double tolerance,
                             double headroom) {
  WAVESMITH_VALIDATE(
      !frequencies.empty() && std::isfinite(dt) && dt > 0.0 && tolerance > 0.0 && headroom > 0.0,
      "decimation needs frequencies, and a time step, tolerance and headroom above "
      "0");
  double highest = 0.0;
  for (const double f : frequencies) {
    WAVESMITH_VALIDATE(f > 0.0 && f * dt < 0.5,
                       "a monitor's frequency of " + std::to_string(f / 1e12) +
                           " THz is not between 0 and half the march's rate, " +
                           std::to_string(0.5e-12 / dt) + " THz");
    highest = std::max(highest, f);
  }
  int every = static_cast<int>(std::min(std::ceil(0.5 / (highest * dt)) - 1.0, 4096.0));
  for (; every > 1; --every) {
    const double alias = alias_bound(magnitude, frequencies, dt, every, headroom);
    if (alias <= tolerance) return {every, alias};
  }
  return {1, alias_bound(magnitude, frequencies, dt, 1, headroom)};
}

}  // namespace wavesmith
