// Geometry of lattices, and what is refused.
#include "physics/elastic_lattice.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <set>

#include "core/error.hpp"
#include "tests/training/test_files.hpp"

namespace wavesmith {
namespace {

using test::expect_parts;
using test::message_of;

// All pairs of nodes at a distance of `length`.
std::set<std::pair<int, int>> pairs_at(const ElasticLattice& lattice, double length) {
  std::set<std::pair<int, int>> pairs;
  const int count = static_cast<int>(lattice.nodes.size());
  for (int i = 0; i < count; ++i)
    for (int j = i + 1; j < count; ++j) {
      const LatticeBond bond{i, j, 1.0, 0.0, false};
      if (std::abs(bond_length(lattice, bond) - length) < 1e-9 * length) pairs.insert({i, j});
    }
  return pairs;
}

std::set<std::pair<int, int>> pairs_of(const ElasticLattice& lattice) {
  std::set<std::pair<int, int>> pairs;
  for (const LatticeBond& bond : lattice.bonds)
    pairs.insert({std::min(bond.first, bond.second), std::max(bond.first, bond.second)});
  return pairs;
}

TEST(ElasticLattice, RowsOfFiveToTwoAreTheLatticeOfLiAndMao) {
  const ElasticLattice lattice = triangular_lattice(std::array{5, 4, 3, 2}, 16e-3);
  EXPECT_EQ(lattice.nodes.size(), 14u);
  EXPECT_EQ(lattice.bonds.size(), 28u);
  // Corners of the trapezium.
  EXPECT_DOUBLE_EQ(lattice.nodes[4].position[0], 64e-3);
  EXPECT_DOUBLE_EQ(lattice.nodes[12].position[0], 24e-3);
  EXPECT_DOUBLE_EQ(lattice.nodes[13].position[0], 40e-3);
  EXPECT_NEAR(lattice.nodes[13].position[1], -3 * 16e-3 * std::sqrt(0.75), 1e-17);
  // Strips of 1.5 and 2.5 mm.
  EXPECT_NEAR(strip_stiffness(0.55e6, 1.5e-3, 2e-3, 16e-3), 103.125, 1e-12);
  EXPECT_NEAR(strip_stiffness(0.55e6, 2.5e-3, 2e-3, 16e-3), 171.875, 1e-12);
}

TEST(ElasticLattice, TriangularBondsJoinAllNeighboursOnce) {
  for (const std::vector<int>& rows : {std::vector{5, 4, 3, 2},
                                       {1},
                                       {4},
                                       {2, 3},
                                       {3, 4, 5, 4, 3},
                                       {4, 4, 4, 4},
                                       {2, 2, 3, 3, 2}}) {
    const ElasticLattice lattice = triangular_lattice(rows, 0.02);
    validate(lattice);
    EXPECT_EQ(pairs_of(lattice).size(), lattice.bonds.size());
    EXPECT_EQ(pairs_of(lattice), pairs_at(lattice, 0.02)) << rows.size();
  }
}

TEST(ElasticLattice, SquareBondsJoinAllNeighboursOnce) {
  for (const auto& [columns, rows] : {std::pair{1, 1}, {4, 1}, {1, 3}, {4, 3}}) {
    auto sides = square_lattice(columns, rows, 0.5, Diagonals::none);
    EXPECT_EQ(pairs_of(sides), pairs_at(sides, 0.5));
    auto both = square_lattice(columns, rows, 0.5, Diagonals::both);
    auto expected = pairs_at(both, 0.5);
    expected.merge(pairs_at(both, 0.5 * std::sqrt(2.0)));
    EXPECT_EQ(pairs_of(both), expected);
    const auto falling = square_lattice(columns, rows, 0.5, Diagonals::falling);
    EXPECT_EQ(falling.bonds.size(),
              sides.bonds.size() + static_cast<std::size_t>((columns - 1) * (rows - 1)));
    for (const LatticeBond& bond : falling.bonds) EXPECT_GE(bond_direction(falling, bond)[0], 0.0);
  }
}

TEST(ElasticLattice, MistakesAreNamed) {
  const ElasticLattice good = triangular_lattice(std::array{3, 2}, 1.0);
  const auto message = [&](const std::function<void(ElasticLattice&)>& spoil) {
    ElasticLattice lattice = good;
    spoil(lattice);
    return message_of<InputError>([&] { validate(lattice); });
  };
  const double nan = std::nan("");
  expect_parts(message([](auto& l) { l.nodes.clear(); }), {"no nodes"});
  expect_parts(message([](auto& l) { l.dimensions = 4; }), {"4 dimensions"});
  expect_parts(message([&](auto& l) { l.nodes[2].position[1] = nan; }), {"node 3", "position"});
  expect_parts(message([](auto& l) { l.nodes[4].mass = -1.0; }), {"node 5", "mass"});
  expect_parts(message([](auto& l) { l.nodes[0].damping = -1.0; }), {"node 1", "damping"});
  expect_parts(message([](auto& l) { l.bonds[3].second = 9; }), {"bond 4", "node 10", "1 to 5"});
  expect_parts(message([](auto& l) { l.bonds[3].first = -1; }), {"bond 4"});
  expect_parts(message([](auto& l) { l.bonds[1].second = l.bonds[1].first; }),
               {"bond 2", "begins and ends"});
  expect_parts(message([](auto& l) { l.nodes[1].position = l.nodes[0].position; }),
               {"bond 1", "nodes 1 and 2", "no direction"});
  expect_parts(message([](auto& l) { l.bonds[5].stiffness = 0.0; }), {"bond 6", "stiffness"});
  expect_parts(message([&](auto& l) { l.bonds[5].stiffness = nan; }), {"bond 6", "stiffness"});
  expect_parts(message([](auto& l) { l.bonds[2].damping = -0.1; }), {"bond 3", "damping"});
  ElasticLattice cut = good;
  cut_bonds(cut, std::array{5});
  cut.bonds[5].stiffness = 0.0;
  EXPECT_NO_THROW(validate(cut));
  expect_parts(message_of<InputError>([&] { cut_bonds(cut, std::array{7}); }),
               {"bond 8", "1 to 7"});
  expect_parts(message_of<InputError>([&] { fix_node(cut, -1); }), {"node 0", "1 to 5"});
  expect_parts(message_of<InputError>([] {
                 triangular_lattice(std::array{5, 3}, 1.0);
               }),
               {"row 2", "3 nodes after 5"});
  expect_parts(message_of<InputError>([] {
                 triangular_lattice(std::array{1, 0}, 1.0);
               }),
               {"row 2"});
  expect_parts(message_of<InputError>([] { triangular_lattice(std::array{2000000000}, 1.0); }),
               {"row 1"});
  expect_parts(message_of<InputError>([] { triangular_lattice(std::array{3}, 0.0); }), {"spacing"});
  expect_parts(
      message_of<InputError>([] { square_lattice(2000000000, 2000000000, 1.0, Diagonals::both); }),
      {"at most"});
  expect_parts(message_of<InputError>([] { strip_stiffness(1e6, 0.0, 1.0, 1.0); }), {"width"});
}

}  // namespace
}  // namespace wavesmith
