// Line search along a descent direction, as a state machine: it proposes a step, is told the value
// and the slope there, and so on until it accepts one.
//
// Strong Wolfe conditions (Nocedal and Wright, Numerical Optimization, 2nd ed., eq. 3.7) for
// phi(a) = f(x + a d):
//   phi(a) <= phi(0) + c1 a phi'(0),   |phi'(a)| <= c2 |phi'(0)|
// by bracketing and zooming (algorithms 3.5 and 3.6) with cubic interpolation (eq. 3.59). The
// backtracking mode asks for the first condition only and halves the step.
#pragma once

#include "training/byte_stream.hpp"

namespace wavesmith {

struct LineSearchOptions {
  double decrease = 1e-4;     // c1
  double curvature = 0.9;     // c2
  int most_evaluations = 30;  // before a search counts as failed
};

struct LinePoint {
  double step = 0.0, value = 0.0, slope = 0.0;
};

class LineSearch {
 public:
  enum class Mode : std::int32_t { strong_wolfe, backtracking };
  enum class Outcome : std::int32_t { running, accepted, failed };
  static constexpr double unlimited = 1e20;

  explicit LineSearch(const LineSearchOptions& options) : options_(options) {}

  // value = phi(0), slope = phi'(0) < 0. No step beyond `longest` is tried; that one is accepted
  // where phi still falls there.
  void start(Mode mode, double value, double slope, double first_step, double longest = unlimited);
  double step() const { return step_; }  // where to evaluate next
  // accepted: the point just told is the one. failed: low() is the best that was found; its step is
  // 0 where nothing better than the start was.
  Outcome tell(double value, double slope);
  // The point just told is now low(): a caller who may need its gradient keeps it.
  bool just_lowered() const { return just_lowered_; }
  const LinePoint& low() const { return low_; }

  void save(ByteWriter& out) const;
  void load(ByteReader& in);

 private:
  enum class Phase : std::int32_t { bracket, zoom };
  Outcome tell_bracket(const LinePoint& trial, bool too_high);
  Outcome tell_zoom(const LinePoint& trial, bool too_high);
  void propose_inside();
  double interpolate(const LinePoint& a, const LinePoint& b) const;

  LineSearchOptions options_;
  Mode mode_ = Mode::strong_wolfe;
  Phase phase_ = Phase::bracket;
  LinePoint origin_, low_, high_;  // low_: the lowest point that satisfies the decrease condition
  double step_ = 0.0, longest_ = unlimited;
  double width_before_ = 0.0;  // of the bracket, one zoom earlier
  double rounding_ = 0.0;      // differences of values below this are noise
  int evaluations_ = 0;
  bool just_lowered_ = false;
};

}  // namespace wavesmith
