// A lens of pillars in three dimensions: the focus of the ideal one, equal pillars, and the
// derivative of full waves against differences.
#include "solvers/pillar_lens.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "core/error.hpp"
#include "core/random.hpp"
#include "core/units.hpp"
#include "physics/optical_media.hpp"
#include "solvers/unit_cell.hpp"

namespace wavesmith {
namespace {

CellLens small_lens() {
  CellLens lens;
  lens.pitch = 640e-9;
  lens.height = 920e-9;
  lens.index = 3.48;
  lens.substrate_index = 1.444;
  lens.wavelength = 1.55e-6;
  lens.focal_length = 1.5e-6;
  lens.least = 70e-9;
  lens.most = 211e-9;
  lens.count = 3;
  lens.cell = 80e-9;
  lens.time = 10e-15;
  lens.threads = 1;
  return lens;
}

// Of a quarter and, with those in the planes of symmetry, of the whole.
TEST(PillarLens, PillarsStandWithinTheDiameter) {
  CellLens lens = small_lens();
  EXPECT_EQ(pillar_places(lens).size(), 4u);
  EXPECT_DOUBLE_EQ(lit_area(lens), 9.0 * std::pow(lens.pitch, 2));
  lens.count = 4;
  EXPECT_EQ(pillar_places(lens).size(), 3u);  // (1.5, 1.5) is 2.12 from the middle
  EXPECT_DOUBLE_EQ(lit_area(lens), 12.0 * std::pow(lens.pitch, 2));
  lens.count = 60;
  EXPECT_NEAR(lit_area(lens) / (0.25 * pi * std::pow(lens.diameter(), 2)), 1.0, 0.01);
}

// Far away the focus of a circle is Airy's: (area / (wavelength f))^2 high, 1.02899 wavelength f /
// D wide, and 1 - J0^2 - J1^2 of the light within a circle.
TEST(PillarLens, IdealFocusIsAiry) {
  CellLens lens = small_lens();
  lens.count = 16;
  lens.focal_length = 60e-6;
  const Focus focus = focus_of(lens, ideal_pillar_lens_field(lens), lens.focal_length);
  const double wave = lens.wavelength * lens.focal_length;
  // Of as large an area; NA^2 = 0.7 %, and the steps of its edge.
  const double diameter = std::sqrt(4.0 / pi * lit_area(lens));
  const double v = 1.5 * pi * 1.02899;
  const double within =
      1.0 - std::pow(std::cyl_bessel_j(0.0, v), 2) - std::pow(std::cyl_bessel_j(1.0, v), 2);
  std::printf("peak %.4f of Airy's, width %.4f (1.0290), efficiency %.4f (%.4f), passed %.4f\n",
              focus.peak / std::pow(lit_area(lens) / wave, 2), focus.width * diameter / wave,
              focus.efficiency, within, focus.passed);
  EXPECT_NEAR(focus.peak / std::pow(lit_area(lens) / wave, 2), 1.0, 0.01);
  EXPECT_NEAR(focus.width * diameter / wave, 1.02899, 0.015);
  EXPECT_NEAR(focus.efficiency, within, 0.01);
  EXPECT_GT(focus.passed, focus.efficiency);
  EXPECT_LT(focus.passed, 1.0);
  EXPECT_DOUBLE_EQ(strehl_ratio(focus, focus), 1.0);
}

// Half of the light everywhere: the same focus, half as high.
TEST(PillarLens, LessLightIsTheSameFocus) {
  const CellLens lens = small_lens();
  const std::vector<std::complex<double>> one(pillar_places(lens).size(), 1.0);
  const std::vector<std::complex<double>> less(one.size(), std::sqrt(0.5));
  const Focus half = focus_of(lens, thin_pillar_lens_field(lens, less), lens.focal_length);
  const Focus all = focus_of(lens, thin_pillar_lens_field(lens, one), lens.focal_length);
  EXPECT_NEAR(half.peak / all.peak, 0.5, 1e-12);
  EXPECT_NEAR(half.passed / all.passed, 0.5, 1e-12);
  EXPECT_NEAR(strehl_ratio(half, all), 1.0, 1e-12);
}

// In the middle of many equal pillars the field is that of the unit cell: the same amplitude, in
// the same units, and as much later behind wide pillars than behind narrow ones.
TEST(PillarLens, EqualPillarsAreTheUnitCell) {
  CellLens lens = small_lens();
  lens.count = 9;
  lens.time = 60e-15;
  lens.precision = Precision::f32;
  const PillarLensMarch march(lens);
  // Above the middle of the array, at the plane where its field is read.
  const auto above = [&](double radius) {
    const PlaneField field = march.field(std::vector<double>(pillar_places(lens).size(), radius));
    std::complex<double> mean = 0.0;
    int points = 0;
    for (std::size_t s = 0; s < field.samples.size(); ++s)
      if (field.samples[s].component == 0 && field.samples[s].place[0] < 1.5 * lens.pitch &&
          field.samples[s].place[1] < 1.5 * lens.pitch) {
        mean += field.e[s];
        ++points;
      }
    return mean / static_cast<double>(points);
  };
  UnitCell cell;
  cell.pitch = lens.pitch;
  cell.height = lens.height;
  cell.pillar = constant_medium(lens.index * lens.index);
  cell.substrate = constant_medium(lens.substrate_index * lens.substrate_index);
  cell.cell = lens.cell;
  const UnitCellMarch unit(cell, {lens.wavelength});
  const double narrow = 80e-9, wide = 130e-9;
  const std::complex<double> e[] = {above(narrow), above(wide)};
  const std::complex<double> t[] = {unit.transmission(narrow).t[0], unit.transmission(wide).t[0]};
  for (const int r : {0, 1}) {
    std::printf("array |E| %.4f, cell |t| %.4f\n", std::abs(e[r]), std::abs(t[r]));
    EXPECT_NEAR(std::abs(e[r]), std::abs(t[r]), 0.05);
  }
  // The way from the pillars to that plane is the same for both.
  const double array_delay = std::arg(e[1] / e[0]), cell_delay = std::arg(t[1] / t[0]);
  std::printf("phase from narrow to wide: array %.4f, cell %.4f\n", array_delay, cell_delay);
  EXPECT_GT(std::abs(cell_delay), 0.5);
  EXPECT_NEAR(array_delay, cell_delay, 0.1);
}

// Of both goals, against differences of the march as it is.
TEST(PillarLens, DerivativeOfFullWaves) {
  CellLens lens = small_lens();
  lens.index = 2.4;
  lens.cell = 110e-9;
  const std::vector<double> radii = {203e-9, 143e-9, 151e-9, 97e-9};
  const Random random(3, 0);
  std::vector<double> direction(radii.size()), gradient;
  for (std::size_t r = 0; r < radii.size(); ++r) direction[r] = random.uniform(r, -1.0, 1.0);
  const PillarLensMarch peak(lens);
  const PlaneField here = peak.field(radii);
  const Focus focus = focus_of(lens, here, peak.plane_to_focus());
  const PillarLensMarch power(lens, {3.0 * focus.width});
  const double h = 0.005e-9;
  std::array<PlaneField, 2> fields;
  for (const std::size_t side : {0U, 1U}) {
    std::vector<double> moved = radii;
    for (std::size_t r = 0; r < radii.size(); ++r) moved[r] += (side == 0 ? -h : h) * direction[r];
    fields[side] = peak.field(moved);
  }
  for (const PillarLensMarch* march : {&peak, &power}) {
    SCOPED_TRACE(march == &peak ? "peak" : "power");
    const double difference = (march->goal(fields[1]) - march->goal(fields[0])) / (2.0 * h);
    const double value = march->goal(radii, gradient);
    double exact = 0.0;
    for (std::size_t r = 0; r < radii.size(); ++r) exact += gradient[r] * direction[r];
    std::printf("goal %.5f, derivative %.3e off by %.1e\n", value, exact, exact / difference - 1.0);
    EXPECT_NEAR(march->goal(here) / value, 1.0, 1e-10);
    EXPECT_NEAR(exact / difference, 1.0, 1e-6);
  }
  // The goals are the numbers that focus_of tells of the same field.
  EXPECT_NEAR(peak.goal(here) / focus.peak, 1.0, 1e-12);
  EXPECT_NEAR(power.goal(here) / focus.efficiency, 1.0, 1e-12);
}

TEST(PillarLens, RefusesWhatCannotBe) {
  const auto refused = [](auto change) {
    CellLens lens = small_lens();
    change(lens);
    EXPECT_THROW(PillarLensMarch{lens}, InputError);
  };
  refused([](CellLens& l) { l.pitch = 0.0; });
  refused([](CellLens& l) { l.count = 0; });
  refused([](CellLens& l) { l.count = 5000; });
  refused([](CellLens& l) { l.most = 0.33e-6; });
  refused([](CellLens& l) { l.cell = 1e-6; });
  refused([](CellLens& l) { l.wavelength = std::nan(""); });
  CellLens large = small_lens();
  large.count = 1000;
  large.cell = 5e-9;
  EXPECT_THROW(PillarLensMarch{large}, UnavailableError);
  const PillarLensMarch march(small_lens());
  EXPECT_THROW(march.field({1e-7}), InputError);
  EXPECT_THROW(march.field(std::vector<double>(4, 3e-7)), InputError);
  EXPECT_THROW(PillarLensMarch(small_lens(), {1e-3}), InputError);
}

}  // namespace
}  // namespace wavesmith
