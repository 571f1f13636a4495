// The transposed march against finite differences.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "core/error.hpp"
#include "solvers/time_domain.hpp"
#include "tests/solvers/time_domain_scenes.hpp"

namespace wavesmith {
namespace {

using namespace time_domain_scenes;

TEST(TimeDomainGradient, GradientAgreesWithFiniteDifferences) {
  const long steps = 150;
  for (const Scene& one : scenes()) {
    const TimeDomainSetup setup = setup_of(one, 3);
    TimeDomain march(setup);
    const GridBox design = design_of(march.size());
    const TimeDomainGradient gradient = march.pull_back(steps, design, loss_cotangents);
    // Along a random direction through all coefficients of the design region.
    const Random random(11, 0);
    std::uint64_t draw = 0;
    const int group = first_group_size(one.system);
    std::array<std::vector<double>, 3> direction;
    double expected = 0.0;
    for (int c = 0; c < group; ++c) {
      const std::size_t at = static_cast<std::size_t>(c);
      for (const double g : gradient.coefficient[at]) {
        direction[at].push_back(random.uniform(draw++, -1.0, 1.0));
        expected += g * direction[at].back();
      }
    }
    const auto moved = [&](double by) {
      TimeDomainSetup other = setup;
      for (int c = 0; c < group; ++c) {
        const std::size_t at = static_cast<std::size_t>(c);
        std::size_t from = 0;
        for (int k = design.begin[2]; k < design.end[2]; ++k)
          for (int j = design.begin[1]; j < design.end[1]; ++j)
            for (int i = design.begin[0]; i < design.end[0]; ++i, ++from)
              other.coefficient[at][march.size().index(i, j, k)] += by * direction[at][from];
      }
      return loss_of(std::move(other), steps);
    };
    const double h = 1e-3;
    const double found =
        (8.0 * (moved(h) - moved(-h)) - (moved(2.0 * h) - moved(-2.0 * h))) / (12.0 * h);
    const double error = std::abs(found - expected) / std::abs(expected);
    std::printf("%s: coefficients %.1e", one.name, error);
    EXPECT_LT(error, 1e-6) << one.name;

    // The signals of each source, one direction each.
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
      const auto driven = [&](double by) {
        TimeDomainSetup other = setup;
        const auto before = setup.sources[s].signal;
        other.sources[s].signal = [=](int r, double t) { return before(r, t) + by * push(r, t); };
        return loss_of(std::move(other), steps);
      };
      // The loss is quadratic in the signals: central differences are exact.
      const double difference = (driven(0.5) - driven(-0.5)) / 1.0;
      const double signal_error = std::abs(difference - along) / std::abs(along);
      std::printf(", signals %.1e", signal_error);
      EXPECT_LT(signal_error, 1e-9) << one.name;
    }
    std::printf("\n");
  }
}

}  // namespace
}  // namespace wavesmith
