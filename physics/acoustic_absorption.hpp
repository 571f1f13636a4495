// Power-law absorption of sound as a sum of relaxations that a time step can carry.
//
// Target: attenuation alpha(omega) = alpha0 |omega|^y, as measured in tissue and fluids, with the
// speed that causality then asks for (Kramers-Kronig),
//   1 / c(omega) = 1 / c(omega0) + alpha0 tan(pi y / 2) (|omega|^(y-1) - |omega0|^(y-1)),   y != 1,
//   1 / c(omega) = 1 / c(omega0) - (2 / pi) alpha0 ln |omega / omega0|,                      y = 1.
// Model: compressibility kappa(omega) = kappa_inf [1 + sum_l weight_l / (1 - i omega tau_l)], with
// exp(-i omega t) and k^2 = omega^2 rho kappa. For weights >= 0 it is causal and passive at every
// frequency. Weights and times are fitted to attenuation and speed over a band.
//
// Time step, with r_l a memory variable of each relaxation (all at n dt) and K = rho c_inf^2:
//   1. p_new = keep p - divergence (div v) + pole sum_l decay_l r_l
//   2. r_new = b1 r + b2 (p_new + p)
// which is the semi-implicit recursion of a Debye pole (physics/dispersive_medium.hpp); its
// Courant limit is that of speed_inf.
//
// Sources: B. E. Treeby and B. T. Cox, J. Acoust. Soc. Am. 127, 2741 (2010) (target); E. Blanc et
// al., J. Acoust. Soc. Am. 134, 3859 (2013) (relaxations from a diffusive representation, weights
// by least squares). Units: SI, attenuation in Np/m.
#pragma once

#include <complex>
#include <vector>

#include "physics/dispersive_medium.hpp"

namespace wavesmith {

// alpha = alpha0 (f / 1 MHz)^y.
struct PowerLaw {
  double alpha0 = 0.0;  // [dB / (MHz^y cm)]
  double y = 1.0;       // 0 < y < 3
};

// Attenuation at a frequency [Hz > 0]: in Np/m and in dB/cm.
double power_law_attenuation(const PowerLaw& law, double frequency);
double power_law_decibels(const PowerLaw& law, double frequency);

// Phase speed [m/s] at `frequency` where it is `speed` at `reference` [Hz]. Throws InputError where
// the law leaves no positive speed.
double power_law_speed(const PowerLaw& law, double speed, double reference, double frequency);

struct AbsorbingFluid {
  double speed_inf = 0.0;              // unrelaxed [m/s]
  std::vector<DebyePole> relaxations;  // step: weight of the relaxation; time [s]
  double max_error = 0.0;              // of the attenuation over the band, relative
  double max_speed_error = 0.0;        // against power_law_speed, relative

  // k = omega / c + i alpha [1/m] at omega > 0 [rad/s].
  std::complex<double> wavenumber(double omega) const;
  // The same of the recursion above with the spatial derivatives exact: omega of the leapfrog is
  // (2 / dt) sin(omega dt / 2).
  std::complex<double> discrete_wavenumber(double omega, double dt) const;
};

// Relaxations that follow the law from min_frequency to max_frequency [Hz], with the speed `speed`
// [m/s] at `reference` [Hz] inside the band; y at most 2, since relaxations cannot make the speed
// fall with frequency. count: 1 to 8 relaxations; 3 hold a decade to 2 percent.
AbsorbingFluid fit_absorption(const PowerLaw& law, double speed, double reference,
                              double min_frequency, double max_frequency, int count = 3);

struct FluidUpdate {
  double keep = 1.0;
  double divergence = 0.0;  // [Pa s]
  double pole = 0.0;
  std::vector<DebyeUpdate> relaxations;
};

// Coefficients of the step above. density: rho [kg/m^3]; dt [s].
FluidUpdate fluid_update(const AbsorbingFluid& fluid, double density, double dt);

}  // namespace wavesmith
