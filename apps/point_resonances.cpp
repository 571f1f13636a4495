#include "apps/point_resonances.hpp"

#include <algorithm>
#include <cmath>

#include "apps/wave_run.hpp"
#include "core/error.hpp"

namespace wavesmith {
namespace {

constexpr std::size_t fewest_samples = 64;

HarmonicOptions options_of(const PointPart& point) {
  HarmonicOptions options;
  options.least_amplitude = point.least;
  return options;
}

struct Ringing {
  std::size_t first = 0;       // of the record
  std::vector<double> values;  // from there on, in the field's unit
  double factor = 1.0;         // a value over what is recorded
};

Ringing ringing_at(const WaveProblem& problem, const PointPart& point, const TimeDomain& march,
                   int monitor) {
  Ringing ringing;
  ringing.factor = find_field(problem.equations, point.field, problem.impedance()).factor;
  const std::vector<double> times = march.record_times(monitor);
  const auto after = std::upper_bound(times.begin(), times.end(), end_of_sources(problem));
  ringing.first = static_cast<std::size_t>(after - times.begin());
  WAVESMITH_VALIDATE(times.size() >= ringing.first + fewest_samples,
                     "monitor " + point.name +
                         " has no field to find resonances in: the run ends with its sources; "
                         "raise run.time");
  for (const double value : march.record(monitor).subspan(ringing.first))
    ringing.values.push_back(ringing.factor * value);
  return ringing;
}

}  // namespace

std::vector<Resonance> resonances_at(const WaveProblem& problem, const PointPart& point,
                                     const TimeDomain& march, int monitor) {
  const Ringing ringing = ringing_at(problem, point, march, monitor);
  return find_resonances(ringing.values, march.setup().dt, point.low, point.high,
                         options_of(point));
}

void pull_back_resonances_at(const WaveProblem& problem, const PointPart& point,
                             const TimeDomain& march, int monitor, std::span<const Resonance> found,
                             std::span<const ResonanceCotangent> cotangents,
                             std::span<double> record_cotangents) {
  const Ringing ringing = ringing_at(problem, point, march, monitor);
  std::vector<double> gradient(ringing.values.size());
  pull_back_resonances(ringing.values, march.setup().dt, point.low, point.high, found, cotangents,
                       gradient, options_of(point));
  for (std::size_t i = 0; i < gradient.size(); ++i)
    record_cotangents[ringing.first + i] += ringing.factor * gradient[i];
}

std::size_t nearest_resonance(std::span<const Resonance> resonances, double frequency) {
  const auto nearest = std::min_element(
      resonances.begin(), resonances.end(), [&](const Resonance& a, const Resonance& b) {
        return std::abs(a.frequency - frequency) < std::abs(b.frequency - frequency);
      });
  return static_cast<std::size_t>(nearest - resonances.begin());
}

ResonanceNumber resonance_number(const Resonance& resonance, const std::string& number) {
  ResonanceNumber found;
  if (number == "frequency") {
    found.value = resonance.frequency;
    found.slope.frequency = 1.0;
  } else if (number == "quality") {
    found.value = resonance.quality;
    found.slope.frequency = resonance.quality / resonance.frequency;
    found.slope.decay = -resonance.quality / resonance.decay;
  } else {
    found.value = std::abs(resonance.amplitude);
    found.slope.amplitude = resonance.amplitude / found.value;
  }
  return found;
}

}  // namespace wavesmith
