// Where the power of a layer goes in a gap, and how much of it each propagation method misplaces.
//
// Geometrical optics in phase space: the input's power per spatial frequency S(u, v), spread evenly
// over its illuminated width, moves sideways by the walk X = z u / w of its frequency. The part of
// the illuminated interval that then overlaps the output window has landed. Each method misplaces:
//
//   angular spectrum      what leaves the DFT window of length L comes back in at X + m L
//   band-limited          waves cut off that should have landed; the wave diffracted by the cut:
//                         a frequency cut at the walk X_c adds |1 / (2 pi (X_c - x))|^2 at x per
//                         unit of S(u_c), summed over the copies at distance L
//   Rayleigh-Sommerfeld   sampled at dx, it also sends waves with u + m / dx; and it has no cut at
//                         Nyquist, where the band-limited field it stands for has one
//   Fresnel               phase error of the paraxial w, and the walk lambda z u
//
// Error power over landed power is the predicted signal-to-noise ratio. It agrees with full
// computations on random-phase layers and on circular apertures within a few dB.
#pragma once

#include "solvers/transfer_function.hpp"

namespace wavesmith {

struct PowerSpectrum {
  // Zero: a random phase in every sample, power even over the band of the samples. Else the (mean)
  // spectrum of a clear disc of this diameter [m].
  double disc = 0.0;
  // Width of the illuminated part of the input plane along each axis [m]; zero: all of it.
  double illuminated = 0.0;
};

// All relative to the power in the input plane.
struct PowerBudget {
  double propagating = 0.0;  // carried by waves that are not evanescent
  double landed = 0.0;       // reaches the output window
  // Error power in the output window of each method.
  double angular_spectrum = 0.0, band_limited = 0.0, rayleigh_sommerfeld = 0.0, fresnel = 0.0;

  double error(PropagationMethod method) const;
  double signal_to_noise(PropagationMethod method) const;  // [dB], at most 150
};

PowerBudget power_budget(const Gap& gap, const PowerSpectrum& spectrum = {});

}  // namespace wavesmith
