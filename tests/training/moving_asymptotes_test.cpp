// The method of moving asymptotes: published and analytic optima, NLopt's, minimax, contradictions,
// resuming.
#include "training/moving_asymptotes.hpp"

#include <gtest/gtest.h>
#ifdef WAVESMITH_HAS_NLOPT
#include <nlopt.h>
#endif

#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <random>

#include "core/error.hpp"

namespace wavesmith {
namespace {

using Vector = std::vector<double>;
using Gradients = MovingAsymptotes::Gradients;
// Value and gradient (of the size of x).
using Function = std::function<double(std::span<const double>, std::span<double>)>;

struct Problem {
  Vector start, lower, upper;
  std::vector<Function> objectives;
  std::vector<Function> constraints;
};

struct Outcome {
  Vector x, f;
  double objective = 0.0;
  int evaluations = 0;
};

std::pair<Vector, Gradients> evaluate(const std::vector<Function>& functions, const Vector& x) {
  std::pair<Vector, Gradients> result;
  for (const Function& function : functions) {
    Vector gradient(x.size(), 0.0);
    result.first.push_back(function(x, gradient));
    result.second.push_back(std::move(gradient));
  }
  return result;
}

// Until steps are shorter than 1e-11 of the ranges, or `most` evaluations.
Outcome run(MovingAsymptotes& mma, const Problem& problem, int most = 400) {
  Outcome result{problem.start, {}, 0.0, 0};
  while (result.evaluations < most) {
    const auto [f0, df0] = evaluate(problem.objectives, result.x);
    const auto [f, df] = evaluate(problem.constraints, result.x);
    ++result.evaluations;
    result.f = f;
    result.objective = *std::max_element(f0.begin(), f0.end());
    const Vector next = mma.step_minimax(result.x, f0, df0, f, df);
    double change = 0.0;
    for (std::size_t j = 0; j < next.size(); ++j) {
      EXPECT_GE(next[j], problem.lower[j]);
      EXPECT_LE(next[j], problem.upper[j]);
      const double range = problem.upper[j] - problem.lower[j];
      if (range > 0.0) change = std::max(change, std::abs(next[j] - result.x[j]) / range);
    }
    if (mma.accepted() && change < 1e-11) break;
    result.x = next;
  }
  return result;
}

Outcome run(const Problem& problem, const MovingAsymptotesSettings& settings = {}, int most = 400) {
  MovingAsymptotes mma(problem.lower, problem.upper, problem.constraints.size(), settings);
  return run(mma, problem, most);
}

// Five-part cantilever beam (Svanberg 1987, section 5). By Lagrange's rule
// x_i = a_i^(1/4) (sum a_k^(1/4))^(1/3).
const double beam_stiffness[5] = {61.0, 37.0, 19.0, 7.0, 1.0};
Problem beam() {
  const Function weight = [](std::span<const double> x, std::span<double> g) {
    double sum = 0.0;
    for (std::size_t i = 0; i < 5; ++i) {
      sum += 0.0624 * x[i];
      g[i] = 0.0624;
    }
    return sum;
  };
  const Function deflection = [](std::span<const double> x, std::span<double> g) {
    double sum = -1.0;
    for (std::size_t i = 0; i < 5; ++i) {
      sum += beam_stiffness[i] / std::pow(x[i], 3);
      g[i] = -3.0 * beam_stiffness[i] / std::pow(x[i], 4);
    }
    return sum;
  };
  return {Vector(5, 5.0), Vector(5, 1.0), Vector(5, 10.0), {weight}, {deflection}};
}

// Two-bar truss (the same paper): optimum 1.51 at (1.41, 0.377).
Problem truss() {
  const Function weight = [](std::span<const double> x, std::span<double> g) {
    const double root = std::sqrt(1.0 + x[1] * x[1]);
    g[0] = root;
    g[1] = x[0] * x[1] / root;
    return x[0] * root;
  };
  const auto stress = [](double sign) -> Function {
    return [sign](std::span<const double> x, std::span<double> g) {
      const double root = std::sqrt(1.0 + x[1] * x[1]);
      const double sum = 8.0 / x[0] + sign / (x[0] * x[1]);
      g[0] = -0.124 * root * sum / x[0];
      g[1] = 0.124 * (x[1] / root * sum - sign * root / (x[0] * x[1] * x[1]));
      return 0.124 * root * sum - 1.0;
    };
  };
  return {{1.5, 0.5}, {0.2, 0.1}, {4.0, 1.6}, {weight}, {stress(1.0), stress(-1.0)}};
}

// Rosenbrock's valley in a disc of radius sqrt(2) and in a box.
Problem valley() {
  const Function rosenbrock = [](std::span<const double> x, std::span<double> g) {
    const double a = x[1] - x[0] * x[0], b = 1.0 - x[0];
    g[0] = -400.0 * a * x[0] - 2.0 * b;
    g[1] = 200.0 * a;
    return 100.0 * a * a + b * b;
  };
  const Function disc = [](std::span<const double> x, std::span<double> g) {
    g[0] = 2.0 * x[0];
    g[1] = 2.0 * x[1];
    return x[0] * x[0] + x[1] * x[1] - 1.0;
  };
  return {{-0.8, -0.3}, {-1.5, -1.5}, {1.5, 1.5}, {rosenbrock}, {disc}};
}

Function scaled(Function f, double factor) {
  return [f = std::move(f), factor](std::span<const double> x, std::span<double> g) {
    const double value = f(x, g);
    for (double& v : g) v *= factor;
    return factor * value;
  };
}

TEST(MovingAsymptotes, FindsTheCantileverBeam) {
  double sum = 0.0;
  for (double a : beam_stiffness) sum += std::pow(a, 0.25);
  const double optimum = 0.0624 * std::pow(sum, 4.0 / 3.0);
  EXPECT_NEAR(optimum, 1.340, 5e-4);  // as published
  for (bool conservative : {false, true}) {
    const Outcome result = run(beam(), {.conservative = conservative});
    std::printf("beam: %.12f (%.12f), violation %.1e, %d evaluations\n", result.objective, optimum,
                result.f[0], result.evaluations);
    EXPECT_NEAR(result.objective, optimum, 1e-9);
    EXPECT_LT(result.f[0], 1e-9);
    EXPECT_LT(result.evaluations, 100);
    for (std::size_t i = 0; i < 5; ++i)
      EXPECT_NEAR(result.x[i], std::pow(beam_stiffness[i], 0.25) * std::cbrt(sum), 1e-6);
  }
}

TEST(MovingAsymptotes, FindsTheTwoBarTruss) {
  for (bool conservative : {false, true}) {
    const Outcome result = run(truss(), {.conservative = conservative});
    std::printf("truss: %.9f at (%.6f, %.6f), violation %.1e, %d evaluations\n", result.objective,
                result.x[0], result.x[1], std::max(result.f[0], result.f[1]), result.evaluations);
    EXPECT_NEAR(result.objective, 1.51, 0.005);
    EXPECT_NEAR(result.x[0], 1.41, 0.005);
    EXPECT_NEAR(result.x[1], 0.377, 0.0005);
    EXPECT_LT(std::max(result.f[0], result.f[1]), 1e-9);
  }
}

// The nearest point to c in the box [0, 1]^n with a.x <= b: x = clip(c - t a), t by bisection.
TEST(MovingAsymptotes, ProjectsOntoAHalfSpaceOfABox) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> uniform(-0.3, 1.3);
  for (std::size_t n : {1, 2, 7, 50, 20000}) {
    Vector c(n), a(n);
    double total = 0.0;
    for (std::size_t j = 0; j < n; ++j) {
      c[j] = uniform(random);
      a[j] = 0.2 + std::abs(uniform(random));
      total += a[j];
    }
    const double b = 0.3 * total;
    const auto at = [&](double t, std::size_t j) { return std::clamp(c[j] - t * a[j], 0.0, 1.0); };
    double low = 0.0, high = 100.0;
    for (int i = 0; i < 200; ++i) {
      const double t = 0.5 * (low + high);
      double sum = 0.0;
      for (std::size_t j = 0; j < n; ++j) sum += a[j] * at(t, j);
      (sum > b ? low : high) = t;
    }
    const Function distance = [&](std::span<const double> x, std::span<double> g) {
      double sum = 0.0;
      for (std::size_t j = 0; j < n; ++j) {
        g[j] = x[j] - c[j];
        sum += 0.5 * g[j] * g[j];
      }
      return sum;
    };
    const Function plane = [&](std::span<const double> x, std::span<double> g) {
      double sum = -b;
      for (std::size_t j = 0; j < n; ++j) {
        g[j] = a[j];
        sum += a[j] * x[j];
      }
      return sum;
    };
    const Problem problem{Vector(n, 0.5), Vector(n, 0.0), Vector(n, 1.0), {distance}, {plane}};
    MovingAsymptotes mma(problem.lower, problem.upper, 1);
    const Outcome result = run(mma, problem, 40);
    double error = 0.0;
    for (std::size_t j = 0; j < n; ++j) error = std::max(error, std::abs(result.x[j] - at(low, j)));
    std::printf("n = %zu: error %.1e, multiplier %.9f (%.9f), %d evaluations\n", n, error,
                mma.multipliers()[0], low, result.evaluations);
    EXPECT_LT(error, 2e-7);
    EXPECT_NEAR(mma.multipliers()[0], low, 1e-6);
  }
}

#ifdef WAVESMITH_HAS_NLOPT
double call(unsigned n, const double* x, double* gradient, void* data) {
  Vector g(n);
  const double value = (*static_cast<const Function*>(data))({x, n}, g);
  if (gradient != nullptr) std::copy(g.begin(), g.end(), gradient);
  return value;
}

TEST(MovingAsymptotes, AgreesWithNlopt) {
  for (Problem problem : {beam(), truss(), valley()}) {
    nlopt_opt nlopt = nlopt_create(NLOPT_LD_MMA, static_cast<unsigned>(problem.start.size()));
    nlopt_set_lower_bounds(nlopt, problem.lower.data());
    nlopt_set_upper_bounds(nlopt, problem.upper.data());
    nlopt_set_min_objective(nlopt, call, &problem.objectives[0]);
    for (Function& f : problem.constraints) nlopt_add_inequality_constraint(nlopt, call, &f, 1e-10);
    nlopt_set_xtol_rel(nlopt, 1e-11);
    nlopt_set_maxeval(nlopt, 20000);
    Vector x = problem.start;
    double optimum = 0.0;
    ASSERT_GT(nlopt_optimize(nlopt, x.data(), &optimum), 0);
    const int evaluations = nlopt_get_numevals(nlopt);
    nlopt_destroy(nlopt);
    const Outcome result = run(problem, {.conservative = true}, 1000);
    std::printf("ours %.10f in %d, NLopt's %.10f in %d evaluations\n", result.objective,
                result.evaluations, optimum, evaluations);
    EXPECT_NEAR(result.objective, optimum, 1e-6 * std::abs(optimum));
    for (std::size_t j = 0; j < x.size(); ++j) EXPECT_NEAR(result.x[j], x[j], 1e-4);
  }
}
#endif

// The smallest circle around points: the largest of the squared distances. An offset that makes all
// objectives negative must not matter: the extra variable has no sign.
TEST(MovingAsymptotes, MinimaxFindsTheSmallestCircle) {
  for (double offset : {0.0, -50.0, 1000.0}) {
    std::vector<Function> objectives;
    // An acute triangle on a circle of radius 1.3 about (0.2, -0.4), and points inside of it.
    const Vector angles = {0.3, 2.4, 4.4, 1.0, 3.0};
    const Vector radii = {1.3, 1.3, 1.3, 0.7, 1.1};
    for (std::size_t k = 0; k < angles.size(); ++k)
      objectives.push_back([=](std::span<const double> x, std::span<double> g) {
        const double dx = x[0] - 0.2 - radii[k] * std::cos(angles[k]);
        const double dy = x[1] + 0.4 - radii[k] * std::sin(angles[k]);
        g[0] = 2.0 * dx;
        g[1] = 2.0 * dy;
        return dx * dx + dy * dy + offset;
      });
    const Problem problem{{2.0, 2.5}, {-3.0, -3.0}, {3.0, 3.0}, objectives, {}};
    const Outcome result = run(problem, {.conservative = true});
    std::printf("circle: radius^2 %.9f at (%.7f, %.7f), %d evaluations\n",
                result.objective - offset, result.x[0], result.x[1], result.evaluations);
    EXPECT_NEAR(result.objective - offset, 1.69, 1e-6);
    EXPECT_NEAR(result.x[0], 0.2, 1e-6);
    EXPECT_NEAR(result.x[1], -0.4, 1e-6);
  }
}

TEST(MovingAsymptotes, UnitsDoNotMatter) {
  const Outcome plain = run(truss(), {}, 30);
  for (double factor : {1e-12, 1e9}) {
    Problem problem = truss();
    problem.objectives[0] = scaled(problem.objectives[0], factor);
    problem.constraints[0] = scaled(problem.constraints[0], 1.0 / factor);
    problem.constraints[1] = scaled(problem.constraints[1], 3.0);
    const Outcome result = run(problem, {}, 30);
    for (std::size_t j = 0; j < 2; ++j) EXPECT_NEAR(result.x[j], plain.x[j], 1e-7);
  }
}

TEST(MovingAsymptotes, TheConservativeFormNeverRises) {
  const Problem problem = valley();
  MovingAsymptotes mma(problem.lower, problem.upper, 1, {.conservative = true});
  Vector x = problem.start;
  double before = std::numeric_limits<double>::infinity();
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    const auto [f0, df0] = evaluate(problem.objectives, x);
    const auto [f, df] = evaluate(problem.constraints, x);
    const Vector next = mma.step_minimax(x, f0, df0, f, df);
    if (mma.accepted()) {
      EXPECT_LE(f0[0], before + 1e-9);
      EXPECT_LE(f[0], 1e-9);
      before = f0[0];
    } else {
      ++refused;
    }
    x = next;
  }
  EXPECT_GT(refused, 0);
}

TEST(MovingAsymptotes, NamesConstraintsThatContradictEachOther) {
  // x0 >= 0.7 and x0 <= 0.3; x1 >= 0.2 holds.
  const auto bound = [](std::size_t j, double sign, double limit) -> Function {
    return [=](std::span<const double> x, std::span<double> g) {
      g[j] = sign;
      return sign * (x[j] - limit);
    };
  };
  const Function sum = [](std::span<const double> x, std::span<double> g) {
    g[0] = g[1] = 1.0;
    return x[0] + x[1];
  };
  const Problem problem{{0.9, 0.9},
                        {0.0, 0.0},
                        {1.0, 1.0},
                        {sum},
                        {bound(0, -1.0, 0.7), bound(1, -1.0, 0.2), bound(0, 1.0, 0.3)}};
  for (bool conservative : {false, true}) {
    MovingAsymptotes mma(problem.lower, problem.upper, 3, {.conservative = conservative});
    const Outcome result = run(mma, problem, 100);
    EXPECT_EQ(mma.contradicting(), (std::vector<std::size_t>{0, 2}));
    // The least sum of violations: 0.4, however it is shared.
    EXPECT_NEAR(mma.artificial()[0] + mma.artificial()[2], 0.4, 1e-6);
    EXPECT_GE(mma.infeasibility(), 0.2);
    EXPECT_NEAR(std::max(0.0, result.f[0]) + std::max(0.0, result.f[2]), 0.4, 1e-6);
    EXPECT_NEAR(result.x[1], 0.2, 1e-7);
  }
  // A constraint that nothing can change contradicts the problem by itself.
  const Function never = [](std::span<const double>, std::span<double> g) {
    std::fill(g.begin(), g.end(), 0.0);
    return 3.0;
  };
  MovingAsymptotes alone(problem.lower, problem.upper, 2);
  run(alone, {problem.start, problem.lower, problem.upper, {sum}, {never, bound(1, -1.0, 0.2)}},
      30);
  EXPECT_EQ(alone.contradicting(), (std::vector<std::size_t>{0}));
  EXPECT_NEAR(alone.infeasibility(), 3.0, 1e-6);
}

TEST(MovingAsymptotes, ReachesConstraintsFromFarAway) {
  Problem problem = beam();
  problem.start.assign(5, 1.0);  // deflection 124 times too large
  MovingAsymptotes mma(problem.lower, problem.upper, 1, {.move = 0.1});
  const Outcome result = run(mma, problem);
  EXPECT_TRUE(mma.contradicting().empty());
  EXPECT_LT(mma.infeasibility(), 1e-9);
  EXPECT_NEAR(result.objective, 1.33996, 1e-4);
}

TEST(MovingAsymptotes, FixedUnknownsStay) {
  Problem problem = beam();
  problem.lower[2] = problem.upper[2] = 5.0;
  const Outcome result = run(problem);
  EXPECT_EQ(result.x[2], 5.0);
  // The other four share what is left of the deflection.
  double sum = 0.0;
  for (std::size_t i : {0, 1, 3, 4}) sum += std::pow(beam_stiffness[i], 0.25);
  EXPECT_NEAR(result.x[0], std::pow(61.0, 0.25) * std::cbrt(sum / (1.0 - 19.0 / 125.0)), 1e-6);
}

TEST(MovingAsymptotes, ResumesBitForBitWithAnyNumberOfThreads) {
  for (bool conservative : {false, true}) {
    const Problem problem = valley();
    const MovingAsymptotesSettings one{.conservative = conservative, .threads = 1};
    const MovingAsymptotesSettings two{.conservative = conservative, .threads = 2};
    MovingAsymptotes straight(problem.lower, problem.upper, 1, one);
    auto resumed = std::make_unique<MovingAsymptotes>(problem.lower, problem.upper, 1, two);
    Vector x = problem.start;
    for (int i = 0; i < 40; ++i) {
      std::vector<std::byte> state;
      resumed->save(state);
      resumed = std::make_unique<MovingAsymptotes>(problem.lower, problem.upper, 1, two);
      resumed->load(state);
      const auto [f0, df0] = evaluate(problem.objectives, x);
      const auto [f, df] = evaluate(problem.constraints, x);
      const Vector next = straight.step_minimax(x, f0, df0, f, df);
      ASSERT_EQ(next, resumed->step_minimax(x, f0, df0, f, df)) << i;
      EXPECT_EQ(straight.accepted(), resumed->accepted());
      EXPECT_EQ(straight.infeasibility(), resumed->infeasibility());
      x = next;
    }
  }
}

TEST(MovingAsymptotes, ManyUnknownsGiveTheSameBitsOnAnyNumberOfThreads) {
  const std::size_t n = 100000;
  Vector x(n, 0.5), df0(n);
  Gradients df(3, Vector(n));
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal;
  for (double& v : df0) v = normal(random);
  for (Vector& g : df)
    for (double& v : g) v = normal(random) + 0.1;
  Vector first;
  for (int threads : {1, 2, 5}) {
    MovingAsymptotes mma(Vector(n, 0.0), Vector(n, 1.0), 3, {.threads = threads});
    const Vector next = mma.step(x, 1.0, df0, Vector{20.0, -10.0, 5.0}, df);
    if (first.empty()) first = next;
    EXPECT_EQ(next, first);
    EXPECT_LT(mma.infeasibility(), 1e-9);
  }
}

TEST(MovingAsymptotes, WrongInputIsRefused) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_THROW(MovingAsymptotes({}, {}, 0), InputError);
  EXPECT_THROW(MovingAsymptotes({0.0}, {1.0, 2.0}, 0), InputError);
  EXPECT_THROW(MovingAsymptotes({1.0}, {0.0}, 0), InputError);
  EXPECT_THROW(MovingAsymptotes({0.0}, {infinity}, 0), InputError);
  EXPECT_THROW(MovingAsymptotes({0.0}, {1.0}, 0, {.move = 0.0}), InputError);
  EXPECT_THROW(MovingAsymptotes({0.0}, {1.0}, 0, {.narrow = 1.5}), InputError);
  EXPECT_THROW(MovingAsymptotes({0.0}, {1.0}, 0, {.penalty = std::nan("")}), InputError);
  MovingAsymptotes mma({0.0, 0.0}, {1.0, 1.0}, 1);
  const Vector x{0.5, 0.5}, g{1.0, 2.0};
  EXPECT_THROW(mma.step(x, 1.0, g, {}, {}), InputError);
  EXPECT_THROW(mma.step(x, 1.0, Vector{1.0}, Vector{0.0}, {g}), InputError);
  EXPECT_THROW(mma.step(Vector{0.5, 1.5}, 1.0, g, Vector{0.0}, {g}), InputError);
  EXPECT_THROW(mma.step(x, std::nan(""), g, Vector{0.0}, {g}), NumericsError);
  EXPECT_THROW(mma.step(x, 1.0, g, Vector{0.0}, {{1.0, infinity}}), NumericsError);

  std::vector<std::byte> state;
  mma.step(x, 1.0, g, Vector{0.0}, {g});
  mma.save(state);
  MovingAsymptotes({0.0, 0.0}, {1.0, 1.0}, 1).load(state);
  EXPECT_THROW(MovingAsymptotes({0.0}, {1.0}, 1).load(state), InputError);
  EXPECT_THROW(MovingAsymptotes({0.0, 0.0}, {1.0, 1.0}, 2).load(state), InputError);
  EXPECT_THROW(MovingAsymptotes({0.0, 0.0}, {1.0, 1.0}, 1, {.conservative = true}).load(state),
               InputError);
  for (std::size_t size = 0; size < state.size(); size += 5)
    EXPECT_THROW(mma.load(std::span(state).first(size)), InputError);
}

}  // namespace
}  // namespace wavesmith
