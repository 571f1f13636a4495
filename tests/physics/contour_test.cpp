#include "physics/contour.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <functional>
#include <numbers>
#include <random>

#include "core/error.hpp"
#include "physics/polygon_check.hpp"

namespace wavesmith {
namespace {

constexpr double pi = std::numbers::pi;

std::vector<double> sampled(const Plane& p, const std::function<double(double, double)>& f) {
  std::vector<double> values;
  for (int j = 0; j < p.ny; ++j)
    for (int i = 0; i < p.nx; ++i) values.push_back(f(p.x(i), p.y(j)));
  return values;
}

std::vector<double> random_values(const Plane& p, unsigned seed, int smoothing) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  std::vector<double> v(p.size());
  for (double& x : v) x = uniform(random);
  const auto at = [&](int i, int j) {
    return v[static_cast<std::size_t>(std::clamp(j, 0, p.ny - 1) * p.nx +
                                      std::clamp(i, 0, p.nx - 1))];
  };
  for (int s = 0; s < smoothing; ++s) {
    std::vector<double> w;
    for (int j = 0; j < p.ny; ++j)
      for (int i = 0; i < p.nx; ++i)
        w.push_back(0.5 * at(i, j) +
                    0.125 * (at(i - 1, j) + at(i + 1, j) + at(i, j - 1) + at(i, j + 1)));
    v = w;
  }
  return v;
}

// The interpolant as the header states it, written again.
double interpolated(const Plane& p, std::span<const double> v, double x, double y) {
  const double s = std::clamp((x - p.x(0)) / p.dx, 0.0, p.nx - 1.0),
               t = std::clamp((y - p.y(0)) / p.dy, 0.0, p.ny - 1.0);
  const int i = std::min(static_cast<int>(s), std::max(p.nx - 2, 0)),
            j = std::min(static_cast<int>(t), std::max(p.ny - 2, 0));
  const auto at = [&](int a, int b) {
    return v[static_cast<std::size_t>(std::min(b, p.ny - 1) * p.nx + std::min(a, p.nx - 1))];
  };
  const double a = s - i, b = t - j;
  return (1 - b) * ((1 - a) * at(i, j) + a * at(i + 1, j)) +
         b * ((1 - a) * at(i, j + 1) + a * at(i + 1, j + 1));
}

TEST(Contour, AreasOfDiscsAndRingsConvergeWithOrderTwo) {
  struct Case {
    const char* name;
    std::function<double(double, double)> depth;
    std::vector<double> radii;  // outermost first; each circle is a ring
  };
  const double cx = 0.0113, cy = -0.0271;  // on no line of pixels
  const auto r = [=](double x, double y) { return std::hypot(x - cx, y - cy); };
  const Case cases[] = {
      {"disc", [=](double x, double y) { return 0.4 - r(x, y); }, {0.4}},
      {"ring", [=](double x, double y) { return 0.11 - std::abs(r(x, y) - 0.3); }, {0.41, 0.19}},
      {"smooth disc",
       [=](double x, double y) { return std::exp(-r(x, y) * r(x, y)) - std::exp(-0.16); },
       {0.4}}};
  for (const Case& c : cases) {
    double before = 0.0;
    for (const int n : {32, 64, 128, 256}) {
      const Plane p{n, n, 1.0 / n, 1.0 / n, 0.0, 0.0};
      const auto rings = contour(p, sampled(p, c.depth), 0.0);
      ASSERT_EQ(rings.size(), c.radii.size());
      EXPECT_TRUE(find_contacts(rings).empty());
      // Ring by ring: errors of an outline and of its hole would cancel.
      double error = 0.0;
      for (std::size_t k = 0; k < rings.size(); ++k) {
        const double area = (k == 0 ? pi : -pi) * c.radii[k] * c.radii[k];
        error = std::max(error, std::abs(signed_area(rings[k]) / area - 1.0));
      }
      std::printf("%s, %d pixels: area off by %.2e\n", c.name, n, error);
      if (before > 0.0) {
        EXPECT_LT(error, before / 3.2) << c.name << " " << n;
      }
      before = error;
    }
    EXPECT_LT(before, 1e-4);
  }
}

// Components less holes of the region {f > level}, from its cells: corners - edges + faces, where
// an edge (face) counts if all of it is solid, and solid corners across a cell that are joined
// through its middle count as an edge. The saddle is found from the two partial derivatives.
int euler_number(const Plane& p, std::span<const double> v, double level) {
  const auto f = [&](int i, int j) { return v[static_cast<std::size_t>(j * p.nx + i)] - level; };
  int number = 0;
  for (int j = 0; j < p.ny; ++j)
    for (int i = 0; i < p.nx; ++i) {
      const bool right = i + 1 < p.nx, up = j + 1 < p.ny;
      number += f(i, j) > 0;
      if (right) number -= f(i, j) > 0 && f(i + 1, j) > 0;
      if (up) number -= f(i, j) > 0 && f(i, j + 1) > 0;
      if (!right || !up) continue;
      const double a = f(i, j), b = f(i + 1, j), c = f(i, j + 1), d = f(i + 1, j + 1);
      number += a > 0 && b > 0 && c > 0 && d > 0;
      if ((a > 0) == (d > 0) && (b > 0) == (c > 0) && (a > 0) != (b > 0)) {
        // f = a + (b - a) s + (c - a) t + (a + d - b - c) s t
        const double twist = a + d - b - c, s = -(c - a) / twist, t = -(b - a) / twist;
        number -= a + (b - a) * s + (c - a) * t + twist * s * t > 0;
      }
    }
  return number;
}

TEST(Contour, RandomFieldsHaveTheirTopologyAndSimpleRings) {
  std::mt19937 random(5);
  int fields = 0;
  for (const auto& [nx, ny] : {std::pair{1, 1}, {1, 9}, {7, 1}, {2, 2}, {23, 31}, {60, 60}})
    for (const int smoothing : {0, 1, 3})
      for (unsigned seed = 0; seed < 8; ++seed)
        for (const double level : {0.35, 0.5, 0.6}) {
          const Plane p{nx, ny, 20e-9, 25e-9, 3e-6, -1e-6};
          const auto v = random_values(p, 100 * seed + static_cast<unsigned>(smoothing), smoothing);
          const auto rings = contour(p, v, level);
          int outer = 0, holes = 0;
          for (const Ring& ring : rings) (signed_area(ring) > 0 ? outer : holes)++;
          EXPECT_EQ(outer - holes, euler_number(p, v, level));
          EXPECT_TRUE(find_contacts(rings).empty());
          for (const Ring& ring : rings) EXPECT_FALSE(find_crossing(ring).has_value());
          // Inside is where the interpolant exceeds the level, but for slivers beside straight
          // edges.
          const InsideTest inside(rings);
          int wrong = 0, asked = 0;
          std::uniform_real_distribution<double> u(-0.52, 0.52);
          for (int n = 0; n < 300; ++n) {
            const Point2 q{p.x0 + u(random) * p.width(), p.y0 + u(random) * p.height()};
            const bool within = std::abs(q[0] - p.x0) <= 0.5 * p.width() &&
                                std::abs(q[1] - p.y0) <= 0.5 * p.height();
            const double excess = interpolated(p, v, q[0], q[1]) - level;
            if (within && std::abs(excess) < 0.08) continue;
            ++asked;
            wrong += inside(q) != (within && excess > 0.0);
          }
          EXPECT_LE(wrong, asked / 50) << nx << " x " << ny;
          ++fields;
        }
  std::printf("%d fields\n", fields);
}

// Values that hit the level exactly, alternate, or leave single pixels.
TEST(Contour, DegenerateValuesGiveSimpleRings) {
  std::mt19937 random(9);
  for (int n = 0; n < 400; ++n) {
    const Plane p{6, 5, 1e-8, 1e-8, 0.0, 0.0};
    std::vector<double> v(p.size());
    for (double& x : v) x = 0.5 * static_cast<double>(random() % 3);
    for (const double level : {0.0, 0.5, 0.5 - 1e-15}) {
      const auto rings = contour(p, v, level);
      EXPECT_TRUE(find_contacts(rings).empty()) << n;
      int outer = 0;
      for (const Ring& ring : rings) outer += signed_area(ring) > 0 ? 1 : -1;
      // A value at the level is void.
      EXPECT_EQ(outer, euler_number(p, v, level + 1e-16)) << n;
    }
  }
}

TEST(Contour, SolidIsCutStraightAtTheBorder) {
  const Plane p{8, 5, 2.0, 3.0, 1.0, -4.0};
  const auto all = contour(p, std::vector<double>(40, 1.0), 0.5);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].size(), 4u);
  EXPECT_DOUBLE_EQ(polygon_area(all), p.width() * p.height());
  EXPECT_TRUE(contour(p, std::vector<double>(40, 0.0), 0.5).empty());
  // A bar from side to side: half of the columns and, by interpolation, up to half-way.
  std::vector<double> bar(40, 0.0);
  for (std::size_t i = 0; i < 8; ++i) bar[2 * 8 + i] = 1.0;
  const auto rings = contour(p, bar, 0.5);
  ASSERT_EQ(rings.size(), 1u);
  EXPECT_EQ(rings[0].size(), 4u);
  EXPECT_NEAR(polygon_area(rings), 16.0 * 3.0, 1e-9);
}

// Corners of different rings and chains keep apart, so that rounding to a grid of half the gap
// leaves rings that do not cross.
TEST(Contour, GapSurvivesRoundingToADatabaseUnit) {
  const double unit = 1e-9;
  for (unsigned seed = 0; seed < 20; ++seed) {
    const Plane p{40, 40, 20e-9, 20e-9, 0.0, 0.0};
    auto rings = contour(p, random_values(p, seed, 1), 0.5, {2.0 * unit, 0.0});
    for (Ring& ring : rings)
      for (Point2& q : ring) q = {std::round(q[0] / unit), std::round(q[1] / unit)};
    EXPECT_TRUE(find_contacts(rings).empty()) << seed;
  }
}

TEST(Contour, SimplificationKeepsTopologyAndDistance) {
  for (unsigned seed = 0; seed < 6; ++seed)
    for (const double tolerance : {0.02, 0.3, 2.0, 8.0}) {
      const Plane p{50, 50, 1.0, 1.0, 0.0, 0.0};
      const auto v = random_values(p, seed, 2);
      const auto fine = contour(p, v, 0.5);
      const auto rings = simplified(fine, tolerance);
      ASSERT_EQ(rings.size(), fine.size());
      EXPECT_TRUE(find_contacts(rings).empty());
      std::size_t before = 0, after = 0;
      const InsideTest inside_fine(fine), inside(rings);
      for (std::size_t r = 0; r < rings.size(); ++r) {
        before += fine[r].size();
        after += rings[r].size();
        EXPECT_EQ(signed_area(rings[r]) > 0, signed_area(fine[r]) > 0);
        // Each corner stays near the simplified ring.
        for (const Point2& q : fine[r]) {
          double nearest = 1e9;
          for (std::size_t i = 0; i < rings[r].size(); ++i) {
            const Point2 &a = rings[r][i], &b = rings[r][(i + 1) % rings[r].size()];
            const double x = b[0] - a[0], y = b[1] - a[1];
            const double t =
                std::clamp(((q[0] - a[0]) * x + (q[1] - a[1]) * y) / (x * x + y * y), 0.0, 1.0);
            nearest = std::min(nearest, std::hypot(q[0] - a[0] - t * x, q[1] - a[1] - t * y));
          }
          EXPECT_LE(nearest, tolerance * (1 + 1e-9));
        }
        // Nesting: how many other rings each ring lies in.
        int depth_before = 0, depth_after = 0;
        for (std::size_t s = 0; s < rings.size(); ++s) {
          if (s == r) continue;
          depth_before += InsideTest({&fine[s], 1})(fine[r][0]);
          depth_after += InsideTest({&rings[s], 1})(rings[r][0]);
        }
        EXPECT_EQ(depth_before, depth_after);
        EXPECT_EQ(depth_after % 2 == 0, signed_area(rings[r]) > 0);
      }
      EXPECT_LT(after, before);
      if (seed == 0)
        std::printf("tolerance %.2f pixels: %zu corners of %zu\n", tolerance, after, before);
    }
}

TEST(Contour, LargeFieldsAreQuick) {
  const Plane p{1000, 1000, 1e-8, 1e-8, 0.0, 0.0};
  const auto v = random_values(p, 3, 6);
  const auto start = std::chrono::steady_clock::now();
  const auto rings = contour(p, v, 0.5);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::size_t corners = 0;
  for (const Ring& ring : rings) corners += ring.size();
  std::printf("1000 x 1000 pixels: %zu rings, %zu corners, %.2f s\n", rings.size(), corners,
              seconds);
  EXPECT_LT(seconds, 30.0);
}

TEST(Contour, RefusesWhatIsNoField) {
  const Plane p{3, 3, 1.0, 1.0, 0.0, 0.0};
  EXPECT_THROW(contour(p, std::vector<double>(8, 0.0), 0.5), InputError);
  EXPECT_THROW(contour(p, std::vector<double>(9, std::nan("")), 0.5), InputError);
  EXPECT_THROW(contour(p, std::vector<double>(9, 0.0), std::nan("")), InputError);
  EXPECT_THROW(contour(p, std::vector<double>(9, 0.0), 0.5, {0.5, 0.0}), InputError);
  EXPECT_THROW(contour(p, std::vector<double>(9, 0.0), 0.5, {0.0, -1.0}), InputError);
  EXPECT_THROW(contour({0, 3, 1.0, 1.0, 0.0, 0.0}, {}, 0.5), InputError);
}

}  // namespace
}  // namespace wavesmith
