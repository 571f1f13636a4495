#include "physics/convex_piece.hpp"

#include <algorithm>
#include <cmath>

namespace wavesmith {
namespace {

// Corners nearer to a plane than this are on it.
constexpr double on_plane = 1e-12;

double side(const HalfSpace& h, const Vec3& p) {
  const double s = dot(h.normal, p) - h.offset;
  return std::abs(s) < on_plane ? 0.0 : s;
}

// Sutherland and Hodgman, Commun. ACM 17, 32 (1974), for both sides at once. Corners on the plane
// and points where edges pass it are also added to `passes`.
SplitPolygon split_noting(const Polygon3& polygon, const HalfSpace& half_space,
                          std::vector<Vec3>& passes) {
  SplitPolygon parts;
  const std::size_t n = polygon.size();
  for (std::size_t i = 0; i < n; ++i) {
    const Vec3 &a = polygon[i], &b = polygon[(i + 1) % n];
    const double sa = side(half_space, a), sb = side(half_space, b);
    if (sa <= 0.0) parts.inside.push_back(a);
    if (sa >= 0.0) parts.outside.push_back(a);
    if (sa == 0.0) passes.push_back(a);
    if (sa * sb < 0.0) {
      const Vec3 p = a + (sa / (sa - sb)) * (b - a);
      parts.inside.push_back(p);
      parts.outside.push_back(p);
      passes.push_back(p);
    }
  }
  if (parts.inside.size() < 3) parts.inside.clear();
  if (parts.outside.size() < 3) parts.outside.clear();
  return parts;
}

// The points of a convex polygon, in any order and some more than once, in order.
Polygon3 ordered(std::vector<Vec3> points, const Vec3& normal) {
  Vec3 middle{};
  for (const Vec3& p : points) middle = middle + (1.0 / static_cast<double>(points.size())) * p;
  const Vec3 u = unit_vector(
      cross(normal, std::abs(normal[0]) < 0.7 ? Vec3{1.0, 0.0, 0.0} : Vec3{0.0, 1.0, 0.0}));
  const Vec3 v = cross(normal, u);
  std::vector<std::pair<double, Vec3>> by_angle;
  by_angle.reserve(points.size());
  for (const Vec3& p : points)
    by_angle.emplace_back(std::atan2(dot(p - middle, v), dot(p - middle, u)), p);
  std::sort(by_angle.begin(), by_angle.end());
  Polygon3 polygon;
  for (const auto& [angle, p] : by_angle)
    if (polygon.empty() || length(p - polygon.back()) > 1e-13) polygon.push_back(p);
  while (polygon.size() > 1 && length(polygon.front() - polygon.back()) <= 1e-13)
    polygon.pop_back();
  return polygon;
}

Vec3 area_vector(const Polygon3& polygon) {
  Vec3 sum{};
  for (std::size_t i = 1; i + 1 < polygon.size(); ++i)
    sum = sum + 0.5 * cross(polygon[i] - polygon[0], polygon[i + 1] - polygon[0]);
  return sum;
}

}  // namespace

double polygon_area(const Polygon3& polygon) {
  return length(area_vector(polygon));
}

SplitPolygon split(const Polygon3& polygon, const HalfSpace& half_space) {
  std::vector<Vec3> ignored;
  return split_noting(polygon, half_space, ignored);
}

ConvexPiece::ConvexPiece(const Vec3& half) {
  for (std::size_t a = 0; a < 3; ++a)
    for (const double sign : {-1.0, 1.0}) {
      const std::size_t u = (a + 1) % 3, v = (a + 2) % 3;
      Polygon3 face(4);
      for (std::size_t corner = 0; corner < 4; ++corner) {
        face[corner][a] = sign * half[a];
        face[corner][u] = corner == 1 || corner == 2 ? half[u] : -half[u];
        face[corner][v] = corner >= 2 ? half[v] : -half[v];
      }
      faces_.push_back(std::move(face));
    }
}

double ConvexPiece::volume() const {
  if (faces_.empty()) return 0.0;
  // Pyramids from a corner to every face.
  const Vec3 tip = faces_[0][0];
  double sum = 0.0;
  for (const Polygon3& face : faces_) sum += std::abs(dot(area_vector(face), face[0] - tip)) / 3.0;
  return sum;
}

ConvexPiece::Parts ConvexPiece::split(const HalfSpace& half_space) const {
  double least = 0.0, most = 0.0;
  for (const Polygon3& face : faces_)
    for (const Vec3& p : face) {
      const double s = side(half_space, p);
      least = std::min(least, s);
      most = std::max(most, s);
    }
  Parts parts;
  if (most == 0.0) {
    parts.inside = *this;
    return parts;
  }
  if (least == 0.0) {
    parts.outside = *this;
    return parts;
  }
  std::vector<Vec3> passes;
  for (const Polygon3& face : faces_) {
    SplitPolygon halves = split_noting(face, half_space, passes);
    if (!halves.inside.empty()) parts.inside.faces_.push_back(std::move(halves.inside));
    if (!halves.outside.empty()) parts.outside.faces_.push_back(std::move(halves.outside));
  }
  parts.cut = ordered(std::move(passes), half_space.normal);
  if (parts.cut.size() < 3) parts.cut.clear();
  if (!parts.cut.empty()) {
    parts.inside.faces_.push_back(parts.cut);
    parts.outside.faces_.push_back(parts.cut);
  }
  return parts;
}

BoxCut cut_box(const Vec3& half, const HalfSpace& half_space) {
  // In the unit cube the half-space is m . x < alpha, all m >= 0, sum of m = 1, m1 <= m2 <= m3.
  Vec3 m;
  for (std::size_t a = 0; a < 3; ++a) m[a] = 2.0 * half[a] * std::abs(half_space.normal[a]);
  const double reach = m[0] + m[1] + m[2];
  const double box = 8.0 * half[0] * half[1] * half[2];
  const double position = 0.5 + half_space.offset / reach;
  if (position <= 0.0) return {0.0, 0.0};
  if (position >= 1.0) return {box, 0.0};
  m = (1.0 / reach) * m;
  std::sort(m.begin(), m.end());
  const double m1 = m[0], m2 = m[1], m3 = m[2];
  // Rounding would be divided by m1; what is exactly 0 needs no such division.
  if (m1 > 0.0 && m1 < 1e-4) {
    const ConvexPiece::Parts parts = ConvexPiece(half).split(half_space);
    return {parts.inside.volume(), polygon_area(parts.cut)};
  }
  const double alpha = std::min(position, 1.0 - position);
  double volume = 0.0, slope = 0.0;  // d volume / d alpha
  if (alpha < m1) {
    volume = alpha * alpha * alpha / (6.0 * m1 * m2 * m3);
    slope = 3.0 * volume / alpha;
  } else if (alpha < m2) {
    volume = alpha * (alpha - m1) / (2.0 * m2 * m3) + m1 * m1 / (6.0 * m2 * m3);
    slope = (2.0 * alpha - m1) / (2.0 * m2 * m3);
  } else if (alpha >= m1 + m2) {
    volume = (2.0 * alpha - m1 - m2) / (2.0 * m3);
    slope = 1.0 / m3;
  } else {
    const double a1 = alpha - m1, a2 = alpha - m2, a3 = std::max(0.0, alpha - m3);
    const double cubes = alpha * alpha * alpha - a1 * a1 * a1 - a2 * a2 * a2 - a3 * a3 * a3;
    volume = cubes / (6.0 * m1 * m2 * m3);
    slope = (alpha * alpha - a1 * a1 - a2 * a2 - a3 * a3) / (2.0 * m1 * m2 * m3);
  }
  if (position > 0.5) volume = 1.0 - volume;
  // Moving the plane by a distance d changes alpha by d / reach.
  return {box * volume, box * slope / reach};
}

}  // namespace wavesmith
