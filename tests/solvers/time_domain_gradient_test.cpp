// The transposed march against finite differences, along random directions through everything that
// has a derivative.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "core/error.hpp"
#include "solvers/time_domain.hpp"
#include "tests/solvers/time_domain_scenes.hpp"

namespace wavesmith {
namespace {

using namespace time_domain_scenes;

// The relative difference of the derivative along a direction and the differences of the loss;
// `move` changes a setup by so much along it.
double error_along(const TimeDomainSetup& setup, long steps, double derivative, double h,
                   const std::function<void(TimeDomainSetup&, double)>& move) {
  const auto loss = [&](double by) {
    TimeDomainSetup moved = setup;
    move(moved, by);
    return loss_of(std::move(moved), steps);
  };
  const double difference =
      (8.0 * (loss(h) - loss(-h)) - (loss(2.0 * h) - loss(-2.0 * h))) / (12.0 * h);
  return std::abs(difference - derivative) / std::abs(difference);
}

// A random direction through numbers and the derivative along it.
struct Direction {
  std::vector<double> values;
  double along = 0.0;
  Direction(const std::vector<double>& gradient, std::uint64_t seed) {
    const Random random(seed, 0);
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      values.push_back(random.uniform(i, -1.0, 1.0));
      along += values.back() * gradient[i];
    }
  }
};

void move_in_design(std::vector<double>& values, const GridBox& design, const LeapfrogSize& size,
                    const Direction& direction, double by) {
  std::size_t from = 0;
  for (int k = design.begin[2]; k < design.end[2]; ++k)
    for (int j = design.begin[1]; j < design.end[1]; ++j)
      for (int i = design.begin[0]; i < design.end[0]; ++i)
        values[size.index(i, j, k)] += by * direction.values[from++];
}

TEST(TimeDomainGradient, AgreesWithFiniteDifferences) {
  const long steps = 100;
  for (const Scene& scene : scenes()) {
    TimeDomainSetup setup = setup_of(scene, 3);
    setup.schedule.threads = 1;
    const LeapfrogSize size = TimeDomain(setup).size();
    const int components = component_count(scene.system), group = first_group_size(scene.system);
    const Random random(77, 1);
    for (int c = 0; c < components; ++c)
      for (std::size_t i = 0; i < size.count(); ++i)
        setup.initial[static_cast<std::size_t>(c)].push_back(
            random.uniform(static_cast<std::uint64_t>(c) * size.count() + i, -0.3, 0.3));
    // Over poles and over sources.
    GridBox design = design_of(size);
    for (int& begin : design.begin) begin = begin > 0 ? 5 : 0;
    GridBox apart = design_of(size);
    TimeDomain march(setup);
    const GradientWants wants{true, true, true, true};
    const TimeDomainGradient gradient = march.pull_back(steps, apart, loss_cotangents, {}, wants);
    std::printf("%s:", scene.name);
    const auto check = [&](const char* what, double along, double h,
                           const std::function<void(TimeDomainSetup&, double)>& move) {
      const double error = error_along(setup, steps, along, h, move);
      std::printf(" %s %.0e", what, error);
      EXPECT_LT(error, 1e-6) << scene.name << ": " << what;
    };
    for (const bool second : {false, true}) {
      std::vector<Direction> directions;
      double along = 0.0;
      for (int c = second ? group : 0; c < (second ? components : group); ++c) {
        directions.emplace_back(
            second ? gradient.second_coefficient[static_cast<std::size_t>(c - group)]
                   : gradient.coefficient[static_cast<std::size_t>(c)],
            static_cast<std::uint64_t>(c));
        along += directions.back().along;
      }
      check(second ? "second C" : "C", along, 1e-3, [&](TimeDomainSetup& moved, double by) {
        for (std::size_t c = 0; c < directions.size(); ++c)
          move_in_design(moved.coefficient[c + (second ? static_cast<std::size_t>(group) : 0)],
                         apart, size, directions[c], by);
      });
    }
    const auto check_all = [&](const char* what, const auto& gradients, double h, auto values_of) {
      std::vector<Direction> directions;
      double along = 0.0;
      for (int c = 0; c < components; ++c) {
        directions.emplace_back(gradients[static_cast<std::size_t>(c)],
                                static_cast<std::uint64_t>(c) + 10);
        along += directions.back().along;
      }
      check(what, along, h, [&](TimeDomainSetup& moved, double by) {
        for (std::size_t c = 0; c < directions.size(); ++c) values_of(moved, c, directions[c], by);
      });
    };
    check_all("decay", gradient.decay, 2e-4,
              [&](TimeDomainSetup& moved, std::size_t c, const Direction& direction, double by) {
                move_in_design(moved.decay[c], apart, size, direction, by);
              });
    check_all("initial", gradient.initial, 0.1,
              [&](TimeDomainSetup& moved, std::size_t c, const Direction& direction, double by) {
                for (std::size_t i = 0; i < size.count(); ++i)
                  moved.initial[c][i] += by * direction.values[i];
              });

    // Over poles: their numbers, and C among them. Sources there are switched off.
    TimeDomainSetup with_poles = setup;
    for (TimeSource& source : with_poles.sources)
      for (double& weight : source.weights) weight = 0.0;
    TimeDomain poles(with_poles);
    const TimeDomainGradient in_poles = poles.pull_back(steps, design, loss_cotangents, {}, wants);
    setup = with_poles;
    for (std::size_t p = 0; p < setup.poles.size(); ++p)
      for (const auto member : {&PoleField::a1, &PoleField::a2, &PoleField::a3, &PoleField::gain}) {
        if ((setup.poles[p].*member).empty() || (in_poles.poles[p].*member).empty()) continue;
        const Direction direction(in_poles.poles[p].*member, p + 20);
        // Points outside of the design region have no derivative here.
        check("pole", direction.along, 1e-4, [&](TimeDomainSetup& moved, double by) {
          for (std::size_t i = 0; i < direction.values.size(); ++i)
            if ((in_poles.poles[p].*member)[i] != 0.0)
              (moved.poles[p].*member)[i] += by * direction.values[i];
        });
      }
    const Direction direction(in_poles.coefficient[0], 30);
    check("C in poles", direction.along, 1e-3, [&](TimeDomainSetup& moved, double by) {
      move_in_design(moved.coefficient[0], design, size, direction, by);
    });
    std::printf("\n");
  }
}

// The loss is quadratic in the signals: central differences are exact.
TEST(TimeDomainGradient, SignalsAgreeWithFiniteDifferences) {
  const long steps = 150;
  for (const Scene& scene : scenes()) {
    const TimeDomainSetup setup = setup_of(scene, 3);
    TimeDomain march(setup);
    const int group = first_group_size(scene.system);
    const TimeDomainGradient gradient =
        march.pull_back(steps, design_of(march.size()), loss_cotangents);
    for (std::size_t s = 0; s < setup.sources.size(); ++s) {
      const std::size_t rank = 2;
      const auto push = [&](int r, double t) {
        return std::sin(0.9 * t + 2.0 * r + 0.3 * static_cast<double>(s));
      };
      const double offset = setup.sources[s].component < group ? 0.5 : 1.0;
      double along = 0.0;
      for (long n = 0; n < steps; ++n)
        for (std::size_t r = 0; r < rank; ++r)
          along += gradient.signals[s][static_cast<std::size_t>(n) * rank + r] *
                   push(static_cast<int>(r), (static_cast<double>(n) + offset) * setup.dt);
      const double error =
          error_along(setup, steps, along, 0.5, [&](TimeDomainSetup& moved, double by) {
            const auto before = setup.sources[s].signal;
            moved.sources[s].signal = [=](int r, double t) {
              return before(r, t) + by * push(r, t);
            };
          });
      EXPECT_LT(error, 1e-11) << scene.name;
    }
  }
}

}  // namespace
}  // namespace wavesmith
