// Sums over the recorded steps of a time march, on the CPU's threads.
//
// Record: [r][point], r = 0 .. records - 1. Phases: cosine and sine, [f][r]. All frequencies are
// summed in one pass over a block of points that stays in cache.
#pragma once

#include <complex>
#include <cstddef>
#include <span>

namespace wavesmith {

// sums[f][point] += sum over r of record[r][point] (cosine + i sine)[f][r]. The sum over the
// records is taken in T, what it is added to is double.
template <class T>
void add_spectrum(std::span<const T> record, std::size_t points, std::span<const T> cosine,
                  std::span<const T> sine, std::span<std::complex<double>> sums, int threads);

// The transpose: record[r][point] += sum over f of Re(conj(cotangent[f][point]) phase[f][r]).
template <class T>
void add_spectrum_transpose(std::span<const std::complex<double>> cotangent, std::size_t points,
                            std::span<const T> cosine, std::span<const T> sine, std::span<T> record,
                            int threads);

// sums[point] += sum over r of a[r][point] (after[q][point] - decay before[q][point]), q = records
// - 1 - r: a is recorded backwards in time. In double; decay: one number a point, or empty for 1.
template <class T>
void add_products_of_changes(std::span<const T> a, std::span<const T> after,
                             std::span<const T> before, std::span<const double> decay,
                             std::span<double> sums, int threads);

// The largest magnitude of all; 0 of none.
template <class T>
T largest_magnitude(std::span<const T> values, int threads);

}  // namespace wavesmith
