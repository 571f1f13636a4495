#include "physics/polygon_mesh.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "core/error.hpp"
#include "physics/polygon_check.hpp"
#include "physics/region_cut.hpp"

namespace wavesmith {
namespace {

constexpr std::size_t most_corners = 50'000;  // of a region: cutting ears takes their square

double cross2(const Point2& o, const Point2& a, const Point2& b) {
  return (a[0] - o[0]) * (b[1] - o[1]) - (b[0] - o[0]) * (a[1] - o[1]);
}

}  // namespace

std::vector<std::array<std::uint32_t, 3>> triangulated(std::span<const Point2> ring) {
  const std::size_t n = ring.size();
  WAVESMITH_VALIDATE(n <= most_corners,
                     "mesh: a region of " + std::to_string(n) + " corners is more than " +
                         std::to_string(most_corners) + "; simplify its outlines");
  std::vector<std::array<std::uint32_t, 3>> triangles;
  if (n < 3) return triangles;
  std::vector<std::uint32_t> before(n), after(n);
  for (std::uint32_t i = 0; i < n; ++i) {
    after[i] = i + 1 == n ? 0 : i + 1;
    before[i] = i == 0 ? static_cast<std::uint32_t>(n - 1) : i - 1;
  }
  const auto turn = [&](std::uint32_t i) {
    return cross2(ring[before[i]], ring[i], ring[after[i]]);
  };
  // Only corners that do not turn left can lie in an ear. Cutting ears opens no other.
  std::vector<std::uint32_t> hollow;
  for (std::uint32_t i = 0; i < n; ++i)
    if (turn(i) <= 0.0) hollow.push_back(i);
  std::vector<char> gone(n, 0);
  const auto is_ear = [&](std::uint32_t i) {
    if (turn(i) <= 0.0) return false;
    const Point2 &a = ring[before[i]], &b = ring[i], &c = ring[after[i]];
    return std::none_of(hollow.begin(), hollow.end(), [&](std::uint32_t h) {
      const Point2& p = ring[h];
      if (gone[h] || p == a || p == b || p == c) return false;
      return cross2(a, b, p) >= 0.0 && cross2(b, c, p) >= 0.0 && cross2(c, a, p) >= 0.0;
    });
  };
  std::uint32_t at = 0;
  std::size_t left = n, refused = 0;
  while (left > 3) {
    if (!is_ear(at)) {
      WAVESMITH_VALIDATE(++refused <= left, "mesh: no triangle can be cut off a polygon near " +
                                                place_text(ring[at]) + "; it crosses itself there");
      at = after[at];
      continue;
    }
    refused = 0;
    triangles.push_back({before[at], at, after[at]});
    gone[at] = 1;
    after[before[at]] = after[at];
    before[after[at]] = before[at];
    at = after[after[at]];  // not the next one: triangles stay wider
    if (--left % 64 == 0)
      std::erase_if(hollow, [&](std::uint32_t h) { return gone[h] || turn(h) > 0.0; });
  }
  triangles.push_back({before[at], at, after[at]});
  return triangles;
}

TriangleMesh prism_mesh(std::span<const Ring> rings, double floor, double top) {
  WAVESMITH_VALIDATE(std::isfinite(floor) && std::isfinite(top) && floor < top,
                     "mesh: the floor (" + std::to_string(floor) + " m) must lie below the top (" +
                         std::to_string(top) + " m)");
  const std::vector<Crossing> contacts = find_contacts(rings);
  WAVESMITH_VALIDATE(contacts.empty(), "mesh: outlines meet at " + place_text(contacts[0].place) +
                                           "; a closed surface needs them apart");
  TriangleMesh mesh;
  std::map<Point2, std::uint32_t> numbers;  // of the corners on the floor; on the top: one more
  std::vector<Ring> whole;
  for (const Ring& ring : rings) {
    if (ring.size() < 3) continue;
    whole.push_back(ring);
    for (const Point2& p : ring)
      if (numbers.emplace(p, static_cast<std::uint32_t>(mesh.vertices.size())).second) {
        mesh.vertices.push_back({p[0], p[1], floor});
        mesh.vertices.push_back({p[0], p[1], top});
      }
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const std::uint32_t a = numbers.at(ring[i]), b = numbers.at(ring[(i + 1) % ring.size()]);
      mesh.triangles.push_back({a, b, b + 1});
      mesh.triangles.push_back({a, b + 1, a + 1});
    }
  }
  WAVESMITH_VALIDATE(!whole.empty(), "mesh: there are no polygons to extrude");
  for (const Region& region : regions_of(std::move(whole), 1.0)) {
    const Ring ring = with_slits(region);
    for (const auto& [a, b, c] : triangulated(ring)) {
      const std::uint32_t i = numbers.at(ring[a]), j = numbers.at(ring[b]), k = numbers.at(ring[c]);
      mesh.triangles.push_back({i + 1, j + 1, k + 1});
      mesh.triangles.push_back({k, j, i});
    }
  }
  return mesh;
}

}  // namespace wavesmith
