#include "kernels/spectral_sums.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>
#include <vector>

#include "kernels/host_vector.hpp"
#include "kernels/leapfrog_updates.hpp"
#include "kernels/parallel.hpp"

namespace wavesmith {
namespace {

constexpr std::size_t spectrum_points = 128;

// Calls work(begin, end) for blocks of points that stay in cache.
template <std::size_t block_points = spectrum_points, class Work>
void for_blocks(std::size_t points, std::size_t cost, int threads, const Work& work) {
  // parallel_ranges keeps short loops on one thread; what counts here is points times records.
  const std::size_t blocks = (points + block_points - 1) / block_points;
  const std::size_t weight = std::max<std::size_t>(cost * block_points, 1);
  parallel_ranges(blocks * weight, threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t block = (begin + weight - 1) / weight; block * weight < end; ++block)
      work(block * block_points, std::min(points, (block + 1) * block_points));
  });
}

// Vectors of points whose sums are in registers, for so many frequencies at once.
constexpr std::size_t vectors_at_once = 2, frequencies_at_once = 4;

// Of the points begin .. end - 1 at F frequencies, `records` of them.
template <int F, class T>
void add_to_frequencies(const T* record, std::size_t points, std::size_t records, const T* cosine,
                        const T* sine, std::complex<double>* sums, std::size_t begin,
                        std::size_t end) {
  using V = host::Vector<T>;
  constexpr std::size_t W = host::vector_points<T>, N = vectors_at_once;
  const auto add = [&](int f, std::size_t i, T re, T im) {
    sums[static_cast<std::size_t>(f) * points + i] +=
        std::complex<double>(static_cast<double>(re), static_cast<double>(im));
  };
  std::size_t i = begin;
  for (; i + N * W <= end; i += N * W) {
    V re[F][N] = {}, im[F][N] = {};
    for (std::size_t r = 0; r < records; ++r) {
      V x[N];
      WAVESMITH_UNROLL
      for (std::size_t n = 0; n < N; ++n) {
        const T* const at = record + r * points + i + n * W;
        x[n] = load_points<V>(at);
        // Records lie too far apart for the machine to see what comes next.
        __builtin_prefetch(at + N * W);
      }
      WAVESMITH_UNROLL
      for (int f = 0; f < F; ++f) {
        const T c = cosine[static_cast<std::size_t>(f) * records + r];
        const T s = sine[static_cast<std::size_t>(f) * records + r];
        WAVESMITH_UNROLL
        for (std::size_t n = 0; n < N; ++n) {
          re[f][n] += c * x[n];
          im[f][n] += s * x[n];
        }
      }
    }
    for (int f = 0; f < F; ++f)
      for (std::size_t n = 0; n < N; ++n)
        for (std::size_t w = 0; w < W; ++w) add(f, i + n * W + w, re[f][n][w], im[f][n][w]);
  }
  for (; i < end; ++i)
    for (int f = 0; f < F; ++f) {
      T re = T(0), im = T(0);
      for (std::size_t r = 0; r < records; ++r) {
        const T x = record[r * points + i];
        re += cosine[static_cast<std::size_t>(f) * records + r] * x;
        im += sine[static_cast<std::size_t>(f) * records + r] * x;
      }
      add(f, i, re, im);
    }
}

}  // namespace

template <class T>
void add_spectrum(std::span<const T> record, std::size_t points, std::span<const T> cosine,
                  std::span<const T> sine, std::span<std::complex<double>> sums, int threads) {
  if (points == 0 || record.empty()) return;
  const std::size_t records = record.size() / points, frequencies = cosine.size() / records;
  for_blocks(points, records, threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t f = 0; f < frequencies; f += frequencies_at_once) {
      const auto add = [&](auto at_once) {
        add_to_frequencies<at_once()>(record.data(), points, records, cosine.data() + f * records,
                                      sine.data() + f * records, sums.data() + f * points, begin,
                                      end);
      };
      static_assert(frequencies_at_once == 4);
      const std::size_t left = frequencies - f;
      if (left == 1) add(std::integral_constant<int, 1>{});
      if (left == 2) add(std::integral_constant<int, 2>{});
      if (left == 3) add(std::integral_constant<int, 3>{});
      if (left >= 4) add(std::integral_constant<int, 4>{});
    }
  });
}

template <class T>
void add_spectrum_transpose(std::span<const std::complex<double>> cotangent, std::size_t points,
                            std::span<const T> cosine, std::span<const T> sine, std::span<T> record,
                            int threads) {
  if (points == 0 || record.empty()) return;
  const std::size_t records = record.size() / points, frequencies = cosine.size() / records;
  for_blocks(points, records, threads, [&](std::size_t begin, std::size_t end) {
    const std::size_t count = end - begin;
    std::array<T, spectrum_points> re, im;
    for (std::size_t f = 0; f < frequencies; ++f) {
      const std::complex<double>* const from = cotangent.data() + f * points + begin;
      for (std::size_t i = 0; i < count; ++i) {
        re[i] = static_cast<T>(from[i].real());
        im[i] = static_cast<T>(from[i].imag());
      }
      for (std::size_t r = 0; r < records; ++r) {
        const T c = cosine[f * records + r], s = sine[f * records + r];
        T* const x = record.data() + r * points + begin;
#pragma omp simd
        for (std::size_t i = 0; i < count; ++i) x[i] += c * re[i] + s * im[i];
      }
    }
  });
}

template <class T>
void add_products_of_changes(std::span<const T> a, std::span<const T> after,
                             std::span<const T> before, std::span<const double> decay,
                             std::span<double> sums, int threads) {
  const std::size_t points = sums.size();
  if (points == 0 || a.empty()) return;
  const std::size_t records = a.size() / points;
  // Rows of a page: their sums stay in cache.
  for_blocks<1024>(points, records, threads, [&](std::size_t begin, std::size_t end) {
    double* const to = sums.data();
    for (std::size_t r = 0; r < records; ++r) {
      const T* const x = a.data() + r * points;
      const T* const now = after.data() + (records - 1 - r) * points;
      const T* const was = before.data() + (records - 1 - r) * points;
      if (decay.empty()) {
#pragma omp simd
        for (std::size_t i = begin; i < end; ++i)
          to[i] += static_cast<double>(x[i]) *
                   (static_cast<double>(now[i]) - static_cast<double>(was[i]));
      } else {
        const double* const kept = decay.data();
#pragma omp simd
        for (std::size_t i = begin; i < end; ++i)
          to[i] += static_cast<double>(x[i]) *
                   (static_cast<double>(now[i]) - kept[i] * static_cast<double>(was[i]));
      }
    }
  });
}

template <class T>
T largest_magnitude(std::span<const T> values, int threads) {
  // Blocks, so that the result does not depend on how threads share them.
  constexpr std::size_t block = std::size_t{1} << 16;
  std::vector<T> largest((values.size() + block - 1) / block, T(0));
  parallel_ranges(values.size(), threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t b = (begin + block - 1) / block; b * block < end; ++b) {
      const T* const x = values.data();
      T most = T(0);
      const std::size_t until = std::min(values.size(), (b + 1) * block);
#pragma omp simd reduction(max : most)
      for (std::size_t i = b * block; i < until; ++i) most = std::max(most, std::abs(x[i]));
      largest[b] = most;
    }
  });
  return largest.empty() ? T(0) : *std::max_element(largest.begin(), largest.end());
}
template float largest_magnitude(std::span<const float>, int);
template double largest_magnitude(std::span<const double>, int);

template void add_spectrum(std::span<const float>, std::size_t, std::span<const float>,
                           std::span<const float>, std::span<std::complex<double>>, int);
template void add_spectrum(std::span<const double>, std::size_t, std::span<const double>,
                           std::span<const double>, std::span<std::complex<double>>, int);
template void add_spectrum_transpose(std::span<const std::complex<double>>, std::size_t,
                                     std::span<const float>, std::span<const float>,
                                     std::span<float>, int);
template void add_spectrum_transpose(std::span<const std::complex<double>>, std::size_t,
                                     std::span<const double>, std::span<const double>,
                                     std::span<double>, int);
template void add_products_of_changes(std::span<const float>, std::span<const float>,
                                      std::span<const float>, std::span<const double>,
                                      std::span<double>, int);
template void add_products_of_changes(std::span<const double>, std::span<const double>,
                                      std::span<const double>, std::span<const double>,
                                      std::span<double>, int);

}  // namespace wavesmith
