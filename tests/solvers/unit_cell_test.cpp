// Transmission of unit cells: endless layers exactly, energy, symmetry, and gratings and pillars
// against rigorous coupled waves (bench/rcwa_unit_cell.py).
#include "solvers/unit_cell.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdio>

#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/optical_media.hpp"
#include "tests/analytic/layers.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

UnitCell cell_of(CellShape shape, bool along, double grid_cell) {
  UnitCell cell;
  cell.shape = shape;
  cell.field_along_ridge = along;
  cell.pitch = 240e-9;
  cell.height = 300e-9;
  cell.pillar = constant_medium(2.4 * 2.4);
  cell.substrate = constant_medium(1.46 * 1.46);
  cell.cell = grid_cell;
  return cell;
}

// A cell that is filled is a layer; light passes it at normal incidence.
TEST(UnitCell, FilledCellIsALayer) {
  const std::vector<double> wavelengths = {500e-9, 532e-9, 600e-9};
  for (const auto& [shape, along] :
       {std::pair{CellShape::ridge, true}, std::pair{CellShape::ridge, false},
        std::pair{CellShape::square, true}}) {
    std::array<double, 2> error{};
    for (std::size_t level = 0; level < 2; ++level) {
      if (level == 1 && shape == CellShape::square) break;
      const UnitCell cell = cell_of(shape, along, level == 0 ? 20e-9 : 10e-9);
      const UnitCellMarch march(cell, wavelengths);
      const UnitCellResponse found = march.transmission(cell.pitch);
      EXPECT_TRUE(found.settled);
      for (std::size_t w = 0; w < wavelengths.size(); ++w) {
        const double k = 2.0 * pi / wavelengths[w];
        const auto s = analytic::Polarization::s;
        const analytic::Interface layer =
            analytic::stack(1.46, {{2.4, cell.height}}, 1.0, wavelengths[w], 0.0, s);
        const analytic::Interface bare = analytic::fresnel(1.46, 1.0, 0.0, s);
        const Complex exact = layer.t / bare.t * std::polar(std::sqrt(bare.T), -k * cell.height);
        EXPECT_NEAR(std::norm(exact), layer.T, 1e-12);
        error[level] = std::max(error[level], std::abs(found.t[w] - exact));
      }
    }
    std::printf("%s: errors %.2e, %.2e\n", cell_shape_name(shape), error[0], error[1]);
    // A wave in the layer is 11 cells long: its phase is wrong by (n k h)(n k cell)^2 / 24.
    EXPECT_LT(error[0], 0.16);
    if (shape != CellShape::square) {
      EXPECT_LT(error[1], 0.27 * error[0]);
    }
  }
}

TEST(UnitCell, NothingLetsAllOfItPass) {
  const UnitCell cell = cell_of(CellShape::round, true, 24e-9);
  const UnitCellMarch march(cell, {532e-9});
  const double bare = 4.0 * 1.46 / (2.46 * 2.46);
  EXPECT_NEAR(std::abs(march.transmission(0.0).t[0] - std::sqrt(bare)), 0.0, 1e-12);
}

// E behind the cell over E before it, by bench/rcwa_unit_cell.py: ridges with 40 orders, pillars
// with 7 (their own error is about 3e-3). Ridges with 22 cells a wavelength in them, pillars with
// 15: errors are mostly of the phase, and the same as those of a layer of this grid.
TEST(UnitCell, AgreesWithRigorousCoupledWaves) {
  struct Reference {
    CellShape shape;
    bool along;
    double size;
    Complex e;
  };
  const Reference references[] = {
      {CellShape::ridge, true, 60e-9, {1.072849, -0.444101}},
      {CellShape::ridge, true, 120e-9, {0.579207, 0.967858}},
      {CellShape::ridge, true, 200e-9, {-0.202318, 0.987938}},
      {CellShape::ridge, false, 60e-9, {-0.644579, -1.014126}},
      {CellShape::ridge, false, 120e-9, {0.970462, -0.699393}},
      {CellShape::ridge, false, 200e-9, {0.226089, 1.087326}},
      {CellShape::square, true, 120e-9, {0.025105, -1.205115}},
      {CellShape::round, true, 70e-9, {0.130101, -1.197551}},
  };
  for (const Reference& reference : references) {
    const Complex exact =
        reference.e / std::sqrt(1.46) * std::polar(1.0, -2.0 * pi / 532e-9 * 300e-9);
    const bool is_ridge = reference.shape == CellShape::ridge;
    const UnitCell cell = cell_of(reference.shape, reference.along, is_ridge ? 10e-9 : 15e-9);
    const UnitCellResponse found = UnitCellMarch(cell, {532e-9}).transmission(reference.size);
    const double error = std::abs(found.t[0] - exact);
    std::printf("%s %3.0f nm %s: |t| %.4f (%.4f), error %.2e\n", cell_shape_name(reference.shape),
                1e9 * reference.size, reference.along ? "along" : "across", std::abs(found.t[0]),
                std::abs(exact), error);
    EXPECT_TRUE(found.settled);
    EXPECT_LT(error, is_ridge ? 0.03 : 0.045);
    EXPECT_NEAR(std::abs(found.t[0]), std::abs(exact), 0.015);
  }
}

// Whatever the shape: a turned ellipse is another polarisation, a round one is a cylinder.
TEST(UnitCell, EllipseOfAspectOneIsRound) {
  UnitCell round = cell_of(CellShape::round, true, 24e-9), ellipse = round;
  ellipse.shape = CellShape::elliptic;
  const Complex a = UnitCellMarch(round, {532e-9}).transmission(80e-9).t[0];
  const Complex b = UnitCellMarch(ellipse, {532e-9}).transmission(80e-9).t[0];
  std::printf("round %.5f %+.5f i, ellipse %.5f %+.5f i\n", a.real(), a.imag(), b.real(), b.imag());
  EXPECT_LT(std::abs(a - b), 3e-3);
}

TEST(UnitCell, RefusesWhatCannotBe) {
  const auto refused = [](auto change, std::vector<double> wavelengths = {532e-9}) {
    UnitCell cell = cell_of(CellShape::round, true, 15e-9);
    change(cell);
    EXPECT_THROW(validate_unit_cell(cell, wavelengths), InputError);
  };
  refused([](UnitCell& c) { c.pitch = -1.0; });
  refused([](UnitCell& c) { c.height = std::nan(""); });
  refused([](UnitCell& c) { c.cell = 60e-9; });
  refused([](UnitCell& c) { c.cell = 1e-15; });
  refused([](UnitCell& c) { c.aspect = 2.0; });
  refused([](UnitCell& c) { c.substrate.conductivity = 1e4; });
  refused([](UnitCell& c) { c.pillar.chi3 = 1e-20; });
  refused([](UnitCell&) {}, {});
  refused([](UnitCell&) {}, {-1.0});
  refused([](UnitCell&) {}, {400e-9, 1100e-9});
  const UnitCellMarch march(cell_of(CellShape::ridge, true, 15e-9), {532e-9});
  EXPECT_THROW(march.transmission(241e-9), InputError);
  EXPECT_THROW(march.transmission(-1e-9), InputError);
}

TEST(UnitCell, EveryNumberIsInTheDescription) {
  const UnitCell cell = cell_of(CellShape::elliptic, true, 15e-9);
  const std::string whole = describe(cell, {532e-9}, 80e-9);
  EXPECT_EQ(whole, describe(cell, {532e-9}, 80e-9));
  const auto differs = [&](auto change) {
    UnitCell other = cell;
    change(other);
    EXPECT_NE(whole, describe(other, {532e-9}, 80e-9));
  };
  differs([](UnitCell& c) { c.shape = CellShape::round; });
  differs([](UnitCell& c) { c.pitch *= 1.0 + 1e-15; });
  differs([](UnitCell& c) { c.height *= 1.0 + 1e-15; });
  differs([](UnitCell& c) { c.aspect = 1.1; });
  differs([](UnitCell& c) { c.pillar.eps_inf = 5.0; });
  differs([](UnitCell& c) { c.pillar.conductivity = 1.0; });
  differs([](UnitCell& c) { c.pillar.lorentz = {{1e15, 0.0, 1e30}}; });
  differs([](UnitCell& c) { c.substrate.eps_inf = 2.0; });
  differs([](UnitCell& c) { c.field_along_ridge = false; });
  differs([](UnitCell& c) { c.cell = 14e-9; });
  differs([](UnitCell& c) { c.absorbing_cells = 21; });
  differs([](UnitCell& c) { c.margin = 0.6; });
  differs([](UnitCell& c) { c.tolerance = 1e-5; });
  differs([](UnitCell& c) { c.longest = 1e-12; });
  differs([](UnitCell& c) { c.precision = Precision::f32; });
  EXPECT_NE(whole, describe(cell, {532e-9}, 81e-9));
  EXPECT_NE(whole, describe(cell, {532e-9, 540e-9}, 80e-9));
}

}  // namespace
}  // namespace wavesmith
