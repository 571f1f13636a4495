#include "training/point_sets.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/training/test_files.hpp"

namespace wavesmith {
namespace {

double x_of(const Dataset& data, std::size_t i) {
  return data.images[2 * i];
}
double y_of(const Dataset& data, std::size_t i) {
  return data.images[2 * i + 1];
}

TEST(PointSets, LieOnTheirCurves) {
  const Dataset moons = make_point_set("moons", 101, 0.0, 1);
  ASSERT_EQ(moons.count(), 101u);
  for (std::size_t i = 0; i < 101; ++i) {
    const bool second = moons.labels[i] == 1;
    const double dx = x_of(moons, i) - (second ? 1.0 : 0.0),
                 dy = y_of(moons, i) - (second ? 0.5 : 0.0);
    EXPECT_NEAR(std::hypot(dx, dy), 1.0, 1e-6);
    EXPECT_GE(second ? -dy : dy, -1e-6);
  }
  const Dataset circles = make_point_set("circles", 60, 0.0, 1);
  for (std::size_t i = 0; i < 60; ++i)
    EXPECT_NEAR(std::hypot(x_of(circles, i), y_of(circles, i)), circles.labels[i] == 1 ? 0.5 : 1.0,
                1e-6);
}

TEST(PointSets, NoiseHasItsSizeAndItsSeed) {
  constexpr std::size_t count = 20000;
  const Dataset clean = make_point_set("circles", count, 0.0, 3),
                noisy = make_point_set("circles", count, 0.1, 3);
  double squares = 0.0;
  for (std::size_t i = 0; i < 2 * count; ++i)
    squares += std::pow(static_cast<double>(noisy.images[i]) - clean.images[i], 2);
  EXPECT_NEAR(std::sqrt(squares / (2.0 * count)), 0.1, 0.002);
  EXPECT_EQ(noisy.images, make_point_set("circles", count, 0.1, 3).images);
  EXPECT_NE(noisy.images, make_point_set("circles", count, 0.1, 4).images);
  test::expect_parts(test::message_of<InputError>([] { make_point_set("stars", 4, 0.0, 1); }),
                     {"stars", "moons", "circles"});
}

}  // namespace
}  // namespace wavesmith
