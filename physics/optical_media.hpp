// Named optical media for the time-domain Maxwell solver: published fits as poles.
//
// Where a medium is also in physics/material.hpp it has the same name and the same index. Each is
// known over its band only; outside of it asking for its permittivity is an error, though its poles
// are passive and stable everywhere. Transparent media are Sellmeier fits, hence lossless poles
// outside of the band; where one lies so high that it would shorten the time step, or so low that a
// pulse excites it, fit the medium again over the band in use (refit_medium).
#pragma once

#include <string>
#include <vector>

#include "physics/dispersive_medium.hpp"

namespace wavesmith {

std::vector<DispersiveMedium> list_optical_media();

// Throws InputError listing the names when there is no such medium.
DispersiveMedium find_optical_medium(const std::string& name);

// eps at every wavelength.
DispersiveMedium constant_medium(double eps, double conductivity = 0.0);

}  // namespace wavesmith
