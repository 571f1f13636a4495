// Instantaneous nonlinearity of the leapfrog engine: against a march written out in one dimension
// with its derivative, the transposed march against that and against finite differences, schedules
// against each other.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <string>

#include "core/random.hpp"
#include "kernels/leapfrog.hpp"

namespace wavesmith {
namespace {

using Values = std::vector<double>;

struct Noise {
  Random random{5, 0};
  std::uint64_t draw = 0;
  double operator()() { return random.uniform(draw++, -1.0, 1.0); }
};

struct Case {
  std::string name;
  LeapfrogSize size;
};

std::vector<Case> cases() {
  const auto one = [](const std::string& name, WaveSystem system, std::array<int, 3> points,
                      int shell) {
    LeapfrogSize size{system, points, {}, {}, {}, {}};
    for (std::size_t d = 0; d < 3; ++d)
      if (points[d] > 1) size.wall_low[d] = true, size.shell_low[d] = size.shell_high[d] = shell;
    return Case{name, size};
  };
  return {one("1D", WaveSystem::scalar, {40, 1, 1}, 0),
          one("2D, shells", WaveSystem::scalar, {21, 25, 1}, 3),
          one("3D, shells", WaveSystem::maxwell, {14, 15, 13}, 2)};
}

struct Medium {
  std::array<LineMetric, 3> metrics;
  std::vector<Values> coefficient, decay;
  std::vector<NonlinearField> nonlinear;
  std::vector<PoleField> poles;
};

Medium medium_for(const LeapfrogSize& size, bool poles) {
  Noise noise;
  Medium medium;
  for (std::size_t d = 0; d < 3; ++d)
    for (int i = 0; i < size.points[d]; ++i) {
      LineMetric& metric = medium.metrics[d];
      const bool shell = i < size.shell_low[d] || i >= size.points[d] - size.shell_high[d];
      metric.node.push_back(0.4 + 0.1 * noise());
      metric.centre.push_back(0.4 + 0.1 * noise());
      metric.node_decay.push_back(shell ? 0.7 : 0.0);
      metric.centre_decay.push_back(shell ? 0.6 : 0.0);
      metric.node_gain.push_back(shell ? -0.1 : 0.0);
      metric.centre_gain.push_back(shell ? -0.08 : 0.0);
    }
  for (int c = 0; c < component_count(size.system); ++c) {
    medium.coefficient.emplace_back(size.count());
    medium.decay.emplace_back(size.count());
    for (double& v : medium.coefficient.back()) v = 0.6 + 0.3 * noise();
    for (double& v : medium.decay.back()) v = 0.97 + 0.02 * noise();
  }
  for (int c = 0; c < first_group_size(size.system); ++c) {
    GridBox box;
    for (std::size_t d = 0; d < 3; ++d) {
      box.begin[d] = size.points[d] > 1 ? 3 : 0;
      box.end[d] = size.points[d] > 1 ? 9 + c : 1;
    }
    NonlinearField field{c, box, {}, {}};
    for (std::size_t i = 0; i < box.count(); ++i) {
      field.square.push_back(0.1 * noise());
      field.cube.push_back(0.1 + 0.05 * noise());
    }
    medium.nonlinear.push_back(field);
    if (!poles) continue;
    const auto all = [&](double v) { return Values(box.count(), v); };
    medium.poles.push_back({c, box, false, all(1.6), all(-0.8), all(0.05), all(0.6)});
    medium.poles.push_back({c, box, true, all(0.9), all(0.05), {}, all(0.1)});
  }
  return medium;
}

std::unique_ptr<LeapfrogEngine<double>> make(const LeapfrogSize& size, const Medium& medium,
                                             const LeapfrogSchedule& schedule) {
  auto engine = make_host_leapfrog<double>(size, schedule);
  for (int d = 0; d < 3; ++d) engine->set_metric(d, medium.metrics[static_cast<std::size_t>(d)]);
  for (int c = 0; c < component_count(size.system); ++c) {
    engine->set_coefficient(c, medium.coefficient[static_cast<std::size_t>(c)]);
    engine->set_decay(c, medium.decay[static_cast<std::size_t>(c)]);
  }
  for (const NonlinearField& field : medium.nonlinear) engine->add_nonlinearity(field);
  for (const PoleField& pole : medium.poles) engine->add_pole(pole);
  return engine;
}

constexpr int steps = 30;

// x drives all points of component 0 in step 0; the end of component 0, and what the
// nonlinearities' points held after each step.
struct Forward {
  Values end;
  std::vector<Values> trajectories;
};

Forward forward(const LeapfrogSize& size, const Medium& medium, const Values& x,
                const LeapfrogSchedule& schedule = {}) {
  const auto engine = make(size, medium, schedule);
  const GridBox all{{0, 0, 0}, size.points};
  std::vector<int> taps;
  for (const NonlinearField& field : medium.nonlinear)
    taps.push_back(engine->add_tap(field.component, field.box, 1));
  const std::span<double> signal = engine->drive_signals(engine->add_drive(0, all, 0, {}), steps);
  std::copy(x.begin(), x.end(), signal.begin());
  engine->run(0, steps);
  Forward result{Values(size.count()), {}};
  engine->read_field(0, result.end);
  for (const int tap : taps) {
    const auto record = engine->tap_record(tap);
    result.trajectories.emplace_back(record.begin(), record.end());
  }
  return result;
}

// The derivative of <y, end> with respect to x.
Values pulled_back(const LeapfrogSize& size, const Medium& medium, const Forward& about,
                   const Values& y, const LeapfrogSchedule& schedule = {}) {
  const auto engine = make(size, medium, schedule);
  engine->set_transposed(true);
  const GridBox all{{0, 0, 0}, size.points};
  Values scale(size.count());
  for (std::size_t at = 0; at < scale.size(); ++at) {
    const std::size_t nx = static_cast<std::size_t>(size.points[0]);
    const std::size_t ny = static_cast<std::size_t>(size.points[1]);
    const std::array<std::size_t, 3> p = {at % nx, at / nx % ny, at / nx / ny};
    scale[at] = medium.coefficient[0][at];
    for (std::size_t d = 0; d < 3; ++d)
      scale[at] *= size.system == WaveSystem::maxwell && d == 0 ? medium.metrics[d].centre[p[d]]
                                                                : medium.metrics[d].node[p[d]];
  }
  const std::span<double> signal = engine->drive_signals(engine->add_drive(0, all, 0, {}), steps);
  for (std::size_t at = 0; at < y.size(); ++at) signal[at] = y[at] * scale[at];
  for (std::size_t n = 0; n < about.trajectories.size(); ++n) {
    const std::span<double> reversed = engine->trajectory(static_cast<int>(n), steps);
    const std::size_t points = medium.nonlinear[n].box.count();
    for (std::size_t s = 0; s < steps; ++s)
      std::copy_n(
          about.trajectories[n].begin() + static_cast<std::ptrdiff_t>((steps - 1 - s) * points),
          points, reversed.begin() + static_cast<std::ptrdiff_t>(s * points));
  }
  const int tap = engine->add_tap(0, all, 1);
  engine->run(0, steps);
  const std::span<const double> seen = engine->tap_record(tap).subspan((steps - 1) * size.count());
  Values back(seen.begin(), seen.end());
  for (std::size_t at = 0; at < back.size(); ++at) back[at] /= scale[at];
  return back;
}

Values inputs(const LeapfrogSize& size, std::uint64_t seed) {
  const Random random(seed, 0);
  Values x(size.count());
  std::uint64_t draw = 0;
  std::size_t at = 0;
  for (int k = 0; k < size.points[2]; ++k)
    for (int j = 0; j < size.points[1]; ++j)
      for (int i = 0; i < size.points[0]; ++i, ++at) {
        const double value = random.uniform(draw++, -1.0, 1.0);
        const bool walled = (size.system == WaveSystem::scalar && i == 0) ||
                            (size.points[1] > 1 && j == 0) || (size.points[2] > 1 && k == 0);
        x[at] = walled ? 0.0 : value;
      }
  return x;
}

double dot(const Values& a, const Values& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// One dimension written out, each value with its derivative along `direction`.
TEST(LeapfrogNonlinear, OneDimensionIsWhatItsEquationsSay) {
  const LeapfrogSize size = cases()[0].size;
  const Medium medium = medium_for(size, false);
  const NonlinearField& n = medium.nonlinear[0];
  const Values x = inputs(size, 1), direction = inputs(size, 2), y = inputs(size, 3);
  const std::size_t points = size.count();
  Values p(points), v(points), dp(points), dv(points);
  for (int step = 0; step < steps; ++step) {
    for (std::size_t i = 1; i < points; ++i) {
      const double c = medium.coefficient[0][i] * medium.metrics[0].node[i];
      const double keep = medium.decay[0][i];
      double goal = keep * p[i] + c * (v[i] - v[i - 1]) + (step == 0 ? x[i] : 0.0);
      double slope = keep * dp[i] + c * (dv[i] - dv[i - 1]) + (step == 0 ? direction[i] : 0.0);
      if (i >= 3 && i < 9) {
        const double s = n.square[i - 3], t = n.cube[i - 3];
        goal += s * p[i] * p[i] + t * p[i] * p[i] * p[i];
        slope += (2.0 * s * p[i] + 3.0 * t * p[i] * p[i]) * dp[i];
        // Bisection: the sum rises with p, for 3 t > s^2.
        double low = -10.0, high = 10.0;
        for (int b = 0; b < 80; ++b) {
          const double mid = 0.5 * (low + high);
          (mid + s * mid * mid + t * mid * mid * mid > goal ? high : low) = mid;
        }
        p[i] = 0.5 * (low + high);
        dp[i] = slope / (1.0 + 2.0 * s * p[i] + 3.0 * t * p[i] * p[i]);
      } else {
        p[i] = goal;
        dp[i] = slope;
      }
    }
    for (std::size_t i = 0; i < points; ++i) {
      const double c = medium.coefficient[1][i] * medium.metrics[0].centre[i];
      const bool last = i + 1 == points;
      v[i] = medium.decay[1][i] * v[i] + c * ((last ? 0.0 : p[i + 1]) - p[i]);
      dv[i] = medium.decay[1][i] * dv[i] + c * ((last ? 0.0 : dp[i + 1]) - dp[i]);
    }
  }
  const Forward found = forward(size, medium, x);
  double worst = 0.0;
  for (std::size_t i = 0; i < points; ++i) worst = std::max(worst, std::abs(found.end[i] - p[i]));
  const double left = dot(y, dp), right = dot(pulled_back(size, medium, found, y), direction);
  std::printf("march %.1e, transpose of its derivative %.1e\n", worst,
              std::abs(left - right) / std::abs(left));
  EXPECT_LT(worst, 1e-13);
  EXPECT_LT(std::abs(left - right), 1e-12 * std::abs(left));
}

TEST(LeapfrogNonlinear, TransposeAgreesWithFiniteDifferences) {
  for (const Case& one : cases())
    for (const bool poles : {false, true}) {
      const Medium medium = medium_for(one.size, poles);
      const Values x = inputs(one.size, 1), direction = inputs(one.size, 2),
                   y = inputs(one.size, 3);
      const auto moved = [&](double by) {
        Values other = x;
        for (std::size_t i = 0; i < x.size(); ++i) other[i] += by * direction[i];
        return dot(y, forward(one.size, medium, other).end);
      };
      const double h = 1e-2;
      const double difference =
          (45.0 * (moved(h) - moved(-h)) - 9.0 * (moved(2.0 * h) - moved(-2.0 * h)) +
           (moved(3.0 * h) - moved(-3.0 * h))) /
          (60.0 * h);
      const Forward about = forward(one.size, medium, x);
      const double slope = dot(pulled_back(one.size, medium, about, y), direction);
      const double error = std::abs(slope - difference) / std::abs(difference);
      std::printf("%s%s: %.1e\n", one.name.c_str(), poles ? ", poles" : "", error);
      EXPECT_LT(error, 1e-8) << one.name;
      // The nonlinearity matters, far above the error.
      Medium linear = medium;
      linear.nonlinear.clear();
      EXPECT_GT(std::abs(dot(y, forward(one.size, linear, x).end) - dot(y, about.end)),
                1e-3 * std::abs(dot(y, about.end)));
    }
}

TEST(LeapfrogNonlinear, SchedulesAndThreadsGiveTheSameBits) {
  for (const Case& one : cases()) {
    const Medium medium = medium_for(one.size, true);
    const Values x = inputs(one.size, 1), y = inputs(one.size, 3);
    const Forward plain = forward(one.size, medium, x, {false, 0, 0, 1});
    const Values back = pulled_back(one.size, medium, plain, y, {false, 0, 0, 1});
    for (const LeapfrogSchedule& schedule :
         {LeapfrogSchedule{true, 4, 3, 3}, {true, 8, 16, 2}, {false, 0, 0, 2}}) {
      const Forward other = forward(one.size, medium, x, schedule);
      EXPECT_EQ(other.end, plain.end) << one.name;
      EXPECT_EQ(other.trajectories, plain.trajectories) << one.name;
      EXPECT_EQ(pulled_back(one.size, medium, plain, y, schedule), back) << one.name;
    }
  }
}

// e + square e^2 = goal has no solution below -1 / (4 square).
TEST(LeapfrogNonlinear, BeyondTheFoldTheFieldIsNotANumber) {
  const LeapfrogSize size{WaveSystem::scalar, {4, 1, 1}, {}, {}, {}, {}};
  for (const double goal : {-0.9, -1.1}) {
    const auto engine = make_host_leapfrog<double>(size, {});
    const GridBox point{{2, 0, 0}, {3, 1, 1}};
    engine->add_nonlinearity({0, point, {0.25}, {0.0}});
    engine->drive_signals(engine->add_drive(0, point, 0, {}), 1)[0] = goal;
    engine->run(0, 1);
    Values p(4);
    engine->read_field(0, p);
    if (goal > -1.0)
      EXPECT_NEAR(p[2], 2.0 * (std::sqrt(1.0 + goal) - 1.0), 1e-12);
    else
      EXPECT_FALSE(engine->finite());
  }
}

}  // namespace
}  // namespace wavesmith
