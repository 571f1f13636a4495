// How many steps apart the records of a spectrum may lie.
//
// Records every n steps dt see a frequency f together with f + m / (n dt), m = 1 .. n - 1 (modulo
// the rate 1 / dt of the march): the sum over the records is exactly the sum of the spectra at all
// of them. What a linear structure does at an alias it does to what the source has there, so that
// with S the source's spectrum and `headroom` how many times as strongly as at f the structure may
// respond at an alias, the recorded spectrum is wrong by at most
//   alias = headroom max over f of sum over m |S(f + m / (n dt))| / |S(f)|
// of its own size. Sources of several waveforms: S of them all, the sum of their magnitudes.
#pragma once

#include <functional>
#include <span>
#include <vector>

namespace wavesmith {

struct Decimation {
  int every = 1;
  double alias = 0.0;  // the bound above
};

// The largest distance whose bound is at most `tolerance`, and below half a period of the highest
// frequency. magnitude: |S(f)| for 0 <= f <= 1 / (2 dt). Throws InputError where the source holds
// nothing of a frequency.
Decimation choose_decimation(const std::function<double(double frequency)>& magnitude,
                             std::span<const double> frequencies, double dt, double tolerance,
                             double headroom = 10.0);

// The same where only a sum over the frequencies counts, to which they contribute as their spectra
// times `weights`: alias is the bound on its relative error. A frequency without spectrum or
// without weight contributes nothing; where none does, or a frequency is not between 0 and half the
// march's rate, every step is recorded.
Decimation choose_decimation_of_sum(const std::function<double(double frequency)>& magnitude,
                                    std::span<const double> frequencies,
                                    std::span<const double> weights, double dt, double tolerance,
                                    double headroom = 10.0);

// Magnitudes of spectra of signals sampled every dt [s], |sum over m of q_m exp(2 pi i f m dt)|,
// summed over the signals: from transforms with at least two lines a line width, between two lines
// the higher.
class SampledMagnitude {
 public:
  // samples: of the longest signal, at least 1.
  SampledMagnitude(double dt, std::size_t samples);
  void add(std::span<const double> signal, double weight);
  // At any frequency [Hz], also negative ones.
  double operator()(double frequency) const;

 private:
  double dt_;
  std::vector<double> lines_;  // at f dt = i / size
};

// The bound for a given distance.
double alias_bound(const std::function<double(double frequency)>& magnitude,
                   std::span<const double> frequencies, double dt, int every,
                   double headroom = 10.0);

}  // namespace wavesmith
