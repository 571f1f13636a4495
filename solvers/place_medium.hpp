// Dispersive media on the grid of the time march.
#pragma once

#include "physics/dispersive_medium.hpp"
#include "solvers/time_domain.hpp"

namespace wavesmith {

// Makes the points of a box, of every electric component, a medium: coefficient, decay and poles
// for the setup's dt. Maxwell in three dimensions, or Ez as the scalar of TM and of one dimension;
// SI units, speed that of vacuum. Throws InputError where the medium is not valid or not stable on
// the setup's grid, where the box leaves the grid, or where poles are there already.
void place_medium(TimeDomainSetup& setup, const GridBox& box, const DispersiveMedium& medium);

}  // namespace wavesmith
