#include "kernels/spectral_sums.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

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

}  // namespace

template <class T>
void add_spectrum(std::span<const T> record, std::size_t points, std::span<const T> cosine,
                  std::span<const T> sine, std::span<std::complex<double>> sums, int threads) {
  if (points == 0 || record.empty()) return;
  const std::size_t records = record.size() / points, frequencies = cosine.size() / records;
  for_blocks(points, records, threads, [&](std::size_t begin, std::size_t end) {
    const std::size_t count = end - begin;
    std::array<T, spectrum_points> re, im;
    for (std::size_t f = 0; f < frequencies; ++f) {
      re.fill(T(0));
      im.fill(T(0));
      for (std::size_t r = 0; r < records; ++r) {
        const T c = cosine[f * records + r], s = sine[f * records + r];
        const T* const x = record.data() + r * points + begin;
#pragma omp simd
        for (std::size_t i = 0; i < count; ++i) {
          re[i] += c * x[i];
          im[i] += s * x[i];
        }
      }
      std::complex<double>* const to = sums.data() + f * points + begin;
      for (std::size_t i = 0; i < count; ++i)
        to[i] += std::complex<double>(static_cast<double>(re[i]), static_cast<double>(im[i]));
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
