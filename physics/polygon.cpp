#include "physics/polygon.hpp"

#include <algorithm>

#include "physics/spatial_bins.hpp"

namespace wavesmith {

double signed_area(std::span<const Point2> ring) {
  double sum = 0.0;
  // About the first corner, so that a place far from the origin costs no digits.
  for (std::size_t i = 1; i + 1 < ring.size(); ++i)
    sum += (ring[i][0] - ring[0][0]) * (ring[i + 1][1] - ring[0][1]) -
           (ring[i + 1][0] - ring[0][0]) * (ring[i][1] - ring[0][1]);
  return 0.5 * sum;
}

double polygon_area(std::span<const Ring> rings) {
  double sum = 0.0;
  for (const Ring& ring : rings) sum += signed_area(ring);
  return sum;
}

InsideTest::InsideTest(std::span<const Ring> rings) {
  std::vector<Bounds> boxes;
  for (const Ring& ring : rings)
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const Point2 &a = ring[i], &b = ring[(i + 1) % ring.size()];
      if (a[1] == b[1]) continue;  // meets no ray along x
      // Always upwards: an edge rounds alike whichever way it runs.
      edges_.push_back(a[1] < b[1] ? std::array{a, b} : std::array{b, a});
      boxes.push_back({{std::min(a[0], b[0]), edges_.back()[0][1], 0.0},
                       {std::max(a[0], b[0]), edges_.back()[1][1], 0.0}});
    }
  if (edges_.empty()) return;
  const auto rows = static_cast<int>(std::min<std::size_t>(edges_.size(), 4096));
  rows_ = std::make_unique<SpatialBins>(boxes, std::array<int, 3>{1, rows, 1});
}

InsideTest::~InsideTest() = default;
InsideTest::InsideTest(InsideTest&&) noexcept = default;
InsideTest& InsideTest::operator=(InsideTest&&) noexcept = default;

bool InsideTest::operator()(const Point2& p) const {
  if (!rows_) return false;
  bool inside = false;
  for (const std::uint32_t e : rows_->at({p[0], p[1], 0.0})) {
    const auto& [low, high] = edges_[e];
    // Half open in y, so that a corner counts once.
    if (low[1] <= p[1] && high[1] > p[1])
      inside ^= low[0] + (p[1] - low[1]) / (high[1] - low[1]) * (high[0] - low[0]) > p[0];
  }
  return inside;
}

}  // namespace wavesmith
