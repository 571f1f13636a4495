#include "physics/polygon_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "physics/spatial_bins.hpp"

namespace wavesmith {
namespace {

constexpr double same_place = 1e-10;  // of the extent

struct Edge {
  Point2 a{}, b{};
  std::size_t ring = 0, index = 0, next = 0;  // next: the edge that follows, in the list
};

double cross2(const Point2& o, const Point2& a, const Point2& b) {
  return (a[0] - o[0]) * (b[1] - o[1]) - (b[0] - o[0]) * (a[1] - o[1]);
}
double dot2(const Point2& o, const Point2& a, const Point2& b) {
  return (a[0] - o[0]) * (b[0] - o[0]) + (a[1] - o[1]) * (b[1] - o[1]);
}
double distance2(const Point2& a, const Point2& b) {
  return std::hypot(b[0] - a[0], b[1] - a[1]);
}

Bounds box_of(const Edge& e, double margin) {
  return {{std::min(e.a[0], e.b[0]) - margin, std::min(e.a[1], e.b[1]) - margin, 0.0},
          {std::max(e.a[0], e.b[0]) + margin, std::max(e.a[1], e.b[1]) + margin, 0.0}};
}

std::vector<Edge> edges_of(std::span<const Point2> ring, std::size_t number, std::size_t offset) {
  std::vector<Edge> edges;
  std::vector<std::size_t> corner;
  for (std::size_t i = 0; i < ring.size(); ++i)
    if (ring[i] != ring[(i + 1) % ring.size()]) corner.push_back(i);
  for (std::size_t k = 0; k < corner.size(); ++k) {
    const std::size_t i = corner[k];
    edges.push_back(
        {ring[i], ring[(i + 1) % ring.size()], number, i, offset + (k + 1) % corner.size()});
  }
  return edges;
}

SpatialBins bins_of(const std::vector<Edge>& edges, double margin) {
  std::vector<Bounds> boxes;
  Bounds all{{endless, endless, 0.0}, {-endless, -endless, 0.0}};
  for (const Edge& e : edges) {
    boxes.push_back(box_of(e, margin));
    for (std::size_t d = 0; d < 2; ++d) {
      all.lo[d] = std::min(all.lo[d], boxes.back().lo[d]);
      all.hi[d] = std::max(all.hi[d], boxes.back().hi[d]);
    }
  }
  return {boxes, bin_counts(all, edges.size(), {true, true, false})};
}

Point2 along(const Edge& e, double t) {
  return {e.a[0] + t * (e.b[0] - e.a[0]), e.a[1] + t * (e.b[1] - e.a[1])};
}

// Where two edges meet; of edges that overlap, an end of one on the other.
Point2 meeting(const Edge& e, const Edge& f) {
  const double da = cross2(f.a, f.b, e.a), db = cross2(f.a, f.b, e.b);
  if (da != db) return along(e, std::clamp(da / (da - db), 0.0, 1.0));
  for (const Point2& p : {e.a, e.b})
    if (dot2(p, f.a, f.b) <= 0.0) return p;
  return f.a;
}

bool opposite(double a, double b) {
  return (a > 0.0 && b < 0.0) || (a < 0.0 && b > 0.0);
}

// Winding numbers beside places on the edges, by rays along x or y.
class Windings {
 public:
  Windings(const std::vector<Edge>& edges, double margin) : edges_(edges), margin_(margin) {
    std::vector<Bounds> boxes;
    for (const Edge& e : edges) boxes.push_back(box_of(e, margin));
    const auto n = static_cast<int>(std::min<std::size_t>(edges.size(), 4096));
    bins_.emplace_back(boxes, std::array<int, 3>{1, n, 1});
    bins_.emplace_back(boxes, std::array<int, 3>{n, 1, 1});
  }

  // On both sides of `p` on the edge `on`.
  std::array<int, 2> beside(const Point2& p, const Edge& on) const {
    // Along the axis that meets the edge more squarely.
    const std::size_t u = std::abs(on.b[1] - on.a[1]) >= std::abs(on.b[0] - on.a[0]) ? 0 : 1;
    const std::size_t v = 1 - u;
    int beyond = 0, here = 0;
    for (const std::uint32_t i : bins_[u].at({p[0], p[1], 0.0})) {
      const Edge& e = edges_[i];
      if ((e.a[v] > p[v]) == (e.b[v] > p[v])) continue;
      const double at = e.a[u] + (p[v] - e.a[v]) / (e.b[v] - e.a[v]) * (e.b[u] - e.a[u]) - p[u];
      const int way = (e.b[v] > e.a[v]) == (u == 0) ? 1 : -1;
      if (std::abs(at) * std::abs(e.b[v] - e.a[v]) <= margin_ * distance2(e.a, e.b))
        here += way;
      else if (at > 0.0)
        beyond += way;
    }
    return {beyond, beyond + here};
  }

 private:
  const std::vector<Edge>& edges_;
  double margin_;
  std::vector<SpatialBins> bins_;
};

}  // namespace

std::optional<Crossing> find_crossing(std::span<const Point2> polygon) {
  const std::vector<Edge> edges = edges_of(polygon, 0, 0);
  if (edges.size() < 3) return std::nullopt;
  Point2 lo = polygon[0], hi = polygon[0];
  for (const Point2& p : polygon)
    for (std::size_t d = 0; d < 2; ++d) {
      lo[d] = std::min(lo[d], p[d]);
      hi[d] = std::max(hi[d], p[d]);
    }
  const double margin = same_place * distance2(lo, hi);
  const SpatialBins bins = bins_of(edges, margin);

  // Proper crossings; and, on each edge, the corners of others.
  const auto side = [&](const Edge& e, const Point2& p) {
    const double d = cross2(e.a, e.b, p) / distance2(e.a, e.b);
    return std::abs(d) <= margin ? 0.0 : d;
  };
  std::vector<std::vector<double>> cuts(edges.size());
  const auto note_corner = [&](std::size_t i, const Point2& p, double distance) {
    const Edge& e = edges[i];
    if (distance != 0.0) return;
    const double length = distance2(e.a, e.b), t = dot2(e.a, e.b, p) / length;
    if (t > margin && t < length - margin) cuts[i].push_back(t / length);
  };
  for (std::size_t i = 0; i < edges.size(); ++i)
    for (const std::uint32_t j : bins.within(box_of(edges[i], margin))) {
      if (j <= i) continue;
      const Edge &e = edges[i], &f = edges[j];
      const double fa = side(e, f.a), fb = side(e, f.b), ea = side(f, e.a), eb = side(f, e.b);
      if (opposite(fa, fb) && opposite(ea, eb))
        return Crossing{meeting(e, f), 0, e.index, 0, f.index};
      note_corner(i, f.a, fa);
      note_corner(i, f.b, fb);
      note_corner(j, e.a, ea);
      note_corner(j, e.b, eb);
    }

  // Winding numbers beside each piece of each edge.
  const Windings windings(edges, margin);
  const int way = signed_area(polygon) >= 0.0 ? 1 : -1;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    cuts[i].push_back(0.0);
    cuts[i].push_back(1.0);
    std::sort(cuts[i].begin(), cuts[i].end());
    for (std::size_t k = 0; k + 1 < cuts[i].size(); ++k) {
      if ((cuts[i][k + 1] - cuts[i][k]) * distance2(edges[i].a, edges[i].b) <= 2.0 * margin)
        continue;
      const Point2 p = along(edges[i], 0.5 * (cuts[i][k] + cuts[i][k + 1]));
      for (const int w : windings.beside(p, edges[i]))
        if (w != 0 && w != way) return Crossing{p, 0, edges[i].index, 0, edges[i].index};
    }
  }
  return std::nullopt;
}

std::vector<Crossing> find_contacts(std::span<const Ring> rings) {
  std::vector<Edge> edges;
  for (std::size_t r = 0; r < rings.size(); ++r) {
    const std::vector<Edge> own = edges_of(rings[r], r, edges.size());
    edges.insert(edges.end(), own.begin(), own.end());
  }
  std::vector<Crossing> contacts;
  if (edges.empty()) return contacts;
  const SpatialBins bins = bins_of(edges, 0.0);
  for (std::size_t i = 0; i < edges.size(); ++i)
    for (const std::uint32_t j : bins.within(box_of(edges[i], 0.0))) {
      if (j <= i) continue;
      const Edge &e = edges[i], &f = edges[j];
      bool meet = false;
      Point2 place{};
      if (e.next == j || f.next == i) {
        const Edge &first = e.next == j ? e : f, &second = e.next == j ? f : e;
        place = first.b;
        meet = cross2(first.b, first.a, second.b) == 0.0 && dot2(first.b, first.a, second.b) > 0.0;
        // A ring of two edges runs back on itself.
        meet = meet || (e.next == j && f.next == i);
      } else if (box_of(e, 0.0).overlaps(box_of(f, 0.0))) {
        meet = cross2(e.a, e.b, f.a) * cross2(e.a, e.b, f.b) <= 0.0 &&
               cross2(f.a, f.b, e.a) * cross2(f.a, f.b, e.b) <= 0.0;
        place = meeting(e, f);
      }
      if (meet) contacts.push_back({place, e.ring, e.index, f.ring, f.index});
    }
  return contacts;
}

std::string place_text(const Point2& place) {
  return fmt::format("({:.6g}, {:.6g}) um", 1e6 * place[0], 1e6 * place[1]);
}

}  // namespace wavesmith
