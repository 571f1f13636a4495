// Copies of training images: what is in them, where, and how often.
#include "training/augmentation.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>

#include "core/error.hpp"

namespace wavesmith {
namespace {

// Images of rows x columns pixels, zero but for one that carries the image's number.
Dataset marked(int rows, int columns, int row, int column, std::size_t count) {
  Dataset data{"marked", rows, columns, {}, {}, 3};
  const std::size_t size = static_cast<std::size_t>(rows * columns);
  data.images.assign(size * count, 0.0f);
  for (std::size_t n = 0; n < count; ++n) {
    data.images[n * size + static_cast<std::size_t>(row * columns + column)] =
        static_cast<float>(n + 1);
    data.labels.push_back(static_cast<int>(n % 3));
  }
  return data;
}

TEST(Augmentation, CopiesAreTheImagesMovedAndMirrored) {
  const int rows = 5, columns = 6, row = 2, column = 2;
  const std::size_t count = 700, used = 600, size = 30;
  const Dataset data = marked(rows, columns, row, column, count);
  const Dataset all = augmented(data, used, {3, 1, true}, 4);
  ASSERT_EQ(all.count(), count + 3 * used);
  ASSERT_EQ(all.images.size(), all.count() * size);
  std::map<std::array<int, 2>, int> seen;
  for (std::size_t n = 0; n < all.count(); ++n) {
    const bool own = n < used || n >= 4 * used;
    const std::size_t origin = n < 4 * used ? n % used : n - 3 * used;
    EXPECT_EQ(all.labels[n], data.labels[origin]);
    std::size_t lit = 0, place = 0;
    for (std::size_t i = 0; i < size; ++i)
      if (all.images[n * size + i] != 0.0f) {
        ++lit;
        place = i;
      }
    ASSERT_EQ(lit, 1u);
    EXPECT_EQ(all.images[n * size + place], static_cast<float>(origin + 1));
    const int i = static_cast<int>(place) / columns, j = static_cast<int>(place) % columns;
    if (own) {
      EXPECT_EQ(i, row);
      EXPECT_EQ(j, column);
    } else {
      ++seen[{i, j}];
    }
  }
  // The pixel at column 2 stands at 1 to 3, mirrored (5 - 2 = 3) at 2 to 4: 4 columns with weights
  // 1, 2, 2, 1 of 6, and 3 rows; 1800 copies, so 100 or 200 a place with deviations below 14.
  EXPECT_EQ(seen.size(), 12u);
  for (const auto& [place, times] : seen) {
    const bool outer = place[1] == 1 || place[1] == 4;
    EXPECT_NEAR(times, outer ? 100 : 200, outer ? 50 : 70) << place[0] << ' ' << place[1];
  }
}

TEST(Augmentation, MovesZerosIn) {
  // The corner's pixel leaves with every move up or to the left.
  const Dataset data = marked(4, 4, 0, 0, 900);
  const Dataset all = augmented(data, 900, {1, 1, false}, 1);
  int gone = 0;
  for (std::size_t n = 900; n < 1800; ++n) {
    float sum = 0.0f;
    for (std::size_t i = 0; i < 16; ++i) sum += all.images[n * 16 + i];
    gone += sum == 0.0f ? 1 : 0;
  }
  EXPECT_NEAR(gone, 500, 75);  // 5 of 9 moves, deviation 15
}

TEST(Augmentation, FollowsFromTheSeedAndRefusesWhatIsNone) {
  const Dataset data = marked(6, 6, 3, 3, 50);
  EXPECT_EQ(augmented(data, 50, {2, 2, true}, 7).images,
            augmented(data, 50, {2, 2, true}, 7).images);
  EXPECT_NE(augmented(data, 50, {2, 2, true}, 7).images,
            augmented(data, 50, {2, 2, true}, 8).images);
  EXPECT_EQ(augmented(data, 50, {}, 7).images, data.images);
  EXPECT_THROW(augmented(data, 50, {2, 0, false}, 7), InputError);
  EXPECT_THROW(augmented(data, 50, {2, 3, false}, 7), InputError);
}

}  // namespace
}  // namespace wavesmith
