// Patterns on the grid: derivatives of what a guide's modes tell, through filter, projection,
// averages, mode source and mode overlap.
#include "solvers/design_on_grid.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>

#include "core/error.hpp"
#include "physics/density_pattern.hpp"
#include "physics/shape_pattern.hpp"
#include "physics/solids.hpp"
#include "solvers/mode_source.hpp"
#include "solvers/scattering_parameters.hpp"
#include "solvers/tensor_links.hpp"
#include "tests/solvers/design_fixture.hpp"

namespace wavesmith {
namespace {

using testing::Complex;

using testing::dielectric;
using testing::infinite;
using testing::middle;

// A guide along x, cut by a design region, in a plane or as a ridge within conducting walls.
struct Device {
  const char* name;
  Equations equations;
  std::array<int, 3> cells;
  ModeFamily family;
  double cladding;  // permittivity
  long steps;
  bool decays;          // within these steps
  double solid = 12.1;  // permittivity that the design fills with
};

constexpr double cell = 50e-9;

struct Part {
  TimeDomainSetup setup;
  Geometry empty{0}, filled{0};
  std::vector<LightMaterial> materials;
  std::array<double, 4> region{};  // x, y low; x, y high
  std::vector<std::unique_ptr<ModeOverlap>> overlaps;
  std::unique_ptr<ScatteringParameters> s;
  std::unique_ptr<DesignOnGrid> design;
};

Part make_part(const Device& device) {
  Part part;
  YeeGrid grid;
  Vec3 size{};
  for (std::size_t d = 0; d < 3; ++d) {
    if (device.cells[d] == 1) continue;
    size[d] = device.cells[d] * cell;
    grid.axes[d] = uniform_axis(0.0, size[d], device.cells[d]);
  }
  const bool space = device.cells[2] > 1;
  TimeDomainSetup& setup = part.setup;
  setup = testing::absorbing_setup(device.equations, grid, space ? 6 : 8);
  setup.boundaries.layer.max_shift = 0.05 * 2.0 * pi * middle;

  const double low = space ? 0.5 * size[2] - 2.3 * cell : -endless;
  const double high = space ? 0.5 * size[2] + 2.2 * cell : endless;
  const double y = 0.5 * size[1], x_low = 0.5 * size[0] - 5.3 * cell,
               x_high = 0.5 * size[0] + 5.4 * cell, half = 5.2 * cell;
  part.region = {x_low, y - half, x_high, y + half};
  part.materials = {dielectric(device.cladding), dielectric(12.1), dielectric(device.solid)};
  for (Geometry* geometry : {&part.empty, &part.filled}) {
    geometry->add(box_between({-endless, y - 3.0 * cell, low}, {endless, y + 3.0 * cell, high}), 1);
    geometry->add(box_between({x_low, y - half, low}, {x_high, y + half, high}),
                  geometry == &part.filled ? 2 : 0);
  }
  GeometryOnGrid(setup, device.equations, part.empty).place(setup, part.materials);

  const WaveContext context = context_of(setup, device.equations);
  const int layer = setup.boundaries.layer.cells;
  const auto plane = [&](double cells) { return section_plane(context, 0, cells * cell); };
  const OneMode mode{0, 0.0, device.family};
  const Waveform waveform = gaussian_pulse(middle, (space ? 0.28 : 0.16) * middle);
  setup.sources =
      mode_source(setup, context, plane(layer + 3), Travel::forward, mode, 1.0, waveform, 3)
          .sources;
  ModeChoice choice{1, 0.0, device.family};
  part.overlaps.push_back(std::make_unique<ModeOverlap>(setup, "in", plane(layer + 5), choice,
                                                        std::vector<double>{middle}));
  part.overlaps.push_back(std::make_unique<ModeOverlap>(
      setup, "out", plane(device.cells[0] - layer - 4), choice, std::vector<double>{middle}));
  part.s = std::make_unique<ScatteringParameters>(
      "s", std::vector<Port>{{part.overlaps[0].get(), true}, {part.overlaps[1].get(), false}}, 0);
  part.design = std::make_unique<DesignOnGrid>(setup, device.equations, part.empty, part.filled,
                                               part.materials);
  return part;
}

// sum Re(conj(g) S) + |S21|^2 - 0.3 |S11|^2.
double loss_of(const Part& part, const Spectra& spectra, Spectra* cotangents) {
  const MonitorValues values = part.s->evaluate(spectra);
  const Complex g0(0.3, -0.2), g1(0.4, 0.7);
  const Complex s11 = values[0][0], s21 = values[1][0];
  if (cotangents != nullptr) {
    MonitorValues cotangent = values;
    cotangent[0][0] = g0 - 0.6 * s11;
    cotangent[1][0] = g1 + 2.0 * s21;
    part.s->pull_back(spectra, cotangent, *cotangents);
  }
  return (std::conj(g0) * s11 + std::conj(g1) * s21).real() + std::norm(s21) - 0.3 * std::norm(s11);
}

double derivative_along(const Device& device, const Part& part, const DesignPattern& pattern,
                        const std::vector<double>& parameters, const std::vector<double>& direction,
                        double beta, MemoryMode mode) {
  TimeDomainSetup setup = part.setup;
  const PatternSamples samples = part.design->place(setup, pattern, parameters, beta);
  TimeDomain march(std::move(setup));
  const TimeDomainGradient gradient = march.pull_back(device.steps, part.design->box(),
                                                      [&](const Spectra& spectra) {
                                                        Spectra cotangents = zeros_like(spectra);
                                                        loss_of(part, spectra, &cotangents);
                                                        return cotangents;
                                                      },
                                                      {mode});
  const std::vector<double> of_parameters =
      part.design->pull_back(pattern, parameters, beta, samples, gradient);
  double along = 0.0;
  for (std::size_t i = 0; i < direction.size(); ++i) along += direction[i] * of_parameters[i];
  return along;
}

double difference_along(const Device& device, const Part& part, const DesignPattern& pattern,
                        const std::vector<double>& parameters, const std::vector<double>& direction,
                        double beta, double h) {
  const auto at = [&](double by) {
    std::vector<double> moved = parameters;
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += by * direction[i];
    TimeDomainSetup setup = part.setup;
    part.design->place(setup, pattern, moved, beta);
    TimeDomain march(std::move(setup));
    march.run(device.steps);
    return loss_of(part, spectra_of(march), nullptr);
  };
  return (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
}

std::vector<double> numbers(std::size_t count, double low, double high, std::uint64_t seed) {
  const Random random(seed, 0);
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = random.uniform(i, low, high);
  return values;
}

std::vector<Device> devices() {
  return {{"tm", Equations::tm, {46, 36, 1}, ModeFamily::all, 1.0, 4000, true},
          {"te", Equations::maxwell, {46, 36, 1}, ModeFamily::e_along_u, 1.0, 4000, true},
          {"te, steep",
           Equations::maxwell,
           {46, 36, 1},
           ModeFamily::e_along_u,
           1.0,
           1600,
           false,
           200.0},
          {"3D", Equations::maxwell, {36, 26, 18}, ModeFamily::all, 2.1, 900, false}};
}

DensityPattern pixels_over(const Part& part, bool mirrored) {
  const auto& [x0, y0, x1, y1] = part.region;
  const int nx = 14, ny = 13;
  const Plane pixels{nx, ny, (x1 - x0) / nx, (y1 - y0) / ny, 0.5 * (x0 + x1), 0.5 * (y0 + y1)};
  DensityOptions options;
  options.filter_radius = 2.6 * cell;
  options.symmetry.y = mirrored;
  return DensityPattern(pixels, options);
}

// Links that are not proportional to the off-diagonal elements: those of shortened octants.
std::size_t shortened_links(const TimeDomainSetup& setup) {
  const GridLines lines = make_grid_lines(setup.system, setup.grid, setup.boundaries, setup.nodes,
                                          setup.speed, setup.dt);
  TimeDomainSetup half = setup;
  for (auto& row : half.off_diagonal)
    for (OffDiagonal& entry : row) entry.next *= 0.5, entry.after_next *= 0.5;
  const auto links_of = [&](const TimeDomainSetup& of) {
    TensorRows rows;
    for (std::size_t c = 0; c < 3; ++c) {
      rows.diagonal[c] = of.coefficient[c];
      rows.off_diagonal[c] = of.off_diagonal[c];
    }
    return tensor_links(lines, rows);
  };
  const std::vector<TensorLink> all = links_of(setup), halves = links_of(half);
  std::size_t count = 0;
  for (std::size_t l = 0; l < all.size(); ++l)
    if (std::abs(all[l].value - 2.0 * halves[l].value) > 1e-9 * std::abs(all[l].value)) ++count;
  return count;
}

TEST(DesignOnGrid, GradientsOfScatteringParametersAreThoseOfDifferences) {
  for (const Device& device : devices()) {
    const Part part = make_part(device);
    const DensityPattern pattern = pixels_over(part, device.equations == Equations::tm);
    const std::vector<double> parameters = numbers(pattern.parameter_count(), 0.0, 1.0, 3);
    const std::vector<double> direction = numbers(pattern.parameter_count(), -1.0, 1.0, 4);
    if (device.solid > 100.0) {
      TimeDomainSetup placed = part.setup;
      part.design->place(placed, pattern, parameters, infinite);
      EXPECT_GT(shortened_links(placed), 10u);
    }
    for (const double beta : {4.0, 32.0, infinite}) {
      const double expected =
          difference_along(device, part, pattern, parameters, direction, beta, 1e-4);
      for (const MemoryMode mode : {MemoryMode::store, MemoryMode::dft}) {
        if (mode == MemoryMode::dft && !device.decays) continue;
        const double found =
            derivative_along(device, part, pattern, parameters, direction, beta, mode);
        const double error = std::abs(found - expected) / std::abs(expected);
        std::printf("%s, beta %g, %s: %.1e\n", device.name, beta,
                    mode == MemoryMode::store ? "store" : "dft", error);
        EXPECT_LT(error, 1e-5) << device.name << " " << beta;
      }
    }
  }
}

// Spectra give what stored fields do, off-diagonal elements in space included.
TEST(DesignOnGrid, SpectraGiveTheSameInSpace) {
  Device device = devices().back();
  device.steps = 2600;
  const Part part = make_part(device);
  const DensityPattern pattern = pixels_over(part, false);
  const std::vector<double> parameters = numbers(pattern.parameter_count(), 0.0, 1.0, 3);
  const std::vector<double> direction = numbers(pattern.parameter_count(), -1.0, 1.0, 4);
  const auto along = [&](MemoryMode mode) {
    return derivative_along(device, part, pattern, parameters, direction, infinite, mode);
  };
  const double stored = along(MemoryMode::store), by_spectra = along(MemoryMode::dft);
  std::printf("3D: %.1e\n", std::abs(by_spectra - stored) / std::abs(stored));
  EXPECT_LT(std::abs(by_spectra - stored), 1e-5 * std::abs(stored));
}

// Sizes, places and corners; the polygon's sides start along the axes, where off-diagonal elements
// are zero and their derivatives are not.
TEST(DesignOnGrid, GradientsOfShapesAreThoseOfDifferences) {
  for (const Device& device : devices()) {
    const Part part = make_part(device);
    const double x = 0.5 * (part.region[0] + part.region[2]);
    const double y = 0.5 * (part.region[1] + part.region[3]);
    const auto shape = [&](DesignShapeKind kind, std::vector<double> values) {
      DesignShape one{kind, values, values, values};
      for (std::size_t i = 0; i < values.size(); ++i) {
        one.lower[i] *= 0.5;
        one.upper[i] *= 1.5;
      }
      return one;
    };
    const double l = x - 4.6 * cell, r = x - 0.4 * cell, b = y - 3.7 * cell, t = y + 2.6 * cell;
    const ShapePattern pattern(
        {shape(DesignShapeKind::polygon, {l, b, r, b, r, t, l, t}),
         shape(DesignShapeKind::circle, {x + 2.8 * cell, y - 2.3 * cell, 1.6 * cell}),
         shape(DesignShapeKind::ellipse,
               {x + 3.0 * cell, y + 2.4 * cell, 1.9 * cell, 1.4 * cell})});
    std::vector<double> direction = numbers(pattern.parameter_count(), -1.0, 1.0, 5);
    for (double& value : direction) value *= cell;
    const double expected =
        difference_along(device, part, pattern, pattern.start(), direction, 0.0, 1e-4);
    const double found =
        derivative_along(device, part, pattern, pattern.start(), direction, 0.0, MemoryMode::store);
    const double error = std::abs(found - expected) / std::abs(expected);
    std::printf("%s, shapes: %.1e\n", device.name, error);
    EXPECT_LT(error, 1e-5) << device.name;
  }
}

class DesignOfDensity : public ::testing::TestWithParam<double> {};

TEST_P(DesignOfDensity, GradientsAreThoseOfDifferences) {
  TimeDomainSetup setup;
  setup.system = WaveSystem::scalar;
  setup.speed = 343.0;
  const double step = 1e-3;
  setup.grid.axes = {uniform_axis(0.0, 40 * step, 40), uniform_axis(0.0, 32 * step, 32), Axis{}};
  setup.boundaries.faces[0] = {Boundary::absorbing, Boundary::absorbing};
  setup.boundaries.faces[1] = {Boundary::mirror, Boundary::absorbing};
  setup.boundaries.layer.cells = 8;
  setup.schedule.threads = 1;
  setup.dt = 0.4 * courant_limit(setup.grid, setup.speed);
  const std::vector<SoundMaterial> materials = {{"air", 343.0, 1.2, {}, 0.0},
                                                {"foam", 600.0, GetParam(), {}, 0.0}};
  const double x0 = 14.4 * step, x1 = 25.7 * step, y0 = 5.2 * step, y1 = 16.6 * step;
  Geometry empty{0}, filled{0};
  filled.add(box_between({x0, y0, -endless}, {x1, y1, endless}), 1);
  GeometryOnGrid(setup, Equations::sound, empty).place(setup, materials, materials[0]);
  const double f = 20e3;
  setup.sources.push_back(testing::point_source(0, {10, 11, 0}, f));
  setup.monitors.push_back({0, {{29, 4, 0}, {30, 20, 1}}, {0.9 * f, 1.1 * f}, 1});
  const DesignOnGrid design(setup, empty, filled, materials, materials[0]);
  const Plane pixels{12, 12, (x1 - x0) / 12, (y1 - y0) / 12, 0.5 * (x0 + x1), 0.5 * (y0 + y1)};
  DensityOptions options;
  options.filter_radius = 2.6 * step;
  const DensityPattern pattern(pixels, options);
  const std::vector<double> parameters = numbers(pattern.parameter_count(), 0.0, 1.0, 6);
  const std::vector<double> direction = numbers(pattern.parameter_count(), -1.0, 1.0, 7);
  const long steps = 1500;
  const Spectra weights = testing::random_spectra(setup, 8);
  for (const double beta : {4.0, 32.0, infinite}) {
    const auto at = [&](double by) {
      std::vector<double> moved = parameters;
      for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += by * direction[i];
      TimeDomainSetup other = setup;
      design.place(other, pattern, moved, beta);
      TimeDomain march(std::move(other));
      march.run(steps);
      return testing::real_product(weights, spectra_of(march));
    };
    const double h = 1e-4;
    const double expected = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
    TimeDomainSetup placed = setup;
    const PatternSamples samples = design.place(placed, pattern, parameters, beta);
    TimeDomain march(placed);
    GradientWants wants;
    wants.second_group = true;
    const TimeDomainGradient gradient = march.pull_back(
        steps, design.box(), [&](const Spectra&) { return weights; }, {}, wants);
    const std::vector<double> of_parameters =
        design.pull_back(pattern, parameters, beta, samples, gradient);
    double found = 0.0;
    for (std::size_t i = 0; i < direction.size(); ++i) found += direction[i] * of_parameters[i];
    std::printf("sound, beta %g: %.1e\n", beta, std::abs(found - expected) / std::abs(expected));
    EXPECT_LT(std::abs(found - expected), 1e-6 * std::abs(expected));
    const std::size_t tilted = placed.off_diagonal[0].size() + placed.off_diagonal[1].size();
    // Where the region's edge takes a share of a cell, the step is less.
    EXPECT_EQ(tilted > 100u, !is_steep(GetParam(), materials[0].density)) << tilted;
    const TimeDomainGradient without =
        march.pull_back(steps, design.box(), [&](const Spectra&) { return weights; });
    EXPECT_THROW(design.pull_back(pattern, parameters, beta, samples, without), InputError);
  }
  for (const double level : {1.0, 0.0}) {  // the two geometries
    TimeDomainSetup placed = setup, whole = setup;
    design.place(placed, pattern, std::vector<double>(pattern.parameter_count(), level), infinite);
    GeometryOnGrid(setup, Equations::sound, level > 0.5 ? filled : empty)
        .place(whole, materials, materials[0]);
    for (std::size_t c = 0; c < 3; ++c) {
      double off = 0.0;
      for (const auto& entry : placed.off_diagonal[c])
        off += std::abs(entry.next) + std::abs(entry.after_next);
      for (const auto& entry : whole.off_diagonal[c])
        off -= std::abs(entry.next) + std::abs(entry.after_next);
      EXPECT_NEAR(off, 0.0, 1e-12);
      for (std::size_t p = 0; p < placed.coefficient[c].size(); ++p)
        ASSERT_NEAR(placed.coefficient[c][p],
                    whole.coefficient[c][whole.coefficient[c].size() == 1 ? 0 : p],
                    1e-12 * placed.coefficient[c][p]);
    }
  }
}

// Averaged as a tensor, and too steep for that.
INSTANTIATE_TEST_SUITE_P(All, DesignOfDensity, ::testing::Values(9.0, 90.0));

// A random pattern of a fluid a thousand times as dense: what is sent into it between hard walls
// does not grow, close to the Courant limit.
class DesignOfLiquid : public ::testing::TestWithParam<double> {};

TEST_P(DesignOfLiquid, IsStableBesideGas) {
  TimeDomainSetup setup;
  setup.system = WaveSystem::scalar;
  setup.speed = std::max(343.0, GetParam());
  const double step = 1e-3;
  setup.grid.axes = {uniform_axis(0.0, 24 * step, 24), uniform_axis(0.0, 22 * step, 22), Axis{}};
  setup.boundaries.faces[0] = setup.boundaries.faces[1] = {Boundary::mirror, Boundary::mirror};
  setup.schedule.threads = 1;
  setup.dt = 0.99 * courant_limit(setup.grid, setup.speed);
  const std::vector<SoundMaterial> materials = {{"gas", 343.0, 1.0, {}, 0.0},
                                                {"liquid", GetParam(), 1000.0, {}, 0.0}};
  const SoundMaterial& reference = materials[GetParam() > 343.0 ? 1 : 0];
  const double x0 = 4.4 * step, x1 = 19.7 * step, y0 = 4.2 * step, y1 = 18.6 * step;
  Geometry empty{0}, filled{0};
  filled.add(box_between({x0, y0, -endless}, {x1, y1, endless}), 1);
  GeometryOnGrid(setup, Equations::sound, empty).place(setup, materials, reference);
  const DesignOnGrid design(setup, empty, filled, materials, reference);
  const Plane pixels{15, 14, (x1 - x0) / 15, (y1 - y0) / 14, 0.5 * (x0 + x1), 0.5 * (y0 + y1)};
  DensityOptions options;
  options.filter_radius = 2.1 * step;
  const DensityPattern pattern(pixels, options);
  design.place(setup, pattern, numbers(pattern.parameter_count(), 0.0, 1.0, 9), infinite);
  setup.initial[0] = numbers(TimeDomain(setup).size().count(), -1.0, 1.0, 10);
  TimeDomain march(setup);
  march.run(20000);
  double largest = 0.0;
  for (const double p : march.field(0)) largest = std::max(largest, std::abs(p));
  // All of the energy, the sum of p^2 / K, in one point of the stiffer fluid.
  const double stiffness = 1000.0 * std::pow(GetParam() / 343.0, 2);
  const double points = static_cast<double>(setup.initial[0].size());
  std::printf("peak %.3f after 20000 steps\n", largest);
  EXPECT_LT(largest, std::sqrt(points * std::max(stiffness, 1.0)));
}

// As stiff as the gas, and as water.
INSTANTIATE_TEST_SUITE_P(All, DesignOfLiquid, ::testing::Values(343.0 / std::sqrt(1000.0), 1500.0));

// All solid and all void are the two geometries, to the last bit, however often it was placed.
TEST(DesignOnGrid, TheEndsAreTheTwoGeometries) {
  for (const Device& device : devices()) {
    const Part part = make_part(device);
    const DensityPattern pattern = pixels_over(part, false);
    TimeDomainSetup setup = part.setup;
    part.design->place(setup, pattern, numbers(pattern.parameter_count(), 0.0, 1.0, 3), 16.0);
    for (const double level : {1.0, 0.0}) {
      TimeDomainSetup expected = part.setup;
      GeometryOnGrid(setup, device.equations, level > 0.5 ? part.filled : part.empty)
          .place(expected, part.materials);
      part.design->place(setup, pattern, std::vector<double>(pattern.parameter_count(), level),
                         infinite);
      for (std::size_t c = 0; c < 3; ++c) {
        if (static_cast<int>(c) >= first_group_size(setup.system)) continue;
        ASSERT_EQ(setup.coefficient[c].size(), expected.coefficient[c].size());
        for (std::size_t p = 0; p < setup.coefficient[c].size(); ++p)
          ASSERT_DOUBLE_EQ(setup.coefficient[c][p], expected.coefficient[c][p]);
        double off = 0.0, off_expected = 0.0;
        for (const OffDiagonal& entry : setup.off_diagonal[c])
          off += std::abs(entry.next) + std::abs(entry.after_next);
        for (const OffDiagonal& entry : expected.off_diagonal[c])
          off_expected += std::abs(entry.next) + std::abs(entry.after_next);
        EXPECT_NEAR(off, off_expected, 1e-12);
      }
    }
  }
}

}  // namespace
}  // namespace wavesmith
