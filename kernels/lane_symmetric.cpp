#include "kernels/lane_symmetric.hpp"

#include <algorithm>

#include "kernels/host_vector.hpp"

namespace wavesmith {
namespace {

using host::Vector;

constexpr int tile_entries = 12;

template <class T>
Vector<T>& at(T* values, std::size_t index) {
  return reinterpret_cast<Vector<T>*>(values)[index];
}
template <class T>
const Vector<T>& at(const T* values, std::size_t index) {
  return reinterpret_cast<const Vector<T>*>(values)[index];
}

inline std::size_t row_start(int row) {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(row + 1) / 2;
}

template <class T>
struct ComplexLanes {
  Vector<T> re, im;
};

template <class T>
ComplexLanes<T> load(const T* values, std::size_t entry) {
  return {at(values, 2 * entry), at(values, 2 * entry + 1)};
}
template <class T>
void store(T* values, std::size_t entry, const ComplexLanes<T>& value) {
  at(values, 2 * entry) = value.re;
  at(values, 2 * entry + 1) = value.im;
}
template <class T>
void subtract_product(ComplexLanes<T>& sum, const ComplexLanes<T>& a, const ComplexLanes<T>& b) {
  sum.re -= a.re * b.re;
  sum.re += a.im * b.im;
  sum.im -= a.re * b.im;
  sum.im -= a.im * b.re;
}
template <class T>
ComplexLanes<T> product(const ComplexLanes<T>& a, const ComplexLanes<T>& b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
template <class T>
ComplexLanes<T> inverse(const ComplexLanes<T>& a) {
  const Vector<T> share = T(1) / (a.re * a.re + a.im * a.im);
  return {a.re * share, -a.im * share};
}

// sums[i][j] -= sum_k left[i][k] right[j][k], left rows `left_stride` complex values apart.
template <class T, int Rows, int Columns>
void subtract_dots(const T* left, std::size_t left_stride, const T* const (&right)[Columns],
                   int count, ComplexLanes<T> (&sums)[Rows][Columns]) {
  ComplexLanes<T> held[Rows][Columns];
#pragma GCC unroll 8
  for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 8
    for (int j = 0; j < Columns; ++j) held[i][j] = sums[i][j];
  for (std::size_t k = 0; k < static_cast<std::size_t>(count); ++k) {
    ComplexLanes<T> a[Rows];
#pragma GCC unroll 8
    for (int i = 0; i < Rows; ++i) a[i] = load(left, static_cast<std::size_t>(i) * left_stride + k);
#pragma GCC unroll 8
    for (int j = 0; j < Columns; ++j) {
      const ComplexLanes<T> b = load(right[j], k);
#pragma GCC unroll 8
      for (int i = 0; i < Rows; ++i) subtract_product(held[i][j], a[i], b);
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 8
    for (int j = 0; j < Columns; ++j) sums[i][j] = held[i][j];
}

// x[row + i][q + j] -= sum_k L x[k][q + j] over rows k in begin .. end, where L is entry
// (row + i, k), or (k, row + i) for the transposed solve.
template <class T, bool Transposed, int Rows, int Columns>
void subtract_solved(const T* matrix, int row, int begin, int end, int columns, int q, T* x) {
  ComplexLanes<T> sums[Rows][Columns];
  const auto place = [&](int i, int j) {
    return static_cast<std::size_t>(i) * static_cast<std::size_t>(columns) +
           static_cast<std::size_t>(q + j);
  };
#pragma GCC unroll 8
  for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 8
    for (int j = 0; j < Columns; ++j) sums[i][j] = load(x, place(row + i, j));
  for (int k = begin; k < end; ++k) {
    ComplexLanes<T> l[Rows];
#pragma GCC unroll 8
    for (int i = 0; i < Rows; ++i)
      l[i] = Transposed ? load(matrix, row_start(k) + static_cast<std::size_t>(row + i))
                        : load(matrix, row_start(row + i) + static_cast<std::size_t>(k));
#pragma GCC unroll 8
    for (int j = 0; j < Columns; ++j) {
      const ComplexLanes<T> b = load(x, place(k, j));
#pragma GCC unroll 8
      for (int i = 0; i < Rows; ++i) subtract_product(sums[i][j], l[i], b);
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 8
    for (int j = 0; j < Columns; ++j) store(x, place(row + i, j), sums[i][j]);
}

template <class T, bool Transposed>
void subtract_solved_columns(const T* matrix, int row, int begin, int end, int columns, T* x) {
  int q = 0;
  for (; q + 4 <= columns; q += 4)
    subtract_solved<T, Transposed, 2, 4>(matrix, row, begin, end, columns, q, x);
  for (; q + 2 <= columns; q += 2)
    subtract_solved<T, Transposed, 2, 2>(matrix, row, begin, end, columns, q, x);
  for (; q < columns; ++q)
    subtract_solved<T, Transposed, 2, 1>(matrix, row, begin, end, columns, q, x);
}

}  // namespace

template <class T>
void LaneSum<T>::set(int size, int coupled, int modes, std::span<const T> constant_re,
                     std::span<const T> constant_im, std::span<const T> p) {
  size_ = size;
  coupled_ = coupled;
  modes_ = modes;
  const std::size_t all = row_start(size), m = static_cast<std::size_t>(modes),
                    n = static_cast<std::size_t>(coupled);
  constant_.resize(2 * all);
  for (std::size_t e = 0; e < all; ++e) {
    constant_[2 * e] = constant_re[e];
    constant_[2 * e + 1] = constant_im[e];
  }
  p_.resize(n * m);
  for (std::size_t j = 0; j < m; ++j)
    for (std::size_t i = 0; i < n; ++i) p_[i * m + j] = p[j * n + i];
}

// Twelve entries at a time in registers. Their products p_i p_l are made as they are needed, some
// modes at a time: all of them together are coupled / 2 times as many numbers as p.
template <class T>
void LaneSum<T>::form(const T* g, T* matrix) const {
  constexpr std::size_t block = 256;
  // Rows a cache line longer than the block do not compete for the same places of the cache.
  alignas(64) T products[tile_entries][block + 64 / sizeof(T)];
  const std::size_t coupled = row_start(coupled_), m = static_cast<std::size_t>(modes_);
  std::size_t row = 0, column = 0;  // of the next entry
  for (std::size_t first = 0; first < coupled; first += tile_entries) {
    const std::size_t count = std::min<std::size_t>(tile_entries, coupled - first);
    const T *left[tile_entries] = {}, *right[tile_entries] = {};
    ComplexLanes<T> sums[tile_entries];
    for (std::size_t e = 0; e < tile_entries; ++e) {
      // Beyond the last entry a tile repeats it, and leaves that out at the end.
      const std::size_t entry = std::min(first + e, coupled - 1);
      left[e] = e < count ? p_.data() + row * m : left[e - 1];
      right[e] = e < count ? p_.data() + column * m : right[e - 1];
      sums[e] = {Vector<T>{} + constant_[2 * entry], Vector<T>{} + constant_[2 * entry + 1]};
      if (column++ == row) {
        ++row;
        column = 0;
      }
    }
    for (std::size_t begin = 0; begin < m; begin += block) {
      const std::size_t modes = std::min(block, m - begin);
      for (std::size_t e = 0; e < tile_entries; ++e)
        for (std::size_t j = 0; j < modes; ++j)
          products[e][j] = left[e][begin + j] * right[e][begin + j];
      for (std::size_t j = 0; j < modes; ++j) {
        const ComplexLanes<T> value = load(g, begin + j);
#pragma GCC unroll 16
        for (std::size_t e = 0; e < tile_entries; ++e) {
          sums[e].re -= products[e][j] * value.re;
          sums[e].im -= products[e][j] * value.im;
        }
      }
    }
    for (std::size_t e = 0; e < count; ++e) store(matrix, first + e, sums[e]);
  }
  for (std::size_t e = coupled; e < row_start(size_); ++e)
    store(matrix, e,
          ComplexLanes<T>{Vector<T>{} + constant_[2 * e], Vector<T>{} + constant_[2 * e + 1]});
  for (int row = size_; row < lane_padded(size_); ++row)
    for (int column = 0; column <= row; ++column)
      store(matrix, row_start(row) + static_cast<std::size_t>(column),
            ComplexLanes<T>{Vector<T>{} + T(row == column), Vector<T>{}});
}

// By rows, four at a time. With U = L D: U_ij = A_ij - sum_{k<j} U_ik L_jk, kept in row_work until
// the four rows are done, and then L_ij = U_ij / D_j.
template <class T>
void factorise_lanes(int size, T* matrix, T* row_work, T* growth) {
  const int n = lane_padded(size);
  const auto stride = static_cast<std::size_t>(n);
  Vector<T> greatest{}, spoiled{};
  for (int row = 0; row < n; row += 4) {
    // Columns before the four rows' own, two at a time.
    for (int j = 0; j < row; j += 2) {
      const auto column = static_cast<std::size_t>(j);
      const T* right[2] = {matrix + row_start(j) * lane_stride<T>,
                           matrix + row_start(j + 1) * lane_stride<T>};
      ComplexLanes<T> sums[4][2];
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) {
        sums[i][0] = load(matrix, row_start(row + i) + column);
        sums[i][1] = load(matrix, row_start(row + i) + column + 1);
      }
      subtract_dots<T, 4, 2>(row_work, stride, right, j, sums);
      const ComplexLanes<T> between = load(right[1], column);
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) {
        subtract_product(sums[i][1], sums[i][0], between);
        store(row_work, static_cast<std::size_t>(i) * stride + column, sums[i][0]);
        store(row_work, static_cast<std::size_t>(i) * stride + column + 1, sums[i][1]);
      }
    }
    for (int i = 0; i < 4; ++i)
      for (int k = 0; k < row; ++k) {
        const ComplexLanes<T> scaled = product(
            load(row_work, static_cast<std::size_t>(i) * stride + static_cast<std::size_t>(k)),
            load(matrix, row_start(k) + static_cast<std::size_t>(k)));
        store(matrix, row_start(row + i) + static_cast<std::size_t>(k), scaled);
        const Vector<T> square = scaled.re * scaled.re + scaled.im * scaled.im;
        greatest = square <= greatest ? greatest : square;
        spoiled += square * T(0);  // stays once something is not finite
      }
    // The four rows among themselves.
    for (int j = 0; j < 4; ++j) {
      const T* right[1] = {matrix + row_start(row + j) * lane_stride<T>};
      ComplexLanes<T> sums[4][1];
      for (int i = j; i < 4; ++i)
        sums[i][0] = load(matrix, row_start(row + i) + static_cast<std::size_t>(row + j));
      for (int i = 0; i < j; ++i) sums[i][0] = {Vector<T>{}, Vector<T>{}};
      subtract_dots<T, 4, 1>(row_work, stride, right, row + j, sums);
      const ComplexLanes<T> inverted = inverse(sums[j][0]);
      const Vector<T> size_of = inverted.re * inverted.re + inverted.im * inverted.im;
      spoiled += size_of * T(0);
      store(matrix, row_start(row + j) + static_cast<std::size_t>(row + j), inverted);
      for (int i = j + 1; i < 4; ++i) {
        store(row_work, static_cast<std::size_t>(i) * stride + static_cast<std::size_t>(row + j),
              sums[i][0]);
        const ComplexLanes<T> scaled = product(sums[i][0], inverted);
        store(matrix, row_start(row + i) + static_cast<std::size_t>(row + j), scaled);
        const Vector<T> square = scaled.re * scaled.re + scaled.im * scaled.im;
        greatest = square <= greatest ? greatest : square;
        spoiled += square * T(0);  // stays once something is not finite
      }
    }
  }
  at(growth, 0) = greatest + spoiled;
}

template <class T>
void solve_lanes(int size, const T* matrix, int columns, int first, int last, T* x) {
  const int n = lane_padded(size);
  first = first / 2 * 2;
  last = last / 2 * 2;
  const auto place = [&](int i, int q) {
    return static_cast<std::size_t>(i) * static_cast<std::size_t>(columns) +
           static_cast<std::size_t>(q);
  };
  // L y = b, two rows at a time.
  for (int row = first; row < n; row += 2) {
    if (row > first) subtract_solved_columns<T, false>(matrix, row, first, row, columns, x);
    const ComplexLanes<T> between =
        load(matrix, row_start(row + 1) + static_cast<std::size_t>(row));
    for (int q = 0; q < columns; ++q) {
      ComplexLanes<T> second = load(x, place(row + 1, q));
      subtract_product(second, between, load(x, place(row, q)));
      store(x, place(row + 1, q), second);
    }
  }
  for (int row = first; row < n; ++row) {
    const ComplexLanes<T> inverted = load(matrix, row_start(row) + static_cast<std::size_t>(row));
    for (int q = 0; q < columns; ++q)
      store(x, place(row, q), product(load(x, place(row, q)), inverted));
  }
  // L^T x = y.
  for (int row = n - 2; row >= last; row -= 2) {
    if (row + 2 < n) subtract_solved_columns<T, true>(matrix, row, row + 2, n, columns, x);
    const ComplexLanes<T> between =
        load(matrix, row_start(row + 1) + static_cast<std::size_t>(row));
    for (int q = 0; q < columns; ++q) {
      ComplexLanes<T> upper = load(x, place(row, q));
      subtract_product(upper, between, load(x, place(row + 1, q)));
      store(x, place(row, q), upper);
    }
  }
}

template class LaneSum<float>;
template class LaneSum<double>;
template void factorise_lanes<float>(int, float*, float*, float*);
template void factorise_lanes<double>(int, double*, double*, double*);
template void solve_lanes<float>(int, const float*, int, int, int, float*);
template void solve_lanes<double>(int, const double*, int, int, int, double*);

}  // namespace wavesmith
