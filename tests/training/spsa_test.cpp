// SPSA: its expectation and its variance on a quadratic, where both are known exactly.
#include "training/spsa.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "core/error.hpp"

namespace wavesmith {
namespace {

using Vector = std::vector<double>;

constexpr std::size_t count = 7;
const Vector point{0.3, -1.2, 0.8, 2.0, -0.5, 0.1, 1.1};

// sum_i (i + 1) p_i^2 / 2 + sum_i p_i p_(i+1)
double quadratic(std::span<const double> p) {
  double value = 0.0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    value += 0.5 * static_cast<double>(i + 1) * p[i] * p[i];
    if (i + 1 < p.size()) value += p[i] * p[i + 1];
  }
  return value;
}
Vector exact_gradient(std::span<const double> p) {
  Vector g(p.size());
  for (std::size_t i = 0; i < p.size(); ++i) {
    g[i] = static_cast<double>(i + 1) * p[i];
    if (i > 0) g[i] += p[i - 1];
    if (i + 1 < p.size()) g[i] += p[i + 1];
  }
  return g;
}

// One draw gives g_i + D_i sum_{j != i} g_j D_j: bounded by B_i = sum_{j != i} |g_j| around its
// mean g_i. Hoeffding: P(|mean of K - g_i| > t) <= 2 exp(-K t^2 / (2 B_i^2)). With t = 6 B_i /
// sqrt(K) that is 3e-8 for each parameter.
TEST(Spsa, ExpectationIsTheGradient) {
  const Vector exact = exact_gradient(point);
  const double all = std::accumulate(exact.begin(), exact.end(), 0.0,
                                     [](double sum, double g) { return sum + std::abs(g); });
  for (double step : {1e-3, 1.0}) {
    const SpsaOptions options{.step = step, .draws = 40000, .seed = 5};
    Vector g(count);
    spsa_gradient(quadratic, point, options, 0, g);
    for (std::size_t i = 0; i < count; ++i) {
      const double bound = 6.0 * (all - std::abs(exact[i])) / std::sqrt(options.draws);
      EXPECT_NEAR(g[i], exact[i], bound) << i;
    }
  }
}

// |g - grad|^2 has the expectation (n - 1) |grad|^2 / K. For K = 1 it is |grad|^2 + (n - 2) q with
// q = (grad . D)^2, whose variance is at most 2 |grad|^4: a relative spread below 2, which
// averaging over K only lowers. The mean of M estimates lies within 6 * 2 / sqrt(M) of the
// expectation.
TEST(Spsa, VarianceIsThatOfTheOtherParameters) {
  const Vector exact = exact_gradient(point);
  const double squared = std::inner_product(exact.begin(), exact.end(), exact.begin(), 0.0);
  for (int draws : {1, 4}) {
    const int repeats = 20000;
    double sum = 0.0;
    Vector g(count);
    for (int r = 0; r < repeats; ++r) {
      const SpsaOptions options{.draws = draws, .seed = 9};
      spsa_gradient(quadratic, point, options, static_cast<std::uint64_t>(r), g);
      for (std::size_t i = 0; i < count; ++i) sum += (g[i] - exact[i]) * (g[i] - exact[i]);
    }
    const double expected = static_cast<double>(count - 1) * squared / draws;
    EXPECT_NEAR(sum / repeats / expected, 1.0, 12.0 / std::sqrt(repeats));
  }
}

TEST(Spsa, OneParameterIsACentralDifference) {
  Vector g(1);
  const double mean = spsa_gradient([](std::span<const double> p) { return std::sin(p[0]); },
                                    Vector{0.4}, {.step = 0.1}, 3, g);
  EXPECT_NEAR(g[0], std::cos(0.4) * std::sin(0.1) / 0.1, 1e-14);
  EXPECT_NEAR(mean, std::sin(0.4) * std::cos(0.1), 1e-14);
}

TEST(Spsa, DependsOnItsArgumentsAlone) {
  const auto estimate = [](std::uint64_t seed, std::uint64_t iteration) {
    Vector g(count);
    spsa_gradient(quadratic, point, {.draws = 3, .seed = seed}, iteration, g);
    return g;
  };
  EXPECT_EQ(estimate(1, 2), estimate(1, 2));
  EXPECT_NE(estimate(1, 2), estimate(1, 3));
  EXPECT_NE(estimate(1, 2), estimate(2, 2));
}

// Every draw evaluates at two opposite points whose entries all moved by the step.
TEST(Spsa, EvaluatesTwoOppositePointsADraw) {
  const std::size_t n = 200;  // more than one word of random bits
  std::vector<Vector> seen;
  Vector g(n);
  spsa_gradient(
      [&](std::span<const double> p) {
        seen.emplace_back(p.begin(), p.end());
        return 0.0;
      },
      Vector(n, 0.0), {.step = 0.25, .draws = 3}, 0, g);
  ASSERT_EQ(seen.size(), 6);
  for (std::size_t k = 0; k < 6; k += 2) {
    double sum = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
      EXPECT_EQ(std::abs(seen[k][i]), 0.25);
      EXPECT_EQ(seen[k][i], -seen[k + 1][i]);
      sum += seen[k][i] / 0.25;
    }
    EXPECT_LT(std::abs(sum), 6.0 * std::sqrt(static_cast<double>(n)));
    EXPECT_NE(seen[k], seen[(k + 2) % 6]);
  }
}

TEST(Spsa, WrongSettingsAndLossesAreRefused) {
  Vector g(count);
  EXPECT_THROW(spsa_gradient(quadratic, point, {.step = 0.0}, 0, g), InputError);
  EXPECT_THROW(spsa_gradient(quadratic, point, {.draws = 0}, 0, g), InputError);
  EXPECT_THROW(spsa_gradient([](auto) { return std::nan(""); }, point, {}, 0, g), NumericsError);
}

}  // namespace
}  // namespace wavesmith
