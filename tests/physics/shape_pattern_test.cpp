// Shapes as parameters: shares and normals against geometry, derivatives of every number.
#include "physics/shape_pattern.hpp"

#include <gtest/gtest.h>

#include <cstdio>

#include "core/error.hpp"
#include "core/units.hpp"
#include "tests/physics/pattern_checks.hpp"

namespace wavesmith {
namespace {

using testing::Stepped;
using Point = std::array<Stepped, 2>;

DesignShape shape_of(DesignShapeKind kind, std::vector<double> numbers) {
  DesignShape shape{kind, numbers, numbers, numbers};
  const std::size_t sizes = kind == DesignShapeKind::polygon ? numbers.size() : 2;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    shape.lower[i] = i < sizes ? numbers[i] - 1.0 : 0.1 * numbers[i];
    shape.upper[i] = numbers[i] + 1.0;
  }
  return shape;
}

// One of each, apart; the polygon is concave and runs clockwise.
std::vector<DesignShape> some_shapes() {
  return {
      shape_of(DesignShapeKind::circle, {-2.0, 1.5, 0.8}),
      shape_of(DesignShapeKind::ellipse, {1.6, 1.7, 1.2, 0.6}),
      shape_of(DesignShapeKind::rectangle, {-1.8, -1.6, 0.9, 0.7}),
      shape_of(DesignShapeKind::polygon, {0.5, -0.6, 2.7, -0.5, 2.9, -2.6, 1.7, -1.4, 0.4, -2.5})};
}

Stepped product(const Point& a, const Point& b) {
  return a[0] * b[0] + a[1] * b[1];
}

// Distance and normal of one shape in complex numbers, found anew: the foot on the outline by
// looking everywhere, then by Newton's steps.
struct Near {
  Stepped distance = 1e30;
  Point normal{};
};

Near near_polygon(const std::vector<Point>& corners, const Point2& x) {
  Near near;
  double winding = 0.0;
  const std::size_t n = corners.size();
  for (std::size_t k = 0; k < n; ++k) {
    const Point &a = corners[k], &b = corners[(k + 1) % n];
    const Point side = {b[0] - a[0], b[1] - a[1]}, from = {x[0] - a[0], x[1] - a[1]};
    const Point end = {x[0] - b[0], x[1] - b[1]};
    winding += std::atan2((from[0] * end[1] - from[1] * end[0]).real(), product(from, end).real());
    Stepped share = product(from, side) / product(side, side);
    if (share.real() < 0.0) share = 0.0;
    if (share.real() > 1.0) share = 1.0;
    const Point v = {from[0] - share * side[0], from[1] - share * side[1]};
    const Stepped distance = std::sqrt(product(v, v));
    if (distance.real() < near.distance.real())
      near = {distance, {v[0] / distance, v[1] / distance}};
  }
  if (std::abs(winding) > 3.0) near = {-near.distance, {-near.normal[0], -near.normal[1]}};
  return near;
}

Near near_ellipse(const std::vector<Stepped>& q, const Point2& x) {
  const Stepped a = q[2], b = q[3];
  const auto place = [&](const Stepped& angle) {
    return Point{q[0] + a * std::cos(angle), q[1] + b * std::sin(angle)};
  };
  Stepped angle = 0.0;
  double least = 1e30;
  for (int k = 0; k < 180; ++k) {
    const Point at = place(pi * k / 90.0);
    const double distance = std::hypot(x[0] - at[0].real(), x[1] - at[1].real());
    if (distance < least) least = distance, angle = pi * k / 90.0;
  }
  for (int step = 0; step < 60; ++step) {
    const Stepped c = std::cos(angle), s = std::sin(angle);
    const Point at = place(angle), v = {x[0] - at[0], x[1] - at[1]};
    const Stepped value = -v[0] * a * s + v[1] * b * c;
    const Stepped slope = -a * a * s * s - b * b * c * c - v[0] * a * c - v[1] * b * s;
    angle -= value / slope;
  }
  const Point at = place(angle), v = {x[0] - at[0], x[1] - at[1]};
  const Point across = {b * std::cos(angle), a * std::sin(angle)};
  const Stepped length = std::sqrt(product(across, across));
  const Point normal = {across[0] / length, across[1] / length};
  return {product(v, normal), normal};
}

Near near_shape(DesignShapeKind kind, const std::vector<Stepped>& q, const Point2& x) {
  if (kind == DesignShapeKind::ellipse) return near_ellipse(q, x);
  if (kind == DesignShapeKind::circle) {
    const Point v = {x[0] - q[0], x[1] - q[1]};
    const Stepped length = std::sqrt(product(v, v));
    return {length - q[2], {v[0] / length, v[1] / length}};
  }
  std::vector<Point> corners;
  if (kind == DesignShapeKind::rectangle)
    corners = {{q[0] + q[2], q[1] + q[3]},
               {q[0] + q[2], q[1] - q[3]},
               {q[0] - q[2], q[1] - q[3]},
               {q[0] - q[2], q[1] + q[3]}};
  else
    for (std::size_t k = 0; k < q.size(); k += 2) corners.push_back({q[k], q[k + 1]});
  return near_polygon(corners, x);
}

TEST(ShapePattern, DerivativesOfEveryNumberAreExact) {
  const double radius = 0.15;
  const std::vector<Point2> points = testing::random_points(1000, -3.2, 3.2, -3.0, 3.0, 21);
  for (const DesignShape& shape : some_shapes()) {
    const ShapePattern pattern({shape});
    const std::vector<double> start = pattern.start();
    const auto linearised = [&](const std::vector<double>& along) {
      std::vector<Stepped> q;
      for (std::size_t i = 0; i < start.size(); ++i)
        q.push_back({start[i], testing::complex_step * along[i]});
      const PatternSamples here = pattern.sample(start, points, radius, 8.0);
      PatternSamples change = PatternSamples::zeros(points.size());
      for (std::size_t i = 0; i < points.size(); ++i) {
        const Near near = near_shape(shape.kind, q, points[i]);
        const Stepped fill = testing::smoothed_step_of(near.distance / radius);
        EXPECT_NEAR(fill.real(), here.fill[i], 1e-12);
        change.fill[i] = fill.imag() / testing::complex_step;
        if (std::abs(near.distance.real()) >= radius) continue;
        const Point n = near.normal;
        EXPECT_NEAR((n[0] * n[1]).real(), here.xy[i], 1e-9);
        change.xx[i] = (n[0] * n[0]).imag() / testing::complex_step;
        change.xy[i] = (n[0] * n[1]).imag() / testing::complex_step;
        change.yy[i] = (n[1] * n[1]).imag() / testing::complex_step;
      }
      return change;
    };
    // No differences here: of P alone they cross its jump at the smoothing's end.
    for (std::size_t number = 0; number < start.size(); ++number) {
      std::vector<double> direction(start.size(), 0.0);
      direction[number] = 1.0;
      const testing::PatternErrors errors =
          testing::pattern_errors(pattern, start, direction, points, radius, 8.0, 1e-4, linearised);
      std::printf("kind %d, number %zu: transpose %.1e\n", static_cast<int>(shape.kind), number,
                  errors.transpose);
      EXPECT_LT(errors.transpose, 1e-12);
    }
  }
}

// What the averages make of share and normal is P f (1 - f) and such: smooth at the ends too.
TEST(ShapePattern, AgreesWithFiniteDifferencesAllShapesTogether) {
  const ShapePattern pattern(some_shapes());
  const std::vector<double> start = pattern.start();
  const double radius = 0.15;
  const std::vector<Point2> points = testing::random_points(3000, -3.2, 3.2, -3.0, 3.0, 22);
  const PatternSamples weights = testing::random_cotangent(points.size(), 23);
  const auto loss = [&](const PatternSamples& s, PatternSamples* cotangent) {
    double sum = 0.0;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const double between = s.fill[i] * (1.0 - s.fill[i]);
      const double projector =
          weights.xx[i] * s.xx[i] + weights.xy[i] * s.xy[i] + weights.yy[i] * s.yy[i];
      sum += weights.fill[i] * s.fill[i] + between * projector;
      if (cotangent == nullptr) continue;
      cotangent->fill[i] = weights.fill[i] + (1.0 - 2.0 * s.fill[i]) * projector;
      cotangent->xx[i] = between * weights.xx[i];
      cotangent->xy[i] = between * weights.xy[i];
      cotangent->yy[i] = between * weights.yy[i];
    }
    return sum;
  };
  PatternSamples cotangent = PatternSamples::zeros(points.size());
  loss(pattern.sample(start, points, radius, 0.0), &cotangent);
  std::vector<double> gradient(start.size(), 0.0);
  pattern.pull_back(start, points, radius, 0.0, cotangent, gradient);
  for (const std::uint64_t seed : {31u, 32u, 33u}) {
    const std::vector<double> direction = testing::random_numbers(start.size(), -1.0, 1.0, seed);
    const auto at = [&](double by) {
      std::vector<double> moved = start;
      for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += by * direction[i];
      return loss(pattern.sample(moved, points, radius, 0.0), nullptr);
    };
    double along = 0.0;
    for (std::size_t i = 0; i < start.size(); ++i) along += gradient[i] * direction[i];
    const double h = 1e-5;
    const double found = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
    std::printf("all shapes: %.1e\n", std::abs(found - along) / std::abs(along));
    EXPECT_LT(std::abs(found - along), 1e-6 * std::abs(along));
  }
}

// Shares add up to areas: by the smoothing's symmetry to second order in the radius, exactly for
// straight sides.
TEST(ShapePattern, SharesAddUpToTheArea) {
  const std::vector<DesignShape> shapes = some_shapes();
  const double polygon_area =
      0.5 * std::abs(0.5 * (-0.5 + 2.5) + 2.7 * (-2.6 + 0.6) + 2.9 * (-1.4 + 0.5) +
                     1.7 * (-2.5 + 2.6) + 0.4 * (-0.6 + 1.4));
  const double areas[] = {pi * 0.64, pi * 0.72, 4.0 * 0.63, polygon_area};
  for (std::size_t s = 0; s < shapes.size(); ++s) {
    const ShapePattern pattern({shapes[s]});
    const int n = 400;
    const double step = 8.0 / n, radius = 0.05;
    std::vector<Point2> points;
    for (int j = 0; j < n; ++j)
      for (int i = 0; i < n; ++i)
        points.push_back({-4.0 + (i + 0.5) * step, -4.0 + (j + 0.5) * step});
    const PatternSamples samples = pattern.sample(pattern.start(), points, radius, 0.0);
    double sum = 0.0;
    for (const double f : samples.fill) sum += f * step * step;
    EXPECT_NEAR(sum, areas[s], 2e-3) << s;
    double ring_area = 0.0;
    const std::vector<Point2> ring = pattern.outline(pattern.start())[0];
    for (std::size_t k = 0; k < ring.size(); ++k) {
      const Point2 &a = ring[k], &b = ring[(k + 1) % ring.size()];
      ring_area += 0.5 * (a[0] * b[1] - a[1] * b[0]);
    }
    EXPECT_NEAR(ring_area, areas[s], 1e-12) << s;
  }
}

TEST(ShapePattern, ShapesUnite) {
  const DesignShape left = shape_of(DesignShapeKind::circle, {-0.4, 0.0, 0.6});
  const DesignShape right = shape_of(DesignShapeKind::circle, {0.4, 0.0, 0.6});
  const ShapePattern both({left, right}), one({left}), other({right});
  const std::vector<Point2> points = testing::random_points(2000, -1.2, 1.2, -0.8, 0.8, 3);
  const PatternSamples a = one.sample(one.start(), points, 0.1, 0.0);
  const PatternSamples b = other.sample(other.start(), points, 0.1, 0.0);
  const PatternSamples united = both.sample(both.start(), points, 0.1, 0.0);
  for (std::size_t i = 0; i < points.size(); ++i)
    EXPECT_EQ(united.fill[i], std::max(a.fill[i], b.fill[i]));
}

TEST(ShapePattern, BadShapesAreErrors) {
  using enum DesignShapeKind;
  const auto make = [](DesignShape shape) { return ShapePattern({std::move(shape)}); };
  EXPECT_THROW(ShapePattern({}), InputError);
  EXPECT_THROW(make({circle, {0.0, 0.0}, {0.0, 0.0}, {1.0, 1.0}}), InputError);
  EXPECT_THROW(make({polygon, {0.0, 0.0, 1.0, 0.0}, {0, 0, 0, 0}, {1, 1, 1, 1}}), InputError);
  EXPECT_THROW(make({circle, {0.0, 0.0, 1.0}, {0.0, 0.0, 0.0}, {1.0, 1.0, 2.0}}), InputError);
  EXPECT_THROW(make({circle, {0.0, 0.0, 1.0}, {0.0, 0.0, 0.5}, {1.0, 1.0, 0.9}}), InputError);
  EXPECT_THROW(make({circle, {0.0, 0.0, 1.0}, {0.0, 0.0}, {1.0, 1.0, 0.9}}), InputError);
  EXPECT_THROW(make(shape_of(polygon, {0.0, 0.0, 1.0, 1.0, 2.0, 2.0})), InputError);
  const ShapePattern pattern = make(shape_of(circle, {0.0, 0.0, 1.0}));
  const std::vector<Point2> points(1);
  EXPECT_THROW(pattern.sample(std::vector<double>(2, 1.0), points, 0.1, 0.0), InputError);
  EXPECT_THROW(pattern.sample(std::vector<double>(3, std::nan("")), points, 0.1, 0.0), InputError);
  EXPECT_THROW(pattern.sample(pattern.start(), points, -0.1, 0.0), InputError);
}

}  // namespace
}  // namespace wavesmith
