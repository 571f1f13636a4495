#include "solvers/filtered_signals.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.hpp"
#include "core/memory.hpp"
#include "core/units.hpp"
#include "kernels/fft.hpp"

namespace wavesmith {
namespace {

constexpr double samples_a_period = 16.0;
constexpr double least_spectrum = 1e-12;
constexpr double most_samples = 1 << 28;

}  // namespace

FilteredSignals::FilteredSignals(const Waveform& waveform, int count, const Response& response,
                                 double earlier, double later, double highest)
    : count_(count) {
  Waveform finite = waveform;
  if (waveform.period > 0.0) {
    // The tone stops long after the moment from which it is taken to repeat.
    period_ = waveform.period;
    repeat_from_ = waveform.end + earlier + later + period_;
    longer_ = 2.0 * (earlier + later) + 4.0 * period_;
    finite = waveform.stopped(longer_);
  }
  const std::array<double, 2> band = band_of(finite, least_spectrum);
  const double top = std::min(band[1], highest);
  WAVESMITH_VALIDATE(top > band[0], "a waveform around " + std::to_string(waveform.frequency) +
                                        " Hz has nothing below " + std::to_string(highest) +
                                        " Hz, the highest frequency that passes; use a finer grid");
  step_ = 1.0 / (samples_a_period * top);
  const double margin = taps * step_;
  start_ = -earlier - margin;
  const double length = earlier + finite.end + later + 2.0 * margin;
  WAVESMITH_VALIDATE(length / step_ < most_samples,
                     "a waveform of " + std::to_string(length * top) +
                         " periods is too long to be tabulated; shorten it");
  samples_ = static_cast<std::size_t>(fast_length(static_cast<int>(std::ceil(length / step_))));
  const auto signals = static_cast<std::size_t>(count);
  const double bin = bin_width();
  const auto low = low_ = static_cast<std::size_t>(std::floor(band[0] / bin));
  const auto high = high_ =
      std::min(static_cast<std::size_t>(std::floor(top / bin)), samples_ / 2 - 1);
  require_memory(multiply_sizes({samples_, signals + 2, sizeof(double)}) +
                     multiply_sizes({high - low + 1, signals, sizeof(Complex)}),
                 "the table of a source's signals");
  std::vector<Complex> factors((high - low + 1) * signals);
  for (std::size_t k = low; k <= high; ++k) {
    const double f = static_cast<double>(k) * bin;
    const std::span<Complex> row = std::span(factors).subspan((k - low) * signals, signals);
    response(f, row);
    const Complex common = common_factor(k) * finite.spectrum(f);
    for (Complex& factor : row) factor *= common;
  }
  table_.resize(samples_ * signals);
  std::vector<Complex> work(samples_);
  for (std::size_t s = 0; s < signals; ++s) {
    std::fill(work.begin(), work.end(), 0.0);
    for (std::size_t k = low; k <= high; ++k) work[k] = factors[(k - low) * signals + s];
    fft_2d(work, 1, static_cast<int>(samples_), false);
    for (std::size_t n = 0; n < samples_; ++n) table_[n * signals + s] = work[n].real();
  }
}

FilteredSignals::Complex FilteredSignals::common_factor(std::size_t bin) const {
  const double width = bin_width(), f = static_cast<double>(bin) * width;
  return (bin == 0 ? 1.0 : 2.0) * width * std::polar(1.0, -2.0 * pi * f * start_);
}

WaveformGradient FilteredSignals::pull_back(std::span<const double> table,
                                            const Response& response) const {
  const auto signals = static_cast<std::size_t>(count_);
  WaveformGradient gradient;
  gradient.stopped_after = longer_;
  gradient.values.resize(high_ - low_ + 1);
  std::vector<Complex> factors((high_ - low_ + 1) * signals);
  for (std::size_t k = low_; k <= high_; ++k) {
    gradient.frequencies.push_back(static_cast<double>(k) * bin_width());
    response(gradient.frequencies.back(),
             std::span(factors).subspan((k - low_) * signals, signals));
  }
  // Samples are the real part of sums of S factor exp(-2 pi i k n / samples).
  std::vector<Complex> work(samples_);
  for (std::size_t s = 0; s < signals; ++s) {
    for (std::size_t n = 0; n < samples_; ++n) work[n] = table[n * signals + s];
    fft_2d(work, 1, static_cast<int>(samples_), false);
    for (std::size_t k = low_; k <= high_; ++k)
      gradient.values[k - low_] +=
          std::conj(factors[(k - low_) * signals + s] * common_factor(k) * work[k]);
  }
  return gradient;
}

double FilteredSignals::folded(double time) const {
  if (period_ == 0.0 || time <= repeat_from_) return time;
  return time - std::ceil((time - repeat_from_) / period_) * period_;
}

bool FilteredSignals::silent(double time) const {
  const double x = (folded(time) - start_) / step_;
  return x < taps || x >= static_cast<double>(samples_) - taps;
}

FilteredSignals::Taps FilteredSignals::taps_at(double time) const {
  const double x = (folded(time) - start_) / step_;
  Taps found;
  found.first = static_cast<std::size_t>(x) - (taps / 2 - 1);
  const double u = x - static_cast<double>(found.first);
  // Barycentric weights of equal spacing, alternating binomials, without dividing by u - m.
  constexpr std::array<double, taps> binomial = {1,   11,  55,  165, 330, 462,
                                                 462, 330, 165, 55,  11,  1};
  const double nearest = std::round(u);
  if (std::abs(u - nearest) < 1e-13) {
    found.weight[static_cast<std::size_t>(nearest)] = 1.0;
    return found;
  }
  double sum = 0.0;
  for (std::size_t m = 0; m < taps; ++m) {
    found.weight[m] = (m % 2 == 0 ? 1.0 : -1.0) * binomial[m] / (u - static_cast<double>(m));
    sum += found.weight[m];
  }
  for (double& weight : found.weight) weight /= sum;
  return found;
}

void FilteredSignals::at(double time, std::span<double> values) const {
  std::fill(values.begin(), values.end(), 0.0);
  if (silent(time)) return;
  const Taps found = taps_at(time);
  const auto signals = static_cast<std::size_t>(count_);
  for (std::size_t m = 0; m < taps; ++m) {
    const double weight = found.weight[m];
    const double* row = table_.data() + (found.first + m) * signals;
    for (std::size_t s = 0; s < signals; ++s) values[s] += weight * row[s];
  }
}

void FilteredSignals::add_transpose(double time, std::span<const double> cotangents,
                                    std::span<double> table) const {
  if (silent(time)) return;
  const Taps found = taps_at(time);
  const auto signals = static_cast<std::size_t>(count_);
  for (std::size_t m = 0; m < taps; ++m) {
    const double weight = found.weight[m];
    double* const row = table.data() + (found.first + m) * signals;
    for (std::size_t s = 0; s < signals; ++s) row[s] += weight * cotangents[s];
  }
}

double FilteredSignals::at(double time, int signal) const {
  if (silent(time)) return 0.0;
  const Taps found = taps_at(time);
  const double* column = table_.data() + signal;
  double value = 0.0;
  for (std::size_t m = 0; m < taps; ++m)
    value += found.weight[m] * column[(found.first + m) * static_cast<std::size_t>(count_)];
  return value;
}

}  // namespace wavesmith
