// Bessel functions of integer order and complex argument, cylindrical and spherical, for the
// analytic references of the tests.
//
// J_n and j_n by Miller's downward recurrence, normalised with the generating function taken where
// it does not cancel; Y_0 and Y_1 by Neumann's series in J_k (Abramowitz and Stegun 9.1.88), then
// upwards; h_n upwards from its closed form. About 1e-13 relative, but H_n = J_n + i Y_n loses
// exp(2 Im z) of that where Im z > 0. z != 0 for Y_n and H_n.
#pragma once

#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>
#include <vector>

namespace wavesmith::analytic {

using Complex = std::complex<double>;

inline constexpr Complex imaginary_unit{0.0, 1.0};
inline constexpr double euler_gamma = 0.57721566490153286061;

// Downward recurrence of f_(n-1) = (2 n + spherical) / z f_n - f_(n+1) from far above `order`, not
// normalised; f_0 ... f_(order + extra).
inline std::vector<Complex> downward(std::size_t order, Complex z, double spherical) {
  const std::size_t top =
      order + 30 + static_cast<std::size_t>(1.2 * std::abs(z) + 8.0 * std::cbrt(std::abs(z)));
  std::vector<Complex> f(top + 2);
  f[top] = 1e-280;
  for (std::size_t n = top; n > 0; --n) {
    f[n - 1] = (2.0 * static_cast<double>(n) + spherical) / z * f[n] - f[n + 1];
    if (std::abs(f[n - 1]) > 1e250)
      for (std::size_t m = n - 1; m <= top; ++m) f[m] *= 1e-250;
  }
  return f;
}

// J_0 ... J_top, with top well above `order`.
inline std::vector<Complex> bessel_j_many(std::size_t order, Complex z) {
  if (z == 0.0) {
    std::vector<Complex> values(order + 40);
    values[0] = 1.0;
    return values;
  }
  std::vector<Complex> f = downward(order, z, 0.0);
  // exp(-+ i z) = J_0 + 2 sum (-+ i)^n J_n, with the sign that makes it large.
  const Complex turn = z.imag() >= 0.0 ? -imaginary_unit : imaginary_unit;
  Complex sum = f[0], power = 1.0;
  for (std::size_t n = 1; n < f.size(); ++n) {
    power *= turn;
    sum += 2.0 * power * f[n];
  }
  const Complex scale = std::exp(turn * z) / sum;
  for (Complex& value : f) value *= scale;
  return f;
}

struct CylinderFunctions {
  std::vector<Complex> j, y;  // of order 0 ... order + 1
  Complex h(std::size_t n) const { return j[n] + imaginary_unit * y[n]; }
};

inline CylinderFunctions cylinder_functions(std::size_t order, Complex z) {
  const std::vector<Complex> j = bessel_j_many(order + 2, z);
  const Complex logarithm = std::log(0.5 * z) + euler_gamma;
  Complex even = 0.0, odd = 0.0;
  double sign = -1.0;
  for (std::size_t k = 1; 2 * k + 1 < j.size(); ++k, sign = -sign) {
    const auto d = static_cast<double>(k);
    even += sign / d * j[2 * k];
    odd += sign * (2.0 * d + 1.0) / (d * (d + 1.0)) * j[2 * k + 1];
  }
  const double two_over_pi = 2.0 / std::numbers::pi;
  CylinderFunctions values;
  values.y = {two_over_pi * (logarithm * j[0] - 2.0 * even),
              two_over_pi * ((logarithm - 1.0) * j[1] - j[0] / z - odd)};
  for (std::size_t n = 1; n <= order; ++n)
    values.y.push_back(2.0 * static_cast<double>(n) / z * values.y[n] - values.y[n - 1]);
  values.j.assign(j.begin(), j.begin() + static_cast<std::ptrdiff_t>(order + 2));
  return values;
}

// f'_n of a family with f_(n-1) - f_(n+1) = 2 f'_n and f'_0 = -f_1; needs f up to n + 1.
template <class Function>
Complex cylinder_slope(const Function& f, std::size_t n) {
  return n == 0 ? -f(1) : 0.5 * (f(n - 1) - f(n + 1));
}

struct SphereFunctions {
  std::vector<Complex> j, h;  // spherical, first kind and outgoing, of order 0 ... order + 1
};

inline SphereFunctions sphere_functions(std::size_t order, Complex z) {
  SphereFunctions values;
  if (z == 0.0) {
    values.j.assign(order + 2, 0.0);
    values.j[0] = 1.0;
    return values;  // h has no value here
  }
  std::vector<Complex> f = downward(order, z, 1.0);
  const Complex j0 = std::sin(z) / z, j1 = (j0 - std::cos(z)) / z;
  const Complex scale = std::abs(f[0]) > std::abs(f[1]) ? j0 / f[0] : j1 / f[1];
  for (Complex& value : f) value *= scale;
  values.j.assign(f.begin(), f.begin() + static_cast<std::ptrdiff_t>(order + 2));
  const Complex wave = std::exp(imaginary_unit * z) / z;
  values.h = {-imaginary_unit * wave, -wave * (1.0 + imaginary_unit / z)};
  for (std::size_t n = 1; n <= order; ++n)
    values.h.push_back((2.0 * static_cast<double>(n) + 1.0) / z * values.h[n] - values.h[n - 1]);
  return values;
}

// f'_n of a spherical family: f_(n-1) - (n + 1) / z f_n, and f'_0 = -f_1.
inline Complex sphere_slope(const std::vector<Complex>& f, std::size_t n, Complex z) {
  return n == 0 ? -f[1] : f[n - 1] - static_cast<double>(n + 1) / z * f[n];
}

}  // namespace wavesmith::analytic
