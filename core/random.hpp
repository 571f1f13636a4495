// Counter-based random numbers: draw n of a stream is a function of (seed, stream, n) alone, so it
// does not depend on the number of threads, on the order of draws or on where a run was resumed.
//
// Philox 4x32 with 10 rounds: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as
// 1, 2, 3", SC11 (2011). The key is the seed; the counter block is (n, stream).
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace wavesmith {

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

inline PhiloxCounter philox_4x32_10(PhiloxCounter counter, PhiloxKey key) {
  constexpr std::uint64_t multiplier_0 = 0xD2511F53, multiplier_1 = 0xCD9E8D57;
  constexpr std::uint32_t weyl_0 = 0x9E3779B9, weyl_1 = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
    if (round > 0) {
      key[0] += weyl_0;
      key[1] += weyl_1;
    }
    const std::uint64_t product_0 = multiplier_0 * counter[0];
    const std::uint64_t product_1 = multiplier_1 * counter[2];
    counter = {static_cast<std::uint32_t>(product_1 >> 32) ^ counter[1] ^ key[0],
               static_cast<std::uint32_t>(product_1),
               static_cast<std::uint32_t>(product_0 >> 32) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(product_0)};
  }
  return counter;
}

// One stream of draws. Streams of one seed and streams of different seeds are independent. All
// draws with the same n come from the same bits: use one kind of draw for each n.
class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t stream) : seed_(seed), stream_(stream) {}

  std::uint64_t bits(std::uint64_t n) const {
    const PhiloxCounter block = draw_block(n);
    return join(block[0], block[1]);
  }

  // In [0, 1), a multiple of 2^-53.
  double uniform(std::uint64_t n) const { return to_unit(bits(n)); }

  // In [low, high).
  double uniform(std::uint64_t n, double low, double high) const {
    return low + (high - low) * uniform(n);
  }

  // In 0 .. count - 1, count >= 1. The bias is below count / 2^64.
  std::uint64_t below(std::uint64_t n, std::uint64_t count) const {
    // The high half of the 128-bit product bits * count.
    const std::uint64_t a = bits(n), mask = 0xFFFFFFFF;
    const std::uint64_t low = (a & mask) * (count & mask);
    const std::uint64_t middle_1 = (a >> 32) * (count & mask) + (low >> 32);
    const std::uint64_t middle_2 = (a & mask) * (count >> 32) + (middle_1 & mask);
    return (a >> 32) * (count >> 32) + (middle_1 >> 32) + (middle_2 >> 32);
  }

  // Two independent normal draws with mean 0 and variance 1 (Box and Muller 1958).
  std::array<double, 2> normal_pair(std::uint64_t n) const {
    const PhiloxCounter block = draw_block(n);
    // 1 - u is in (0, 1]: its logarithm is finite.
    const double radius = std::sqrt(-2.0 * std::log(1.0 - to_unit(join(block[0], block[1]))));
    const double angle = 2.0 * std::numbers::pi * to_unit(join(block[2], block[3]));
    return {radius * std::cos(angle), radius * std::sin(angle)};
  }

  double normal(std::uint64_t n) const { return normal_pair(n)[0]; }

  // What philox_4x32_10 is given for draw n.
  PhiloxCounter counter(std::uint64_t n) const {
    return {static_cast<std::uint32_t>(n), static_cast<std::uint32_t>(n >> 32),
            static_cast<std::uint32_t>(stream_), static_cast<std::uint32_t>(stream_ >> 32)};
  }
  PhiloxKey key() const {
    return {static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32)};
  }

 private:
  static std::uint64_t join(std::uint32_t low, std::uint32_t high) {
    return static_cast<std::uint64_t>(high) << 32 | low;
  }
  static double to_unit(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1.0p-53; }
  PhiloxCounter draw_block(std::uint64_t n) const { return philox_4x32_10(counter(n), key()); }

  std::uint64_t seed_, stream_;
};

}  // namespace wavesmith
