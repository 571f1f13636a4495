// sources: physics/polygon_check.cpp physics/polygon.cpp physics/spatial_bins.cpp physics/solid.cpp
// Whether a polygon crosses itself, against all pairs of edges in whole numbers, which decide it
// exactly. The first byte says how coarse a grid the corners lie on (corners and edges coincide on
// coarse ones), then two bytes a coordinate.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "physics/polygon_check.hpp"

namespace {

using Corner = std::array<std::int64_t, 2>;

// Twice the area of the triangle: its sign is the side of o to a on which b lies.
std::int64_t turn(const Corner& o, const Corner& a, const Corner& b) {
  return (a[0] - o[0]) * (b[1] - o[1]) - (b[0] - o[0]) * (a[1] - o[1]);
}
int sign(std::int64_t value) {
  return (value > 0) - (value < 0);
}

// Between the ends of an edge, and neither of them.
bool is_within(const Corner& p, const Corner& a, const Corner& b) {
  const std::int64_t along = (p[0] - a[0]) * (b[0] - a[0]) + (p[1] - a[1]) * (b[1] - a[1]);
  const std::int64_t all = (b[0] - a[0]) * (b[0] - a[0]) + (b[1] - a[1]) * (b[1] - a[1]);
  return turn(a, b, p) == 0 && along > 0 && along < all;
}

// Winding numbers right beside p, a point inside the edge from a to b at which no corner lies, on
// both sides: edges that a ray from there meets (to larger x, or to smaller y) count by their way,
// those through p for one side.
std::array<int, 2> windings(const std::vector<Corner>& corners, const Corner& p, const Corner& a,
                            const Corner& b) {
  const std::size_t across = a[1] != b[1] ? 1 : 0;  // an axis along which the edge extends
  int ray = 0, here = 0;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const Corner &c = corners[i], &d = corners[(i + 1) % corners.size()];
    if ((c[across] > p[across]) == (d[across] > p[across])) continue;
    const int way = d[across] > c[across] ? 1 : -1;
    const int side = way * sign(turn(c, d, p));
    if (side == 0)
      here += way;
    else if (side > 0)
      ray += way;
  }
  return {ray, ray + here};
}

bool crosses(std::vector<Corner> corners) {
  // Twice as fine, so that the middle of two corners has whole numbers.
  for (Corner& c : corners) c = {2 * c[0], 2 * c[1]};
  const std::size_t n = corners.size();
  std::int64_t area = 0;
  for (std::size_t i = 0; i < n; ++i) area += turn({0, 0}, corners[i], corners[(i + 1) % n]);
  const int way = area >= 0 ? 1 : -1;
  for (std::size_t i = 0; i < n; ++i) {
    const Corner &a = corners[i], &b = corners[(i + 1) % n];
    if (a == b) continue;
    std::vector<Corner> stops = {a, b};
    for (std::size_t j = 0; j < n; ++j) {
      const Corner &c = corners[j], &d = corners[(j + 1) % n];
      if (sign(turn(a, b, c)) * sign(turn(a, b, d)) < 0 &&
          sign(turn(c, d, a)) * sign(turn(c, d, b)) < 0)
        return true;
      if (is_within(c, a, b)) stops.push_back(c);
    }
    std::sort(stops.begin(), stops.end());
    for (std::size_t s = 0; s + 1 < stops.size(); ++s) {
      const Corner &from = stops[s], &to = stops[s + 1];
      if (from == to) continue;
      for (const int w : windings(corners, {(from[0] + to[0]) / 2, (from[1] + to[1]) / 2}, a, b))
        if (w != 0 && w != way) return true;
    }
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array<unsigned, 4> masks = {3, 7, 63, 0x3fff};
  constexpr std::size_t most = 24;
  if (size < 1) return 0;
  const unsigned mask = masks[data[0] % masks.size()];
  std::vector<Corner> corners;
  std::vector<wavesmith::Point2> polygon;
  for (std::size_t i = 1; i + 4 <= size && corners.size() < most; i += 4) {
    Corner corner{};
    for (std::size_t d = 0; d < 2; ++d)
      corner[d] = (data[i + 2 * d] | static_cast<unsigned>(data[i + 2 * d + 1]) << 8) & mask;
    corners.push_back(corner);
    polygon.push_back(
        {1e-9 * static_cast<double>(corner[0]), 1e-9 * static_cast<double>(corner[1])});
  }
  if (wavesmith::find_crossing(polygon).has_value() != crosses(corners)) std::abort();
  return 0;
}
