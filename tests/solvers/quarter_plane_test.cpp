// Light beyond a quarter of a plane: a disc's field on the axis in closed form, the whole plane's
// sum, and the transpose.
#include "solvers/quarter_plane.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "core/error.hpp"
#include "core/random.hpp"
#include "core/units.hpp"
#include "physics/shape.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

constexpr double wavelength = 1e-6;

// Behind a disc of radius a with E = 1 along x in a dark plane, on the axis, the integral is
//   E_x = exp(i k z) - z / R exp(i k R),   R^2 = z^2 + a^2   (H. Osterberg and L. W. Smith, J. Opt.
// Soc. Am. 51, 1050 (1961)).
TEST(QuarterPlane, UniformDiscOnItsAxis) {
  const double a = 3e-6, k = 2.0 * pi / wavelength, step = 0.05e-6;
  const Shape disc = circle_at(0.0, 0.0, 2.0 * a);
  std::vector<QuarterSample> samples;
  std::vector<Complex> one;
  for (double y = 0.5 * step; y < a; y += step)
    for (double x = 0.5 * step; x < a; x += step) {
      const double share = share_of_cell(disc, x, y, step, step);
      if (share <= 0.0) continue;
      samples.push_back({{x, y}, share * step * step, 0});
      one.emplace_back(1.0);
    }
  const QuarterPlane plane(samples, wavelength);
  double worst = 0.0;
  for (const double z : {1e-6, 3.7e-6, 12e-6}) {
    const FieldVectors field = plane.field(one, {{0.0, 0.0, z}})[0];
    const double r = std::hypot(z, a);
    const Complex exact = std::polar(1.0, k * z) - std::polar(z / r, k * r);
    worst = std::max(worst, std::abs(field.e[0] - exact));
    EXPECT_LT(std::abs(field.e[1]) + std::abs(field.e[2]), 1e-12);
  }
  std::printf("off by %.1e\n", worst);
  EXPECT_LT(worst, 2e-3);
}

struct Random2 {
  std::vector<QuarterSample> samples;
  std::vector<Complex> values;
  std::vector<Vec3> points;
};

Random2 random_quarter() {
  const Random random(5, 0);
  Random2 made;
  std::uint64_t draw = 0;
  for (const int component : {0, 1})
    for (int j = 0; j < 4; ++j)
      for (int i = 0; i < 4; ++i) {
        // E_x in y = 0 and E_y in x = 0, as on a staggered grid.
        const double x = component == 0 ? i + 0.5 : i, y = component == 0 ? j : j + 0.5;
        made.samples.push_back({{0.3e-6 * x, 0.3e-6 * y}, 0.09e-12, component});
        const double re = random.normal(draw++);
        made.values.emplace_back(re, random.normal(draw++));
      }
  for (int p = 0; p < 3; ++p)
    made.points.push_back({random.uniform(draw++, -2e-6, 2e-6), random.uniform(draw++, -2e-6, 2e-6),
                           random.uniform(draw++, 0.5e-6, 3e-6)});
  return made;
}

// The symmetry of the plane is that of the light: E_x even, E_y odd in both, and with them E_z odd
// in x and even in y.
TEST(QuarterPlane, LightHasTheSymmetry) {
  const Random2 made = random_quarter();
  const QuarterPlane plane(made.samples, wavelength);
  for (const Vec3& p : made.points) {
    const auto of = [&](double sx, double sy) {
      return plane.field(made.values, {{sx * p[0], sy * p[1], p[2]}})[0];
    };
    const FieldVectors here = of(1, 1), in_x = of(-1, 1), in_y = of(1, -1);
    const double scale = std::abs(here.e[0]) + std::abs(here.e[1]) + std::abs(here.e[2]);
    const std::array<double, 3> odd_x = {1, -1, -1}, odd_y = {1, -1, 1};
    for (std::size_t c = 0; c < 3; ++c) {
      EXPECT_LT(std::abs(in_x.e[c] - odd_x[c] * here.e[c]), 1e-12 * scale);
      EXPECT_LT(std::abs(in_y.e[c] - odd_y[c] * here.e[c]), 1e-12 * scale);
    }
  }
}

TEST(QuarterPlane, Transpose) {
  const Random2 made = random_quarter();
  const QuarterPlane plane(made.samples, wavelength);
  const Random random(6, 0);
  std::uint64_t draw = 0;
  std::vector<FieldVectors> cotangent(made.points.size());
  for (FieldVectors& one : cotangent)
    for (std::size_t c = 0; c < 3; ++c) {
      const double re = random.normal(draw++);
      one.e[c] = {re, random.normal(draw++)};
      one.h[c] = 377.0 * one.e[c];
    }
  const std::vector<FieldVectors> field = plane.field(made.values, made.points);
  const std::vector<Complex> back = plane.field_transpose(cotangent, made.points);
  Complex forward = 0.0, backward = 0.0;
  double size = 0.0;
  for (std::size_t p = 0; p < field.size(); ++p)
    for (std::size_t c = 0; c < 3; ++c) {
      const Complex term = field[p].e[c] * cotangent[p].e[c] + field[p].h[c] * cotangent[p].h[c];
      forward += term;
      size += std::abs(term);
    }
  for (std::size_t s = 0; s < back.size(); ++s) backward += back[s] * made.values[s];
  std::printf("dot products differ by %.1e\n", std::abs(forward - backward) / size);
  EXPECT_LT(std::abs(forward - backward), 1e-13 * size);
}

TEST(QuarterPlane, RefusesWhatCannotBe) {
  EXPECT_THROW(QuarterPlane({{{-1e-6, 0.0}, 1e-12, 0}}, wavelength), InputError);
  EXPECT_THROW(QuarterPlane({{{1e-6, 0.0}, 1e-12, 2}}, wavelength), InputError);
  EXPECT_THROW(QuarterPlane({{{1e-6, 0.0}, 1e-12, 0}}, 0.0), InputError);
  const QuarterPlane plane({{{1e-6, 0.0}, 1e-12, 0}}, wavelength);
  EXPECT_THROW(plane.field(std::vector<Complex>(2), {{0.0, 0.0, 1e-6}}), InputError);
}

}  // namespace
}  // namespace wavesmith
