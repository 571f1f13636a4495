// Scattering of a plane wave by a circular cylinder (2D) or a sphere (3D) where one scalar field
// obeys Helmholtz's equation inside and outside: sound; light on a cylinder.
//
// exp(-i omega t). Incident exp(i k0 x), angle from the +x axis. Across the boundary r = a
//   penetrable: u and q du/dr are continuous     soft: u = 0     rigid: du/dr = 0
// with q = 1 / density for the pressure, 1 (non-magnetic) for E along the cylinder (TM), 1 / eps
// for H along it (TE). Outside u = incident + sum s_n h_n, inside u = sum c_n j_n.
//
// P. M. Morse and K. U. Ingard, Theoretical Acoustics, chapter 8; C. F. Bohren and D. R. Huffman,
// Absorption and Scattering of Light by Small Particles, chapter 8. Lengths in any one unit.
#pragma once

#include <cmath>
#include <numbers>
#include <vector>

#include "tests/analytic/bessel.hpp"

namespace wavesmith::analytic {

enum class Boundary { penetrable, soft, rigid };

struct ScalarScatterer {
  int dimensions = 2;   // 2 a cylinder, 3 a sphere
  double radius = 1.0;  // a
  double k0 = 1.0;      // wavenumber outside
  Boundary boundary = Boundary::penetrable;
  Complex k1 = 1.0;  // wavenumber inside
  Complex q = 1.0;   // q inside / q outside
};

class ScalarScattering {
 public:
  explicit ScalarScattering(const ScalarScatterer& scatterer) : s_(scatterer) {
    const double x = s_.k0 * s_.radius;
    const auto orders = static_cast<std::size_t>(x + 4.05 * std::cbrt(x) + 12.0);
    const Radial out = radial(orders, x), in = radial(orders, s_.k1 * s_.radius);
    for (std::size_t n = 0; n < orders; ++n) {
      const Complex weight = incident_weight(n);
      Complex scattered, internal = 0.0;
      if (s_.boundary == Boundary::soft) {
        scattered = -out.j[n] / out.h[n];
      } else if (s_.boundary == Boundary::rigid) {
        scattered = -out.j_slope[n] / out.h_slope[n];
      } else {
        // u: j + s h = c J; slope: k0 (j' + s h') = q k1 c J'.
        const Complex stiff = s_.q * s_.k1 / s_.k0 * in.j_slope[n];
        const Complex determinant = out.h_slope[n] * in.j[n] - out.h[n] * stiff;
        scattered = (out.j[n] * stiff - out.j_slope[n] * in.j[n]) / determinant;
        internal = (out.j[n] * out.h_slope[n] - out.h[n] * out.j_slope[n]) / determinant;
      }
      ratios_.push_back(scattered);
      scattered_.push_back(weight * scattered);
      internal_.push_back(weight * internal);
    }
  }

  // Scattering and extinction widths over 2 a, or cross-sections over pi a^2.
  double scattering_efficiency() const {
    double sum = 0.0;
    for (std::size_t n = 0; n < ratios_.size(); ++n) sum += multiplicity(n) * std::norm(ratios_[n]);
    return efficiency_factor() * sum;
  }
  double extinction_efficiency() const {
    double sum = 0.0;
    for (std::size_t n = 0; n < ratios_.size(); ++n) sum -= multiplicity(n) * ratios_[n].real();
    return efficiency_factor() * sum;
  }

  // Scattered field (outside) or internal field (inside; 0 in soft and rigid bodies).
  Complex scattered(double r, double angle) const {
    const Radial values = radial(ratios_.size(), s_.k0 * r);
    return sum(scattered_, values.h, angle);
  }
  Complex internal(double r, double angle) const {
    const Radial values = radial(ratios_.size(), s_.k1 * r, false);
    return sum(internal_, values.j, angle);
  }
  // Total field anywhere.
  Complex total(double r, double angle) const {
    if (r < s_.radius)
      return s_.boundary == Boundary::penetrable ? internal(r, angle) : Complex(0.0);
    return std::exp(imaginary_unit * s_.k0 * r * std::cos(angle)) + scattered(r, angle);
  }

 private:
  struct Radial {
    std::vector<Complex> j, h, j_slope, h_slope;
  };

  Radial radial(std::size_t orders, Complex z, bool outgoing = true) const {
    Radial values;
    if (z == 0.0) {
      values.j.assign(orders + 1, 0.0);
      values.j[0] = 1.0;
      return values;
    }
    if (s_.dimensions == 2) {
      const CylinderFunctions f = cylinder_functions(orders, z);
      const auto j = [&](std::size_t n) { return f.j[n]; };
      const auto h = [&](std::size_t n) { return f.h(n); };
      for (std::size_t n = 0; n < orders; ++n) {
        values.j.push_back(j(n));
        values.j_slope.push_back(cylinder_slope(j, n));
        if (!outgoing) continue;
        values.h.push_back(h(n));
        values.h_slope.push_back(cylinder_slope(h, n));
      }
      return values;
    }
    const SphereFunctions f = sphere_functions(orders, z);
    for (std::size_t n = 0; n < orders; ++n) {
      values.j.push_back(f.j[n]);
      values.j_slope.push_back(sphere_slope(f.j, n, z));
      values.h.push_back(f.h[n]);
      values.h_slope.push_back(sphere_slope(f.h, n, z));
    }
    return values;
  }

  // Of order n in exp(i k x), with cos(n angle) or the Legendre polynomial.
  Complex incident_weight(std::size_t n) const {
    const Complex powers[4] = {1.0, imaginary_unit, -1.0, -imaginary_unit};
    return powers[n % 4] *
           (s_.dimensions == 2 ? (n == 0 ? 1.0 : 2.0) : 2.0 * static_cast<double>(n) + 1.0);
  }
  double multiplicity(std::size_t n) const {
    if (s_.dimensions == 2) return n == 0 ? 1.0 : 2.0;
    return 2.0 * static_cast<double>(n) + 1.0;
  }
  double efficiency_factor() const {
    const double x = s_.k0 * s_.radius;
    return s_.dimensions == 2 ? 2.0 / x : 4.0 / (x * x);
  }

  Complex sum(const std::vector<Complex>& weights, const std::vector<Complex>& radial_values,
              double angle) const {
    Complex total = 0.0;
    const double cosine = std::cos(angle);
    double legendre = 1.0, before = 0.0;  // P_n and P_(n-1)
    for (std::size_t n = 0; n < weights.size(); ++n) {
      const auto d = static_cast<double>(n);
      total +=
          weights[n] * radial_values[n] * (s_.dimensions == 2 ? std::cos(d * angle) : legendre);
      const double next = ((2.0 * d + 1.0) * cosine * legendre - d * before) / (d + 1.0);
      before = legendre;
      legendre = next;
    }
    return total;
  }

  ScalarScatterer s_;
  std::vector<Complex> ratios_, scattered_, internal_;
};

}  // namespace wavesmith::analytic
