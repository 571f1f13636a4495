#include "physics/region_cut.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.hpp"
#include "physics/polygon_check.hpp"

namespace wavesmith {
namespace {

double cross2(const Point2& o, const Point2& a, const Point2& b) {
  return (a[0] - o[0]) * (b[1] - o[1]) - (b[0] - o[0]) * (a[1] - o[1]);
}

struct Box {
  Point2 lo{}, hi{};
  explicit Box(const Ring& ring) : lo(ring[0]), hi(ring[0]) {
    for (const Point2& p : ring)
      for (std::size_t a = 0; a < 2; ++a) {
        lo[a] = std::min(lo[a], p[a]);
        hi[a] = std::max(hi[a], p[a]);
      }
  }
  bool holds(const Box& other) const {
    return lo[0] <= other.lo[0] && lo[1] <= other.lo[1] && hi[0] >= other.hi[0] &&
           hi[1] >= other.hi[1];
  }
};

// Where the boundary crosses the cut. Corners on the cut count as beyond it.
struct Passage {
  Point2 place{};
  // Unrounded coordinate along the cut, and how it grows across it: passages are sorted as just
  // before the cut, where no two meet.
  double along = 0.0, slope = 0.0;
  std::size_t ring = 0, edge = 0;
  bool forward = false;  // from before the cut to beyond it
};

std::vector<Ring> rings_of(const Region& region) {
  std::vector<Ring> rings{region.outline};
  rings.insert(rings.end(), region.holes.begin(), region.holes.end());
  return rings;
}

// The rings on one side of the cut. Passages are paired along it: between the first and the second
// is inside, and so on. Where the boundary leaves the side it goes on along the cut to the partner,
// where it comes back.
std::vector<Ring> one_side(const std::vector<Ring>& rings, const std::vector<Passage>& passages,
                           std::size_t axis, double limit, bool beyond) {
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> passage_on;  // by ring and edge
  for (std::size_t n = 0; n < passages.size(); ++n)
    passage_on[{passages[n].ring, passages[n].edge}] = n;
  std::vector<Ring> side;
  std::vector<char> done(passages.size(), 0);
  for (std::size_t start = 0; start < passages.size(); ++start) {
    if (done[start] || passages[start].forward != beyond) continue;
    Ring ring;
    for (std::size_t n = start; !done[n];) {
      done[n] = 1;
      ring.push_back(passages[n].place);
      const Ring& of = rings[passages[n].ring];
      for (std::size_t e = (passages[n].edge + 1) % of.size();; e = (e + 1) % of.size()) {
        ring.push_back(of[e]);
        const auto found = passage_on.find({passages[n].ring, e});
        if (found == passage_on.end()) continue;
        ring.push_back(passages[found->second].place);
        done[found->second] = 1;
        n = found->second ^ 1;  // the partner
        break;
      }
    }
    ring = without_straight_corners(ring);
    if (ring.size() >= 3) side.push_back(std::move(ring));
  }
  for (std::size_t r = 0; r < rings.size(); ++r)
    if (passage_on.lower_bound({r, 0}) == passage_on.lower_bound({r + 1, 0}) &&
        (rings[r][0][axis] >= limit) == beyond)
      side.push_back(rings[r]);
  return side;
}

}  // namespace

Ring without_straight_corners(const Ring& ring) {
  Ring kept;
  const auto straight = [](const Point2& a, const Point2& b, const Point2& c) {
    return b == a || b == c || cross2(a, b, c) == 0.0;
  };
  for (const Point2& p : ring) {
    while (kept.size() >= 2 && straight(kept[kept.size() - 2], kept.back(), p)) kept.pop_back();
    if (kept.empty() || kept.back() != p) kept.push_back(p);
  }
  // Where the end meets the beginning.
  std::size_t first = 0;
  for (bool changed = true; changed && kept.size() - first >= 3;) {
    changed = false;
    if (straight(kept[kept.size() - 2], kept.back(), kept[first])) {
      kept.pop_back();
      changed = true;
    } else if (straight(kept.back(), kept[first], kept[first + 1])) {
      ++first;
      changed = true;
    }
  }
  kept.erase(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(first));
  if (kept.size() < 3) kept.clear();
  return kept;
}

std::vector<Region> regions_of(std::vector<Ring> rings, double unit) {
  std::vector<Region> regions;
  std::vector<Ring> holes;
  for (Ring& ring : rings)
    if (signed_area(ring) > 0.0)
      regions.push_back({std::move(ring), {}});
    else
      holes.push_back(std::move(ring));
  // The smallest outline first: the first that holds a hole is its own.
  std::stable_sort(regions.begin(), regions.end(), [](const Region& a, const Region& b) {
    return signed_area(a.outline) < signed_area(b.outline);
  });
  std::vector<Box> boxes;
  std::vector<InsideTest> inside;
  for (const Region& region : regions) {
    boxes.emplace_back(region.outline);
    inside.emplace_back(std::span(&region.outline, 1));
  }
  for (Ring& hole : holes) {
    const Box box(hole);
    std::size_t r = 0;
    while (r < regions.size() && !(boxes[r].holds(box) && inside[r](hole[0]))) ++r;
    WAVESMITH_VALIDATE(r < regions.size(),
                       "layout: the hole at " + place_text({hole[0][0] * unit, hole[0][1] * unit}) +
                           " lies in no outline; outlines run anticlockwise, holes clockwise");
    regions[r].holes.push_back(std::move(hole));
  }
  return regions;
}

std::vector<Region> cut_in_two(const Region& region) {
  const std::vector<Ring> rings = rings_of(region);
  const Box box(region.outline);
  const std::size_t axis = box.hi[0] - box.lo[0] >= box.hi[1] - box.lo[1] ? 0 : 1;
  std::vector<double> places;
  for (const Ring& ring : rings)
    for (const Point2& p : ring) places.push_back(p[axis]);
  std::nth_element(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(places.size() / 2),
                   places.end());
  double limit = places[places.size() / 2];
  if (limit <= box.lo[axis] || limit >= box.hi[axis])
    limit = std::round(0.5 * (box.lo[axis] + box.hi[axis]));
  WAVESMITH_VALIDATE(limit > box.lo[axis] && limit < box.hi[axis],
                     "layout: a region has too many points for its size on the database unit's "
                     "grid; take a finer unit");

  std::vector<Passage> passages;
  for (std::size_t r = 0; r < rings.size(); ++r)
    for (std::size_t i = 0; i < rings[r].size(); ++i) {
      const Point2 &a = rings[r][i], &b = rings[r][(i + 1) % rings[r].size()];
      if ((a[axis] >= limit) == (b[axis] >= limit)) continue;
      const double t = (limit - a[axis]) / (b[axis] - a[axis]);
      const double along = a[1 - axis] + t * (b[1 - axis] - a[1 - axis]);
      const double slope = (b[1 - axis] - a[1 - axis]) / (b[axis] - a[axis]);
      Passage passage{{}, along, slope, r, i, b[axis] >= limit};
      passage.place[axis] = limit;
      passage.place[1 - axis] = std::round(along);
      passages.push_back(passage);
    }
  std::sort(passages.begin(), passages.end(), [](const Passage& a, const Passage& b) {
    return a.along != b.along ? a.along < b.along : a.slope > b.slope;
  });
  std::vector<Region> parts;
  for (const bool beyond : {false, true})
    for (Region& part : regions_of(one_side(rings, passages, axis, limit, beyond), 1.0))
      parts.push_back(std::move(part));
  return parts;
}

}  // namespace wavesmith
