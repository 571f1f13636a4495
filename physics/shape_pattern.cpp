#include "physics/shape_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

constexpr int ring_corners = 128;  // of circles and ellipses

Point2 operator-(const Point2& a, const Point2& b) {
  return {a[0] - b[0], a[1] - b[1]};
}
double dot(const Point2& a, const Point2& b) {
  return a[0] * b[0] + a[1] * b[1];
}
double norm(const Point2& a) {
  return std::hypot(a[0], a[1]);
}

// The nearest place of an outline.
struct Foot {
  double distance = std::numeric_limits<double>::infinity();  // negative inside [m]
  Point2 normal{};                                            // outward; 0: none
  // Of polygons: on the side from this corner on, at this share of its length; of ellipses: angle.
  std::size_t corner = 0;
  double share = 0.0;
};

// What a foot's distance and normal are differentiated with: cotangents of both.
struct FootCotangent {
  double distance = 0.0;
  Point2 normal{};
};

Foot circle_foot(std::span<const double> q, const Point2& x) {
  const Point2 v = {x[0] - q[0], x[1] - q[1]};
  const double l = norm(v);
  Foot foot;
  foot.distance = l - q[2];
  if (l > 0.0) foot.normal = {v[0] / l, v[1] / l};
  return foot;
}

// What turning v / |v| of a point at v from a corner or centre asks of that one.
Point2 of_turning(const Point2& direction, double length, const Point2& cotangent) {
  const double along = dot(direction, cotangent);
  return {-(cotangent[0] - along * direction[0]) / length,
          -(cotangent[1] - along * direction[1]) / length};
}

void pull_back_circle(std::span<const double> q, const Point2&, const Foot& foot,
                      const FootCotangent& cotangent, std::span<double> gradient) {
  const double l = foot.distance + q[2];
  gradient[2] -= cotangent.distance;
  if (l <= 0.0) return;
  const Point2 turned = of_turning(foot.normal, l, cotangent.normal);
  for (std::size_t d = 0; d < 2; ++d)
    gradient[d] += turned[d] - cotangent.distance * foot.normal[d];
}

// The angle of the nearest place, in the quadrant of the point: the root of
//   (x - a cos) a sin - (y - b sin) b cos, x, y >= 0, from below to above 0.
double ellipse_angle(double a, double b, double x, double y) {
  double low = 0.0, high = 0.5 * pi, angle = std::atan2(a * y, b * x);
  for (int step = 0; step < 200 && high - low > 0.0; ++step) {
    const double c = std::cos(angle), s = std::sin(angle);
    const double value = (x - a * c) * a * s - (y - b * s) * b * c;
    (value > 0.0 ? high : low) = angle;
    const double slope = a * a * s * s + b * b * c * c + (x - a * c) * a * c + (y - b * s) * b * s;
    double next = angle - value / slope;
    if (!(slope > 0.0) || !(next >= low && next <= high)) next = 0.5 * (low + high);
    if (std::abs(next - angle) <= 1e-16 * pi) return next;
    angle = next;
  }
  return angle;
}

Foot ellipse_foot(std::span<const double> q, const Point2& x) {
  const double a = q[2], b = q[3], vx = x[0] - q[0], vy = x[1] - q[1];
  const double in_quadrant = ellipse_angle(a, b, std::abs(vx), std::abs(vy));
  Foot foot;
  foot.share = std::atan2(std::copysign(std::sin(in_quadrant), vy),
                          std::copysign(std::cos(in_quadrant), vx));
  const double c = std::cos(foot.share), s = std::sin(foot.share);
  const Point2 across = {b * c, a * s};
  const double length = norm(across);
  foot.normal = {across[0] / length, across[1] / length};
  foot.distance = (vx - a * c) * foot.normal[0] + (vy - b * s) * foot.normal[1];
  return foot;
}

void pull_back_ellipse(std::span<const double> q, const Point2&, const Foot& foot,
                       const FootCotangent& cotangent, std::span<double> gradient) {
  const double a = q[2], b = q[3], d = foot.distance;
  const double c = std::cos(foot.share), s = std::sin(foot.share);
  const Point2 n = foot.normal;
  const double length = norm({b * c, a * s});

  // The distance, by the foot's motion.
  gradient[0] -= cotangent.distance * n[0];
  gradient[1] -= cotangent.distance * n[1];
  gradient[2] -= cotangent.distance * n[0] * c;
  gradient[3] -= cotangent.distance * n[1] * s;

  // The normal (b c, a s) / length, by a, b and the angle.
  const double along = dot(n, cotangent.normal);
  const Point2 across = {(cotangent.normal[0] - along * n[0]) / length,
                         (cotangent.normal[1] - along * n[1]) / length};
  gradient[2] += across[1] * s;
  gradient[3] += across[0] * c;
  const double of_angle = -across[0] * b * s + across[1] * a * c;

  // The angle, by (x - X) . X' = 0.
  const double slope = -(length * length) - d * (a * c * n[0] + b * s * n[1]);
  const double factor = -of_angle / slope;
  gradient[0] += factor * a * s;
  gradient[1] -= factor * b * c;
  gradient[2] += factor * (a * s * c - d * n[0] * s);
  gradient[3] += factor * (-b * s * c + d * n[1] * c);
}

Point2 corner_of(std::span<const double> q, std::size_t corner) {
  const std::size_t n = q.size() / 2;
  return {q[2 * (corner % n)], q[2 * (corner % n) + 1]};
}

double signed_area(std::span<const double> q) {
  double twice = 0.0;
  for (std::size_t k = 0; k < q.size() / 2; ++k) {
    const Point2 a = corner_of(q, k) - corner_of(q, 0), b = corner_of(q, k + 1) - corner_of(q, 0);
    twice += a[0] * b[1] - a[1] * b[0];
  }
  return 0.5 * twice;
}

Foot polygon_foot(std::span<const double> q, const Point2& x) {
  Foot foot;
  double nearest = std::numeric_limits<double>::infinity();
  bool inside = false;
  for (std::size_t k = 0; k < q.size() / 2; ++k) {
    const Point2 a = corner_of(q, k), b = corner_of(q, k + 1), side = b - a, from = x - a;
    if ((a[1] > x[1]) != (b[1] > x[1]) && from[0] < side[0] * from[1] / side[1]) inside = !inside;
    const double square = dot(side, side);
    const double share = square > 0.0 ? std::clamp(dot(from, side) / square, 0.0, 1.0) : 0.0;
    const Point2 v = {from[0] - share * side[0], from[1] - share * side[1]};
    const double distance = norm(v);
    if (distance >= nearest) continue;
    nearest = distance;
    foot.corner = k;
    foot.share = share;
    if (share > 0.0 && share < 1.0) {
      const double length = std::sqrt(square);
      foot.normal = {side[1] / length, -side[0] / length};
    } else {
      foot.normal = distance > 0.0 ? Point2{v[0] / distance, v[1] / distance} : Point2{};
    }
  }
  foot.distance = inside ? -nearest : nearest;
  // Outward: away from an outline that runs anticlockwise, or from a corner.
  const bool on_side = foot.share > 0.0 && foot.share < 1.0;
  if (on_side ? signed_area(q) < 0.0 : inside) foot.normal = {-foot.normal[0], -foot.normal[1]};
  return foot;
}

void pull_back_polygon(std::span<const double> q, const Point2&, const Foot& foot,
                       const FootCotangent& cotangent, std::span<double> gradient) {
  const std::size_t n = q.size() / 2, first = foot.corner, second = (foot.corner + 1) % n;
  const auto add = [&](std::size_t corner, const Point2& value) {
    gradient[2 * corner] += value[0];
    gradient[2 * corner + 1] += value[1];
  };
  const auto times = [](double factor, const Point2& v) {
    return Point2{factor * v[0], factor * v[1]};
  };
  if (foot.share <= 0.0 || foot.share >= 1.0) {
    const std::size_t corner = foot.share <= 0.0 ? first : second;
    add(corner, times(-cotangent.distance, foot.normal));
    if (foot.distance == 0.0) return;
    // The normal is sign v / |v|, of signed length `distance`.
    add(corner, of_turning(foot.normal, foot.distance, cotangent.normal));
    return;
  }
  const Point2 side = corner_of(q, second) - corner_of(q, first);
  const double length = norm(side);
  // Both ends turn the side and, with it, its normal.
  const double turn = -dot(side, cotangent.normal) / (length * length);
  add(first, times(-(1.0 - foot.share) * cotangent.distance - turn, foot.normal));
  add(second, times(-foot.share * cotangent.distance + turn, foot.normal));
}

std::array<double, 8> corners_of_rectangle(std::span<const double> q) {
  const double x = q[0], y = q[1], w = q[2], h = q[3];
  return {x - w, y - h, x + w, y - h, x + w, y + h, x - w, y + h};
}

Foot rectangle_foot(std::span<const double> q, const Point2& x) {
  return polygon_foot(corners_of_rectangle(q), x);
}

void pull_back_rectangle(std::span<const double> q, const Point2& x, const Foot& foot,
                         const FootCotangent& cotangent, std::span<double> gradient) {
  std::array<double, 8> corners{};
  pull_back_polygon(corners_of_rectangle(q), x, foot, cotangent, corners);
  constexpr std::array<double, 8> sign = {-1.0, -1.0, 1.0, -1.0, 1.0, 1.0, -1.0, 1.0};
  for (std::size_t k = 0; k < 8; ++k) {
    gradient[k % 2] += corners[k];
    gradient[2 + k % 2] += sign[k] * corners[k];
  }
}

// What each kind is, in the order of DesignShapeKind.
struct Kind {
  const char* name;
  std::size_t numbers;  // 0: six or more, two a corner
  Foot (*foot)(std::span<const double>, const Point2&);
  void (*pull_back)(std::span<const double>, const Point2&, const Foot&, const FootCotangent&,
                    std::span<double>);
};
constexpr std::array<Kind, 4> kinds = {Kind{"circle", 3, circle_foot, pull_back_circle},
                                       Kind{"ellipse", 4, ellipse_foot, pull_back_ellipse},
                                       Kind{"rectangle", 4, rectangle_foot, pull_back_rectangle},
                                       Kind{"polygon", 0, polygon_foot, pull_back_polygon}};

const Kind& kind_of(const DesignShape& shape) {
  return kinds[static_cast<std::size_t>(shape.kind)];
}

// The nearest shape to a point: its number, and where its parameters begin.
struct Nearest {
  Foot foot;
  std::size_t shape = 0, first = 0;
};

Nearest nearest_shape(const std::vector<DesignShape>& shapes, std::span<const double> parameters,
                      const Point2& x) {
  Nearest nearest;
  std::size_t first = 0;
  for (std::size_t s = 0; s < shapes.size(); ++s) {
    const std::size_t count = shapes[s].start.size();
    const Foot foot = kind_of(shapes[s]).foot(parameters.subspan(first, count), x);
    if (foot.distance < nearest.foot.distance) nearest = {foot, s, first};
    first += count;
  }
  return nearest;
}

void validate_shape(const DesignShape& shape, std::size_t number) {
  const Kind& kind = kind_of(shape);
  const std::string what = fmt::format("shape {} of the design, a {},", number + 1, kind.name);
  const std::size_t count = shape.start.size();
  if (kind.numbers > 0)
    WAVESMITH_VALIDATE(count == kind.numbers,
                       fmt::format("{} has {} numbers; it needs {}", what, count, kind.numbers));
  else
    WAVESMITH_VALIDATE(
        count >= 6 && count % 2 == 0,
        fmt::format("{} has {} numbers; it needs x and y of three corners or more", what, count));
  WAVESMITH_VALIDATE(shape.lower.size() == count && shape.upper.size() == count,
                     fmt::format("{} has {} numbers but {} lower and {} upper bounds", what, count,
                                 shape.lower.size(), shape.upper.size()));
  for (std::size_t i = 0; i < count; ++i) {
    WAVESMITH_VALIDATE(std::isfinite(shape.lower[i]) && std::isfinite(shape.upper[i]) &&
                           shape.lower[i] <= shape.start[i] && shape.start[i] <= shape.upper[i],
                       fmt::format("number {} of {} starts at {} m, not within its bounds of {} m "
                                   "to {} m",
                                   i + 1, what, shape.start[i], shape.lower[i], shape.upper[i]));
    WAVESMITH_VALIDATE(kind.numbers == 0 || i < 2 || shape.lower[i] > 0.0,
                       fmt::format("number {} of {} is a size that may become {} m; give it a "
                                   "lower bound above 0",
                                   i + 1, what, shape.lower[i]));
  }
  if (kind.numbers == 0)
    WAVESMITH_VALIDATE(signed_area(shape.start) != 0.0,
                       fmt::format("{} has no area; move its corners apart", what));
}

}  // namespace

ShapePattern::ShapePattern(std::vector<DesignShape> shapes) : shapes_(std::move(shapes)) {
  WAVESMITH_VALIDATE(!shapes_.empty(), "a design of shapes has none; give at least one");
  for (std::size_t s = 0; s < shapes_.size(); ++s) {
    validate_shape(shapes_[s], s);
    count_ += shapes_[s].start.size();
  }
}

std::vector<double> ShapePattern::all(const std::vector<double> DesignShape::*member) const {
  std::vector<double> values;
  for (const DesignShape& shape : shapes_)
    values.insert(values.end(), (shape.*member).begin(), (shape.*member).end());
  return values;
}

std::vector<double> ShapePattern::lower() const {
  return all(&DesignShape::lower);
}
std::vector<double> ShapePattern::upper() const {
  return all(&DesignShape::upper);
}
std::vector<double> ShapePattern::start() const {
  return all(&DesignShape::start);
}

void ShapePattern::validate(std::span<const double> parameters, double radius) const {
  validate_count(parameters.size(), count_, "parameters of the shapes");
  validate_all_finite(parameters, "parameters of the shapes");
  validate_positive(radius, "the smoothing radius [m]");
}

PatternSamples ShapePattern::sample(std::span<const double> parameters,
                                    std::span<const Point2> points, double radius,
                                    double /*beta*/) const {
  validate(parameters, radius);
  PatternSamples samples = PatternSamples::zeros(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Foot foot = nearest_shape(shapes_, parameters, points[i]).foot;
    const double t = foot.distance / radius;
    samples.fill[i] = smoothed_step(t).value;
    if (std::abs(t) >= 1.0) continue;
    samples.xx[i] = foot.normal[0] * foot.normal[0];
    samples.xy[i] = foot.normal[0] * foot.normal[1];
    samples.yy[i] = foot.normal[1] * foot.normal[1];
  }
  return samples;
}

void ShapePattern::pull_back(std::span<const double> parameters, std::span<const Point2> points,
                             double radius, double /*beta*/, const PatternSamples& cotangent,
                             std::span<double> gradient) const {
  validate(parameters, radius);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Nearest nearest = nearest_shape(shapes_, parameters, points[i]);
    const double t = nearest.foot.distance / radius;
    if (std::abs(t) >= 1.0) continue;
    const Point2 n = nearest.foot.normal;
    FootCotangent of_foot;
    of_foot.distance = cotangent.fill[i] * smoothed_step(t).slope / radius;
    of_foot.normal = {2.0 * cotangent.xx[i] * n[0] + cotangent.xy[i] * n[1],
                      2.0 * cotangent.yy[i] * n[1] + cotangent.xy[i] * n[0]};
    const std::size_t count = shapes_[nearest.shape].start.size();
    kind_of(shapes_[nearest.shape])
        .pull_back(parameters.subspan(nearest.first, count), points[i], nearest.foot, of_foot,
                   gradient.subspan(nearest.first, count));
  }
}

std::vector<std::vector<Point2>> ShapePattern::outline(std::span<const double> parameters) const {
  validate(parameters, 1.0);
  std::vector<std::vector<Point2>> rings;
  std::size_t first = 0;
  for (const DesignShape& shape : shapes_) {
    const std::span<const double> q = parameters.subspan(first, shape.start.size());
    first += shape.start.size();
    std::vector<Point2> ring;
    if (shape.kind == DesignShapeKind::circle || shape.kind == DesignShapeKind::ellipse) {
      const double a = q[2], b = shape.kind == DesignShapeKind::circle ? q[2] : q[3];
      const double step = 2.0 * pi / ring_corners, grown = std::sqrt(step / std::sin(step));
      for (int k = 0; k < ring_corners; ++k)
        ring.push_back(
            {q[0] + grown * a * std::cos(k * step), q[1] + grown * b * std::sin(k * step)});
    } else if (shape.kind == DesignShapeKind::rectangle) {
      const std::array<double, 8> corners = corners_of_rectangle(q);
      for (std::size_t k = 0; k < 4; ++k) ring.push_back(corner_of(corners, k));
    } else {
      for (std::size_t k = 0; k < q.size() / 2; ++k) ring.push_back(corner_of(q, k));
      if (signed_area(q) < 0.0) std::reverse(ring.begin(), ring.end());
    }
    rings.push_back(std::move(ring));
  }
  return rings;
}

}  // namespace wavesmith
