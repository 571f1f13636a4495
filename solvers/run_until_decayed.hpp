// Runs a march until its field has decayed (solvers/decay_stop.hpp).
//
// The magnitude is the square root of the sum of squares of the first group, E or the pressure: no
// stored number of it is above the magnitude, so the tail bounds the loss of every point's spectrum
// in the same way.
#pragma once

#include "solvers/decay_stop.hpp"
#include "solvers/time_domain.hpp"

namespace wavesmith {

// What a DecayStop hears of a march [units of the first group].
double field_magnitude(const TimeDomain& march);

// Looks at the field every `every` steps, which costs about as much as a few steps. Throws as
// TimeDomain::run does.
DecayStop run_until_decayed(TimeDomain& march, const DecayRule& rule, int every = 256);

}  // namespace wavesmith
