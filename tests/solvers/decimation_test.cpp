// Records taken seldom against records of every step.
#include "solvers/decimation.hpp"

#include <cstdio>

#include "core/error.hpp"
#include "solvers/waveform.hpp"
#include "tests/solvers/monitor_fixtures.hpp"

namespace wavesmith {
namespace {

using testing::Complex;

TEST(Decimation, AliasesStayBelowTheirBoundInARun) {
  const double f = 0.02;
  const Waveform pulse = gaussian_pulse(f, 0.8 * f);
  const auto magnitude = [&](double at) { return std::abs(pulse.spectrum(at)); };
  const std::vector<double> frequencies = {0.7 * f, f, 1.3 * f};
  TimeDomainSetup setup;
  setup.system = WaveSystem::scalar;
  setup.speed = 1.0;
  setup.grid.axes = {uniform_axis(0.0, 70.0, 70), uniform_axis(0.0, 60.0, 60), Axis{}};
  for (std::size_t d = 0; d < 2; ++d)
    setup.boundaries.faces[d] = {Boundary::absorbing, Boundary::absorbing};
  setup.boundaries.layer.cells = 12;
  setup.dt = 0.9 * courant_limit(setup.grid, 1.0);
  setup.coefficient[0].assign(70 * 60, 1.0);
  for (std::size_t i = 0; i < 70; ++i)
    for (std::size_t j = 30; j < 36; ++j) setup.coefficient[0][j * 70 + i] = 0.2;
  setup.sources.push_back(
      {0, {{20, 24, 0}, {21, 25, 1}}, 1, {1.0}, [=](int, double t) { return pulse.value(t); }});
  int before = 1 << 30;
  std::vector<Decimation> chosen;
  const GridBox box{{30, 20, 0}, {40, 44, 1}};
  setup.monitors.push_back({0, box, frequencies, 1});
  const std::vector<double> tolerances = {1e-2, 1e-4, 1e-7};
  for (const double tolerance : tolerances) {
    chosen.push_back(choose_decimation(magnitude, frequencies, setup.dt, tolerance));
    EXPECT_LE(chosen.back().alias, tolerance);
    EXPECT_LE(chosen.back().every, before);
    // One step more would break the bound or the march's own limit.
    const int next = chosen.back().every + 1;
    EXPECT_TRUE(next * 1.3 * f * setup.dt >= 0.5 ||
                alias_bound(magnitude, frequencies, setup.dt, next) > tolerance);
    before = chosen.back().every;
    setup.monitors.push_back({0, box, frequencies, chosen.back().every});
  }
  TimeDomain march(setup);
  march.run(3000);
  const Spectra spectra = spectra_of(march);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    double difference = 0.0, size = 0.0;
    for (std::size_t p = 0; p < spectra[0].size(); ++p) {
      difference = std::max(difference, std::abs(spectra[i + 1][p] - spectra[0][p]));
      size = std::max(size, std::abs(spectra[0][p]));
    }
    std::printf("tolerance %.0e: every %d steps, bound %.1e, found %.1e\n", tolerances[i],
                chosen[i].every, chosen[i].alias, difference / size);
    EXPECT_GT(chosen[i].every, 2);
    EXPECT_LE(difference, tolerances[i] * size);
  }
}

// The sum over records of one point is the sum over the aliases, exactly.
TEST(Decimation, RecordsSeeTheSumOfTheAliases) {
  const double dt = 0.3, f = 0.17;
  const int every = 4, samples = 240;
  const auto value = [](int n) { return std::sin(0.1 * n * n) * std::exp(-0.02 * n); };
  const auto spectrum = [&](double at, int step) {
    Complex sum = 0.0;
    for (int n = 0; n < samples; n += step)
      sum += std::polar(value(n) * dt * step, 2.0 * pi * at * n * dt);
    return sum;
  };
  Complex aliases = 0.0;
  for (int m = 0; m < every; ++m) aliases += spectrum(f + m / (every * dt), 1);
  EXPECT_LT(std::abs(spectrum(f, every) - aliases), 1e-12 * std::abs(aliases));
}

TEST(Decimation, WhatCannotBeChosenIsAnError) {
  const auto flat = [](double) { return 1.0; };
  const std::vector<double> f = {0.1};
  EXPECT_EQ(choose_decimation(flat, f, 0.5, 1e-3).every, 1);
  EXPECT_THROW(choose_decimation([](double) { return 0.0; }, f, 0.5, 1e-3), InputError);
  EXPECT_THROW(choose_decimation(flat, f, 6.0, 1e-3), InputError);
  EXPECT_THROW(choose_decimation(flat, {}, 0.5, 1e-3), InputError);
  EXPECT_THROW(choose_decimation(flat, f, 0.5, 0.0), InputError);
}

// Transforms of samples against sums by hand, and the sum's bound.
TEST(Decimation, SampledSignalsTellTheirMagnitudes) {
  const double dt = 0.5;
  const Waveform pulse = gaussian_pulse(0.05, 0.03);
  std::vector<double> signal;
  for (int n = 0; n < 900; ++n) signal.push_back(pulse.value(dt * n));
  SampledMagnitude magnitude(dt, signal.size());
  magnitude.add(signal, 2.0);
  magnitude.add(signal, 1.0);
  const auto by_hand = [&](double f) {
    Complex sum = 0.0;
    for (std::size_t n = 0; n < signal.size(); ++n)
      sum += signal[n] * std::polar(1.0, 2.0 * pi * f * dt * static_cast<double>(n));
    return 3.0 * std::abs(sum);
  };
  double peak = 0.0;
  for (double f = 0.0; f < 1.0; f += 0.0037) peak = std::max(peak, by_hand(f));
  const double width = 1.0 / (1800 * dt);  // from line to line: 1800 has the factors 2, 3 and 5
  for (double f = -0.5; f < 1.5; f += 0.0037) {
    const double below = width * std::floor(f / width);
    EXPECT_NEAR(magnitude(f), std::max(by_hand(below), by_hand(below + width)), 1e-9 * peak) << f;
    EXPECT_GE(magnitude(f), by_hand(f) - 1e-3 * peak) << f;
  }
  const std::function<double(double)> of_signal = [&](double f) { return magnitude(f); };
  const std::vector<double> frequencies = {0.04, 0.05, 0.06};
  const std::vector<double> same = {1.0, 1.0, 1.0};
  const Decimation chosen = choose_decimation_of_sum(of_signal, frequencies, same, dt, 1e-7);
  EXPECT_GT(chosen.every, 2);
  EXPECT_LE(chosen.alias, 1e-7);
  // A sum is no more wrong than its worst part.
  EXPECT_LE(chosen.alias, alias_bound(of_signal, frequencies, dt, chosen.every));
  EXPECT_GE(chosen.every, choose_decimation(of_signal, frequencies, dt, 1e-7).every);
  // Nothing to weigh, or a frequency that the march does not know.
  const std::vector<double> none = {0.0, 0.0, 0.0};
  EXPECT_EQ(choose_decimation_of_sum(of_signal, frequencies, none, dt, 1e-7).every, 1);
  EXPECT_EQ(choose_decimation_of_sum(of_signal, std::vector<double>{1.5}, std::vector<double>{1.0},
                                     dt, 1e-7)
                .every,
            1);
}

}  // namespace
}  // namespace wavesmith
