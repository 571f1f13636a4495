// Fields of simple sources in free space, and modes of boxes, in the continuum.
//
// exp(-i omega t). Green's functions solve (laplacian + k^2) G = -delta. SI units.
// J. D. Jackson, Classical Electrodynamics, section 9.2; A. D. Pierce, Acoustics, section 5.7.
#pragma once

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "tests/analytic/bessel.hpp"
#include "tests/analytic/mie_sphere.hpp"

namespace wavesmith::analytic {

// i / (2 k) exp(i k |x|)
inline Complex green_1d(Complex k, double x) {
  return imaginary_unit / (2.0 * k) * std::exp(imaginary_unit * k * std::abs(x));
}

// i / 4 H_0(k r)
inline Complex green_2d(Complex k, double r) {
  return 0.25 * imaginary_unit * cylinder_functions(0, k * r).h(0);
}

// exp(i k r) / (4 pi r)
inline Complex green_3d(Complex k, double r) {
  return std::exp(imaginary_unit * k * r) / (4.0 * std::numbers::pi * r);
}

struct DipoleField {
  Vector e, h;  // [V/m], [A/m]
};

// Electric dipole p [C m] in vacuum at the origin, all orders of distance; a current element I l is
// p = i I l / omega.
inline DipoleField dipole_field(const Vector& p, double omega, const std::array<double, 3>& at) {
  constexpr double c = 299792458.0, eps0 = 8.8541878128e-12;
  const double k = omega / c, r = std::hypot(at[0], at[1], at[2]);
  const std::array<double, 3> n = {at[0] / r, at[1] / r, at[2] / r};
  const Complex along = n[0] * p[0] + n[1] * p[1] + n[2] * p[2];
  const Complex green = green_3d(k, r);
  const Complex near = (1.0 / (r * r) - imaginary_unit * k / r);
  DipoleField field;
  for (std::size_t i = 0; i < 3; ++i) {
    field.e[i] =
        green / eps0 * (k * k * (p[i] - n[i] * along) + near * (3.0 * n[i] * along - p[i]));
    const std::size_t j = (i + 1) % 3, l = (i + 2) % 3;
    field.h[i] =
        c * k * k * green * (1.0 - 1.0 / (imaginary_unit * k * r)) * (n[j] * p[l] - n[l] * p[j]);
  }
  return field;
}

// E [V/m] of a line current I [A] along the axis in vacuum: i omega mu0 I G.
inline Complex line_current_field(double current, double omega, double r) {
  constexpr double c = 299792458.0, eps0 = 8.8541878128e-12;
  return imaginary_unit * omega / (eps0 * c * c) * current * green_2d(omega / c, r);
}

// |p| / (rho c v) on the axis of a baffled piston of radius a at distance x, wavenumber k.
inline double piston_on_axis(double k, double a, double x) {
  return 2.0 * std::abs(std::sin(0.5 * k * (std::hypot(x, a) - x)));
}

// The last maximum of that: where the path difference is half a wavelength.
inline double piston_last_maximum(double wavelength, double a) {
  return a * a / wavelength - 0.25 * wavelength;
}

// Frequency [Hz] of mode (p, q, ...) of a box with sides [m]; rigid walls, or soft ones, or
// perfectly conducting ones.
inline double box_frequency(const std::vector<int>& mode, const std::vector<double>& sides,
                            double speed) {
  double sum = 0.0;
  for (std::size_t i = 0; i < mode.size(); ++i) sum += std::pow(mode[i] / sides[i], 2);
  return 0.5 * speed * std::sqrt(sum);
}

// Pressure reflection at normal incidence from impedance z1 (density times speed) to z2.
inline double impedance_reflection(double z1, double z2) {
  return (z2 - z1) / (z2 + z1);
}

}  // namespace wavesmith::analytic
