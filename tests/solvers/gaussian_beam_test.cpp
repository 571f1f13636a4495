// Beams against the sum of plane waves of the continuum, and what they send back.
#include "solvers/gaussian_beam.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdio>

#include "core/error.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

struct Case {
  const char* name;
  Equations equations;
  std::array<int, 3> size;  // 0: nothing varies
  int axis;
  Vec3 direction, focus, polarisation;
  double plane, waist, tolerance;  // at the finest cells
  int cells_per_wave;
};

// Lengths in wavelengths; the grid is centred.
std::vector<Case> cases() {
  using enum Equations;
  return {{"TM along x", tm, {15, 14, 0}, 0, {1, 0, 0}, {2.0, 0.3, 0}, {}, -5.0, 2.0, 0.01, 12},
          {"TM tilted, against y",
           tm,
           {16, 14, 0},
           1,
           {0.35, -1, 0},
           {1.5, -2.0, 0},
           {},
           4.5,
           2.0,
           0.01,
           12},
          {"TE tilted",
           maxwell,
           {14, 16, 0},
           0,
           {1, 0.3, 0},
           {1.0, 0.5, 0},
           {0, 1, 0},
           -4.5,
           2.0,
           0.01,
           10},
          {"sound, waist behind",
           sound,
           {12, 16, 0},
           0,
           {1, -0.1, 0},
           {-9.0, 1.0, 0},
           {},
           -4.0,
           2.0,
           0.015,
           10},
          {"3D light",
           maxwell,
           {9, 10, 8},
           2,
           {0.1, 0.2, 1},
           {0.2, 0.0, 0.5},
           {1, 0.2, 0},
           -1.3,
           1.1,
           0.06,
           8},
          {"3D sound", sound, {8, 8, 8}, 1, {0, -1, 0.2}, {0.0, 0.4, 0.2}, {}, 1.3, 1.1, 0.04, 8}};
}

// |field| of the scalar beam at r, relative to the focus: the sum of plane waves along the beam's
// own coordinates, by the trapezoidal rule; of the continuum.
//   2D: w0 / (2 sqrt pi) integral of exp(-w0^2 q^2 / 4 + i q x + i k_z z) dq
//   3D: w0^2 / 2 integral of exp(-w0^2 q^2 / 4 + i k_z z) J0(q rho) q dq
double scalar_beam(const Case& one, const Vec3& r, int dimensions) {
  double length = 0.0, along = 0.0, square = 0.0;
  for (const double n : one.direction) length = std::hypot(length, n);
  for (std::size_t d = 0; d < 3; ++d) {
    const double x = r[d] - one.focus[d];
    along += x * one.direction[d] / length;
    square += x * x;
  }
  const double across = std::sqrt(std::max(0.0, square - along * along)), k = 2.0 * pi;
  const int steps = 150;
  const double top = std::min(k, 8.0 / one.waist), step = top / steps;
  Complex sum = 0.0;
  for (int n = 0; n < steps; ++n) {
    const double q = n * step;
    const Complex wave = std::polar(std::exp(-0.25 * one.waist * one.waist * q * q),
                                    std::sqrt(k * k - q * q) * along);
    if (dimensions == 2)
      sum += (n == 0 ? 1.0 : 2.0) * std::cos(q * across) * wave * one.waist / (2.0 * std::sqrt(pi));
    else
      sum += std::cyl_bessel_j(0.0, q * across) * q * wave * 0.5 * one.waist * one.waist;
  }
  return std::abs(sum) * step;
}

struct Found {
  double difference, width, back;
};

Found launch(const Case& one, int cells_per_wave) {
  const double f = 1.0;  // wavelength 1
  std::array<int, 3> cells{};
  for (std::size_t d = 0; d < 3; ++d) cells[d] = std::max(1, one.size[d] * cells_per_wave);
  const int dimensions = one.size[2] > 0 ? 3 : 2;
  TimeDomainSetup setup;
  setup.system = system_of(one.equations);
  setup.speed = 1.0;
  setup.schedule.threads = 1;
  for (std::size_t d = 0; d < 3; ++d) {
    if (cells[d] == 1) continue;
    const double half = 0.5 * cells[d] / cells_per_wave;
    setup.grid.axes[d] = uniform_axis(-half, half, cells[d]);
    setup.boundaries.faces[d] = {Boundary::absorbing, Boundary::absorbing};
  }
  setup.boundaries.layer.cells = 10;
  setup.boundaries.layer.reflection = 1e-6;
  setup.dt = 0.9 * courant_limit(setup.grid, 1.0);
  const WaveContext context = context_of(setup, one.equations);
  const Waveform waveform = gaussian_pulse(f, 0.5);
  GaussianBeam beam;
  beam.axis = one.axis;
  beam.plane = one.plane;
  beam.direction = one.direction;
  beam.focus = one.focus;
  beam.waist = one.waist;
  beam.polarisation = one.polarisation;
  beam.amplitude = 3.0;
  beam.waveform = waveform;
  const BeamSource source = gaussian_beam_source(context, beam);
  setup.sources = source.sources;
  // The component that is largest, in the plane of axis and the first other axis.
  int component = 0;
  for (int c = 1; c < 3 && one.equations == Equations::maxwell; ++c)
    if (std::abs(one.polarisation[static_cast<std::size_t>(c)]) >
        std::abs(one.polarisation[static_cast<std::size_t>(component)]))
      component = c;
  if (one.equations == Equations::maxwell && dimensions == 2) component = 5;
  const StoredField field = fields_of(one.equations)[static_cast<std::size_t>(component)];
  GridBox box;
  for (std::size_t d = 0; d < 3; ++d) {
    box.begin[d] = cells[d] > 1 ? 12 : 0;
    box.end[d] = cells[d] > 1 ? cells[d] - 12 : 1;
  }
  if (dimensions == 3) {
    const std::size_t still = one.axis == 2 ? 0 : 2;
    box.begin[still] = cells[still] / 2;
    box.end[still] = box.begin[still] + 1;
  }
  setup.monitors.push_back({component, box, {f}, 1});
  double size = 0.0;
  for (std::size_t d = 0; d < 3; ++d)
    if (cells[d] > 1) size += 1.0 * cells[d] / cells_per_wave;
  TimeDomain march(setup);
  march.run(static_cast<long>((source.delay + waveform.end + 1.2 * size) / setup.dt));

  double length = 0.0, along = 0.0;
  for (const double n : one.direction) length = std::hypot(length, n);
  Vec3 e = one.polarisation;
  for (std::size_t d = 0; d < 3; ++d) along += e[d] * one.direction[d] / (length * length);
  for (std::size_t d = 0; d < 3; ++d) e[d] -= along * one.direction[d];
  const double share =
      one.equations == Equations::maxwell && dimensions == 3
          ? std::abs(e[static_cast<std::size_t>(component)]) / std::hypot(e[0], e[1], e[2])
          : 1.0;
  const std::size_t w = static_cast<std::size_t>(one.axis);
  const double side = one.direction[w] > 0.0 ? 1.0 : -1.0;
  double wrong = 0.0, all = 0.0, back = 0.0, moment = 0.0, moment_expected = 0.0;
  const auto spectrum = march.spectrum(0);
  for_each_point(box, [&](const std::array<int, 3>& p, std::size_t n) {
    Vec3 r = point_position(context, field, p);
    for (std::size_t d = 0; d < 3; ++d)
      if (cells[d] == 1) r[d] = 0.0;
    const double found = std::abs(spectrum[n]) / (3.0 * share * std::abs(waveform.spectrum(f)));
    const double distance = side * (r[w] - one.plane);
    if (distance < -0.3) back = std::max(back, found);
    if (distance < 0.5) return;
    const double expected = scalar_beam(one, r, dimensions);
    wrong += std::pow(found - expected, 2);
    all += expected * expected;
    double square = 0.0, axial = 0.0;
    for (std::size_t d = 0; d < 3; ++d) {
      square += std::pow(r[d] - one.focus[d], 2);
      axial += (r[d] - one.focus[d]) * one.direction[d] / length;
    }
    moment += found * found * (square - axial * axial);
    moment_expected += expected * expected * (square - axial * axial);
  });
  return {std::sqrt(wrong / all), std::sqrt(moment / moment_expected) - 1.0, back};
}

TEST(GaussianBeam, HasItsWidthAndPlaceEverywhereAndGoesOneWay) {
  for (const Case& one : cases()) {
    const bool flat = one.size[2] == 0;
    Found found = launch(one, one.cells_per_wave);
    std::printf("%s: differs by %.2e, width by %.2e, back %.1e\n", one.name, found.difference,
                found.width, found.back);
    if (flat) {
      const Found finer = launch(one, 3 * one.cells_per_wave / 2);
      std::printf("  two thirds of the cells: %.2e, width by %.2e, back %.1e\n", finer.difference,
                  finer.width, finer.back);
      EXPECT_LT(finer.difference, std::max(found.difference / 1.9, 2e-3)) << one.name;
      found = finer;
    }
    EXPECT_LT(found.difference, one.tolerance) << one.name;
    EXPECT_NEAR(found.width, 0.0, one.tolerance) << one.name;
    EXPECT_LT(found.back, 1e-3) << one.name;
    EXPECT_GT(found.back, 0.0) << one.name;
  }
}

TEST(GaussianBeam, WhatIsNoBeamIsAnError) {
  TimeDomainSetup setup;
  setup.system = WaveSystem::scalar;
  setup.speed = 1.0;
  setup.grid.axes = {uniform_axis(0.0, 10.0, 100), uniform_axis(0.0, 10.0, 100), Axis{}};
  setup.boundaries.faces[0] =
      setup.boundaries.faces[1] = {Boundary::absorbing, Boundary::absorbing};
  setup.dt = 0.9 * courant_limit(setup.grid, 1.0);
  const WaveContext context = context_of(setup, Equations::sound);
  GaussianBeam good;
  good.axis = 0;
  good.plane = 3.0;
  good.direction = {1, 0, 0};
  good.focus = {5, 5, 0};
  good.waist = 1.0;
  good.waveform = gaussian_pulse(1.0, 0.5);
  EXPECT_NO_THROW(gaussian_beam_source(context, good));
  const auto refuse = [&](const std::function<void(GaussianBeam&)>& change) {
    GaussianBeam bad = good;
    change(bad);
    EXPECT_THROW(gaussian_beam_source(context, bad), InputError);
  };
  refuse([](GaussianBeam& b) { b.plane = 0.5; });
  refuse([](GaussianBeam& b) { b.direction = {0.1, 1, 0}; });
  refuse([](GaussianBeam& b) { b.direction = {1, 0, 1}; });
  refuse([](GaussianBeam& b) { b.waist = 0.1; });
  refuse([](GaussianBeam& b) { b.waveform = gaussian_pulse(6.0, 0.5); });
}

}  // namespace
}  // namespace wavesmith
