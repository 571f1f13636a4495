// Extruded polygons as one closed surface of triangles.
//
// Rings are triangulated by cutting ears off outlines whose holes are joined by slits (G. H.
// Meisters, Am. Math. Monthly 82, 648 (1975)); walls stand on the rings' edges alone. Corners are
// those of the rings, so that every edge belongs to two triangles.
//
// Units: metres.
#pragma once

#include <span>

#include "physics/polygon.hpp"
#include "physics/stl_solid.hpp"

namespace wavesmith {

// What lies above the region of `rings` (outlines anticlockwise, holes clockwise, simple and apart)
// between `floor` and `top` [m]. Triangles run anticlockwise seen from outside. Throws InputError
// where the rings meet, there are none, or floor is not below top.
TriangleMesh prism_mesh(std::span<const Ring> rings, double floor, double top);

// Triangles of corners of the ring, which describes a region (it may have slits); anticlockwise.
// Throws InputError where the ring has no ears left: it crosses itself.
std::vector<std::array<std::uint32_t, 3>> triangulated(std::span<const Point2> ring);

}  // namespace wavesmith
