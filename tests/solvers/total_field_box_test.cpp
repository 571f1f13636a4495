// Plane waves in a box: nothing outside, the exact discrete wave inside.
#include "solvers/total_field_box.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "core/error.hpp"
#include "tests/analytic/yee.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

struct Case {
  const char* name;
  Equations equations;
  std::array<int, 3> cells;
  std::array<std::array<Boundary, 2>, 3> faces;
  std::array<std::array<double, 2>, 3> box;
  Vec3 direction, polarisation;
  double first = 1.0, second = 1.0;
  Precision precision = Precision::f64;
};

constexpr Boundary wall = Boundary::wall, mirror = Boundary::mirror,
                   absorbing = Boundary::absorbing, periodic = Boundary::periodic;

std::vector<Case> cases() {
  using enum Equations;
  const std::array<std::array<Boundary, 2>, 3> open = {
      {{absorbing, absorbing}, {absorbing, absorbing}, {absorbing, absorbing}}};
  const std::array<std::array<double, 2>, 3> middle = {{{10, 30}, {9, 31}, {11, 29}}};
  return {
      {"3D light, odd angle", maxwell, {40, 40, 40}, open, middle, {0.3, -0.8, 0.55}, {1, 2, -1}},
      {"3D light, float",
       maxwell,
       {40, 40, 40},
       open,
       middle,
       {-0.3, -0.8, 0.2},
       {1, 2, -1},
       1,
       1,
       Precision::f32},
      {"3D sound", sound, {40, 40, 40}, open, middle, {-0.5, 0.2, -0.7}, {}, 0.8, 0.5},
      {"2D TM", tm, {60, 50, 1}, open, {{{12, 44}, {10, 40}, {0, 1}}}, {0.37, 0.93, 0}, {}, 0.5},
      {"2D TE",
       maxwell,
       {60, 50, 1},
       open,
       {{{12, 44}, {10, 40}, {0, 1}}},
       {-0.77, 0.64, 0},
       {1, 0.3, 0},
       0.5},
      {"1D", tm, {90, 1, 1}, open, {{{20, 60}, {0, 1}, {0, 1}}}, {-1, 0, 0}, {}},
      {"periodic across",
       maxwell,
       {8, 10, 60},
       {{{periodic, periodic}, {periodic, periodic}, {absorbing, absorbing}}},
       {{{0, 8}, {0, 10}, {15, 45}}},
       {0, 0, 1},
       {1, 2, 0}},
      {"between mirrors and walls",
       maxwell,
       {8, 10, 60},
       {{{mirror, mirror}, {wall, wall}, {absorbing, absorbing}}},
       {{{0, 8}, {0, 10}, {15, 45}}},
       {0, 0, -1},
       {0, 1, 0}},
      {"oblique in one periodic plane",
       maxwell,
       {30, 6, 40},
       {{{absorbing, absorbing}, {periodic, periodic}, {absorbing, absorbing}}},
       {{{9, 21}, {0, 6}, {10, 30}}},
       {0.6, 0, 0.8},
       {0, 1, 0.3}}};
}

TimeDomainSetup setup_of(const Case& one) {
  TimeDomainSetup setup;
  setup.system = system_of(one.equations);
  setup.speed = 1.0;
  setup.precision = one.precision;
  // Cells 1, 1.1 and 0.9 wide.
  const double widths[] = {1.0, 1.1, 0.9};
  for (std::size_t d = 0; d < 3; ++d)
    if (one.cells[d] > 1)
      setup.grid.axes[d] = uniform_axis(0.0, one.cells[d] * widths[d], one.cells[d]);
  setup.boundaries.faces = one.faces;
  setup.boundaries.layer.cells = 6;
  setup.dt = 0.9 * courant_limit(setup.grid, 1.0);
  const int split = first_group_size(setup.system);
  for (int c = 0; c < component_count(setup.system); ++c)
    setup.coefficient[static_cast<std::size_t>(c)] = {c < split ? one.first : one.second};
  return setup;
}

PlaneWaveBox box_of(const Case& one, const TimeDomainSetup& setup, const Waveform& waveform) {
  PlaneWaveBox box;
  for (std::size_t d = 0; d < 3; ++d) {
    const double width = one.cells[d] > 1 ? setup.grid.axes[d].width(0) : 1.0;
    box.low[d] = one.box[d][0] * width;
    box.high[d] = one.box[d][1] * width;
  }
  box.direction = one.direction;
  box.polarisation = one.polarisation;
  box.amplitude = 2.0;
  box.waveform = waveform;
  return box;
}

TEST(PlaneWaveSource, NothingLeaksOutOfTheBox) {
  for (const Case& one : cases()) {
    TimeDomainSetup setup = setup_of(one);
    const WaveContext context = context_of(setup, one.equations);
    const double wavelength = 12.0;
    const double f = std::sqrt(one.first * one.second) / wavelength;
    const PlaneWaveSource wave =
        plane_wave_source(setup, context, box_of(one, setup, gaussian_pulse(f, 0.7 * f)));
    setup.sources = wave.sources;
    TimeDomain march(setup);
    double inside = 0.0, outside = 0.0;
    const long steps =
        static_cast<long>((wave.sources.size() > 0 ? 12.0 / (0.7 * f) : 0.0) / setup.dt);
    for (int part = 0; part < 8; ++part) {
      march.run(steps / 8);
      for (const StoredField& field_place : fields_of(one.equations)) {
        const std::vector<double> field = march.field(field_place.component);
        const LeapfrogSize& size = march.size();
        for (int k = 0; k < size.points[2]; ++k)
          for (int j = 0; j < size.points[1]; ++j)
            for (int i = 0; i < size.points[0]; ++i) {
              const std::array<int, 3> p = {i, j, k};
              bool within = true;
              for (std::size_t d = 0; d < 3; ++d) {
                const int last = wave.box.end[d] - (field_place.places[d] == Place::centre ? 1 : 0);
                within =
                    within && (one.cells[d] == 1 || (p[d] >= wave.box.begin[d] && p[d] <= last));
              }
              const double value = std::abs(field[size.index(i, j, k)]);
              (within ? inside : outside) = std::max(within ? inside : outside, value);
            }
      }
    }
    std::printf("%s: inside %.3f, outside %.1e\n", one.name, inside, outside);
    EXPECT_GT(inside, 1.0) << one.name;
    EXPECT_LT(outside, (one.precision == Precision::f32 ? 1e-6 : 1e-9) * inside) << one.name;
  }
}

// Inside, spectra are the waveform's times exp(i k s) with the wave number of the grid.
TEST(PlaneWaveSource, InsideIsTheWaveOfTheGrid) {
  for (const Case& one : cases()) {
    if (one.precision == Precision::f32) continue;
    TimeDomainSetup setup = setup_of(one);
    const WaveContext context = context_of(setup, one.equations);
    const double speed = std::sqrt(one.first * one.second), f = speed / 12.0;
    const Waveform waveform = gaussian_pulse(f, 0.7 * f, 0.4);
    const PlaneWaveSource wave = plane_wave_source(setup, context, box_of(one, setup, waveform));
    setup.sources = wave.sources;
    // The component that is largest.
    int component = 0;
    if (one.equations == Equations::maxwell)
      for (int c = 1; c < 3; ++c)
        if (std::abs(one.polarisation[static_cast<std::size_t>(c)]) >
            std::abs(one.polarisation[static_cast<std::size_t>(component)]))
          component = c;
    const std::vector<double> frequencies = {0.8 * f, f, 1.3 * f};
    GridBox box;
    for (std::size_t d = 0; d < 3; ++d) {
      box.begin[d] = one.cells[d] > 1 ? wave.box.begin[d] + 1 : 0;
      box.end[d] = one.cells[d] > 1 ? wave.box.end[d] : 1;
    }
    setup.monitors.push_back({component, box, frequencies, 1});
    TimeDomain march(setup);
    march.run(static_cast<long>((waveform.end + 130.0 / speed) / setup.dt));
    analytic::YeeStep step;
    step.dt = setup.dt;
    step.speed = speed;
    std::vector<double> direction;
    double length = 0.0;
    for (const double n : one.direction) length = std::hypot(length, n);
    for (std::size_t d = 0; d < 3; ++d)
      if (one.cells[d] > 1) {
        step.spacing.push_back(setup.grid.axes[d].width(0));
        direction.push_back(one.direction[d] / length);
      }
    const StoredField field = fields_of(one.equations)[static_cast<std::size_t>(component)];
    double worst = 0.0, ratio_worst = 0.0;
    for (std::size_t q = 0; q < frequencies.size(); ++q) {
      const double k = analytic::yee_wavenumber(step, 2.0 * pi * frequencies[q], direction);
      const auto spectrum = march.spectrum(0).subspan(q * box.count(), box.count());
      Complex first = 0.0;
      for_each_point(box, [&](const std::array<int, 3>& p, std::size_t number) {
        const Vec3 r = point_position(context, field, p);
        double s = 0.0;
        for (std::size_t d = 0; d < 3; ++d)
          if (one.cells[d] > 1) s += one.direction[d] / length * (r[d] - wave.entry[d]);
        const Complex amplitude =
            spectrum[number] / (2.0 * waveform.spectrum(frequencies[q]) * std::polar(1.0, k * s));
        if (number == 0) first = amplitude;
        worst = std::max(worst, std::abs(amplitude - first));
        if (one.equations != Equations::maxwell)
          ratio_worst = std::max(ratio_worst, std::abs(amplitude - 1.0));
      });
      // E of the continuum lies across the direction.
      Vec3 e = one.polarisation;
      double along = 0.0, size = 0.0;
      for (std::size_t d = 0; d < 3; ++d) along += e[d] * one.direction[d] / (length * length);
      for (std::size_t d = 0; d < 3; ++d) e[d] -= along * one.direction[d];
      size = std::hypot(e[0], e[1], e[2]);
      const double expected =
          one.equations == Equations::maxwell ? e[static_cast<std::size_t>(component)] / size : 1.0;
      EXPECT_LT(std::abs(first.imag()), 1e-8) << one.name;
      EXPECT_NEAR(first.real(), expected, 0.02) << one.name;
    }
    std::printf("%s: differs from the grid's wave by %.1e\n", one.name, worst);
    EXPECT_LT(worst, 1e-8) << one.name;
    EXPECT_LT(ratio_worst, 1e-8) << one.name;
  }
}

// An endless tone stays what it is, long after its table has ended.
TEST(PlaneWaveSource, ATonedWaveGoesOn) {
  Case one = cases()[3];
  TimeDomainSetup setup = setup_of(one);
  const WaveContext context = context_of(setup, one.equations);
  const double f = 1.0 / 16.0;
  setup.sources =
      plane_wave_source(setup, context, box_of(one, setup, endless_tone(f, 8.0 / f))).sources;
  TimeDomain march(setup);
  march.run(static_cast<long>(80.0 / f / setup.dt));
  const std::vector<double> field = march.field(0);
  double inside = 0.0;
  for (const double value : field) inside = std::max(inside, std::abs(value));
  const double outside = std::abs(field[march.size().index(8, 25, 0)]);
  std::printf("tone: inside %.3f, outside %.1e\n", inside, outside);
  EXPECT_NEAR(inside, 2.0, 0.02);
  EXPECT_LT(outside, 1e-9 * inside);
}

TEST(PlaneWaveSource, WhatDoesNotFitIsAnError) {
  const Waveform wave = gaussian_pulse(1.0 / 12.0, 0.05);
  const auto expect_error = [&](const Case& one,
                                const std::function<void(TimeDomainSetup&)>& change,
                                const Waveform& waveform, const char* what) {
    TimeDomainSetup setup = setup_of(one);
    change(setup);
    const WaveContext context = context_of(setup, one.equations);
    try {
      plane_wave_source(setup, context, box_of(one, setup, waveform));
      ADD_FAILURE() << what;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(what), std::string::npos) << error.what();
    }
  };
  const auto nothing = [](TimeDomainSetup&) {};
  Case one = cases()[3];
  expect_error(
      one, [](TimeDomainSetup& s) { s.grid.axes[0].edges[20] += 0.1; }, wave, "different widths");
  expect_error(
      one,
      [](TimeDomainSetup& s) {
        s.coefficient[0].assign(60 * 50, 0.5);
        s.coefficient[0][60 * 20 + 44] = 0.3;
      },
      wave, "cuts through a medium");
  expect_error(one, nothing, gaussian_pulse(1.0, 0.1), "smaller cells");
  one.box[0] = {{3, 44}};
  expect_error(one, nothing, wave, "absorbing layer");
  one = cases()[6];
  one.direction = {0.1, 0, 1};
  expect_error(one, nothing, wave, "travels along x");
  one.direction = {0, 0, 1};
  one.polarisation = {0, 0, 1};
  expect_error(one, nothing, wave, "across it");
  one = cases()[7];
  one.polarisation = {1, 0, 0};
  expect_error(one, nothing, wave, "touches a");
}

}  // namespace
}  // namespace wavesmith
