// SGD and Adam: first steps by hand, whole paths against plain restatements, slices, resuming.
#include "training/optimizer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "core/error.hpp"

namespace wavesmith {
namespace {

std::vector<double> random_vector(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<double> values(count);
  for (double& v : values) v = normal(random);
  return values;
}

std::vector<OptimizerSpec> all_specs() {
  return {
      {.name = "sgd", .momentum = 0.0},
      {.name = "sgd", .momentum = 0.9},
      {.name = "sgd", .momentum = 0.8, .nesterov = true, .weight_decay = 0.01},
      {.name = "adam"},
      {.name = "adam", .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3, .weight_decay = 0.02},
      {.name = "adam", .beta2 = 0.5, .amsgrad = true},
      {.name = "adam", .amsgrad = true, .weight_decay = 0.1, .largest_update = 1e-3},
      {.name = "adam", .beta1 = 0.5, .largest_update = 0.03},
      {.name = "sgd", .momentum = 0.5, .weight_decay = 0.1, .largest_update = 0.02},
  };
}

// One parameter, written straight from the papers with corrected moments spelt out.
struct Restated {
  OptimizerSpec spec;
  double m = 0, v = 0, top = 0;
  int t = 0;

  double bounded(double update) const {
    const double bound = spec.largest_update;
    return bound > 0.0 ? std::clamp(update, -bound, bound) : update;
  }

  double step(double rate, double g, double p) {
    ++t;
    p -= rate * spec.weight_decay * p;
    if (spec.name == "sgd") {
      v = spec.momentum * v + g;
      return p - bounded(rate * (spec.nesterov ? g + spec.momentum * v : v));
    }
    m = spec.beta1 * m + (1 - spec.beta1) * g;
    v = spec.beta2 * v + (1 - spec.beta2) * g * g;
    top = std::max(top, v);
    const double m_hat = m / (1 - std::pow(spec.beta1, t));
    const double v_hat = (spec.amsgrad ? top : v) / (1 - std::pow(spec.beta2, t));
    return p - bounded(rate * m_hat / (std::sqrt(v_hat) + spec.epsilon));
  }
};

TEST(Optimizer, FirstAdamStepIsTheRate) {
  // Corrected moments are g and g^2 after one step, so p moves by rate g / (|g| + eps).
  const auto adam = make_optimizer({.name = "adam"}, 3);
  std::vector<double> p{1.0, 2.0, 3.0};
  adam->step(0.1, std::vector<double>{0.5, -2e3, 0.0}, p);
  EXPECT_NEAR(p[0], 1.0 - 0.1 * 0.5 / (0.5 + 1e-8), 1e-15);
  EXPECT_NEAR(p[1], 2.1, 1e-11);
  EXPECT_EQ(p[2], 3.0);
}

TEST(Optimizer, SgdOnAConstantGradientByHand) {
  std::vector<double> p{0.0};
  const auto heavy = make_optimizer({.name = "sgd", .momentum = 0.5}, 1);
  for (double expected : {-1.0, -2.5, -4.25}) {  // velocities 1, 1.5, 1.75
    heavy->step(1.0, std::vector<double>{1.0}, p);
    EXPECT_DOUBLE_EQ(p[0], expected);
  }
  p = {0.0};
  const auto nesterov = make_optimizer({.name = "sgd", .momentum = 0.5, .nesterov = true}, 1);
  for (double expected : {-1.5, -3.25, -5.125}) {  // 1 + velocity / 2
    nesterov->step(1.0, std::vector<double>{1.0}, p);
    EXPECT_DOUBLE_EQ(p[0], expected);
  }
}

TEST(Optimizer, PathsAgreeWithTheirRestatement) {
  const std::size_t count = 37;  // not a multiple of any vector width
  for (const OptimizerSpec& spec : all_specs()) {
    const auto optimizer = make_optimizer(spec, count);
    std::vector<double> p = random_vector(count, 1), expected = p;
    std::vector<Restated> restated(count, Restated{spec});
    for (std::uint64_t step = 0; step < 50; ++step) {
      const double rate = 0.1 / (1.0 + static_cast<double>(step));
      const std::vector<double> g = random_vector(count, 100 + step);
      optimizer->step(rate, g, p);
      for (std::size_t i = 0; i < count; ++i) {
        expected[i] = restated[i].step(rate, g[i], expected[i]);
        ASSERT_NEAR(p[i], expected[i], 1e-13) << spec.name << " step " << step;
      }
    }
  }
}

TEST(Optimizer, SlicesGiveTheSameBits) {
  const std::size_t count = 101;
  for (const OptimizerSpec& spec : all_specs()) {
    const auto whole = make_optimizer(spec, count), sliced = make_optimizer(spec, count);
    std::vector<double> p = random_vector(count, 1), q = p;
    for (std::uint64_t step = 0; step < 5; ++step) {
      const std::vector<double> g = random_vector(count, 100 + step);
      whole->step(0.1, g, p);
      sliced->begin_step();
      for (auto [begin, end] : {std::pair{50, 101}, {0, 13}, {13, 14}, {14, 50}, {50, 50}})
        sliced->step_range(static_cast<std::size_t>(begin), static_cast<std::size_t>(end), 0.1, g,
                           q);
      ASSERT_EQ(p, q) << spec.name;
    }
  }
}

TEST(Optimizer, ResumesBitForBit) {
  const std::size_t count = 29;
  for (const OptimizerSpec& spec : all_specs()) {
    const auto straight = make_optimizer(spec, count);
    std::vector<double> p = random_vector(count, 1);
    for (std::uint64_t step = 0; step < 10; ++step) {
      std::vector<std::byte> state;
      straight->save(state);
      const auto resumed = make_optimizer(spec, count);
      resumed->load(state);
      const std::vector<double> g = random_vector(count, step);
      std::vector<double> q = p;
      straight->step(0.1, g, p);
      resumed->step(0.1, g, q);
      ASSERT_EQ(p, q) << spec.name;
      std::vector<std::byte> after, after_resumed;
      straight->save(after);
      resumed->save(after_resumed);
      ASSERT_EQ(after, after_resumed);
    }
  }
}

TEST(Optimizer, AmsgradByHand) {
  // beta1 = 0, beta2 = 3/4, gradients 4, 2, 0, 2: means of squares 4, 4, 3, 13/4; AMSGrad holds 4.
  // Corrections 1 - (3/4)^t = 1/4, 7/16, 37/64, 175/256, so that the steps are g sqrt(corr / v).
  const std::vector<double> gradients{4.0, 2.0, 0.0, 2.0};
  const double second = std::sqrt(7.0) / 4.0;  // 0.661
  const struct {
    bool amsgrad;
    double bound, last;
  } rows[] = {{false, 0.0, 2.0 * std::sqrt(175.0 / 256.0 / 3.25)},
              {true, 0.0, std::sqrt(175.0) / 16.0},
              {true, 0.7, 0.7}};
  for (const auto& row : rows) {
    const auto optimizer = make_optimizer({.name = "adam",
                                           .beta1 = 0.0,
                                           .beta2 = 0.75,
                                           .epsilon = 1e-300,
                                           .amsgrad = row.amsgrad,
                                           .largest_update = row.bound},
                                          1);
    const double steps[] = {row.bound > 0.0 ? row.bound : 1.0, second, 0.0, row.last};
    std::vector<double> p{10.0};
    double expected = 10.0;
    for (std::size_t t = 0; t < 4; ++t) {
      optimizer->step(1.0, std::span(gradients).subspan(t, 1), p);
      expected -= steps[t];
      EXPECT_NEAR(p[0], expected, 1e-14) << row.amsgrad << ' ' << row.bound << ' ' << t;
    }
  }
}

// Reddi, Kale and Kumar, ICLR 2018, theorem 1: losses C x, -x, -x in turn on [-1, 1] with C > 2 are
// least at -1, beta1 = 0, beta2 = 1 / (1 + C^2), rates alpha / sqrt(t) with alpha < sqrt(1 -
// beta2). Adam then stands at 1 at the start of every turn; AMSGrad's regret per step goes to 0.
TEST(Optimizer, AmsgradConvergesWhereAdamDoesNot) {
  const double c = 3.0, alpha = 0.5;
  const int turns = 3000;
  for (const bool amsgrad : {false, true}) {
    const auto optimizer = make_optimizer(
        {.name = "adam", .beta1 = 0.0, .beta2 = 1.0 / (1.0 + c * c), .amsgrad = amsgrad}, 1);
    std::vector<double> x{1.0};
    double regret = 0.0;
    for (int t = 1; t <= 3 * turns; ++t) {
      const std::vector<double> g{t % 3 == 1 ? c : -1.0};
      regret += g[0] * (x[0] + 1.0);
      optimizer->step(alpha / std::sqrt(t), g, x);
      x[0] = std::clamp(x[0], -1.0, 1.0);
      if (!amsgrad && t % 3 == 0) {
        EXPECT_NEAR(x[0], 1.0, 1e-6) << t;
      }
    }
    regret /= 3.0 * turns;
    std::printf("%s: stands at %.4f, regret per step %.4f\n", amsgrad ? "amsgrad" : "adam", x[0],
                regret);
    if (amsgrad) {
      EXPECT_LT(x[0], -0.95);
      EXPECT_LT(regret, 0.05);
    } else {
      EXPECT_GT(regret, (2.0 * c - 4.0) / 3.0 - 0.05);
    }
  }
}

TEST(Optimizer, UpdatesBeyondTheBoundStopAtIt) {
  for (const char* name : {"adam", "sgd"}) {
    const std::size_t count = 19;  // packs and what is left over
    OptimizerSpec spec{.name = name, .weight_decay = 0.5, .largest_update = 1e-3};
    const auto optimizer = make_optimizer(spec, count);
    std::vector<double> g(count, 3.0), p(count, 2.0);
    for (std::size_t i = 0; i < count; i += 2) g[i] = -1e5;
    g[7] = std::numeric_limits<double>::quiet_NaN();
    optimizer->step(0.1, g, p);
    for (std::size_t i = 0; i < count; ++i) {
      if (i == 7)
        EXPECT_TRUE(std::isnan(p[i])) << name;  // spoiled numbers are not hidden
      else
        EXPECT_DOUBLE_EQ(p[i], 2.0 * 0.95 + (i % 2 == 0 ? 1e-3 : -1e-3)) << name << ' ' << i;
    }
  }
}

TEST(Optimizer, AmsgradNeverEnlargesItsSteps) {
  // After one large gradient, the denominator of AMSGrad must not shrink below its size.
  const auto amsgrad = make_optimizer({.name = "adam", .beta1 = 0.0, .amsgrad = true}, 1);
  const auto adam = make_optimizer({.name = "adam", .beta1 = 0.0}, 1);
  std::vector<double> p{0.0}, q{0.0};
  amsgrad->step(0.1, std::vector<double>{100.0}, p);
  adam->step(0.1, std::vector<double>{100.0}, q);
  for (int i = 0; i < 20000; ++i) {
    amsgrad->step(0.1, std::vector<double>{1.0}, p);
    adam->step(0.1, std::vector<double>{1.0}, q);
  }
  const double before_p = p[0], before_q = q[0];
  amsgrad->step(0.1, std::vector<double>{1.0}, p);
  adam->step(0.1, std::vector<double>{1.0}, q);
  EXPECT_NEAR(before_q - q[0], 0.1, 1e-4);
  EXPECT_NEAR(before_p - p[0], 0.1 / std::sqrt(10.0), 1e-4);  // (1 - beta2) 100^2 = 10
}

TEST(Optimizer, StatesOfOthersAreRefused) {
  std::vector<std::byte> adam, sgd;
  make_optimizer({.name = "adam"}, 5)->save(adam);
  make_optimizer({.name = "sgd"}, 5)->save(sgd);
  EXPECT_THROW(make_optimizer({.name = "adam"}, 5)->load(sgd), InputError);
  EXPECT_THROW(make_optimizer({.name = "sgd"}, 5)->load(adam), InputError);
  EXPECT_THROW(make_optimizer({.name = "adam"}, 6)->load(adam), InputError);
  EXPECT_THROW(make_optimizer({.name = "adam", .amsgrad = true}, 5)->load(adam), InputError);
  for (std::size_t size = 0; size < adam.size(); ++size)
    EXPECT_THROW(make_optimizer({.name = "adam"}, 5)->load(std::span(adam).first(size)),
                 InputError);
  adam.push_back(std::byte{0});
  EXPECT_THROW(make_optimizer({.name = "adam"}, 5)->load(adam), InputError);
}

TEST(Optimizer, WrongSettingsAreRefused) {
  EXPECT_THROW(make_optimizer({.name = "adamm"}, 1), InputError);
  EXPECT_THROW(make_optimizer({.name = "sgd", .momentum = 1.0}, 1), InputError);
  EXPECT_THROW(make_optimizer({.name = "sgd", .momentum = 0.0, .nesterov = true}, 1), InputError);
  EXPECT_THROW(make_optimizer({.name = "adam", .beta1 = -0.1}, 1), InputError);
  EXPECT_THROW(make_optimizer({.name = "adam", .beta2 = std::nan("")}, 1), InputError);
  EXPECT_THROW(make_optimizer({.name = "adam", .epsilon = 0.0}, 1), InputError);
  EXPECT_THROW(make_optimizer({.name = "adam", .weight_decay = -1.0}, 1), InputError);
  EXPECT_THROW(make_optimizer({.name = "adam", .largest_update = -1.0}, 1), InputError);
  EXPECT_THROW(make_optimizer({.name = "sgd", .largest_update = std::nan("")}, 1), InputError);
}

}  // namespace
}  // namespace wavesmith
