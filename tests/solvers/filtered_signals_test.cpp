// Tabulated signals against waveforms that are known in closed form.
#include "solvers/filtered_signals.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "core/error.hpp"
#include "core/units.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

// Delays, and a change of phase, against the same waveform later or with another phase.
TEST(FilteredSignals, DelaysAndTurnsOfPhaseAreExact) {
  const double delay = 3.37;
  const FilteredSignals::Response response = [&](double f, std::span<Complex> factors) {
    factors[0] = 1.0;
    factors[1] = std::polar(1.0, 2.0 * pi * f * delay);
    factors[2] = Complex(0.0, 1.0);  // exp(-i w t + i pi/2): a quarter of a period back
  };
  struct Case {
    const char* name;
    Waveform wave, turned;
    double tolerance;
  };
  const Case cases[] = {
      {"gaussian", gaussian_pulse(1.0, 0.4, 0.2), gaussian_pulse(1.0, 0.4, 0.2 - pi / 2), 1e-9},
      {"burst", tone_burst(1.0, 14.0, 40.0, 0.2), tone_burst(1.0, 14.0, 40.0, 0.2 - pi / 2), 1e-9},
      {"tone", endless_tone(1.0, 14.0, 0.2), endless_tone(1.0, 14.0, 0.2 - pi / 2), 1e-9}};
  for (const Case& one : cases) {
    const FilteredSignals signals(one.wave, 3, response, 2.0, 5.0);
    std::vector<double> y(3);
    double worst = 0.0;
    for (double t = -1.0; t < 80.0; t += 0.0371) {
      signals.at(t, y);
      worst = std::max(worst, std::abs(y[0] - one.wave.value(t)));
      worst = std::max(worst, std::abs(y[1] - one.wave.value(t - delay)));
      worst = std::max(worst, std::abs(y[2] - one.turned.value(t)));
      EXPECT_NEAR(signals.at(t), y[0], 1e-15);
    }
    std::printf("%s: %.1e\n", one.name, worst);
    EXPECT_LT(worst, one.tolerance) << one.name;
  }
}

TEST(FilteredSignals, WhatCannotPassIsAnError) {
  const FilteredSignals::Response one = [](double, std::span<Complex> f) { f[0] = 1.0; };
  EXPECT_THROW(FilteredSignals(gaussian_pulse(1.0, 0.1), 1, one, 0.0, 0.0, 0.2), InputError);
  EXPECT_THROW(FilteredSignals(tone_burst(1.0, 4.0, 1e9), 1, one, 0.0, 0.0), InputError);
}

}  // namespace
}  // namespace wavesmith
