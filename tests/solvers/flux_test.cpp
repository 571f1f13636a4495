// Power through planes and boxes: what the leapfrog conserves, and what dipoles radiate.
#include "solvers/flux.hpp"

#include <cstdio>

#include "core/error.hpp"
#include "physics/vacuum.hpp"
#include "tests/solvers/monitor_fixtures.hpp"

namespace wavesmith {
namespace {

using testing::Complex;

struct Case {
  const char* name;
  Equations equations;
  std::array<int, 3> cells;
  std::array<std::array<Boundary, 2>, 3> faces;
  Vec3 low, high;  // of the box, in cells
  std::array<int, 3> source;
  long steps = 2400;  // to rest
};

constexpr Boundary absorbing = Boundary::absorbing, periodic = Boundary::periodic,
                   mirror = Boundary::mirror, wall = Boundary::wall;

std::vector<Case> cases() {
  const std::array<Boundary, 2> open = {absorbing, absorbing}, around = {periodic, periodic};
  return {
      {"light 3D",
       Equations::maxwell,
       {30, 30, 30},
       {open, open, open},
       {11.3, 10.9, 9.2},
       {20.2, 20.0, 19.7},
       {8, 15, 14}},
      {"light 3D, mirror, wall, periodic",
       Equations::maxwell,
       {24, 22, 6},
       {{{mirror, absorbing}, {wall, absorbing}, {periodic, periodic}}},
       {0.0, 0.0, 1.6},
       {7.4, 8.8, 4.1},
       {11, 9, 2},
       4000},
      {"light 2D, both polarisations",
       Equations::maxwell,
       {40, 40, 1},
       {open, open, {}},
       {12.4, 11.0, 0.0},
       {25.5, 24.1, 1.0},
       {28, 22, 0}},
      {"light 2D TM",
       Equations::tm,
       {40, 40, 1},
       {open, open, {}},
       {12.4, 11.0, 0.0},
       {25.5, 24.1, 1.0},
       {28, 22, 0}},
      {"light 1D",
       Equations::tm,
       {80, 1, 1},
       {open, {}, {}},
       {30.2, 0.0, 0.0},
       {48.9, 1.0, 1.0},
       {22, 0, 0}},
      {"sound 3D",
       Equations::sound,
       {30, 28, 30},
       {open, open, open},
       {11.3, 10.9, 10.2},
       {20.2, 17.0, 19.7},
       {8, 15, 14}},
      {"sound 2D, periodic",
       Equations::sound,
       {40, 6, 1},
       {open, around, {}},
       {12.4, 3.3, 0.0},
       {25.5, 6.0, 1.0},
       {28, 3, 0},
       4000},
  };
}

struct Scene {
  TimeDomainSetup setup;
  WaveContext context;
  Vec3 low{}, high{};
};

// Unit speed, graded cells about 1, media without loss that differ from point to point.
Scene make_scene(const Case& one) {
  Scene scene;
  TimeDomainSetup& setup = scene.setup;
  setup.system = system_of(one.equations);
  setup.speed = 1.0;
  setup.boundaries.faces = one.faces;
  setup.boundaries.layer = {7, 3.0, 1e-4, 1.0, 0.0};
  for (std::size_t d = 0; d < 3; ++d) {
    const Axis axis = one.cells[d] > 1 ? testing::random_axis(one.cells[d], 1.0, 0.2, d) : Axis{};
    setup.grid.axes[d] = axis;
    const auto at = [&](double cells) {
      if (one.cells[d] == 1) return cells;
      const int i = std::min(static_cast<int>(cells), one.cells[d] - 1);
      return axis.edge(i) + (cells - i) * axis.width(i);
    };
    scene.low[d] = at(one.low[d]);
    scene.high[d] = at(one.high[d]);
  }
  setup.dt = 0.95 * courant_limit(setup.grid, 1.0);
  scene.context =
      make_wave_context(one.equations, setup.grid, setup.boundaries, setup.dt, 1.0, 2.0);
  const Random random(4, 0);
  for (int c = 0; c < component_count(setup.system); ++c)
    for (std::size_t i = 0; i < scene.context.size.count(); ++i)
      setup.coefficient[static_cast<std::size_t>(c)].push_back(
          random.uniform(i + static_cast<std::size_t>(c) * 1000000, 0.7, 1.0));
  for (int c = 0; c < first_group_size(setup.system); ++c)
    setup.sources.push_back(testing::point_source(c, one.source, 0.06, 1.0 + 0.3 * c));
  return scene;
}

TEST(Flux, ClosedBoxesWithoutSourcesKeepNothing) {
  for (const Case& one : cases()) {
    Scene scene = make_scene(one);
    const std::vector<double> f = {0.05, 0.06, 0.07};
    const Flux box(scene.setup, scene.context, "box", scene.low, scene.high, Flux::Sign::outward,
                   f);
    // In through the face towards the source, or out through it.
    const Flux face(
        scene.setup, scene.context, "face",
        {0, one.source[0] > one.high[0] ? scene.high[0] : scene.low[0], scene.low, scene.high}, f);
    TimeDomain march(scene.setup);
    march.run(one.steps);
    const Spectra spectra = spectra_of(march);
    const MonitorValues out = box.evaluate(spectra), through = face.evaluate(spectra);
    double worst = 0.0;
    for (std::size_t i = 0; i < f.size(); ++i)
      worst = std::max(worst, std::abs(out[0][i]) / std::abs(through[0][i]));
    std::printf("%s: out of the box %.1e of what goes through a face\n", one.name, worst);
    EXPECT_LT(worst, 1e-12) << one.name;
    EXPECT_GT(std::abs(through[0][1]), 0.0) << one.name;
    EXPECT_LT(testing::pull_back_error(box, scene.setup), 1e-12) << one.name;
    EXPECT_LT(testing::pull_back_error(face, scene.setup), 1e-12) << one.name;
  }
}

// A box around the source, whatever its size, gives what the source gives: -Re(E conj(J)) / 2 of
// light, Re(p conj(q)) / 2 of sound, times the point's volume.
TEST(Flux, BoxesOfAnySizeCatchWhatTheSourceGives) {
  for (const Case& one : cases()) {
    Scene scene = make_scene(one);
    scene.setup.sources.resize(1);
    std::array<int, 3> middle{};
    for (std::size_t d = 0; d < 3; ++d) middle[d] = one.cells[d] / 2;
    scene.setup.sources[0].box = {middle, {middle[0] + 1, middle[1] + 1, middle[2] + 1}};
    const std::vector<double> f = {0.05, 0.07};
    std::vector<Flux> boxes;
    for (const double reach : {1.4, 1.8, 2.2}) {
      Vec3 low = {0.0, 0.0, 0.0}, high = {1.0, 1.0, 1.0};
      for (std::size_t d = 0; d < 3; ++d) {
        if (one.cells[d] == 1) continue;
        const double at = scene.setup.grid.axes[d].edge(middle[d]);
        low[d] = std::max(at - reach, 0.0);
        high[d] = std::min(at + reach, scene.setup.grid.axes[d].high());
      }
      boxes.emplace_back(scene.setup, scene.context, "box", low, high, Flux::Sign::outward, f);
    }
    const TimeSource& source = scene.setup.sources[0];
    const int own = add_spectrum(scene.setup, source.component, source.box, f, 1);
    TimeDomain march(scene.setup);
    march.run(one.steps);
    const Spectra spectra = spectra_of(march);

    const std::vector<Complex> waveform = waveform_spectrum(
        [&](double t) { return source.signal(0, t); }, f, scene.setup.dt, one.steps);
    const StoredField driven = fields_of(one.equations, scene.context.impedance)[0];
    const WaveContext own_medium = context_of(scene.setup, one.equations, scene.context.impedance);
    double volume = 1.0;
    for (int d = 0; d < 3; ++d)
      volume *= point_width(own_medium, d, driven.places[static_cast<std::size_t>(d)],
                            source.box.begin[static_cast<std::size_t>(d)]);
    const double weight = density_weight(own_medium, driven, source.box.begin);
    for (std::size_t i = 0; i < f.size(); ++i) {
      const Complex value = spectra[static_cast<std::size_t>(own)][i] * driven.factor;
      const double sign = one.equations == Equations::sound ? 1.0 : -1.0;
      const double given = 0.5 * sign * volume / weight * (value * std::conj(waveform[i])).real();
      for (const Flux& box : boxes) {
        const double out = box.evaluate(spectra)[0][i].real();
        EXPECT_NEAR(out / given, 1.0, 1e-11) << one.name << ", frequency " << f[i];
      }
      if (i == 0) std::printf("%s: power %.6e\n", one.name, given);
    }
  }
}

// omega^4 |p|^2 / (12 pi eps0 c^3) (J. D. Jackson, eq. 9.24), in cells that halve.
TEST(Flux, DipolesRadiateLarmorsPower) {
  const double wavelength = 1e-6, frequency = speed_of_light / wavelength;
  std::array<double, 2> error{};
  for (int level = 0; level < 2; ++level) {
    const int cells = 32 << level, layer = 8 << level;
    TimeDomainSetup setup;
    for (Axis& axis : setup.grid.axes) axis = uniform_axis(-1e-6, 1e-6, cells);
    for (auto& faces : setup.boundaries.faces) faces = {absorbing, absorbing};
    setup.boundaries.layer.cells = layer;
    setup.dt = 0.9 * courant_limit(setup.grid, speed_of_light);
    const WaveContext context = context_of(setup, Equations::maxwell);
    const StoredField ez = find_field(Equations::maxwell, "Ez");
    const std::array<int, 3> at = {cells / 2, cells / 2, cells / 2};
    const double width = 2e-6 / cells;
    // A current of 1 A over one cell: J = 1 / width^2.
    setup.sources.push_back({2,
                             {at, {at[0] + 1, at[1] + 1, at[2] + 1}},
                             1,
                             {density_weight(context, ez, at) / (width * width)},
                             [=](int, double t) { return testing::pulse(frequency, t); }});
    const Flux box(setup, context, "box", {-0.3e-6, -0.3e-6, -0.3e-6}, {0.3e-6, 0.3e-6, 0.3e-6},
                   Flux::Sign::outward, {frequency}, 4);
    const long steps = level == 0 ? 500 : 1000;
    const auto signal = setup.sources[0].signal;
    const double dt = setup.dt;
    TimeDomain march(std::move(setup));
    march.run(steps);
    const std::vector<Complex> waveform =
        waveform_spectrum([&](double t) { return signal(0, t); }, box.frequencies(), dt, steps);
    const double found =
        divide_by_waveform(box.evaluate(spectra_of(march)), box.numbers(), waveform)[0][0].real();
    const double omega = 2.0 * pi * frequency;
    const double expected = omega * omega * width * width * vacuum_impedance /
                            (12.0 * pi * speed_of_light * speed_of_light);
    error[static_cast<std::size_t>(level)] = std::abs(found / expected - 1.0);
  }
  const double order = std::log2(error[0] / error[1]);
  std::printf("dipole power: errors %.2e, %.2e, order %.2f\n", error[0], error[1], order);
  EXPECT_GT(order, 1.8);
  EXPECT_LT(error[1], 0.02);
}

// A rectangle cut anywhere carries its share: halves add up to the whole.
TEST(Flux, RectanglesAddUp) {
  Scene scene = make_scene(cases()[0]);
  const std::vector<double> f = {0.06};
  const double cut = 0.37 * scene.low[1] + 0.63 * scene.high[1];
  Vec3 middle_high = scene.high, middle_low = scene.low;
  middle_high[1] = middle_low[1] = cut;
  const Flux whole(scene.setup, scene.context, "whole", {2, 14.2, scene.low, scene.high}, f);
  const Flux near(scene.setup, scene.context, "near", {2, 14.2, scene.low, middle_high}, f);
  const Flux rest(scene.setup, scene.context, "rest", {2, 14.2, middle_low, scene.high}, f);
  TimeDomain march(scene.setup);
  march.run(400);
  const Spectra spectra = spectra_of(march);
  const double sum = near.evaluate(spectra)[0][0].real() + rest.evaluate(spectra)[0][0].real();
  EXPECT_NEAR(sum / whole.evaluate(spectra)[0][0].real(), 1.0, 1e-12);
}

TEST(Flux, GradientAgreesWithFiniteDifferences) {
  for (const std::size_t which : {std::size_t{1}, std::size_t{3}, std::size_t{6}}) {
    Scene scene = make_scene(cases()[which]);
    const Flux face(scene.setup, scene.context, "face", {0, scene.high[0], scene.low, scene.high},
                    {0.05, 0.07});
    GridBox design{{8, 2, 2}, {11, 5, 4}};
    for (std::size_t d = 0; d < 3; ++d)
      if (cases()[which].cells[d] == 1) design.begin[d] = 0, design.end[d] = 1;
    const double error = testing::gradient_error(scene.setup, face, design, 600);
    std::printf("%s: gradient of the flux %.1e\n", cases()[which].name, error);
    EXPECT_LT(error, 1e-6) << cases()[which].name;
  }
}

TEST(Flux, PlanesThatCannotBeAreErrors) {
  Scene scene = make_scene(cases()[3]);
  const auto make = [&](const PlaneRectangle& rectangle) {
    Flux(scene.setup, scene.context, "plane", rectangle, {0.05});
  };
  EXPECT_THROW(make({0, -3.0, {0, 0, 0}, {9, 9, 9}}), InputError);
  EXPECT_THROW(make({2, 0.5, {0, 0, 0}, {9, 9, 9}}), InputError);
  EXPECT_THROW(make({0, 5.0, {0, 9, 0}, {9, 2, 9}}), InputError);
  EXPECT_THROW(make({0, 5.0, {0, 50, 0}, {9, 60, 9}}), InputError);
  EXPECT_THROW(Flux(scene.setup, scene.context, "plane", {0, 5.0, {}, {9, 9, 9}}, {-1.0}),
               InputError);
}

}  // namespace
}  // namespace wavesmith
