#include "physics/prism_solid.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <set>

#include "core/error.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

Point2 minus(const Point2& a, const Point2& b) {
  return {a[0] - b[0], a[1] - b[1]};
}
double dot2(const Point2& a, const Point2& b) {
  return a[0] * b[0] + a[1] * b[1];
}
double cross2(const Point2& a, const Point2& b) {
  return a[0] * b[1] - a[1] * b[0];
}
double length2(const Point2& a) {
  return std::hypot(a[0], a[1]);
}

std::string text(const Point2& p) {
  return "(" + std::to_string(1e6 * p[0]) + ", " + std::to_string(1e6 * p[1]) + ") um";
}

Point2 nearest_on_segment(const Point2& p, const Point2& a, const Point2& b) {
  const Point2 ab = minus(b, a);
  const double t = std::clamp(dot2(minus(p, a), ab) / dot2(ab, ab), 0.0, 1.0);
  return {a[0] + t * ab[0], a[1] + t * ab[1]};
}

// Whether a ray from p towards +x meets the edge; half open in y, so that a corner counts once.
bool ray_meets(const Point2& p, const Point2& a, const Point2& b) {
  if ((a[1] > p[1]) == (b[1] > p[1])) return false;
  // The same ends in the same order give the same rounding, whichever way the edge runs.
  const Point2 &low = a[1] < b[1] ? a : b, &high = a[1] < b[1] ? b : a;
  return low[0] + (p[1] - low[1]) / (high[1] - low[1]) * (high[0] - low[0]) > p[0];
}

}  // namespace

PrismSolid::PrismSolid(std::vector<Point2> corners, double floor, double top, double slant,
                       SlantReference reference)
    : floor_(floor), top_(top), tangent_(std::tan(slant)), cosine_(std::cos(slant)) {
  validate_between(slant, -80.0 * std::numbers::pi / 180.0, 80.0 * std::numbers::pi / 180.0,
                   "prism: slant");
  WAVESMITH_VALIDATE(floor < top, "prism: its floor (" + std::to_string(floor) +
                                      " m) must be below its top (" + std::to_string(top) + " m)");
  WAVESMITH_VALIDATE(slant == 0.0 || (std::isfinite(floor) && std::isfinite(top)),
                     "prism: slanted walls need a finite floor and top");
  for (const Point2& p : corners)
    WAVESMITH_VALIDATE(std::isfinite(p[0]) && std::isfinite(p[1]),
                       "prism: a corner of its polygon is not finite");
  if (slant != 0.0)
    reference_ = reference == SlantReference::floor ? floor
                 : reference == SlantReference::top ? top
                                                    : 0.5 * (floor + top);
  corners.erase(std::unique(corners.begin(), corners.end()), corners.end());
  while (corners.size() > 1 && corners.front() == corners.back()) corners.pop_back();
  WAVESMITH_VALIDATE(corners.size() >= 3, "prism: a polygon needs three different corners or more");
  build_walls(corners);
  set_drifts();

  bounds_ = {{endless, endless, floor}, {-endless, -endless, top}};
  std::vector<Bounds> boxes;
  for (const Wall& wall : walls_) {
    Bounds box{{endless, endless, 0.0}, {-endless, -endless, 0.0}};
    for (const double z : {floor, top})
      for (const Point2& p : ends(wall, inset(z)))
        for (std::size_t a = 0; a < 2; ++a) {
          box.lo[a] = std::min(box.lo[a], p[a]);
          box.hi[a] = std::max(box.hi[a], p[a]);
        }
    for (std::size_t a = 0; a < 2; ++a) {
      bounds_.lo[a] = std::min(bounds_.lo[a], box.lo[a]);
      bounds_.hi[a] = std::max(bounds_.hi[a], box.hi[a]);
    }
    boxes.push_back(box);
  }
  bins_.emplace_back(boxes, bin_counts(bounds_, walls_.size(), {true, true, false}));
  const auto rows = static_cast<int>(std::min<std::size_t>(walls_.size(), 2048));
  bins_.emplace_back(boxes, std::array<int, 3>{1, rows, 1});
  validate_walls();
}

// Edges that are there in both directions bound nothing (the slit to a hole) and are left out.
void PrismSolid::build_walls(const std::vector<Point2>& corners) {
  std::map<std::pair<Point2, Point2>, int> balance;
  const std::size_t n = corners.size();
  for (std::size_t i = 0; i < n; ++i) {
    ++balance[{corners[i], corners[(i + 1) % n]}];
    --balance[{corners[(i + 1) % n], corners[i]}];
  }
  for (std::size_t i = 0; i < n; ++i) {
    int& count = balance[{corners[i], corners[(i + 1) % n]}];
    if (count <= 0) continue;
    --count;
    walls_.push_back({corners[i], corners[(i + 1) % n], {}, {}, {}, 0});
  }
  WAVESMITH_VALIDATE(walls_.size() >= 3, "prism: its polygon encloses no area");

  double area = 0.0, extent = 0.0;
  for (const Wall& wall : walls_) {
    const Point2 from = minus(wall.a, walls_[0].a), to = minus(wall.b, walls_[0].a);
    area += 0.5 * cross2(from, to);
    extent += std::abs(from[0] * to[1]) + std::abs(from[1] * to[0]);
  }
  WAVESMITH_VALIDATE(std::abs(area) > 1e-12 * extent, "prism: its polygon encloses no area");
  if (area < 0.0)
    for (Wall& wall : walls_) std::swap(wall.a, wall.b);

  std::multimap<Point2, std::size_t> starting;
  for (std::size_t w = 0; w < walls_.size(); ++w) starting.emplace(walls_[w].a, w);
  for (Wall& wall : walls_) {
    const Point2 along = minus(wall.b, wall.a);
    wall.outward = {along[1] / length2(along), -along[0] / length2(along)};
    // Where several walls start, the one that turns most to the left stays with this outline.
    const auto [first, last] = starting.equal_range(wall.b);
    double best = -10.0;
    for (auto it = first; it != last; ++it) {
      const Point2 next = minus(walls_[it->second].b, wall.b);
      const double turn = std::atan2(cross2(along, next), dot2(along, next));
      if (turn > best) {
        best = turn;
        wall.next = it->second;
      }
    }
  }
}

void PrismSolid::set_drifts() {
  for (Wall& wall : walls_) {
    Wall& next = walls_[wall.next];
    // The corner moves so that it stays on both walls: dot(drift, outward) = -1 for each.
    const double turn = 1.0 + dot2(wall.outward, next.outward);
    if (tangent_ == 0.0) continue;
    WAVESMITH_VALIDATE(turn > 1e-3, "prism: the polygon turns back on itself at " + text(wall.b) +
                                        ", where slanted walls do not meet; blunt the corner");
    const Point2 drift{-(wall.outward[0] + next.outward[0]) / turn,
                       -(wall.outward[1] + next.outward[1]) / turn};
    wall.b_drift = next.a_drift = drift;
    spread_ = std::max(spread_, length2(drift));
  }
}

void PrismSolid::validate_walls() const {
  for (const double z : {floor_, top_}) {
    const double moved = inset(z);
    for (std::size_t w = 0; w < walls_.size(); ++w) {
      const Wall& wall = walls_[w];
      const auto [a, b] = ends(wall, moved);
      WAVESMITH_VALIDATE(dot2(minus(b, a), minus(wall.b, wall.a)) > 0.0,
                         "prism: its slanted walls meet before the " +
                             std::string(z == floor_ ? "floor" : "top") + " at " + text(wall.a) +
                             "; lower the slant or the height, or simplify the polygon there");
      const Bounds box{{std::min(a[0], b[0]), std::min(a[1], b[1]), 0.0},
                       {std::max(a[0], b[0]), std::max(a[1], b[1]), 0.0}};
      for (const std::uint32_t other : bins_[0].within(box)) {
        if (other <= w) continue;
        const auto [c, d] = ends(walls_[other], moved);
        // Walls on one line that do not reach each other: their products are rounding.
        if (std::max(c[0], d[0]) < box.lo[0] || std::min(c[0], d[0]) > box.hi[0] ||
            std::max(c[1], d[1]) < box.lo[1] || std::min(c[1], d[1]) > box.hi[1])
          continue;
        const Point2 ab = minus(b, a), cd = minus(d, c);
        const double sc = cross2(ab, minus(c, a)), sd = cross2(ab, minus(d, a));
        const double sa = cross2(cd, minus(a, c)), sb = cross2(cd, minus(b, c));
        const bool crosses =
            sc * sd < 0.0 && sa * sb < 0.0 && walls_[w].next != other && walls_[other].next != w;
        WAVESMITH_VALIDATE(!crosses, "prism: its polygon crosses itself near " + text(a) +
                                         (tangent_ == 0.0 ? "" : " once its walls are slanted") +
                                         "; cut it into polygons that do not");
      }
    }
  }
}

double PrismSolid::inset(double z) const {
  return tangent_ == 0.0 ? 0.0 : (z - reference_) * tangent_;
}

std::array<Point2, 2> PrismSolid::ends(const Wall& wall, double inset) const {
  if (inset == 0.0) return {wall.a, wall.b};
  return {Point2{wall.a[0] + inset * wall.a_drift[0], wall.a[1] + inset * wall.a_drift[1]},
          Point2{wall.b[0] + inset * wall.b_drift[0], wall.b[1] + inset * wall.b_drift[1]}};
}

bool PrismSolid::in_section(const Point2& p, double inset) const {
  if (p[0] > bounds_.hi[0] || p[0] < bounds_.lo[0]) return false;
  bool inside = false;
  for (const std::uint32_t w : bins_[1].at({p[0], p[1], 0.0})) {
    const auto [a, b] = ends(walls_[w], inset);
    inside ^= ray_meets(p, a, b);
  }
  return inside;
}

bool PrismSolid::contains(const Vec3& p) const {
  return p[2] >= floor_ && p[2] <= top_ && in_section({p[0], p[1]}, inset(p[2]));
}

PrismSolid::Foot PrismSolid::foot(const Vec3& p) const {
  const Point2 q{p[0], p[1]};
  // Above the top and below the floor the walls end; beyond, their ends are what is nearest.
  const double moved = inset(std::clamp(p[2], floor_, top_));
  const auto nearest = bins_[0].nearest({p[0], p[1], 0.0}, [&](std::size_t w) {
    const auto [a, b] = ends(walls_[w], moved);
    return length2(minus(q, nearest_on_segment(q, a, b)));
  });
  const auto [a, b] = ends(walls_[nearest.item], moved);
  return {nearest.item, nearest_on_segment(q, a, b), nearest.distance};
}

double PrismSolid::wall_distance(const Vec3& p) const {
  const double distance = foot(p).distance * cosine_;
  return in_section({p[0], p[1]}, inset(std::clamp(p[2], floor_, top_))) ? -distance : distance;
}

double PrismSolid::signed_distance(const Vec3& p) const {
  const double wall = wall_distance(p), end = std::max(floor_ - p[2], p[2] - top_);
  if (tangent_ == 0.0 && wall > 0.0 && end > 0.0) return std::hypot(wall, end);
  return std::max(wall, end);
}

double PrismSolid::clearance(const Vec3& p) const {
  const double end = std::max(floor_ - p[2], p[2] - top_);
  const double far = bins_[0].distance_bound({p[0], p[1], 0.0});
  // A corner's edge leans more than its walls do.
  const double lean = 1.0 / std::hypot(1.0, spread_ * tangent_);
  const double wall = (far > 0.0 ? far : foot(p).distance) * lean;
  if (end > 0.0) return end;
  return in_section({p[0], p[1]}, inset(p[2])) ? std::min(wall, -end) : wall;
}

HalfSpace PrismSolid::plane_of(const Wall& wall) const {
  const Vec3 n{cosine_ * wall.outward[0], cosine_ * wall.outward[1],
               tangent_ == 0.0 ? 0.0 : cosine_ * tangent_};
  return {n, dot(n, {wall.a[0], wall.a[1], reference_})};
}

Vec3 PrismSolid::normal(const Vec3& p) const {
  const double wall = wall_distance(p);
  const double end = std::max(floor_ - p[2], p[2] - top_);
  const Vec3 up{0.0, 0.0, p[2] - top_ > floor_ - p[2] ? 1.0 : -1.0};
  const Foot f = foot(p);
  Vec3 side = plane_of(walls_[f.wall]).normal;
  // Beyond a corner the nearest point is the corner itself.
  const Point2 away{p[0] - f.point[0], p[1] - f.point[1]};
  const Point2& outward = walls_[f.wall].outward;
  if (std::abs(cross2(away, outward)) > 1e-9 * f.distance) {
    const Point2 radial{away[0] / f.distance, away[1] / f.distance};
    const double sign = wall > 0.0 ? 1.0 : -1.0;
    side = {sign * cosine_ * radial[0], sign * cosine_ * radial[1], side[2]};
  }
  if (tangent_ == 0.0 && wall > 0.0 && end > 0.0) return unit_vector(wall * side + end * up);
  return wall >= end ? side : up;
}

Cover PrismSolid::cover(const Bounds& box, double tolerance,
                        std::vector<HalfSpace>& half_spaces) const {
  CoverBuilder builder(box, tolerance, half_spaces);
  const Vec3 centre = box.centre(), half = box.half();
  builder.sides({{-endless, -endless, floor_}, {endless, endless, top_}});

  // Walls that can reach the box.
  const double middle = std::clamp(centre[2], floor_, top_);
  const double tilt = std::abs(tangent_) * spread_ * (half[2] + std::abs(centre[2] - middle));
  const double reach = std::hypot(half[0], half[1]) + tilt;
  const Bounds footprint{{centre[0] - reach, centre[1] - reach, 0.0},
                         {centre[0] + reach, centre[1] + reach, 0.0}};
  const double moved = inset(middle);
  const Point2 c{centre[0], centre[1]};
  std::vector<std::size_t> near;
  for (const std::uint32_t w : bins_[0].within(footprint)) {
    const auto [a, b] = ends(walls_[w], moved);
    const Point2 q = nearest_on_segment(c, a, b);
    // Exact for upright walls: the segment must meet the footprint, up to its bounding box.
    const bool beside = std::max(a[0], b[0]) < c[0] - half[0] - tilt ||
                        std::min(a[0], b[0]) > c[0] + half[0] + tilt ||
                        std::max(a[1], b[1]) < c[1] - half[1] - tilt ||
                        std::min(a[1], b[1]) > c[1] + half[1] + tilt;
    if (!beside && length2(minus(q, c)) <= reach) near.push_back(w);
  }
  if (near.empty()) {
    if (!in_section(c, moved)) builder.plane({{1.0, 0.0, 0.0}, -endless});
    return builder.result();
  }
  bool planes = near.size() == 1;
  if (near.size() == 2) {
    const std::size_t first = walls_[near[0]].next == near[1] ? near[0] : near[1];
    const std::size_t second = near[0] == first ? near[1] : near[0];
    planes =
        walls_[first].next == second && cross2(minus(walls_[first].b, walls_[first].a),
                                               minus(walls_[second].b, walls_[second].a)) >= 0.0;
  }
  if (planes)
    for (const std::size_t w : near) builder.plane(plane_of(walls_[w]));
  else
    builder.surface([this](const Vec3& p) { return wall_distance(p); });
  return builder.result();
}

}  // namespace wavesmith
