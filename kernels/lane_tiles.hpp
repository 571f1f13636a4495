// Rows into lanes, tile by tile: W rows of W columns are put together in cache and transposed
// there, where writing number by number would touch a cache line for each.
#pragma once

#include <algorithm>
#include <cstring>

#include "kernels/host_lines.hpp"
#include "kernels/lanes.hpp"

namespace wavesmith::host {

namespace detail {

// tile[row][column] to [column][row], for the first `columns` columns.
template <class T>
void store_tile(const T* tile, int columns, T* to) {
  constexpr int w = lane_count<T>;
  if (columns == w) {
    alignas(64) T turned[w * w];
    transpose_tile<T>(reinterpret_cast<const Vector<T>*>(tile),
                      reinterpret_cast<Vector<T>*>(turned));
    std::memcpy(to, turned, sizeof(turned));
    return;
  }
  for (int column = 0; column < columns; ++column)
    for (int row = 0; row < w; ++row) to[column * w + row] = tile[row * w + column];
}

}  // namespace detail

// Fills a block of W rows. write(row, column, count, re, im) gives `count` numbers of a row, from
// `column` on; rows that fill the last block become zero.
template <class T, class Write>
void write_lane_block(const LaneShape& shape, int block, LaneField<T> to, const Write& write) {
  constexpr int w = lane_count<T>;
  alignas(64) T re[w * w] = {};
  alignas(64) T im[w * w] = {};
  const int rows = std::min(w, shape.ny - block * w);
  for (int column = 0; column < shape.nx; column += w) {
    const int count = std::min(w, shape.nx - column);
    for (int row = 0; row < rows; ++row)
      write(block * w + row, column, count, re + row * w, im + row * w);
    const std::size_t start = static_cast<std::size_t>(block) * shape.block_size() +
                              static_cast<std::size_t>(column) * static_cast<std::size_t>(w);
    detail::store_tile(re, count, to.re + start);
    detail::store_tile(im, count, to.im + start);
  }
}

}  // namespace wavesmith::host
