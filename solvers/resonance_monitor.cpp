#include "solvers/resonance_monitor.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.hpp"

namespace wavesmith {

ResonanceMonitor::ResonanceMonitor(TimeDomainSetup& setup, const WaveContext& context,
                                   std::string name, const std::string& field, const Vec3& position,
                                   const ResonanceBand& band)
    : name_(std::move(name)),
      field_(find_field(context.equations, field, context.impedance)),
      band_(band) {
  WAVESMITH_VALIDATE(band.low > 0.0 && band.high > band.low && band.high * setup.dt < 0.5,
                     "monitor " + name_ + ": the band from " + std::to_string(band.low / 1e12) +
                         " to " + std::to_string(band.high / 1e12) +
                         " THz must be positive, rise, and have two steps in a period");
  const std::array<int, 3> at = nearest_point(context, field_, position);
  position_ = point_position(context, field_, at);
  TimeMonitor monitor;
  monitor.component = field_.component;
  monitor.box = {at, {at[0] + 1, at[1] + 1, at[2] + 1}};
  monitor.every = std::max(1, static_cast<int>(std::min(1e6, 0.125 / (band.high * setup.dt))));
  monitor_ = static_cast<int>(setup.time_monitors.size());
  setup.time_monitors.push_back(monitor);
}

std::vector<Resonance> ResonanceMonitor::find(const TimeDomain& march, double sources_end,
                                              const HarmonicOptions& options) const {
  const std::vector<double> times = march.record_times(monitor_);
  const std::span<const double> record = march.record(monitor_);
  const auto after = std::upper_bound(times.begin(), times.end(), sources_end);
  const std::size_t first = static_cast<std::size_t>(after - times.begin());
  WAVESMITH_VALIDATE(record.size() >= first + 8,
                     "monitor " + name_ + ": " + std::to_string(record.size() - first) +
                         " samples after the end of the sources are too few to find resonances "
                         "in; run on for longer");
  const double step = (times.back() - times.front()) / static_cast<double>(times.size() - 1);
  std::vector<double> ringing(record.begin() + static_cast<std::ptrdiff_t>(first), record.end());
  for (double& value : ringing) value *= field_.factor;
  return find_resonances(ringing, step, band_.low, band_.high, options);
}

}  // namespace wavesmith
