// Media of the time-domain Maxwell solver: permittivity, conductivity and poles, how they are
// stepped, and what the steps mean exactly.
//
// With exp(-i omega t) the relative permittivity is
//   eps(omega) = eps_inf + i sigma / (eps0 omega)
//              + sum_L strength / (w0^2 - omega^2 - i gamma omega)     Lorentz; Drude where w0 = 0
//              + sum_D step / (1 - i omega tau)                        Debye
// that is, with p = P / eps0 [V/m] for each pole,
//   p'' + gamma p' + w0^2 p = strength E    and    tau p' + p = step E.
// Every coefficient must be zero or positive. Then each pole is passive at every frequency, and so
// is its recursion below; a negative strength would amplify somewhere, outside of the band too,
// where rounding then grows, so it is refused.
//
// One time step, in this order, with E and p at n dt and H at (n + 1/2) dt:
//   1. Lorentz poles, explicit (central differences at n):
//        p_new = a1 p + a2 p_old + a3 E
//   2. field (eps_inf, conductivity and Debye poles by averages over the step, resolved for E_new):
//        E_new = keep E + curl (curl H) - pole [ sum_L (p_new - p) - sum_D decay p ]
//   3. Debye poles:
//        p_new = b1 p + b2 (E_new + E)            with decay = 1 - b1
// A Lorentz pole stores p and p_old, a Debye pole p alone. In 2., curl H is in A/m^2.
//
// Instantaneous nonlinearity: eps_inf E becomes eps_inf E + chi2 E^2 + chi3 |E|^2 E, E real (no
// factors of frequency mixing: n2 = 3 chi3 / (4 n^2 eps0 c)).
//
// Sources: A. Taflove and S. Hagness, Computational Electrodynamics, chapter 9 (auxiliary
// differential equations); P. G. Petropoulos, IEEE Trans. Antennas Propag. 42, 62 (1994) (discrete
// dispersion). Units: SI.
#pragma once

#include <complex>
#include <limits>
#include <string>
#include <vector>

#include "physics/vacuum.hpp"

namespace wavesmith {

struct LorentzPole {
  double resonance = 0.0;  // w0 [rad/s]; 0 makes it a Drude pole
  double damping = 0.0;    // gamma [rad/s]
  double strength = 0.0;   // [rad^2/s^2]: (static change) w0^2, or the plasma frequency squared
};

struct DebyePole {
  double step = 0.0;  // static minus unrelaxed permittivity
  double time = 0.0;  // tau [s]
};

struct DispersiveMedium {
  std::string name = "medium";
  std::string sentence;         // for people: "Gold"
  std::string citation;         // whose numbers
  double min_wavelength = 0.0;  // of the fit, in vacuum [m]
  double max_wavelength = std::numeric_limits<double>::infinity();
  double eps_inf = 1.0;
  double conductivity = 0.0;  // [S/m]
  std::vector<LorentzPole> lorentz;
  std::vector<DebyePole> debye;
  double chi2 = 0.0;  // [m/V]
  double chi3 = 0.0;  // [m^2/V^2]

  // Relative permittivity of the poles at any omega > 0 [rad/s], in the band or not.
  std::complex<double> permittivity(double omega) const;

  // The same at a wavelength in vacuum [m]. Throws InputError outside the band, naming it.
  std::complex<double> permittivity_at(double wavelength) const;

  // n + i kappa = sqrt(permittivity_at), kappa >= 0.
  std::complex<double> index(double wavelength) const;
};

// Throws InputError where a number is not finite, negative, or eps_inf or a Debye time is not
// positive.
void validate_medium(const DispersiveMedium& medium);

// Throws InputError unless the medium is known from min_wavelength to max_wavelength (in vacuum
// [m]), for instance over the band of a source.
void validate_band(const DispersiveMedium& medium, double min_wavelength, double max_wavelength);

// Third-order susceptibility [m^2/V^2] of a medium with index n and Kerr index n2 [m^2/W], defined
// by n + n2 (intensity) for one wave.
double kerr_susceptibility(double n, double n2);

struct LorentzUpdate {
  double a1 = 0.0, a2 = 0.0;
  double a3 = 0.0;
};

struct DebyeUpdate {
  double b1 = 0.0, b2 = 0.0;
  double decay = 0.0;  // 1 - b1
};

struct MediumUpdate {
  double keep = 1.0;
  double curl = 0.0;  // [ohm m]: dt / (eps0 (eps_inf + ...))
  double pole = 0.0;
  std::vector<LorentzUpdate> lorentz;  // in the order of the medium's poles
  std::vector<DebyeUpdate> debye;
};

LorentzUpdate lorentz_update(const LorentzPole& pole, double dt);
DebyeUpdate debye_update(const DebyePole& pole, double dt);

// Coefficients of the three steps above. dt [s] > 0. Validates the medium, not the time step.
MediumUpdate medium_update(const DispersiveMedium& medium, double dt);

// The permittivity that the recursion has for fields exp(-i omega n dt): exactly, E of the
// recursion obeys eps_dt (E_new - E) / dt = curl H / eps0. 0 < omega dt < pi.
std::complex<double> discrete_permittivity(const DispersiveMedium& medium, double omega, double dt);

// Largest stable time step [s] of the leapfrog scheme in this medium, and in any mixture of media
// that each allow it (von Neumann). inverse_spacing_squared: sum over the directions in use of
// 1 / (smallest spacing)^2 [1/m^2]; permeability: relative. With X = 4 / dt^2 a step is stable when
// X > w0^2 for every pole and X (eps_inf - sum_L strength / (X - w0^2)) >= 4 c^2
// inverse_spacing_squared / permeability: damping, conductivity and Debye poles do not enter, for a
// passive recursion can lose its stability at the sampling frequency only (exp(-i omega dt) = -1).
double largest_time_step(const DispersiveMedium& medium, double inverse_spacing_squared,
                         double permeability = 1.0);

// Throws InputError naming the medium, its limit and what to do when dt is not stable.
void validate_time_step(const DispersiveMedium& medium, double dt, double inverse_spacing_squared,
                        double permeability = 1.0);

}  // namespace wavesmith
