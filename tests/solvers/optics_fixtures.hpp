// Fields and comparisons that the tests of propagation share.
#pragma once

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>
#include <random>
#include <vector>

#include "core/plane.hpp"
#include "solvers/linear_operator.hpp"

namespace wavesmith::optics {

using Complex = std::complex<double>;
using Field = std::vector<Complex>;

constexpr double pi = std::numbers::pi;

template <class Function>
Field sample(const Plane& plane, const Function& function) {
  Field field;
  for (int j = 0; j < plane.ny; ++j)
    for (int i = 0; i < plane.nx; ++i) field.push_back(function(plane.x(i), plane.y(j)));
  return field;
}

inline Field random_field(std::size_t size, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal;
  Field field(size);
  for (Complex& value : field) value = {normal(generator), normal(generator)};
  return field;
}

inline Field random_phase(std::size_t size, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> turn(0.0, 2.0 * pi);
  Field field(size);
  for (Complex& value : field) value = std::polar(1.0, turn(generator));
  return field;
}

inline Field apply(const LinearOperator& propagator, const Field& input) {
  Field output(propagator.out().size());
  propagator.apply(input, output);
  return output;
}

inline double power(const Field& field) {
  double sum = 0.0;
  for (const Complex& value : field) sum += std::norm(value);
  return sum;
}

// |a - b| / |b|
inline double relative_error(const Field& a, const Field& b) {
  double difference = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) difference += std::norm(a[i] - b[i]);
  return std::sqrt(difference / power(b));
}

// Area of the disc of radius a round the origin inside [0, x] x [0, y], odd in x and in y.
inline double disc_area(double x, double y, double a) {
  const double sign = (x < 0.0) == (y < 0.0) ? 1.0 : -1.0;
  x = std::min(std::abs(x), a);
  y = std::min(std::abs(y), a);
  const double corner = std::min(x, std::sqrt(a * a - y * y));
  const auto integral = [a](double t) {
    return 0.5 * (t * std::sqrt(std::max(0.0, a * a - t * t)) + a * a * std::asin(t / a));
  };
  return sign * (y * corner + integral(x) - integral(corner));
}

// Fraction of each sample's cell that a centred disc covers.
inline Field disc(const Plane& plane, double radius) {
  const double hx = 0.5 * plane.dx, hy = 0.5 * plane.dy;
  return sample(plane, [&](double x, double y) {
    return (disc_area(x + hx, y + hy, radius) - disc_area(x - hx, y + hy, radius) -
            disc_area(x + hx, y - hy, radius) + disc_area(x - hx, y - hy, radius)) /
           plane.cell_area();
  });
}

}  // namespace wavesmith::optics
