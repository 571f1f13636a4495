// Fields in lanes: W consecutive rows side by side.
//
// A plane of ny rows and nx columns is held as blocks of W rows; inside a block the W values of one
// column are contiguous, real parts of the whole field first, then imaginary parts:
//   re[(row / W * nx + column) * W + row % W].
// Rows that fill the last block are zero. W values are one AVX-512 register, or half a warp.
#pragma once

#include <cstddef>

namespace wavesmith {

template <class T>
inline constexpr int lane_count = 64 / static_cast<int>(sizeof(T));

struct LaneShape {
  int nx = 0, ny = 0, lanes = 0;

  int blocks() const { return (ny + lanes - 1) / lanes; }
  std::size_t block_size() const {
    return static_cast<std::size_t>(nx) * static_cast<std::size_t>(lanes);
  }
  std::size_t size() const { return static_cast<std::size_t>(blocks()) * block_size(); }
  std::size_t index(int row, int column) const {
    return static_cast<std::size_t>(row / lanes) * block_size() +
           static_cast<std::size_t>(column) * static_cast<std::size_t>(lanes) +
           static_cast<std::size_t>(row % lanes);
  }
};

// A complex field in lanes, seen through a pointer to its real and one to its imaginary parts.
template <class T>
struct LaneField {
  T* re = nullptr;
  T* im = nullptr;
};

}  // namespace wavesmith
