// Elastic lattices: point masses joined by springs, for small displacements.
//
// Equation     e = C u: a bond between nodes i and j of direction n (from i to j) is longer by
//              e = n . (u_j - u_i); it pulls with the force k e + c de/dt.
// Stiffness    of a straight strip under tension k = Y w t / L, with Young's modulus Y, width w,
//              thickness t and length L. S. Li and X. Mao, Nature Communications 15, 10528 (2024)
//              print strips of Y = 0.55 MPa, t = 2 mm, w = 1.5 to 2.5 mm, L = 16 mm.
// Assumptions  linear: bonds turn with their nodes freely (pin joints) and keep their directions.
// Units        SI. Nodes, bonds and axes are counted from 0 in the interface, and nodes and bonds
//              from 1 in messages and scenes.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace wavesmith {

struct LatticeNode {
  std::array<double, 3> position{};  // [m]
  double mass = 0.0;                 // [kg]
  double damping = 0.0;              // against the ground, in every direction [N s/m]
  std::array<bool, 3> fixed{};       // along x, y, z
};

struct LatticeBond {
  int first = 0, second = 0;  // nodes
  double stiffness = 1.0;     // [N/m]
  double damping = 0.0;       // [N s/m]
  bool cut = false;           // carries nothing, but keeps its number
};

struct ElasticLattice {
  int dimensions = 2;  // nodes move along the first of x, y, z
  std::vector<LatticeNode> nodes;
  std::vector<LatticeBond> bonds;

  // Of arrays of displacements and forces: node by node, x first.
  std::size_t displacement_count() const {
    return nodes.size() * static_cast<std::size_t>(dimensions);
  }
};

// Largest number of nodes and of bonds that a lattice may have.
constexpr std::size_t max_lattice_nodes = 200'000, max_lattice_bonds = 2'000'000;

// Throws InputError naming the node or bond: a bond without two different nodes at different
// places, a stiffness that is not positive (of a bond that is not cut), a negative mass or damping,
// a number that is not finite, a lattice without nodes.
void validate(const ElasticLattice& lattice);

// Unit vector from the first to the second node of a bond.
std::array<double, 3> bond_direction(const ElasticLattice& lattice, const LatticeBond& bond);
double bond_length(const ElasticLattice& lattice, const LatticeBond& bond);  // [m]

// Marks bonds as cut. Throws InputError where there is no such bond.
void cut_bonds(ElasticLattice& lattice, std::span<const int> bonds);

// Fixes a node in all directions. Throws InputError where there is no such node.
void fix_node(ElasticLattice& lattice, int node);

// [N/m]; young [Pa], lengths [m]. Throws InputError unless all are positive.
double strip_stiffness(double young, double width, double thickness, double length);

// A triangular lattice of rows of nodes, each row `spacing` * sqrt(3)/2 below the one before. A row
// has one node less, one more, or as many as the row before, and then stands half a spacing to the
// right or left by turns. Nodes: row by row, from left to right. Bonds: those of a row, then those
// to the next row by its nodes, left before right, and so on. All masses are 0 and all stiffnesses
// 1. Rows 5, 4, 3, 2 give the 14 nodes and 28 bonds of Li and Mao. Throws InputError naming the
// row.
ElasticLattice triangular_lattice(std::span<const int> rows, double spacing);

enum class Diagonals { none, falling, both };  // falling: from upper left to lower right

// A square lattice, numbered like the triangular one. A square's falling diagonal comes before its
// rising one, both after the bonds along x and y of its row. Without diagonals it is a mechanism.
ElasticLattice square_lattice(int columns, int rows, double spacing, Diagonals diagonals);

// "node 3", "bond 7": as messages and scenes count.
std::string node_name(std::size_t node);
std::string bond_name(std::size_t bond);

}  // namespace wavesmith
