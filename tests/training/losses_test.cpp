// Every loss: known values, its derivative against finite differences, and its guards.
#include "training/losses.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "core/error.hpp"

namespace wavesmith {
namespace {

constexpr int reading_count = 6;

struct Case {
  std::string title;
  LossSpec spec;
  bool by_values = false;  // the sample brings values instead of a label
};

LossSpec spec_of(const std::string& name, const std::string& normalise = "",
                 double efficiency_weight = 0.0) {
  LossSpec spec;
  spec.name = name;
  spec.reading_count = reading_count;
  spec.normalise = normalise;
  spec.efficiency_weight = efficiency_weight;
  return spec;
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  const std::vector<double> weights{0.5, 1.0, 2.0, 0.0, 1.5, 0.7};
  const std::vector<double> targets{0.1, 0.0, 0.3, 0.2, 0.05, 0.15};
  for (const char* name : {"squared_error", "cross_entropy", "image"}) {
    for (const char* normalise : {"sum", "max", "input", "none"}) {
      for (double efficiency_weight : {0.0, 0.3}) {
        LossSpec spec = spec_of(name, normalise, efficiency_weight);
        spec.targets = spec.name == "image" ? targets : std::vector<double>{};
        cases.push_back({spec.name + "/" + normalise, spec});
        cases.push_back({spec.name + "/" + normalise + "/values", spec, true});
        spec.scale = 0.7;
        cases.push_back({spec.name + "/" + normalise + "/scaled", spec});
      }
    }
  }
  for (double efficiency_weight : {0.0, 0.3}) {
    cases.push_back({"differential", spec_of("differential", "", efficiency_weight)});
    cases.push_back({"log_share", spec_of("log_share", "", efficiency_weight)});
    cases.push_back({"log_share/values", spec_of("log_share", "", efficiency_weight), true});
    LossSpec wishes = spec_of("weighted_targets", "", efficiency_weight);
    cases.push_back({"weighted_targets/values", wishes, true});
    wishes.targets = targets;
    wishes.weights = weights;
    cases.push_back({"weighted_targets/weights", wishes});
  }
  LossSpec image = spec_of("image");
  image.targets = targets;
  image.weights = weights;
  cases.push_back({"image/weights", image});
  for (bool logarithm : {false, true}) {
    LossSpec efficiency = spec_of("efficiency");
    efficiency.logarithm = logarithm;
    cases.push_back({"efficiency", efficiency});
    efficiency.weights = weights;
    cases.push_back({"efficiency/weights", efficiency});
  }
  return cases;
}

TEST(Losses, DerivativesAgreeWithFiniteDifferences) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> uniform(0.05, 1.0);
  double worst = 0.0;
  for (const Case& c : all_cases()) {
    SCOPED_TRACE(c.title);
    const auto loss = make_loss(c.spec);
    for (int draw = 0; draw < 5; ++draw) {
      // Powers from a microwatt to a kilowatt: what is relative must stay so.
      const double unit = std::pow(10.0, 3 * (draw - 2));
      const double unit_or_one = c.spec.normalise == "none" ? 1.0 : unit;
      std::vector<double> readings(reading_count), values(reading_count), g(reading_count, 1e30);
      for (double& r : readings) r = unit_or_one * uniform(random);
      for (double& v : values) v = uniform(random);
      const double input = unit_or_one * 8.0;
      Target target;
      target.label = draw % 3;
      if (c.by_values) target.values = values;
      check_target(c.spec, target, "sample 0");

      const double value = loss->evaluate(readings, input, target, g);
      EXPECT_DOUBLE_EQ(value, loss->evaluate(readings, input, target, {}));
      double largest = 0.0, error = 0.0;
      for (std::size_t r = 0; r < readings.size(); ++r) {
        // Fourth-order central difference: truncation falls well below the bound.
        const double h = 1e-3 * readings[r];
        const auto at = [&](double offset) {
          std::vector<double> moved = readings;
          moved[r] += offset;
          return loss->evaluate(moved, input, target, {});
        };
        const double difference =
            (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
        largest = std::max(largest, std::abs(g[r]));
        error = std::max(error, std::abs(difference - g[r]));
      }
      EXPECT_GT(largest, 0.0);
      EXPECT_LE(error, 1e-6 * largest);
      worst = std::max(worst, error / largest);
    }
  }
  std::printf("worst relative error of a derivative: %.2e\n", worst);
}

double value_of(const LossSpec& spec, const std::vector<double>& readings, double input,
                const Target& target) {
  return make_loss(spec)->evaluate(readings, input, target, {});
}

TEST(Losses, KnownValues) {
  Target second;
  second.label = 1;
  // Readings 1, 3 of 4: p = 1/4, 3/4.
  LossSpec spec = spec_of("squared_error");
  spec.reading_count = 2;
  EXPECT_NEAR(value_of(spec, {1, 3}, 8, second), 1.0 / 16, 1e-15);
  spec.normalise = "input";  // 1/8, 3/8
  EXPECT_NEAR(value_of(spec, {1, 3}, 8, second), (1.0 + 25.0) / 64 / 2, 1e-15);
  spec.normalise = "none";
  EXPECT_NEAR(value_of(spec, {1, 3}, 8, second), (1.0 + 4.0) / 2, 1e-15);

  // Softmax of two: -log(1 / (1 + exp(x0 - x1))).
  spec = spec_of("cross_entropy");
  spec.reading_count = 2;
  spec.scale = 4.0;
  EXPECT_NEAR(value_of(spec, {1, 3}, 8, second), std::log1p(std::exp(-2.0)), 1e-15);
  spec.normalise = "max";
  EXPECT_NEAR(value_of(spec, {1, 3}, 8, second), std::log1p(std::exp(-8.0 / 3.0)), 1e-15);
  spec.efficiency_weight = 0.5;  // half the light arrives
  EXPECT_NEAR(value_of(spec, {1, 3}, 8, second),
              std::log1p(std::exp(-8.0 / 3.0)) + 0.5 * std::log(2.0), 1e-15);
  // Readings that are all the same know nothing: log of the number of classes.
  spec = spec_of("cross_entropy");
  EXPECT_NEAR(value_of(spec, std::vector<double>(reading_count, 0.2), 8, second), std::log(6.0),
              1e-14);

  // 3 of 4.
  spec = spec_of("log_share");
  spec.reading_count = 2;
  EXPECT_NEAR(value_of(spec, {1, 3}, 8, second), std::log(4.0 / 3.0), 1e-15);

  // Pairs (1, 3) and (2, 2): scores -1/2 and 0.
  spec = spec_of("differential");
  spec.reading_count = 4;
  spec.temperature = 0.25;
  EXPECT_NEAR(value_of(spec, {1, 3, 2, 2}, 8, second), std::log1p(std::exp(-2.0)), 1e-15);
  EXPECT_EQ(make_loss(spec)->predicted_class(std::vector<double>{1, 3, 2, 2}), 1);

  spec = spec_of("efficiency");
  spec.reading_count = 2;
  spec.weights = {1.0, 0.5};
  EXPECT_NEAR(value_of(spec, {2, 4}, 8, {}), 0.5, 1e-15);
  spec.logarithm = true;
  EXPECT_NEAR(value_of(spec, {2, 4}, 8, {}), std::log(2.0), 1e-15);

  spec = spec_of("weighted_targets");
  spec.reading_count = 2;
  spec.targets = {0.5, 0.25};
  spec.weights = {1.0, 4.0};
  EXPECT_NEAR(value_of(spec, {2, 4}, 8, {}), 1.0 / 16 + 4.0 / 16, 1e-15);

  // Image: orthogonal shapes are at distance 1, the same shape at 0, whatever the brightness.
  spec = spec_of("image");
  spec.reading_count = 2;
  spec.targets = {3.0, 0.0};
  EXPECT_NEAR(value_of(spec, {0, 5}, 8, {}), 1.0, 1e-15);
  EXPECT_NEAR(value_of(spec, {5, 0}, 8, {}), 0.0, 1e-15);
  EXPECT_NEAR(value_of(spec, {1, 1}, 8, {}), 0.5, 1e-15);  // 1 - cos^2 of 45 degrees
  spec.scale = 6.0;                                        // (6 * 4/8 - 3)^2 + 0
  EXPECT_NEAR(value_of(spec, {4, 0}, 8, {}), 0.0, 1e-15);
  EXPECT_NEAR(value_of(spec, {8, 0}, 8, {}), 1.0, 1e-15);
}

TEST(Losses, WhatIsNormalisedDoesNotSeeBrightness) {
  const std::vector<double> readings{0.3, 0.9, 0.1, 0.4, 0.2, 0.6};
  std::vector<double> brighter = readings;
  for (double& r : brighter) r *= 1000.0;
  Target target;
  target.label = 2;
  for (const char* name : {"squared_error", "cross_entropy", "differential", "log_share"}) {
    const LossSpec spec = spec_of(name);
    EXPECT_NEAR(value_of(spec, readings, 3, target), value_of(spec, brighter, 3, target), 1e-14);
    // So the derivative along the readings vanishes (Euler).
    std::vector<double> g(readings.size());
    make_loss(spec)->evaluate(readings, 3, target, g);
    EXPECT_NEAR(std::inner_product(g.begin(), g.end(), readings.begin(), 0.0), 0.0, 1e-14);
  }
}

TEST(Losses, OptimalScaleIsTheBestOfAllScales) {
  LossSpec spec = spec_of("image");
  spec.targets = {0.3, 0.9, 0.1, 0.4, 0.2, 0.6};
  const std::vector<double> readings{0.2, 0.5, 0.3, 0.1, 0.4, 0.6};
  const double best = value_of(spec, readings, 1.0, {});
  double smallest = 1e30;
  for (int i = 1; i <= 4000; ++i) {
    spec.scale = 0.001 * i;
    const double value = value_of(spec, readings, 1.0, {});
    EXPECT_GE(value, best - 1e-14);
    smallest = std::min(smallest, value);
  }
  EXPECT_NEAR(smallest, best, 1e-6);
}

TEST(Losses, NoLightGivesAFiniteValueAndNoDerivative) {
  for (const Case& c : all_cases()) {
    SCOPED_TRACE(c.title);
    const auto loss = make_loss(c.spec);
    const std::vector<double> values(reading_count, 0.5);
    Target target;
    target.label = 1;
    if (c.by_values) target.values = values;
    for (double input : {0.0, 1.0}) {
      std::vector<double> g(reading_count, 1e30);
      EXPECT_TRUE(
          std::isfinite(loss->evaluate(std::vector<double>(reading_count, 0.0), input, target, g)));
      for (double v : g) {
        EXPECT_TRUE(std::isfinite(v));
        EXPECT_LT(std::abs(v), 1e3);
      }
      const bool sees_ratio =
          c.spec.normalise == "sum" || c.spec.normalise == "max" || c.spec.name == "differential";
      for (double v : g) {
        if (sees_ratio) {
          EXPECT_EQ(v, 0.0);
        }
      }
    }
  }
}

TEST(Losses, NotANumberIsNotHidden) {
  for (const Case& c : all_cases()) {
    SCOPED_TRACE(c.title);
    std::vector<double> readings(reading_count, 0.5);
    readings[0] = std::numeric_limits<double>::quiet_NaN();
    const std::vector<double> values(reading_count, 0.5);
    Target target;
    target.label = 0;
    if (c.by_values) target.values = values;
    EXPECT_TRUE(std::isnan(make_loss(c.spec)->evaluate(readings, 1.0, target, {})));
  }
}

TEST(Losses, ClassesAreTheLargestReadings) {
  const std::vector<double> readings{0.1, 0.2, 0.9, 0.3, 0.4, 0.1};
  EXPECT_EQ(make_loss(spec_of("cross_entropy"))->predicted_class(readings), 2);
  EXPECT_EQ(make_loss(spec_of("squared_error"))->predicted_class(readings), 2);
  EXPECT_EQ(make_loss(spec_of("differential"))->predicted_class(readings), 2);  // 0.3 / 0.5
  EXPECT_EQ(make_loss(spec_of("efficiency"))->predicted_class(readings), -1);
  EXPECT_EQ(make_loss(spec_of("log_share"))->predicted_class(readings), 2);
  EXPECT_EQ(class_count(spec_of("cross_entropy")), 6);
  EXPECT_EQ(class_count(spec_of("log_share")), 6);
  EXPECT_EQ(class_count(spec_of("differential")), 3);
  EXPECT_EQ(class_count(spec_of("image")), 0);
}

TEST(Losses, WrongSettingsAreRefused) {
  const auto refused = [](const std::string& name, auto change) {
    LossSpec spec = spec_of(name);
    change(spec);
    EXPECT_THROW(make_loss(spec), InputError) << name;
  };
  refused("cross_entropi", [](LossSpec&) {});
  refused("cross_entropy", [](LossSpec& s) { s.normalise = "total"; });
  refused("cross_entropy", [](LossSpec& s) { s.scale = 0.0; });
  refused("cross_entropy", [](LossSpec& s) { s.scale = std::nan(""); });
  refused("cross_entropy", [](LossSpec& s) { s.reading_count = 0; });
  refused("cross_entropy", [](LossSpec& s) { s.efficiency_weight = -1.0; });
  refused("efficiency", [](LossSpec& s) { s.efficiency_weight = 1.0; });
  refused("differential", [](LossSpec& s) { s.reading_count = 5; });
  refused("differential", [](LossSpec& s) { s.temperature = 0.0; });
  refused("weighted_targets", [](LossSpec& s) { s.weights = {1.0}; });
  refused("weighted_targets", [](LossSpec& s) { s.weights = {1, 1, 1, 1, 1, -1}; });
  refused("weighted_targets", [](LossSpec& s) { s.targets = {1.0}; });
  refused("image", [](LossSpec& s) { s.targets = std::vector<double>(reading_count, 0.0); });
}

TEST(Losses, TargetsThatDoNotFitAreRefused) {
  Target label;
  label.label = 3;
  EXPECT_NO_THROW(check_target(spec_of("cross_entropy"), label, "sample 4"));
  EXPECT_THROW(check_target(spec_of("differential"), label, "sample 4"), InputError);
  label.label = -1;
  EXPECT_THROW(check_target(spec_of("cross_entropy"), label, "sample 4"), InputError);
  EXPECT_THROW(check_target(spec_of("image"), label, "sample 4"), InputError);
  EXPECT_NO_THROW(check_target(spec_of("efficiency"), label, "sample 4"));
  const std::vector<double> dark(reading_count, 0.0), shorter(reading_count - 1, 1.0);
  label.values = shorter;
  EXPECT_THROW(check_target(spec_of("squared_error"), label, "sample 4"), InputError);
  label.values = dark;
  EXPECT_THROW(check_target(spec_of("image"), label, "sample 4"), InputError);
  EXPECT_NO_THROW(check_target(spec_of("weighted_targets"), label, "sample 4"));
}

}  // namespace
}  // namespace wavesmith
