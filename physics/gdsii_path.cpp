#include <algorithm>
#include <cmath>
#include <numbers>

#include "physics/gdsii.hpp"

namespace wavesmith {
namespace {

constexpr int round_end_corners = 32;  // of a half circle: area right to 0.2 %

GdsPoint direction(const GdsPoint& from, const GdsPoint& to) {
  const double dx = to[0] - from[0], dy = to[1] - from[1], norm = std::hypot(dx, dy);
  return {dx / norm, dy / norm};
}

}  // namespace

std::vector<GdsPoint> path_outline(std::vector<GdsPoint> points, double width, GdsPathEnd end,
                                   double before, double after) {
  points.erase(std::unique(points.begin(), points.end()), points.end());
  if (points.size() < 2) {
    // A dot: a square or a disc where its ends reach beyond it.
    if (points.empty() || (end == GdsPathEnd::straight && before + after <= 0.0)) return {};
    points.push_back({points[0][0] + 1e-6 * width, points[0][1]});
  }
  const std::size_t n = points.size();
  const double half = 0.5 * width;
  std::vector<GdsPoint> left, right;
  const auto both = [&](const GdsPoint& p, const GdsPoint& along, double shift) {
    const GdsPoint q{p[0] + shift * along[0], p[1] + shift * along[1]};
    left.push_back({q[0] - half * along[1], q[1] + half * along[0]});
    right.push_back({q[0] + half * along[1], q[1] - half * along[0]});
  };
  both(points[0], direction(points[0], points[1]), -before);
  for (std::size_t i = 1; i + 1 < n; ++i) {
    const GdsPoint in = direction(points[i - 1], points[i]);
    const GdsPoint out = direction(points[i], points[i + 1]);
    // 1 + cos(turn); a mitre reaches half / cos(turn / 2) from the corner.
    const double turn = 1.0 + in[0] * out[0] + in[1] * out[1];
    if (turn < 0.5) {
      both(points[i], in, half);
      both(points[i], out, -half);
      continue;
    }
    const GdsPoint mitre{-(in[1] + out[1]) / turn, (in[0] + out[0]) / turn};
    left.push_back({points[i][0] + half * mitre[0], points[i][1] + half * mitre[1]});
    right.push_back({points[i][0] - half * mitre[0], points[i][1] - half * mitre[1]});
  }
  const GdsPoint last = direction(points[n - 2], points[n - 1]);
  both(points[n - 1], last, after);

  // Right side forwards, left side back, with half circles in between.
  const auto half_circle = [&](std::vector<GdsPoint>& outline, const GdsPoint& centre,
                               const GdsPoint& along) {
    for (int s = 1; s < round_end_corners; ++s) {
      const double a = std::numbers::pi * (static_cast<double>(s) / round_end_corners - 0.5);
      const double c = half * std::cos(a), d = half * std::sin(a);
      outline.push_back(
          {centre[0] + c * along[0] - d * along[1], centre[1] + c * along[1] + d * along[0]});
    }
  };
  std::vector<GdsPoint> outline(std::move(right));
  if (end == GdsPathEnd::round) half_circle(outline, points[n - 1], last);
  outline.insert(outline.end(), left.rbegin(), left.rend());
  if (end == GdsPathEnd::round) {
    const GdsPoint first = direction(points[0], points[1]);
    half_circle(outline, points[0], {-first[0], -first[1]});
  }
  return outline;
}

}  // namespace wavesmith
