// A sphere in a plane electromagnetic wave: efficiencies and fields everywhere.
//
// exp(-i omega t). Incident E = x exp(i k z), |E| = 1, in vacuum; relative index m of the sphere,
// non-magnetic. C. F. Bohren and D. R. Huffman, Absorption and Scattering of Light by Small
// Particles (1983), chapter 4: equations 4.40, 4.45, 4.50, 4.52, 4.53, 4.61, 4.62.
#pragma once

#include <array>
#include <cmath>
#include <vector>

#include "tests/analytic/bessel.hpp"

namespace wavesmith::analytic {

using Vector = std::array<Complex, 3>;

class MieSphere {
 public:
  // k: wavenumber in vacuum; radius in its inverse unit.
  MieSphere(double k, double radius, Complex index) : k_(k), radius_(radius), index_(index) {
    const double x = k * radius;
    const Complex y = index * x;
    const auto orders = static_cast<std::size_t>(x + 4.05 * std::cbrt(x) + 12.0);
    const SphereFunctions out = sphere_functions(orders, x), in = sphere_functions(orders, y);
    for (std::size_t n = 1; n <= orders; ++n) {
      // Functions and the slopes (z f(z))' of Riccati and Bessel.
      const Complex j = out.j[n], h = out.h[n], ji = in.j[n];
      const Complex dj = j + x * sphere_slope(out.j, n, x), dh = h + x * sphere_slope(out.h, n, x);
      const Complex di = ji + y * sphere_slope(in.j, n, y);
      const Complex m2 = index * index;
      a_.push_back((m2 * ji * dj - j * di) / (m2 * ji * dh - h * di));
      b_.push_back((ji * dj - j * di) / (ji * dh - h * di));
      c_.push_back((j * dh - h * dj) / (ji * dh - h * di));
      d_.push_back(index * (j * dh - h * dj) / (m2 * ji * dh - h * di));
    }
  }

  double scattering_efficiency() const {
    double sum = 0.0;
    for (std::size_t i = 0; i < a_.size(); ++i)
      sum += (2.0 * static_cast<double>(i) + 3.0) * (std::norm(a_[i]) + std::norm(b_[i]));
    return 2.0 / (k_ * radius_ * k_ * radius_) * sum;
  }
  double extinction_efficiency() const {
    double sum = 0.0;
    for (std::size_t i = 0; i < a_.size(); ++i)
      sum += (2.0 * static_cast<double>(i) + 3.0) * (a_[i] + b_[i]).real();
    return 2.0 / (k_ * radius_ * k_ * radius_) * sum;
  }

  // Scattered E outside, E inside, and total E anywhere, at a point off the centre.
  Vector scattered(double px, double py, double pz) const {
    return expand(px, py, pz, k_, true, [this](std::size_t i) {
      return std::array<Complex, 2>{imaginary_unit * a_[i], -b_[i]};
    });
  }
  Vector internal(double px, double py, double pz) const {
    return expand(px, py, pz, k_ * index_, false, [this](std::size_t i) {
      return std::array<Complex, 2>{-imaginary_unit * d_[i], c_[i]};
    });
  }
  Vector total(double px, double py, double pz) const {
    if (std::hypot(px, py, pz) < radius_) return internal(px, py, pz);
    Vector field = scattered(px, py, pz);
    field[0] += std::exp(imaginary_unit * k_ * pz);
    return field;
  }

 private:
  // sum E_n (electric N_e1n + magnetic M_o1n), E_n = i^n (2 n + 1) / (n (n + 1)).
  template <class Weights>
  Vector expand(double px, double py, double pz, Complex wavenumber, bool outgoing,
                const Weights& weights) const {
    const double r = std::hypot(px, py, pz), cosine = pz / r;
    const double sine = std::sqrt(std::max(0.0, 1.0 - cosine * cosine));
    const double phi = std::atan2(py, px);
    const Complex z = wavenumber * r;
    const SphereFunctions f = sphere_functions(a_.size(), z);
    const std::vector<Complex>& radial = outgoing ? f.h : f.j;
    Complex er = 0.0, et = 0.0, ep = 0.0, power = 1.0;
    double angular = 1.0, before = 0.0;  // pi_n and pi_(n-1)
    for (std::size_t n = 1; n <= a_.size(); ++n) {
      const auto d = static_cast<double>(n);
      power *= imaginary_unit;
      const double tau = d * cosine * angular - (d + 1.0) * before;
      const Complex scale = power * (2.0 * d + 1.0) / (d * (d + 1.0));
      const Complex value = radial[n], slope = (value + z * sphere_slope(radial, n, z)) / z;
      const auto [electric, magnetic] = weights(n - 1);
      er += scale * electric * (std::cos(phi) * d * (d + 1.0) * sine * angular * value / z);
      et += scale * std::cos(phi) * (electric * tau * slope + magnetic * angular * value);
      ep -= scale * std::sin(phi) * (electric * angular * slope + magnetic * tau * value);
      const double next = ((2.0 * d + 1.0) * cosine * angular - (d + 1.0) * before) / d;
      before = angular;
      angular = next;
    }
    const double cp = std::cos(phi), sp = std::sin(phi);
    return {er * sine * cp + et * cosine * cp - ep * sp,
            er * sine * sp + et * cosine * sp + ep * cp, er * cosine - et * sine};
  }

  double k_, radius_;
  Complex index_;
  std::vector<Complex> a_, b_, c_, d_;
};

}  // namespace wavesmith::analytic
