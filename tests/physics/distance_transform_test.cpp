#include "physics/distance_transform.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>

namespace wavesmith {
namespace {

TEST(DistanceTransform, IsThatOfAllPairs) {
  std::mt19937 random(2);
  for (const auto& [nx, ny] : {std::pair{1, 1}, {1, 20}, {20, 1}, {13, 17}, {31, 8}, {40, 40}})
    for (const unsigned rarity : {1u, 2u, 10u, 100u, 4000u}) {
      std::vector<char> marked(static_cast<std::size_t>(nx * ny));
      for (char& m : marked) m = random() % rarity == 0;
      const auto distance = squared_distances(marked, nx, ny);
      for (int j = 0; j < ny; ++j)
        for (int i = 0; i < nx; ++i) {
          int best = nx * nx + ny * ny;
          for (int b = 0; b < ny; ++b)
            for (int a = 0; a < nx; ++a)
              if (marked[static_cast<std::size_t>(b * nx + a)])
                best = std::min(best, (a - i) * (a - i) + (b - j) * (b - j));
          EXPECT_EQ(distance[static_cast<std::size_t>(j * nx + i)], best);
        }
    }
}

TEST(DistanceTransform, IsLinearInPixels) {
  const int n = 2000;
  std::vector<char> marked(static_cast<std::size_t>(n) * n);
  marked[12345] = marked[3000000] = 1;
  const auto start = std::chrono::steady_clock::now();
  const auto distance = squared_distances(marked, n, n);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("%d x %d pixels: %.2f s\n", n, n, seconds);
  EXPECT_EQ(distance[12345], 0);
  EXPECT_LT(seconds, 20.0);
}

}  // namespace
}  // namespace wavesmith
