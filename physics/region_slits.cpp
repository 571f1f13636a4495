// Holes joined to their outlines; declared in region_cut.hpp.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "physics/region_cut.hpp"

namespace wavesmith {
namespace {

double cross2(const Point2& o, const Point2& a, const Point2& b) {
  return (a[0] - o[0]) * (b[1] - o[1]) - (b[0] - o[0]) * (a[1] - o[1]);
}

// Whether the direction from corner i into `to` is on the inside of an anticlockwise polygon.
bool points_inside(const Ring& polygon, std::size_t i, const Point2& to) {
  const std::size_t n = polygon.size();
  const Point2 &before = polygon[(i + n - 1) % n], &at = polygon[i], &after = polygon[(i + 1) % n];
  const bool left_of_in = cross2(before, at, to) > 0.0, left_of_out = cross2(at, after, to) > 0.0;
  return cross2(before, at, after) > 0.0 ? left_of_in && left_of_out : left_of_in || left_of_out;
}

bool on_segment(const Point2& p, const Point2& a, const Point2& b) {
  return cross2(a, b, p) == 0.0 && std::min(a[0], b[0]) <= p[0] && p[0] <= std::max(a[0], b[0]) &&
         std::min(a[1], b[1]) <= p[1] && p[1] <= std::max(a[1], b[1]);
}

// Whether a straight line between two places meets the polygon at its ends only.
bool sees(const Ring& polygon, const Point2& from, const Point2& to) {
  const std::size_t n = polygon.size();
  for (std::size_t i = 0; i < n; ++i) {
    const Point2 &a = polygon[i], &b = polygon[(i + 1) % n];
    if (std::max(a[0], b[0]) < std::min(from[0], to[0]) ||
        std::min(a[0], b[0]) > std::max(from[0], to[0]) ||
        std::max(a[1], b[1]) < std::min(from[1], to[1]) ||
        std::min(a[1], b[1]) > std::max(from[1], to[1]))
      continue;
    if (a != from && a != to && on_segment(a, from, to)) return false;
    const double sa = cross2(from, to, a), sb = cross2(from, to, b);
    const double sf = cross2(a, b, from), st = cross2(a, b, to);
    if (((sa > 0.0 && sb < 0.0) || (sa < 0.0 && sb > 0.0)) &&
        ((sf > 0.0 && st < 0.0) || (sf < 0.0 && st > 0.0)))
      return false;
  }
  return true;
}

}  // namespace

// Slits run from a hole's rightmost corner to the nearest corner that it sees to the right. There
// is one: D. Eberly, "Triangulation by ear clipping" (2002), section 5. Holes farther right come
// first, so that those still to come cannot be in the way.
Ring with_slits(const Region& region) {
  Ring polygon = region.outline;
  std::vector<const Ring*> holes;
  for (const Ring& hole : region.holes) holes.push_back(&hole);
  const auto rightmost = [](const Ring& ring) {
    return std::max_element(ring.begin(), ring.end());
  };
  std::sort(holes.begin(), holes.end(),
            [&](const Ring* a, const Ring* b) { return *rightmost(*a) > *rightmost(*b); });
  for (const Ring* hole : holes) {
    const auto start = rightmost(*hole);
    std::vector<std::pair<double, std::size_t>> candidates;
    for (std::size_t i = 0; i < polygon.size(); ++i)
      if (polygon[i][0] > (*start)[0])
        candidates.push_back(
            {std::hypot(polygon[i][0] - (*start)[0], polygon[i][1] - (*start)[1]), i});
    std::sort(candidates.begin(), candidates.end());
    const auto best = std::find_if(candidates.begin(), candidates.end(), [&](const auto& c) {
      return points_inside(polygon, c.second, *start) && sees(polygon, *start, polygon[c.second]);
    });
    WAVESMITH_VALIDATE(best != candidates.end(), "layout: a hole cannot be joined to its outline");
    const auto at = polygon.begin() + static_cast<std::ptrdiff_t>(best->second);
    const Point2 end = *at;
    std::vector<Point2> detour(start, hole->end());
    detour.insert(detour.end(), hole->begin(), start + 1);
    detour.push_back(end);
    polygon.insert(at + 1, detour.begin(), detour.end());
  }
  return polygon;
}

}  // namespace wavesmith
