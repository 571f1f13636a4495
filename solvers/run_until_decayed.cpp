#include "solvers/run_until_decayed.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"

namespace wavesmith {

double field_magnitude(const TimeDomain& march) {
  double sum = 0.0;
  for (int c = 0; c < first_group_size(march.setup().system); ++c)
    for (const double value : march.field(c)) sum += value * value;
  return std::sqrt(sum);
}

DecayStop run_until_decayed(TimeDomain& march, const DecayRule& rule, int every) {
  WAVESMITH_VALIDATE(every >= 1, "the field is looked at every step or more seldom");
  DecayStop stop(rule);
  while (stop.reason() == StopReason::running) {
    march.run(std::clamp<long>(rule.most_steps - march.step(), 1, every));
    stop.add(march.step(), static_cast<double>(march.step()) * march.setup().dt,
             field_magnitude(march));
  }
  return stop;
}

}  // namespace wavesmith
