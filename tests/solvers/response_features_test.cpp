// Peaks, distances and widths of curves that are known exactly, whatever their samples.
#include "solvers/response_features.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "core/error.hpp"

namespace wavesmith {
namespace {

struct Samples {
  std::vector<double> frequencies, power;
  Samples(const PowerResponse& response, double low, double high, int count) {
    for (int i = 0; i < count; ++i) {
      frequencies.push_back(low + (high - low) * i / (count - 1));
      power.push_back(response(frequencies.back()));
    }
  }
};

// Two Lorentzians of unlike heights, with a ripple far below them.
double two_peaks(double f) {
  const auto peak = [&](double centre, double width) {
    return 1.0 / (1.0 + std::pow(2.0 * (f - centre) / width, 2));
  };
  return peak(100.0, 0.5) + 0.6 * peak(103.0, 0.4) + 1e-3 * std::sin(60.0 * f);
}

TEST(ResponseFeatures, PeaksOfACurveAndItsDips) {
  for (const int count : {150, 401}) {
    const Samples curve(two_peaks, 97.0, 106.0, count);
    const auto peaks = find_extremes(curve.frequencies, curve.power, two_peaks, Feature::peak);
    ASSERT_EQ(peaks.size(), 2u);
    EXPECT_NEAR(peaks[0].frequency, 100.0, 5e-3);
    EXPECT_NEAR(peaks[1].frequency, 103.0, 5e-3);
    EXPECT_NEAR(free_spectral_range(peaks, 99.0), 3.0, 1e-2);
    EXPECT_EQ(nearest_extreme(peaks, 102.0).frequency, peaks[1].frequency);
    EXPECT_NEAR(width_at(curve.frequencies, curve.power, two_peaks, peaks[0].frequency,
                         0.5 * peaks[0].power, Feature::peak),
                0.5, 5e-3);
    const PowerResponse upside_down = [](double f) { return 1.1 - two_peaks(f); };
    const Samples turned(upside_down, 97.0, 106.0, count);
    const auto dips = find_extremes(turned.frequencies, turned.power, upside_down, Feature::dip);
    ASSERT_EQ(dips.size(), 2u);
    EXPECT_NEAR(dips[0].frequency, peaks[0].frequency, 1e-6);
    EXPECT_NEAR(dips[1].frequency, peaks[1].frequency, 1e-6);
  }
}

TEST(ResponseFeatures, CosineHasItsPeriod) {
  const PowerResponse cosine = [](double f) { return std::pow(std::cos(f), 2); };
  const Samples curve(cosine, 10.0, 30.0, 97);
  const auto dips = find_extremes(curve.frequencies, curve.power, cosine, Feature::dip);
  EXPECT_NEAR(free_spectral_range(dips, 20.0), std::numbers::pi, 1e-5);
  EXPECT_NEAR(dips[0].power, 0.0, 1e-12);
}

TEST(ResponseFeatures, WhatACurveDoesNotHaveIsAnError) {
  const PowerResponse flat = [](double) { return 0.4; };
  const Samples curve(flat, 1.0, 2.0, 11);
  const auto none = find_extremes(curve.frequencies, curve.power, flat, Feature::peak);
  EXPECT_TRUE(none.empty());
  EXPECT_THROW(nearest_extreme(none, 1.5), NumericsError);
  EXPECT_THROW(free_spectral_range({{1.0, 1.0}}, 1.5), NumericsError);
  EXPECT_THROW(width_at(curve.frequencies, curve.power, flat, 1.5, 0.2, Feature::peak),
               NumericsError);
}

}  // namespace
}  // namespace wavesmith
