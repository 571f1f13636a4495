#include "solvers/direct_sum.hpp"

#include <cmath>
#include <numbers>

#include "solvers/plane_wave.hpp"

namespace wavesmith {

DirectSum::DirectSum(const Plane& in, const Plane& out, double wavelength, double distance)
    : in_(in), out_(out), wavenumber_(2.0 * std::numbers::pi / wavelength), distance_(distance) {
  validate_plane(in, "direct sum: the input plane");
  validate_plane(out, "direct sum: the output plane");
  validate_wave(wavelength, distance);
  WAVESMITH_VALIDATE(distance > 0.0,
                     "direct sum: distance = 0 (the kernel is singular there); use the angular "
                     "spectrum");
}

// The plainest form on purpose: it shares nothing with the tables that it is compared to.
LinearOperator::Complex DirectSum::kernel(double x, double y) const {
  const double r = std::sqrt(x * x + y * y + distance_ * distance_);
  const double scale = in_.cell_area() * distance_ / (2.0 * std::numbers::pi * r * r);
  return scale * Complex(1.0 / r, -wavenumber_) * std::polar(1.0, wavenumber_ * r);
}

void DirectSum::apply(std::span<const Complex> input, std::span<Complex> output) const {
  check_sizes(input.size(), output.size());
  std::size_t target = 0;
  for (int j = 0; j < out_.ny; ++j) {
    for (int i = 0; i < out_.nx; ++i, ++target) {
      Complex sum = 0.0;
      std::size_t source = 0;
      for (int l = 0; l < in_.ny; ++l)
        for (int k = 0; k < in_.nx; ++k, ++source)
          if (input[source] != 0.0)
            sum += input[source] * kernel(out_.x(i) - in_.x(k), out_.y(j) - in_.y(l));
      output[target] = sum;
    }
  }
}

void DirectSum::apply_transpose(std::span<const Complex> output, std::span<Complex> input) const {
  check_sizes(input.size(), output.size());
  std::size_t source = 0;
  for (int l = 0; l < in_.ny; ++l) {
    for (int k = 0; k < in_.nx; ++k, ++source) {
      Complex sum = 0.0;
      std::size_t target = 0;
      for (int j = 0; j < out_.ny; ++j)
        for (int i = 0; i < out_.nx; ++i, ++target)
          if (output[target] != 0.0)
            sum += output[target] * kernel(out_.x(i) - in_.x(k), out_.y(j) - in_.y(l));
      input[source] = sum;
    }
  }
}

}  // namespace wavesmith
