// Angular spectrum from a plane to a parallel plane of any spacing and offset, by dense Fourier
// matrices:
//
//   U_out = Ey^T (H o (Fy U_in Fx^T)) Ex,   F = dx exp(-2 pi i u x),  E = du exp(+2 pi i u x')
//
// a sum of plane waves over the band |u| <= 1/(2 dx) of the input samples. A sum with the step du
// repeats with the period 1/du; the step is chosen so that the period is `padding`/2 times the two
// windows together (2: no copy of the input lies over the output window).
// Cost O(n^3) an application. Matrix products in place of a zoomed FFT: R. Soummer et al., Opt.
// Express 15, 15935 (2007).
#pragma once

#include "solvers/linear_operator.hpp"
#include "solvers/transfer_function.hpp"

namespace wavesmith {

struct PlaneWaveOptions {
  Evanescent evanescent = Evanescent::keep;
  double padding = 2.0;  // >= 1
};

class MatrixFourier final : public LinearOperator {
 public:
  using Options = PlaneWaveOptions;

  // Lengths in metres; `wavelength` in the medium between the planes. Method angular_spectrum,
  // band_limited (waves that would walk past the period are left out) or fresnel.
  MatrixFourier(const Plane& in, const Plane& out, double wavelength, double distance,
                const Options& options = {},
                PropagationMethod method = PropagationMethod::angular_spectrum);

  Plane in() const override { return in_; }
  Plane out() const override { return out_; }

  void apply(std::span<const Complex> input, std::span<Complex> output) const override;
  void apply_transpose(std::span<const Complex> output, std::span<Complex> input) const override;

 private:
  Plane in_, out_;
  long frequencies_x_ = 0, frequencies_y_ = 0;
  // Row-major, one row per frequency.
  std::vector<Complex> into_x_, into_y_, from_x_, from_y_;
  std::vector<Complex> transfer_;
};

}  // namespace wavesmith
