// Whether polygons are what a prism can stand on: where they cross or touch themselves.
//
// A polygon describes a region when its winding number is 0 or s at every point, s = 1 or -1 for
// the whole polygon. It may touch itself (the slit that joins a hole to the outline is there in
// both directions), but not cross itself: where two edges cross, winding numbers of two or of both
// signs meet. find_crossing checks just that: proper crossings of edges, and the winding numbers
// beside every piece of every edge between the corners that lie on it.
//
// Points closer than 1e-10 of the extent count as the same place.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "physics/polygon.hpp"

namespace wavesmith {

struct Crossing {
  Point2 place{};          // [m]
  std::size_t ring_a = 0;  // which ring; 0 where there is only one
  std::size_t edge_a = 0;  // from corner edge_a to the next one
  std::size_t ring_b = 0;
  std::size_t edge_b = 0;  // the other edge; edge_a where a part is wound the wrong way
};

// The first place found at which the polygon crosses itself; none where it describes a region.
// Finite points; fewer than three are no crossing. Some 1e5 points a second.
std::optional<Crossing> find_crossing(std::span<const Point2> polygon);

// Everywhere that two edges of the rings meet, crossing or only touching, other than neighbours in
// the corner that they share; of neighbours, where one turns back onto the other. Nothing for rings
// that are simple and apart from each other.
std::vector<Crossing> find_contacts(std::span<const Ring> rings);

// A place in messages: "(1.25, -0.5) um".
std::string place_text(const Point2& place);

}  // namespace wavesmith
