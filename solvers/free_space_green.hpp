// The outgoing Green's function of the Helmholtz equation and its radial derivatives.
//
//   (laplace + k^2) G = -delta,  exp(-i omega t):  3D exp(ikr) / (4 pi r),  2D (i/4) H0^(1)(kr)
// Far away G = far_factor * exp(ikr) / r^((d-1)/2) * exp(-ik direction . source).
#pragma once

#include <cmath>
#include <complex>

#include "core/units.hpp"

namespace wavesmith {

enum class SpaceDimension { two, three };

struct RadialGreen {
  std::complex<double> value;   // G
  std::complex<double> first;   // dG/dr
  std::complex<double> second;  // d2G/dr2
};

inline RadialGreen green_in_space(double wavenumber, double r) {
  const std::complex<double> ik(0.0, wavenumber);
  const std::complex<double> value = std::polar(1.0 / (4.0 * pi * r), wavenumber * r);
  const std::complex<double> slope = ik - 1.0 / r;
  return {value, slope * value, (slope * slope + 1.0 / (r * r)) * value};
}

inline RadialGreen green_in_plane(double wavenumber, double r) {
  const double x = wavenumber * r;
  const std::complex<double> h0(std::cyl_bessel_j(0.0, x), std::cyl_neumann(0.0, x));
  const std::complex<double> h1(std::cyl_bessel_j(1.0, x), std::cyl_neumann(1.0, x));
  const std::complex<double> factor(0.0, 0.25);
  return {factor * h0, -wavenumber * factor * h1,
          -wavenumber * wavenumber * factor * (h0 - h1 / x)};
}

// At a distance r > 0 [m]; wavenumber in [rad/m].
inline RadialGreen radial_green(SpaceDimension dimension, double wavenumber, double r) {
  return dimension == SpaceDimension::three ? green_in_space(wavenumber, r)
                                            : green_in_plane(wavenumber, r);
}

inline std::complex<double> far_factor(SpaceDimension dimension, double wavenumber) {
  if (dimension == SpaceDimension::three) return 1.0 / (4.0 * pi);
  return std::polar(1.0 / std::sqrt(8.0 * pi * wavenumber), 0.25 * pi);
}

}  // namespace wavesmith
