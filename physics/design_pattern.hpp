// What a design is: numbers that say what lies where in the xy plane, with exact derivatives.
//
// At a point a pattern tells the share of solid within a smoothing radius and the projector on the
// normal of the interface there, which is what the averages of physics/subpixel.hpp need. Patterns
// know neither grid nor materials: solvers/design_on_grid.hpp puts them on one.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "physics/prism_solid.hpp"  // Point2

namespace wavesmith {

// One number a point. fill: the share of solid, 0 to 1. xx, xy, yy: the elements of w n n^T, n the
// unit normal of the interface and w, 0 to 1, how much of one there is.
struct PatternSamples {
  std::vector<double> fill, xx, xy, yy;

  static PatternSamples zeros(std::size_t points) {
    const std::vector<double> none(points, 0.0);
    return {none, none, none, none};
  }
};

class DesignPattern {
 public:
  virtual ~DesignPattern() = default;

  virtual std::size_t parameter_count() const = 0;
  virtual std::vector<double> lower() const = 0;
  virtual std::vector<double> upper() const = 0;
  virtual std::vector<double> start() const = 0;

  // radius: interfaces are smoothed over it [m], about a cell. beta: strength of the
  // projection, 0 to infinity; shapes do not use it. Throws InputError where the number of
  // parameters is wrong, or radius or beta are not valid.
  virtual PatternSamples sample(std::span<const double> parameters, std::span<const Point2> points,
                                double radius, double beta) const = 0;

  // Adds the transpose of the linearised `sample`, applied to the cotangent, to `gradient`.
  virtual void pull_back(std::span<const double> parameters, std::span<const Point2> points,
                         double radius, double beta, const PatternSamples& cotangent,
                         std::span<double> gradient) const = 0;

  // What is made: outlines at full binarisation, outer rings anticlockwise and holes clockwise,
  // none closed by a repeated first corner [m].
  virtual std::vector<std::vector<Point2>> outline(std::span<const double> parameters) const = 0;
};

// The share of solid within a ball of the radius, at the distance d = t radius outside of a plane
// interface, for the kernel (15 / 16) (1 - t^2)^2 along the normal: 1 at t = -1, 0 at t = 1, with
// two continuous derivatives.
struct SmoothedStep {
  double value, slope;
};
inline SmoothedStep smoothed_step(double t) {
  if (t <= -1.0) return {1.0, 0.0};
  if (t >= 1.0) return {0.0, 0.0};
  const double s = t * t, rest = 1.0 - s;
  return {0.5 - t * (15.0 / 16.0 - s * (5.0 / 8.0 - 3.0 / 16.0 * s)), -15.0 / 16.0 * rest * rest};
}

}  // namespace wavesmith
