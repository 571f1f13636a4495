// Closed boxes of light and of sound at the frequencies of the scheme, exactly, and of the
// continuum, to second order.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "solvers/resonance_monitor.hpp"
#include "tests/analytic/sources.hpp"
#include "tests/analytic/yee.hpp"
#include "tests/solvers/monitor_fixtures.hpp"
#include "tests/solvers/validation_fixtures.hpp"

namespace wavesmith {
namespace {

struct Box {
  const char* name;
  Equations equations;
  Boundary faces;
  std::vector<double> sides;  // [m]
  std::vector<int> cells;     // coarse
  const char* field;          // that is driven and watched
  std::vector<std::vector<int>> modes;
  double low, high;                    // of the band [Hz]
  std::vector<double> published = {};  // of the modes, in the continuum [Hz]
};

double speed_in(const Box& box) {
  return box.equations == Equations::sound ? 1500.0 : speed_of_light;
}

// Frequencies of the modes on a grid `finer` times as fine, each next to that of the scheme.
std::vector<double> frequencies_of(const Box& box, int finer, std::vector<double>& of_scheme) {
  TimeDomainSetup setup;
  setup.system = system_of(box.equations);
  setup.speed = speed_in(box);
  setup.schedule.threads = 1;
  analytic::YeeStep step;
  std::vector<int> cells;
  Vec3 source{}, probe{};
  for (std::size_t d = 0; d < box.sides.size(); ++d) {
    cells.push_back(box.cells[d] * finer);
    setup.grid.axes[d] = uniform_axis(0.0, box.sides[d], cells[d]);
    setup.boundaries.faces[d] = {box.faces, box.faces};
    step.spacing.push_back(box.sides[d] / cells[d]);
    source[d] = box.sides[d] * (0.29 + 0.03 * static_cast<double>(d));
    probe[d] = box.sides[d] * (0.71 - 0.05 * static_cast<double>(d));
  }
  setup.dt = step.dt = 0.99 * courant_limit(setup.grid, setup.speed);
  step.speed = setup.speed;
  const WaveContext context = context_of(setup, box.equations, 1.5e6);
  const StoredField field = find_field(box.equations, box.field, 1.5e6);
  const double middle = 0.5 * (box.low + box.high);
  setup.sources.push_back(
      testing::point_source(field.component, nearest_point(context, field, source), middle));
  const ResonanceMonitor monitor(setup, context, "box", box.field, probe, {box.low, box.high});
  const double end = testing::pulse_length(middle);
  TimeDomain march(std::move(setup));
  march.run(static_cast<long>((end + 70.0 / box.low) / step.dt));
  const std::vector<Resonance> all = monitor.find(march, end);
  std::vector<double> found;
  of_scheme.clear();
  for (const std::vector<int>& mode : box.modes) {
    of_scheme.push_back(analytic::yee_box_frequency(step, mode, cells));
    double nearest = 0.0;
    for (const Resonance& one : all)
      if (std::abs(one.frequency - of_scheme.back()) < std::abs(nearest - of_scheme.back()))
        nearest = one.frequency;
    found.push_back(nearest);
  }
  return found;
}

TEST(CavityValidation, BoxesAreExactOnTheGridAndOfSecondOrder) {
  const std::vector<Box> boxes = {{"light, 50 x 20 x 60 mm",
                                   Equations::maxwell,
                                   Boundary::wall,
                                   {50e-3, 20e-3, 60e-3},
                                   {10, 4, 12},
                                   "Ey",
                                   {{1, 0, 1}, {1, 0, 2}, {2, 0, 1}},
                                   3.3e9,
                                   6.8e9,
                                   {3.902423247e9, 5.826918003e9, 6.495503257e9}},
                                  {"light, 31 x 40 x 25 mm",
                                   Equations::maxwell,
                                   Boundary::wall,
                                   {31e-3, 40e-3, 25e-3},
                                   {6, 8, 5},
                                   "Ez",
                                   {{1, 1, 0}, {1, 2, 0}, {2, 1, 0}},
                                   5e9,
                                   11e9},
                                  {"light in a plane, TM",
                                   Equations::tm,
                                   Boundary::wall,
                                   {2e-6, 1.3e-6},
                                   {16, 10},
                                   "Ez",
                                   {{1, 1}, {2, 1}, {3, 1}},
                                   1.2e14,
                                   2.7e14},
                                  {"light between magnetic walls",
                                   Equations::tm,
                                   Boundary::mirror,
                                   {2e-6, 1.3e-6},
                                   {16, 10},
                                   "Ez",
                                   {{1, 0}, {0, 1}, {1, 1}},
                                   0.6e14,
                                   1.5e14},
                                  {"sound in a pipe",
                                   Equations::sound,
                                   Boundary::mirror,
                                   {0.3},
                                   {20},
                                   "p",
                                   {{1}, {2}, {3}},
                                   2e3,
                                   8e3},
                                  {"sound in a rigid plane",
                                   Equations::sound,
                                   Boundary::mirror,
                                   {0.3, 0.2},
                                   {15, 10},
                                   "p",
                                   {{1, 0}, {0, 1}, {1, 1}, {2, 0}},
                                   2e3,
                                   5.5e3},
                                  {"sound in a rigid room",
                                   Equations::sound,
                                   Boundary::mirror,
                                   {0.3, 0.2, 0.25},
                                   {12, 8, 10},
                                   "p",
                                   {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 1}, {1, 1, 0}},
                                   2e3,
                                   4.7e3},
                                  {"sound between soft walls",
                                   Equations::sound,
                                   Boundary::wall,
                                   {0.3, 0.2, 0.25},
                                   {12, 8, 10},
                                   "p",
                                   {{1, 1, 1}, {2, 1, 1}},
                                   4.5e3,
                                   8e3}};
  for (const Box& box : boxes) {
    std::array<std::vector<double>, 2> found;
    for (const int level : {0, 1}) {
      std::vector<double> of_scheme;
      found[static_cast<std::size_t>(level)] = frequencies_of(box, 1 << level, of_scheme);
      for (std::size_t m = 0; m < of_scheme.size(); ++m)
        EXPECT_NEAR(found[static_cast<std::size_t>(level)][m] / of_scheme[m], 1.0, 1e-9)
            << box.name << ", mode " << m;
    }
    for (std::size_t m = 0; m < box.modes.size(); ++m) {
      const double exact = analytic::box_frequency(box.modes[m], box.sides, speed_in(box));
      if (!box.published.empty()) {
        EXPECT_NEAR(exact / box.published[m], 1.0, 1e-9);
      }
      const double order = validation::report(
          fmt::format("{}, mode {}", box.name, fmt::join(box.modes[m], "")).c_str(),
          found[0][m] / exact - 1.0, found[1][m] / exact - 1.0);
      EXPECT_NEAR(order, 2.0, 0.15) << box.name;
    }
  }
}

}  // namespace
}  // namespace wavesmith
