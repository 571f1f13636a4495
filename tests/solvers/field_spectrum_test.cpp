// Fields at common points: linear functions are reproduced, periodic faces close.
#include "solvers/field_spectrum.hpp"

#include <cstdio>

#include "core/error.hpp"
#include "tests/solvers/monitor_fixtures.hpp"

namespace wavesmith {
namespace {

using testing::Complex;

struct Scene {
  TimeDomainSetup setup;
  WaveContext context;
};

Scene make_scene(Equations equations, std::array<int, 3> cells, Boundary face) {
  Scene scene;
  scene.setup.system = system_of(equations);
  scene.setup.speed = 1.0;
  for (std::size_t d = 0; d < 3; ++d) {
    if (cells[d] == 1) continue;
    scene.setup.grid.axes[d] = testing::random_axis(cells[d], 1.0, 0.3, d + 3);
    scene.setup.boundaries.faces[d] = {face, face};
  }
  scene.setup.dt = 0.9 * courant_limit(scene.setup.grid, 1.0);
  scene.context = context_of(scene.setup, equations, 3.0);
  return scene;
}

// Every field as the same function of position, at its own points.
Spectra sampled(const TimeDomainSetup& setup, const WaveContext& context,
                const FieldSpectrum& monitor, const std::function<Complex(const Vec3&)>& value) {
  Spectra spectra = zeros_like(testing::random_spectra(setup, 1));
  for (std::size_t i = 0; i < monitor.numbers().size(); ++i) {
    const StoredField& field = monitor.field(i);
    for_each_point(monitor.box(i), [&](const std::array<int, 3>& p, std::size_t number) {
      spectra[static_cast<std::size_t>(monitor.monitor(i))][number] =
          value(point_position(context, field, p)) / field.factor;
    });
  }
  return spectra;
}

TEST(FieldSpectrum, LinearFieldsAreReproduced) {
  struct Case {
    Equations equations;
    std::array<int, 3> cells;
    Vec3 low, high;
    Place points;
  };
  const std::vector<Case> cases = {
      {Equations::maxwell, {9, 8, 7}, {1.9, 2.1, 1.8}, {6.2, 5.0, 5.1}, Place::centre},
      {Equations::maxwell, {9, 8, 7}, {1.9, 3.3, 1.8}, {6.2, 3.3, 5.1}, Place::edge},
      {Equations::sound, {9, 8, 7}, {4.4, 3.3, 3.8}, {4.4, 3.3, 3.8}, Place::centre},
      {Equations::tm, {12, 10, 1}, {2.4, 2.3, 0.0}, {8.4, 6.3, 0.0}, Place::centre}};
  for (const Case& one : cases) {
    Scene scene = make_scene(one.equations, one.cells, Boundary::wall);
    const FieldSpectrum monitor(scene.setup, scene.context, "fields", {}, one.low, one.high,
                                one.points, {0.1});
    const bool flat = one.cells[2] == 1;
    const auto linear = [&](const Vec3& r) {
      return Complex(0.3 + 1.7 * r[0] - 0.4 * r[1] + (flat ? 0.0 : 0.9 * r[2]), r[0] + 2.0 * r[1]);
    };
    const MonitorValues values =
        monitor.evaluate(sampled(scene.setup, scene.context, monitor, linear));
    for (const auto& field : values) {
      std::size_t point = 0;
      ASSERT_EQ(field.size(), monitor.point_count());
      for (const double z : monitor.coordinates()[2])
        for (const double y : monitor.coordinates()[1])
          for (const double x : monitor.coordinates()[0])
            EXPECT_LT(std::abs(field[point++] - linear({x, y, z})), 1e-12);
    }
    EXPECT_LT(testing::pull_back_error(monitor, scene.setup), 1e-12);
  }
}

TEST(FieldSpectrum, PeriodicFacesClose) {
  Scene scene = make_scene(Equations::tm, {64, 5, 1}, Boundary::periodic);
  scene.setup.grid.axes[0] = uniform_axis(0.0, 64.0, 64);
  scene.setup.grid.axes[1] = uniform_axis(0.0, 5.0, 5);
  scene.context = context_of(scene.setup, Equations::tm);
  for (const Place points : {Place::centre, Place::edge}) {
    const FieldSpectrum monitor(scene.setup, scene.context, "fields", {"Ez", "Hy"}, {0, 0, 0},
                                {64, 5, 0}, points, {0.1});
    const auto wave = [](const Vec3& r) { return std::polar(1.0, 2.0 * pi * r[0] / 64.0); };
    const MonitorValues values =
        monitor.evaluate(sampled(scene.setup, scene.context, monitor, wave));
    // Half the square of the wavenumber times half a cell: linear interpolation of a wave.
    const double bound = 0.5 * std::pow(pi / 64.0, 2) * 1.01;
    for (const auto& field : values) {
      std::size_t point = 0;
      for (std::size_t j = 0; j < monitor.coordinates()[1].size(); ++j)
        for (const double x : monitor.coordinates()[0])
          EXPECT_LT(std::abs(field[point++] - wave({x, 0, 0})), bound);
    }
    EXPECT_LT(testing::pull_back_error(monitor, scene.setup), 1e-12);
  }
}

TEST(FieldSpectrum, DividesByTheWaveformAndBack) {
  Scene scene = make_scene(Equations::tm, {12, 10, 1}, Boundary::wall);
  const FieldSpectrum monitor(scene.setup, scene.context, "fields", {}, {2, 2, 0}, {5, 5, 0},
                              Place::centre, {0.1, 0.2});
  const MonitorValues values = monitor.evaluate(testing::random_spectra(scene.setup, 1));
  const MonitorValues cotangent = testing::random_values(values, 2);
  const std::vector<Complex> waveform = {{0.3, -2.0}, {1.0, 0.4}};
  const double forward =
      testing::real_product(cotangent, divide_by_waveform(values, monitor.numbers(), waveform));
  const double back = testing::real_product(
      divide_by_waveform_transpose(cotangent, monitor.numbers(), waveform), values);
  EXPECT_NEAR(forward, back, 1e-12 * std::abs(forward));
  const std::vector<Complex> empty_band = {{0.3, -2.0}, {0.0, 0.0}};
  EXPECT_THROW(divide_by_waveform(values, monitor.numbers(), empty_band), InputError);
}

TEST(FieldSpectrum, WhatIsNotThereIsAnError) {
  Scene scene = make_scene(Equations::tm, {12, 10, 1}, Boundary::wall);
  const auto make = [&](const std::vector<std::string>& fields, const Vec3& low, const Vec3& high) {
    FieldSpectrum(scene.setup, scene.context, "fields", fields, low, high, Place::centre, {0.1});
  };
  EXPECT_THROW(make({"Ex"}, {2, 2, 0}, {5, 5, 0}), InputError);
  EXPECT_THROW(make({"Ez"}, {-2, 2, 0}, {5, 5, 0}), InputError);
  EXPECT_THROW(make({"Ez"}, {5, 2, 0}, {2, 5, 0}), InputError);
}

}  // namespace
}  // namespace wavesmith
