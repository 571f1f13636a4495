#include "core/random.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace wavesmith {
namespace {

// Known answers published with the generator's reference implementation (Random123, kat_vectors).
TEST(Random, GivesThePublishedPhiloxVectors) {
  EXPECT_EQ(philox_4x32_10({0, 0, 0, 0}, {0, 0}),
            (PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox_4x32_10({ones, ones, ones, ones}, {ones, ones}),
            (PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(
      philox_4x32_10({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
      (PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, SeedStreamAndCounterAllMatter) {
  std::set<std::uint64_t> seen;
  for (const std::uint64_t shift : {0, 31, 32, 63}) {
    const std::uint64_t one = std::uint64_t{1} << shift;
    seen.insert(Random(one, 0).bits(0));
    seen.insert(Random(0, one).bits(0));
    seen.insert(Random(0, 0).bits(one));
  }
  EXPECT_EQ(seen.size(), 12u);
  EXPECT_EQ(Random(3, 4).uniform(5), Random(3, 4).uniform(5));
}

// Moments and the Kolmogorov-Smirnov distance, within what chance allows (5 standard deviations).
TEST(Random, UniformDrawsAreUniform) {
  const int count = 200000, bins = 100;
  const Random random(42, 7);
  std::vector<int> histogram(bins);
  double sum = 0.0, neighbours = 0.0;
  for (int n = 0; n < count; ++n) {
    const double u = random.uniform(static_cast<std::uint64_t>(n));
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    neighbours += (u - 0.5) * (random.uniform(static_cast<std::uint64_t>(n) + 1) - 0.5);
    ++histogram[static_cast<std::size_t>(u * bins)];
  }
  EXPECT_NEAR(sum / count, 0.5, 5 * std::sqrt(1.0 / 12 / count));
  EXPECT_NEAR(neighbours / count, 0.0, 5 / 12.0 / std::sqrt(count));
  double chi_squared = 0.0;
  for (const int n : histogram) {
    const double expected = double(count) / bins;
    chi_squared += (n - expected) * (n - expected) / expected;
  }
  EXPECT_NEAR(chi_squared, bins - 1, 5 * std::sqrt(2.0 * (bins - 1)));
}

TEST(Random, NormalDrawsAreNormal) {
  const int count = 100000;
  const Random random(1, 2);
  double moment[5] = {}, cross = 0.0;
  int inside = 0;
  for (int n = 0; n < count; ++n) {
    const auto [x, y] = random.normal_pair(static_cast<std::uint64_t>(n));
    ASSERT_TRUE(std::isfinite(x) && std::isfinite(y));
    cross += x * y;
    for (int p = 1; p <= 4; ++p) moment[p] += std::pow(x, p) + std::pow(y, p);
    inside += (std::abs(x) < 1.0) + (std::abs(y) < 1.0);
  }
  const double draws = 2.0 * count;
  EXPECT_NEAR(moment[1] / draws, 0.0, 5 / std::sqrt(draws));
  EXPECT_NEAR(moment[2] / draws, 1.0, 5 * std::sqrt(2 / draws));
  EXPECT_NEAR(moment[3] / draws, 0.0, 5 * std::sqrt(15 / draws));
  EXPECT_NEAR(moment[4] / draws, 3.0, 5 * std::sqrt(96 / draws));
  EXPECT_NEAR(cross / count, 0.0, 5 / std::sqrt(count));
  EXPECT_NEAR(inside / draws, std::erf(std::sqrt(0.5)), 5 * 0.47 / std::sqrt(draws));
}

TEST(Random, BelowCoversItsRange) {
  const Random random(5, 5);
  std::set<std::uint64_t> seen;
  for (std::uint64_t n = 0; n < 1000; ++n) seen.insert(random.below(n, 7));
  EXPECT_EQ(seen, (std::set<std::uint64_t>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(random.below(0, 1), 0u);
  // Against 128-bit arithmetic.
  for (std::uint64_t n = 0; n < 100; ++n) {
    const std::uint64_t count = Random(9, 9).bits(n) | 1;
    __extension__ using Wide = unsigned __int128;
    EXPECT_EQ(random.below(n, count),
              static_cast<std::uint64_t>(static_cast<Wide>(random.bits(n)) * count >> 64));
  }
}

}  // namespace
}  // namespace wavesmith
