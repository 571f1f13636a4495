// Minimum size: bars of known width at many angles, slits, gradients.
#include "physics/minimum_size.hpp"

#include <gtest/gtest.h>

#include <numbers>
#include <random>

#include "core/error.hpp"
#include "physics/conic_filter.hpp"
#include "tests/physics/bar_pattern.hpp"

namespace wavesmith {
namespace {

// Width at one half of a long bar of that half width after the filter, from an integral of the
// cone: independent of physics/feature_threshold.
double filtered_value(double half, double x) {  // in radii
  // Share of the cone within |y - x| < half, by rings: angle of each ring inside of the strip.
  const int steps = 4000;
  const auto below = [](double r, double t) {  // share of the ring of radius r with y < t
    return 1.0 - std::acos(std::clamp(t / r, -1.0, 1.0)) / std::numbers::pi;
  };
  double sum = 0.0;
  for (int i = 0; i < steps; ++i) {
    const double r = (i + 0.5) / steps;
    sum += 6.0 * r * (1.0 - r) / steps * (below(r, x + half) - below(r, x - half));
  }
  return sum;
}
double half_width_for(double width) {
  double low = 0.0, high = 2.0 + width;
  for (int i = 0; i < 40; ++i) {
    const double middle = 0.5 * (low + high);
    (filtered_value(middle, 0.5 * width) < 0.5 ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

TEST(MinimumSize, TellsNarrowBarsFromWideOnes) {
  const double radius = 150e-9, pixel = radius / 10.0;
  const Plane plane{121, 121, pixel, pixel, 2e-6, -1e-6};
  const ConicFilter filter(plane, radius);
  double worst_narrow = 1e30, worst_wide = -1.0;
  for (double length : {0.8, 1.0, 1.3}) {
    const MinimumSize solid(plane, {.filter_radius = radius, .length = length * radius});
    const MinimumSize empty(
        plane, {.filter_radius = radius, .length = length * radius, .phase = PatternPhase::empty});
    for (double ratio : {0.6, 0.9, 1.05, 1.3, 2.0})
      for (double degrees : {0.0, 17.0, 45.0, 90.0}) {
        const auto bar = test::bar_pattern(plane, half_width_for(ratio * length) * radius,
                                           4.0 * radius, degrees * std::numbers::pi / 180.0);
        std::vector<double> filtered(plane.size()), slit(plane.size()), gradient(plane.size());
        filter.apply(bar, filtered);
        for (std::size_t p = 0; p < slit.size(); ++p) slit[p] = 1.0 - filtered[p];
        const double f = solid.evaluate(filtered, 64.0, gradient);
        if (ratio < 1.0) {
          worst_narrow = std::min(worst_narrow, f);
          EXPECT_GT(f, 0.0) << length << " " << ratio << " " << degrees;
        } else {
          worst_wide = std::max(worst_wide, f);
          EXPECT_LT(f, 0.0) << length << " " << ratio << " " << degrees;
        }
        // A slit is a bar of what is empty; and a bar is no narrow gap.
        EXPECT_NEAR(empty.evaluate(slit, 64.0, gradient), f, 1e-9 * (1.0 + std::abs(f)));
        EXPECT_LT(empty.evaluate(filtered, 64.0, gradient), 0.0);
      }
  }
  std::printf("10 %% too narrow: at least %.3f; 5 %% wider: at most %.3f\n", worst_narrow,
              worst_wide);
}

TEST(MinimumSize, GradientsAreExact) {
  const Plane plane{23, 17, 30e-9, 25e-9, 0.0, 0.0};
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  std::normal_distribution<double> normal;
  for (PatternPhase phase : {PatternPhase::solid, PatternPhase::empty})
    for (double beta : {0.0, 4.0, 16.0, 64.0}) {
      std::vector<double> raw(plane.size()), x(plane.size()), gradient(plane.size());
      for (double& v : raw) v = uniform(random);
      ConicFilter(plane, 60e-9).apply(raw, x);
      const MinimumSize size(plane, {.filter_radius = 100e-9, .length = 90e-9, .phase = phase});
      size.evaluate(x, beta, gradient);
      std::vector<std::vector<double>> directions(4, std::vector<double>(plane.size()));
      for (auto& d : directions)
        for (double& v : d) v = normal(random);
      std::vector<double> ignored(plane.size());
      const double error = test::worst_slope(
          [&](const std::vector<double>& at) { return size.evaluate(at, beta, ignored); }, x,
          gradient, directions, 1e-5);
      std::printf("beta %g: %.1e\n", beta, error);
      EXPECT_LT(error, 1e-6);
    }
}

TEST(MinimumSize, IsQuietWhereNothingOrEverythingIsSolid) {
  const Plane plane{20, 20, 50e-9, 50e-9, 0.0, 0.0};
  const MinimumSize size(plane, {.filter_radius = 200e-9, .length = 200e-9});
  std::vector<double> gradient(plane.size());
  const double infinity = std::numeric_limits<double>::infinity();
  for (double value : {0.0, 1.0})
    EXPECT_NEAR(size.evaluate(std::vector<double>(plane.size(), value), infinity, gradient), -1.0,
                1e-12);
  for (double g : gradient) EXPECT_EQ(g, 0.0);
}

// Stripes, as one row of tall pixels and as many rows of square ones.
TEST(MinimumSize, OneRowIsAsManyAlike) {
  const int nx = 60, ny = 12;
  const double pixel = 20e-9;
  const Plane row{nx, 1, pixel, ny * pixel, 0.0, 0.0}, square{nx, ny, pixel, pixel, 0.0, 0.0};
  for (PatternPhase phase : {PatternPhase::solid, PatternPhase::empty}) {
    const MinimumSizeSettings settings = {.filter_radius = 100e-9, .length = 80e-9, .phase = phase};
    std::vector<double> few(row.size()), many(square.size());
    for (int i = 0; i < nx; ++i)
      few[static_cast<std::size_t>(i)] = 0.5 + 0.2 * std::sin(0.02 * i * i);
    for (std::size_t p = 0; p < many.size(); ++p) many[p] = few[p % few.size()];
    std::vector<double> of_few(row.size()), of_many(square.size());
    const double one = MinimumSize(row, settings).evaluate(few, 16.0, of_few);
    const double all = MinimumSize(square, settings).evaluate(many, 16.0, of_many);
    EXPECT_NEAR(one, all, 1e-12 * std::abs(all));
    for (int i = 0; i < nx; ++i) {
      double sum = 0.0;
      for (int j = 0; j < ny; ++j) sum += of_many[static_cast<std::size_t>(j * nx + i)];
      EXPECT_NEAR(of_few[static_cast<std::size_t>(i)], sum, 1e-9 * (1.0 + std::abs(sum)));
    }
  }
}

TEST(MinimumSize, WrongInputIsRefused) {
  const Plane plane{20, 20, 50e-9, 50e-9, 0.0, 0.0};
  EXPECT_THROW(MinimumSize(plane, {.filter_radius = 200e-9, .length = 400e-9}), InputError);
  EXPECT_THROW(MinimumSize(plane, {.filter_radius = 200e-9, .length = 90e-9}), InputError);
  EXPECT_THROW(MinimumSize(plane, {.filter_radius = 0.0, .length = 200e-9}), InputError);
  EXPECT_THROW(MinimumSize({0, 1, 1.0, 1.0}, {.filter_radius = 2.0, .length = 2.0}), InputError);
  EXPECT_THROW(MinimumSize(plane, {.filter_radius = 2e-7, .length = 2e-7, .decay = -1.0}),
               InputError);
  const MinimumSize size(plane, {.filter_radius = 200e-9, .length = 200e-9});
  std::vector<double> few(3), gradient(plane.size());
  EXPECT_THROW(size.evaluate(few, 8.0, gradient), InputError);
  EXPECT_THROW(size.evaluate(gradient, 8.0, few), InputError);
  EXPECT_THROW(size.evaluate(gradient, -8.0, gradient), InputError);
}

}  // namespace
}  // namespace wavesmith
