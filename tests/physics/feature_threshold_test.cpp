// Thresholds and lengths: against bars and edges that are filtered and measured.
#include "physics/feature_threshold.hpp"

#include <gtest/gtest.h>

#include <numbers>

#include "core/error.hpp"
#include "physics/conic_filter.hpp"
#include "tests/physics/bar_pattern.hpp"

namespace wavesmith {
namespace {

// The middle row of a filtered horizontal bar or edge (constant along x), from -y to y.
std::vector<double> filtered_profile(const Plane& plane, double low, double high, double radius) {
  std::vector<double> values(plane.size()), filtered(plane.size()), profile;
  for (int j = 0; j < plane.ny; ++j) {
    const double bottom = plane.y(j) - 0.5 * plane.dy, top = bottom + plane.dy;
    const double covered = std::clamp(std::min(top, high) - std::max(bottom, low), 0.0, plane.dy);
    for (int i = 0; i < plane.nx; ++i)
      values[static_cast<std::size_t>(j * plane.nx + i)] = covered / plane.dy;
  }
  ConicFilter(plane, radius).apply(values, filtered);
  for (int j = 0; j < plane.ny; ++j)
    profile.push_back(filtered[static_cast<std::size_t>(j * plane.nx + plane.nx / 2)]);
  return profile;
}

// Length above the threshold, by linear interpolation.
double width_above(const std::vector<double>& profile, double threshold, double spacing) {
  double width = 0.0;
  for (std::size_t j = 0; j + 1 < profile.size(); ++j) {
    const double a = profile[j] - threshold, b = profile[j + 1] - threshold;
    if (a > 0.0 && b > 0.0) width += spacing;
    if ((a > 0.0) != (b > 0.0)) width += spacing * std::max(a, b) / std::abs(a - b);
  }
  return width;
}

// A bar that peaks at eta_e is `length` wide at one half.
TEST(FeatureThreshold, IsThePeakOfABarOfThatWidth) {
  const double radius = 100e-9, pixel = radius / 60.0;
  const Plane plane{123, 221, pixel, pixel, 0.0, 0.0};
  for (double half : {0.3, 0.4, 0.55, 0.7}) {  // of the bar before filtering, in radii
    const auto profile = filtered_profile(plane, -half * radius, half * radius, radius);
    const double width = width_above(profile, 0.5, pixel), peak = profile[110];
    const double threshold = eroded_threshold(radius, width);
    std::printf("width %.2f nm: peak %.5f, eta_e %.5f; radius back %.3f nm\n", width * 1e9, peak,
                threshold, filter_radius_of(width, peak) * 1e9);
    EXPECT_NEAR(threshold, peak, 1e-3);
    EXPECT_NEAR(filter_radius_of(width, peak), radius, 2e-3 * radius);
    EXPECT_NEAR(dilated_threshold(radius, width), 1.0 - peak, 1e-3);
    // What is drawn disappears when it is eroded just beyond, and stays just before.
    EXPECT_EQ(width_above(profile, threshold + 2e-3, pixel), 0.0);
    EXPECT_GT(width_above(profile, threshold - 2e-3, pixel), 0.0);
  }
}

TEST(FeatureThreshold, MovesEdgesByTheShift) {
  const double radius = 80e-9, pixel = radius / 50.0;
  const Plane plane{121, 401, pixel, pixel, 0.0, 0.0};
  const auto profile = filtered_profile(plane, -200e-9, 200e-9, radius);
  for (double shift : {-40e-9, -10e-9, 0.0, 5e-9, 20e-9, 60e-9}) {
    const double threshold = threshold_of_shift(radius, shift);
    EXPECT_NEAR(width_above(profile, threshold, pixel), 400e-9 - 2.0 * shift, 2e-3 * radius);
    EXPECT_NEAR(shift_of_threshold(radius, threshold), shift, 1e-12 * radius);
  }
}

TEST(FeatureThreshold, RisesFromOneHalfToOneWithoutUnits) {
  double before = 0.5;
  for (int i = 1; i < 200; ++i) {
    const double threshold = eroded_threshold(1.0, 0.01 * i);
    EXPECT_GT(threshold, before);
    EXPECT_LT(threshold, 1.0);
    EXPECT_NEAR(threshold, eroded_threshold(1e-7, 1e-9 * i), 1e-12);
    if (i >= 10) {
      EXPECT_NEAR(filter_radius_of(0.01 * i, threshold), 1.0, 1e-6);
    }
    before = threshold;
  }
}

TEST(FeatureThreshold, WrongInputIsRefused) {
  EXPECT_THROW(eroded_threshold(0.0, 1.0), InputError);
  EXPECT_THROW(eroded_threshold(1.0, 0.0), InputError);
  EXPECT_THROW(eroded_threshold(1.0, 2.0), InputError);
  EXPECT_THROW(filter_radius_of(1.0, 0.5), InputError);
  EXPECT_THROW(filter_radius_of(1.0, 1.0), InputError);
  EXPECT_THROW(threshold_of_shift(1.0, -1.0), InputError);
  EXPECT_THROW(shift_of_threshold(1.0, std::nan("")), InputError);
}

}  // namespace
}  // namespace wavesmith
