// The least width of what is solid and of the gaps between, measured on polygons.
//
// For a set S (the solid, or the gaps), with D the distance to its complement, the least width is
// the smallest d = 2 r at which one of these holds:
//   - a disc of diameter d fits nowhere near some point of S: the point is farther than sqrt(2) r
//     from every place where the disc's centre may be, D >= r. In a bar narrower than d no disc
//     fits; in the corner of a right angle the disc comes exactly that near. So right angles and
//     blunter ones are allowed, sharper ones have width 0 at their tip.
//   - shrinking S by r parts it in two: a neck of width d, however short.
//   - two parts of S's complement grow together when S is shrunk by r: a wall of thickness d
//   between
//     two holes, or a gap d between two solids.
// The first is opening by a disc up to corners, as length scales are defined for topology
// optimisation (A. M. Hammond et al., Opt. Express 29, 23916 (2021)); the others are the critical
// points of the distance, which opening misses where a neck is short.
//
// Polygons are drawn on a raster whose pixels are half of `accuracy`; distances are exact
// (Euclidean distance transform) between its pixels, so that widths are right to within `accuracy`.
// Widths below about twice the accuracy are not told apart.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "physics/polygon.hpp"

namespace wavesmith {

struct FeatureSettings {
  double accuracy = 0.0;  // [m]; 0: a five-hundredth of the larger extent
  double largest = 0.0;   // widths above are not looked for [m]; 0: a quarter of the larger extent
  // The lower and upper corner of a region at whose border S goes on outwards as it arrives there:
  // for a design that is connected to something around it. Otherwise everything is looked at and
  // beyond the polygons is void.
  std::optional<std::array<Point2, 2>> region;
};

struct Feature {
  bool found = false;  // false: nothing narrower than settings.largest
  double width = 0.0;  // settings.largest where none is found [m]
  Point2 place{};      // where, if found [m]
};
struct FeatureSizes {
  Feature solid, gap;
};

// Solid is where the rings' winding number is above 0: outlines anticlockwise, holes clockwise;
// they may overlap or abut. Throws InputError where there are no rings, a setting is out of range,
// or the raster would have more than 4e7 pixels.
FeatureSizes minimum_feature(std::span<const Ring> rings, const FeatureSettings& settings = {});

}  // namespace wavesmith
