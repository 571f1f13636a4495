// Free space between two parallel planes, as a convolution: its transfer function on a DFT grid.
//
// exp(-i omega t) convention: a wave going towards +z has the phase exp(+i k_z z).
#pragma once

#include <complex>
#include <string>
#include <vector>

#include "core/plane.hpp"

namespace wavesmith {

enum class PropagationMethod {
  automatic,            // chosen by sampling, see solvers/sampling_audit.hpp
  angular_spectrum,     // H = exp(i k_z z), exact
  band_limited,         // the same inside the band of Matsushima and Shimobaba 2009
  rayleigh_sommerfeld,  // DFT of the sampled first Rayleigh-Sommerfeld kernel
  fresnel,              // paraxial transfer function
};
enum class Evanescent { keep, drop };

struct Gap {
  Plane in, out;            // same dx, dy; out.x0 - in.x0 is a lateral shift [m]
  double wavelength = 0.0;  // in the medium between the planes [m]
  double distance = 0.0;    // [m], >= 0
  PropagationMethod method = PropagationMethod::automatic;
  Evanescent evanescent = Evanescent::keep;
  // Length of the DFT grid per axis in units of (in + out) / 2 samples. 2: the linear convolution
  // (n_in + n_out - 1 samples at least, rounded up to a fast length). Ignored when periodic.
  double padding = 2.0;
  // No padding: the planes (which must be the same size) repeat for ever, as in a grating.
  bool periodic = false;
};

struct TransferFunction {
  int nx = 0, ny = 0;                                              // DFT grid
  PropagationMethod method = PropagationMethod::angular_spectrum;  // never automatic
  // Row-major, DFT order, so that out = crop(IDFT(values * DFT(pad(in)))) where both planes are
  // placed with their first sample at index 0 of the grid; the offset of the planes' first samples
  // is inside the values.
  std::vector<std::complex<double>> values;
};

// DFT grid of a gap: {nx, ny}.
struct GridSize {
  int nx, ny;
};
GridSize convolution_grid(const Gap& gap);

// Builds the transfer function in double precision. The phase of k_z z is split as
// k z - k_t^2 z / (k + k_z), whose second part stays right when rounded to float. `method` must not
// be automatic. Throws InputError when the planes do not fit together.
TransferFunction transfer_function(const Gap& gap);

const char* method_name(PropagationMethod method);
PropagationMethod method_from_name(const std::string& name);  // throws InputError listing names

}  // namespace wavesmith
