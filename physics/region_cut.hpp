// Regions of outlines with holes: which hole is whose, joining holes to outlines, and cutting.
#pragma once

#include <vector>

#include "physics/polygon.hpp"

namespace wavesmith {

struct Region {
  Ring outline;             // anticlockwise
  std::vector<Ring> holes;  // clockwise
};

// Each hole goes to the smallest outline that holds it. The rings must be simple and apart. `unit`
// [m] is for messages. Throws InputError where a hole lies in no outline.
std::vector<Region> regions_of(std::vector<Ring> rings, double unit);

// One ring of the region: slits, edges that are there in both directions, join holes to the outline
// from corner to corner.
Ring with_slits(const Region& region);

// The region in parts, cut across its longer extent at the middle one of its corners. Coordinates
// are whole numbers held in doubles; corners that the cut makes are rounded alike on both sides.
std::vector<Region> cut_in_two(const Region& region);

// Without repeated corners, corners on a straight edge and ways there and back.
Ring without_straight_corners(const Ring& ring);

}  // namespace wavesmith
