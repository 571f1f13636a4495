#include "kernels/light_errors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>

#include "kernels/sine_cosine.hpp"

namespace wavesmith {
namespace {

constexpr std::size_t width = 16;
using Words = std::array<std::uint32_t, width>;
using Numbers = std::array<double, width>;

// Philox of `width` counters at once; one lane is philox_4x32_10 (core/random.hpp).
void philox(std::array<Words, 4>& counter, PhiloxKey key) {
  constexpr std::uint64_t multiplier_0 = 0xD2511F53, multiplier_1 = 0xCD9E8D57;
  for (int round = 0; round < 10; ++round) {
    if (round > 0) {
      key[0] += 0x9E3779B9;
      key[1] += 0xBB67AE85;
    }
#pragma omp simd
    for (std::size_t i = 0; i < width; ++i) {
      const std::uint64_t product_0 = multiplier_0 * counter[0][i];
      const std::uint64_t product_1 = multiplier_1 * counter[2][i];
      counter[0][i] = static_cast<std::uint32_t>(product_1 >> 32) ^ counter[1][i] ^ key[0];
      counter[2][i] = static_cast<std::uint32_t>(product_0 >> 32) ^ counter[3][i] ^ key[1];
      counter[1][i] = static_cast<std::uint32_t>(product_1);
      counter[3][i] = static_cast<std::uint32_t>(product_0);
    }
  }
}

// The natural logarithm of x > 0, normal, without branches: of the mantissa m between the roots of
// 1/2 and 2 by 2 artanh((m - 1) / (m + 1)), whose series is good to rounding there.
inline double logarithm(double x) {
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
  // What is to be added to the exponent of 1 / sqrt(2) for it to be m's.
  const std::uint64_t root_half = 0x3FE6A09E667F3BCD;
  const std::int64_t exponent = static_cast<std::int64_t>(bits - root_half) >> 52;
  const double m = std::bit_cast<double>(bits - (static_cast<std::uint64_t>(exponent) << 52));
  const double s = (m - 1.0) / (m + 1.0), z = s * s;
  double sum = 1.0 / 21;
  for (int k = 19; k >= 1; k -= 2) sum = 1.0 / k + z * sum;
  return static_cast<double>(exponent) * std::numbers::ln2 + 2.0 * s * sum;
}

void draw(const Random& random, std::uint64_t first, std::uint64_t stride, Numbers& one,
          Numbers& other) {
  std::array<Words, 4> words;
  const PhiloxCounter stream = random.counter(0);
  for (std::size_t i = 0; i < width; ++i) {
    const std::uint64_t n = first + i * stride;
    words[0][i] = static_cast<std::uint32_t>(n);
    words[1][i] = static_cast<std::uint32_t>(n >> 32);
    words[2][i] = stream[2];
    words[3][i] = stream[3];
  }
  philox(words, random.key());
  const auto unit = [](std::uint32_t low, std::uint32_t high) {
    const std::uint64_t bits = static_cast<std::uint64_t>(high) << 32 | low;
    return static_cast<double>(static_cast<std::int64_t>(bits >> 11)) * 0x1.0p-53;
  };
#pragma omp simd
  for (std::size_t i = 0; i < width; ++i) {
    const double radius = std::sqrt(-2.0 * logarithm(1.0 - unit(words[0][i], words[1][i])));
    double sine, cosine;
    host::sine_cosine(2.0 * std::numbers::pi * unit(words[2][i], words[3][i]), sine, cosine);
    one[i] = radius * cosine;
    other[i] = radius * sine;
  }
}

}  // namespace

void normal_pairs(const Random& random, std::uint64_t first, std::uint64_t stride,
                  std::span<double> one, std::span<double> other) {
  Numbers a, b;
  for (std::size_t begin = 0; begin < one.size(); begin += width) {
    draw(random, first + begin * stride, stride, a, b);
    const std::size_t count = std::min(width, one.size() - begin);
    std::copy_n(a.begin(), count, one.begin() + static_cast<std::ptrdiff_t>(begin));
    std::copy_n(b.begin(), count, other.begin() + static_cast<std::ptrdiff_t>(begin));
  }
}

template <class T>
void disturb_light(const LightErrors& errors, const Random& random, std::uint64_t first,
                   std::uint64_t stride, std::span<T> re, std::span<T> im) {
  Numbers amplitude, phase;
  for (std::size_t begin = 0; begin < re.size(); begin += width) {
    draw(random, first + begin * stride, stride, amplitude, phase);
    const std::size_t count = std::min(width, re.size() - begin);
#pragma omp simd
    for (std::size_t i = 0; i < count; ++i) {
      double sine, cosine;
      host::sine_cosine(errors.phase_error * phase[i] + errors.turned, sine, cosine);
      const double size = 1.0 + errors.amplitude_error * amplitude[i];
      const double x = static_cast<double>(re[begin + i]), y = static_cast<double>(im[begin + i]);
      re[begin + i] = static_cast<T>(size * (x * cosine - y * sine));
      im[begin + i] = static_cast<T>(size * (x * sine + y * cosine));
    }
  }
}

template void disturb_light(const LightErrors&, const Random&, std::uint64_t, std::uint64_t,
                            std::span<float>, std::span<float>);
template void disturb_light(const LightErrors&, const Random&, std::uint64_t, std::uint64_t,
                            std::span<double>, std::span<double>);

}  // namespace wavesmith
