// Solids in space: what is inside, how far its surface is, and how it cuts a small box.
//
// Two-dimensional devices are solids without an end along z (an infinite size), one-dimensional
// ones without an end along y and z. Positions and sizes in metres. A solid is a closed set; which
// side a point exactly on the surface falls is left open.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "core/yee_grid.hpp"

namespace wavesmith {

constexpr double endless = std::numeric_limits<double>::infinity();  // a size without end [m]

inline double dot(const Vec3& a, const Vec3& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
inline Vec3 operator+(const Vec3& a, const Vec3& b) {
  return {a[0] + b[0], a[1] + b[1], a[2] + b[2]};
}
inline Vec3 operator-(const Vec3& a, const Vec3& b) {
  return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}
inline Vec3 operator*(double s, const Vec3& a) {
  return {s * a[0], s * a[1], s * a[2]};
}
inline Vec3 cross(const Vec3& a, const Vec3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
double length(const Vec3& a);
Vec3 unit_vector(const Vec3& a);  // x for the zero vector

// An axis-aligned box, possibly endless.
struct Bounds {
  Vec3 lo{}, hi{};

  Vec3 centre() const { return 0.5 * (lo + hi); }
  Vec3 half() const { return 0.5 * (hi - lo); }
  double radius() const { return length(half()); }  // of the ball around it
  bool overlaps(const Bounds& other) const {
    for (std::size_t a = 0; a < 3; ++a)
      if (other.hi[a] < lo[a] || other.lo[a] > hi[a]) return false;
    return true;
  }
};

// The points x with dot(normal, x) <= offset; the normal is a unit vector and points outwards.
struct HalfSpace {
  Vec3 normal{1.0, 0.0, 0.0};
  double offset = 0.0;  // [m]
};

enum class Side { outside, inside, crossing };
enum class Cover { outside, inside, planes, unresolved };

// Largest departure of a surface from a plane, as a share of the box's diagonal, at which the
// plane stands for it: radii down to 2.7 cells of a cubic grid.
constexpr double plane_tolerance = 0.08;

class Solid {
 public:
  virtual ~Solid() = default;

  virtual bool contains(const Vec3& p) const { return signed_distance(p) < 0.0; }

  // Distance to the surface [m], negative inside. Exact, or to second order near the surface.
  virtual double signed_distance(const Vec3& p) const = 0;

  // A lower bound of the distance to the surface [m].
  virtual double clearance(const Vec3& p) const;

  // The outward unit normal at the surface point nearest to p; at edges, one of those that meet.
  virtual Vec3 normal(const Vec3& p) const = 0;

  virtual Bounds bounds() const = 0;

  // How the solid fills a small box. `planes`: `half_spaces` (cleared first) is filled, and within
  // the box their intersection is the solid, to second order in box size times curvature.
  // `unresolved`: some surface departs from a plane by more than `tolerance` diagonals; a smaller
  // box may do. An endless tolerance always gives an answer. Box sizes must be above 0.
  virtual Cover cover(const Bounds& box, double tolerance,
                      std::vector<HalfSpace>& half_spaces) const;

  // Where a box of any size lies. Rigorous: `crossing` is the answer where it is not certain.
  Side side_of(const Bounds& box) const;
};

using SolidPointer = std::shared_ptr<const Solid>;

// For solids that override cover(): one surface f < 0 after the other.
class CoverBuilder {
 public:
  CoverBuilder(const Bounds& box, double tolerance, std::vector<HalfSpace>& half_spaces);

  // An exact plane.
  void plane(const HalfSpace& half_space);
  // The sides of an axis-aligned box, possibly endless.
  void sides(const Bounds& bounds);
  // A smooth surface f = 0 with f < 0 inside, whatever its gradient's length. Its plane has the
  // differences of f across the box as normal, and the offset that keeps the mean of f, so that a
  // curved surface keeps its volume to second order.
  void surface(const std::function<double(const Vec3&)>& f);

  Cover result() const;

 private:
  Bounds box_;
  Vec3 centre_, half_;
  double tolerance_;
  std::vector<HalfSpace>& half_spaces_;
  bool outside_ = false, unresolved_ = false;
};

// The signed distance to an axis-aligned box, possibly endless, and the normal at its nearest face.
double box_distance(const Bounds& box, const Vec3& p);
Vec3 box_normal(const Bounds& box, const Vec3& p);

}  // namespace wavesmith
