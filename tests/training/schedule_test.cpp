// Learning-rate schedules at steps where their value is known.
#include "training/schedule.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"

namespace wavesmith {
namespace {

struct Known {
  ScheduleSpec spec;
  std::int64_t step;
  double rate;
};

TEST(Schedule, KnownRates) {
  const ScheduleSpec constant{.name = "constant", .rate = 0.2, .warm_up = 4};
  const ScheduleSpec jumps{.name = "step", .rate = 0.2, .interval = 10, .factor = 0.5};
  const ScheduleSpec decay{.name = "exponential", .rate = 0.2, .interval = 10, .factor = 0.25};
  const ScheduleSpec cosine{
      .name = "cosine", .rate = 1.0, .warm_up = 10, .final_rate = 0.2, .total_steps = 110};
  const std::vector<Known> table{
      {constant, 0, 0.05},
      {constant, 1, 0.1},
      {constant, 3, 0.2},
      {constant, 4, 0.2},
      {constant, 999, 0.2},
      {jumps, 9, 0.2},
      {jumps, 10, 0.1},
      {jumps, 29, 0.05},
      {decay, 0, 0.2},
      {decay, 5, 0.1},
      {decay, 20, 0.0125},
      {cosine, 0, 0.1},
      {cosine, 9, 1.0},
      {cosine, 10, 1.0},
      {cosine, 60, 0.6},
      {cosine, 110, 0.2},
      {cosine, 5000, 0.2},
      // A quarter of the way: cos(pi / 4).
      {cosine, 35, 0.2 + 0.4 * (1.0 + std::sqrt(0.5))},
  };
  for (const Known& known : table) {
    check_schedule(known.spec);
    EXPECT_NEAR(learning_rate(known.spec, known.step), known.rate, 1e-15)
        << known.spec.name << " at " << known.step;
  }
}

TEST(Schedule, CosineNeverRisesAfterItsWarmUp) {
  const ScheduleSpec cosine{.name = "cosine", .rate = 1e-2, .warm_up = 7, .total_steps = 50};
  for (std::int64_t step = 1; step < 60; ++step) {
    const double change = learning_rate(cosine, step) - learning_rate(cosine, step - 1);
    EXPECT_TRUE(step < 7 ? change > 0.0 : change <= 0.0) << step;
  }
}

TEST(Schedule, WrongSettingsAreRefused) {
  EXPECT_THROW(check_schedule({.name = "cosin"}), InputError);
  EXPECT_THROW(check_schedule({.rate = 0.0}), InputError);
  EXPECT_THROW(check_schedule({.rate = std::nan("")}), InputError);
  EXPECT_THROW(check_schedule({.warm_up = -1}), InputError);
  EXPECT_THROW(check_schedule({.interval = 0}), InputError);
  EXPECT_THROW(check_schedule({.factor = -0.5}), InputError);
  EXPECT_THROW(check_schedule({.final_rate = -1.0}), InputError);
  EXPECT_THROW(check_schedule({.name = "cosine", .warm_up = 5, .total_steps = 5}), InputError);
}

}  // namespace
}  // namespace wavesmith
