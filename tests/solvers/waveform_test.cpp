// Spectra against quadrature, bands, beginnings and ends.
#include "solvers/waveform.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "core/error.hpp"
#include "core/units.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

struct Case {
  const char* name;
  Waveform waveform;
};

// Frequencies near 1.
std::vector<Case> finite_waveforms() {
  std::vector<double> times, values;
  for (int i = 0; i <= 160; ++i) {
    times.push_back(0.06 * i + 0.01 * std::sin(0.7 * i));
    const double x = times.back() - 4.8;
    values.push_back(std::exp(-x * x) * std::sin(6.0 * x));
  }
  times.front() = 0.0;
  return {{"gaussian", gaussian_pulse(1.0, 0.3)},
          {"gaussian with phase", gaussian_pulse(1.3, 0.9, 0.7)},
          {"wide gaussian", gaussian_pulse(1.0, 2.5, -1.0)},
          {"ricker", ricker_pulse(1.1)},
          {"burst", tone_burst(1.0, 4.0, 11.0, 0.4)},
          {"samples", sampled_waveform(times, values)},
          {"later", delayed(ricker_pulse(0.8), 2.5)}};
}

Complex quadrature(const Waveform& waveform, double f) {
  const int steps = 40000;
  const double dt = waveform.end / steps;
  Complex sum = 0.0;
  for (int n = 0; n <= steps; ++n)
    sum += (n == 0 || n == steps ? 0.5 : 1.0) * dt * waveform.value(n * dt) *
           std::polar(1.0, 2.0 * pi * f * n * dt);
  return sum;
}

TEST(Waveform, SpectraAreThoseOfTheSignal) {
  for (const Case& one : finite_waveforms()) {
    double worst = 0.0;
    const double peak = std::abs(one.waveform.spectrum(one.waveform.frequency));
    for (const double f : {0.0, 0.3, 0.9, 1.0, 1.25, 2.6})
      worst =
          std::max(worst, std::abs(one.waveform.spectrum(f) - quadrature(one.waveform, f)) / peak);
    std::printf("%s: spectrum %.1e\n", one.name, worst);
    EXPECT_LT(worst, 1e-8) << one.name;
  }
}

TEST(Waveform, BeginAndEndAtNothingAndStayInTheirBand) {
  for (const Case& one : finite_waveforms()) {
    const Waveform& w = one.waveform;
    double peak = 0.0;
    for (int n = 0; n <= 4000; ++n) peak = std::max(peak, std::abs(w.value(w.end * n / 4000.0)));
    EXPECT_LT(std::abs(w.value(1e-9 * w.end)), 2e-9 * peak) << one.name;
    EXPECT_LT(std::abs(w.value(w.end * (1.0 - 1e-9))), 2e-9 * peak) << one.name;
    EXPECT_EQ(w.value(-1e-3), 0.0);
    EXPECT_EQ(w.value(w.end + 1e-3), 0.0);
    const auto band = band_of(w, 1e-3);
    double top = 0.0;
    for (double f = 0.0; f < 8.0; f += 0.01) top = std::max(top, std::abs(w.spectrum(f)));
    for (double f = 0.0; f < 8.0; f += 0.01) {
      if (f < band[0] || f > band[1]) {
        EXPECT_LT(std::abs(w.spectrum(f)), 1.05e-3 * top) << one.name << " " << f;
      }
    }
    EXPECT_GT(std::abs(w.spectrum(band[1] - 0.3 / w.end)), 0.3e-3 * top) << one.name;
  }
  for (const double phase : {0.0, 1.0, pi / 2})
    EXPECT_EQ(std::abs(gaussian_pulse(1.0, 0.9, phase).spectrum(0.0)), 0.0);
}

TEST(Waveform, AnEndlessToneRepeatsAndStopsAsItBegan) {
  const Waveform tone = endless_tone(1.25, 6.0, 0.3);
  for (const double t : {0.5, 2.0, 5.9})
    EXPECT_DOUBLE_EQ(tone.value(t), tone.stopped(3.0).value(t));
  for (const double t : {6.1, 7.7}) {
    EXPECT_NEAR(tone.value(t), tone.value(t + 12.0 * tone.period), 1e-9);
    EXPECT_NEAR(tone.value(t), std::sin(2.0 * pi * 1.25 * t + 0.3), 2e-10);
  }
  EXPECT_EQ(band_of(tone)[1], 1.25);
}

TEST(Waveform, WhatIsNoSignalIsAnError) {
  EXPECT_THROW(gaussian_pulse(-1.0, 1.0), InputError);
  EXPECT_THROW(tone_burst(1.0, 3.0, 5.0), InputError);
  EXPECT_THROW(sampled_waveform({0.0, 1.0, 1.0}, {0.0, 1.0, 2.0}), InputError);
  EXPECT_THROW(sampled_waveform({0.0, 1.0, 2.0}, {0.0, 0.0, 0.0}), InputError);
}

}  // namespace
}  // namespace wavesmith
