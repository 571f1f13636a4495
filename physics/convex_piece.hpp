// A convex polyhedron that is cut by planes again and again: exact volumes and areas of what
// planes leave of a box.
#pragma once

#include <optional>
#include <vector>

#include "physics/solid.hpp"

namespace wavesmith {

using Polygon3 = std::vector<Vec3>;  // plane and convex, corners in order

double polygon_area(const Polygon3& polygon);

// The parts of a plane polygon on either side; either may be empty.
struct SplitPolygon {
  Polygon3 inside, outside;
};
SplitPolygon split(const Polygon3& polygon, const HalfSpace& half_space);

class ConvexPiece {
 public:
  // The box with corners +-half; lengths near 1 (rounding is measured against 1).
  explicit ConvexPiece(const Vec3& half);

  double volume() const;
  bool empty() const { return faces_.empty(); }

  // Cuts this piece in two. `cut` is where the plane passes through, empty where it does not.
  struct Parts;
  Parts split(const HalfSpace& half_space) const;

 private:
  ConvexPiece() = default;

  std::vector<Polygon3> faces_;
};

struct ConvexPiece::Parts {
  ConvexPiece inside, outside;
  Polygon3 cut;
};

// How a half-space cuts the box with corners +-half: the volume within it and the area of the cut.
// R. Scardovelli, S. Zaleski, J. Comput. Phys. 164, 228 (2000), with the area as its derivative.
struct BoxCut {
  double volume = 0.0, area = 0.0;
};
BoxCut cut_box(const Vec3& half, const HalfSpace& half_space);

}  // namespace wavesmith
