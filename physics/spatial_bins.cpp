#include "physics/spatial_bins.hpp"

#include <algorithm>
#include <cmath>

namespace wavesmith {

std::vector<int> chebyshev_distance(std::span<const char> occupied, const std::array<int, 3>& n,
                                    int none) {
  std::vector<int> distance(occupied.size());
  for (std::size_t c = 0; c < occupied.size(); ++c) distance[c] = occupied[c] != 0 ? 0 : none;
  const auto sweep = [&](int direction) {
    const auto total = static_cast<std::ptrdiff_t>(distance.size());
    const std::ptrdiff_t row = n[0], layer = row * n[1];
    for (std::ptrdiff_t s = 0; s < total; ++s) {
      const std::ptrdiff_t c = direction > 0 ? s : total - 1 - s;
      const auto i = static_cast<int>(c % row), j = static_cast<int>(c / row % n[1]);
      const auto k = static_cast<int>(c / layer);
      int best = distance[static_cast<std::size_t>(c)];
      // The 13 neighbours that this sweep has passed.
      for (int dk = -1; dk <= 0; ++dk)
        for (int dj = -1; dj <= (dk < 0 ? 1 : 0); ++dj)
          for (int di = -1; di <= (dk < 0 || dj < 0 ? 1 : -1); ++di) {
            const int a = i + direction * di, b = j + direction * dj, e = k + direction * dk;
            if (a < 0 || b < 0 || e < 0 || a >= n[0] || b >= n[1] || e >= n[2]) continue;
            best = std::min(best, distance[static_cast<std::size_t>(e * layer + b * row + a)] + 1);
          }
      distance[static_cast<std::size_t>(c)] = std::min(best, none);
    }
  };
  sweep(1);
  sweep(-1);
  return distance;
}

std::array<int, 3> bin_counts(const Bounds& box, std::size_t count, std::array<bool, 3> along) {
  constexpr int most = 512;
  double volume = 1.0;
  int axes = 0;
  for (std::size_t a = 0; a < 3; ++a)
    if (along[a] && box.hi[a] > box.lo[a]) {
      volume *= box.hi[a] - box.lo[a];
      ++axes;
    }
  std::array<int, 3> n{1, 1, 1};
  if (axes == 0) return n;
  // As many bins as items along a curve or over a surface that fills the box evenly.
  const double edge =
      std::pow(volume / static_cast<double>(std::max<std::size_t>(count, 1)), 1.0 / axes);
  const int limit = axes == 3 ? 128 : most;
  for (std::size_t a = 0; a < 3; ++a)
    if (along[a] && box.hi[a] > box.lo[a])
      n[a] = static_cast<int>(
          std::clamp(std::ceil((box.hi[a] - box.lo[a]) / edge), 1.0, static_cast<double>(limit)));
  return n;
}

SpatialBins::SpatialBins(std::span<const Bounds> boxes, const std::array<int, 3>& n) : n_(n) {
  bounds_ = {{endless, endless, endless}, {-endless, -endless, -endless}};
  for (const Bounds& box : boxes)
    for (std::size_t a = 0; a < 3; ++a) {
      bounds_.lo[a] = std::min(bounds_.lo[a], box.lo[a]);
      bounds_.hi[a] = std::max(bounds_.hi[a], box.hi[a]);
    }
  step_ = endless;
  for (std::size_t a = 0; a < 3; ++a) {
    width_[a] = n_[a] > 1 ? (bounds_.hi[a] - bounds_.lo[a]) / n_[a] : endless;
    step_ = std::min(step_, width_[a]);
  }
  const std::size_t count = index(0, 0, n_[2]);
  first_.assign(count + 1, 0);
  const auto each_bin = [&](const Bounds& box, const auto& visit) {
    const std::array<int, 3> low = bin_of(box.lo), high = bin_of(box.hi);
    for (int k = low[2]; k <= high[2]; ++k)
      for (int j = low[1]; j <= high[1]; ++j)
        for (int i = low[0]; i <= high[0]; ++i) visit(index(i, j, k));
  };
  for (const Bounds& box : boxes) each_bin(box, [&](std::size_t bin) { ++first_[bin + 1]; });
  for (std::size_t bin = 0; bin < count; ++bin) first_[bin + 1] += first_[bin];
  items_.resize(first_.back());
  std::vector<std::size_t> next(first_.begin(), first_.end() - 1);
  for (std::size_t item = 0; item < boxes.size(); ++item)
    each_bin(boxes[item],
             [&](std::size_t bin) { items_[next[bin]++] = static_cast<std::uint32_t>(item); });
  std::vector<char> occupied(count);
  for (std::size_t bin = 0; bin < count; ++bin) occupied[bin] = first_[bin + 1] > first_[bin];
  rings_ = chebyshev_distance(occupied, n_, 1 << 20);
}

std::array<int, 3> SpatialBins::bin_of(const Vec3& p) const {
  std::array<int, 3> bin{};
  for (std::size_t a = 0; a < 3; ++a)
    if (n_[a] > 1)
      bin[a] = static_cast<int>(
          std::clamp((p[a] - bounds_.lo[a]) / width_[a], 0.0, static_cast<double>(n_[a] - 1)));
  return bin;
}

SpatialBins::Nearest SpatialBins::nearest(
    const Vec3& p, const std::function<double(std::size_t)>& distance) const {
  // Projecting p onto the box of all items brings it no farther from any of them, so the bounds
  // that rings about the projection's bin give hold for p.
  const std::array<int, 3> home = bin_of(p);
  const int last = std::max({n_[0], n_[1], n_[2]});
  Nearest best;
  for (int ring = rings_[index(home[0], home[1], home[2])]; ring <= last; ++ring) {
    if (ring > 0 && best.distance <= (ring - 1) * step_) break;
    for (int k = std::max(home[2] - ring, 0); k <= std::min(home[2] + ring, n_[2] - 1); ++k)
      for (int j = std::max(home[1] - ring, 0); j <= std::min(home[1] + ring, n_[1] - 1); ++j) {
        const bool face = std::abs(k - home[2]) == ring || std::abs(j - home[1]) == ring;
        for (int i = home[0] - ring; i <= home[0] + ring; i += face || ring == 0 ? 1 : 2 * ring) {
          if (i < 0 || i >= n_[0]) continue;
          for (const std::uint32_t item : items(index(i, j, k))) {
            const double d = distance(item);
            if (d < best.distance || (d == best.distance && item < best.item)) best = {item, d};
          }
        }
      }
  }
  return best;
}

double SpatialBins::distance_bound(const Vec3& p) const {
  const std::array<int, 3> home = bin_of(p);
  const int ring = rings_[index(home[0], home[1], home[2])];
  const double by_rings = ring > 1 ? (ring - 1) * step_ : 0.0;
  return std::max(by_rings, box_distance(bounds_, p));
}

std::span<const std::uint32_t> SpatialBins::at(const Vec3& p) const {
  const std::array<int, 3> bin = bin_of(p);
  return items(index(bin[0], bin[1], bin[2]));
}

std::vector<std::uint32_t> SpatialBins::within(const Bounds& box) const {
  std::vector<std::uint32_t> found;
  if (!bounds_.overlaps(box)) return found;
  const std::array<int, 3> low = bin_of(box.lo), high = bin_of(box.hi);
  for (int k = low[2]; k <= high[2]; ++k)
    for (int j = low[1]; j <= high[1]; ++j)
      for (int i = low[0]; i <= high[0]; ++i) {
        const auto here = items(index(i, j, k));
        found.insert(found.end(), here.begin(), here.end());
      }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace wavesmith
