// A measured device: amplitude and phase against a control value, interpolated.
//
// Cubic interpolation is the monotone one of Fritsch and Carlson, SIAM J. Numer. Anal. 17, 238
// (1980): once differentiable, exact at the points, never beyond two neighbouring measurements.
#pragma once

#include <span>
#include <vector>

#include "physics/layer.hpp"

namespace wavesmith {

enum class TableInterpolation { linear, cubic };
enum class PhaseUnwrap {
  none,      // as measured
  nearest,   // 2 pi added or taken off so that neighbours differ by pi at most
  monotone,  // 2 pi added so that the phase never falls
};

class ResponseTable {
 public:
  // control: rising; amplitude: 0 to 1; phase [rad]. All of one length, 2 or more. Control is
  // rescaled from its own range to [0, 1].
  ResponseTable(std::span<const double> control, std::span<const double> amplitude,
                std::span<const double> phase, TableInterpolation interpolation,
                PhaseUnwrap unwrap);

  struct Response {
    Complex t;      // amplitude exp(i phase)
    Complex slope;  // dt/dcontrol
  };
  // control: 0 to 1.
  Response at(double control) const;

  const std::vector<double>& phases() const { return phase_; }  // unwrapped [rad]

 private:
  std::vector<double> control_, amplitude_, phase_;
  std::vector<double> amplitude_slope_, phase_slope_;  // at the points; cubic only
};

}  // namespace wavesmith
