// Box, ball, cylinder (also a ring or pipe) and the solid under a height map. See solid.hpp.
#pragma once

#include <vector>

#include "physics/solid.hpp"

namespace wavesmith {

// A box turned about the z axis through its centre. A size may be endless; with an angle, those
// along x and y must be finite.
class BoxSolid final : public Solid {
 public:
  // size: of the whole box [m]; angle: anticlockwise seen from +z [rad].
  BoxSolid(const Vec3& centre, const Vec3& size, double angle = 0.0);

  double signed_distance(const Vec3& p) const override;
  Vec3 normal(const Vec3& p) const override;
  Bounds bounds() const override { return bounds_; }
  Cover cover(const Bounds& box, double tolerance,
              std::vector<HalfSpace>& half_spaces) const override;

 private:
  Vec3 to_local(const Vec3& p) const;
  Vec3 turned(const Vec3& direction) const;

  Vec3 centre_;
  double cosine_, sine_;
  Bounds local_, bounds_;
};

// The box between two corners, either of which may be endless in any direction.
SolidPointer box_between(const Vec3& lo, const Vec3& hi);

class BallSolid final : public Solid {
 public:
  BallSolid(const Vec3& centre, double radius);

  double signed_distance(const Vec3& p) const override { return length(p - centre_) - radius_; }
  Vec3 normal(const Vec3& p) const override { return unit_vector(p - centre_); }
  Bounds bounds() const override;

 private:
  Vec3 centre_;
  double radius_;
};

// A cylinder along x, y or z (axis 0, 1 or 2) between two radii; an inner radius above 0 leaves a
// pipe. The length may be endless.
class CylinderSolid final : public Solid {
 public:
  CylinderSolid(const Vec3& centre, int axis, double radius, double length,
                double inner_radius = 0.0);

  double signed_distance(const Vec3& p) const override;
  Vec3 normal(const Vec3& p) const override;
  Bounds bounds() const override;
  Cover cover(const Bounds& box, double tolerance,
              std::vector<HalfSpace>& half_spaces) const override;

 private:
  double off_axis(const Vec3& p) const;  // distance from the axis [m]

  Vec3 centre_;
  std::size_t axis_, u_, v_;
  double radius_, inner_, half_length_;
};

// floor <= z <= h(x, y) over the rectangle [lo, hi] in x and y. h is bilinear between nx x ny
// samples (row-major, x fastest) that lie evenly on the rectangle, its edges included; one sample
// along an axis means that h does not vary along it. The floor may be -endless.
class HeightSolid final : public Solid {
 public:
  HeightSolid(std::array<double, 2> lo, std::array<double, 2> hi, double floor, int nx, int ny,
              std::vector<double> heights);

  double height(double x, double y) const;  // [m]; constant beyond the edges
  bool contains(const Vec3& p) const override;
  double signed_distance(const Vec3& p) const override;
  double clearance(const Vec3& p) const override;
  Vec3 normal(const Vec3& p) const override;
  Bounds bounds() const override { return bounds_; }
  Cover cover(const Bounds& box, double tolerance,
              std::vector<HalfSpace>& half_spaces) const override;

 private:
  Vec3 upward(const Vec3& p) const;  // (-dh/dx, -dh/dy, 1)

  std::array<double, 2> lo_, pitch_;
  std::array<int, 2> n_;
  std::vector<double> heights_;
  double steepest_ = 0.0;  // bound of the slope |grad h|
  Bounds bounds_;
};

}  // namespace wavesmith
