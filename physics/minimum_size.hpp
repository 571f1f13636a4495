// Minimum width of bars, or of slits, as a differentiable constraint on filtered pixels.
//
//   g = 1 / length^2 * sum_p I_p min(v_p - eta_e, 0)^2 dx dy,  I = P(v) exp(-decay R^2 |grad v|^2)
//   constraint: g / tolerance - 1 <= 0
// v: the pixels after the conic filter of radius R (for slits 1 - v), P: tanh projection at 1/2,
// grad: central differences, one-sided at the outer pixels. I picks the ridges of what is solid,
// where the gradient vanishes; there v must reach eta_e (feature_threshold.hpp).
// M. Zhou, B. S. Lazarov, F. Wang, O. Sigmund, CMAME 293, 266 (2015); for photonics,
// with the decay in units of the filter's radius, A. M. Hammond, A. Oskooi, S. G. Johnson,
// S. E. Ralph, Opt. Express 29, 23916 (2021). Dividing by length^2 instead of by the area of the
// whole pattern makes one tolerance fit every pattern: a single spot as long as it is wide counts
// as much in a large pattern as in a small one.
//
// To be used once patterns are nearly binary (beta of 16 or more): in grey, ridges mean nothing.
#pragma once

#include <span>
#include <vector>

#include "core/plane.hpp"

namespace wavesmith {

enum class PatternPhase { solid, empty };

struct MinimumSizeSettings {
  double filter_radius = 0.0;  // R of the filter that the pixels went through [m]
  double length = 0.0;         // the least width [m], below 2 R
  PatternPhase phase = PatternPhase::solid;
  // How flat a ridge is, in 1 / R^2. Larger: only the very ridge counts, which needs finer pixels.
  // Smaller: slopes count too, and what is wide enough violates.
  double decay = 64.0;
  // Of g. A bar has about 2e-4 a stretch as long as `length` where it is 10 % too narrow, 1.5e-3
  // where 30 %, and some 1e-6 where it is as wide as `length` (with pixels of R / 8 or finer).
  double tolerance = 1e-4;
};

class MinimumSize {
 public:
  // Throws InputError where the length and the radius do not fit, or pixels do not resolve them.
  MinimumSize(const Plane& pixels, const MinimumSizeSettings& settings);

  // g / tolerance - 1 of the filtered pixels, and its derivative by them; beta: strength of the
  // projection [1], above 256 as 256.
  double evaluate(std::span<const double> filtered, double beta, std::span<double> gradient) const;
  double eroded_threshold() const { return threshold_; }

 private:
  Plane pixels_;
  MinimumSizeSettings settings_;
  double threshold_;
};

}  // namespace wavesmith
