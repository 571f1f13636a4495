#include "physics/shape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "physics/names.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

constexpr std::array<NamedValue<ShapeKind>, 4> shape_names{{
    {"rectangle", ShapeKind::rectangle},
    {"circle", ShapeKind::circle},
    {"ring", ShapeKind::ring},
    {"slits", ShapeKind::slits},
}};

double overlap(double low1, double high1, double low2, double high2) {
  return std::max(0.0, std::min(high1, high2) - std::max(low1, low2));
}

// Integral of sqrt(r^2 - x^2) from 0 to x.
double half_circle_integral(double x, double r) {
  const double s = std::clamp(x / r, -1.0, 1.0);
  return 0.5 * r * r * (s * std::sqrt(1.0 - s * s) + std::asin(s));
}

// Integral over x0..x1 (inside -r..r) of y limited to the circle: min(y, sqrt(r^2 - x^2)), y >= 0.
double limited_integral(double x0, double x1, double y, double r) {
  if (y >= r) return half_circle_integral(x1, r) - half_circle_integral(x0, r);
  const double flat = std::sqrt(r * r - y * y);
  double sum = y * overlap(x0, x1, -flat, flat);
  if (x0 < -flat) {
    sum += half_circle_integral(std::min(x1, -flat), r) - half_circle_integral(x0, r);
  }
  if (x1 > flat) sum += half_circle_integral(x1, r) - half_circle_integral(std::max(x0, flat), r);
  return sum;
}

// Area common to the circle about the origin and the rectangle.
double circle_overlap(double r, double x0, double x1, double y0, double y1) {
  x0 = std::max(x0, -r);
  x1 = std::min(x1, r);
  if (x0 >= x1 || y0 >= r || y1 <= -r) return 0.0;
  const auto signed_integral = [&](double y) {
    return y < 0.0 ? -limited_integral(x0, x1, -y, r) : limited_integral(x0, x1, y, r);
  };
  return std::max(0.0, signed_integral(y1) - signed_integral(y0));
}

// Share of a cell inside a circle, without rounding in the cells that the edge does not cut.
double circle_share(double diameter, double x, double y, double dx, double dy) {
  const double r = 0.5 * diameter;
  if (r <= 0.0) return 0.0;
  const double far = std::hypot(std::abs(x) + 0.5 * dx, std::abs(y) + 0.5 * dy);
  if (far <= r) return 1.0;
  const double near =
      std::hypot(std::max(0.0, std::abs(x) - 0.5 * dx), std::max(0.0, std::abs(y) - 0.5 * dy));
  if (near >= r) return 0.0;
  const double common = circle_overlap(r, x - 0.5 * dx, x + 0.5 * dx, y - 0.5 * dy, y + 0.5 * dy);
  return std::clamp(common / (dx * dy), 0.0, 1.0);
}

// Share of the interval x - d/2 .. x + d/2 inside -half .. half. Edges that fall on the border of a
// cell but for the rounding of lengths in metres count as falling on it.
double interval_share(double half, double x, double d) {
  const double share = overlap(x - 0.5 * d, x + 0.5 * d, -half, half) / d;
  constexpr double rounding = 1e-9;
  if (share < rounding) return 0.0;
  return share > 1.0 - rounding ? 1.0 : share;
}

double rectangle_share(double width, double height, double x, double y, double dx, double dy) {
  return interval_share(0.5 * width, x, dx) * interval_share(0.5 * height, y, dy);
}

}  // namespace

Shape rectangle_at(double x, double y, double width, double height) {
  Shape shape;
  shape.kind = ShapeKind::rectangle;
  shape.x = x;
  shape.y = y;
  shape.width = width;
  shape.height = height;
  return shape;
}

Shape circle_at(double x, double y, double diameter) {
  Shape shape;
  shape.kind = ShapeKind::circle;
  shape.x = x;
  shape.y = y;
  shape.diameter = diameter;
  return shape;
}

Shape ring_at(double x, double y, double inner_diameter, double outer_diameter) {
  Shape shape = circle_at(x, y, outer_diameter);
  shape.kind = ShapeKind::ring;
  shape.inner_diameter = inner_diameter;
  return shape;
}

void validate_shape(const Shape& shape, const std::string& what) {
  validate_finite(shape.x, what + ": centre x [m]");
  validate_finite(shape.y, what + ": centre y [m]");
  const bool is_round = shape.kind == ShapeKind::circle || shape.kind == ShapeKind::ring;
  if (is_round) {
    validate_positive(shape.diameter, what + ": diameter [m]");
  } else {
    validate_positive(shape.width, what + ": width [m]");
    validate_positive(shape.height, what + ": height [m]");
  }
  if (shape.kind == ShapeKind::ring) {
    validate_not_negative(shape.inner_diameter, what + ": inner_diameter [m]");
    WAVESMITH_VALIDATE(shape.inner_diameter < shape.diameter,
                       fmt::format("{}: inner_diameter {} m must be below diameter {} m", what,
                                   shape.inner_diameter, shape.diameter));
  }
  if (shape.kind == ShapeKind::slits) {
    WAVESMITH_VALIDATE(shape.count >= 1 && shape.count <= 100000,
                       fmt::format("{}: count is {}; give 1 to 100000 slits", what, shape.count));
    WAVESMITH_VALIDATE(shape.count == 1 || shape.pitch >= shape.width,
                       fmt::format("{}: slits {} m wide overlap at a pitch of {} m; make the pitch "
                                   "at least the width",
                                   what, shape.width, shape.pitch));
  }
}

double share_of_cell(const Shape& shape, double x, double y, double dx, double dy) {
  x -= shape.x;
  y -= shape.y;
  switch (shape.kind) {
    case ShapeKind::rectangle:
      return rectangle_share(shape.width, shape.height, x, y, dx, dy);
    case ShapeKind::circle:
      return circle_share(shape.diameter, x, y, dx, dy);
    case ShapeKind::ring:
      return circle_share(shape.diameter, x, y, dx, dy) -
             circle_share(shape.inner_diameter, x, y, dx, dy);
    case ShapeKind::slits: {
      // Only the slits that can touch the cell.
      const double reach = 0.5 * (dx + shape.width), middle = 0.5 * (shape.count - 1);
      const double pitch = shape.count > 1 ? shape.pitch : shape.width;
      const double first = std::max(0.0, std::ceil((x - reach) / pitch + middle));
      const double last = std::min(shape.count - 1.0, std::floor((x + reach) / pitch + middle));
      double share = 0.0;
      for (double slit = first; slit <= last; slit += 1.0)
        share += rectangle_share(shape.width, shape.height, x - (slit - middle) * pitch, y, dx, dy);
      return std::min(share, 1.0);
    }
  }
  return 0.0;
}

std::vector<double> coverage(const Shape& shape, const Plane& plane) {
  std::vector<double> share(plane.size());
  std::size_t sample = 0;
  for (int j = 0; j < plane.ny; ++j)
    for (int i = 0; i < plane.nx; ++i, ++sample)
      share[sample] = share_of_cell(shape, plane.x(i), plane.y(j), plane.dx, plane.dy);
  return share;
}

double area(const Shape& shape) {
  constexpr double pi = std::numbers::pi;
  switch (shape.kind) {
    case ShapeKind::rectangle:
      return shape.width * shape.height;
    case ShapeKind::circle:
      return 0.25 * pi * shape.diameter * shape.diameter;
    case ShapeKind::ring:
      return 0.25 * pi * (shape.diameter - shape.inner_diameter) *
             (shape.diameter + shape.inner_diameter);
    case ShapeKind::slits:
      return shape.count * shape.width * shape.height;
  }
  return 0.0;
}

ShapeKind shape_from_name(const std::string& name) {
  return value_from_name<ShapeKind>(shape_names, name, "shape");
}

}  // namespace wavesmith
