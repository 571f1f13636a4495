// L-BFGS: textbook minima, finite termination, the Wolfe conditions themselves, resuming.
#include "training/lbfgs.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <random>

#include "core/error.hpp"

namespace wavesmith {
namespace {

using Vector = std::vector<double>;
using Objective = std::function<double(std::span<const double>, std::span<double>)>;

// Chained Rosenbrock; minimum 0 at (1, ..., 1).
double rosenbrock(std::span<const double> x, std::span<double> g) {
  double value = 0.0;
  std::fill(g.begin(), g.end(), 0.0);
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    const double a = x[i + 1] - x[i] * x[i], b = 1.0 - x[i];
    value += 100.0 * a * a + b * b;
    g[i] += -400.0 * a * x[i] - 2.0 * b;
    g[i + 1] += 200.0 * a;
  }
  return value;
}

// 1/2 (x - c)' A (x - c) with A = B' B / n + I, B random.
struct Quadratic {
  std::size_t n;
  Vector a, c;
  explicit Quadratic(std::size_t size, std::uint64_t seed) : n(size), a(n * n), c(n) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    Vector b(n * n);
    for (double& v : b) v = normal(random);
    for (double& v : c) v = normal(random);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        for (std::size_t k = 0; k < n; ++k)
          a[i * n + j] += b[k * n + i] * b[k * n + j] / static_cast<double>(n);
        if (i == j) a[i * n + j] += 1.0;
      }
  }
  double operator()(std::span<const double> x, std::span<double> g) const {
    double value = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
      g[i] = 0.0;
      for (std::size_t j = 0; j < n; ++j) g[i] += a[i * n + j] * (x[j] - c[j]);
      value += 0.5 * g[i] * (x[i] - c[i]);
    }
    return value;
  }
};

void run(Lbfgs& lbfgs, const Objective& objective) {
  Vector g(lbfgs.next_point().size());
  while (!lbfgs.done()) {
    const double value = objective(lbfgs.next_point(), g);
    lbfgs.tell(value, g);
    ASSERT_LT(lbfgs.evaluations(), 20000);
  }
}

TEST(Lbfgs, FindsTheMinimumOfRosenbrock) {
  for (std::size_t n : {2, 10, 50}) {
    for (auto mode : {LineSearch::Mode::strong_wolfe, LineSearch::Mode::backtracking}) {
      Vector start(n, 1.0);
      for (std::size_t i = 0; i < n; i += 2) start[i] = -1.2;
      Lbfgs lbfgs(start, {.gradient_tolerance = 1e-10, .mode = mode});
      run(lbfgs, rosenbrock);
      EXPECT_EQ(lbfgs.state(), Lbfgs::State::gradient_small);
      for (double x : lbfgs.point()) EXPECT_NEAR(x, 1.0, 1e-10);
      std::printf("rosenbrock n = %zu: %ld iterations, %ld evaluations\n", n,
                  static_cast<long>(lbfgs.iterations()), static_cast<long>(lbfgs.evaluations()));
      if (n == 2) {
        EXPECT_LT(lbfgs.evaluations(), 80);
      }
    }
  }
}

// With exact line searches L-BFGS follows the conjugate gradients, which end after n steps.
TEST(Lbfgs, EndsAQuadraticInItsDimension) {
  for (std::size_t n : {1, 2, 5, 12}) {
    for (std::size_t memory : {1, 3, 20}) {
      const Quadratic quadratic(n, 3 + n);
      LbfgsOptions options{.memory = memory, .gradient_tolerance = 1e-7};
      options.line_search = {.decrease = 1e-10, .curvature = 1e-9};
      Lbfgs lbfgs(Vector(n, 0.0), options);
      run(lbfgs, quadratic);
      EXPECT_EQ(lbfgs.state(), Lbfgs::State::gradient_small);
      EXPECT_LE(lbfgs.iterations(), static_cast<std::int64_t>(n) + 1) << n << " " << memory;
      for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(lbfgs.point()[i], quadratic.c[i], 1e-7);
    }
  }
}

TEST(Lbfgs, ConvergesOnAMinimumThatIsNotZero) {
  // Near 1e6 + ..., decreases drown in the rounding of the value; the slopes still lead on.
  const Quadratic quadratic(20, 5);
  Lbfgs lbfgs(Vector(20, 3.0), {.gradient_tolerance = 1e-8});
  run(lbfgs, [&](std::span<const double> x, std::span<double> g) { return 1e6 + quadratic(x, g); });
  EXPECT_EQ(lbfgs.state(), Lbfgs::State::gradient_small);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_NEAR(lbfgs.point()[i], quadratic.c[i], 1e-8);
}

TEST(Lbfgs, ValuesNeverRiseAndTheBestPointIsKept) {
  Vector g(10);
  Lbfgs lbfgs(Vector(10, -1.0), {.most_iterations = 60});
  double before = std::numeric_limits<double>::infinity();
  while (!lbfgs.done()) {
    const double value = rosenbrock(lbfgs.next_point(), g);
    lbfgs.tell(value, g);
    EXPECT_LE(lbfgs.value(), before);
    before = lbfgs.value();
    Vector check(10);
    EXPECT_EQ(rosenbrock(lbfgs.point(), check), lbfgs.value());
    EXPECT_EQ(check, Vector(lbfgs.gradient().begin(), lbfgs.gradient().end()));
  }
}

TEST(Lbfgs, StepsBackFromWhereTheObjectiveIsNotFinite) {
  // x - log x, infinite or undefined left of 0; minimum at 1. Start so that the first step leaves.
  const Objective barrier = [](std::span<const double> x, std::span<double> g) {
    g[0] = 1.0 - 1.0 / x[0];
    return x[0] - std::log(x[0]);
  };
  Lbfgs lbfgs({4.0}, {.first_step = 100.0});
  run(lbfgs, barrier);
  EXPECT_NEAR(lbfgs.point()[0], 1.0, 1e-8);
  EXPECT_THROW(Lbfgs({4.0}, {}).tell(std::nan(""), Vector{1.0}), NumericsError);
  EXPECT_THROW(Lbfgs({4.0}, {}).tell(1.0, Vector{std::nan("")}), NumericsError);
}

TEST(Lbfgs, StallsOnAGradientOfTheWrongSign) {
  Lbfgs lbfgs({3.0, 2.0}, {});
  run(lbfgs, [](std::span<const double> x, std::span<double> g) {
    g[0] = -x[0];
    g[1] = -x[1];
    return 0.5 * (x[0] * x[0] + x[1] * x[1]);
  });
  EXPECT_EQ(lbfgs.state(), Lbfgs::State::stalled);
  EXPECT_EQ(lbfgs.point()[0], 3.0);
}

TEST(Lbfgs, StopsWhereItIsTold) {
  Lbfgs limited(Vector(4, -1.0), {.most_iterations = 3});
  run(limited, rosenbrock);
  EXPECT_EQ(limited.state(), Lbfgs::State::iteration_limit);
  EXPECT_EQ(limited.iterations(), 3);
  Lbfgs settled(Vector(4, -1.0), {.gradient_tolerance = 0.0, .value_tolerance = 1e-3});
  run(settled, [](std::span<const double> x, std::span<double> g) { return 1 + rosenbrock(x, g); });
  EXPECT_EQ(settled.state(), Lbfgs::State::value_settled);
  Lbfgs there(Vector(4, 1.0), {.gradient_tolerance = 0.0});
  run(there, rosenbrock);
  EXPECT_EQ(there.state(), Lbfgs::State::gradient_small);
  EXPECT_EQ(there.evaluations(), 1);
}

// Saves and loads at every single evaluation; the path must keep its bits.
TEST(Lbfgs, ResumesBitForBitAnywhere) {
  for (auto mode : {LineSearch::Mode::strong_wolfe, LineSearch::Mode::backtracking}) {
    const LbfgsOptions options{.memory = 4, .most_iterations = 40, .mode = mode};
    const Vector start(8, -1.0);
    Lbfgs straight(start, options);
    auto resumed = std::make_unique<Lbfgs>(start, options);
    Vector g(8);
    while (!straight.done()) {
      std::vector<std::byte> state;
      resumed->save(state);
      resumed = std::make_unique<Lbfgs>(Vector(8, 0.0), options);
      resumed->load(state);
      const auto a = straight.next_point(), b = resumed->next_point();
      ASSERT_TRUE(std::equal(a.begin(), a.end(), b.begin()));
      const double value = rosenbrock(a, g);
      straight.tell(value, g);
      resumed->tell(value, g);
    }
    EXPECT_EQ(resumed->state(), straight.state());
    EXPECT_EQ(resumed->value(), straight.value());
    EXPECT_GT(straight.evaluations(), 40);
  }
}

TEST(Lbfgs, StatesOfOthersAreRefused) {
  std::vector<std::byte> state;
  Lbfgs(Vector(4, 0.0), {}).save(state);
  EXPECT_THROW(Lbfgs(Vector(5, 0.0), {}).load(state), InputError);
  EXPECT_THROW(Lbfgs(Vector(4, 0.0), {.memory = 3}).load(state), InputError);
  for (std::size_t size = 0; size < state.size(); size += 7)
    EXPECT_THROW(Lbfgs(Vector(4, 0.0), {}).load(std::span(state).first(size)), InputError);
}

TEST(Lbfgs, WrongSettingsAreRefused) {
  EXPECT_THROW(Lbfgs({}, {}), InputError);
  EXPECT_THROW(Lbfgs({1.0}, {.memory = 0}), InputError);
  EXPECT_THROW(Lbfgs({1.0}, {.gradient_tolerance = -1.0}), InputError);
  EXPECT_THROW(Lbfgs({1.0}, {.most_iterations = 0}), InputError);
  EXPECT_THROW(Lbfgs({1.0}, {.first_step = -1.0}), InputError);
  EXPECT_THROW(Lbfgs({1.0}, {.line_search = {.decrease = 0.5, .curvature = 0.1}}), InputError);
}

// Random smooth functions of one variable: whatever is accepted satisfies both conditions.
TEST(LineSearch, AcceptedStepsSatisfyTheStrongWolfeConditions) {
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  int accepted = 0, evaluations = 0;
  for (int draw = 0; draw < 2000; ++draw) {
    const double w = 0.5 + 6.0 * uniform(random), amount = 2.0 * uniform(random);
    const double shift = 6.0 * uniform(random), curve = 0.05 + uniform(random);
    const auto phi = [&](double a) {
      return curve * (a - 1) * (a - 1) + amount * std::sin(w * a + shift);
    };
    const auto slope = [&](double a) {
      return 2 * curve * (a - 1) + amount * w * std::cos(w * a + shift);
    };
    if (slope(0.0) > -0.01) continue;
    const LineSearchOptions options{.curvature = draw % 2 == 0 ? 0.9 : 0.1};
    LineSearch search(options);
    search.start(LineSearch::Mode::strong_wolfe, phi(0), slope(0),
                 std::pow(10.0, 6.0 * uniform(random) - 3.0));
    auto outcome = LineSearch::Outcome::running;
    while (outcome == LineSearch::Outcome::running) {
      outcome = search.tell(phi(search.step()), slope(search.step()));
      ++evaluations;
    }
    ASSERT_EQ(outcome, LineSearch::Outcome::accepted) << draw;
    const double a = search.step();
    EXPECT_LE(phi(a), phi(0) + options.decrease * a * slope(0) + 1e-14);
    EXPECT_LE(std::abs(slope(a)), -options.curvature * slope(0));
    ++accepted;
  }
  EXPECT_GT(accepted, 800);
  std::printf("%d searches, %.2f evaluations each\n", accepted,
              static_cast<double>(evaluations) / accepted);
}

}  // namespace
}  // namespace wavesmith
