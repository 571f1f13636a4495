// A pattern of circles, ellipses, rectangles and polygons whose sizes, places and corners are the
// parameters.
//
// With d the signed distance to the nearest outline (negative inside; the least of all shapes, so
// that shapes unite) and n its gradient, the normal at the foot,
//
//   fill = smoothed_step(d / R),   P = n n^T within R of the outline.
//
// A number q moves the outline's foot X at constant distance from it: dd/dq = -n . dX/dq; dn/dq
// follows from the foot's motion along the outline.
//
// Where there is no derivative: at points as near to one outline as to another, or to two sides of
// one (its medial axis), within R of both; the fill is continuous there. At a circle's very centre
// there is no normal, and P is 0. The smoothing takes a corner by the distance to it, not by its
// area.
#pragma once

#include "physics/design_pattern.hpp"

namespace wavesmith {

enum class DesignShapeKind { circle, ellipse, rectangle, polygon };

// circle: x, y, radius. ellipse, rectangle: x, y, half width, half height. polygon: x1, y1, x2, y2
// and so on, at least three corners, wound either way. [m]
struct DesignShape {
  DesignShapeKind kind = DesignShapeKind::circle;
  std::vector<double> start;
  std::vector<double> lower, upper;  // of each number
};

class ShapePattern final : public DesignPattern {
 public:
  // Parameters are the numbers of the shapes, one shape behind the other. Throws InputError where a
  // shape has not the numbers of its kind, a start lies outside of its bounds, a size may become
  // zero or a polygon has no area. A polygon must not cross itself; nothing here checks that.
  explicit ShapePattern(std::vector<DesignShape> shapes);

  std::size_t parameter_count() const override { return count_; }
  std::vector<double> lower() const override;
  std::vector<double> upper() const override;
  std::vector<double> start() const override;
  PatternSamples sample(std::span<const double> parameters, std::span<const Point2> points,
                        double radius, double beta) const override;
  void pull_back(std::span<const double> parameters, std::span<const Point2> points, double radius,
                 double beta, const PatternSamples& cotangent,
                 std::span<double> gradient) const override;

  // A ring for each shape, circles and ellipses as polygons of the same area; rings of shapes that
  // overlap do too, as polygons of a layout may.
  std::vector<std::vector<Point2>> outline(std::span<const double> parameters) const override;

 private:
  void validate(std::span<const double> parameters, double radius) const;
  std::vector<double> all(const std::vector<double> DesignShape::*member) const;

  std::vector<DesignShape> shapes_;
  std::size_t count_ = 0;
};

}  // namespace wavesmith
