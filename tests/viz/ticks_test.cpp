#include "viz/ticks.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <set>

namespace wavesmith {
namespace {

TEST(Ticks, LinearTicksLieInsideAndTheirLabelsSayTheirValue) {
  for (double low : {-3.0, 0.0, 1e-12, 0.37, 99.5, -1e9, 5.0001})
    for (double span : {1e-6, 0.013, 1.0, 7.0, 250.0, 3.3e8})
      for (int count : {3, 5, 9}) {
        const double high = low + span;
        if (span < 1e-6 * std::abs(low)) continue;
        const auto ticks = linear_ticks(low, high, count);
        ASSERT_GE(ticks.size(), 3u) << low << " " << span;
        EXPECT_LE(ticks.size(), static_cast<std::size_t>(2 * count + 2));
        std::set<std::string> labels;
        const double step = ticks[1].value - ticks[0].value;
        for (const Tick& tick : ticks) {
          EXPECT_GE(tick.value, low - 1e-5 * step);
          EXPECT_LE(tick.value, high + 1e-5 * step);
          EXPECT_NEAR(std::strtod(tick.label.c_str(), nullptr), tick.value, 0.01 * step)
              << tick.label;
          EXPECT_TRUE(labels.insert(tick.label).second) << tick.label;
        }
      }
}

TEST(Ticks, LogTicksArePowersOfTen) {
  for (const Tick& tick : log_ticks(2e-7, 5e3, 6)) {
    const double power = std::log10(tick.value);
    EXPECT_NEAR(power, std::round(power), 1e-12);
    EXPECT_EQ(tick.label, "10^" + std::to_string(std::lround(power)));
  }
  EXPECT_LE(log_ticks(1e-300, 1e300, 6).size(), 7u);
  EXPECT_GE(log_ticks(2.0, 8.0, 5).size(), 3u);  // within a decade: round numbers
}

TEST(Ticks, NothingToLabelGivesNoTicks) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(linear_ticks(1.0, 1.0, 5).empty());
  EXPECT_TRUE(linear_ticks(nan, 1.0, 5).empty());
  EXPECT_TRUE(linear_ticks(0.0, std::numeric_limits<double>::infinity(), 5).empty());
  EXPECT_TRUE(log_ticks(-1.0, 1.0, 5).empty());
}

TEST(Ticks, LengthsGetTheUnitOfShortNumbers) {
  const struct {
    double extent;
    const char* name;
  } cases[] = {{532e-9, "nm"}, {20e-6, "µm"}, {0.08, "mm"}, {0.3, "mm"}, {2.0, "m"}, {5e3, "km"}};
  for (const auto& test : cases) EXPECT_EQ(length_unit(test.extent).name, test.name);
  EXPECT_EQ(short_number(0.25), "0.25");
  EXPECT_EQ(short_number(-0.0), "0");
  EXPECT_EQ(short_number(1.23456789e-7, 3), "1.23e-07");
}

}  // namespace
}  // namespace wavesmith
