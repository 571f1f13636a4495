// Dipoles against the Green's functions of two and three dimensions, in physical units.
#include "solvers/current_source.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <numeric>

#include "core/error.hpp"
#include "physics/vacuum.hpp"
#include "tests/analytic/sources.hpp"

namespace wavesmith {
namespace {

using analytic::Complex;

// Cubic or square grid of `extent` with absorbing layers outside of it, origin in the middle.
TimeDomainSetup open_setup(Equations equations, int dimensions, double extent, int cells,
                           double speed) {
  TimeDomainSetup setup;
  setup.system = system_of(equations);
  setup.speed = speed;
  const int layer = 8;
  const double half = 0.5 * extent * (1.0 + 2.0 * layer / cells);
  for (std::size_t d = 0; d < 3; ++d)
    if (static_cast<int>(d) < dimensions) {
      setup.grid.axes[d] = uniform_axis(-half, half, cells + 2 * layer);
      setup.boundaries.faces[d] = {Boundary::absorbing, Boundary::absorbing};
    }
  setup.boundaries.layer.cells = layer;
  setup.boundaries.layer.reflection = 1e-5;
  setup.dt = 0.95 * courant_limit(setup.grid, speed);
  return setup;
}

struct Probe {
  std::string field;
  Vec3 offset;  // from the source, before it is moved to the nearest point
};

// Relative error of the spectra at the probes, root of the sum of squares.
using Reference = std::function<Complex(const std::string& field, const Vec3& offset)>;
double error_of(TimeDomainSetup setup, Equations equations, double impedance,
                const std::string& driven, const Vec3& at, double strength, const Waveform& wave,
                const std::vector<Probe>& probes, const Reference& reference) {
  const WaveContext context = context_of(setup, equations, impedance);
  const auto sources = point_source(context, driven, at, strength, wave);
  setup.sources.insert(setup.sources.end(), sources.begin(), sources.end());
  std::vector<Vec3> offsets;
  std::vector<StoredField> fields;
  for (const Probe& probe : probes) {
    const StoredField field = find_field(equations, probe.field, impedance);
    Vec3 target{};
    for (std::size_t d = 0; d < 3; ++d) target[d] = at[d] + probe.offset[d];
    const std::array<int, 3> p = nearest_point(context, field, target);
    setup.monitors.push_back(
        {field.component, {p, {p[0] + 1, p[1] + 1, p[2] + 1}}, {wave.frequency}, 1});
    Vec3 offset = point_position(context, field, p);
    for (std::size_t d = 0; d < 3; ++d)
      offset[d] = varies(context, static_cast<int>(d)) ? offset[d] - at[d] : 0.0;
    offsets.push_back(offset);
    fields.push_back(field);
  }
  const double length = setup.grid.axis(0).high() - setup.grid.axis(0).low();
  const long steps = static_cast<long>((wave.end + 2.0 * length / setup.speed) / setup.dt);
  TimeDomain march(std::move(setup));
  march.run(steps);
  double wrong = 0.0, all = 0.0;
  for (std::size_t i = 0; i < probes.size(); ++i) {
    const Complex found =
        fields[i].factor * march.spectrum(static_cast<int>(i))[0] / wave.spectrum(wave.frequency);
    const Complex expected = strength * reference(fields[i].name, offsets[i]);
    wrong += std::norm(found - expected);
    all += std::norm(expected);
  }
  return std::sqrt(wrong / all);
}

double length_of(const Vec3& r) {
  return std::hypot(r[0], r[1], r[2]);
}

TEST(CurrentSource, LineCurrentRadiatesAsHankelsFunction) {
  const double f = 2e14, omega = 2.0 * pi * f, lambda = speed_of_light / f;
  const std::vector<Probe> probes = {{"Ez", {lambda, 0.0, 0.0}},
                                     {"Ez", {0.6 * lambda, 0.8 * lambda, 0.0}},
                                     {"Ez", {-0.3 * lambda, 1.1 * lambda, 0.0}}};
  std::vector<double> errors;
  for (const int n : {15, 30}) {
    const TimeDomainSetup setup = open_setup(Equations::tm, 2, 3.0 * lambda, 3 * n, speed_of_light);
    const double dx = lambda / n;
    errors.push_back(error_of(setup, Equations::tm, 1.0, "Ez", {0.31 * dx, -0.22 * dx, 0.0}, 2.5,
                              gaussian_pulse(f, 0.8 * f), probes,
                              [&](const std::string&, const Vec3& r) {
                                return analytic::line_current_field(1.0, omega, length_of(r));
                              }));
  }
  std::printf("line current: %.2e, %.2e at half the cell, ratio %.2f\n", errors[0], errors[1],
              errors[0] / errors[1]);
  EXPECT_LT(errors[1], 0.02);
  EXPECT_GT(errors[0] / errors[1], 3.4);
}

TEST(CurrentSource, DipolesRadiateAsTheyShouldInThreeDimensions) {
  const double f = 2e14, omega = 2.0 * pi * f, lambda = speed_of_light / f;
  for (const bool electric : {true, false}) {
    const std::string driven = electric ? "Ey" : "Hy";
    std::vector<Probe> probes;
    for (const char* name : {"Ex", "Ey", "Ez", "Hx", "Hz"})
      probes.push_back({name, {0.5 * lambda, 0.35 * lambda, -0.4 * lambda}});
    std::vector<double> errors;
    for (const int n : {10, 20}) {
      const TimeDomainSetup setup =
          open_setup(Equations::maxwell, 3, 1.2 * lambda, 12 * n / 10, speed_of_light);
      const double dx = lambda / n;
      const Vec3 at = {-0.3 * lambda + 0.2 * dx, -0.3 * lambda + 0.4 * dx, 0.3 * lambda};
      // The fields of the two groups count alike.
      const Reference reference = [&](const std::string& name, const Vec3& r) {
        const analytic::Vector p = {0.0, analytic::imaginary_unit / omega, 0.0};
        const analytic::DipoleField field = analytic::dipole_field(p, omega, r);
        const auto c = static_cast<std::size_t>(name[1] - 'x');
        const bool e = name[0] == 'E';
        if (electric) return e ? field.e[c] : field.h[c];
        // Duality: J, E, H become M, H, -E, permittivity and permeability change places.
        return e ? -field.h[c] : field.e[c] / (vacuum_impedance * vacuum_impedance);
      };
      errors.push_back(error_of(setup, Equations::maxwell, 1.0, driven, at, 3.0,
                                gaussian_pulse(f, 0.8 * f), probes, reference));
    }
    std::printf("dipole %s: %.2e, %.2e, ratio %.2f\n", driven.c_str(), errors[0], errors[1],
                errors[0] / errors[1]);
    EXPECT_LT(errors[1], 0.05);
    EXPECT_GT(errors[0] / errors[1], 3.0);
  }
}

TEST(CurrentSource, SoundOfAPulsatingPointAndOfAForce) {
  const double f = 1e6, c = 1500.0, rho = 1000.0, k = 2.0 * pi * f / c, lambda = c / f;
  const double omega = 2.0 * pi * f;
  for (const int dimensions : {2, 3})
    for (const bool volume : {true, false}) {
      const std::vector<Probe> probes = {{"p", {0.5 * lambda, 0.35 * lambda, 0.2 * lambda}},
                                         {"p", {0.2 * lambda, 0.7 * lambda, 0.3 * lambda}}};
      const auto green = [&](double r) {
        return dimensions == 2 ? analytic::green_2d(k, r) : analytic::green_3d(k, r);
      };
      const Reference reference = [&](const std::string&, const Vec3& r) {
        const double distance = length_of(r), h = 1e-4 * lambda;
        if (volume) return -analytic::imaginary_unit * omega * rho * green(distance);
        const Complex slope = (green(distance + h) - green(distance - h)) / (2.0 * h);
        return -slope * r[1] / distance;
      };
      std::vector<double> errors;
      for (const int n : {10, 20}) {
        const TimeDomainSetup setup =
            open_setup(Equations::sound, dimensions, 1.2 * lambda, 12 * n / 10, c);
        const double dx = lambda / n;
        const Vec3 at = {-0.3 * lambda + 0.2 * dx, -0.3 * lambda + 0.3 * dx, -0.25 * lambda};
        errors.push_back(error_of(setup, Equations::sound, rho * c, volume ? "p" : "vy", at, 0.7,
                                  gaussian_pulse(f, 0.8 * f), probes, reference));
      }
      std::printf("sound, %dD, %s: %.2e, %.2e, ratio %.2f\n", dimensions,
                  volume ? "volume" : "force", errors[0], errors[1], errors[0] / errors[1]);
      EXPECT_LT(errors[1], 0.05);
      EXPECT_GT(errors[0] / errors[1], 3.0);
    }
}

// Moment and centre of the shares, on a graded axis.
TEST(CurrentSource, SharesHoldMomentAndCentre) {
  WaveContext context;
  YeeGrid grid;
  grid.axes = {Axis{{0.0, 1.0, 1.8, 3.0, 3.7, 5.0}}, uniform_axis(0.0, 1.0, 2), Axis{}};
  for (const Boundary face : {Boundary::wall, Boundary::periodic, Boundary::mirror}) {
    GridBoundaries boundaries;
    boundaries.faces[0] = {face, face};
    context = make_wave_context(Equations::maxwell, grid, boundaries, 0.1, 1.0);
    for (const Place place : {Place::edge, Place::centre})
      for (const double x : {1.05, 1.8, 2.33, 3.5}) {
        double moment = 0.0, centre = 0.0;
        for (const AxisShare& one : delta_shares(context, 0, place, x)) {
          const double part = one.share * point_width(context, 0, place, one.point);
          moment += part;
          centre += part * point_position(context, 0, place, one.point);
        }
        EXPECT_NEAR(moment, 1.0, 1e-14);
        EXPECT_NEAR(centre, x, 1e-14);
        double length = 0.0;
        for (const AxisShare& one : box_shares(context, 0, place, 0.6, x))
          length += one.share * point_width(context, 0, place, one.point);
        EXPECT_NEAR(length, x - 0.6, 1e-14);
      }
  }
}

// A source in front of a mirror or a wall is one of two in the whole, and in a mirror the only one.
TEST(CurrentSource, MirrorsAndWallsHoldTheImages) {
  const double f = 0.06;
  for (const double x : {0.0, 0.3, 0.7, 2.6})
    for (const bool mirror : {true, false}) {
      const auto field_at = [&](bool half) {
        TimeDomainSetup setup;
        setup.system = WaveSystem::scalar;
        setup.speed = 1.0;
        setup.grid.axes[0] = uniform_axis(half ? 0.0 : -30.0, 30.0, half ? 30 : 60);
        setup.grid.axes[1] = uniform_axis(0.0, 20.0, 20);
        setup.boundaries.faces = {
            {{Boundary::wall, Boundary::wall}, {Boundary::wall, Boundary::wall}, {}}};
        if (half && mirror) setup.boundaries.faces[0][0] = Boundary::mirror;
        setup.dt = 0.6;
        const WaveContext context = context_of(setup, Equations::sound, 1.0);
        for (const char* field : {"p", "vx", "vy"}) {
          for (const double side : {1.0, -1.0}) {
            if (half && side < 0.0) continue;
            if (side < 0.0 && x == 0.0) continue;
            // p and vy are even about a mirror, vx odd; the other way round about a wall.
            const double sign = side < 0.0 && ((field[1] == 'x') == mirror) ? -1.0 : 1.0;
            if (x == 0.0 && (field[1] == 'x' || !mirror)) continue;
            const auto more = point_source(context, field, {side * x, 8.4, 0.0}, sign,
                                           gaussian_pulse(f, 2.0 * f));
            setup.sources.insert(setup.sources.end(), more.begin(), more.end());
          }
        }
        const StoredField p = find_field(Equations::sound, "p");
        const auto at = nearest_point(context, p, {9.0, 11.0, 0.0});
        TimeDomain march(setup);
        march.run(60);
        return march.field(0)[march.size().index(at[0], at[1], at[2])];
      };
      if (x == 0.0 && !mirror) continue;
      const double whole = field_at(false), half = field_at(true);
      EXPECT_NEAR(half, whole, 1e-12 * std::abs(whole)) << x << (mirror ? " mirror" : " wall");
      EXPECT_GT(std::abs(whole), 1e-6);
    }
}

TEST(CurrentSource, WhatLiesOutsideIsAnError) {
  TimeDomainSetup setup = open_setup(Equations::tm, 2, 1.0, 20, 1.0);
  const WaveContext context = context_of(setup, Equations::tm);
  const Waveform wave = ricker_pulse(1.0);
  EXPECT_THROW(point_source(context, "Ex", {0.0, 0.0, 0.0}, 1.0, wave), InputError);
  EXPECT_THROW(point_source(context, "Ez", {3.0, 0.0, 0.0}, 1.0, wave), InputError);
  EXPECT_THROW(current_source(context, "Ez", {0.2, 0.0, 0.0}, {0.1, 0.0, 0.0}, 1.0, wave),
               InputError);
}

}  // namespace
}  // namespace wavesmith
