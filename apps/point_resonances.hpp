// Resonances at a [[monitor]] of kind "point": what rings on there after the sources have ended, by
// harmonic inversion (solvers/harmonic_inversion.hpp), and the derivative of that.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "apps/wave_problem.hpp"
#include "solvers/harmonic_inversion.hpp"
#include "solvers/time_domain.hpp"

namespace wavesmith {

// By rising frequency; amplitudes in the field's unit, at the first sample after the sources.
// `monitor`: the point's TimeMonitor of the march, which has marched to its end. Throws InputError
// where the run ended with its sources.
std::vector<Resonance> resonances_at(const WaveProblem& problem, const PointPart& point,
                                     const TimeDomain& march, int monitor);

// Adds to `record_cotangents`, one number a record of the monitor, the derivative of a loss by each
// record, for a cotangent of each term of `found`, which is what resonances_at gave.
void pull_back_resonances_at(const WaveProblem& problem, const PointPart& point,
                             const TimeDomain& march, int monitor, std::span<const Resonance> found,
                             std::span<const ResonanceCotangent> cotangents,
                             std::span<double> record_cotangents);

// The place among `resonances`, of which there is one at least, of the one nearest to a frequency.
std::size_t nearest_resonance(std::span<const Resonance> resonances, double frequency);

// "frequency" [Hz], "quality" or "amplitude" of one, and the cotangent of that number.
struct ResonanceNumber {
  double value = 0.0;
  ResonanceCotangent slope;
};
ResonanceNumber resonance_number(const Resonance& resonance, const std::string& number);

}  // namespace wavesmith
