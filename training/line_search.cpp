#include "training/line_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace wavesmith {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

}  // namespace

void LineSearch::start(Mode mode, double value, double slope, double first_step, double longest) {
  mode_ = mode;
  phase_ = Phase::bracket;
  origin_ = low_ = high_ = {0.0, value, slope};
  step_ = first_step;
  longest_ = longest;
  width_before_ = 0.0;
  rounding_ = 8.0 * epsilon * std::abs(value);
  evaluations_ = 0;
  just_lowered_ = false;
}

LineSearch::Outcome LineSearch::tell(double value, double slope) {
  ++evaluations_;
  just_lowered_ = false;
  // A point where the objective is not finite is only known to be too far.
  const bool finite = std::isfinite(value) && std::isfinite(slope);
  const LinePoint trial{step_, finite ? value : std::numeric_limits<double>::infinity(), slope};
  const bool too_high =
      !finite || trial.value > origin_.value + options_.decrease * step_ * origin_.slope;
  const bool flat = std::abs(slope) <= -options_.curvature * origin_.slope;

  // Where the whole decrease is below rounding, the values say nothing and the slope decides.
  if (finite && flat && std::abs(trial.value - origin_.value) <= rounding_)
    return Outcome::accepted;
  if (mode_ == Mode::backtracking) {
    if (!too_high) return Outcome::accepted;
    step_ *= 0.5;
    return evaluations_ < options_.most_evaluations ? Outcome::running : Outcome::failed;
  }
  if (!too_high && flat && trial.value < low_.value) return Outcome::accepted;

  const Outcome outcome =
      phase_ == Phase::bracket ? tell_bracket(trial, too_high) : tell_zoom(trial, too_high);
  return evaluations_ < options_.most_evaluations ? outcome : Outcome::failed;
}

LineSearch::Outcome LineSearch::tell_bracket(const LinePoint& trial, bool too_high) {
  if (too_high || trial.value >= low_.value) {
    high_ = trial;
  } else if (trial.slope >= 0.0) {
    high_ = low_;
    low_ = trial;
    just_lowered_ = true;
  } else {
    // Still going down: look further, where the cubic through the last two points has its minimum,
    // but neither timidly nor wildly.
    const double nearest = trial.step + 1.1 * (trial.step - low_.step);
    const double farthest = 10.0 * trial.step;
    const double wanted = interpolate(low_, trial);
    low_ = trial;
    just_lowered_ = true;
    step_ = wanted > trial.step ? std::clamp(wanted, nearest, farthest) : farthest;
    if (step_ < longest_) return Outcome::running;
    step_ = longest_;
    if (trial.step < longest_ && longest_ < unlimited) return Outcome::running;
    return longest_ < unlimited ? Outcome::accepted : Outcome::failed;
  }
  phase_ = Phase::zoom;
  width_before_ = std::numeric_limits<double>::infinity();
  propose_inside();
  return Outcome::running;
}

LineSearch::Outcome LineSearch::tell_zoom(const LinePoint& trial, bool too_high) {
  if (too_high || trial.value >= low_.value) {
    high_ = trial;
  } else {
    if (trial.slope * (high_.step - low_.step) >= 0.0) high_ = low_;
    low_ = trial;
    just_lowered_ = true;
  }
  const double width = std::abs(high_.step - low_.step);
  if (width <= 4.0 * epsilon * std::max(high_.step, low_.step)) return Outcome::failed;
  propose_inside();
  return Outcome::running;
}

// The interpolated minimum, kept off the ends of the bracket; the middle where interpolation has
// nothing to say or the bracket shrinks too slowly.
void LineSearch::propose_inside() {
  const double left = std::min(low_.step, high_.step), right = std::max(low_.step, high_.step);
  const double width = right - left;
  double wanted = interpolate(low_, high_);
  if (!(wanted > left && wanted < right) || width > 0.7 * width_before_)
    wanted = 0.5 * (left + right);
  step_ = std::clamp(wanted, left + 0.02 * width, right - 0.02 * width);
  width_before_ = width;
}

// Minimum of the cubic with the values and slopes of two points, or, where their values differ by
// rounding only, the zero of the line through their slopes; NaN where there is none.
double LineSearch::interpolate(const LinePoint& a, const LinePoint& b) const {
  const double length = b.step - a.step;
  if (std::abs(b.value - a.value) <= rounding_)
    return a.step - a.slope * length / (b.slope - a.slope);
  const double d1 = a.slope + b.slope - 3.0 * (b.value - a.value) / length;
  const double d2 = std::copysign(std::sqrt(d1 * d1 - a.slope * b.slope), length);
  return b.step - length * (b.slope + d2 - d1) / (b.slope - a.slope + 2.0 * d2);
}

void LineSearch::save(ByteWriter& out) const {
  out.put(mode_);
  out.put(phase_);
  for (const LinePoint& point : {origin_, low_, high_}) {
    out.put(point.step);
    out.put(point.value);
    out.put(point.slope);
  }
  for (double number : {step_, longest_, width_before_, rounding_}) out.put(number);
  out.put(evaluations_);
  out.put(just_lowered_ ? std::uint8_t{1} : std::uint8_t{0});
}

void LineSearch::load(ByteReader& in) {
  mode_ = in.get<Mode>();
  phase_ = in.get<Phase>();
  for (LinePoint* point : {&origin_, &low_, &high_}) {
    point->step = in.get<double>();
    point->value = in.get<double>();
    point->slope = in.get<double>();
  }
  for (double* number : {&step_, &longest_, &width_before_, &rounding_}) *number = in.get<double>();
  evaluations_ = in.get<int>();
  just_lowered_ = in.get<std::uint8_t>() != 0;
}

}  // namespace wavesmith
