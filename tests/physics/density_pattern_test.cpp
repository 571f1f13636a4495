// Pixel patterns: what they say of straight edges and uniform designs, and their derivatives up to
// full binarisation.
#include "physics/density_pattern.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <numbers>

#include "core/error.hpp"
#include "tests/physics/pattern_checks.hpp"

namespace wavesmith {
namespace {

using testing::Stepped;

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr double pitch = 20e-9;

Plane pixels_of(int nx, int ny) {
  return {nx, ny, pitch, 1.25 * pitch, 3e-7, -1e-7};
}

// The pattern at a point in complex numbers, written from the equations of the header: `rho` over
// the pixels.
struct Reference {
  Plane pixels;
  double eta, radius, beta;
  std::vector<Stepped> rho;

  Stepped at(int i, int j) const {
    const auto inside = [](int k, int n) { return k < 0 ? -1 - k : (k >= n ? 2 * n - 1 - k : k); };
    return rho[static_cast<std::size_t>(inside(j, pixels.ny) * pixels.nx + inside(i, pixels.nx))];
  }
  Stepped project(const Stepped& v) const {
    if (beta == 0.0) return v;
    if (std::isinf(beta)) return v.real() > eta ? 1.0 : 0.0;
    return (std::tanh(beta * eta) + std::tanh(beta * (v - eta))) /
           (std::tanh(beta * eta) + std::tanh(beta * (1.0 - eta)));
  }
  std::array<Stepped, 4> sample(const Point2& point) const {
    const double u = std::clamp((point[0] - pixels.x(0)) / pixels.dx, -0.5, pixels.nx - 0.5);
    const double v = std::clamp((point[1] - pixels.y(0)) / pixels.dy, -0.5, pixels.ny - 0.5);
    const int i = static_cast<int>(std::floor(u)), j = static_cast<int>(std::floor(v));
    Stepped value, gx, gy;
    for (const int b : {0, 1})
      for (const int a : {0, 1}) {
        const double weight = (a == 1 ? u - i : 1.0 - (u - i)) * (b == 1 ? v - j : 1.0 - (v - j));
        value += weight * at(i + a, j + b);
        gx += weight * (at(i + a + 1, j + b) - at(i + a - 1, j + b)) / (2.0 * pixels.dx);
        gy += weight * (at(i + a, j + b + 1) - at(i + a, j + b - 1)) / (2.0 * pixels.dy);
      }
    const Stepped square = gx * gx + gy * gy, slope = std::sqrt(square);
    Stepped fill = project(value);
    const Stepped t = (eta - value) / (slope * radius);
    if (std::abs(t.real()) < 1.0) {
      const Stepped f = testing::smoothed_step_of(t), reach = radius * slope;
      fill = std::isinf(beta)
                 ? f
                 : (1.0 - f) * project(value - reach * f) + f * project(value + reach * (1.0 - f));
    }
    if (beta == 0.0) return {fill, 0.0, 0.0, 0.0};
    const double least = 1e-4 / std::max(pixels.dx, pixels.dy);
    const Stepped whole = square + least * least + 1.0 / (beta * beta * radius * radius);
    return {fill, gx * gx / whole, gx * gy / whole, gy * gy / whole};
  }
};

TEST(DensityPattern, DerivativesAreExactUpToFullBinarisation) {
  const Plane pixels = pixels_of(24, 18);
  DensityOptions options;
  options.filter_radius = 5.0 * pitch;
  options.symmetry.x = true;
  options.rules.assign(pixels.size(), PixelRule::free);
  for (std::size_t p = 0; p < 30; ++p) options.rules[p] = PixelRule::solid;
  for (std::size_t p = 60; p < 75; ++p) options.rules[p] = PixelRule::empty;
  for (const double threshold : {0.5, 0.35}) {
    options.threshold = threshold;
    const DensityPattern pattern(pixels, options);
    // Contrast enough for the filtered pattern to cross the threshold in many places.
    std::vector<double> parameters =
        testing::random_numbers(pattern.parameter_count(), 0.0, 1.0, 11);
    for (double& value : parameters) value = value > 0.5 ? 0.9 : 0.1;
    const std::vector<double> direction =
        testing::random_numbers(pattern.parameter_count(), -1.0, 1.0, 12);
    // Also beyond the pattern's edges.
    const std::vector<Point2> points =
        testing::random_points(4000, pixels.x(0) - 3.0 * pitch, pixels.x(23) + 3.0 * pitch,
                               pixels.y(0) - 3.0 * pitch, pixels.y(17) + 3.0 * pitch, 13);
    for (const double beta : {0.0, 8.0, 64.0, 1e4, infinite}) {
      const double radius = 0.9 * pitch;
      const std::vector<double> rho = pattern.filtered(parameters);
      const auto linearised = [&](const std::vector<double>& along) {
        std::vector<double> moved = parameters;
        for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += along[i];
        const std::vector<double> rho_moved = pattern.filtered(moved);
        Reference reference{pixels, threshold, radius, beta, {}};
        for (std::size_t p = 0; p < rho.size(); ++p)
          reference.rho.push_back({rho[p], testing::complex_step * (rho_moved[p] - rho[p])});
        PatternSamples change = PatternSamples::zeros(points.size());
        const PatternSamples here = pattern.sample(parameters, points, radius, beta);
        for (std::size_t i = 0; i < points.size(); ++i) {
          const std::array<Stepped, 4> one = reference.sample(points[i]);
          EXPECT_NEAR(one[0].real(), here.fill[i], 1e-12);
          EXPECT_NEAR(one[2].real(), here.xy[i], 1e-12);
          change.fill[i] = one[0].imag() / testing::complex_step;
          change.xx[i] = one[1].imag() / testing::complex_step;
          change.xy[i] = one[2].imag() / testing::complex_step;
          change.yy[i] = one[3].imag() / testing::complex_step;
        }
        return change;
      };
      const testing::PatternErrors errors = testing::pattern_errors(
          pattern, parameters, direction, points, radius, beta, 3e-5, linearised);
      std::printf("eta %.2f, beta %g: transpose %.1e, differences %.1e\n", threshold, beta,
                  errors.transpose, errors.differences);
      EXPECT_LT(errors.transpose, 1e-12);
      EXPECT_LT(errors.differences, 1e-6);
    }
  }
}

// A ramp, whose level is a straight line: share and normal are those of the half plane, at full
// binarisation and wherever the line lies between the pixels.
TEST(DensityPattern, StraightEdgesAreExact) {
  const Plane pixels = pixels_of(40, 30);
  for (const double angle : {0.0, 0.4, 1.1, 2.0, 3.5}) {
    const double nx = std::cos(angle), ny = std::sin(angle), slope = 0.4 / (20.0 * pitch);
    const double offset = 0.137 * pitch;
    DensityOptions options;
    const DensityPattern pattern(pixels, options);
    std::vector<double> values;
    for (int j = 0; j < pixels.ny; ++j)
      for (int i = 0; i < pixels.nx; ++i)
        values.push_back(0.5 - slope * (nx * (pixels.x(i) - pixels.x0) +
                                        ny * (pixels.y(j) - pixels.y0) - offset));
    // Within the outermost but one pixels' centres nothing knows of the edges.
    const std::vector<Point2> points =
        testing::random_points(2000, pixels.x(1), pixels.x(38), pixels.y(1), pixels.y(28), 5);
    const double radius = 1.1 * pitch;
    const PatternSamples samples = pattern.sample(values, points, radius, infinite);
    int crossed = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const double distance =
          nx * (points[i][0] - pixels.x0) + ny * (points[i][1] - pixels.y0) - offset;
      // The cap of a ball of density (1 - r^2): the integral of the kernel along the normal, by
      // Simpson's rule, exact to its polynomials' order with enough steps.
      double share = distance < 0.0 ? 1.0 : 0.0;
      if (std::abs(distance) < radius) {
        ++crossed;
        const double from = distance / radius;
        double sum = 0.0;
        const int steps = 400;
        for (int k = 0; k <= steps; ++k) {
          const double t = from + (1.0 - from) * k / steps;
          sum += (k == 0 || k == steps ? 1.0 : (k % 2 == 1 ? 4.0 : 2.0)) * 15.0 / 16.0 *
                 std::pow(1.0 - t * t, 2);
        }
        share = sum * (1.0 - from) / (3.0 * steps);
      }
      EXPECT_NEAR(samples.fill[i], share, 1e-9);
      EXPECT_NEAR(samples.xx[i], nx * nx, 1e-4);
      EXPECT_NEAR(samples.xy[i], nx * ny, 1e-4);
      EXPECT_NEAR(samples.yy[i], ny * ny, 1e-4);
    }
    EXPECT_GT(crossed, 50);
  }
}

TEST(DensityPattern, UniformDesignsStayUniformUpToTheEdgesAndBeyond) {
  const Plane pixels = pixels_of(15, 12);
  DensityOptions options;
  options.filter_radius = 6.0 * pitch;
  const DensityPattern pattern(pixels, options);
  const std::vector<Point2> points =
      testing::random_points(500, pixels.x(0) - 9.0 * pitch, pixels.x(14) + 9.0 * pitch,
                             pixels.y(0) - 9.0 * pitch, pixels.y(11) + 9.0 * pitch, 2);
  for (const double level : {0.0, 0.3, 0.5, 1.0})
    for (const double beta : {0.0, 16.0, infinite}) {
      if (std::isinf(beta) && level == 0.5) continue;  // has no value there
      const std::vector<double> parameters(pattern.parameter_count(), level);
      const PatternSamples samples = pattern.sample(parameters, points, pitch, beta);
      const double expected = beta == 0.0        ? level
                              : std::isinf(beta) ? (level > 0.5 ? 1.0 : 0.0)
                                                 : TanhProjection(beta, 0.5).value(level);
      for (std::size_t i = 0; i < points.size(); ++i) {
        EXPECT_NEAR(samples.fill[i], expected, 1e-13);
        EXPECT_LT(samples.xx[i] + samples.yy[i], 1e-12);
      }
      EXPECT_NEAR(pattern.grayness(parameters, beta), 4.0 * expected * (1.0 - expected), 1e-12);
    }
}

// Sharing a parameter makes the pattern its own mirror image, and the least number of them.
TEST(DensityPattern, SymmetriesShareParameters) {
  struct Case {
    PatternSymmetry symmetry;
    std::size_t parameters;  // of 9 x 9 pixels
  };
  for (const Case& one :
       {Case{{}, 81}, Case{{true}, 45}, Case{{false, true}, 45}, Case{{true, true}, 25},
        Case{{false, false, true}, 45}, Case{{false, false, false, true}, 45},
        Case{{true, true, true, true}, 15}}) {
    Plane pixels = pixels_of(9, 9);
    pixels.dy = pixels.dx;
    DensityOptions options;
    options.symmetry = one.symmetry;
    const DensityPattern pattern(pixels, options);
    ASSERT_EQ(pattern.parameter_count(), one.parameters);
    const std::vector<double> rho =
        pattern.filtered(testing::random_numbers(one.parameters, 0.0, 1.0, 4));
    const auto at = [&](int i, int j) { return rho[static_cast<std::size_t>(9 * j + i)]; };
    for (int j = 0; j < 9; ++j)
      for (int i = 0; i < 9; ++i) {
        if (one.symmetry.x) {
          EXPECT_EQ(at(i, j), at(8 - i, j));
        }
        if (one.symmetry.y) {
          EXPECT_EQ(at(i, j), at(i, 8 - j));
        }
        if (one.symmetry.diagonal) {
          EXPECT_EQ(at(i, j), at(j, i));
        }
        if (one.symmetry.antidiagonal) {
          EXPECT_EQ(at(i, j), at(8 - j, 8 - i));
        }
      }
  }
}

// What is exported is what the fill is smoothed from: a disc's ring lies on its circle, and a hole
// in it runs the other way.
TEST(DensityPattern, OutlinesAreLevelSets) {
  const Plane pixels{60, 60, pitch, pitch, 0.0, 0.0};
  std::vector<double> values;
  const double outer = 22.0 * pitch, inner = 9.0 * pitch;
  for (int j = 0; j < pixels.ny; ++j)
    for (int i = 0; i < pixels.nx; ++i) {
      const double r = std::hypot(pixels.x(i), pixels.y(j));
      values.push_back(std::clamp(0.5 + std::min(outer - r, r - inner) / (12.0 * pitch), 0.0, 1.0));
    }
  const auto rings = DensityPattern(pixels, {}).outline(values);
  ASSERT_EQ(rings.size(), 2u);
  double area = 0.0;
  for (const auto& ring : rings)
    for (std::size_t k = 0; k < ring.size(); ++k) {
      const Point2 &a = ring[k], &b = ring[(k + 1) % ring.size()];
      area += 0.5 * (a[0] * b[1] - a[1] * b[0]);
      const double r = std::hypot(a[0], a[1]);
      EXPECT_LT(std::min(std::abs(r - outer), std::abs(r - inner)), 0.02 * pitch);
    }
  const double expected = std::numbers::pi * (outer * outer - inner * inner);
  EXPECT_NEAR(area, expected, 2e-3 * expected);
}

TEST(DensityPattern, BadOptionsAreErrors) {
  const auto make = [](const Plane& pixels, const DensityOptions& options) {
    return DensityPattern(pixels, options);
  };
  const Plane pixels = pixels_of(6, 5);
  EXPECT_NO_THROW(make(pixels, {}));
  EXPECT_THROW(make({0, 5, pitch, pitch}, {}), InputError);
  DensityOptions options;
  options.symmetry.diagonal = true;
  EXPECT_THROW(make(pixels, options), InputError);
  options = {};
  options.threshold = 1.0;
  EXPECT_THROW(make(pixels, options), InputError);
  options = {};
  options.rules.assign(30, PixelRule::solid);
  EXPECT_THROW(make(pixels, options), InputError);
  options.rules.assign(30, PixelRule::free);
  options.rules[0] = PixelRule::solid;
  options.rules[5] = PixelRule::empty;
  EXPECT_NO_THROW(make(pixels, options));
  options.symmetry.x = true;
  EXPECT_THROW(make(pixels, options), InputError);
  options = {};
  options.start = {0.5, 0.5};
  EXPECT_THROW(make(pixels, options), InputError);
  options.start = {1.5};
  EXPECT_THROW(make(pixels, options), InputError);
  const DensityPattern pattern(pixels, {});
  const std::vector<double> few(3, 0.5), right(30, 0.5);
  const std::vector<Point2> points(1);
  EXPECT_THROW(pattern.sample(few, points, pitch, 8.0), InputError);
  EXPECT_THROW(pattern.sample(right, points, 0.0, 8.0), InputError);
  EXPECT_THROW(pattern.sample(right, points, pitch, -1.0), InputError);
  EXPECT_THROW(pattern.sample(right, points, pitch, std::nan("")), InputError);
  EXPECT_THROW(pattern.with_threshold(0.0), InputError);
}

}  // namespace
}  // namespace wavesmith
