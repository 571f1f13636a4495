// From pixels to outlines: rings about the region where an interpolated field exceeds a level.
//
// The field is bilinear between pixel centres and constant from the outermost centres to the
// region's border (the edge pixels' values). Its level set is taken by marching squares: corners
// lie on the lines between neighbouring centres, where the field, linear there, has the level, and
// a cell is crossed by straight edges. So corners are exact and areas have an error of order h^2.
// In a cell whose corners alternate, the value at the saddle point of the interpolant decides which
// corners are joined. G. M. Nielson and B. Hamann, "The asymptotic decider", Visualization '91.
//
// The region ends at the pixels' outer edges: what is solid there is cut straight.
//
// Rings neither cross nor touch themselves or each other: corners keep a distance from pixel
// centres, which keeps edges of different rings apart by about that much.
#pragma once

#include <span>
#include <vector>

#include "core/plane.hpp"
#include "physics/polygon.hpp"

namespace wavesmith {

struct ContourSettings {
  // Least distance of corners from pixel centres [m], at most 0.45 pitches. 0: a thousandth of the
  // pitch. Twice the database unit where the rings are to be rounded for a file: then rounding
  // makes nothing touch.
  double gap = 0.0;
  // How far the simplified rings may depart from the level set's [m]; see simplified(). 0: only
  // corners on straight lines are left out.
  double tolerance = 0.0;
};

// `values` over `pixels` (row-major, x fastest), finite. Solid is where they exceed `level`. Outer
// rings run anticlockwise, holes clockwise. Throws InputError where the plane or the values are
// none, or the gap too wide.
std::vector<Ring> contour(const Plane& pixels, std::span<const double> values, double level,
                          const ContourSettings& settings = {});

// Rings with fewer corners, all of them corners of `rings`, that stay within `tolerance` [m] of
// them: D. H. Douglas and T. K. Peucker, Cartographica 10, 112 (1973). Where that would make rings
// meet, or pass over another ring, corners are kept until it does not. `rings` must be simple and
// apart from each other.
std::vector<Ring> simplified(std::span<const Ring> rings, double tolerance);

}  // namespace wavesmith
