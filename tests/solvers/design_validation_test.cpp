// Patterns on the grid against the shapes that they stand for.
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>

#include "core/error.hpp"
#include "physics/density_pattern.hpp"
#include "physics/shape_pattern.hpp"
#include "physics/solids.hpp"
#include "solvers/design_on_grid.hpp"
#include "tests/solvers/design_fixture.hpp"

namespace wavesmith {
namespace {

using testing::Complex;

using testing::dielectric;
using testing::infinite;
using testing::middle;

// Ez or all fields in a plane, absorbing all around: a sheet of current on the left, a point on the
// right, between them the square [-0.7, 0.7] um of the design.
struct Field {
  TimeDomainSetup setup;
  Geometry empty{0}, filled{0}, disc{0};
  std::vector<LightMaterial> materials = {dielectric(1.0), dielectric(6.0)};
};

constexpr double disc_x = 0.04e-6, disc_y = -0.07e-6, disc_radius = 0.52e-6;

Field disc_field(Equations equations, int cells_per_um) {
  Field field;
  YeeGrid grid;
  grid.axes = {uniform_axis(-1.5e-6, 1.5e-6, 3 * cells_per_um),
               uniform_axis(-1.25e-6, 1.25e-6, 5 * cells_per_um / 2), Axis{}};
  field.setup = testing::absorbing_setup(equations, grid, cells_per_um / 2);
  field.filled.add(box_between({-0.7e-6, -0.7e-6, -endless}, {0.7e-6, 0.7e-6, endless}), 1);
  field.disc.add(
      std::make_shared<CylinderSolid>(Vec3{disc_x, disc_y, 0.0}, 2, disc_radius, endless), 1);
  return field;
}

// The field at two points behind the design, per unit of the source.
std::vector<Complex> scattered(TimeDomainSetup setup, Equations equations, int cells_per_um) {
  const WaveContext context = context_of(setup, equations);
  const StoredField field = find_field(equations, equations == Equations::tm ? "Ez" : "Ey");
  const GridBox sheet =
      points_inside(context, field, {-0.875e-6, -0.5e-6, 0.0}, {-0.875e-6, 0.5e-6, 1.0});
  TimeSource source{field.component, sheet, 1, {}, {}};
  for_each_point(sheet, [&](const std::array<int, 3>& p, std::size_t) {
    const double y = point_position(context, 1, field.places[1], p[1]);
    source.weights.push_back(std::pow(std::cos(pi * y / 1e-6), 4) / cells_per_um);
  });
  source.signal = [](int, double t) { return testing::pulse(middle, t); };
  setup.sources.push_back(source);
  // Where the nearest points lie changes from grid to grid: a sum over a line, with a weight.
  const GridBox line =
      points_inside(context, field, {0.875e-6, -0.4e-6, 0.0}, {0.875e-6, 0.5e-6, 1.0});
  std::vector<double> weights;
  for_each_point(line, [&](const std::array<int, 3>& p, std::size_t) {
    const double y = point_position(context, 1, field.places[1], p[1]) - 0.05e-6;
    weights.push_back(std::pow(std::cos(pi * y / 0.9e-6), 4) / cells_per_um);
  });
  setup.monitors.push_back({field.component, line, {0.9 * middle, 1.1 * middle}, 1});
  const long steps = static_cast<long>(40.0 / middle / setup.dt);
  TimeDomain march(std::move(setup));
  march.run(steps);
  const auto spectrum = march.spectrum(0);
  std::vector<Complex> sums(2);
  for (std::size_t i = 0; i < spectrum.size(); ++i)
    sums[i / weights.size()] += weights[i % weights.size()] * spectrum[i];
  return sums;
}

// A disc as a ramp on pixels, across which its outline is where the level is.
DensityPattern disc_of_pixels(std::vector<double>& parameters) {
  const Plane pixels{140, 140, 10e-9, 10e-9, 0.0, 0.0};
  parameters.clear();
  for (int j = 0; j < pixels.ny; ++j)
    for (int i = 0; i < pixels.nx; ++i) {
      const double r = std::hypot(pixels.x(i) - disc_x, pixels.y(j) - disc_y);
      parameters.push_back(std::clamp(0.5 + (disc_radius - r) / 0.4e-6, 0.0, 1.0));
    }
  return DensityPattern(pixels, {});
}

// Both are averages of second order: what they differ in falls with the square of the cell.
TEST(DesignOnGrid, PatternsOfADiscScatterAsTheDiscDoes) {
  std::vector<double> ramp;
  const DensityPattern pixels = disc_of_pixels(ramp);
  const ShapePattern circle({{DesignShapeKind::circle,
                              {disc_x, disc_y, disc_radius},
                              {-1e-6, -1e-6, 1e-7},
                              {1e-6, 1e-6, 1e-6}}});
  for (const Equations equations : {Equations::tm, Equations::maxwell}) {
    std::vector<double> of_pixels, of_circle;
    for (const int cells_per_um : {24, 64}) {
      const Field field = disc_field(equations, cells_per_um);
      const GeometryOnGrid empty(field.setup, equations, field.empty);
      TimeDomainSetup exact = field.setup, by_pixels = field.setup, by_circle = field.setup;
      GeometryOnGrid(field.setup, equations, field.disc).place(exact, field.materials);
      const DesignOnGrid design(field.setup, equations, field.empty, field.filled, field.materials);
      empty.place(by_pixels, field.materials);
      design.place(by_pixels, pixels, ramp, infinite);
      empty.place(by_circle, field.materials);
      design.place(by_circle, circle, circle.start(), infinite);
      const std::vector<Complex> expected = scattered(exact, equations, cells_per_um);
      const auto difference = [&](const TimeDomainSetup& setup) {
        const std::vector<Complex> found = scattered(setup, equations, cells_per_um);
        return std::hypot(std::abs(found[0] - expected[0]), std::abs(found[1] - expected[1])) /
               std::hypot(std::abs(expected[0]), std::abs(expected[1]));
      };
      of_pixels.push_back(difference(by_pixels));
      of_circle.push_back(difference(by_circle));
      std::printf("%s, %d cells a um: pixels off by %.2e, circle by %.2e\n",
                  equations == Equations::tm ? "tm" : "te", cells_per_um, of_pixels.back(),
                  of_circle.back());
    }
    const auto order = [](const std::vector<double>& errors) {
      return std::log(errors.front() / errors.back()) / std::log(64.0 / 24.0);
    };
    std::printf("orders: pixels %.2f, circle %.2f\n", order(of_pixels), order(of_circle));
    EXPECT_GT(order(of_pixels), 1.7);
    EXPECT_GT(order(of_circle), 1.7);
  }
}

TEST(DesignOnGrid, RegionsThatDecideNothingAreErrors) {
  const Field field = disc_field(Equations::tm, 16);
  const auto make = [&](const Geometry& filled, const std::vector<LightMaterial>& materials) {
    return DesignOnGrid(field.setup, Equations::tm, field.empty, filled, materials);
  };
  EXPECT_NO_THROW(make(field.filled, field.materials));
  EXPECT_THROW(make(field.empty, field.materials), InputError);
  EXPECT_THROW(make(field.filled, {dielectric(2.0), dielectric(2.0)}), InputError);
  Geometry outside{0};
  outside.add(box_between({5e-6, 5e-6, -endless}, {6e-6, 6e-6, endless}), 1);
  EXPECT_THROW(make(outside, field.materials), InputError);
  std::vector<LightMaterial> lossy = field.materials;
  lossy[1].medium.conductivity = 100.0;
  EXPECT_THROW(make(field.filled, lossy), InputError);
  std::vector<LightMaterial> magnetic = field.materials;
  magnetic[1].permeability = 1.5;
  EXPECT_THROW(make(field.filled, magnetic), InputError);

  const DesignOnGrid design = make(field.filled, field.materials);
  std::vector<double> ramp;
  const DensityPattern pattern = disc_of_pixels(ramp);
  TimeDomainSetup placed = field.setup;
  const PatternSamples samples = design.place(placed, pattern, ramp, 8.0);
  EXPECT_THROW(design.pull_back(pattern, ramp, 8.0, samples, TimeDomainGradient{}), InputError);
  EXPECT_THROW(design.pull_back(pattern, ramp, 8.0, PatternSamples{}, TimeDomainGradient{}),
               InputError);
  TimeDomainSetup other = disc_field(Equations::tm, 20).setup;
  EXPECT_THROW(design.place(other, pattern, ramp, 8.0), InputError);
}

}  // namespace
}  // namespace wavesmith
