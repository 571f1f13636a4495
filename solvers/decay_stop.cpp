#include "solvers/decay_stop.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "core/error.hpp"

namespace wavesmith {
namespace {

constexpr std::size_t most_blocks = 1024;

}  // namespace

DecayStop::DecayStop(const DecayRule& rule) : rule_(rule) {
  WAVESMITH_VALIDATE(rule.tolerance > 0.0 && rule.tolerance < 1.0,
                     "the tolerance of a decay lies between 0 and 1, both excluded");
  WAVESMITH_VALIDATE(std::isfinite(rule.sources_end) && rule.sources_end >= 0.0 &&
                         std::isfinite(rule.shortest_window) && rule.shortest_window >= 0.0 &&
                         rule.spectrum_tolerance >= 0.0 && rule.most_steps >= 1,
                     "times and tolerances of a decay must not be negative, and at least one step "
                     "is needed");
}

void DecayStop::keep(double time, double magnitude) {
  if (!blocks_.empty() && in_last_ < in_block_) {
    blocks_.back().end = time;
    blocks_.back().peak = std::max(blocks_.back().peak, magnitude);
    ++in_last_;
    return;
  }
  if (blocks_.size() == most_blocks) {
    for (std::size_t i = 0; i < most_blocks / 2; ++i) {
      const Block &a = blocks_[2 * i], &b = blocks_[2 * i + 1];
      blocks_[i] = {a.begin, b.end, std::max(a.peak, b.peak)};
    }
    blocks_.resize(most_blocks / 2);
    in_block_ *= 2;
  }
  blocks_.push_back({time, time, magnitude});
  in_last_ = 1;
}

double DecayStop::peak_between(double from, double to) const {
  double peak = 0.0;
  for (std::size_t i = blocks_.size(); i-- > 0 && blocks_[i].end > from;)
    if (blocks_[i].begin <= to) peak = std::max(peak, blocks_[i].peak);
  return peak;
}

StopReason DecayStop::add(long step, double time, double magnitude) {
  WAVESMITH_VALIDATE(std::isfinite(magnitude) && magnitude >= 0.0 && std::isfinite(time) &&
                         (blocks_.empty() || (time > blocks_.back().end && step > step_)),
                     "samples of a decay must be finite, not negative and in the order of time");
  if (!blocks_.empty())
    integral_ += 0.5 * (magnitude + last_magnitude_) * (time - blocks_.back().end);
  last_magnitude_ = magnitude;
  keep(time, magnitude);
  step_ = step;
  highest_ = std::max(highest_, magnitude);
  window_ = 0.25 * (time - rule_.sources_end);
  if (reason_ != StopReason::running) return reason_;
  if (window_ > 0.0 && window_ >= rule_.shortest_window) {
    last_peak_ = peak_between(time - window_, time);
    peak_before_ = peak_between(time - 2.0 * window_, time - window_);
    const bool low = last_peak_ <= rule_.tolerance * highest_ && peak_before_ > 0.0;
    const bool short_tail =
        rule_.spectrum_tolerance == 0.0 || tail() <= rule_.spectrum_tolerance * integral_;
    if (low && short_tail) reason_ = StopReason::decayed;
  }
  if (reason_ == StopReason::running && step >= rule_.most_steps)
    reason_ = StopReason::out_of_steps;
  return reason_;
}

double DecayStop::level() const {
  return peak_before_ > 0.0 && highest_ > 0.0 ? last_peak_ / highest_ : 1.0;
}

double DecayStop::tail() const {
  if (peak_before_ <= 0.0 || last_peak_ >= peak_before_)
    return std::numeric_limits<double>::infinity();
  const double ratio = last_peak_ / peak_before_;
  return window_ * last_peak_ * ratio / (1.0 - ratio);
}

std::string DecayStop::sentence() const {
  const char* const what = reason_ == StopReason::decayed        ? "the field has decayed"
                           : reason_ == StopReason::out_of_steps ? "the steps are used up"
                                                                 : "the field is decaying";
  char text[240];
  const int length = std::snprintf(text, sizeof text, "%s: %.2g of its highest after %ld steps; ",
                                   what, level(), step_);
  char* const rest = text + length;
  const std::size_t room = sizeof text - static_cast<std::size_t>(length);
  if (std::isfinite(tail()) && integral_ > 0.0)
    std::snprintf(rest, room, "spectra lack at most %.2g of the largest value that they could have",
                  tail() / integral_);
  else
    std::snprintf(rest, room, "it does not fall from window to window, so spectra have no bound");
  return text;
}

}  // namespace wavesmith
