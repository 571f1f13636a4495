#include "viz/colour_map.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace wavesmith {
namespace {

struct Lab {
  double L, a, b;
};

// CIELAB (CIE 1976, D65), independent of the space in which the maps are built.
Lab cielab(Rgb c) {
  const auto decode = [](int v) {
    const double s = v / 255.0;
    return s <= 0.04045 ? s / 12.92 : std::pow((s + 0.055) / 1.055, 2.4);
  };
  const double r = decode(c.r), g = decode(c.g), b = decode(c.b);
  const double x = (0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047;
  const double y = 0.2126729 * r + 0.7151522 * g + 0.0721750 * b;
  const double z = (0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883;
  const auto f = [](double t) {
    return t > 216.0 / 24389.0 ? std::cbrt(t) : (24389.0 / 27.0 * t + 16.0) / 116.0;
  };
  return {116.0 * f(y) - 16.0, 500.0 * (f(x) - f(y)), 200.0 * (f(y) - f(z))};
}

double distance(Rgb a, Rgb b) {
  const Lab p = cielab(a), q = cielab(b);
  return std::hypot(p.L - q.L, p.a - q.a, p.b - q.b);
}

TEST(ColourMap, SequentialMapsRiseInLightness) {
  for (ColourMap map : {ColourMap::intensity, ColourMap::grey}) {
    const auto& table = colour_table(map);
    for (std::size_t i = 8; i < table.size(); ++i)
      EXPECT_GT(cielab(table[i]).L, cielab(table[i - 8]).L) << i;
    EXPECT_LT(cielab(table.front()).L, 5.0);
    EXPECT_GT(cielab(table.back()).L, 90.0);
  }
}

TEST(ColourMap, PhaseMapClosesWithoutAStep) {
  const auto& table = colour_table(ColourMap::phase);
  std::vector<double> steps;
  for (std::size_t i = 0; i < table.size(); i += 8)
    steps.push_back(distance(table[i], table[(i + 8) % table.size()]));
  // The step over the seam is like those on either side of it.
  EXPECT_NEAR(steps.back() / steps.front(), 1.0, 0.15);
  EXPECT_NEAR(steps.back() / steps[steps.size() - 2], 1.0, 0.15);
  const auto [least, most] = std::minmax_element(steps.begin(), steps.end());
  EXPECT_LT(*most / *least, 4.0);  // CIELAB and OKLab disagree about blues by this much
  EXPECT_GT(*least, 2.0);          // a sixteenth of a half turn can be told apart
}

TEST(ColourMap, PhaseIsPeriodicAndTheOthersClamp) {
  for (double t : {0.0, 0.2, 0.5, 0.99}) {
    EXPECT_EQ(colour_at(ColourMap::phase, t + 1.0), colour_at(ColourMap::phase, t));
    EXPECT_EQ(colour_at(ColourMap::phase, t - 3.0), colour_at(ColourMap::phase, t));
  }
  for (ColourMap map : {ColourMap::intensity, ColourMap::diverging, ColourMap::grey}) {
    EXPECT_EQ(colour_at(map, -5.0), colour_table(map).front());
    EXPECT_EQ(colour_at(map, 7.0), colour_table(map).back());
    EXPECT_EQ(colour_at(map, std::numeric_limits<double>::quiet_NaN()), colour_of_nan);
  }
}

TEST(ColourMap, DivergingIsLightestAndColourlessAtTheMiddle) {
  const auto& table = colour_table(ColourMap::diverging);
  const Lab middle = cielab(colour_at(ColourMap::diverging, 0.5));
  EXPECT_LT(std::hypot(middle.a, middle.b), 4.0);
  EXPECT_GT(middle.L, cielab(table[0]).L + 30.0);
  EXPECT_NEAR(cielab(table[0]).L, cielab(table[255]).L, 12.0);
  EXPECT_LT(cielab(table[0]).b, -20.0);   // blue below
  EXPECT_GT(cielab(table[255]).a, 20.0);  // red above
}

TEST(ColourMap, CurvesCanBeToldApart) {
  for (int i = 0; i < 6; ++i)
    for (int j = 0; j < i; ++j) EXPECT_GT(distance(curve_colour(i), curve_colour(j)), 20.0);
}

}  // namespace
}  // namespace wavesmith
