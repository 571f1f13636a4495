// How a leapfrog march with one thread a point (kernels/point_leapfrog.hpp) lies in memory, and
// which threads take which points.
//
// Rows along x start at a boundary of 128 bytes. The first group is read one point beyond the last,
// the second one point before the first, neither ever on its other side: so one slot behind each
// row, one row behind each plane and one plane hold the zeros, or the other end of what is
// periodic, for both. Point (-1, j, k) is the last slot of the row before.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/leapfrog.hpp"
#include "kernels/portable.hpp"

namespace wavesmith {

inline constexpr unsigned launch_threads = 256;  // of a block

struct PointLayout {
  int nx = 0, ny = 0, nz = 0;
  std::ptrdiff_t row = 0, plane = 0;  // from row to row, from plane to plane
  std::ptrdiff_t front = 0;           // of point (0, 0, 0)
  std::ptrdiff_t length = 0;          // of one component

  PointLayout() = default;
  PointLayout(const LeapfrogSize& size, std::size_t number_bytes)
      : nx(size.points[0]), ny(size.points[1]), nz(size.points[2]) {
    const std::ptrdiff_t line = 128 / static_cast<std::ptrdiff_t>(number_bytes);
    row = (nx + line) / line * line;  // room for nx + 1
    plane = row * (ny + 1);
    front = plane + row;
    length = front + plane * (nz + 1);
  }
  WAVESMITH_HD std::ptrdiff_t at(int i, int j, int k) const {
    return front + k * plane + j * row + i;
  }
};

// Points of the absorbing shells along one axis, counted from the low side on.
struct ShellPoints {
  int points = 0, low = 0, high = 0;

  // Of the point `index` of the axis, -1 outside of the shells.
  WAVESMITH_HD int at(int index) const {
    if (index < 0 || index >= points) return -1;
    if (index < low) return index;
    const int from_high = index - (points - high);
    return from_high >= 0 ? low + from_high : -1;
  }
  WAVESMITH_HD int count() const { return low + high; }
};

// Boxes cut into tiles of launch_threads points, one block of threads each: `width` along x (a
// power of two), the rest along y.
class TiledBoxes {
 public:
  static constexpr int most = 6;

  void add(const GridBox& box) {
    for (std::size_t d = 0; d < 3; ++d)
      if (box.begin[d] >= box.end[d]) return;
    Box& b = boxes_[count_++];
    for (int d = 0; d < 3; ++d) {
      b.begin[d] = box.begin[static_cast<std::size_t>(d)];
      b.end[d] = box.end[static_cast<std::size_t>(d)];
    }
    const unsigned across = static_cast<unsigned>(b.end[0] - b.begin[0]);
    const unsigned up = static_cast<unsigned>(b.end[1] - b.begin[1]);
    // The widest tile that leaves the fewest threads idle.
    std::size_t best = ~std::size_t{0};
    for (int shift = 3; shift <= 8; ++shift) {
      const unsigned width = 1u << shift, height = launch_threads >> shift;
      const unsigned blocks_x = (across + width - 1) / width;
      const unsigned blocks_y = (up + height - 1) / height;
      if (std::size_t{blocks_x} * blocks_y > best) continue;
      best = std::size_t{blocks_x} * blocks_y;
      b.shift = shift;
      b.blocks_x = blocks_x;
      b.blocks_y = blocks_y;
    }
    b.first = blocks_;
    blocks_ += static_cast<unsigned>(best) * static_cast<unsigned>(b.end[2] - b.begin[2]);
  }
  unsigned blocks() const { return blocks_; }

  // The point of a thread; false where it has none.
  WAVESMITH_HD bool find(unsigned block, unsigned thread, int& i, int& j, int& k) const {
    int n = 0;
    while (n + 1 < count_ && block >= boxes_[n + 1].first) ++n;
    const Box& b = boxes_[n];
    const unsigned tile = block - b.first;
    const unsigned in_plane = tile % (b.blocks_x * b.blocks_y);
    const unsigned width = 1u << b.shift, height = launch_threads >> b.shift;
    i = b.begin[0] + static_cast<int>(in_plane % b.blocks_x * width + (thread & (width - 1)));
    j = b.begin[1] + static_cast<int>(in_plane / b.blocks_x * height + (thread >> b.shift));
    k = b.begin[2] + static_cast<int>(tile / (b.blocks_x * b.blocks_y));
    return i < b.end[0] && j < b.end[1];
  }

 private:
  struct Box {
    int begin[3], end[3];
    int shift;  // of the width
    unsigned blocks_x, blocks_y, first;
  };
  Box boxes_[most] = {};
  int count_ = 0;
  unsigned blocks_ = 0;
};

// The points outside of all shells, and those in them as slabs that do not overlap. `margin_low`
// and `margin_high` more points belong to the shells, where there is one.
struct CoreAndShells {
  TiledBoxes core, shells;

  CoreAndShells() = default;
  CoreAndShells(const LeapfrogSize& size, int margin_low, int margin_high) {
    GridBox rest{{0, 0, 0}, size.points};
    for (std::size_t axis : {2u, 1u, 0u}) {
      const int n = size.points[axis];
      const int low = size.shell_low[axis] > 0 ? size.shell_low[axis] + margin_low : 0;
      const int high = size.shell_high[axis] > 0 ? size.shell_high[axis] + margin_high : 0;
      const int from = std::min(low, n), to = std::max(from, n - high);
      GridBox slab = rest;
      slab.end[axis] = from;
      shells.add(slab);
      slab.begin[axis] = to;
      slab.end[axis] = n;
      shells.add(slab);
      rest.begin[axis] = from;
      rest.end[axis] = to;
    }
    core.add(rest);
  }
};

// A box whose points threads take in order, block by block from `first_block` on.
struct HookBox {
  int begin[3], size[3];
  unsigned first_block = 0;

  HookBox() = default;
  HookBox(const GridBox& box, unsigned first) : first_block(first) {
    for (int d = 0; d < 3; ++d) {
      begin[d] = box.begin[static_cast<std::size_t>(d)];
      size[d] = box.end[static_cast<std::size_t>(d)] - begin[d];
    }
  }
  WAVESMITH_HD std::size_t count() const {
    return static_cast<std::size_t>(size[0]) * static_cast<std::size_t>(size[1]) *
           static_cast<std::size_t>(size[2]);
  }
  // The number of the thread's point in the box; count() or more where it has none.
  WAVESMITH_HD std::size_t point(unsigned block, unsigned thread) const {
    return static_cast<std::size_t>(block - first_block) * launch_threads + thread;
  }
  WAVESMITH_HD std::ptrdiff_t at(const PointLayout& layout, std::size_t point) const {
    const std::size_t nx = static_cast<std::size_t>(size[0]);
    const std::size_t ny = static_cast<std::size_t>(size[1]);
    return layout.at(begin[0] + static_cast<int>(point % nx),
                     begin[1] + static_cast<int>(point / nx % ny),
                     begin[2] + static_cast<int>(point / (nx * ny)));
  }
};

// Numbers that a shell along an axis keeps of one term.
inline std::size_t point_psi_length(const LeapfrogSize& size, int direction) {
  const std::size_t d = static_cast<std::size_t>(direction);
  const std::size_t shell = static_cast<std::size_t>(size.shell_low[d] + size.shell_high[d]);
  return size.count() / static_cast<std::size_t>(size.points[d]) * shell;
}

inline unsigned blocks_over(std::size_t threads) {
  return static_cast<unsigned>((threads + launch_threads - 1) / launch_threads);
}

}  // namespace wavesmith
