// Many complex symmetric matrices of one size, one in each lane of the vector registers.
//
// Batches in which each sample is another matrix: A(x) = A_0 - sum_j g_j(x) p_j p_j^T with real p_j
// and complex g_j (a layer of single modes eliminated), factorised as A = L D L^T without pivoting
// and solved for a few columns. Lanes are samples, so no lane waits for another's shape, and all
// arithmetic is plain fused multiply-adds:
//   form       2 m n_1 (n_1 + 1) operations for m modes and n_1 coupled ones,
//   factorise  4/3 n^3 (half of LU: n^3 / 6 complex multiply-adds),
//   solve      8 n^2 a column, half where the right side starts at the end.
// Without pivoting the factors of a matrix whose imaginary part is definite (every mode has loss)
// stay bounded; `factorise_lanes` reports the growth, and what is outside is for a pivoting solver.
//
// A complex number of the batch is [re: lanes][im: lanes], `lane_count<T>` samples side by side. A
// matrix holds its lower half by rows: entry (i, j) at i (i + 1) / 2 + j.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "kernels/lanes.hpp"

namespace wavesmith {

// Numbers of one complex value in lanes.
template <class T>
inline constexpr std::size_t lane_stride = 2 * static_cast<std::size_t>(lane_count<T>);

// A matrix of `size` modes is held with rows up to a multiple of four: the rest is the identity.
inline int lane_padded(int size) {
  return (size + 3) / 4 * 4;
}
inline std::size_t lane_matrix_entries(int size) {
  const auto n = static_cast<std::size_t>(lane_padded(size));
  return n * (n + 1) / 2;
}

// A(g) = A_0 - sum_j g_j p_j p_j^T, the part p reaching the first `coupled` modes.
template <class T>
class LaneSum {
 public:
  // constant: the lower half of A_0 by rows, size (size + 1) / 2 entries, real and imaginary parts;
  // p: modes x coupled, row-major.
  void set(int size, int coupled, int modes, std::span<const T> constant_re,
           std::span<const T> constant_im, std::span<const T> p);
  int size() const { return size_; }
  // g: modes complex values in lanes; matrix: lane_matrix_entries(size) complex values.
  void form(const T* g, T* matrix) const;

 private:
  int size_ = 0, coupled_ = 0, modes_ = 0;
  std::vector<T> p_;         // [coupled][mode]
  std::vector<T> constant_;  // [entry][re, im]
};

// In place: L below the diagonal, 1 / D on it. row_work: four padded rows of complex values.
// growth: one a lane, the greatest |L_ij|^2, which is not finite where a pivot was zero.
template <class T>
void factorise_lanes(int size, T* matrix, T* row_work, T* growth);

// x: [padded mode][column] complex values in lanes, right side in, solution out. Rows before
// `first` of the right side are zero, and only rows from `last` on are wanted back (last <= first).
template <class T>
void solve_lanes(int size, const T* matrix, int columns, int first, int last, T* x);

}  // namespace wavesmith
