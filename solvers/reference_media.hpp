// A medium of index n as a mixture of reference media, in each of which waves are propagated
// exactly. Over a slice of thickness d,
//
//   W_m(n) = w_m(Re n) exp(i k0 (n - n_m) d),   sum_m w_m = 1
//
// where w_m is the hat function of the references n_0 < n_1 < ...: 1 at n_m, 0 at its neighbours
// and beyond, linear between; below the lowest and above the highest reference only that one
// counts. Where n is a reference its own propagation is taken as it is; elsewhere the phase at
// normal incidence is right, and obliquely the error is of second order in the references' spacing
// (phase shift plus interpolation: Gazdag and Sguazzero, Geophysics 49, 124, 1984; with one
// reference the split step).
#pragma once

#include <complex>
#include <span>

namespace wavesmith {

// dW = slope dn + real_slope d(Re n).
struct ReferenceWeight {
  std::complex<double> value, slope, real_slope;
};

// references: increasing, real, one at least. k0: 2 pi / wavelength in vacuum [1/m]; slice [m].
// weights: one for each reference, written.
void reference_weights(std::complex<double> index, std::span<const double> references, double k0,
                       double slice, std::span<ReferenceWeight> weights);

}  // namespace wavesmith
