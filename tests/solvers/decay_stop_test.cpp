// Decays known in closed form, beats and slow modes, and a run stopped by the rule.
#include "solvers/decay_stop.hpp"

#include <cstdio>
#include <functional>

#include "core/error.hpp"
#include "solvers/run_until_decayed.hpp"
#include "tests/solvers/monitor_fixtures.hpp"

namespace wavesmith {
namespace {

struct Stopped {
  double time = 0.0;
  StopReason reason = StopReason::running;
  double tail = 0.0;
};

Stopped feed(DecayStop& stop, const std::function<double(double)>& magnitude, double every,
             long samples) {
  for (long i = 1; i <= samples; ++i) {
    const double t = every * static_cast<double>(i);
    if (stop.add(i, t, magnitude(t)) != StopReason::running) return {t, stop.reason(), stop.tail()};
  }
  return {};
}

double tail_integral(const std::function<double(double)>& magnitude, double from) {
  double sum = 0.0;
  for (double t = from; t < from + 4000.0; t += 0.01) sum += 0.01 * magnitude(t + 0.005);
  return sum;
}

TEST(DecayStop, TailsAreBounded) {
  const double pi2 = 2.0 * std::numbers::pi;
  const std::vector<std::pair<const char*, std::function<double(double)>>> decays = {
      {"exponential", [](double t) { return std::exp(-0.1 * t); }},
      {"with carrier", [=](double t) { return std::exp(-0.1 * t) * std::abs(std::cos(pi2 * t)); }},
      {"two rates", [](double t) { return std::exp(-0.5 * t) + 0.05 * std::exp(-0.05 * t); }},
      {"beat", [=](double t) { return std::exp(-0.03 * t) * std::abs(std::cos(pi2 * t / 60.0)); }}};
  for (const auto& [name, magnitude] : decays) {
    DecayRule rule;
    rule.tolerance = 1e-4;
    DecayStop stop(rule);
    const Stopped end = feed(stop, magnitude, 0.05, 1000000);
    const double lost = tail_integral(magnitude, end.time);
    std::printf("%s: stopped at %.1f, tail %.2e, bound %.2e\n", name, end.time, lost, end.tail);
    EXPECT_EQ(end.reason, StopReason::decayed) << name;
    EXPECT_LE(lost, end.tail * (1.0 + 1e-3)) << name;
    EXPECT_LE(magnitude(end.time), 1e-4) << name;
    EXPECT_NE(stop.sentence().find("decayed"), std::string::npos);
  }
}

// Two modes that cancel for a while, at any phase and however slowly they beat.
TEST(DecayStop, DoesNotStopWithinABeat) {
  for (const double period : {3.0, 40.0, 300.0, 5000.0})
    for (const double phase : {0.0, 0.1, 0.3, 0.5, 0.8}) {
      const double rate = 1e-3 / period;
      const auto magnitude = [=](double t) {
        return std::exp(-rate * t) * std::abs(std::cos(std::numbers::pi * (t / period + phase)));
      };
      DecayRule rule;
      rule.tolerance = 1e-2;
      DecayStop stop(rule);
      const Stopped end = feed(stop, magnitude, period / 400.0, 20000);  // 50 beats
      EXPECT_EQ(end.reason, StopReason::running) << period << ", " << phase;
    }
}

TEST(DecayStop, WaitsForSlowResonances) {
  // A burst, and a resonance of a thousandth of it that rings for long.
  const auto magnitude = [](double t) {
    return std::exp(-0.5 * (t - 20.0) * (t - 20.0) / 16.0) + 1e-3 * std::exp(-1e-3 * t);
  };
  DecayRule rule;
  rule.tolerance = 1e-5;
  rule.sources_end = 40.0;
  DecayStop stop(rule);
  const Stopped end = feed(stop, magnitude, 1.0, 100000);
  EXPECT_EQ(end.reason, StopReason::decayed);
  EXPECT_GT(end.time, std::log(100.0) / 1e-3);
  EXPECT_LE(std::exp(-1e-3 * end.time), end.tail * (1.0 + 1e-3));  // of the resonance
  // A looser rule leaves the resonance; asking for the spectrum as well waits for it.
  rule.tolerance = 2e-3;
  DecayStop loose(rule);
  const Stopped early = feed(loose, magnitude, 1.0, 100000);
  EXPECT_LT(early.time, 1000.0);
  rule.spectrum_tolerance = 1e-3;
  DecayStop whole(rule);
  EXPECT_GT(feed(whole, magnitude, 1.0, 100000).time, 3000.0);
}

TEST(DecayStop, StepsRunOut) {
  DecayRule rule;
  rule.most_steps = 500;
  DecayStop stop(rule);
  const Stopped end = feed(
      stop, [](double) { return 1.0; }, 1.0, 1000);
  EXPECT_EQ(end.reason, StopReason::out_of_steps);
  EXPECT_EQ(end.time, 500.0);
  EXPECT_TRUE(std::isinf(end.tail));
}

TEST(DecayStop, RulesAndSamplesThatCannotBeAreErrors) {
  DecayRule rule;
  rule.tolerance = 0.0;
  EXPECT_THROW(DecayStop stop(rule), InputError);
  DecayStop stop({});
  stop.add(1, 1.0, 1.0);
  EXPECT_THROW(stop.add(2, 1.0, 1.0), InputError);
  EXPECT_THROW(stop.add(2, 2.0, -1.0), InputError);
  EXPECT_THROW(stop.add(2, 2.0, std::nan("")), InputError);
}

// A leaky box of sound: the spectrum at the stop against that of a run ten times as long.
TEST(DecayStop, BoundsTheErrorOfARun) {
  TimeDomainSetup setup;
  setup.system = WaveSystem::scalar;
  setup.speed = 1.0;
  setup.grid.axes = {uniform_axis(0.0, 60.0, 60), uniform_axis(0.0, 40.0, 40), Axis{}};
  setup.boundaries.faces[0] = {Boundary::mirror, Boundary::absorbing};
  setup.boundaries.faces[1] = {Boundary::wall, Boundary::wall};
  setup.boundaries.layer.cells = 12;
  setup.dt = 0.9 * courant_limit(setup.grid, 1.0);
  const WaveContext context = context_of(setup, Equations::sound, 1.0);
  const std::size_t points = context.size.count();
  setup.coefficient[1].assign(points, 1.0);
  // A heavy partition with light behind it.
  for (int j = 0; j < 40; ++j) setup.coefficient[1][context.size.index(25, j, 0)] = 0.05;
  const double f = 0.05;
  setup.sources.push_back(testing::point_source(0, {10, 15, 0}, f));
  setup.monitors.push_back({0, {{14, 17, 0}, {15, 18, 1}}, {f}, 1});
  DecayRule rule;
  rule.tolerance = 1e-3;
  rule.sources_end = testing::pulse_length(f);
  rule.most_steps = 200000;
  TimeDomain march(setup);
  const DecayStop stop = run_until_decayed(march, rule, 16);
  const std::complex<double> found = march.spectrum(0)[0];
  const long steps = march.step();
  march.run(9 * steps);
  const double error = std::abs(march.spectrum(0)[0] - found);
  std::printf("stopped after %ld steps: error %.2e of the spectrum, bound %.2e\n%s\n", steps,
              error / std::abs(found), stop.tail() / std::abs(found), stop.sentence().c_str());
  EXPECT_EQ(stop.reason(), StopReason::decayed);
  EXPECT_LE(error, stop.tail());
  EXPECT_GT(error, 0.0);
}

}  // namespace
}  // namespace wavesmith
