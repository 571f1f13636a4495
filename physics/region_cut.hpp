// Regions of outlines with holes on a grid of whole numbers: which hole is whose, and cutting them.
#pragma once

#include <vector>

#include "physics/polygon.hpp"

namespace wavesmith {

// Coordinates are whole numbers held in doubles.
struct Region {
  Ring outline;             // anticlockwise
  std::vector<Ring> holes;  // clockwise
};

// Each hole goes to the smallest outline that holds it. The rings must be simple and apart. `unit`
// [m] is for messages. Throws InputError where a hole lies in no outline.
std::vector<Region> regions_of(std::vector<Ring> rings, double unit);

// The region in parts, cut across its longer extent at the middle one of its corners. The corners
// that the cut makes are rounded to the grid, alike on both sides.
std::vector<Region> cut_in_two(const Region& region);

// Without repeated corners, corners on a straight edge and ways there and back.
Ring without_straight_corners(const Ring& ring);

}  // namespace wavesmith
