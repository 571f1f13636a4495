// A lens of ridges: the focus of the ideal one, one that is no lens at all, and the derivative of
// full waves against differences.
#include "solvers/ridge_lens.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <utility>

#include "core/error.hpp"
#include "core/random.hpp"
#include "core/units.hpp"
#include "physics/optical_media.hpp"
#include "solvers/unit_cell.hpp"

namespace wavesmith {
namespace {

CellLens small_lens() {
  CellLens lens;
  lens.pitch = 600e-9;
  lens.height = 900e-9;
  lens.index = 3.48;
  lens.substrate_index = 1.444;
  lens.wavelength = 1.55e-6;
  lens.focal_length = 4e-6;
  lens.least = 60e-9;
  lens.most = 330e-9;
  lens.count = 5;
  lens.cell = 50e-9;
  lens.time = 600e-15;
  lens.threads = 1;
  return lens;
}

// Far away a slit's focus is sinc^2: 0.8859 wavelength f / D wide, 1 - 2 integral of it in three
// widths, and as high as D^2 / (wavelength f).
TEST(RidgeLens, IdealFocusIsThatOfASlit) {
  CellLens lens = small_lens();
  lens.count = 20;
  lens.focal_length = 100e-6;
  const Focus focus = focus_of(lens, ideal_lens_field(lens), lens.focal_length);
  const double slit = lens.wavelength * lens.focal_length / lens.diameter();
  std::printf("peak %.4f (%.4f), width %.5f (0.88589) slits, efficiency %.4f, passed %.4f\n",
              focus.peak, lens.diameter() / slit, focus.width / slit, focus.efficiency,
              focus.passed);
  // Paraxial, so to about NA^2 = 0.6 %.
  EXPECT_NEAR(focus.peak * slit / lens.diameter(), 1.0, 0.01);
  EXPECT_NEAR(focus.width / slit, 0.88589, 0.01);
  double expected = 0.0;
  const double reach = 1.5 * 0.88589;
  for (int i = 0; i < 20000; ++i) {
    const double u = pi * reach * (i + 0.5) / 20000.0;
    expected += 2.0 * reach / 20000.0 * std::pow(std::sin(u) / u, 2);
  }
  EXPECT_NEAR(focus.efficiency, expected, 0.01);
  EXPECT_GT(focus.passed, focus.efficiency);
  EXPECT_LT(focus.passed, 1.0);
  EXPECT_DOUBLE_EQ(strehl_ratio(focus, focus), 1.0);
  // Half of the light everywhere: the same focus, half as high.
  LineField half = ideal_lens_field(lens);
  for (auto& e : half.e) e *= std::sqrt(0.5);
  EXPECT_NEAR(strehl_ratio(focus_of(lens, half, lens.focal_length), focus), 1.0, 1e-12);
}

// Far from its edges an array of equal ridges is that of the unit cell: the same amplitude, in
// the same units.
TEST(RidgeLens, EqualRidgesAreTheUnitCell) {
  CellLens lens = small_lens();
  lens.count = 61;
  lens.cell = 30e-9;
  const RidgeLensMarch march(lens);
  const LineField field = march.field(std::vector<double>(lens.count, 150e-9));
  // Over 21 whole pitches; the edges' light is of both signs there.
  std::complex<double> mean = 0.0;
  int points = 0;
  for (std::size_t i = 0; i < field.x.size(); ++i)
    if (std::abs(field.x[i]) < 10.5 * lens.pitch) {
      mean += field.e[i];
      ++points;
    }
  mean /= points;
  UnitCell cell;
  cell.shape = CellShape::ridge;
  cell.pitch = lens.pitch;
  cell.height = lens.height;
  cell.pillar = constant_medium(lens.index * lens.index);
  cell.substrate = constant_medium(lens.substrate_index * lens.substrate_index);
  cell.cell = lens.cell;
  const std::complex<double> t = UnitCellMarch(cell, {lens.wavelength}).transmission(150e-9).t[0];
  std::printf("array |E| %.4f, cell |t| %.4f\n", std::abs(mean), std::abs(t));
  EXPECT_NEAR(std::abs(mean), std::abs(t), 0.03);
}

// Of both goals, against differences of the march as it is, long before its fields have decayed; by
// spectra, where they nearly have.
TEST(RidgeLens, DerivativeOfFullWaves) {
  CellLens lens = small_lens();
  const std::vector<double> widths = {110e-9, 173e-9, 231e-9, 187e-9, 121e-9};
  const Random random(3, 0);
  std::vector<double> direction(5), gradient;
  for (std::size_t r = 0; r < 5; ++r) direction[r] = random.uniform(r, -1.0, 1.0);
  const auto along = [&] {
    double sum = 0.0;
    for (std::size_t r = 0; r < 5; ++r) sum += gradient[r] * direction[r];
    return sum;
  };
  for (const auto& [time, window] : {std::pair(60e-15, 0.0), std::pair(600e-15, 5e-6)}) {
    SCOPED_TRACE(window);
    lens.time = time;
    const RidgeLensMarch march(lens, {window});
    const auto at = [&](double h) {
      std::vector<double> moved = widths;
      for (std::size_t r = 0; r < 5; ++r) moved[r] += h * direction[r];
      return march.goal(march.field(moved));
    };
    const double h = 0.05e-9;
    const double difference = (8.0 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12.0 * h);
    const double value = march.goal(widths, gradient), exact = along();
    march.goal(widths, gradient, {MemoryMode::dft, 0});
    const double by_spectra = along();
    std::printf("%3.0f fs, window %.0e: goal %.5f, derivative off by %.1e, by spectra %.1e\n",
                1e15 * time, window, value, exact / difference - 1.0,
                by_spectra / difference - 1.0);
    EXPECT_NEAR(at(0.0) / value, 1.0, 1e-10);
    EXPECT_NEAR(exact / difference, 1.0, 1e-7);
    if (time > 500e-15) {
      EXPECT_NEAR(by_spectra / difference, 1.0, 1e-4);
    }
  }
}

// The goals are the numbers that focus_of tells of the same field, where the window is as wide as
// its samples are.
TEST(RidgeLens, GoalsAreThoseOfTheFocus) {
  CellLens lens = small_lens();
  lens.time = 60e-15;
  const RidgeLensMarch peak(lens);
  const LineField field = peak.field({110e-9, 173e-9, 231e-9, 173e-9, 110e-9});
  const Focus focus = focus_of(lens, field, peak.line_to_focus());
  EXPECT_NEAR(peak.goal(field) / focus.peak, 1.0, 1e-12);
  int samples = 0;
  for (const double x : focus.x) samples += std::abs(x) <= 1.5 * focus.width;
  const double window = samples * (focus.x[1] - focus.x[0]) * (1.0 - 1e-12);
  const RidgeLensMarch power(lens, {window});
  std::printf("power %.6f, of the goal %.6f\n", focus.efficiency, power.goal(field));
  EXPECT_NEAR(power.goal(field) / focus.efficiency, 1.0, 1e-9);
}

TEST(RidgeLens, RefusesWhatCannotBe) {
  const auto refused = [](auto change) {
    CellLens lens = small_lens();
    change(lens);
    EXPECT_THROW(RidgeLensMarch{lens}, InputError);
  };
  refused([](CellLens& l) { l.pitch = 0.0; });
  refused([](CellLens& l) { l.count = 0; });
  refused([](CellLens& l) { l.most = 1e-6; });
  refused([](CellLens& l) { l.cell = 1e-6; });
  refused([](CellLens& l) { l.wavelength = std::nan(""); });
  const RidgeLensMarch march(small_lens());
  EXPECT_THROW(march.field({1e-7}), InputError);
  EXPECT_THROW(march.field(std::vector<double>(5, 5e-7)), InputError);
}

}  // namespace
}  // namespace wavesmith
