// Douglas-Peucker for closed rings that stay simple; declared in contour.hpp.
#include <algorithm>
#include <cmath>

#include "physics/contour.hpp"
#include "physics/polygon_check.hpp"
#include "physics/spatial_bins.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

double to_segment(const Point2& p, const Point2& a, const Point2& b) {
  const double x = b[0] - a[0], y = b[1] - a[1], square = x * x + y * y;
  const double t =
      square == 0.0 ? 0.0 : std::clamp(((p[0] - a[0]) * x + (p[1] - a[1]) * y) / square, 0.0, 1.0);
  return std::hypot(p[0] - a[0] - t * x, p[1] - a[1] - t * y);
}

// A ring of which some corners are kept. A chain is what lies from one kept corner to the next.
class Thinned {
 public:
  Thinned(const Ring& ring, double tolerance) : ring_(ring), kept_(ring.size(), 0) {
    if (ring.size() < 3) return;
    std::size_t first = 0, far = 0;
    for (std::size_t i = 0; i < ring.size(); ++i)
      if (ring[i] < ring[first]) first = i;
    double best = -1.0;
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const double d = std::hypot(ring[i][0] - ring[first][0], ring[i][1] - ring[first][1]);
      if (d > best) {
        best = d;
        far = i;
      }
    }
    kept_[first] = kept_[far] = 1;
    thin(first, far, tolerance);
    thin(far, first, tolerance);
    if (std::count(kept_.begin(), kept_.end(), 1) < 3) {  // a sliver: keep it a triangle
      const std::size_t a = farthest(first, far), b = farthest(far, first);
      const auto height = [&](std::size_t i) {
        return i == ring.size() ? -1.0 : to_segment(ring[i], ring[first], ring[far]);
      };
      kept_[height(a) >= height(b) ? a : b] = 1;
    }
  }

  std::vector<std::size_t> corners() const {
    std::vector<std::size_t> list;
    for (std::size_t i = 0; i < ring_.size(); ++i)
      if (kept_[i]) list.push_back(i);
    return list;
  }

  // Keeps one more corner of the chain from `from` to `to`. False where it has none.
  bool refine(std::size_t from, std::size_t to) {
    const std::size_t i = farthest(from, to);
    if (i == ring_.size()) return false;
    kept_[i] = 1;
    return true;
  }

  const Ring& ring() const { return ring_; }

 private:
  std::size_t after(std::size_t i) const { return i + 1 == ring_.size() ? 0 : i + 1; }

  // The corner strictly between that is farthest from the straight line; ring_.size() for none.
  std::size_t farthest(std::size_t from, std::size_t to) const {
    double best = -1.0;
    std::size_t found = ring_.size();
    for (std::size_t i = after(from); i != to; i = after(i)) {
      const double d = to_segment(ring_[i], ring_[from], ring_[to]);
      if (d > best) {
        best = d;
        found = i;
      }
    }
    return found;
  }

  void thin(std::size_t from, std::size_t to, double tolerance) {
    std::vector<std::array<std::size_t, 2>> open{{from, to}};
    while (!open.empty()) {
      const auto [a, b] = open.back();
      open.pop_back();
      const std::size_t i = farthest(a, b);
      if (i == ring_.size() || to_segment(ring_[i], ring_[a], ring_[b]) <= tolerance) continue;
      kept_[i] = 1;
      open.push_back({a, i});
      open.push_back({i, b});
    }
  }

  const Ring& ring_;
  std::vector<char> kept_;
};

struct Chain {
  std::size_t ring = 0, from = 0, to = 0;
};

bool between(const Ring& ring, const Chain& chain, const Point2& p) {
  Ring closed;
  for (std::size_t i = chain.from;; i = i + 1 == ring.size() ? 0 : i + 1) {
    closed.push_back(ring[i]);
    if (i == chain.to) break;
  }
  return InsideTest({&closed, 1})(p);
}

// Chains whose straight line passes over another ring. Rings that meet neither the chain nor the
// line lie wholly on one side, so one corner tells.
std::vector<Chain> passed_over(const std::vector<Thinned>& rings,
                               const std::vector<Chain>& chains) {
  std::vector<Chain> thick;
  std::vector<Bounds> boxes;
  for (const Chain& chain : chains) {
    const Ring& ring = rings[chain.ring].ring();
    if ((chain.from + 1) % ring.size() == chain.to) continue;
    Bounds box{{endless, endless, 0.0}, {-endless, -endless, 0.0}};
    for (std::size_t i = chain.from;; i = i + 1 == ring.size() ? 0 : i + 1) {
      for (std::size_t d = 0; d < 2; ++d) {
        box.lo[d] = std::min(box.lo[d], ring[i][d]);
        box.hi[d] = std::max(box.hi[d], ring[i][d]);
      }
      if (i == chain.to) break;
    }
    thick.push_back(chain);
    boxes.push_back(box);
  }
  std::vector<Chain> found;
  if (thick.empty()) return found;
  Bounds all = boxes[0];
  for (const Bounds& box : boxes)
    for (std::size_t d = 0; d < 2; ++d) {
      all.lo[d] = std::min(all.lo[d], box.lo[d]);
      all.hi[d] = std::max(all.hi[d], box.hi[d]);
    }
  const SpatialBins bins(boxes, bin_counts(all, boxes.size(), {true, true, false}));
  for (std::size_t r = 0; r < rings.size(); ++r) {
    const std::vector<std::size_t> corners = rings[r].corners();
    if (corners.empty()) continue;
    const Point2 p = rings[r].ring()[corners[0]];
    const Bounds at{{p[0], p[1], 0.0}, {p[0], p[1], 0.0}};
    for (const std::uint32_t c : bins.within(at))
      if (thick[c].ring != r && boxes[c].overlaps(at) &&
          between(rings[thick[c].ring].ring(), thick[c], p))
        found.push_back(thick[c]);
  }
  return found;
}

}  // namespace

std::vector<Ring> simplified(std::span<const Ring> rings, double tolerance) {
  validate_not_negative(tolerance, "rings: tolerance");
  std::vector<Thinned> thinned;
  for (const Ring& ring : rings) thinned.emplace_back(ring, tolerance);
  for (;;) {
    std::vector<Ring> result(rings.size());
    std::vector<std::vector<Chain>> chains(rings.size());
    std::vector<Chain> all;
    for (std::size_t r = 0; r < rings.size(); ++r) {
      const std::vector<std::size_t> corners = thinned[r].corners();
      for (std::size_t k = 0; k < corners.size(); ++k) {
        result[r].push_back(rings[r][corners[k]]);
        chains[r].push_back({r, corners[k], corners[(k + 1) % corners.size()]});
      }
      all.insert(all.end(), chains[r].begin(), chains[r].end());
    }
    bool refined = false;
    const auto refine = [&](const Chain& c) {
      refined = thinned[c.ring].refine(c.from, c.to) || refined;
    };
    for (const Crossing& contact : find_contacts(result)) {
      refine(chains[contact.ring_a][contact.edge_a]);
      refine(chains[contact.ring_b][contact.edge_b]);
    }
    for (const Chain& chain : passed_over(thinned, all)) refine(chain);
    if (refined) continue;
    std::erase_if(result, [](const Ring& ring) { return ring.size() < 3; });
    return result;
  }
}

}  // namespace wavesmith
