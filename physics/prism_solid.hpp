// A prism over a polygon in the xy plane, with upright or slanted walls.
//
// At height z the cross-section is the polygon with every wall moved inwards by
// (z - reference) tan(slant) and the corners where the moved walls meet (a mitred offset), so each
// wall is a plane at `slant` to the vertical, as an etched side wall.
//
// Assumptions: the polygon may be concave and wound either way, but must not cross itself. A hole
// joined to the outline by a slit (two coincident edges, as GDSII files have) is understood. The
// offset must not swallow an edge between the floor and the top.
#pragma once

#include <array>
#include <vector>

#include "physics/polygon.hpp"
#include "physics/solid.hpp"
#include "physics/spatial_bins.hpp"

namespace wavesmith {

// Where the corners given to PrismSolid lie.
enum class SlantReference { floor, middle, top };

class PrismSolid final : public Solid {
 public:
  // `corners`: at least 3, not closed by a repeated first one. floor < top, each finite or endless
  // (then without slant). `slant`: from the vertical, above 0 where the prism narrows upwards,
  // within +-80 degrees [rad].
  PrismSolid(std::vector<Point2> corners, double floor, double top, double slant = 0.0,
             SlantReference reference = SlantReference::floor);

  bool contains(const Vec3& p) const override;
  double signed_distance(const Vec3& p) const override;
  double clearance(const Vec3& p) const override;
  Vec3 normal(const Vec3& p) const override;
  Bounds bounds() const override { return bounds_; }
  Cover cover(const Bounds& box, double tolerance,
              std::vector<HalfSpace>& half_spaces) const override;

 private:
  // A wall from a to b at the reference height, with the inside on its left; the ends move by
  // `drift` for each metre that the walls move inwards.
  struct Wall {
    Point2 a{}, b{}, a_drift{}, b_drift{}, outward{};
    std::size_t next = 0;
  };
  struct Foot {
    std::size_t wall = 0;
    Point2 point{};       // the nearest point of the cross-section's outline
    double distance = 0;  // in the plane [m]
  };

  void build_walls(const std::vector<Point2>& corners);
  void set_drifts();
  void validate_walls() const;
  double inset(double z) const;  // how far the walls have moved inwards at z [m]
  std::array<Point2, 2> ends(const Wall& wall, double inset) const;
  bool in_section(const Point2& p, double inset) const;
  Foot foot(const Vec3& p) const;
  double wall_distance(const Vec3& p) const;  // [m], negative inside; ignores floor and top
  HalfSpace plane_of(const Wall& wall) const;

  double floor_, top_, reference_ = 0.0;
  double tangent_, cosine_;
  double spread_ = 1.0;  // the largest |drift|
  std::vector<Wall> walls_;
  std::vector<SpatialBins> bins_;  // walls in the plane, and by y alone, for rays along x
  Bounds bounds_;
};

}  // namespace wavesmith
