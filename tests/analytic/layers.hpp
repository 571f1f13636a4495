// Plane waves at flat interfaces: Fresnel coefficients and stacks of layers.
//
// exp(-i omega t), indices n + i kappa. Amplitudes are those of the tangential E field: of E itself
// for s, and of E along the interface for p, so that at normal incidence both are the same.
// M. Born and E. Wolf, Principles of Optics, section 1.6 (characteristic matrix).
#pragma once

#include <cmath>
#include <vector>

#include "tests/analytic/bessel.hpp"

namespace wavesmith::analytic {

enum class Polarization { s, p };

struct Interface {
  Complex r, t;         // amplitudes
  double R = 0, T = 0;  // powers; T + R = 1 where both media are lossless
};

struct Layer {
  Complex index;
  double thickness;  // in the unit of the wavelength
};

// Cosine of the angle in a medium of index n where the tangential index (n sin) is `tangential`,
// on the branch that decays or carries power forward.
inline Complex layer_cosine(Complex n, Complex tangential) {
  Complex normal = std::sqrt(n * n - tangential * tangential);
  if (normal.imag() < 0.0 || (normal.imag() == 0.0 && normal.real() < 0.0)) normal = -normal;
  return normal / n;
}

// H over E, tangential, of a forward wave in units of the vacuum admittance.
inline Complex layer_admittance(Complex n, Complex tangential, Polarization polarization) {
  const Complex cosine = layer_cosine(n, tangential);
  return polarization == Polarization::s ? n * cosine : n / cosine;
}

// From `from` (real index) through `layers` to `to`. angle in the first medium [rad]; wavelength in
// vacuum.
inline Interface stack(double from, const std::vector<Layer>& layers, Complex to, double wavelength,
                       double angle, Polarization polarization) {
  const Complex tangential = from * std::sin(angle);
  const Complex first = layer_admittance(from, tangential, polarization);
  const Complex last = layer_admittance(to, tangential, polarization);
  // Tangential E and H, from behind the last interface to before the first.
  Complex e = 1.0, h = last;
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    const Complex admittance = layer_admittance(layer->index, tangential, polarization);
    const Complex phase = 2.0 * std::numbers::pi / wavelength * layer->index *
                          layer_cosine(layer->index, tangential) * layer->thickness;
    const Complex c = std::cos(phase), s = imaginary_unit * std::sin(phase);
    const Complex before = c * e - s / admittance * h;
    h = c * h - s * admittance * e;
    e = before;
  }
  Interface result;
  result.t = 2.0 * first / (first * e + h);
  result.r = (first * e - h) / (first * e + h);
  result.R = std::norm(result.r);
  result.T = last.real() / first.real() * std::norm(result.t);
  return result;
}

inline Interface fresnel(double from, Complex to, double angle, Polarization polarization) {
  return stack(from, {}, to, 1.0, angle, polarization);
}

}  // namespace wavesmith::analytic
