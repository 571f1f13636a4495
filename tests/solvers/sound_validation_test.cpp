// Sound of a piston on its axis and of a pulsating point, at many places, against Rayleigh's
// integral and Green's functions.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <cstdio>

#include "solvers/piston_source.hpp"
#include "tests/analytic/sources.hpp"
#include "tests/solvers/validation_fixtures.hpp"

namespace wavesmith {
namespace {

using analytic::Complex;

constexpr double speed = 1500.0, density = 1000.0, frequency = 1e6;
constexpr double lambda = speed / frequency, wavenumber = 2.0 * pi / lambda;

// |p| over density speed velocity at places on the axis, in front of a piston in a rigid wall: a
// quarter of the half-space, with mirrors.
std::vector<double> axis_of_piston(double radius, int cells, std::vector<double>& places) {
  const double h = lambda / cells, reach = places.back() + 0.3 * lambda;
  const int layer = cells;
  TimeDomainSetup setup;
  setup.system = WaveSystem::scalar;
  setup.speed = speed;
  const int across = static_cast<int>(std::lround((radius + 0.4 * lambda) / h)) + layer;
  const int along = static_cast<int>(std::lround(reach / h)) + layer;
  setup.grid.axes = {uniform_axis(0.0, across * h, across), uniform_axis(0.0, across * h, across),
                     uniform_axis(0.0, along * h, along)};
  for (auto& faces : setup.boundaries.faces) faces = {Boundary::mirror, Boundary::absorbing};
  setup.boundaries.layer.cells = layer;
  setup.boundaries.layer.reflection = 1e-5;
  setup.dt = 0.95 * courant_limit(setup.grid, speed);
  setup.precision = Precision::f32;
  setup.schedule.threads = 1;
  const WaveContext context = context_of(setup, Equations::sound, density * speed);
  const Waveform waveform = gaussian_pulse(frequency, frequency);
  FlatPiston piston;
  piston.radius = radius;
  setup.sources = piston_source(context, piston, 1.0, waveform);
  const StoredField p = find_field(Equations::sound, "p");
  for (double& z : places) {
    const auto at = nearest_point(context, p, {0.0, 0.0, z});
    z = point_position(context, p, at)[2];
    setup.monitors.push_back({0, {at, {at[0] + 1, at[1] + 1, at[2] + 1}}, {frequency}, 1});
  }
  TimeDomain march(setup);
  march.run(static_cast<long>((waveform.end + 1.3 * (reach + radius) / speed) / setup.dt));
  std::vector<double> found;
  for (std::size_t m = 0; m < places.size(); ++m)
    found.push_back(std::abs(march.spectrum(static_cast<int>(m))[0] /
                             (waveform.spectrum(frequency) * density * speed)));
  return found;
}

// A piston of 5 mm, and one of 4.9375 mm with its last maximum 15.8776 mm away.
TEST(SoundValidation, PistonsOnTheirAxesAreSecondOrder) {
  EXPECT_NEAR(analytic::piston_last_maximum(lambda, 4.9375e-3), 15.8776e-3, 5e-8);
  for (const double radius : {5e-3, 4.9375e-3}) {
    // At nodes of both grids; the last one next to the maximum.
    const std::vector<double> wanted = {2.25e-3, 4.5e-3, 6.0e-3, 10.5e-3, 13.5e-3, 15.9375e-3};
    std::array<double, 2> error{};
    std::array<std::vector<double>, 2> found;
    double in_the_limit = 0.0;
    for (const int level : {0, 1}) {
      const std::size_t at = static_cast<std::size_t>(level);
      std::vector<double> places = wanted;
      found[at] = axis_of_piston(radius, 8 << level, places);
      for (std::size_t m = 0; m < places.size(); ++m) {
        const double exact = analytic::piston_on_axis(wavenumber, radius, places[m]);
        error[at] = std::hypot(error[at], (found[at][m] - exact) / std::sqrt(6.0));
        if (level == 0) continue;
        const double limit = (4.0 * found[1][m] - found[0][m]) / 3.0;
        in_the_limit = std::hypot(in_the_limit, (limit - exact) / std::sqrt(6.0));
        std::printf("  %.4f mm: %.4f, in the limit %.4f, exact %.4f\n", 1e3 * places[m],
                    found[1][m], limit, exact);
      }
    }
    const std::string name = fmt::format("piston of {} mm", 1e3 * radius);
    EXPECT_GT(validation::report(name.c_str(), error[0], error[1]), 1.8) << name;
    EXPECT_LT(error[1], 0.06) << name;
    std::printf("  in the limit %.1e\n", in_the_limit);
    EXPECT_LT(in_the_limit, 0.02) << name;
  }
}

// p = -i omega density Q G in two and three dimensions, at distances in all directions.
TEST(SoundValidation, PulsatingPointsAreSecondOrder) {
  for (const int dimensions : {2, 3}) {
    std::array<double, 2> error{};
    for (const int level : {0, 1}) {
      const int cells = (dimensions == 2 ? 12 : 8) << level, layer = 8 << level;
      const double h = lambda / cells;
      const int half = cells + 1 + layer;
      TimeDomainSetup setup;
      setup.system = WaveSystem::scalar;
      setup.speed = speed;
      for (std::size_t d = 0; d < 3; ++d)
        if (static_cast<int>(d) < dimensions) {
          setup.grid.axes[d] = uniform_axis(-half * h, half * h, 2 * half);
          setup.boundaries.faces[d] = {Boundary::absorbing, Boundary::absorbing};
        }
      setup.boundaries.layer.cells = layer;
      setup.boundaries.layer.reflection = 1e-6;
      setup.dt = 0.95 * courant_limit(setup.grid, speed);
      setup.schedule.threads = 1;
      const WaveContext context = context_of(setup, Equations::sound, density * speed);
      const Waveform waveform = gaussian_pulse(frequency, 0.8 * frequency);
      setup.sources = point_source(context, "p", {0.0, 0.0, 0.0}, 1.0, waveform);
      const StoredField p = find_field(Equations::sound, "p");
      std::vector<double> distances;
      for (int q = 0; q < 12; ++q) {
        const double r = (0.35 + 0.05 * q) * lambda, phi = 0.7 * q;
        const double z = dimensions == 3 ? r * std::cos(0.9 * q) : 0.0;
        const double flat = std::sqrt(r * r - z * z);
        const auto at = nearest_point(context, p, {flat * std::cos(phi), flat * std::sin(phi), z});
        const Vec3 x = point_position(context, p, at);
        distances.push_back(std::hypot(x[0], x[1], dimensions == 3 ? x[2] : 0.0));
        setup.monitors.push_back({0, {at, {at[0] + 1, at[1] + 1, at[2] + 1}}, {frequency}, 1});
      }
      TimeDomain march(setup);
      march.run(static_cast<long>((waveform.end + 8.0 * lambda / speed) / setup.dt));
      double wrong = 0.0, all = 0.0;
      for (std::size_t q = 0; q < distances.size(); ++q) {
        const Complex exact = Complex(0.0, -2.0 * pi * frequency * density) *
                              (dimensions == 2 ? analytic::green_2d(wavenumber, distances[q])
                                               : analytic::green_3d(wavenumber, distances[q]));
        const Complex found = march.spectrum(static_cast<int>(q))[0] / waveform.spectrum(frequency);
        wrong += std::norm(found - exact);
        all += std::norm(exact);
      }
      error[static_cast<std::size_t>(level)] = std::sqrt(wrong / all);
    }
    const std::string name = fmt::format("pulsating point, {}D", dimensions);
    EXPECT_GT(validation::report(name.c_str(), error[0], error[1]), 1.8) << name;
    EXPECT_LT(error[1], 0.03) << name;
  }
}

}  // namespace
}  // namespace wavesmith
