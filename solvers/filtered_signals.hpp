// Signals that follow from a waveform by linear responses in frequency,
//   y_i(t) = integral of S(f) R_i(f) exp(-2 pi i f t) df   over both signs, R(-f) = conj R(f),
// tabulated in time and interpolated, to about 1e-11 of the peak.
//
// S below 1e-12 of its peak is left out. The table has 16 samples a period of the highest frequency
// and is interpolated by polynomials through 12 of them.
#pragma once

#include <complex>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "solvers/waveform.hpp"

namespace wavesmith {

class FilteredSignals {
 public:
  using Complex = std::complex<double>;
  // Sets the factors of all signals at a frequency [Hz].
  using Response = std::function<void(double frequency, std::span<Complex> factors)>;

  // The signals lie between `earlier` before the waveform's beginning and `later` behind its end
  // [s]; outside of that they are zero, or repeat as an endless tone does. Nothing above `highest`
  // [Hz] is let through. Throws UnavailableError where the table does not fit into memory.
  FilteredSignals(const Waveform& waveform, int count, const Response& response, double earlier,
                  double later, double highest = std::numeric_limits<double>::infinity());

  int count() const { return count_; }
  void at(double time, std::span<double> values) const;  // all of them
  double at(double time, int signal = 0) const;
  bool silent(double time) const;  // whether all are zero for being before or behind

  // The transpose: what cotangents of all of them at a time add to those of the table, and those of
  // the waveform's spectrum from the table's; the response being that of the constructor.
  std::size_t table_size() const { return table_.size(); }
  void add_transpose(double time, std::span<const double> cotangents,
                     std::span<double> table) const;
  WaveformGradient pull_back(std::span<const double> table, const Response& response) const;

 private:
  static constexpr int taps = 12;
  struct Taps {
    std::size_t first = 0;  // sample
    double weight[taps] = {};
  };
  double folded(double time) const;
  Taps taps_at(double time) const;

  double bin_width() const { return 1.0 / (static_cast<double>(samples_) * step_); }
  // What the inverse transform multiplies the waveform's spectrum by, besides the response.
  Complex common_factor(std::size_t bin) const;

  int count_;
  std::size_t low_ = 0, high_ = 0;  // bins of the waveform's band
  double longer_ = 0.0;             // that an endless tone lasts
  double start_ = 0.0, step_ = 1.0, repeat_from_ = 0.0, period_ = 0.0;
  std::size_t samples_ = 0;
  std::vector<double> table_;  // [sample][signal]
};

}  // namespace wavesmith
