// What share of a point's cell lies in a box, and where planes cut the grid: the weights of every
// sum over points that stands for an integral.
//
// A point at a centre owns its cell, a point at an edge the dual cell between the centres beside
// it, cut off at faces that are not periodic. Shares along the three axes are multiplied.
//
// A plane across an axis cuts both kinds of cells. With w the share of a cell beyond the plane, the
// differences of w from one point to the next, edge and centre in turn, are the weights of pairs
// (link), at most three of them, which sum to one. A sum over pairs of first and second group with
// these weights is what the leapfrog conserves exactly (solvers/flux.hpp). A plane through edges is
// E there with the mean of H on both sides.
#pragma once

#include <vector>

#include "solvers/wave_context.hpp"

namespace wavesmith {

// Lengths of the cells about points begin, begin + 1, ... inside of an interval [m].
struct PointShares {
  int begin = 0;
  std::vector<double> length;
  int end() const { return begin + static_cast<int>(length.size()); }
};

// From `low` to `high`; along an axis of one cell one length of 1, as nothing counts there. At
// periodic faces the point that stands for both has both shares. Throws InputError where the
// interval is empty or outside of the grid.
PointShares point_shares(const WaveContext& context, int axis, Place place, double low,
                         double high);

struct PlaneLink {
  int edge = 0, centre = 0;  // the two points
  double weight = 0.0;
};

// Of the plane at x; within a millionth of a cell of an edge it is through the edge. Pairs that
// the grid does not store are zero and left out. Throws InputError where x is outside of the grid
// or nothing varies along the axis.
std::vector<PlaneLink> plane_links(const WaveContext& context, int axis, double x);

// The index of the edge next to x.
int nearest_edge(const WaveContext& context, int axis, double x);

// The box of points with shares along three axes, and the product of the shares at each of its
// points, in order.
GridBox box_of(const std::array<PointShares, 3>& shares);
std::vector<double> products_of(const std::array<PointShares, 3>& shares);

}  // namespace wavesmith
