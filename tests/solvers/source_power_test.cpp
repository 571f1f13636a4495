// What a source gives: against the flux out of boxes around it, and against what dipoles,
// monopoles, lines and sheets radiate in a uniform medium.
#include "solvers/source_power.hpp"

#include <cstdio>

#include "core/error.hpp"
#include "physics/vacuum.hpp"
#include "solvers/current_source.hpp"
#include "solvers/flux.hpp"
#include "tests/solvers/monitor_fixtures.hpp"

namespace wavesmith {
namespace {

using testing::Complex;

constexpr Boundary absorbing = Boundary::absorbing, mirror = Boundary::mirror;

// A tone of frequency 0.06 in cells of unit width and unit speed.
constexpr double tone = 0.06;
Waveform waveform() {
  Waveform pulse;
  pulse.value = [](double t) { return testing::pulse(tone, t); };
  return pulse;
}

struct Case {
  const char* name;
  Equations equations;
  std::array<int, 3> cells;
  const char* field;
  Vec3 at;  // of the source, in cells
  bool mirrored = false;
};

const std::vector<Case> cases = {
    {"light 3D", Equations::maxwell, {28, 28, 28}, "Ez", {14.3, 13.8, 14.1}},
    {"light 3D, magnetic", Equations::maxwell, {28, 28, 28}, "Hx", {14.3, 13.8, 14.1}},
    {"light 3D, in a mirror", Equations::maxwell, {18, 28, 28}, "Ey", {0.0, 13.8, 14.1}, true},
    {"light 2D", Equations::tm, {40, 40, 1}, "Ez", {20.4, 19.7, 0.0}},
    {"light 2D, in the plane", Equations::maxwell, {40, 40, 1}, "Ex", {20.4, 19.7, 0.0}},
    {"light 1D", Equations::tm, {80, 1, 1}, "Ez", {40.2, 0.0, 0.0}},
    {"sound 3D", Equations::sound, {28, 28, 28}, "p", {14.3, 13.8, 14.1}},
    {"sound 2D, force", Equations::sound, {40, 40, 1}, "vy", {20.4, 19.7, 0.0}},
};

struct Scene {
  TimeDomainSetup setup;
  WaveContext context;
  Vec3 middle{};
};

Scene make_scene(const Case& one, bool varied) {
  Scene scene;
  TimeDomainSetup& setup = scene.setup;
  setup.system = system_of(one.equations);
  setup.speed = 1.0;
  setup.boundaries.layer = {7, 3.0, 1e-4, 1.0, 0.0};
  for (std::size_t d = 0; d < 3; ++d) {
    if (one.cells[d] == 1) continue;
    setup.boundaries.faces[d] = {one.mirrored && d == 0 ? mirror : absorbing, absorbing};
    setup.grid.axes[d] = testing::random_axis(one.cells[d], 1.0, varied ? 0.2 : 0.0, d);
    const Axis& axis = setup.grid.axes[d];
    const int cell = static_cast<int>(one.at[d]);
    scene.middle[d] = axis.edge(cell) + (one.at[d] - cell) * axis.width(cell);
  }
  setup.dt = 0.95 * courant_limit(setup.grid, 1.0);
  const WaveContext bare =
      make_wave_context(one.equations, setup.grid, setup.boundaries, setup.dt, 1.0, 2.0);
  const Random random(4, 0);
  for (int c = 0; c < component_count(setup.system); ++c) {
    auto& values = setup.coefficient[static_cast<std::size_t>(c)];
    if (!varied) values = {c < first_group_size(setup.system) ? 0.7 : 0.9};
    for (std::size_t i = 0; varied && i < bare.size.count(); ++i)
      values.push_back(random.uniform(i + static_cast<std::size_t>(c) * 1000000, 0.7, 1.0));
  }
  scene.context = context_of(setup, one.equations, 2.0);
  setup.sources = point_source(scene.context, one.field, scene.middle, 1.7, waveform());
  return scene;
}

constexpr long steps = 2600;

// Numbers per unit of the waveform.
MonitorValues seen(const FrequencyMonitor& monitor, const TimeDomain& march) {
  const std::vector<Complex> spectrum =
      waveform_spectrum(waveform().value, monitor.frequencies(), march.setup().dt, march.step());
  return divide_by_waveform(monitor.evaluate(spectra_of(march)), monitor.numbers(), spectrum);
}

TEST(SourcePower, IsWhatFlowsOutOfABox) {
  const std::vector<double> f = {0.05, 0.07};
  for (const Case& one : cases) {
    Scene scene = make_scene(one, true);
    Vec3 low = {0.0, 0.0, 0.0}, high = {1.0, 1.0, 1.0};
    for (std::size_t d = 0; d < 3; ++d) {
      if (one.cells[d] == 1) continue;
      low[d] = std::max(scene.middle[d] - 2.6, 0.0);
      high[d] = scene.middle[d] + 2.7;
    }
    const Flux box(scene.setup, scene.context, "box", low, high, Flux::Sign::outward, f);
    const SourcePower power(scene.setup, scene.context, "power", scene.setup.sources, f);
    TimeDomain march(scene.setup);
    march.run(steps);
    const MonitorValues out = seen(box, march), given = seen(power, march);
    double worst = 0.0;
    for (std::size_t i = 0; i < f.size(); ++i) {
      EXPECT_GT(given[0][i].real(), 0.0) << one.name;
      worst = std::max(worst, std::abs(given[0][i].real() / out[0][i].real() - 1.0));
    }
    std::printf("%s: against the flux %.1e\n", one.name, worst);
    EXPECT_LT(worst, 1e-10) << one.name;
    EXPECT_LT(testing::pull_back_error(power, scene.setup), 1e-12) << one.name;
  }
}

// Of a uniform medium with C of 0.7 and 0.9: second order in the cell, 16 and 32 a wavelength.
TEST(SourcePower, IsEnhancedByOneInAUniformMedium) {
  for (const Case& one : cases) {
    std::array<double, 2> error{};
    const bool cube = one.cells[2] > 1;
    for (int level = 0; level < 2; ++level) {
      Scene scene;
      TimeDomainSetup& setup = scene.setup;
      setup.system = system_of(one.equations);
      setup.speed = 1.0;
      const int fine = (level + 1) * (cube ? 1 : 2);
      setup.boundaries.layer.cells = 8 * fine;
      for (std::size_t d = 0; d < 3; ++d) {
        if (one.cells[d] == 1) continue;
        const bool half = one.mirrored && d == 0;
        setup.boundaries.faces[d] = {half ? mirror : absorbing, absorbing};
        setup.grid.axes[d] = uniform_axis(half ? 0.0 : -14.0, 14.0, (half ? 14 : 28) * fine);
      }
      setup.dt = 0.9 * courant_limit(setup.grid, 1.0);
      for (int c = 0; c < component_count(setup.system); ++c)
        setup.coefficient[static_cast<std::size_t>(c)] = {c < first_group_size(setup.system) ? 0.7
                                                                                             : 0.9};
      const WaveContext context = context_of(setup, one.equations, 2.0);
      // Half way between points, or on them: the same place on both grids.
      setup.sources = point_source(context, one.field, {}, 1.7, waveform());
      const SourcePower power(setup, context, "power", setup.sources, {tone});
      ASSERT_EQ(power.numbers().size(), 2u) << one.name;
      TimeDomain march(std::move(setup));
      march.run(static_cast<long>((testing::pulse_length(tone) + 120.0) / march.setup().dt));
      error[static_cast<std::size_t>(level)] = std::abs(seen(power, march)[1][0].real() - 1.0);
    }
    const double order = std::log2(error[0] / error[1]);
    std::printf("%s: errors %.2e, %.2e, order %.2f\n", one.name, error[0], error[1], order);
    EXPECT_LT(error[1], 0.03) << one.name;
    EXPECT_GT(order, 1.7) << one.name;
  }
}

// A sheet of current at a quarter wave from a perfect mirror gives twice the power, and none at
// half a wave: the image's field adds to its own (the method of images).
TEST(SourcePower, FeelsAWall) {
  for (const double waves : {0.25, 0.375, 0.5}) {
    TimeDomainSetup setup;
    setup.system = WaveSystem::scalar;
    setup.speed = 1.0;
    setup.grid.axes[0] = uniform_axis(0.0, 40.0, 1600);
    setup.boundaries.faces[0] = {Boundary::wall, absorbing};
    setup.boundaries.layer.cells = 200;
    setup.dt = 0.9 * courant_limit(setup.grid, 1.0);
    const WaveContext context = context_of(setup, Equations::tm);
    const double distance = waves / tone;
    setup.sources = point_source(context, "Ez", {distance, 0.0, 0.0}, 1.0, waveform());
    const SourcePower power(setup, context, "power", setup.sources, {tone});
    TimeDomain march(std::move(setup));
    march.run(static_cast<long>(500.0 / march.setup().dt));
    EXPECT_NEAR(seen(power, march)[1][0].real(), 1.0 - std::cos(4.0 * pi * waves), 2e-3) << waves;
  }
}

TEST(SourcePower, GradientAgreesWithDifferences) {
  for (const std::size_t which : {std::size_t{0}, std::size_t{3}, std::size_t{4}}) {
    const Case& one = cases[which];
    Scene scene = make_scene(one, true);
    const SourcePower power(scene.setup, scene.context, "power", scene.setup.sources, {0.05, 0.07});
    GridBox design{{9, 9, 9}, {12, 12, 12}};
    if (one.cells[2] == 1) design.begin[2] = 0, design.end[2] = 1;
    const double error = testing::gradient_error(scene.setup, power, design, 900);
    std::printf("%s: gradient %.1e\n", one.name, error);
    EXPECT_LT(error, 1e-6) << one.name;
  }
}

TEST(SourcePower, OnlyPointsHaveAnEnhancement) {
  Scene scene = make_scene(cases[3], false);
  const auto numbers = [&](const std::vector<TimeSource>& sources) {
    return SourcePower(scene.setup, scene.context, "power", sources, {tone}).numbers().size();
  };
  EXPECT_EQ(numbers(scene.setup.sources), 2u);
  EXPECT_EQ(numbers(current_source(scene.context, "Ez", {10, 15, 0}, {20, 15, 0}, 1.0, waveform())),
            1u);
  EXPECT_THROW(numbers({}), InputError);
  std::vector<TimeSource> ranks = scene.setup.sources;
  ranks[0].rank = 0;
  EXPECT_THROW(numbers(ranks), InputError);
}

}  // namespace
}  // namespace wavesmith
