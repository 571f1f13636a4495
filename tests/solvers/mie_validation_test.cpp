// Spheres and cylinders of GeometryOnGrid against Mie's series,
// to second order through the subpixel tensors.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <memory>

#include "physics/solids.hpp"
#include "physics/vacuum.hpp"
#include "solvers/flux.hpp"
#include "solvers/total_field_box.hpp"
#include "tests/analytic/mie_sphere.hpp"
#include "tests/analytic/scalar_scattering.hpp"
#include "tests/solvers/validation_fixtures.hpp"

namespace wavesmith {
namespace {

const double impedance = std::sqrt(vacuum_permeability / vacuum_permittivity);

// Scattered power over intensity, by `images` times what is modelled.
double cross_section(TimeDomainSetup setup, Equations equations, const Vec3& box_low,
                     const Vec3& box_high, const Vec3& direction, const Vec3& polarisation,
                     double margin, double frequency, double periods, double images) {
  const WaveContext context = context_of(setup, equations);
  PlaneWaveBox wave;
  wave.low = box_low;
  wave.high = box_high;
  wave.direction = direction;
  wave.polarisation = polarisation;
  wave.waveform = gaussian_pulse(frequency, 0.4 * frequency);
  setup.sources = plane_wave_source(setup, context, wave).sources;
  // The faces of a mirror or wall stay where they are.
  Vec3 low = box_low, high = box_high;
  for (std::size_t d = 0; d < 3; ++d) {
    if (setup.grid.axes[d].cells() == 1) continue;
    if (low[d] != 0.0) low[d] -= margin;
    high[d] += margin;
  }
  const Flux flux(setup, context, "scattered", low, high, Flux::Sign::outward, {frequency}, 3);
  const long steps = static_cast<long>((wave.waveform.end + periods / frequency) / setup.dt);
  TimeDomain march(std::move(setup));
  march.run(steps);
  const double power = flux.evaluate(spectra_of(march))[0][0].real();
  return images * power * 2.0 * impedance / std::norm(wave.waveform.spectrum(frequency));
}

// A quarter of the sphere, of radius 1 um: E along x is odd at x = 0 and even at y = 0.
double sphere_efficiency(double x, double index, int cells) {
  const double radius = 1e-6, wavelength = 2.0 * pi * radius / x;
  const double h = radius / cells;
  const int layer = static_cast<int>(std::lround(0.7 * cells)), half = 8 * cells / 5 + layer;
  TimeDomainSetup setup;
  setup.grid.axes = {uniform_axis(0.0, half * h, half), uniform_axis(0.0, half * h, half),
                     uniform_axis(-half * h, half * h, 2 * half)};
  setup.boundaries.faces = {{{Boundary::wall, Boundary::absorbing},
                             {Boundary::mirror, Boundary::absorbing},
                             {Boundary::absorbing, Boundary::absorbing}}};
  setup.boundaries.layer.cells = layer;
  setup.dt = 0.95 * courant_limit(setup.grid, speed_of_light);
  setup.precision = Precision::f32;
  setup.schedule.threads = 1;
  Geometry geometry;
  geometry.add(std::make_shared<BallSolid>(Vec3{0, 0, 0}, radius), 1);
  GeometryOnGrid(setup, Equations::maxwell, geometry, 1)
      .place(setup, std::vector<LightMaterial>{validation::dielectric(1.0),
                                               validation::dielectric(index * index)});
  const double near = 1.2 * radius;
  return cross_section(std::move(setup), Equations::maxwell, {0, 0, -near}, {near, near, near},
                       {0, 0, 1}, {1, 0, 0}, 0.25 * radius, speed_of_light / wavelength, 22.0,
                       4.0) /
         (pi * radius * radius);
}

TEST(MieValidation, SpheresScatterToSecondOrder) {
  struct Case {
    double x, index, published;
    int coarse, fine;
    double bound;  // on what is left in the limit
  };
  // At x = 2 pi sharp resonances are not yet resolved so that orders are clean.
  for (const Case& one : {Case{3.0, 2.0, 3.036170633, 10, 15, 2e-3},
                          {2.0, 1.5, 0.0, 7, 11, 2e-3},
                          {2.0 * pi, 2.0, 2.655644916, 14, 20, 0.05}}) {
    const double exact = analytic::MieSphere(one.x, 1.0, one.index).scattering_efficiency();
    if (one.published > 0.0) {
      EXPECT_NEAR(exact, one.published, 1e-8);
    }
    const double coarse = sphere_efficiency(one.x, one.index, one.coarse);
    const double fine = sphere_efficiency(one.x, one.index, one.fine);
    const double finer = static_cast<double>(one.fine) / one.coarse;
    const std::string name = fmt::format("sphere, x = {}, index {}", one.x, one.index);
    const double order =
        validation::report(name.c_str(), coarse / exact - 1.0, fine / exact - 1.0, finer);
    const double limit = (finer * finer * fine - coarse) / (finer * finer - 1.0);
    std::printf("  in the limit %.5f, exact %.5f\n", limit, exact);
    EXPECT_GT(order, 1.8) << name;
    EXPECT_NEAR(limit / exact, 1.0, one.bound) << name;
  }
}

struct Cylinder {
  const char* name;
  double radius;  // [m]
  double permittivity, wavelength;
  bool tm;  // E along the cylinder, or across it
  double published = 0.0;
};

double cylinder_efficiency(const Cylinder& one, int cells) {
  const Equations equations = one.tm ? Equations::tm : Equations::maxwell;
  const double h = one.wavelength / cells;
  const int layer = cells / 2;
  const int half =
      layer + static_cast<int>(std::lround((one.radius / one.wavelength + 0.45) * cells));
  TimeDomainSetup setup;
  setup.system = system_of(equations);
  setup.grid.axes = {uniform_axis(-half * h, half * h, 2 * half), uniform_axis(0.0, half * h, half),
                     Axis{}};
  // The wave travels along x, and Ez is even in y; with E along y it is odd.
  setup.boundaries.faces[0] = {Boundary::absorbing, Boundary::absorbing};
  setup.boundaries.faces[1] = {one.tm ? Boundary::mirror : Boundary::wall, Boundary::absorbing};
  setup.boundaries.layer.cells = layer;
  setup.dt = 0.95 * courant_limit(setup.grid, speed_of_light);
  setup.schedule.threads = 1;
  Geometry geometry;
  geometry.add(std::make_shared<CylinderSolid>(Vec3{0, 0, 0}, 2, one.radius, endless), 1);
  GeometryOnGrid(setup, equations, geometry, 1)
      .place(setup, std::vector<LightMaterial>{validation::dielectric(1.0),
                                               validation::dielectric(one.permittivity)});
  const double near = one.radius + 0.15 * one.wavelength;
  return cross_section(std::move(setup), equations, {-near, 0, 0}, {near, near, 0}, {1, 0, 0},
                       {0, 1, 0}, 0.15 * one.wavelength, speed_of_light / one.wavelength, 15.0,
                       2.0) /
         (2.0 * one.radius);
}

TEST(MieValidation, CylindersScatterToSecondOrder) {
  for (const Cylinder& one :
       {Cylinder{"TM, eps 4, 175 nm, 1 um", 175e-9, 4.0, 1e-6, true, 3.788208074},
        {"TE, eps 4, 175 nm, 1 um", 175e-9, 4.0, 1e-6, false},
        {"TM, eps 2.25, 430 nm, 1 um", 430e-9, 2.25, 1e-6, true},
        {"TE, eps 2.25, 430 nm, 1 um", 430e-9, 2.25, 1e-6, false},
        {"TE, eps 9, 230 nm, 1.5 um", 230e-9, 9.0, 1.5e-6, false}}) {
    analytic::ScalarScatterer scatterer;
    scatterer.radius = one.radius;
    scatterer.k0 = 2.0 * pi / one.wavelength;
    scatterer.k1 = std::sqrt(one.permittivity) * scatterer.k0;
    if (!one.tm) scatterer.q = 1.0 / one.permittivity;
    const double exact = analytic::ScalarScattering(scatterer).scattering_efficiency();
    if (one.published > 0.0) {
      EXPECT_NEAR(exact, one.published, 1e-8);
    }
    const double coarse = cylinder_efficiency(one, 50) / exact - 1.0;
    const double fine = cylinder_efficiency(one, 100) / exact - 1.0;
    const double order = validation::report(one.name, coarse, fine);
    EXPECT_GT(order, 1.6) << one.name;
    EXPECT_LT(std::abs(fine), 1.5e-3) << one.name;
  }
}

}  // namespace
}  // namespace wavesmith
