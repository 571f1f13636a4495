#include "solvers/decimation.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <string>

#include "core/error.hpp"
#include "kernels/fft.hpp"

namespace wavesmith {
namespace {

// The sum of magnitudes at the frequencies that records every so many steps take for f.
double aliases_of(const std::function<double(double frequency)>& magnitude, double f, double dt,
                  int every) {
  double sum = 0.0;
  for (int m = 1; m < every; ++m) {
    // In turns a step, between -1/2 and 1/2.
    const double turns = f * dt + static_cast<double>(m) / every;
    sum += magnitude(std::abs(turns - std::round(turns)) / dt);
  }
  return sum;
}

// The most steps apart that are below half a period of the highest frequency.
int farthest(double highest, double dt) {
  return static_cast<int>(std::min(std::ceil(0.5 / (highest * dt)) - 1.0, 4096.0));
}

}  // namespace

double alias_bound(const std::function<double(double frequency)>& magnitude,
                   std::span<const double> frequencies, double dt, int every, double headroom) {
  double worst = 0.0;
  for (const double f : frequencies) {
    const double own = magnitude(f);
    WAVESMITH_VALIDATE(own > 0.0, "the source holds nothing of " + std::to_string(f / 1e12) +
                                      " THz, at which a monitor records; choose a frequency inside "
                                      "of its band");
    worst = std::max(worst, headroom * aliases_of(magnitude, f, dt, every) / own);
  }
  return worst;
}

Decimation choose_decimation(const std::function<double(double frequency)>& magnitude,
                             std::span<const double> frequencies, double dt, double tolerance,
                             double headroom) {
  WAVESMITH_VALIDATE(
      !frequencies.empty() && std::isfinite(dt) && dt > 0.0 && tolerance > 0.0 && headroom > 0.0,
      "decimation needs frequencies, and a time step, tolerance and headroom above "
      "0");
  double highest = 0.0;
  for (const double f : frequencies) {
    WAVESMITH_VALIDATE(f > 0.0 && f * dt < 0.5,
                       "a monitor's frequency of " + std::to_string(f / 1e12) +
                           " THz is not between 0 and half the march's rate, " +
                           std::to_string(0.5e-12 / dt) + " THz");
    highest = std::max(highest, f);
  }
  for (int every = farthest(highest, dt); every > 1; --every) {
    const double alias = alias_bound(magnitude, frequencies, dt, every, headroom);
    if (alias <= tolerance) return {every, alias};
  }
  return {1, alias_bound(magnitude, frequencies, dt, 1, headroom)};
}

Decimation choose_decimation_of_sum(const std::function<double(double frequency)>& magnitude,
                                    std::span<const double> frequencies,
                                    std::span<const double> weights, double dt, double tolerance,
                                    double headroom) {
  double total = 0.0, highest = 0.0;
  for (std::size_t k = 0; k < frequencies.size(); ++k) {
    if (!(frequencies[k] > 0.0 && frequencies[k] * dt < 0.5)) return {};
    total += weights[k] * magnitude(frequencies[k]);
    highest = std::max(highest, frequencies[k]);
  }
  if (!(total > 0.0) || !std::isfinite(total)) return {};
  for (int every = farthest(highest, dt); every > 1; --every) {
    double sum = 0.0;
    for (std::size_t k = 0; k < frequencies.size(); ++k)
      sum += weights[k] * aliases_of(magnitude, frequencies[k], dt, every);
    const double alias = headroom * sum / total;
    if (alias <= tolerance) return {every, alias};
  }
  return {};
}

SampledMagnitude::SampledMagnitude(double dt, std::size_t samples)
    : dt_(dt), lines_(static_cast<std::size_t>(fast_length(2 * static_cast<int>(samples)))) {}

void SampledMagnitude::add(std::span<const double> signal, double weight) {
  std::vector<std::complex<double>> values(lines_.size());
  std::copy(signal.begin(), signal.end(), values.begin());
  fft_2d(values, 1, static_cast<int>(values.size()), false);
  for (std::size_t i = 0; i < lines_.size(); ++i) lines_[i] += weight * std::abs(values[i]);
}

double SampledMagnitude::operator()(double frequency) const {
  const double turns = frequency * dt_;
  const double line = std::abs(turns - std::round(turns)) * static_cast<double>(lines_.size());
  const std::size_t below = static_cast<std::size_t>(line);
  return std::max(lines_[below], lines_[(below + 1) % lines_.size()]);
}

}  // namespace wavesmith
