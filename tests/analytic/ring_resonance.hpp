// Resonances of a dielectric annulus in 2D (E along the axis), leaking by radiation.
//
// exp(-i omega t), c = 1: E_z is J_m inside, J_m and Y_m in the ring, H_m outside (vacuum inside
// and outside); E_z and its slope are continuous at both radii. The complex zero of the 4 x 4
// matching determinant is found by Muller's method. Q = -Re omega / (2 Im omega).
#pragma once

#include <array>
#include <cmath>
#include <numbers>

#include "tests/analytic/bessel.hpp"

namespace wavesmith::analytic {

struct Annulus {
  double index = 1.0, inner = 1.0, outer = 2.0;
};

struct Resonance {
  double frequency = 0.0, q = 0.0;  // Re omega / (2 pi), and the quality factor
};

inline Complex annulus_determinant(const Annulus& ring, std::size_t m, Complex omega) {
  const auto value_and_slope = [m](double index, Complex w, double radius) {
    const CylinderFunctions f = cylinder_functions(m, index * w * radius);
    const auto j = [&](std::size_t n) { return f.j[n]; };
    const auto y = [&](std::size_t n) { return f.y[n]; };
    const Complex k = index * w;
    return std::array<Complex, 4>{j(m), y(m), k * cylinder_slope(j, m), k * cylinder_slope(y, m)};
  };
  const auto core = value_and_slope(1.0, omega, ring.inner);
  const auto low = value_and_slope(ring.index, omega, ring.inner);
  const auto high = value_and_slope(ring.index, omega, ring.outer);
  const auto shell = value_and_slope(1.0, omega, ring.outer);
  // In the ring a J + b Y that continues J of the core; then its mismatch with H outside.
  const Complex a = core[0] * low[3] - core[2] * low[1];
  const Complex b = core[2] * low[0] - core[0] * low[2];
  const Complex value = a * high[0] + b * high[1], slope = a * high[2] + b * high[3];
  const Complex h = shell[0] + imaginary_unit * shell[1];
  const Complex dh = shell[2] + imaginary_unit * shell[3];
  return value * dh - slope * h;
}

// The resonance nearest to a guess of the (complex) frequency omega / (2 pi).
inline Resonance annulus_resonance(const Annulus& ring, std::size_t m, Complex guess) {
  const auto f = [&](Complex frequency) {
    return annulus_determinant(ring, m, 2.0 * std::numbers::pi * frequency);
  };
  Complex x0 = 0.995 * guess, x1 = guess, x2 = 1.005 * guess;
  Complex f0 = f(x0), f1 = f(x1), f2 = f(x2);
  for (int i = 0; i < 60; ++i) {
    const Complex d1 = (f1 - f0) / (x1 - x0), d2 = (f2 - f1) / (x2 - x1);
    const Complex curve = (d2 - d1) / (x2 - x0), slope = d2 + curve * (x2 - x1);
    const Complex root = std::sqrt(slope * slope - 4.0 * f2 * curve);
    const Complex below =
        std::abs(slope + root) > std::abs(slope - root) ? slope + root : slope - root;
    const Complex step = -2.0 * f2 / below;
    x0 = x1, x1 = x2, f0 = f1, f1 = f2;
    x2 += step;
    if (std::abs(step) < 1e-15 * std::abs(x2)) break;
    f2 = f(x2);
    if (f2 == f1) break;
  }
  return {x2.real(), -x2.real() / (2.0 * x2.imag())};
}

}  // namespace wavesmith::analytic
