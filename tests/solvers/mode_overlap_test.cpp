// Guides on the grid: amplitudes that travel as their modes say, and scattering parameters.
#include "solvers/mode_overlap.hpp"

#include <cstdio>

#include "core/error.hpp"
#include "solvers/scattering_parameters.hpp"
#include "tests/solvers/monitor_fixtures.hpp"

namespace wavesmith {
namespace {

using testing::Complex;

constexpr double cell = 40e-9, middle = speed_of_light / 1.55e-6;

// A narrow band, far from the cutoff of every mode, where waves would hardly move.
double narrow_pulse(double f, double t) {
  const double from_middle = t - 30.0 / f, width = 3.6 / f;
  return std::abs(from_middle) > 30.0 / f ? 0.0
                                          : std::exp(-0.5 * std::pow(from_middle / width, 2)) *
                                                std::sin(2.0 * std::numbers::pi * f * from_middle);
}

struct Guide {
  const char* name;
  Equations equations;
  std::array<int, 3> cells;
  int axis;
};

std::vector<Guide> guides() {
  return {{"slab along x, Ez", Equations::tm, {190, 21, 1}, 0},
          {"slab along y, Ez", Equations::tm, {21, 190, 1}, 1},
          {"slab along y, all fields", Equations::maxwell, {21, 190, 1}, 1}};
}

// A slab of silicon, 0.2 um wide, in vacuum, between conducting walls so near that it has one mode
// and no slow one. It is launched by a sheet of current that is no mode.
TimeDomainSetup make_guide(const Guide& guide) {
  TimeDomainSetup setup;
  setup.system = system_of(guide.equations);
  for (std::size_t d = 0; d < 3; ++d) {
    const int n = guide.cells[d];
    setup.grid.axes[d] = n > 1 ? uniform_axis(0.0, n * cell, n) : Axis{};
  }
  const std::size_t along = static_cast<std::size_t>(guide.axis);
  setup.boundaries.faces[along] = {Boundary::absorbing, Boundary::absorbing};
  setup.boundaries.layer = {40, 3.0, 1e-9, 1.0, 0.0};
  setup.dt = 0.95 * courant_limit(setup.grid, speed_of_light);
  const WaveContext context = context_of(setup, guide.equations);
  const std::size_t across = 1 - along;
  for (int c = 0; c < first_group_size(setup.system); ++c)
    for_each_point({{0, 0, 0}, context.size.points}, [&](const std::array<int, 3>& p, std::size_t) {
      const bool core = p[across] >= 8 && p[across] < 13;
      setup.coefficient[static_cast<std::size_t>(c)].push_back(core ? 1.0 / 12.1 : 1.0);
    });
  // Ez over the core and its surroundings.
  TimeSource source{guide.equations == Equations::tm ? 0 : 2, {}, 1, {}, {}};
  source.box = {{4, 4, 0}, {17, 17, 1}};
  source.box.begin[along] = 48;
  source.box.end[along] = 49;
  for (std::size_t i = 0; i < source.box.count(); ++i)
    source.weights.push_back(std::exp(-0.05 * std::pow(static_cast<double>(i) - 6.0, 2)) / 12.1);
  source.signal = [](int, double t) { return narrow_pulse(middle, t); };
  setup.sources.push_back(source);
  return setup;
}

SectionPlane plane_at(const TimeDomainSetup& setup, const Guide& guide, int index) {
  return section_plane(context_of(setup, guide.equations), guide.axis, index * cell);
}

TEST(ModeOverlap, StraightGuidesCarryTheirModeWithoutLossAndEcho) {
  for (const Guide& guide : guides()) {
    TimeDomainSetup setup = make_guide(guide);
    const std::vector<double> f = {0.98 * middle, middle, 1.02 * middle};
    const ModeChoice choice{1, 0.0,
                            guide.axis == 0 ? ModeFamily::e_along_v : ModeFamily::e_along_u};
    const ModeOverlap in(setup, "in", plane_at(setup, guide, 90), choice, f);
    const ModeOverlap out(setup, "out", plane_at(setup, guide, 140), choice, f);
    const ScatteringParameters s("s", {{&in, true}, {&out, false}}, 0);
    TimeDomain march(setup);
    march.run(7000);
    const MonitorValues values = s.evaluate(spectra_of(march));
    for (std::size_t i = 0; i < f.size(); ++i) {
      const Complex expected = std::polar(1.0, in.modes()[i][0].beta.real() * 50 * cell);
      std::printf("%s, %.0f THz: |S11| %.1f dB, |S21| - 1 = %.1e, S21 off by %.1e\n", guide.name,
                  f[i] / 1e12, 20.0 * std::log10(std::abs(values[0][i])),
                  std::abs(values[1][i]) - 1.0, std::abs(values[1][i] - expected));
      EXPECT_LT(20.0 * std::log10(std::abs(values[0][i])), -60.0) << guide.name;
      EXPECT_NEAR(std::abs(values[1][i]), 1.0, 1e-6) << guide.name;
      EXPECT_LT(std::abs(values[1][i] - expected), 1e-6) << guide.name;
    }
    EXPECT_LT(testing::pull_back_error(in, setup), 1e-12);
    EXPECT_LT(testing::pull_back_error(s, setup, 1e-5), 1e-8);
  }
}

// A wire of glass in a conducting tube: one mode travels, the next fades.
TEST(ModeOverlap, WireInThreeDimensions) {
  TimeDomainSetup setup;
  const double width = 50e-9, tone = 150e12;
  setup.grid.axes = {uniform_axis(0.0, 70 * width, 70), uniform_axis(0.0, 24 * width, 24),
                     uniform_axis(0.0, 14 * width, 14)};
  setup.boundaries.faces[0] = {Boundary::absorbing, Boundary::absorbing};
  setup.boundaries.layer = {18, 3.0, 1e-8, 1.0, 0.0};
  setup.dt = 0.95 * courant_limit(setup.grid, speed_of_light);
  for (std::size_t c = 0; c < 3; ++c)
    for_each_point({{0, 0, 0}, {70, 24, 14}}, [&](const std::array<int, 3>& p, std::size_t) {
      const bool core = p[1] >= 7 && p[1] < 17 && p[2] >= 4 && p[2] < 9;
      setup.coefficient[c].push_back(core ? 1.0 / 2.1 : 1.0);
    });
  for (const int component : {1, 2}) {
    setup.sources.push_back(testing::point_source(component, {21, 9, 6}, tone));
    setup.sources.back().signal = [=](int, double t) { return narrow_pulse(tone, t); };
  }
  const WaveContext context = context_of(setup, Equations::maxwell);
  // Any mode's amplitude turns, or fades, by its own beta, whatever else there is.
  const std::vector<double> f = {tone};
  const ModeOverlap a(setup, "a", section_plane(context, 0, 26 * width), {2}, f);
  const ModeOverlap b(setup, "b", section_plane(context, 0, 30 * width), {2}, f);
  TimeDomain march(setup);
  march.run(7000);
  const Spectra spectra = spectra_of(march);
  const MonitorValues at_a = a.evaluate(spectra), at_b = b.evaluate(spectra);
  for (int m = 0; m < 2; ++m) {
    const WaveguideMode& mode = a.modes()[0][static_cast<std::size_t>(m)];
    const Complex turn = std::exp(Complex(0.0, 1.0) * mode.beta * (4.0 * width));
    const Complex forward = at_a[ModeOverlap::forward_row(m)][0];
    const double error =
        std::abs(at_b[ModeOverlap::forward_row(m)][0] - forward * turn) / std::abs(forward);
    std::printf("wire, mode %d: n_eff %.4f + %.4f i, amplitude %.3e, error %.1e\n", m + 1,
                mode.n_eff.real(), mode.n_eff.imag(), std::abs(forward), error);
    EXPECT_LT(error, 1e-6) << m;
  }
  EXPECT_LT(testing::pull_back_error(a, setup), 1e-12);
}

TEST(ModeOverlap, GradientAgreesWithFiniteDifferences) {
  const Guide guide = guides()[0];
  TimeDomainSetup setup = make_guide(guide);
  const std::vector<double> f = {middle};
  const ModeOverlap in(setup, "in", plane_at(setup, guide, 70), {1}, f);
  const ModeOverlap out(setup, "out", plane_at(setup, guide, 120), {1}, f);
  const ScatteringParameters s("s", {{&in, true}, {&out, false}}, 0);
  const GridBox design{{90, 8, 0}, {100, 12, 1}};
  const double amplitude = testing::gradient_error(setup, out, design, 1200, 1e-4);
  const double ratio = testing::gradient_error(setup, s, design, 1200, 1e-4);
  std::printf("gradient: amplitudes %.1e, scattering parameters %.1e\n", amplitude, ratio);
  EXPECT_LT(amplitude, 1e-6);
  EXPECT_LT(ratio, 1e-6);
}

TEST(ModeOverlap, PortsThatDoNotFitAreErrors) {
  const Guide guide = guides()[0];
  TimeDomainSetup setup = make_guide(guide);
  const ModeOverlap one(setup, "one", plane_at(setup, guide, 70), {1}, {middle});
  const ModeOverlap other(setup, "other", plane_at(setup, guide, 120), {1}, {1.1 * middle});
  EXPECT_THROW(ScatteringParameters("s", {{&one, true}, {&other, false}}, 0), InputError);
  EXPECT_THROW(ScatteringParameters("s", {{&one, true}}, 1), InputError);
  EXPECT_THROW(ScatteringParameters("s", {{&one, true}}, 0, 1), InputError);
  EXPECT_THROW(ModeOverlap(setup, "none", plane_at(setup, guide, 70), {0}, {middle}), InputError);
  const ScatteringParameters alone("s", {{&one, true}}, 0);
  EXPECT_THROW(alone.evaluate(zeros_like(testing::random_spectra(setup, 1))), NumericsError);
}

}  // namespace
}  // namespace wavesmith
