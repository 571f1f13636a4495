#include "physics/feature_size.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "tests/training/test_files.hpp"

namespace wavesmith {
namespace {

constexpr double nm = 1e-9, pi = std::numbers::pi;

// In nanometres; turned and moved.
Ring placed(Ring ring, double angle, const Point2& shift = {0, 0}) {
  for (Point2& p : ring)
    p = {nm * (std::cos(angle) * p[0] - std::sin(angle) * p[1] + shift[0]),
         nm * (std::sin(angle) * p[0] + std::cos(angle) * p[1] + shift[1])};
  return ring;
}
Ring rectangle(double x0, double y0, double x1, double y1) {
  return {{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}};
}
Ring disc(double x, double y, double radius, int n = 400) {
  Ring ring;
  for (int i = 0; i < n; ++i)
    ring.push_back({x + radius * std::cos(2 * pi * i / n), y + radius * std::sin(2 * pi * i / n)});
  return ring;
}
Ring reversed(Ring ring) {
  return {ring.rbegin(), ring.rend()};
}
// A rectangle whose corners are arcs.
Ring rounded(double x0, double y0, double x1, double y1, double radius) {
  Ring ring;
  const Point2 centres[] = {{x1 - radius, y1 - radius},
                            {x0 + radius, y1 - radius},
                            {x0 + radius, y0 + radius},
                            {x1 - radius, y0 + radius}};
  for (int c = 0; c < 4; ++c)
    for (int i = 0; i <= 40; ++i) {
      const double a = 0.5 * pi * (c + i / 40.0);
      ring.push_back({centres[c][0] + radius * std::cos(a), centres[c][1] + radius * std::sin(a)});
    }
  return ring;
}

constexpr double none = 0.0;

struct Case {
  const char* name;
  std::vector<Ring> rings;  // [nm]
  double solid, gap;        // [nm]; none: nothing below 400 nm
};

const Case cases[] = {
    {"a bar", {rectangle(-900, -35, 900, 35)}, 70, none},
    {"a bar that is no whole number of pixels wide",
     {rectangle(-900, -31.7, 900, 31.7)},
     63.4,
     none},
    {"a large square", {rectangle(-900, -900, 900, 900)}, none, none},
    {"a square with round corners", {rounded(-900, -900, 900, 900, 120)}, none, none},
    {"two blocks and the gap between",
     {rectangle(-900, -400, -40, 400), rectangle(40, -400, 900, 400)},
     none,
     80},
    {"a disc", {disc(10, -20, 95)}, 190, none},
    {"two discs nearby", {disc(-330, 0, 300), disc(330, 0, 300)}, none, 60},
    {"a ring", {disc(0, 0, 500), reversed(disc(0, 0, 440))}, 60, none},
    {"a hole", {rectangle(-900, -900, 900, 900), reversed(disc(100, 50, 75))}, none, 150},
    {"two holes and the wall between",
     {rectangle(-900, -900, 900, 900), reversed(disc(-330, 0, 300)), reversed(disc(330, 0, 300))},
     60,
     none},
    {"a short neck",
     {{{-900, -500},
       {-15, -500},
       {-15, -45},
       {15, -45},
       {15, -500},
       {900, -500},
       {900, 500},
       {15, 500},
       {15, 45},
       {-15, 45},
       {-15, 500},
       {-900, 500}}},
     90,
     30},
    {"a thin bar at a block",
     {rectangle(-900, 0, 900, 800), rectangle(-900, -90, 900, -50)},
     40,
     50},
    {"blocks that abut", {rectangle(-900, -300, 0, 300), rectangle(0, -300, 900, 300)}, none, none},
    {"blocks that overlap",
     {rectangle(-900, -300, 50, 300), rectangle(-50, -250, 900, 300)},
     none,
     none},
    {"a slot from outside",
     {{{-900, -600},
       {900, -600},
       {900, 600},
       {55, 600},
       {55, -100},
       {-55, -100},
       {-55, 600},
       {-900, 600}}},
     none,
     110},
    {"a slit that leaves a bridge of 130",
     {{{-900, -600},
       {900, -600},
       {900, 600},
       {300, 600},
       {300, -470},
       {-300, -470},
       {-300, 600},
       {-900, 600}}},
     130,
     none},
};

TEST(FeatureSize, IsThatOfKnownShapesAtAnyAngle) {
  double worst = 0.0;
  int turn = 0;
  for (const Case& c : cases)
    for (const double angle : {0.0, turn++ % 2 == 0 ? 0.3 : pi / 4}) {
      std::vector<Ring> rings;
      for (const Ring& ring : c.rings) rings.push_back(placed(ring, angle, {1234.5, -77.7}));
      const double accuracy = 10.0;
      const FeatureSizes sizes = minimum_feature(rings, {accuracy * nm, 400 * nm, std::nullopt});
      for (const auto& [feature, expected, what] :
           {std::tuple{sizes.solid, c.solid, "solid"}, {sizes.gap, c.gap, "gap"}}) {
        EXPECT_EQ(feature.found, expected != none)
            << c.name << " at " << angle << ": " << what << " " << feature.width / nm << " at "
            << feature.place[0] / nm << ", " << feature.place[1] / nm;
        if (!feature.found || expected == none) continue;
        EXPECT_NEAR(feature.width / nm, expected, accuracy)
            << c.name << " at " << angle << ": " << what;
        worst = std::max(worst, std::abs(feature.width / nm - expected) / accuracy);
      }
    }
  std::printf("off by %.2f of the accuracy at most\n", worst);
}

// Sharper than a right angle: as narrow as can be told.
TEST(FeatureSize, SpikesHaveNoWidthAtTheirTip) {
  const std::vector<Ring> spike{placed(
      {{-500, -500}, {500, -500}, {500, 500}, {60, 500}, {0, 900}, {-60, 500}, {-500, 500}}, 0.2)};
  const FeatureSizes sizes = minimum_feature(spike, {8 * nm, 300 * nm, std::nullopt});
  EXPECT_TRUE(sizes.solid.found);
  EXPECT_LT(sizes.solid.width, 24 * nm);
  EXPECT_FALSE(sizes.gap.found);
}

TEST(FeatureSize, PlacesAreInTheFeature) {
  const std::vector<Ring> rings{placed(rectangle(-900, 0, 900, 800), 0),
                                placed(rectangle(-900, -90, 900, -50), 0)};
  const FeatureSizes sizes = minimum_feature(rings, {10 * nm, 300 * nm, std::nullopt});
  EXPECT_NEAR(sizes.solid.place[1] / nm, -70, 25);
  EXPECT_NEAR(sizes.gap.place[1] / nm, -25, 10);
  EXPECT_LT(std::abs(sizes.gap.place[0]), 900 * nm);
}

// A waveguide that leaves the region at 30 degrees is as wide there as before.
TEST(FeatureSize, RegionsGoOnBeyondTheirBorder) {
  const std::vector<Ring> guide{placed(rectangle(-3000, -100, 3000, 100), pi / 6)};
  const std::array<Point2, 2> region{Point2{-500 * nm, -500 * nm}, Point2{500 * nm, 500 * nm}};
  const FeatureSizes inside = minimum_feature(guide, {8 * nm, 350 * nm, region});
  EXPECT_TRUE(inside.solid.found);
  EXPECT_NEAR(inside.solid.width / nm, 200, 8);
  EXPECT_FALSE(inside.gap.found);
  // What is outside of the region is not looked at.
  const std::vector<Ring> more{guide[0], placed(rectangle(600, 600, 620, 900), 0)};
  EXPECT_EQ(minimum_feature(more, {8 * nm, 350 * nm, region}).solid.width, inside.solid.width);
}

TEST(FeatureSize, ConvergesWithTheAccuracy) {
  const std::vector<Ring> rings{placed(disc(-333.3, 0, 300), 0.4), placed(disc(333.3, 0, 300), 0.4),
                                placed(rectangle(-600, 500, 600, 587.3), 0.4)};
  for (const double accuracy : {40.0, 20.0, 10.0, 5.0}) {
    const auto start = std::chrono::steady_clock::now();
    const FeatureSizes sizes = minimum_feature(rings, {accuracy * nm, 300 * nm, std::nullopt});
    std::printf("accuracy %4.1f nm: solid %.1f (87.3), gap %.1f (66.6) nm, %.2f s\n", accuracy,
                sizes.solid.width / nm, sizes.gap.width / nm,
                std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    EXPECT_NEAR(sizes.solid.width / nm, 87.3, accuracy);
    EXPECT_NEAR(sizes.gap.width / nm, 66.6, accuracy);
  }
}

TEST(FeatureSize, RefusesWhatCannotBeMeasured) {
  EXPECT_THROW(minimum_feature({}), InputError);
  const std::vector<Ring> ring{placed(rectangle(0, 0, 1000, 1000), 0)};
  test::expect_parts(test::message_of<InputError>([&] {
                       minimum_feature(ring, {1e-15, 0, {}});
                     }),
                     {"pixels are too many", "coarser accuracy"});
  EXPECT_THROW(minimum_feature(ring, {-1.0, 0, {}}), InputError);
  EXPECT_THROW(minimum_feature(ring, {0, 0, std::array{Point2{1, 1}, Point2{0, 0}}}), InputError);
}

}  // namespace
}  // namespace wavesmith
