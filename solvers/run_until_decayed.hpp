// Runs a march until its field has decayed (solvers/decay_stop.hpp), by the energy of the whole
// grid.
//
// The magnitude is sqrt(2 energy): where every point's weight is at least `w` no stored field is
// above magnitude / sqrt(2 w), so the tail bounds the loss of every point's spectrum in the same
// way.
#pragma once

#include "solvers/decay_stop.hpp"
#include "solvers/wave_context.hpp"

namespace wavesmith {

// Looks at the energy every `every` steps, which costs about as much as a few steps. `context`: of
// the march's setup, with the coefficients. Throws as TimeDomain::run does.
DecayStop run_until_decayed(TimeDomain& march, const WaveContext& context, const DecayRule& rule,
                            int every = 128);

}  // namespace wavesmith
