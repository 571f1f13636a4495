// Dispersive media on the grid of the time march.
#pragma once

#include "physics/dispersive_medium.hpp"
#include "solvers/time_domain.hpp"

namespace wavesmith {

// Makes the points of a box, of every electric component, a medium: coefficient, decay, poles and
// nonlinearity for the setup's dt. In three dimensions the nonlinear polarisation of a component is
// that of the component by itself, chi2 E_c^2 + chi3 E_c^3: right for fields polarised along one
// axis. Maxwell in three dimensions, or Ez as the scalar of TM and of one dimension;
// SI units, speed that of vacuum. Throws InputError where the medium is not valid or not stable on
// the setup's grid, where the box leaves the grid, or where poles or nonlinear media are there
// already.
void place_medium(TimeDomainSetup& setup, const GridBox& box, const DispersiveMedium& medium);

// What the placing of any medium begins with: the points of a setup's march, a value at those of a
// box (others: what they were, 1 where nothing was), and the errors above.
LeapfrogSize stored_size(const TimeDomainSetup& setup);
void set_points(std::vector<double>& values, const GridBox& box, const LeapfrogSize& size,
                double value);
void validate_new_medium(const TimeDomainSetup& setup, const LeapfrogSize& size, const GridBox& box,
                         const std::string& name);

}  // namespace wavesmith
