// A medium with few poles from samples of its permittivity over a band.
//
// Starting points by vector fitting (B. Gustavsen and A. Semlyen, IEEE Trans. Power Delivery 14,
// 1052 (1999)), then least squares over resonances and dampings with the strengths and eps_inf
// solved for, non-negative, inside (variable projection). Poles are Lorentz poles (Drude where the
// resonance is 0), so the fit is stable and passive at every frequency, not in the band only.
//
// Use: media that are known as tables; and Sellmeier media whose resonances lie so high that they
// would shorten the time step, fitted again with `max_resonance` below 2 / dt.
#pragma once

#include <complex>
#include <limits>
#include <span>

#include "physics/dispersive_medium.hpp"

namespace wavesmith {

struct MediumFitOptions {
  int poles = 2;               // 0 gives a constant permittivity
  double min_eps_inf = 1.0;    // > 0
  double min_resonance = 0.0;  // [rad/s]; above 0 keeps Drude poles out of an insulator
  double max_resonance = std::numeric_limits<double>::infinity();  // [rad/s]
};

struct MediumFit {
  DispersiveMedium
      medium;              // band: that of the samples; name, sentence, citation left to the caller
  double rms_error = 0.0;  // of eps, relative to |eps| of each sample
  double max_error = 0.0;
};

// omega [rad/s] > 0, rising, at least max(2, 2 poles) of them; eps with Im >= 0 (passive), as many.
// Throws InputError naming the sample otherwise.
MediumFit fit_medium(std::span<const double> omega, std::span<const std::complex<double>> eps,
                     const MediumFitOptions& options = {});

// `medium` fitted again over [min_wavelength, max_wavelength] (in vacuum [m], inside its band) from
// `samples` values of it; name, sentence and citation are kept.
MediumFit refit_medium(const DispersiveMedium& medium, double min_wavelength, double max_wavelength,
                       const MediumFitOptions& options = {}, int samples = 61);

}  // namespace wavesmith
