// L-BFGS between bounds: published minima, convex problems with known conditions, resuming.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <numbers>
#include <random>

#include "core/error.hpp"
#include "training/bounded_direction.hpp"
#include "training/lbfgs.hpp"

namespace wavesmith {
namespace {

using Vector = std::vector<double>;
using Objective = std::function<double(std::span<const double>, std::span<double>)>;
const double infinity = std::numeric_limits<double>::infinity();

// W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes (1981): the problems
// with bounds only.
struct Published {
  int number;
  Vector start, lower, upper;
  double minimum;
  Objective objective;
};

double valley(std::span<const double> x, std::span<double> g) {
  const double a = x[1] - x[0] * x[0], b = 1.0 - x[0];
  g[0] = -400.0 * a * x[0] - 2.0 * b;
  g[1] = 200.0 * a;
  return 100.0 * a * a + b * b;
}

std::vector<Published> published() {
  const double pi = std::numbers::pi, inf = infinity;
  return {{1, {-2.0, 1.0}, {-inf, -1.5}, {inf, inf}, 0.0, valley},
          {2, {1.5, 2.0}, {-inf, 1.5}, {inf, inf}, 0.0504261879, valley},
          // From the other side of the valley, at the bound: 400 x^3 - 598 x = 2 has a root -1.221.
          {2, {-2.0, 1.0}, {-inf, 1.5}, {inf, inf}, 4.9412293180, valley},
          {3,
           {10.0, 1.0},
           {-inf, 0.0},
           {inf, inf},
           0.0,
           [](std::span<const double> x, std::span<double> g) {
             const double d = x[1] - x[0];
             g[0] = -2e-5 * d;
             g[1] = 1.0 + 2e-5 * d;
             return x[1] + 1e-5 * d * d;
           }},
          {4,
           {1.125, 0.125},
           {1.0, 0.0},
           {inf, inf},
           8.0 / 3.0,
           [](std::span<const double> x, std::span<double> g) {
             g[0] = (x[0] + 1.0) * (x[0] + 1.0);
             g[1] = 1.0;
             return std::pow(x[0] + 1.0, 3) / 3.0 + x[1];
           }},
          {5,
           {0.0, 0.0},
           {-1.5, -3.0},
           {4.0, 3.0},
           -std::sqrt(3.0) / 2.0 - pi / 3.0,
           [](std::span<const double> x, std::span<double> g) {
             const double d = x[0] - x[1], c = std::cos(x[0] + x[1]);
             g[0] = c + 2.0 * d - 1.5;
             g[1] = c - 2.0 * d + 2.5;
             return std::sin(x[0] + x[1]) + d * d - 1.5 * x[0] + 2.5 * x[1] + 1.0;
           }},
          {38,
           {-3.0, -1.0, -3.0, -1.0},
           Vector(4, -10.0),
           Vector(4, 10.0),
           0.0,
           [](std::span<const double> x, std::span<double> g) {
             const double a = x[1] - x[0] * x[0], b = x[3] - x[2] * x[2];
             const double p = x[1] - 1.0, q = x[3] - 1.0, u = 1.0 - x[0], v = 1.0 - x[2];
             g[0] = -400.0 * x[0] * a - 2.0 * u;
             g[1] = 200.0 * a + 20.2 * p + 19.8 * q;
             g[2] = -360.0 * x[2] * b - 2.0 * v;
             g[3] = 180.0 * b + 20.2 * q + 19.8 * p;
             return 100.0 * a * a + u * u + 90.0 * b * b + v * v + 10.1 * (p * p + q * q) +
                    19.8 * p * q;
           }},
          {45,
           Vector(5, 2.0),
           Vector(5, 0.0),
           {1.0, 2.0, 3.0, 4.0, 5.0},
           1.0,
           [](std::span<const double> x, std::span<double> g) {
             for (std::size_t i = 0; i < 5; ++i) {
               g[i] = -1.0 / 120.0;
               for (std::size_t k = 0; k < 5; ++k)
                 if (k != i) g[i] *= x[k];
             }
             return 2.0 - x[0] * x[1] * x[2] * x[3] * x[4] / 120.0;
           }},
          {110, Vector(10, 9.0), Vector(10, 2.001), Vector(10, 9.999), -45.77846971,
           [](std::span<const double> x, std::span<double> g) {
             double sum = 0.0, product = 1.0;
             for (double v : x) product *= v;
             const double power = std::pow(product, 0.2);
             for (std::size_t i = 0; i < x.size(); ++i) {
               const double a = std::log(x[i] - 2.0), b = std::log(10.0 - x[i]);
               sum += a * a + b * b;
               g[i] = 2.0 * a / (x[i] - 2.0) - 2.0 * b / (10.0 - x[i]) - 0.2 * power / x[i];
             }
             return sum - power;
           }}};
}

void run(Lbfgs& lbfgs, const Objective& objective, const Vector& lower, const Vector& upper) {
  Vector g(lbfgs.next_point().size());
  while (!lbfgs.done()) {
    for (std::size_t i = 0; i < g.size(); ++i) {
      ASSERT_GE(lbfgs.next_point()[i], lower[i]);
      ASSERT_LE(lbfgs.next_point()[i], upper[i]);
    }
    const double value = objective(lbfgs.next_point(), g);
    lbfgs.tell(value, g);
    ASSERT_LT(lbfgs.evaluations(), 5000);
  }
}

TEST(BoundedLbfgs, FindsPublishedMinima) {
  for (const Published& p : published()) {
    Lbfgs lbfgs(p.start, p.lower, p.upper, {.gradient_tolerance = 1e-8});
    run(lbfgs, p.objective, p.lower, p.upper);
    std::printf("problem %d: %.10f (%.10f), %ld iterations, %ld evaluations\n", p.number,
                lbfgs.value(), p.minimum, static_cast<long>(lbfgs.iterations()),
                static_cast<long>(lbfgs.evaluations()));
    EXPECT_EQ(lbfgs.state(), Lbfgs::State::gradient_small) << p.number;
    EXPECT_NEAR(lbfgs.value(), p.minimum, 1e-8 * (1.0 + std::abs(p.minimum))) << p.number;
  }
}

// 1/2 x'Ax - b'x, A = chain of springs + a random low-rank part: convex, so that the conditions at
// the bounds decide alone.
TEST(BoundedLbfgs, MeetsTheConditionsOfConvexProblems) {
  for (std::size_t n : {1, 3, 40, 3000}) {
    std::mt19937_64 random(n);
    std::normal_distribution<double> normal;
    Vector b(n), u(n), lower(n), upper(n), start(n);
    for (std::size_t i = 0; i < n; ++i) {
      b[i] = 2.0 * normal(random);
      u[i] = normal(random) / std::sqrt(static_cast<double>(n));
      lower[i] = i % 5 == 4 ? -infinity : -std::abs(normal(random));
      upper[i] = i % 7 == 6 ? lower[i] + 1e-3 : std::abs(normal(random));
      if (i % 11 == 10 || upper[i] < lower[i] || !std::isfinite(upper[i])) upper[i] = infinity;
      start[i] = 5.0 * normal(random);  // outside: moved within
    }
    const Objective objective = [&](std::span<const double> x, std::span<double> g) {
      double along = 0.0, value = 0.0;
      for (std::size_t i = 0; i < n; ++i) along += u[i] * x[i];
      for (std::size_t i = 0; i < n; ++i) {
        g[i] = 2.1 * x[i] - (i > 0 ? x[i - 1] : 0.0) - (i + 1 < n ? x[i + 1] : 0.0);
        g[i] += 10.0 * along * u[i];
        value += x[i] * (0.5 * g[i] - b[i]);
        g[i] -= b[i];
      }
      return value;
    };
    Lbfgs lbfgs(start, lower, upper, {.gradient_tolerance = 1e-8});
    run(lbfgs, objective, lower, upper);
    EXPECT_EQ(lbfgs.state(), Lbfgs::State::gradient_small);
    Vector g(n);
    objective(lbfgs.point(), g);
    std::size_t at_bounds = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double x = lbfgs.point()[i];
      if (x > lower[i] + 1e-7) {
        EXPECT_LT(g[i], 1e-7);
      }
      if (x < upper[i] - 1e-7) {
        EXPECT_GT(g[i], -1e-7);
      }
      at_bounds += x == lower[i] || x == upper[i];
    }
    std::printf("n = %zu: %ld iterations, %ld evaluations, %zu at bounds\n", n,
                static_cast<long>(lbfgs.iterations()), static_cast<long>(lbfgs.evaluations()),
                at_bounds);
    if (n == 3000) {
      EXPECT_GT(at_bounds, 500u);
      EXPECT_LT(lbfgs.evaluations(), 300);
    }
  }
}

// Without active bounds the target is that of the two-loop recursion, x - H g.
TEST(BoundedLbfgs, WithoutBoundsTheDirectionIsThatOfTheRecursion) {
  Vector start(10, -0.5);
  const Objective chain = [](std::span<const double> x, std::span<double> g) {
    double value = 0.0;
    std::fill(g.begin(), g.end(), 0.0);
    for (std::size_t i = 0; i + 1 < x.size(); ++i) {
      const double a = x[i + 1] - x[i] * x[i], b = 1.0 - x[i];
      value += 3.0 * a * a + b * b;
      g[i] += -12.0 * a * x[i] - 2.0 * b;
      g[i + 1] += 6.0 * a;
    }
    return value;
  };
  const LbfgsOptions options{.memory = 5, .gradient_tolerance = 1e-9};
  Lbfgs free(start, options);
  Lbfgs wide(start, Vector(10, -infinity), Vector(10, infinity), options);
  Vector g(10);
  for (int i = 0; i < 25 && !free.done(); ++i) {
    for (std::size_t k = 0; k < 10; ++k)
      EXPECT_NEAR(free.next_point()[k], wide.next_point()[k], 1e-7);
    const double value = chain(free.next_point(), g);
    free.tell(value, g);
    const double same = chain(wide.next_point(), g);
    wide.tell(same, g);
  }
}

TEST(BoundedLbfgs, ResumesBitForBitAnywhere) {
  const Vector lower{-infinity, 1.5}, upper{0.9, infinity}, start{-2.0, 1.0};
  const LbfgsOptions options{.memory = 4, .most_iterations = 60};
  Lbfgs straight(start, lower, upper, options);
  auto resumed = std::make_unique<Lbfgs>(start, lower, upper, options);
  Vector g(2);
  while (!straight.done()) {
    std::vector<std::byte> state;
    resumed->save(state);
    resumed = std::make_unique<Lbfgs>(Vector(2, 0.0), lower, upper, options);
    resumed->load(state);
    const auto a = straight.next_point(), b = resumed->next_point();
    ASSERT_TRUE(std::equal(a.begin(), a.end(), b.begin()));
    const double value = valley(a, g);
    straight.tell(value, g);
    resumed->tell(value, g);
  }
  EXPECT_EQ(resumed->state(), straight.state());
  EXPECT_EQ(resumed->value(), straight.value());
}

TEST(BoundedLbfgs, WrongBoundsAreRefusedAndNoRoomIsTheEnd) {
  EXPECT_THROW(Lbfgs({0.0}, {1.0}, {0.0}, {}), InputError);
  EXPECT_THROW(Lbfgs({0.0}, {}, {1.0}, {}), InputError);
  EXPECT_THROW(Lbfgs({0.0}, {std::nan("")}, {1.0}, {}), InputError);
  EXPECT_THROW(Lbfgs({std::nan("")}, {0.0}, {1.0}, {}), InputError);
  Lbfgs fixed({3.0, 3.0}, {1.0, 2.0}, {1.0, 2.0}, {});
  Vector g(2);
  const double value = valley(fixed.next_point(), g);
  fixed.tell(value, g);
  EXPECT_EQ(fixed.state(), Lbfgs::State::gradient_small);
  EXPECT_EQ(fixed.point()[0], 1.0);
  EXPECT_EQ(fixed.point()[1], 2.0);
}

}  // namespace
}  // namespace wavesmith
