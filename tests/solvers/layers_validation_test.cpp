// Plane interfaces and layers at any angle against Fresnel's and Airy's formulas: light of both
// polarisations, and sound.
//
// A plane wave at an angle and its mirror image are a mode of a guide between two walls half a
// transverse wavelength apart, and what is layered along the guide keeps it a mode. So a sheet with
// the mode's profile makes an endless wave at an angle, and the power reflected and transmitted by
// layers in the guide is that of plane waves, on the grid exactly as in the continuum.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <memory>

#include "physics/solids.hpp"
#include "solvers/flux.hpp"
#include "solvers/place_geometry.hpp"
#include "solvers/waveform.hpp"
#include "tests/analytic/layers.hpp"
#include "tests/analytic/sources.hpp"
#include "tests/solvers/validation_fixtures.hpp"

namespace wavesmith {
namespace {

using analytic::Complex;

struct Powers {
  double reflected = 0.0, transmitted = 0.0;
};

// Wavelength 1 in the reference medium, at angle 0 there; layers along x from about x = 0 on.
struct Guide {
  Equations equations = Equations::maxwell;
  const char* field = "Ez";  // that is driven and watched: across the guide, or p
  bool sine = true;          // its profile, or a cosine
  double width = 0.0;        // of the guide [m]; 0: nothing varies across it
  double thickness = 0.0;    // of all layers together [m]
  double speed = 0.0;        // of the reference medium [m/s]
  double fastest = 0.0;      // of all media [m/s]
  double impedance = 1.0;
  double frequency = 0.0;  // [Hz]
  double band = 0.3;       // width of the pulse over its frequency
  double slowness = 1.0;   // 1 / cos(angle) where the wave is
  double ringing = 0.0;    // how much longer than one passage the layers hold a wave, in periods
};

// Places the first medium everywhere, or the layers.
using PlaceLayers = std::function<void(TimeDomainSetup& setup, bool layers)>;

// On a grid of coarse << level cells a wavelength.
Powers powers_of(const Guide& guide, int coarse, int level, const PlaceLayers& place) {
  const int cells = coarse << level;
  const double lambda = guide.speed / guide.frequency, h = lambda / cells;
  const double before = 1.5 * lambda, behind = guide.thickness + 1.0 * lambda;
  const int layer = cells;
  const int low = static_cast<int>(std::lround(before / h)) + layer;
  const int high = static_cast<int>(std::lround(behind / h)) + layer;
  const int across =
      guide.width > 0.0 ? static_cast<int>(std::lround(guide.width / lambda * coarse)) << level : 1;
  const bool sound = guide.equations == Equations::sound;

  TimeDomainSetup setup;
  setup.system = system_of(guide.equations);
  setup.speed = guide.speed;
  setup.schedule.threads = 1;
  setup.grid.axes[0] = uniform_axis(-low * h, high * h, low + high);
  setup.boundaries.faces[0] = {Boundary::absorbing, Boundary::absorbing};
  setup.boundaries.layer.cells = layer;
  if (across > 1) {
    setup.grid.axes[1] = uniform_axis(0.0, guide.width, across);
    const Boundary side = sound ? Boundary::mirror : Boundary::wall;
    setup.boundaries.faces[1] = {side, side};
  }
  setup.dt = 0.95 * courant_limit(setup.grid, guide.fastest);
  const StoredField field = find_field(guide.equations, guide.field, guide.impedance);
  const WaveContext plain = context_of(setup, guide.equations, guide.impedance);
  const Waveform pulse = gaussian_pulse(guide.frequency, guide.band * guide.frequency);
  const int rows = across > 1 ? point_count(plain, 1, field.places[1]) : 1;
  const int from = layer + cells / 4, watched = layer + cells / 2;
  TimeSource source{field.component, {{from, 0, 0}, {from + 1, rows, 1}}, 1, {}, {}};
  for (int j = 0; j < rows; ++j) {
    const double phase =
        across > 1 ? pi * point_position(plain, 1, field.places[1], j) / guide.width : 0.0;
    source.weights.push_back(guide.sine && across > 1 ? std::sin(phase) : std::cos(phase));
  }
  source.signal = [pulse](int, double t) { return pulse.value(t); };
  setup.sources.push_back(source);
  const int row = guide.sine ? rows / 2 : 0;
  const double length = guide.slowness * (low + high) * h / guide.speed;
  const long steps =
      static_cast<long>((pulse.end + 2.0 * length + guide.ringing / guide.frequency) / setup.dt);

  Complex incident = 0.0;
  double power = 0.0;
  Powers result;
  for (const bool layers : {false, true}) {
    TimeDomainSetup run = setup;
    place(run, layers);
    const WaveContext context = context_of(run, guide.equations, guide.impedance);
    run.monitors.push_back(
        {field.component, {{watched, row, 0}, {watched + 1, row + 1, 1}}, {guide.frequency}, 1});
    PlaneRectangle plane;
    plane.position = guide.thickness + 0.5 * lambda;
    plane.high[1] = guide.width;
    const Flux flux(run, context, "through", plane, {guide.frequency}, 1);
    TimeDomain march(run);
    march.run(steps);
    const double through = flux.evaluate(spectra_of(march))[0][0].real();
    const Complex here = march.spectrum(0)[0];
    if (!layers) {
      incident = here;
      power = through;
      continue;
    }
    result.reflected = std::norm((here - incident) / incident);
    result.transmitted = through / power;
  }
  return result;
}

struct LightLayers {
  const char* name;
  double from;
  std::vector<analytic::Layer> layers;  // thickness in wavelengths of vacuum
  double to;
  double angle;  // [degrees]
  analytic::Polarization polarization;
  int cells;               // a wavelength in vacuum, coarse
  double published = 0.0;  // transmitted power, where known; reflected, where negative
};

using enum analytic::Polarization;

TEST(LayersValidation, LightAtAnyAngleIsSecondOrder) {
  const std::vector<LightLayers> cases = {
      {"1.4 to 3.5, 0 degrees", 1.4, {}, 3.5, 0.0, s, 60, -0.1836734694},
      {"1.4 to 3.5, 20.6 degrees, s", 1.4, {}, 3.5, 20.6, s, 36, -0.2035642388},
      {"1.4 to 3.5, 20.6 degrees, p", 1.4, {}, 3.5, 20.6, p, 36, -0.1643589850},
      {"1 to 1.5, Brewster's angle, p", 1.0, {}, 1.5, 56.309932474, p, 24},
      {"1 to 2, 45 degrees, s", 1.0, {}, 2.0, 45.0, s, 24},
      {"3.5 to 1.4, 15 degrees, p", 3.5, {}, 1.4, 15.0, p, 40},
      {"2 to 1, 45 degrees, p, total", 2.0, {}, 1.0, 45.0, p, 36},
      {"slab 3.5, 1.0 um", 1.0, {{3.5, 0.5}}, 1.0, 0.0, s, 100, 0.2791028836},
      {"slab 3.5, 1.5 um", 1.0, {{3.5, 1.0 / 3.0}}, 1.0, 0.0, p, 96, 0.3404624905},
      {"two layers, 30 degrees, s",
       1.0,
       {{2.0, 11.0 / 36.0}, {1.5, 15.0 / 36.0}},
       1.2,
       30.0,
       s,
       36},
      {"two layers, 30 degrees, p",
       1.0,
       {{2.0, 11.0 / 36.0}, {1.5, 15.0 / 36.0}},
       1.2,
       30.0,
       p,
       36}};
  const double lambda = 1e-6;
  for (const LightLayers& one : cases) {
    const double angle = one.angle * pi / 180.0;
    const analytic::Interface exact =
        analytic::stack(one.from, one.layers, one.to, 1.0, angle, one.polarization);
    if (one.published != 0.0) {
      EXPECT_NEAR(one.published > 0.0 ? exact.T : -exact.R, one.published, 1e-9);
    }
    Guide guide;
    guide.field = one.polarization == s ? "Ez" : "Ey";
    guide.sine = one.polarization == s;
    guide.speed = guide.fastest = speed_of_light;
    guide.frequency = speed_of_light / lambda;
    if (one.angle > 0.0) guide.width = 0.5 * lambda / (one.from * std::sin(angle));
    guide.band = 0.45 * (one.angle > 0.0 ? 1.0 - std::sin(angle) : 1.0);
    guide.slowness = one.from / std::cos(angle) + 1.0;
    guide.ringing = one.layers.empty() ? 0.0 : 12.0;
    for (const analytic::Layer& layer : one.layers) guide.thickness += layer.thickness * lambda;
    std::array<double, 2> error{};
    std::array<Powers, 2> found{};
    for (std::size_t level = 0; level < 2; ++level) {
      const int cells = one.cells << level;
      found[level] = powers_of(
          guide, one.cells, static_cast<int>(level), [&](TimeDomainSetup& setup, bool layers) {
            std::vector<LightMaterial> materials = {validation::dielectric(one.from * one.from)};
            Geometry geometry;
            if (layers) {
              // Every grid sees the first interface a third of its cell behind a node.
              double x = lambda / cells / 3.0;
              const auto add = [&](double index, double to) {
                materials.push_back(validation::dielectric(index * index));
                geometry.add(box_between({x, -endless, -endless}, {to, endless, endless}),
                             static_cast<int>(materials.size()) - 1);
                x = to;
              };
              for (const analytic::Layer& layer : one.layers)
                add(layer.index.real(), x + layer.thickness * lambda);
              add(one.to, endless);
            }
            GeometryOnGrid(setup, guide.equations, geometry, 1).place(setup, materials);
          });
      error[level] = std::max(std::abs(found[level].reflected - exact.R),
                              std::abs(found[level].transmitted - exact.T));
      // What is not reflected is transmitted, on any grid.
      EXPECT_NEAR(found[level].reflected + found[level].transmitted, 1.0, 1e-4) << one.name;
    }
    validation::report(one.name, error[0], error[1]);
    EXPECT_LT(error[1], 2e-3) << one.name;
    // Second order, unless its coefficient is nearly zero.
    EXPECT_LT(error[1], std::max(error[0] / 3.2, 2e-4)) << one.name;
    EXPECT_NEAR((4.0 * found[1].reflected - found[0].reflected) / 3.0, exact.R, 3e-4) << one.name;
  }
}

// R = (Z2 - Z1) / (Z2 + Z1) with Z = density speed / cos(angle): P. M. Morse and K. U. Ingard,
// Theoretical Acoustics, section 6.3.
TEST(LayersValidation, SoundAtAnyAngleIsSecondOrder) {
  struct Case {
    const char* name;
    SoundMaterial from, to;
    double angle;  // [degrees]
  };
  const SoundMaterial water{"water", 1500.0, 1000.0, {}, 0.0};
  const std::vector<Case> cases = {
      {"step of density, 0 degrees", water, {"heavy", 1500.0, 2500.0, {}, 0.0}, 0.0},
      {"step of speed, 0 degrees", water, {"fast", 2700.0, 1000.0, {}, 0.0}, 0.0},
      {"step of both, 20 degrees", water, {"both", 2200.0, 1800.0, {}, 0.0}, 20.0},
      {"step of density, 40 degrees", water, {"heavy", 1500.0, 2500.0, {}, 0.0}, 40.0},
      {"to a slow one, 55 degrees", water, {"slow", 900.0, 1300.0, {}, 0.0}, 55.0}};
  const double frequency = 1e6, lambda = water.speed / frequency;
  for (const Case& one : cases) {
    const double angle = one.angle * pi / 180.0;
    const double sine = std::sin(angle) * one.to.speed / one.from.speed;
    const double r = analytic::impedance_reflection(
        one.from.density * one.from.speed / std::cos(angle),
        one.to.density * one.to.speed / std::sqrt(1.0 - sine * sine));
    Guide guide;
    guide.equations = Equations::sound;
    guide.field = "p";
    guide.sine = false;
    guide.speed = water.speed;
    guide.fastest = std::max(water.speed, one.to.speed);
    guide.impedance = water.speed * water.density;
    guide.frequency = frequency;
    if (one.angle > 0.0) guide.width = 0.5 * lambda / std::sin(angle);
    guide.band = 0.45 * (1.0 - std::sin(angle));
    guide.slowness = 1.0 / std::cos(angle) + 0.5;
    std::array<double, 2> error{};
    double reflected = 0.0;
    const int coarse = 20;
    for (std::size_t level = 0; level < 2; ++level) {
      const int cells = coarse << level;
      const Powers found = powers_of(
          guide, coarse, static_cast<int>(level), [&](TimeDomainSetup& setup, bool layers) {
            Geometry geometry;
            if (layers)
              geometry.add(box_between({lambda / cells / 3.0, -endless, -endless},
                                       {endless, endless, endless}),
                           1);
            GeometryOnGrid(setup, guide.equations, geometry, 1)
                .place(setup, std::vector<SoundMaterial>{one.from, one.to}, water);
          });
      error[level] =
          std::max(std::abs(found.reflected - r * r), std::abs(found.transmitted - (1.0 - r * r)));
      EXPECT_NEAR(found.reflected + found.transmitted, 1.0, 1e-4) << one.name;
      reflected = found.reflected;
    }
    std::printf("sound, %s: R %.6f, exact %.6f, errors %.1e, %.1e\n", one.name, reflected, r * r,
                error[0], error[1]);
    EXPECT_LT(error[1], 2e-3) << one.name;
    EXPECT_GT(std::log2(error[0] / error[1]), 1.8) << one.name;
  }
}

}  // namespace
}  // namespace wavesmith
