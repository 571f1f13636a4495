#ifdef WAVESMITH_HAS_VTK
#include "apps/picture_parts.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "physics/detectors.hpp"

namespace wavesmith {
namespace {

TEST(RegionOutlines, AreTheEdgesOfTheRegionsOnly) {
  const Plane plane{8, 8, 1.0, 1.0};
  // Samples 2 to 5 along x and 3 to 4 along y, exactly.
  const DetectorRegion region{"r", rectangle_at(0.0, 0.0, 4.0, 2.0)};
  const Detector detector = region_detector(plane, std::span<const DetectorRegion>(&region, 1));
  std::vector<double> intensity(plane.size());
  for (std::size_t i = 0; i < intensity.size(); ++i) intensity[i] = static_cast<double>(i);
  constexpr int fine = 6, line = 2;
  const std::vector<float> drawn = with_region_outlines(detector, intensity, fine);
  ASSERT_EQ(drawn.size(), plane.size() * fine * fine);
  for (int j = 0; j < 8 * fine; ++j)
    for (int i = 0; i < 8 * fine; ++i) {
      const float value = drawn[static_cast<std::size_t>(j * 8 * fine + i)];
      const bool inside = i >= 2 * fine && i < 6 * fine && j >= 3 * fine && j < 5 * fine;
      const bool core = i >= 2 * fine + line && i < 6 * fine - line && j >= 3 * fine + line &&
                        j < 5 * fine - line;
      if (inside && !core)
        EXPECT_TRUE(std::isnan(value)) << i << " " << j;
      else
        EXPECT_EQ(value, static_cast<float>(j / fine * 8 + i / fine));
    }
}

TEST(UprightPictures, ShowTheFirstRowOnTop) {
  Picture picture = picture_over({2, 3, 1.0, 1.0, 0.0, 10.0}, {0, 1, 2, 3, 4, 5}, "");
  turn_upright(picture);
  EXPECT_EQ(picture.values, (std::vector<float>{4, 5, 2, 3, 0, 1}));
  EXPECT_DOUBLE_EQ(picture.y[0], -11.5);
  EXPECT_DOUBLE_EQ(picture.y[1], -8.5);
}

}  // namespace
}  // namespace wavesmith
#endif
