// Copies of training images: what is in them, where, and how often.
#include "training/augmentation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"

namespace wavesmith {
namespace {

// Images whose brightness rises by `down` a row and `right` a column.
Dataset sloped(int side, float down, float right, std::size_t count) {
  Dataset data{"sloped", side, side, {}, {}, 3};
  for (std::size_t n = 0; n < count; ++n) {
    for (int i = 0; i < side; ++i)
      for (int j = 0; j < side; ++j)
        data.images.push_back(100.0f + down * static_cast<float>(i) +
                              right * static_cast<float>(j));
    data.labels.push_back(static_cast<int>(n % 3));
  }
  return data;
}

// Of a copy of a slope, which interpolation leaves straight: its middle and its steps.
struct Slope {
  double middle, down, right, bend;
};

Slope slope_of(const Dataset& data, std::size_t n) {
  const int side = data.rows, centre = side / 2;
  const auto at = [&](int i, int j) {
    return static_cast<double>(
        data.images[(n * static_cast<std::size_t>(side) + static_cast<std::size_t>(centre + i)) *
                        static_cast<std::size_t>(side) +
                    static_cast<std::size_t>(centre + j)]);
  };
  return {at(0, 0), (at(1, 0) - at(-1, 0)) / 2.0, (at(0, 1) - at(0, -1)) / 2.0,
          std::abs(at(1, 1) - at(1, 0) - at(0, 1) + at(0, 0))};
}

TEST(Augmentation, CopiesAreMovedWithinTheirLimits) {
  const std::size_t count = 500, used = 400;
  const Dataset data = sloped(13, 0.0f, 3.0f, count);
  const Dataset all = augmented(data, used, {3, 1.5, 0.0, 0.0, false}, 4);
  ASSERT_EQ(all.count(), count + 3 * used);
  double least = 1e9, most = -1e9, sum = 0.0;
  for (std::size_t n = 0; n < all.count(); ++n) {
    const bool own = n < used || n >= 4 * used;
    const std::size_t origin = n < 4 * used ? n % used : n - 3 * used;
    EXPECT_EQ(all.labels[n], data.labels[origin]);
    const Slope slope = slope_of(all, n);
    EXPECT_NEAR(slope.right, 3.0, 1e-4);
    EXPECT_NEAR(slope.down, 0.0, 1e-4);
    EXPECT_NEAR(slope.bend, 0.0, 1e-4);
    const double moved = (100.0 + 3.0 * 6.0 - slope.middle) / 3.0;
    if (own) {
      EXPECT_EQ(moved, 0.0);
      continue;
    }
    least = std::min(least, moved);
    most = std::max(most, moved);
    sum += moved;
  }
  // 1200 draws between -1.5 and 1.5: the mean's deviation is 0.025.
  EXPECT_NEAR(least, -1.5, 0.02);
  EXPECT_NEAR(most, 1.5, 0.02);
  EXPECT_NEAR(sum / 1200.0, 0.0, 0.1);
}

TEST(Augmentation, CopiesAreTurnedAndScaledAboutTheirMiddle) {
  const Dataset data = sloped(13, 2.0f, 1.0f, 600);
  const Dataset all = augmented(data, 600, {2, 0.0, 0.3, 0.2, false}, 9);
  double most_angle = 0.0, least_scale = 9.0, most_scale = 0.0, sum_angle = 0.0;
  for (std::size_t n = 600; n < all.count(); ++n) {
    const Slope slope = slope_of(all, n);
    EXPECT_NEAR(slope.middle, 118.0, 1e-4);
    EXPECT_NEAR(slope.bend, 0.0, 1e-4);
    // A larger image is less steep; turned from the columns' axis towards the rows'.
    const double scale = std::hypot(2.0, 1.0) / std::hypot(slope.down, slope.right);
    const double angle = std::atan2(slope.down, slope.right) - std::atan2(2.0, 1.0);
    EXPECT_LE(std::abs(angle), 0.3 + 1e-5);
    EXPECT_NEAR(scale, 1.0, 0.2 + 1e-5);
    most_angle = std::max(most_angle, std::abs(angle));
    least_scale = std::min(least_scale, scale);
    most_scale = std::max(most_scale, scale);
    sum_angle += angle;
  }
  EXPECT_NEAR(most_angle, 0.3, 0.01);
  EXPECT_NEAR(least_scale, 0.8, 0.01);
  EXPECT_NEAR(most_scale, 1.2, 0.01);
  EXPECT_NEAR(sum_angle / 1200.0, 0.0, 0.025);  // deviation of the mean 0.005
}

TEST(Augmentation, HalfOfTheCopiesAreMirrored) {
  const Dataset data = sloped(7, 2.0f, 1.0f, 600);
  const Dataset all = augmented(data, 600, {1, 0.0, 0.0, 0.0, true}, 2);
  int turned = 0;
  for (std::size_t n = 600; n < all.count(); ++n) {
    const Slope slope = slope_of(all, n);
    EXPECT_NEAR(slope.down, 2.0, 1e-4);
    EXPECT_NEAR(std::abs(slope.right), 1.0, 1e-4);
    turned += slope.right < 0.0 ? 1 : 0;
  }
  EXPECT_NEAR(turned, 300, 60);  // deviation 12
}

TEST(Augmentation, MovesZerosIn) {
  // What is left of a bright image of 8 x 8 pixels moved by (d, r): (8 - |d|) (8 - |r|).
  Dataset data = sloped(8, 0.0f, 0.0f, 900);
  const Dataset all = augmented(data, 900, {1, 3.0, 0.0, 0.0, false}, 1);
  double sum = 0.0;
  for (std::size_t k = 900 * 64; k < all.images.size(); ++k)
    sum += static_cast<double>(all.images[k]) / 100.0;
  EXPECT_NEAR(sum / 900.0, 6.5 * 6.5, 1.4);  // deviation 0.27
}

TEST(Augmentation, FollowsFromTheSeedAndRefusesWhatIsNone) {
  const Dataset data = sloped(6, 1.0f, 2.0f, 50);
  EXPECT_EQ(augmented(data, 50, {2, 2.0, 0.1, 0.1, true}, 7).images,
            augmented(data, 50, {2, 2.0, 0.1, 0.1, true}, 7).images);
  EXPECT_NE(augmented(data, 50, {2, 2.0, 0.1, 0.1, true}, 7).images,
            augmented(data, 50, {2, 2.0, 0.1, 0.1, true}, 8).images);
  EXPECT_EQ(augmented(data, 50, {}, 7).images, data.images);
  EXPECT_THROW(augmented(data, 50, {2, 0.0, 0.0, 0.0, false}, 7), InputError);
  EXPECT_THROW(augmented(data, 50, {2, 3.0, 0.0, 0.0, false}, 7), InputError);
  EXPECT_THROW(augmented(data, 50, {2, 0.0, 0.0, 1.0, false}, 7), InputError);
}

}  // namespace
}  // namespace wavesmith
