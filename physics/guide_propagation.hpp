// Light along a piece of a waveguide:
//   exp(g),  g = i beta L - ln(10) / 20 A L,
//   beta = 2 pi / c (n f0 + n_g (f - f0)) + beta2 / 2 (2 pi (f - f0))^2,  beta2 = -D c / (2 pi
//   f0^2)
// with effective index n, group index n_g and dispersion D at a reference frequency f0, loss A in
// decibels a length (G. P. Agrawal, Nonlinear Fiber Optics, section 1.2.3). Without a reference,
// f0 = 0, beta = 2 pi n f / c.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "physics/circuit_component.hpp"

namespace wavesmith {

// Values in the order of guide_parameters(): length [m], effective index, group index, dispersion
// D [s/m^2], loss [dB/m].
struct GuideExponent {
  Complex value;
  std::array<Complex, 5> derivatives;
};
GuideExponent guide_exponent(double frequency, double reference, std::span<const double> guide);

// Keys of every component that has a guide in it, but for its length.
std::vector<ComponentKey> guide_keys();
std::vector<ComponentParameter> guide_parameters(const ComponentSettings& settings, double length);
// The reference frequency [Hz]. InputError where it is missing and matters.
double guide_reference(const ComponentSettings& settings);

}  // namespace wavesmith
