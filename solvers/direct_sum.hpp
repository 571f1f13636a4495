// Rayleigh-Sommerfeld diffraction as a plain sum over the samples of the input plane:
//
//   U(x, y, z) = dx dy / (2 pi) sum_ij U_ij z / r^2 (1 / r - i k) exp(i k r)
//
// the first Rayleigh-Sommerfeld integral with the midpoint rule. No transform, no window, any
// output plane parallel to the input: slow (the product of both sample counts), and the reference
// for the others where its kernel is sampled well enough. Assumes distance > 0.
#pragma once

#include "solvers/linear_operator.hpp"

namespace wavesmith {

class DirectSum final : public LinearOperator {
 public:
  // Lengths in metres; `wavelength` in the medium between the planes.
  DirectSum(const Plane& in, const Plane& out, double wavelength, double distance);

  Plane in() const override { return in_; }
  Plane out() const override { return out_; }

  void apply(std::span<const Complex> input, std::span<Complex> output) const override;
  void apply_transpose(std::span<const Complex> output, std::span<Complex> input) const override;

 private:
  Complex kernel(double x, double y) const;

  Plane in_, out_;
  double wavenumber_, distance_;
};

}  // namespace wavesmith
