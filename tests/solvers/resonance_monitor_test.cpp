// Closed boxes at the frequencies of the scheme, a leaking ring at that of the continuum.
#include "solvers/resonance_monitor.hpp"

#include <cstdio>

#include "core/error.hpp"
#include "tests/analytic/ring_resonance.hpp"
#include "tests/analytic/yee.hpp"
#include "tests/solvers/monitor_fixtures.hpp"

namespace wavesmith {
namespace {

using testing::Complex;

// All modes of a conducting box in a band, to the frequencies of the scheme.
TEST(ResonanceMonitor, BoxesRingAtTheFrequenciesOfTheScheme) {
  TimeDomainSetup setup;
  const std::array<int, 3> cells = {17, 14, 20};
  const std::array<double, 3> sides = {50e-3, 20e-3, 60e-3};
  for (std::size_t d = 0; d < 3; ++d) setup.grid.axes[d] = uniform_axis(0.0, sides[d], cells[d]);
  setup.dt = 0.99 * courant_limit(setup.grid, speed_of_light);
  const WaveContext context = context_of(setup, Equations::maxwell);
  const double middle = 5e9;
  setup.sources.push_back(testing::point_source(1, {5, 6, 7}, middle));
  const ResonanceMonitor monitor(setup, context, "box", "Ey", {0.031, 0.011, 0.023},
                                 {3.5e9, 6.7e9});
  const double end = testing::pulse_length(middle);
  const double dt = setup.dt;
  TimeDomain march(std::move(setup));
  march.run(static_cast<long>(end / dt) + 12000);
  const std::vector<Resonance> found = monitor.find(march, end);
  analytic::YeeStep step;
  for (std::size_t d = 0; d < 3; ++d) step.spacing.push_back(sides[d] / cells[d]);
  step.dt = dt;
  for (const std::vector<int>& mode : {std::vector<int>{1, 0, 1}, {1, 0, 2}, {2, 0, 1}}) {
    const double expected = analytic::yee_box_frequency(step, mode, {cells.begin(), cells.end()});
    double nearest = 0.0;
    for (const Resonance& one : found)
      if (std::abs(one.frequency - expected) < std::abs(nearest - expected))
        nearest = one.frequency;
    std::printf("TE%d0%d: %.9f GHz, exact %.9f\n", mode[0], mode[2], nearest / 1e9, expected / 1e9);
    EXPECT_NEAR(nearest / expected, 1.0, 1e-9);
  }
  for (const Resonance& one : found) EXPECT_GT(std::abs(one.quality), 1e6);
}

// n = 3.4, radius 1 to 2, third order: a quarter of it, odd in x and even in y.
TEST(ResonanceMonitor, RingLeaksAsItShould) {
  const analytic::Resonance exact =
      analytic::annulus_resonance({3.4, 1.0, 2.0}, 3, {0.118, -0.00077});
  EXPECT_NEAR(exact.frequency, 0.118191693734, 1e-11);
  std::array<double, 2> error{}, quality{};
  for (int level = 0; level < 2; ++level) {
    const int per_unit = 8 << level, cells = 10 * per_unit;
    TimeDomainSetup setup;
    setup.system = WaveSystem::scalar;
    setup.speed = 1.0;
    setup.grid.axes = {uniform_axis(0.0, 10.0, cells), uniform_axis(0.0, 10.0, cells), Axis{}};
    setup.boundaries.faces[0] = {Boundary::wall, Boundary::absorbing};
    setup.boundaries.faces[1] = {Boundary::mirror, Boundary::absorbing};
    setup.boundaries.layer.cells = 6 * per_unit;
    setup.dt = 0.95 * courant_limit(setup.grid, 1.0);
    const double h = 1.0 / per_unit;
    for (int j = 0; j < cells; ++j)
      for (int i = 0; i < cells; ++i) {
        double share = 0.0;
        for (int a = 0; a < 16; ++a)
          for (int b = 0; b < 16; ++b) {
            const double r = std::hypot((i + (a - 7.5) / 16.0) * h, (j + (b - 7.5) / 16.0) * h);
            share += r > 1.0 && r < 2.0 ? 1.0 / 256.0 : 0.0;
          }
        setup.coefficient[0].push_back(1.0 / (1.0 + share * (3.4 * 3.4 - 1.0)));
      }
    const WaveContext context = context_of(setup, Equations::tm);
    const std::array<int, 3> at =
        nearest_point(context, find_field(Equations::tm, "Ez"), {1.1, 0.0, 0.0});
    setup.sources.push_back(testing::point_source(0, at, exact.frequency));
    const ResonanceMonitor monitor(setup, context, "ring", "Ez", {1.4, 0.3, 0.0}, {0.09, 0.15});
    const double end = testing::pulse_length(exact.frequency);
    const double dt = setup.dt;
    TimeDomain march(std::move(setup));
    march.run(static_cast<long>((end + 350.0) / dt));
    Resonance best;
    for (const Resonance& one : monitor.find(march, end))
      if (std::abs(one.amplitude) > std::abs(best.amplitude)) best = one;
    error[static_cast<std::size_t>(level)] = std::abs(best.frequency / exact.frequency - 1.0);
    quality[static_cast<std::size_t>(level)] = std::abs(best.quality / exact.q - 1.0);
    std::printf("ring, %d points a unit: f %.9f (%.9f), Q %.4f (%.4f), error estimate %.1e\n",
                per_unit, best.frequency, exact.frequency, best.quality, exact.q, best.error);
  }
  std::printf("orders: frequency %.2f, quality %.2f\n", std::log2(error[0] / error[1]),
              std::log2(quality[0] / quality[1]));
  EXPECT_GT(std::log2(error[0] / error[1]), 1.6);
  EXPECT_LT(error[1], 2e-3);
  EXPECT_LT(quality[1], 0.02);
}

TEST(ResonanceMonitor, BandsAndRecordsThatCannotBeAreErrors) {
  TimeDomainSetup setup;
  setup.grid.axes = {uniform_axis(0.0, 1e-6, 20), uniform_axis(0.0, 1e-6, 20), Axis{}};
  setup.dt = 0.9 * courant_limit(setup.grid, speed_of_light);
  const WaveContext context = context_of(setup, Equations::maxwell);
  const auto make = [&](const ResonanceBand& band, const Vec3& at) {
    return ResonanceMonitor(setup, context, "m", "Ez", at, band);
  };
  EXPECT_THROW(make({2e14, 1e14}, {5e-7, 5e-7, 0}), InputError);
  EXPECT_THROW(make({1e14, 1e17}, {5e-7, 5e-7, 0}), InputError);
  EXPECT_THROW(make({1e14, 2e14}, {5e-6, 5e-7, 0}), InputError);
  const ResonanceMonitor monitor = make({1e14, 2e14}, {5e-7, 5e-7, 0});
  TimeDomain march(setup);
  march.run(10);
  EXPECT_THROW(monitor.find(march, 1.0), InputError);
}

}  // namespace
}  // namespace wavesmith
