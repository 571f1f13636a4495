#include "physics/elastic_lattice.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/error.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

void validate_spacing(double spacing, const std::string& what) {
  validate_positive(spacing, what + ": spacing [m]");
}

void add_bond(ElasticLattice& lattice, int first, int second) {
  lattice.bonds.push_back({first, second, 1.0, 0.0, false});
}

LatticeNode node_at(double x, double y) {
  LatticeNode node;
  node.position = {x, y, 0.0};
  return node;
}

}  // namespace

std::string node_name(std::size_t node) {
  return fmt::format("node {}", node + 1);
}

std::string bond_name(std::size_t bond) {
  return fmt::format("bond {}", bond + 1);
}

std::array<double, 3> bond_direction(const ElasticLattice& lattice, const LatticeBond& bond) {
  const auto& from = lattice.nodes[static_cast<std::size_t>(bond.first)].position;
  const auto& to = lattice.nodes[static_cast<std::size_t>(bond.second)].position;
  const double length = bond_length(lattice, bond);
  return {(to[0] - from[0]) / length, (to[1] - from[1]) / length, (to[2] - from[2]) / length};
}

double bond_length(const ElasticLattice& lattice, const LatticeBond& bond) {
  const auto& from = lattice.nodes[static_cast<std::size_t>(bond.first)].position;
  const auto& to = lattice.nodes[static_cast<std::size_t>(bond.second)].position;
  return std::hypot(to[0] - from[0], to[1] - from[1], to[2] - from[2]);
}

void validate(const ElasticLattice& lattice) {
  WAVESMITH_VALIDATE(
      lattice.dimensions >= 1 && lattice.dimensions <= 3,
      fmt::format("a lattice of {} dimensions cannot be; give 1, 2 or 3", lattice.dimensions));
  WAVESMITH_VALIDATE(!lattice.nodes.empty(), "the lattice has no nodes; give it at least one");
  WAVESMITH_VALIDATE(
      lattice.nodes.size() <= max_lattice_nodes && lattice.bonds.size() <= max_lattice_bonds,
      fmt::format("the lattice has {} nodes and {} bonds; at most {} and {} are accepted",
                  lattice.nodes.size(), lattice.bonds.size(), max_lattice_nodes,
                  max_lattice_bonds));
  for (std::size_t n = 0; n < lattice.nodes.size(); ++n) {
    const LatticeNode& node = lattice.nodes[n];
    validate_all_finite(node.position, node_name(n) + ": position [m]");
    validate_not_negative(node.mass, node_name(n) + ": mass [kg]");
    validate_not_negative(node.damping, node_name(n) + ": damping [N s/m]");
  }
  const int count = static_cast<int>(lattice.nodes.size());
  for (std::size_t b = 0; b < lattice.bonds.size(); ++b) {
    const LatticeBond& bond = lattice.bonds[b];
    for (const int node : {bond.first, bond.second})
      WAVESMITH_VALIDATE(node >= 0 && node < count,
                         fmt::format("{} ends at node {}, but the lattice has nodes 1 to {}",
                                     bond_name(b), node + 1, count));
    WAVESMITH_VALIDATE(bond.first != bond.second,
                       fmt::format("{} begins and ends at node {}; join two different nodes",
                                   bond_name(b), bond.first + 1));
    const double length = bond_length(lattice, bond);
    WAVESMITH_VALIDATE(
        length > 0.0 && std::isfinite(1.0 / length) && std::isfinite(length),
        fmt::format("{} joins nodes {} and {}, which are {} m apart, so it has no direction; move "
                    "one of them",
                    bond_name(b), bond.first + 1, bond.second + 1, length));
    if (!bond.cut) validate_positive(bond.stiffness, bond_name(b) + ": stiffness [N/m]");
    validate_not_negative(bond.damping, bond_name(b) + ": damping [N s/m]");
  }
}

void cut_bonds(ElasticLattice& lattice, std::span<const int> bonds) {
  for (const int bond : bonds) {
    WAVESMITH_VALIDATE(bond >= 0 && static_cast<std::size_t>(bond) < lattice.bonds.size(),
                       fmt::format("bond {} cannot be cut: the lattice has bonds 1 to {}", bond + 1,
                                   lattice.bonds.size()));
    lattice.bonds[static_cast<std::size_t>(bond)].cut = true;
  }
}

void fix_node(ElasticLattice& lattice, int node) {
  WAVESMITH_VALIDATE(node >= 0 && static_cast<std::size_t>(node) < lattice.nodes.size(),
                     fmt::format("node {} cannot be fixed: the lattice has nodes 1 to {}", node + 1,
                                 lattice.nodes.size()));
  lattice.nodes[static_cast<std::size_t>(node)].fixed = {true, true, true};
}

double strip_stiffness(double young, double width, double thickness, double length) {
  validate_positive(young, "Young's modulus [Pa]");
  validate_positive(width, "width of a bond [m]");
  validate_positive(thickness, "thickness of a bond [m]");
  validate_positive(length, "length of a bond [m]");
  return young * width * thickness / length;
}

ElasticLattice triangular_lattice(std::span<const int> rows, double spacing) {
  validate_spacing(spacing, "triangular lattice");
  WAVESMITH_VALIDATE(!rows.empty(), "the triangular lattice has no rows; give nodes per row");
  std::size_t count = 0;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    WAVESMITH_VALIDATE(rows[r] >= 1, fmt::format("row {} of the triangular lattice has {} nodes; "
                                                 "give each at least 1",
                                                 r + 1, rows[r]));
    WAVESMITH_VALIDATE(
        r == 0 || std::abs(rows[r] - rows[r - 1]) <= 1,
        fmt::format("row {} of the triangular lattice has {} nodes after {}; neighbouring rows "
                    "differ by one node at most, so that triangles fill them",
                    r + 1, rows[r], r == 0 ? 0 : rows[r - 1]));
    count += static_cast<std::size_t>(rows[r]);
    WAVESMITH_VALIDATE(count <= max_lattice_nodes,
                       fmt::format("the triangular lattice has more than {} nodes by row {}",
                                   max_lattice_nodes, r + 1));
  }
  ElasticLattice lattice;
  // Where a row begins, in half spacings: whole numbers, so that neighbours are found exactly.
  int begin = 0;
  bool to_right = true;
  const double height = 0.5 * std::sqrt(3.0) * spacing;
  int first = 0;  // node of the row
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (int j = 0; j < rows[r]; ++j)
      lattice.nodes.push_back(
          node_at(0.5 * spacing * (begin + 2 * j), -height * static_cast<double>(r)));
    for (int j = 0; j + 1 < rows[r]; ++j) add_bond(lattice, first + j, first + j + 1);
    if (r + 1 == rows.size()) break;
    int next_begin = begin + (rows[r + 1] < rows[r] ? 1 : -1);
    if (rows[r + 1] == rows[r]) {
      next_begin = begin + (to_right ? 1 : -1);
      to_right = !to_right;
    }
    for (int j = 0; j < rows[r + 1]; ++j)
      for (const int side : {-1, 1}) {
        const int above = (next_begin + 2 * j + side - begin) / 2;
        if (next_begin + 2 * j + side >= begin && above < rows[r])
          add_bond(lattice, first + above, first + rows[r] + j);
      }
    first += rows[r];
    begin = next_begin;
  }
  return lattice;
}

ElasticLattice square_lattice(int columns, int rows, double spacing, Diagonals diagonals) {
  validate_spacing(spacing, "square lattice");
  WAVESMITH_VALIDATE(
      columns >= 1 && rows >= 1,
      fmt::format("the square lattice has {} x {} nodes; give at least 1 x 1", columns, rows));
  WAVESMITH_VALIDATE(static_cast<double>(columns) * rows <= static_cast<double>(max_lattice_nodes),
                     fmt::format("the square lattice has {} x {} nodes; at most {} are accepted",
                                 columns, rows, max_lattice_nodes));
  ElasticLattice lattice;
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < columns; ++c) lattice.nodes.push_back(node_at(spacing * c, -spacing * r));
  for (int r = 0; r < rows; ++r) {
    const int row = r * columns;
    for (int c = 0; c + 1 < columns; ++c) add_bond(lattice, row + c, row + c + 1);
    if (r + 1 == rows) break;
    for (int c = 0; c < columns; ++c) add_bond(lattice, row + c, row + columns + c);
    if (diagonals == Diagonals::none) continue;
    for (int c = 0; c + 1 < columns; ++c) {
      add_bond(lattice, row + c, row + columns + c + 1);
      if (diagonals == Diagonals::both) add_bond(lattice, row + c + 1, row + columns + c);
    }
  }
  return lattice;
}

}  // namespace wavesmith
