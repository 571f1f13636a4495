// Items with bounding boxes, sorted into a regular grid of bins, to find the nearest ones quickly.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "physics/solid.hpp"

namespace wavesmith {

// For every cell of an n[0] x n[1] x n[2] grid (row-major, x fastest) the Chebyshev distance, in
// cells, to the nearest one with occupied[cell] != 0; `none` where there is none at all.
// Exact; two sweeps over the 26 neighbours.
std::vector<int> chebyshev_distance(std::span<const char> occupied, const std::array<int, 3>& n,
                                    int none);

class SpatialBins {
 public:
  // `items`: finite bounding boxes. `n`: bins along each axis, at least 1.
  SpatialBins(std::span<const Bounds> items, const std::array<int, 3>& n);

  // The least distance(item) and its item, where distance(item) >= the distance of p from the
  // item's box. At least one item must exist.
  struct Nearest {
    std::size_t item = 0;
    double distance = endless;
  };
  Nearest nearest(const Vec3& p, const std::function<double(std::size_t)>& distance) const;

  // A lower bound of the distance from p to any item's box that needs no look at the items [m].
  double distance_bound(const Vec3& p) const;

  // The items of the bin that holds p (of the nearest bin where none does).
  std::span<const std::uint32_t> at(const Vec3& p) const;

  // All items whose bins overlap the box, each once, in increasing order.
  std::vector<std::uint32_t> within(const Bounds& box) const;

  const Bounds& bounds() const { return bounds_; }

 private:
  std::array<int, 3> bin_of(const Vec3& p) const;
  std::size_t index(int i, int j, int k) const {
    return (static_cast<std::size_t>(k) * static_cast<std::size_t>(n_[1]) +
            static_cast<std::size_t>(j)) *
               static_cast<std::size_t>(n_[0]) +
           static_cast<std::size_t>(i);
  }
  std::span<const std::uint32_t> items(std::size_t bin) const {
    return {items_.data() + first_[bin], first_[bin + 1] - first_[bin]};
  }

  Bounds bounds_;
  std::array<int, 3> n_;
  Vec3 width_{};                    // of a bin; endless along an axis with one bin [m]
  double step_ = 0.0;               // the smallest width [m]
  std::vector<std::size_t> first_;  // of a bin's items
  std::vector<std::uint32_t> items_;
  std::vector<int> rings_;  // bins to the nearest item
};

// Bins so that each holds a few of `count` items, cubes as far as the box allows. Axes with
// `along[a]` false get one bin.
std::array<int, 3> bin_counts(const Bounds& box, std::size_t count, std::array<bool, 3> along);

}  // namespace wavesmith
