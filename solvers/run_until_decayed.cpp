#include "solvers/run_until_decayed.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "solvers/stored_energy.hpp"

namespace wavesmith {

DecayStop run_until_decayed(TimeDomain& march, const WaveContext& context, const DecayRule& rule,
                            int every) {
  WAVESMITH_VALIDATE(every >= 1, "the energy is looked at every step or more seldom");
  Vec3 low{}, high{};
  for (int d = 0; d < 3; ++d) {
    low[static_cast<std::size_t>(d)] = context.grid.axis(d).low();
    high[static_cast<std::size_t>(d)] = context.grid.axis(d).high();
  }
  const std::vector<EnergyPart> parts = energy_parts(context, low, high);
  DecayStop stop(rule);
  while (stop.reason() == StopReason::running) {
    march.run(std::clamp<long>(rule.most_steps - march.step(), 1, every));
    stop.add(march.step(), static_cast<double>(march.step()) * context.dt,
             std::sqrt(2.0 * energy_now(march, parts)));
  }
  return stop;
}

}  // namespace wavesmith
