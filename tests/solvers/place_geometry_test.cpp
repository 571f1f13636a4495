#include "solvers/place_geometry.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>

#include "core/error.hpp"
#include "core/random.hpp"
#include "physics/acoustic_absorption.hpp"
#include "physics/optical_media.hpp"
#include "physics/solids.hpp"
#include "physics/vacuum.hpp"
#include "solvers/place_fluid.hpp"
#include "solvers/place_medium.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

LightMaterial dielectric(double permittivity) {
  LightMaterial material;
  material.medium.eps_inf = permittivity;
  return material;
}

std::function<double(int, double)> burst(double frequency) {
  return [frequency](int, double t) {
    const double width = 0.6 / frequency, x = (t - 4.0 * width) / width;
    return std::exp(-x * x) * std::sin(2.0 * pi * frequency * t);
  };
}

// A line of 12 um with absorbing ends, a source at 3 um and a monitor at 9 um.
TimeDomainSetup line_setup(int cells_per_um, double speed) {
  TimeDomainSetup setup;
  setup.system = WaveSystem::scalar;
  setup.grid.axes = {uniform_axis(0.0, 12e-6, 12 * cells_per_um), Axis{}, Axis{}};
  setup.boundaries.faces[0] = {Boundary::absorbing, Boundary::absorbing};
  setup.boundaries.layer.cells = 2 * cells_per_um;
  setup.speed = speed;
  setup.schedule.threads = 1;
  setup.dt = 0.5 * courant_limit(setup.grid, speed);
  return setup;
}

Complex transmitted(TimeDomainSetup setup, int cells_per_um, double frequency, long steps) {
  const int from = 3 * cells_per_um, to = 9 * cells_per_um;
  setup.sources.push_back({0, {{from, 0, 0}, {from + 1, 1, 1}}, 1, {1.0}, burst(frequency)});
  setup.monitors.push_back({0, {{to, 0, 0}, {to + 1, 1, 1}}, {frequency}, 1});
  TimeDomain march(std::move(setup));
  march.run(steps);
  return march.spectrum(0)[0];
}

// Of a slab, by power: Airy's formula, for impedances relative to the outside.
double slab_transmission(double impedance, double phase) {
  const double r = (impedance - 1.0) / (impedance + 1.0);
  const double f = 4.0 * r * r / ((1.0 - r * r) * (1.0 - r * r));
  return 1.0 / (1.0 + f * std::pow(std::sin(phase), 2));
}

// Interfaces a third of a cell from a point, on one side or the other: the error falls with the
// square of the cell.
TEST(PlaceGeometry, SlabBetweenPointsIsSecondOrder) {
  const double frequency = 2.0e14, index = 3.5, thick = 0.5e-6;
  const double phase = 2.0 * pi * frequency / speed_of_light * index * thick;
  const double exact = slab_transmission(1.0 / index, phase);
  std::vector<double> errors;
  for (const int cells : {80, 160, 320}) {
    TimeDomainSetup setup = line_setup(cells, speed_of_light);
    const long steps = static_cast<long>(3e-13 / setup.dt);
    const Complex without = transmitted(setup, cells, frequency, steps);
    Geometry geometry;
    geometry.add(
        std::make_shared<BoxSolid>(Vec3{6e-6 + 1e-6 / 240.0, 0, 0}, Vec3{thick, endless, endless}),
        1);
    const std::vector<LightMaterial> materials = {dielectric(1.0), dielectric(index * index)};
    GeometryOnGrid(setup, Equations::tm, geometry).place(setup, materials);
    errors.push_back(
        std::abs(std::norm(transmitted(setup, cells, frequency, steps) / without) / exact - 1.0));
  }
  EXPECT_LT(errors[2], 5e-4);
  EXPECT_GT(std::log2(errors[0] / errors[1]), 1.7);
  EXPECT_GT(std::log2(errors[1] / errors[2]), 1.7);
}

TEST(PlaceGeometry, SoundThroughALayerOfAnotherFluid) {
  const SoundMaterial water{"water", 1500.0, 1000.0, {}, 0.0}, oil{"oil", 1200.0, 2700.0, {}, 0.0};
  const double frequency = 1.0e9, thick = 0.7e-6;
  const double phase = 2.0 * pi * frequency / oil.speed * thick;
  const double exact =
      slab_transmission(oil.density * oil.speed / (water.density * water.speed), phase);
  std::vector<double> errors;
  for (const int cells : {80, 160, 320}) {
    TimeDomainSetup setup = line_setup(cells, water.speed);
    const long steps = static_cast<long>(6e-8 / setup.dt);
    const Complex without = transmitted(setup, cells, frequency, steps);
    Geometry geometry;
    geometry.add(
        std::make_shared<BoxSolid>(Vec3{6e-6 + 1e-6 / 240.0, 0, 0}, Vec3{thick, endless, endless}),
        1);
    const std::vector<SoundMaterial> materials = {water, oil};
    GeometryOnGrid(setup, Equations::sound, geometry).place(setup, materials, water);
    errors.push_back(
        std::abs(std::norm(transmitted(setup, cells, frequency, steps) / without) / exact - 1.0));
  }
  EXPECT_LT(errors[2], 5e-4);
  EXPECT_GT(std::log2(errors[0] / errors[1]), 1.7);
  EXPECT_GT(std::log2(errors[1] / errors[2]), 1.7);
}

TimeDomainSetup small_volume() {
  TimeDomainSetup setup;
  for (Axis& axis : setup.grid.axes) axis = uniform_axis(-0.2e-6, 0.2e-6, 16);
  for (auto& faces : setup.boundaries.faces) faces = {Boundary::wall, Boundary::wall};
  setup.schedule.threads = 1;
  setup.dt = 0.4 * courant_limit(setup.grid, speed_of_light);
  return setup;
}

// A medium everywhere has the coefficients and poles that place_medium gives its points.
TEST(PlaceGeometry, FilledPointsAreThoseOfTheMedium) {
  const DispersiveMedium gold = find_optical_medium("gold");
  TimeDomainSetup setup = small_volume(), direct = small_volume();
  Geometry geometry;
  geometry.add(box_between({-1, -1, -1}, {1, 1, 1}), 1);
  const std::vector<LightMaterial> materials = {dielectric(1.0), {gold, 1.0}};
  GeometryOnGrid(setup, Equations::maxwell, geometry).place(setup, materials);
  place_medium(direct, {{0, 0, 0}, {16, 16, 16}}, gold);
  ASSERT_EQ(setup.poles.size(), direct.poles.size());
  for (std::size_t c = 0; c < 3; ++c) {
    ASSERT_EQ(setup.coefficient[c].size(), 1u);
    EXPECT_EQ(setup.coefficient[c][0], direct.coefficient[c][0]);
  }
  for (const PoleField& pole : setup.poles) {
    const bool found =
        std::any_of(direct.poles.begin(), direct.poles.end(), [&](const PoleField& other) {
          return other.component == pole.component && other.box == pole.box &&
                 other.relaxing == pole.relaxing && other.a1 == pole.a1 && other.a2 == pole.a2 &&
                 other.a3 == pole.a3 && other.gain == pole.gain;
        });
    EXPECT_TRUE(found);
  }
}

// An absorbing, nonlinear fluid everywhere is what place_fluid makes of it.
TEST(PlaceGeometry, FilledPointsAreThoseOfTheFluid) {
  const AbsorbingFluid tissue = fit_absorption({0.5, 1.1}, 1540.0, 3e6, 1e6, 1e7);
  TimeDomainSetup setup = line_setup(10, tissue.speed_inf), direct = setup;
  Geometry geometry;
  geometry.add(box_between({-1, -1, -1}, {1, 1, 1}), 1);
  const SoundMaterial water{"water", 1500.0, 1000.0, {}, 0.0};
  const SoundMaterial absorbing{"tissue", tissue.speed_inf, 1050.0, tissue.relaxations, 4.0};
  SoundMaterial reference = water;
  reference.speed = tissue.speed_inf;
  GeometryOnGrid(setup, Equations::sound, geometry)
      .place(setup, std::vector<SoundMaterial>{water, absorbing}, reference);
  const GridBox all{{0, 0, 0}, {120, 1, 1}};
  place_fluid(direct, all, {"tissue", tissue, 1050.0, 4.0}, water.density);
  EXPECT_NEAR(setup.coefficient[0][0] / direct.coefficient[0][0], 1.0, 1e-14);
  EXPECT_NEAR(setup.coefficient[1][0] / direct.coefficient[1][0], 1.0, 1e-14);
  EXPECT_NEAR(setup.decay[0][0] / direct.decay[0][0], 1.0, 1e-14);
  ASSERT_EQ(setup.poles.size(), direct.poles.size());
  for (std::size_t l = 0; l < direct.poles.size(); ++l) {
    EXPECT_EQ(setup.poles[l].box, direct.poles[l].box);
    EXPECT_NEAR(setup.poles[l].a1[7] / direct.poles[l].a1[7], 1.0, 1e-14);
    EXPECT_NEAR(setup.poles[l].a2[7] / direct.poles[l].a2[7], 1.0, 1e-12);
    EXPECT_NEAR(setup.poles[l].gain[7] / direct.poles[l].gain[7], 1.0, 1e-14);
  }
  ASSERT_EQ(setup.nonlinear.size(), 1u);
  EXPECT_NEAR(setup.nonlinear[0].square[5] / direct.nonlinear[0].square[5], 1.0, 1e-14);
}

// A ball of metal in glass: mixed cells are stable, and keep the energy from growing.
TEST(PlaceGeometry, MixedMetalCellsAreStable) {
  TimeDomainSetup setup = small_volume();
  Geometry geometry;
  geometry.add(std::make_shared<BallSolid>(Vec3{1e-9, 2e-9, 3e-9}, 0.1e-6), 1);
  const std::vector<LightMaterial> materials = {dielectric(2.25),
                                                {find_optical_medium("silver"), 1.0}};
  GeometryOnGrid(setup, Equations::maxwell, geometry).place(setup, materials);
  const double frequency = 6e14;
  setup.sources.push_back({2, {{3, 3, 3}, {4, 4, 4}}, 1, {1.0}, burst(frequency)});
  TimeDomain march(std::move(setup));
  const auto peak = [&] {
    double largest = 0.0;
    for (int c = 0; c < 3; ++c)
      for (const double value : march.field(c)) largest = std::max(largest, std::abs(value));
    return largest;
  };
  march.run(1000);
  const double early = peak();
  march.run(6000);
  EXPECT_LT(peak(), early);
  EXPECT_GT(early, 0.0);
}

// d |Ez|^2 / d permittivity of a cylinder through averaged cells, against differences.
TEST(PlaceGeometry, DerivativeThroughAveragedCells) {
  for (const Equations equations : {Equations::tm, Equations::maxwell}) {
    const auto solve = [&](double permittivity, double around, std::vector<double>* gradient) {
      TimeDomainSetup setup;
      setup.system = system_of(equations);
      setup.grid.axes = {uniform_axis(-1e-6, 1e-6, 20), uniform_axis(-1e-6, 1e-6, 22), Axis{}};
      setup.boundaries.faces[0] = setup.boundaries.faces[1] = {Boundary::wall, Boundary::mirror};
      setup.dt = 0.9 * courant_limit(setup.grid, speed_of_light);
      Geometry geometry;
      geometry.add(std::make_shared<CylinderSolid>(Vec3{0.13e-6, -0.07e-6, 0}, 2, 0.52e-6, endless),
                   1);
      const std::vector<LightMaterial> materials = {dielectric(around), dielectric(permittivity)};
      const GeometryOnGrid media(setup, equations, geometry);
      media.place(setup, materials);
      const int component = equations == Equations::tm ? 0 : 1;
      setup.sources.push_back({component, {{3, 3, 0}, {4, 4, 1}}, 1, {1.0}, burst(2e14)});
      setup.monitors.push_back({component, {{15, 14, 0}, {16, 15, 1}}, {2e14}, 1});
      TimeDomain march(std::move(setup));
      const GridBox design{{4, 4, 0}, {20, 20, 1}};
      double value = 0.0;
      const TimeDomainGradient back =
          march.pull_back(300, design, [&](const std::vector<std::vector<Complex>>& spectra) {
            value = std::norm(spectra[0][0]);
            return std::vector<std::vector<Complex>>{{2.0 * spectra[0][0]}};
          });
      if (gradient != nullptr) *gradient = media.pull_back_permittivity(materials, design, back);
      return value;
    };
    std::vector<double> gradient;
    solve(4.0, 1.5, &gradient);
    const double h = 1e-4;
    const double difference =
        (solve(4.0 + h, 1.5, nullptr) - solve(4.0 - h, 1.5, nullptr)) / (2 * h);
    EXPECT_NEAR(gradient[1] / difference, 1.0, 1e-6);
  }
}

TEST(PlaceGeometry, RefusesWhatIsNotThere) {
  TimeDomainSetup setup = small_volume();
  Geometry geometry;
  geometry.add(box_between({-1, -1, -1}, {1, 1, 1}), 2);
  const std::vector<LightMaterial> materials = {dielectric(1.0)};
  EXPECT_THROW(GeometryOnGrid(setup, Equations::maxwell, geometry).place(setup, materials),
               InputError);
  const std::vector<LightMaterial> fast = {dielectric(0.01)};
  EXPECT_THROW(GeometryOnGrid(setup, Equations::maxwell, Geometry()).place(setup, fast),
               InputError);
}

// A bubble of gas in a liquid between hard walls, and a drop of the liquid in the gas, with the
// step of the faster material: random pressure does not grow.
TEST(PlaceGeometry, SoundBesideGasIsStable) {
  const std::vector<SoundMaterial> materials = {{"water", 1500.0, 1000.0, {}, 0.0},
                                                {"air", 343.0, 1.2, {}, 0.0}};
  for (const int dimensions : {2, 3})
    for (const int around : {0, 1}) {
      TimeDomainSetup setup;
      setup.system = WaveSystem::scalar;
      setup.speed = materials[0].speed;
      const int cells = dimensions == 2 ? 24 : 12;
      for (int d = 0; d < dimensions; ++d) {
        setup.grid.axes[static_cast<std::size_t>(d)] = uniform_axis(-1.0, 1.0, cells);
        setup.boundaries.faces[static_cast<std::size_t>(d)] = {Boundary::mirror, Boundary::mirror};
      }
      setup.schedule.threads = 1;
      setup.dt = 0.99 * courant_limit(setup.grid, setup.speed);
      Geometry geometry{around};
      geometry.add(std::make_shared<BallSolid>(Vec3{0.11, 0.07, 0.03}, 0.61), 1 - around);
      GeometryOnGrid(setup, Equations::sound, geometry).place(setup, materials, materials[0]);
      setup.initial[0].resize(TimeDomain(setup).size().count());
      const Random random(3, 4);
      for (std::size_t p = 0; p < setup.initial[0].size(); ++p)
        setup.initial[0][p] = random.uniform(p, -1.0, 1.0);
      TimeDomain march(setup);
      march.run(8000);
      double largest = 0.0;
      for (const double p : march.field(0)) largest = std::max(largest, std::abs(p));
      // All of the energy, the sum of p^2 / K, in one point of water.
      const double stiffness = 1000.0 / 1.2 * std::pow(1500.0 / 343.0, 2);
      const double points = static_cast<double>(setup.initial[0].size());
      EXPECT_LT(largest, std::sqrt(points * stiffness))
          << dimensions << "D, material " << around << " around";
    }
}

}  // namespace
}  // namespace wavesmith
