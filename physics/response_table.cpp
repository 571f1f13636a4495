#include "physics/response_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

#include "core/error.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

constexpr double two_pi = 2.0 * std::numbers::pi;

void unwrap_phase(std::vector<double>& phase, PhaseUnwrap unwrap) {
  if (unwrap == PhaseUnwrap::none) return;
  for (std::size_t i = 1; i < phase.size(); ++i) {
    const double turns = (phase[i] - phase[i - 1]) / two_pi;
    phase[i] -= two_pi * (unwrap == PhaseUnwrap::nearest ? std::round(turns) : std::floor(turns));
  }
}

// Slopes of Fritsch and Carlson: the weighted harmonic mean of the neighbouring chords, zero where
// they differ in sign; at the ends the three-point formula, limited so that no overshoot arises.
std::vector<double> monotone_slopes(const std::vector<double>& x, const std::vector<double>& y) {
  const std::size_t n = x.size();
  std::vector<double> width(n - 1), chord(n - 1), slope(n);
  for (std::size_t i = 0; i + 1 < n; ++i) {
    width[i] = x[i + 1] - x[i];
    chord[i] = (y[i + 1] - y[i]) / width[i];
  }
  if (n == 2) return {chord[0], chord[0]};
  for (std::size_t i = 1; i + 1 < n; ++i) {
    if (chord[i - 1] * chord[i] <= 0.0) continue;
    const double w1 = 2.0 * width[i] + width[i - 1], w2 = width[i] + 2.0 * width[i - 1];
    slope[i] = (w1 + w2) / (w1 / chord[i - 1] + w2 / chord[i]);
  }
  const auto end_slope = [](double h0, double h1, double c0, double c1) {
    const double guess = ((2.0 * h0 + h1) * c0 - h0 * c1) / (h0 + h1);
    if (guess * c0 <= 0.0) return 0.0;
    if (c0 * c1 <= 0.0 && std::abs(guess) > 3.0 * std::abs(c0)) return 3.0 * c0;
    return guess;
  };
  slope[0] = end_slope(width[0], width[1], chord[0], chord[1]);
  slope[n - 1] = end_slope(width[n - 2], width[n - 3], chord[n - 2], chord[n - 3]);
  return slope;
}

struct ValueSlope {
  double value, slope;
};

// Cubic Hermite on one interval of width h, at the fraction s.
ValueSlope hermite(double y0, double y1, double m0, double m1, double h, double s) {
  const double chord = (y1 - y0) / h;
  const double c2 = 3.0 * chord - 2.0 * m0 - m1, c3 = m0 + m1 - 2.0 * chord;
  return {y0 + h * s * (m0 + s * (c2 + s * c3)), m0 + s * (2.0 * c2 + 3.0 * s * c3)};
}

}  // namespace

ResponseTable::ResponseTable(std::span<const double> control, std::span<const double> amplitude,
                             std::span<const double> phase, TableInterpolation interpolation,
                             PhaseUnwrap unwrap)
    : control_(control.begin(), control.end()),
      amplitude_(amplitude.begin(), amplitude.end()),
      phase_(phase.begin(), phase.end()) {
  WAVESMITH_VALIDATE(control_.size() >= 2,
                     fmt::format("the device table has {} rows; give 2 or more", control_.size()));
  validate_count(amplitude_.size(), control_.size(), "the device table's amplitude column");
  validate_count(phase_.size(), control_.size(), "the device table's phase column");
  validate_all_finite(control_, "the device table's control column");
  validate_all_finite(phase_, "the device table's phase column");
  for (std::size_t i = 0; i < control_.size(); ++i) {
    validate_between(amplitude_[i], 0.0, 1.0,
                     fmt::format("the device table's amplitude in row {}", i));
    WAVESMITH_VALIDATE(i == 0 || control_[i] > control_[i - 1],
                       fmt::format("the device table's control does not rise from row {} ({}) to "
                                   "row {} ({}); sort the rows and drop repeated ones",
                                   i - 1, control_[i - 1], i, control_[i]));
  }
  const double first = control_.front(), range = control_.back() - first;
  for (double& value : control_) value = (value - first) / range;
  unwrap_phase(phase_, unwrap);
  if (interpolation == TableInterpolation::cubic) {
    amplitude_slope_ = monotone_slopes(control_, amplitude_);
    phase_slope_ = monotone_slopes(control_, phase_);
  }
}

ResponseTable::Response ResponseTable::at(double control) const {
  const auto above = std::upper_bound(control_.begin() + 1, control_.end() - 1, control);
  const auto k = static_cast<std::size_t>(above - control_.begin()) - 1;
  const double h = control_[k + 1] - control_[k], s = (control - control_[k]) / h;
  ValueSlope a, phi;
  if (phase_slope_.empty()) {
    const double a_chord = amplitude_[k + 1] - amplitude_[k], p_chord = phase_[k + 1] - phase_[k];
    a = {amplitude_[k] + s * a_chord, a_chord / h};
    phi = {phase_[k] + s * p_chord, p_chord / h};
  } else {
    a = hermite(amplitude_[k], amplitude_[k + 1], amplitude_slope_[k], amplitude_slope_[k + 1], h,
                s);
    phi = hermite(phase_[k], phase_[k + 1], phase_slope_[k], phase_slope_[k + 1], h, s);
  }
  const Complex turn = std::polar(1.0, phi.value);
  return {a.value * turn, Complex(a.slope, a.value * phi.slope) * turn};
}

}  // namespace wavesmith
