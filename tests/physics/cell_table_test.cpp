// Tables of unit cells: values at the points, slopes against differences, the order of the
// interpolation, what is refused, and files that read back exactly.
#include "physics/cell_table.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>

#include "core/error.hpp"
#include "tests/temporary_folder.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

// A pillar between a wave guide and a weak resonance; analytic.
Complex model(double size, double wavelength) {
  const double s = size / 100e-9, detuning = (s - 0.8 * wavelength / 532e-9) / 0.15;
  return std::polar(0.9, 4.0 * s * s) * (1.0 - 0.6 / Complex(1.0, detuning));
}

CellTableData sampled(std::size_t count, double low = 40e-9, double high = 120e-9) {
  CellTableData data;
  data.pitch = 250e-9;
  data.height = 600e-9;
  data.wavelengths = {500e-9, 532e-9, 640e-9};
  for (std::size_t s = 0; s < count; ++s) {
    // Uneven, as a refined sweep is.
    const double x = static_cast<double>(s) / static_cast<double>(count - 1);
    data.sizes.push_back(low + (high - low) * (0.8 * x + 0.2 * x * x));
  }
  for (const double w : data.wavelengths)
    for (const double s : data.sizes) data.t.push_back(model(s, w));
  return data;
}

double worst_error(const CellTable& table) {
  double worst = 0.0;
  for (const double w : table.data().wavelengths)
    for (std::size_t s = 0; s + 1 < table.data().sizes.size(); ++s)
      for (int i = 1; i < 20; ++i) {
        const double size = std::lerp(table.data().sizes[s], table.data().sizes[s + 1], i / 20.0);
        worst = std::max(worst, std::abs(table.at(w, size).t - model(size, w)));
      }
  return worst;
}

TEST(CellTable, MeetsItsPointsAndIsOfFourthOrder) {
  const CellTable coarse(sampled(21)), fine(sampled(41));
  const CellTableData& data = coarse.data();
  for (std::size_t w = 0; w < data.wavelengths.size(); ++w)
    for (std::size_t s = 0; s < data.sizes.size(); ++s)
      EXPECT_LT(std::abs(coarse.at(data.wavelengths[w], data.sizes[s]).t -
                         data.t[w * data.sizes.size() + s]),
                1e-14);
  const double order = std::log2(worst_error(coarse) / worst_error(fine));
  std::printf("errors %.2e, %.2e, order %.2f; estimates %.2e, %.2e\n", worst_error(coarse),
              worst_error(fine), order, coarse.interpolation_error(), fine.interpolation_error());
  EXPECT_GT(order, 3.5);
  // The estimate is what the table of every second size, the coarse one, is off by at the sizes
  // that it does not have.
  double off = 0.0;
  for (std::size_t w = 0; w < data.wavelengths.size(); ++w)
    for (std::size_t s = 1; s < fine.data().sizes.size(); s += 2)
      off = std::max(off, std::abs(coarse.at(data.wavelengths[w], fine.data().sizes[s]).t -
                                   fine.data().t[w * fine.data().sizes.size() + s]));
  EXPECT_NEAR(fine.interpolation_error(), off, 1e-14);
  // A cubic between sizes h apart is off by x^2 (h - x)^2 |d4t/dx4| / 24 and terms of higher order:
  // most in the middle, where the left out sizes nearly are, and 16 times less at half of h.
  double before = std::numeric_limits<double>::infinity();
  for (const std::size_t count : {161, 321, 641, 1281}) {
    const CellTable table(sampled(count));
    const double ratio = table.interpolation_error() / worst_error(table);
    std::printf("%zu sizes: estimate over error %.2f\n", count, ratio);
    EXPECT_LT(std::abs(ratio - 16.0), 0.6 * before);
    before = std::abs(ratio - 16.0);
  }
  EXPECT_LT(before, 0.2);
}

TEST(CellTable, SlopeIsTheDerivativeAndContinuous) {
  const CellTable table(sampled(15));
  double worst = 0.0;
  for (const double w : table.data().wavelengths) {
    for (int i = 1; i < 400; ++i) {
      const double size = 40e-9 + 80e-9 * (i + 0.37) / 401.0, h = 1e-12;
      const Complex difference = (8.0 * (table.at(w, size + h).t - table.at(w, size - h).t) -
                                  (table.at(w, size + 2 * h).t - table.at(w, size - 2 * h).t)) /
                                 (12.0 * h);
      // A kink of the second derivative within the stencil costs some digits.
      worst = std::max(worst, std::abs(difference - table.at(w, size).slope) / 1e8);
    }
    for (std::size_t s = 1; s + 1 < table.data().sizes.size(); ++s) {
      const double size = table.data().sizes[s], h = 1e-16;
      EXPECT_LT(std::abs(table.at(w, size + h).slope - table.at(w, size - h).slope), 100.0);
    }
  }
  std::printf("slope against differences: %.1e\n", worst);
  EXPECT_LT(worst, 1e-6);
}

TEST(CellTable, RefusesWhatItDoesNotResolve) {
  CellTableData data = sampled(81);
  for (std::size_t s = 40; s < 81; ++s) data.t[81 + s] *= -1.0;  // at 532 nm
  const CellTable table(data);
  EXPECT_NO_THROW(table.require_resolved(500e-9, 0.0, 1.0));
  EXPECT_NO_THROW(table.require_resolved(532e-9, 0.0, data.sizes[39]));
  EXPECT_NO_THROW(table.require_resolved(532e-9, data.sizes[40], 1.0));
  EXPECT_THROW(table.require_resolved(532e-9, 0.0, 1.0), InputError);
  EXPECT_THROW(table.at(533e-9, 60e-9), InputError);
  EXPECT_NO_THROW(table.at(532.0001e-9, 60e-9));

  const auto refused = [](auto change) {
    CellTableData wrong = sampled(5);
    change(wrong);
    EXPECT_THROW(CellTable{wrong}, InputError);
  };
  refused([](CellTableData& d) { d.pitch = 0.0; });
  refused([](CellTableData& d) { d.sizes[2] = d.sizes[1]; });
  refused([](CellTableData& d) { d.wavelengths[0] = 1.0; });
  refused([](CellTableData& d) { d.t.pop_back(); });
  refused([](CellTableData& d) { d.t[3] = 1.2; });
  refused([](CellTableData& d) { d.t[3] = std::nan(""); });
  refused([](CellTableData& d) { d.wavelengths.clear(); });
  refused([](CellTableData& d) {
    d.sizes.resize(1);
    d.t.resize(3);
  });
}

TEST(CellTable, FilesReadBackExactly) {
  const test::TemporaryFolder folder;
  for (const CellShape shape :
       {CellShape::round, CellShape::square, CellShape::elliptic, CellShape::ridge}) {
    CellTableData data = sampled(9);
    data.shape = shape;
    if (shape == CellShape::elliptic) data.aspect = 1.3;
    const std::filesystem::path path = folder.path() / "table.csv";
    write_cell_table(CellTable(data), path);
    const CellTableData back = read_cell_table(path).data();
    EXPECT_EQ(back.shape, shape);
    EXPECT_EQ(back.t, data.t);
    EXPECT_EQ(back.sizes, data.sizes);
    EXPECT_EQ(back.wavelengths, data.wavelengths);
    EXPECT_EQ(back.pitch, data.pitch);
    EXPECT_EQ(back.height, data.height);
    EXPECT_EQ(back.aspect, data.aspect);
  }
  const auto refused = [&](const std::string& text) {
    std::ofstream(folder.path() / "wrong.csv") << text;
    EXPECT_THROW(read_cell_table(folder.path() / "wrong.csv"), InputError) << text;
  };
  const std::string head = "wavelength_m,pitch_m,height_m,aspect,radius_m,real,imaginary\n";
  refused(head);
  refused("radius_m,real\n1e-7,1\n");
  refused(head + "5e-7,2e-7,6e-7,1,5e-8,1,0\n5e-7,2e-7,6e-7,1,5e-8,1,0\n");
  refused(head + "5e-7,2e-7,6e-7,1,5e-8,1,0\n5e-7,3e-7,6e-7,1,6e-8,1,0\n");
  refused(head +
          "5e-7,2e-7,6e-7,1,5e-8,1,0\n5e-7,2e-7,6e-7,1,6e-8,1,0\n"
          "6e-7,2e-7,6e-7,1,5e-8,1,0\n6e-7,2e-7,6e-7,1,7e-8,1,0\n");
  EXPECT_THROW(read_cell_table(folder.path() / "none.csv"), UnavailableError);
}

}  // namespace
}  // namespace wavesmith
