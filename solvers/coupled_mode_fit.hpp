// A ring between two guides as a network of coupled modes, and its parameters out of curves.
//
// The two modes run around in either direction with amplitudes a [sqrt(J)]; fields go as
// exp(-i omega t). Both have the frequency omega_0, lose energy at the rates kappa_1 and kappa_2
// into the guides and kappa' elsewhere, and scatter into each other by J:
//   da/dt = -i H a - sqrt(kappa) a_in,   H = [omega_0 - i Gamma / 2, J; J, omega_0 - i Gamma / 2],
//   Gamma = kappa_1 + kappa_2 + kappa',  Q = omega_0 / Gamma.
// Light that comes in guide 1 drives one direction. Out of the network, with G = (omega - H)^-1,
//   through    1 - i kappa_1 G_11                   drop    - i sqrt(kappa_1 kappa_2) G_11
//   reflected  - i kappa_1 G_12                     added   - i sqrt(kappa_1 kappa_2) G_12
//   G_11 = D / (D^2 - J^2),  G_12 = J / (D^2 - J^2),  D = omega - omega_0 + i Gamma / 2
// and, measured at planes away from the ring, each times exp(i phase(omega)): one phase for guide 1
// (through, reflected), one for guide 2 (drop, added). Without loss and J all light goes over where
// kappa_1 = kappa_2. H. A. Haus, Waves and Fields in Optoelectronics, chapter 7; W. Suh, Z. Wang
// and S. Fan, IEEE J. Quantum Electron. 40, 1511 (2004); J: M. L. Gorodetsky, A. D. Pryamikov and
// V. S. Ilchenko, J. Opt. Soc. Am. B 17, 1051 (2000).
//
// Assumes one resonance in the band, kappa that does not change within it, J the same for both
// directions (reciprocity, and a device that looks the same from its input and its through port),
// and planes at equal distances before and behind the ring.
#pragma once

#include <complex>
#include <span>
#include <vector>

#include "physics/resonator_network.hpp"

namespace wavesmith {

struct AddDropRing {
  double frequency = 0.0;                 // omega_0 / (2 pi) [Hz]
  double kappa_1 = 0.0, kappa_2 = 0.0;    // of energy, into the guides [1/s]
  double kappa_intrinsic = 0.0;           // kappa' [1/s]
  std::complex<double> backscatter{0.0};  // J [1/s]; its imaginary part is of shared loss

  double total_loss() const { return kappa_1 + kappa_2 + kappa_intrinsic; }  // Gamma [1/s]
  double quality() const;
};

// Amplitude ratios by frequency [Hz]; `reflected` and `added` may be left empty.
struct AddDropCurves {
  std::vector<double> frequencies;
  std::vector<std::complex<double>> through, drop, reflected, added;
};

// Modes "forward" and "backward" with their ports in guide 1 and rates relative to omega_0. A mode
// has one port: what goes into guide 2 counts as intrinsic loss.
ResonatorNetwork add_drop_network(const AddDropRing& ring);

// All four, without the phases of the guides, by solvers/scattering_matrix.hpp. Throws InputError
// where a rate is negative or not finite, and NumericsError where a lossless resonance is hit.
AddDropCurves add_drop_response(const AddDropRing& ring, std::span<const double> frequencies);

struct CoupledModeFitOptions {
  int phase_order = 1;  // of the polynomials in omega: 1 is a delay, 2 its dispersion
};

struct CoupledModeFit {
  AddDropRing ring;
  // Standard errors, field by field, from the scatter of the residual. They are those of random
  // noise: where the network itself is what does not fit, compare fits over different bands.
  AddDropRing error;
  double quality_error = 0.0;
  // Coefficients of (f - ring.frequency)^n [rad / Hz^n].
  std::vector<double> through_phase, drop_phase;
  double residual = 0.0;  // root of the mean of |curve - network|^2 over all curves
  AddDropCurves network;  // with the phases, at the curves' frequencies

  // Of each guide between its planes [s].
  double through_delay() const;
  double drop_delay() const;
};

// Parameters of the network for which the sum of |curve - network|^2 is least (Levenberg-Marquardt
// from several starts). kappa' and the imaginary part of J are free to come out below zero within
// their errors. Without `reflected` and `added` J is what splits the resonance, with real part
// >= 0, and is uncertain where nothing is split. Throws InputError for curves of unequal length,
// fewer than 8 frequencies, ones that do not rise, and values that are not finite; NumericsError
// where no resonance is found inside of the band.
CoupledModeFit fit_coupled_modes(const AddDropCurves& curves,
                                 const CoupledModeFitOptions& options = {});

}  // namespace wavesmith
