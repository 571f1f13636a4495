#include "physics/design_grid.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>

#include "core/error.hpp"
#include "core/random.hpp"
#include "physics/conic_filter.hpp"

namespace wavesmith {
namespace {

std::vector<double> random_reals(std::size_t count, std::uint64_t stream) {
  const Random random(3, stream);
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = random.uniform(i, -1.0, 1.0);
  return values;
}

std::vector<Complex> random_field(std::size_t count, std::uint64_t stream) {
  const std::vector<double> a = random_reals(count, stream), b = random_reals(count, stream + 1);
  std::vector<Complex> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = {a[i], b[i]};
  return values;
}

DesignOptions options(int side, double dead, Complex dead_transmission) {
  DesignOptions design;
  design.samples_per_pixel = side;
  design.dead_fraction = dead;
  design.dead_transmission = dead_transmission;
  return design;
}

TEST(DesignGrid, TransposeOfTheLinearPart) {
  for (const int side : {1, 2, 3, 5})
    for (const double dead : {0.0, 0.05, 0.36, 0.9}) {
      const Plane plane{side * 7, side * 4, 1.0, 2.0};
      const DesignGrid grid(plane, options(side, dead, {0.4, 0.1}));
      const DesignGrid linear(plane, options(side, dead, 0.0));
      const auto x = random_field(grid.pixels().size(), 1), y = random_field(plane.size(), 3);
      std::vector<Complex> forward(plane.size()), back(grid.pixels().size());
      linear.to_samples(x, forward);
      grid.from_samples(y, back);
      Complex left = 0.0, right = 0.0;
      double scale = 0.0;
      for (std::size_t i = 0; i < y.size(); ++i) {
        left += std::conj(y[i]) * forward[i];
        scale += std::abs(y[i] * forward[i]);
      }
      for (std::size_t i = 0; i < x.size(); ++i) right += std::conj(back[i]) * x[i];
      EXPECT_LT(std::abs(left - right), 1e-13 * scale) << side << ", " << dead;
    }
}

// The mean over a pixel is (1 - dead) t + dead t_dead, however the square falls on the samples.
TEST(DesignGrid, DeadSpaceHasItsShareOfTheArea) {
  for (const int side : {1, 2, 3, 4, 7})
    for (const double dead : {0.0, 0.07, 0.25, 0.6, 0.99}) {
      const DesignGrid grid({side, side, 1.0, 1.0}, options(side, dead, {0.5, -0.25}));
      const std::vector<Complex> pixel = {Complex(0.2, 0.9)};
      std::vector<Complex> samples(grid.plane().size());
      grid.to_samples(pixel, samples);
      Complex mean = 0.0;
      for (const Complex& sample : samples) mean += sample / static_cast<double>(samples.size());
      EXPECT_LT(std::abs(mean - ((1.0 - dead) * pixel[0] + dead * Complex(0.5, -0.25))), 1e-14);
    }
}

TEST(DesignGrid, PixelsCoverTheSamplesTheyStandFor) {
  const DesignGrid grid({6, 4, 0.5, 0.25, 3.0, -1.0}, options(2, 0.0, 0.0));
  const Plane& pixels = grid.pixels();
  EXPECT_EQ(pixels, (Plane{3, 2, 1.0, 0.5, 3.0, -1.0}));
  std::vector<Complex> values, samples(24);
  for (int p = 0; p < 6; ++p) values.emplace_back(p);
  grid.to_samples(values, samples);
  for (int j = 0; j < 4; ++j)
    for (int i = 0; i < 6; ++i)
      EXPECT_EQ(samples[static_cast<std::size_t>(j * 6 + i)].real(), (j / 2) * 3 + i / 2);
}

TEST(DesignGrid, BadOptionsAreRefused) {
  EXPECT_THROW(DesignGrid({7, 4, 1, 1}, options(2, 0.0, 0.0)), InputError);
  EXPECT_THROW(DesignGrid({4, 4, 1, 1}, options(0, 0.0, 0.0)), InputError);
  EXPECT_THROW(DesignGrid({4, 4, 1, 1}, options(1, 1.0, 0.0)), InputError);
  EXPECT_THROW(DesignGrid({4, 4, 1, 1}, options(1, -0.1, 0.0)), InputError);
  EXPECT_THROW(DesignGrid({4, 4, 1, 1}, options(1, 0.1, 2.0)), InputError);
  EXPECT_THROW(DesignGrid({4, 4, 0, 1}, options(1, 0.0, 0.0)), InputError);
  EXPECT_THROW(DesignGrid({100000, 100000, 1, 1}, options(1, 0.0, 0.0)), InputError);
}

TEST(ConicFilter, TransposeAndConstants) {
  const Plane pixels{9, 6, 1.0, 1.4};
  for (const double radius : {0.0, 0.9, 1.5, 3.2, 8.0}) {
    const ConicFilter filter(pixels, radius);
    const auto x = random_reals(54, 1), y = random_reals(54, 2);
    std::vector<double> fx(54), fty(54);
    filter.apply(x, fx);
    filter.apply_transpose(y, fty);
    double left = 0.0, right = 0.0;
    for (std::size_t i = 0; i < 54; ++i) {
      left += y[i] * fx[i];
      right += fty[i] * x[i];
    }
    EXPECT_NEAR(left, right, 1e-13) << radius;

    const std::vector<double> constant(54, 0.7);
    filter.apply(constant, fx);
    for (const double value : fx) EXPECT_NEAR(value, 0.7, 1e-14);
  }
}

// A single bright pixel away from the edge becomes a cone of the given radius.
TEST(ConicFilter, PointBecomesACone) {
  const Plane pixels{21, 21, 1.0, 1.0};
  const double radius = 4.5;
  std::vector<double> point(441), cone(441);
  point[10 * 21 + 10] = 1.0;
  ConicFilter(pixels, radius).apply(point, cone);
  for (int j = 0; j < 21; ++j)
    for (int i = 0; i < 21; ++i) {
      const double r = std::hypot(i - 10, j - 10);
      const double share = cone[static_cast<std::size_t>(j * 21 + i)] / cone[10 * 21 + 10];
      if (r < 5.0) {
        EXPECT_NEAR(share, std::max(0.0, 1.0 - r / radius), 1e-14);
      } else if (r > radius + 1.0) {
        EXPECT_EQ(share, 0.0);
      }
    }
}

TEST(TanhProjection, EndsStayAndSlopeIsTheDerivative) {
  for (const double beta : {0.0, 0.5, 8.0, 64.0})
    for (const double eta : {0.3, 0.5, 0.6}) {
      const TanhProjection projection(beta, eta);
      EXPECT_NEAR(projection.value(0.0), 0.0, 1e-15);
      EXPECT_NEAR(projection.value(1.0), 1.0, 1e-15);
      for (const double v : {0.1, 0.4, 0.9}) {
        const double step = 1e-6;
        const double slope =
            (projection.value(v + step) - projection.value(v - step)) / (2.0 * step);
        EXPECT_NEAR(projection.slope(v), slope, 1e-7 * (1.0 + beta));
      }
    }
  EXPECT_LT(TanhProjection(64.0, 0.5).value(0.4), 1e-4);
  EXPECT_GT(TanhProjection(64.0, 0.5).value(0.6), 1.0 - 1e-4);
}

}  // namespace
}  // namespace wavesmith
