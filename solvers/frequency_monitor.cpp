#include "solvers/frequency_monitor.hpp"

#include <cmath>
#include <utility>

#include "core/error.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

// values / S or values / |S|^2; of the transpose the conjugate.
MonitorValues divide(const MonitorValues& values, std::span<const MonitorNumber> numbers,
                     std::span<const Complex> waveform, bool transposed) {
  WAVESMITH_VALIDATE(values.size() == numbers.size(),
                     "a monitor has " + std::to_string(numbers.size()) + " numbers, not " +
                         std::to_string(values.size()));
  MonitorValues divided = values;
  for (std::size_t n = 0; n < values.size(); ++n) {
    WAVESMITH_VALIDATE(!waveform.empty() && values[n].size() % waveform.size() == 0,
                       "the waveform's spectrum is given at " + std::to_string(waveform.size()) +
                           " frequencies, which does not fit a monitor's " +
                           std::to_string(values[n].size()) + " values");
    const std::size_t points = values[n].size() / waveform.size();
    for (std::size_t f = 0; f < waveform.size(); ++f) {
      WAVESMITH_VALIDATE(std::norm(waveform[f]) > 0.0,
                         "the waveform holds nothing of frequency " + std::to_string(f + 1) +
                             " of a monitor; choose frequencies inside of its band");
      const Complex by = numbers[n].power == FieldPower::quadratic ? std::norm(waveform[f])
                         : transposed                              ? std::conj(waveform[f])
                                                                   : waveform[f];
      for (std::size_t p = 0; p < points; ++p) divided[n][f * points + p] /= by;
    }
  }
  return divided;
}

}  // namespace

Spectra spectra_of(const TimeDomain& march) {
  Spectra spectra;
  for (std::size_t m = 0; m < march.setup().monitors.size(); ++m) {
    const std::span<const Complex> one = march.spectrum(static_cast<int>(m));
    spectra.emplace_back(one.begin(), one.end());
  }
  return spectra;
}

Spectra zeros_like(const Spectra& spectra) {
  Spectra zeros;
  for (const auto& one : spectra) zeros.emplace_back(one.size());
  return zeros;
}

FrequencyMonitor::FrequencyMonitor(std::string name, std::vector<double> frequencies)
    : name_(std::move(name)), frequencies_(std::move(frequencies)) {
  WAVESMITH_VALIDATE(!frequencies_.empty(),
                     "monitor " + name_ + " has no frequency; give at least one");
  for (const double f : frequencies_)
    WAVESMITH_VALIDATE(
        std::isfinite(f) && f > 0.0,
        "monitor " + name_ + ": frequency " + std::to_string(f) + " Hz; it must be positive");
}

MonitorValues FrequencyMonitor::zero_values() const {
  return MonitorValues(numbers().size(), std::vector<Complex>(frequencies_.size()));
}

int add_spectrum(TimeDomainSetup& setup, int component, const GridBox& box,
                 const std::vector<double>& frequencies, int every) {
  setup.monitors.push_back({component, box, frequencies, every});
  return static_cast<int>(setup.monitors.size()) - 1;
}

MonitorValues divide_by_waveform(const MonitorValues& values,
                                 std::span<const MonitorNumber> numbers,
                                 std::span<const Complex> waveform) {
  return divide(values, numbers, waveform, false);
}

MonitorValues divide_by_waveform_transpose(const MonitorValues& cotangent,
                                           std::span<const MonitorNumber> numbers,
                                           std::span<const Complex> waveform) {
  return divide(cotangent, numbers, waveform, true);
}

std::vector<Complex> waveform_spectrum(const std::function<double(double)>& waveform,
                                       std::span<const double> frequencies, double dt, long steps) {
  std::vector<Complex> spectrum(frequencies.size());
  for (long n = 0; n < steps; ++n) {
    const double time = (static_cast<double>(n) + 0.5) * dt;
    const double value = waveform(time) * dt;
    if (value == 0.0) continue;
    for (std::size_t f = 0; f < frequencies.size(); ++f)
      spectrum[f] += std::polar(value, 2.0 * pi * frequencies[f] * time);
  }
  return spectrum;
}

}  // namespace wavesmith
