#include "physics/detectors.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>

#include "core/error.hpp"
#include "core/random.hpp"

namespace wavesmith {
namespace {

std::vector<double> random_image(std::size_t size) {
  const Random random(2, 0);
  std::vector<double> values(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = random.uniform(i);
  return values;
}

void expect_sorted(const Detector& detector) {
  EXPECT_EQ(detector.names.size(), static_cast<std::size_t>(detector.reading_count));
  for (std::size_t e = 0; e < detector.entries.size(); ++e) {
    const DetectorEntry& entry = detector.entries[e];
    EXPECT_LT(entry.sample, detector.plane.size());
    EXPECT_GT(entry.weight, 0.0);
    if (e == 0) continue;
    const DetectorEntry& before = detector.entries[e - 1];
    EXPECT_TRUE(before.reading < entry.reading ||
                (before.reading == entry.reading && before.sample < entry.sample));
  }
}

// Under uniform light every region reads its area.
TEST(Detectors, RegionsReadTheirArea) {
  const Plane plane{97, 83, 0.11, 0.13, 0.5, -0.25};
  const std::vector<DetectorRegion> regions = {{"square", rectangle_at(0.1, 0.2, 1.0, 2.0)},
                                               {"disk", circle_at(-1.0, 0.4, 3.1)},
                                               {"dot", circle_at(2.0, 1.0, 0.02)},
                                               {"ring", ring_at(0.5, -0.25, 4.0, 9.0)}};
  const Detector detector = region_detector(plane, regions);
  expect_sorted(detector);
  const auto readings = read_out(detector, std::vector<double>(plane.size(), 1.0));
  for (std::size_t r = 0; r < regions.size(); ++r)
    EXPECT_NEAR(readings[r], area(regions[r].shape), 1e-11) << regions[r].name;
  EXPECT_EQ(detector.names[1], "disk");
}

// Lin's layout on his plane: 200 samples of 0.4 mm, squares of 20 samples on sample borders.
TEST(Detectors, TenClassesLieInRowsOfThreeFourThree) {
  const Plane plane{200, 200, 0.4e-3, 0.4e-3};
  const Detector detector = region_detector(plane, ten_class_regions(8e-3, 12.8e-3, 16e-3));
  expect_sorted(detector);
  ASSERT_EQ(detector.reading_count, 10);
  EXPECT_EQ(detector.entries.size(), 10u * 400u);
  std::vector<double> x(10), y(10);
  for (const DetectorEntry& entry : detector.entries) {
    EXPECT_NEAR(entry.weight, plane.cell_area(), 1e-20);
    x[static_cast<std::size_t>(entry.reading)] +=
        plane.x(static_cast<int>(entry.sample % 200)) / 400;
    y[static_cast<std::size_t>(entry.reading)] +=
        plane.y(static_cast<int>(entry.sample / 200)) / 400;
  }
  const double columns[] = {-19.2e-3, 0,       19.2e-3,  -19.2e-3, -6.4e-3,
                            6.4e-3,   19.2e-3, -19.2e-3, 0,        19.2e-3};
  for (std::size_t c = 0; c < 10; ++c) {
    EXPECT_NEAR(x[c], columns[c], 1e-12);
    EXPECT_NEAR(y[c], c < 3 ? -16e-3 : (c < 7 ? 0.0 : 16e-3), 1e-12);
    EXPECT_EQ(detector.names[c], std::to_string(c));
  }
}

TEST(Detectors, PairsAreOrderedPlusMinus) {
  const auto pairs = ten_class_pairs(2.0, 5.0, 8.0, 1.0, 10.0, 20.0);
  const auto classes = ten_class_regions(2.0, 5.0, 8.0, 10.0, 20.0);
  ASSERT_EQ(pairs.size(), 20u);
  for (std::size_t c = 0; c < 10; ++c) {
    const Shape &plus = pairs[2 * c].shape, &minus = pairs[2 * c + 1].shape;
    EXPECT_EQ(pairs[2 * c].name, "+" + std::to_string(c));
    EXPECT_EQ(pairs[2 * c + 1].name, "-" + std::to_string(c));
    EXPECT_NEAR(0.5 * (plus.y + minus.y), classes[c].shape.y, 1e-14);
    EXPECT_NEAR(minus.y - plus.y, 3.0, 1e-14);
    EXPECT_EQ(plus.x, classes[c].shape.x);
  }
}

TEST(Detectors, CameraReadsAllTheLight) {
  const Plane plane{12, 8, 0.5, 0.25};
  const std::vector<double> image = random_image(plane.size());
  const double all = std::accumulate(image.begin(), image.end(), 0.0) * plane.cell_area();
  for (const int block : {1, 2, 4}) {
    const Detector detector = image_detector(plane, block);
    expect_sorted(detector);
    EXPECT_EQ(detector.reading_count, 96 / (block * block));
    const auto readings = read_out(detector, image);
    EXPECT_NEAR(std::accumulate(readings.begin(), readings.end(), 0.0), all, 1e-13);
    double corner = 0.0;
    for (int j = 0; j < block; ++j)
      for (int i = 0; i < block; ++i) corner += image[static_cast<std::size_t>(j * 12 + i)];
    EXPECT_NEAR(readings[0], corner * plane.cell_area(), 1e-14);
  }
  EXPECT_THROW(image_detector(plane, 3), InputError);
  EXPECT_THROW(image_detector(plane, 0), InputError);
}

TEST(Detectors, RingsDivideTheDisk) {
  const Plane plane{64, 64, 0.1, 0.1};
  const std::vector<double> edges = {0.0, 0.33, 0.5, 1.27, 3.0};
  const Detector rings = ring_detector(plane, 0.05, -0.1, edges);
  expect_sorted(rings);
  const auto readings = read_out(rings, std::vector<double>(plane.size(), 2.0));
  for (std::size_t r = 0; r + 1 < edges.size(); ++r)
    EXPECT_NEAR(readings[r],
                2.0 * std::numbers::pi * (edges[r + 1] * edges[r + 1] - edges[r] * edges[r]),
                1e-11);
}

TEST(Detectors, BadDetectorsAreRefused) {
  const Plane plane{20, 20, 1.0, 1.0};
  const auto regions = [&](const Shape& shape) {
    const std::vector<DetectorRegion> one = {{"it", shape}};
    return region_detector(plane, one);
  };
  EXPECT_NO_THROW(regions(rectangle_at(0, 0, 20, 20)));
  EXPECT_THROW(regions(rectangle_at(0.1, 0, 20, 20)), InputError);
  EXPECT_THROW(regions(circle_at(9, 0, 4)), InputError);
  EXPECT_THROW(regions(circle_at(std::nan(""), 0, 4)), InputError);
  EXPECT_THROW(region_detector(plane, {}), InputError);
  EXPECT_THROW(ten_class_regions(3.0, 2.0, 5.0), InputError);
  EXPECT_THROW(ten_class_pairs(2.0, 5.0, 4.5, 1.0), InputError);
  EXPECT_THROW(ring_detector(plane, 0, 0, std::vector<double>{1.0, 0.5}), InputError);
  EXPECT_THROW(ring_detector(plane, 0, 0, std::vector<double>{1.0}), InputError);
  DetectorSpec spec;
  spec.kind = "camera";
  EXPECT_THROW(make_detector(spec, plane), InputError);
}

TEST(Detectors, EveryKindIsMadeByName) {
  const Plane plane{60, 60, 1.0, 1.0};
  DetectorSpec spec;
  spec.size = 4.0;
  spec.spacing_x = 10.0;
  spec.spacing_y = 12.0;
  spec.gap = 1.0;
  spec.regions = {{"a", circle_at(0, 0, 3)}};
  spec.block = 10;
  spec.edges = {0, 1, 2};
  const int counts[] = {10, 20, 1, 36, 2};
  std::size_t at = 0;
  for (const DetectorKind& kind : list_detectors()) {
    spec.kind = kind.name;
    EXPECT_EQ(make_detector(spec, plane).reading_count, counts[at++]) << kind.name;
  }
}

}  // namespace
}  // namespace wavesmith
