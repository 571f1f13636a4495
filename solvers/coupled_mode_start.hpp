// Where the fit of coupled modes begins: poles and rates by linear least squares.
//
// Behind a delay tau the drop is a rational function of frequency, with one pole or, where the
// waves that run around in the ring scatter into each other, two:
//   drop exp(-i tau x) (x^n - b_{n-1} x^{n-1} - ...) = p_{n-1} x^{n-1} + ...
// is linear in b and p (E. C. Levy, IRE Trans. Autom. Control AC-4, 37 (1959)); weights |drop| undo
// what the multiplied denominator does to the errors. With the poles, through exp(-i tau x) = A + B
// G_11 is linear in A and B, and kappa_1 = |B / A|. Each delay is the one of a fine grid that fits
// best.
#pragma once

#include <array>
#include <complex>
#include <span>

namespace wavesmith {

// In the units of the frequencies x; poles are omega +- backscatter, with imag(omega) = -Gamma / 2.
struct CoupledModeStart {
  std::complex<double> omega, backscatter;
  double kappa_1 = 0.0, kappa_2 = 0.0;
  std::array<double, 2> phase{}, delay{};  // of through, of drop: phase + delay x
};

// With `poles` 1 (no backscatter) or 2. x rises and is about 1 across the resonance.
CoupledModeStart start_coupled_modes(std::span<const double> x,
                                     std::span<const std::complex<double>> through,
                                     std::span<const std::complex<double>> drop, int poles);

}  // namespace wavesmith
