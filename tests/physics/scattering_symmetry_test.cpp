// One column of S and what is the same: the whole matrix of devices whose matrix is known.
#include "physics/scattering_symmetry.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;
using Orders = std::vector<std::vector<std::size_t>>;

// A coupler with reflections: two mirror planes.
const std::vector<Complex> coupler = {{0.01, 0.02}, {0.03, 0.0},  {0.6, 0.1},   {0.1, 0.7},   //
                                      {0.03, 0.0},  {0.01, 0.02}, {0.1, 0.7},   {0.6, 0.1},   //
                                      {0.6, 0.1},   {0.1, 0.7},   {0.01, 0.02}, {0.03, 0.0},  //
                                      {0.1, 0.7},   {0.6, 0.1},   {0.03, 0.0},  {0.01, 0.02}};

std::vector<Complex> column_of(const std::vector<Complex>& s, std::size_t n, std::size_t from) {
  std::vector<Complex> column;
  for (std::size_t to = 0; to < n; ++to) column.push_back(s[to * n + from]);
  return column;
}

TEST(ScatteringSymmetry, TwoMirrorPlanesGiveTheWholeCoupler) {
  const Orders orders = {{1, 0, 3, 2}, {2, 3, 0, 1}};
  for (std::size_t from = 0; from < 4; ++from) {
    const auto whole = complete_scattering(
        {2e14, 1e14}, {column_of(coupler, 4, from), column_of(coupler, 4, from)}, from, orders);
    EXPECT_EQ(whole.unknown, 0u);
    EXPECT_LT(whole.disagreement, 1e-15);
    EXPECT_EQ(whole.table.frequencies, (std::vector<double>{1e14, 2e14}));
    for (std::size_t i = 0; i < 32; ++i)
      EXPECT_LT(std::abs(whole.table.s[i] - coupler[i % 16]), 1e-15);
  }
}

TEST(ScatteringSymmetry, WithOnePlaneOrNoneEntriesStayUnknown) {
  const auto one = complete_scattering({1e14}, {column_of(coupler, 4, 0)}, 0, {{1, 0, 3, 2}});
  EXPECT_EQ(one.unknown, 4u);  // S33, S44, S34, S43
  const auto none = complete_scattering({1e14}, {column_of(coupler, 4, 0)}, 0, {});
  EXPECT_EQ(none.unknown, 9u);
  const auto two_ports = complete_scattering({1e14}, {{0.1, 0.9}}, 0, {{1, 0}});
  EXPECT_EQ(two_ports.unknown, 0u);
}

TEST(ScatteringSymmetry, WhatOughtToBeTheSameAndIsNotIsTold) {
  // A symmetry that the device does not have: ports 3 and 4 exchanged alone.
  const auto wrong = complete_scattering({1e14}, {column_of(coupler, 4, 0)}, 0, {{0, 1, 3, 2}});
  EXPECT_NEAR(wrong.disagreement, 0.5 * std::abs(coupler[8] - coupler[12]), 1e-15);
  EXPECT_THROW(complete_scattering({1e14}, {{0.1, 0.9}}, 0, {{0, 0}}), InputError);
  EXPECT_THROW(complete_scattering({1e14}, {{0.1, 0.9}}, 2, {}), InputError);
}

}  // namespace
}  // namespace wavesmith
