// Runs that go wrong are stopped with the reason; runs that only look wild are not.
#include <gtest/gtest.h>

#include <cstdio>
#include <limits>

#include "core/error.hpp"
#include "solvers/time_domain.hpp"
#include "tests/solvers/time_domain_scenes.hpp"

namespace wavesmith {
namespace {

using namespace time_domain_scenes;

// A closed line or square of unit cells with a dipole.
TimeDomainSetup cavity(std::array<int, 3> cells, double courant) {
  TimeDomainSetup setup;
  setup.system = WaveSystem::scalar;
  setup.equations = Equations::tm;
  setup.speed = 1.0;
  for (std::size_t d = 0; d < 3; ++d)
    if (cells[d] > 1) setup.grid.axes[d] = uniform_axis(0.0, cells[d], cells[d]);
  setup.dt = courant * courant_limit(setup.grid, 1.0);
  setup.sources = {{0, {{7, 0, 0}, {8, 1, 1}}, 1, {1.0}, burst(0.05)}};
  if (cells[1] > 1) setup.sources[0].box = {{7, 5, 0}, {8, 6, 1}};
  return setup;
}

void expect_stop(const TimeDomainSetup& setup, const std::vector<std::string>& words) {
  TimeDomain march(setup);
  try {
    march.run(200000);
    ADD_FAILURE() << "not stopped: " << words.back();
  } catch (const NumericsError& error) {
    std::printf("%s\n", error.what());
    for (const std::string& word : words)
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << word;
  }
  EXPECT_LT(march.step(), 100000);
}

TEST(TimeDomainWatchdog, StopsAndSaysWhy) {
  TimeDomainSetup light = cavity({40, 30, 1}, 1.0);
  light.coefficient[0].assign(40 * 30, 0.5);
  for (int j = 10; j < 20; ++j)
    for (int i = 10; i < 30; ++i) light.coefficient[0][std::size_t(40 * j + i)] = 1.1;
  light.describe = [](int, const std::array<int, 3>&) { return "foam"; };
  expect_stop(light, {"Ez", "grown", "in foam,", "y = ", "Courant number there is 1.04",
                      "coefficients above 1"});

  TimeDomainSetup gain = cavity({40, 1, 1}, 0.9);
  gain.decay[1] = {1.0005};
  expect_stop(gain, {"decay of Hy is 1.0", "amplifies"});

  TimeDomainSetup pole = cavity({40, 1, 1}, 0.9);
  pole.poles.push_back({0,
                        {{20, 0, 0}, {22, 1, 1}},
                        false,
                        {1.9, 1.9},
                        {-1.001, -1.001},
                        {1e-3, 1e-3},
                        {1e-3, 1e-3}});
  expect_stop(pole, {"pole of the medium of Ez grows by itself"});

  // Stable alone, but pushing the field it listens to.
  TimeDomainSetup active = cavity({40, 1, 1}, 0.9);
  active.poles.push_back(
      {0, {{20, 0, 0}, {22, 1, 1}}, false, {1.9, 1.9}, {-0.99, -0.99}, {0.5, 0.5}, {-1.0, -1.0}});
  expect_stop(active, {"medium with poles"});

  TimeDomainSetup broken = cavity({40, 1, 1}, 0.9);
  broken.sources[0].signal = [](int, double t) {
    return t < 50.0 ? 1.0 : std::numeric_limits<double>::quiet_NaN();
  };
  expect_stop(broken, {"source 0", "not a finite number in step 56", "x = 7"});

  TimeDomainSetup huge = cavity({40, 30, 1}, 1.0);
  huge.precision = Precision::f32;
  huge.coefficient[0] = {4.0};
  expect_stop(huge, {"Ez", "Courant number there is 2", "coefficients above 1"});
}

// At the Courant limit itself, at resonance for ever, with sources that begin slowly or start the
// march far above everything after, in both precisions.
TEST(TimeDomainWatchdog, LeavesStableRunsAlone) {
  for (const Precision precision : {Precision::f32, Precision::f64}) {
    // The third mode of a closed line: omega dt / 2 = asin(S sin(k / 2)).
    const int n = 40;
    const double angle = 2.0 * std::asin(0.9 * std::sin(1.5 * pi / n));
    TimeDomainSetup tone = cavity({n, 1, 1}, 0.9);
    tone.precision = precision;
    tone.sources[0].signal = [=](int, double t) { return std::sin(angle * t / 0.9); };
    TimeDomain driven(tone);
    driven.run(60000);
    std::printf("a tone on resonance: %g after 60000 steps\n", driven.field(0)[7]);

    for (const double length : {100.0, 3000.0}) {
      TimeDomainSetup gauss = cavity({60, 50, 1}, 1.0);
      gauss.precision = precision;
      gauss.coefficient[0].assign(60 * 50, 0.1);
      for (std::size_t i = 0; i < 1500; ++i) gauss.coefficient[0][i] = 1.0;
      gauss.sources[0].signal = [=](int, double t) {
        const double u = (t - 5.0 * length) / length;
        return std::exp(-0.5 * u * u) * std::sin(0.3 * t);
      };
      TimeDomain march(gauss);
      march.run(20000);
    }

    TimeDomainSetup one = cavity({60, 1, 1}, 1.0);
    one.precision = precision;
    one.sources[0].signal = [](int, double t) { return t < 1.0 ? 1e10 : 0.0; };
    TimeDomain impulse(one);
    impulse.run(50000);
  }
}

}  // namespace
}  // namespace wavesmith
