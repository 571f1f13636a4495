// The leapfrog engine against exact discrete modes, its schedules against each other, and the
// transposed march against the march.
#include "kernels/leapfrog.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <numbers>
#include <string>

#include "core/random.hpp"

namespace wavesmith {
namespace {

using Values = std::vector<double>;

LineMetric plain_metric(int points, double factor) {
  const std::size_t n = static_cast<std::size_t>(points);
  LineMetric metric;
  metric.node.assign(n, factor);
  metric.centre.assign(n, factor);
  metric.node_decay.assign(n, 0.0);
  metric.centre_decay = metric.node_gain = metric.centre_gain = metric.node_decay;
  return metric;
}

struct Noise {
  Random random{7, 0};
  std::uint64_t draw = 0;
  double operator()() { return random.uniform(draw++, -1.0, 1.0); }
};

// Uneven widths and absorbing shells.
LineMetric rough_metric(int points, int low, int high, double scale, Noise& noise) {
  LineMetric metric = plain_metric(points, scale);
  for (int i = 0; i < points; ++i) {
    const std::size_t at = static_cast<std::size_t>(i);
    metric.node[at] *= 1.0 + 0.3 * noise();
    metric.centre[at] *= 1.0 + 0.3 * noise();
    if (i >= low && i < points - high) continue;
    metric.node_decay[at] = 0.6 + 0.3 * noise();
    metric.centre_decay[at] = 0.6 + 0.3 * noise();
    metric.node_gain[at] = -0.1 + 0.05 * noise();
    metric.centre_gain[at] = -0.1 + 0.05 * noise();
  }
  return metric;
}

struct Case {
  std::string name;
  LeapfrogSize size;
};

std::vector<Case> cases() {
  const auto one = [](const std::string& name, WaveSystem system, std::array<int, 3> points,
                      std::array<bool, 3> periodic, std::array<int, 3> low,
                      std::array<int, 3> high) {
    LeapfrogSize size{system, points, periodic, {}, low, high};
    for (std::size_t d = 0; d < 3; ++d) size.wall_low[d] = !periodic[d] && points[d] > 1;
    return Case{name, size};
  };
  const WaveSystem m = WaveSystem::maxwell, s = WaveSystem::scalar;
  return {
      one("maxwell closed", m, {13, 11, 9}, {}, {}, {}),
      one("maxwell shells", m, {23, 19, 21}, {}, {4, 5, 3}, {6, 2, 4}),
      one("maxwell shells of whole vectors", m, {48, 7, 8}, {}, {16, 2, 0}, {16, 0, 3}),
      one("maxwell shells that meet", m, {16, 7, 8}, {}, {8, 3, 4}, {8, 4, 4}),
      one("maxwell wide rows", m, {70, 9, 8}, {}, {8, 0, 2}, {8, 3, 0}),
      one("maxwell periodic", m, {12, 10, 9}, {true, true, true}, {}, {}),
      one("maxwell periodic in y, shells in z", m, {12, 10, 17}, {false, true, false}, {0, 0, 4},
          {3, 0, 4}),
      one("scalar 3D", s, {20, 18, 22}, {}, {3, 4, 5}, {4, 3, 2}),
      one("scalar 2D", s, {31, 27, 1}, {}, {5, 4, 0}, {3, 6, 0}),
      one("scalar 2D periodic in x", s, {31, 27, 1}, {true, false, false}, {0, 4, 0}, {0, 6, 0}),
      one("scalar 1D", s, {50, 1, 1}, {}, {8, 0, 0}, {7, 0, 0})};
}

struct Medium {
  std::array<LineMetric, 3> metrics;
  std::vector<Values> coefficient, decay;
  std::vector<PoleField> poles;
  std::vector<TensorLink> links;
};

// Couplings of any strength between components of E or v that are next to each other, away from
// shells; across the faces where they are periodic.
std::vector<TensorLink> rough_links(const LeapfrogSize& size, Noise& noise) {
  std::vector<TensorLink> links;
  const int begin = size.system == WaveSystem::maxwell ? 0 : 1;
  const auto wrapped = [&](std::array<int, 3> p) {
    for (std::size_t d = 0; d < 3; ++d) {
      if (size.periodic[d]) p[d] = (p[d] + size.points[d]) % size.points[d];
      if (p[d] < size.shell_low[d] || p[d] >= size.points[d] - size.shell_high[d]) p[0] = -1;
    }
    return p;
  };
  std::array<int, 3> p{};
  for (p[2] = 0; p[2] < size.points[2]; p[2] += 2)
    for (p[1] = 0; p[1] < size.points[1]; ++p[1])
      for (p[0] = 0; p[0] < size.points[0]; p[0] += 3)
        for (int c = 0; c < 3; ++c)
          for (const int turn : {1, 2}) {
            const int d = (c + turn) % 3;
            const std::size_t own = static_cast<std::size_t>(c),
                              other = static_cast<std::size_t>(d);
            if (size.points[own] == 1 || size.points[other] == 1) continue;
            // From the four points of d about the one of c.
            std::array<int, 3> q = p;
            q[own] += noise() > 0.0 ? 1 : 0;
            q[other] -= noise() > 0.0 ? 1 : 0;
            const std::array<int, 3> to = wrapped(p), from = wrapped(q);
            if (to[0] < 0 || from[0] < 0) continue;
            links.push_back({begin + c, size.index(to[0], to[1], to[2]), begin + d,
                             size.index(from[0], from[1], from[2]), 0.2 * noise()});
          }
  return links;
}

Medium rough_medium(const LeapfrogSize& size, Noise& noise) {
  Medium medium;
  for (std::size_t d = 0; d < 3; ++d)
    medium.metrics[d] = rough_metric(size.points[d], size.shell_low[d], size.shell_high[d],
                                     size.points[d] > 1 ? 0.4 : 1.0, noise);
  for (int c = 0; c < component_count(size.system); ++c) {
    medium.coefficient.emplace_back(size.count());
    medium.decay.emplace_back(size.count());
    for (double& v : medium.coefficient.back()) v = 0.6 + 0.3 * noise();
    for (double& v : medium.decay.back()) v = 0.97 + 0.02 * noise();
  }
  // Overlapping poles of both kinds, in every component of the first group.
  for (int c = 0; c < first_group_size(size.system); ++c)
    for (const bool relaxing : {false, true}) {
      PoleField pole{c, {}, relaxing, {}, {}, {}, {}};
      for (std::size_t d = 0; d < 3; ++d) {
        pole.box.begin[d] = size.points[d] > 1 ? (relaxing ? 3 : 2) : 0;
        pole.box.end[d] = size.points[d] > 1 ? 7 : 1;
      }
      for (Values* values : {&pole.a1, &pole.a2, &pole.a3, &pole.gain}) {
        values->resize(pole.box.count());
        for (double& v : *values) v = 0.4 * noise();
      }
      medium.poles.push_back(pole);
    }
  medium.links = rough_links(size, noise);
  return medium;
}

template <class T>
std::unique_ptr<LeapfrogEngine<T>> make(const LeapfrogSize& size, const Medium& medium,
                                        const LeapfrogSchedule& schedule) {
  auto engine = make_host_leapfrog<T>(size, schedule);
  for (int d = 0; d < 3; ++d) engine->set_metric(d, medium.metrics[static_cast<std::size_t>(d)]);
  for (int c = 0; c < component_count(size.system); ++c) {
    engine->set_coefficient(c, medium.coefficient[static_cast<std::size_t>(c)]);
    engine->set_decay(c, medium.decay[static_cast<std::size_t>(c)]);
  }
  for (const PoleField& pole : medium.poles) engine->add_pole(pole);
  engine->set_links(medium.links);
  return engine;
}

// Zero where the component does not live: on walls, and along axes where nothing varies.
std::vector<Values> random_fields(const LeapfrogSize& size, Noise& noise) {
  std::vector<Values> fields;
  for (int c = 0; c < component_count(size.system); ++c) {
    const bool first = c < first_group_size(size.system);
    Values field(size.count());
    std::size_t at = 0;
    std::array<int, 3> p{};
    for (p[2] = 0; p[2] < size.points[2]; ++p[2])
      for (p[1] = 0; p[1] < size.points[1]; ++p[1])
        for (p[0] = 0; p[0] < size.points[0]; ++p[0], ++at) {
          bool lives = true;
          for (int d = 0; d < 3; ++d) {
            const std::size_t axis = static_cast<std::size_t>(d);
            const bool tangential = size.system == WaveSystem::scalar || c != d;
            if (first && tangential && size.wall_low[axis] && p[axis] == 0) lives = false;
            if (size.system == WaveSystem::scalar && c == d + 1 && size.points[axis] == 1)
              lives = false;
          }
          field[at] = lives ? noise() : 0.0;
        }
    fields.push_back(std::move(field));
  }
  return fields;
}

template <class T>
std::vector<Values> march(LeapfrogEngine<T>& engine, const std::vector<Values>& start, int steps) {
  const int components = component_count(engine.size().system);
  for (int c = 0; c < components; ++c) engine.write_field(c, start[static_cast<std::size_t>(c)]);
  engine.run(0, steps);
  std::vector<Values> end;
  for (int c = 0; c < components; ++c) {
    end.emplace_back(engine.size().count());
    engine.read_field(c, end.back());
  }
  return end;
}

// TE101-like modes of a closed box: Ey (or p) = product of sines; after n steps cos(n theta) times
// itself, with sin^2(theta / 2) = sum over axes of (c dt / d)^2 sin^2(pi m / 2N).
TEST(Leapfrog, CavityModesAreExact) {
  const double c = 299792458.0, dt = 1.72295451621e-12;
  const std::array<double, 3> box = {0.050, 0.020, 0.060};
  const int n = 34, steps = 500;
  const std::array<double, 3> factor = {c * dt * n / box[0], c * dt * n / box[1],
                                        c * dt * n / box[2]};
  // Published frequencies of the discrete box [GHz]; the field component and its half waves.
  struct Mode {
    int component;
    std::array<int, 3> waves;
    double frequency;
  };
  for (const Mode& mode : {Mode{1, {1, 0, 1}, 3.90132510298}, Mode{1, {1, 0, 3}, 8.05205777441},
                           Mode{2, {1, 1, 0}, 8.07185558192}}) {
    LeapfrogSize size{WaveSystem::maxwell, {n, n, n}, {}, {true, true, true}, {}, {}};
    const auto engine = make_host_leapfrog<double>(size, {});
    for (int d = 0; d < 3; ++d)
      engine->set_metric(d, plain_metric(n, factor[static_cast<std::size_t>(d)]));
    const auto shape = [&](int i, int axis) {
      const int waves = mode.waves[static_cast<std::size_t>(axis)];
      return waves == 0 ? 1.0 : std::sin(std::numbers::pi * waves * i / n);
    };
    std::vector<Values> fields(6, Values(size.count()));
    Values& e = fields[static_cast<std::size_t>(mode.component)];
    double sum = 0.0;
    for (int d = 0; d < 3; ++d) {
      const std::size_t axis = static_cast<std::size_t>(d);
      const double s = std::sin(std::numbers::pi * mode.waves[axis] / (2.0 * n));
      sum += factor[axis] * factor[axis] * s * s;
    }
    const double theta = 2.0 * std::asin(std::sqrt(sum));
    EXPECT_NEAR(theta / (2.0 * std::numbers::pi * dt) / 1e9, mode.frequency, 1e-9);
    // H at half a step is half of what one step from H = 0 gives: the march is symmetric in time.
    for (int k = 0; k < n; ++k)
      for (int j = 0; j < n; ++j)
        for (int i = 0; i < n; ++i) {
          const std::size_t at =
              (static_cast<std::size_t>(k) * n + static_cast<std::size_t>(j)) * n +
              static_cast<std::size_t>(i);
          e[at] = shape(i, 0) * shape(j, 1) * shape(k, 2);
          const double dx = (shape(i + 1, 0) - shape(i, 0)) * shape(j, 1) * shape(k, 2);
          const double dy = shape(i, 0) * (shape(j + 1, 1) - shape(j, 1)) * shape(k, 2);
          const double dz = shape(i, 0) * shape(j, 1) * (shape(k + 1, 2) - shape(k, 2));
          if (mode.component == 1) {
            fields[3][at] = 0.5 * factor[2] * dz;
            fields[5][at] = -0.5 * factor[0] * dx;
          } else {
            fields[3][at] = -0.5 * factor[1] * dy;
            fields[4][at] = 0.5 * factor[0] * dx;
          }
        }
    const std::vector<Values> end = march(*engine, fields, steps);
    double worst = 0.0;
    for (std::size_t at = 0; at < size.count(); ++at)
      worst = std::max(worst, std::abs(end[static_cast<std::size_t>(mode.component)][at] -
                                       std::cos(steps * theta) * e[at]));
    std::printf("mode %d%d%d after %d steps: %.1e\n", mode.waves[0], mode.waves[1], mode.waves[2],
                steps, worst);
    EXPECT_LT(worst, 1e-11);
  }
}

TEST(Leapfrog, ScalarModesAreExact) {
  for (const int dimensions : {1, 2, 3}) {
    const int n = 21, steps = 400;
    const double factor = 0.55;
    LeapfrogSize size{WaveSystem::scalar, {n, 1, 1}, {}, {true, false, false}, {}, {}};
    double sum = 0.0;
    for (int d = 0; d < dimensions; ++d) {
      const std::size_t axis = static_cast<std::size_t>(d);
      size.points[axis] = n;
      size.wall_low[axis] = true;
      const double s = factor * std::sin(std::numbers::pi * (d + 1) / (2.0 * n));
      sum += s * s;
    }
    const auto engine = make_host_leapfrog<double>(size, {});
    for (int d = 0; d < 3; ++d)
      engine->set_metric(d, plain_metric(size.points[static_cast<std::size_t>(d)], factor));
    const double theta = 2.0 * std::asin(std::sqrt(sum));
    std::vector<Values> fields(4, Values(size.count()));
    std::size_t at = 0;
    for (int k = 0; k < size.points[2]; ++k)
      for (int j = 0; j < size.points[1]; ++j)
        for (int i = 0; i < size.points[0]; ++i, ++at) {
          const std::array<int, 3> p = {i, j, k};
          double value = 1.0;
          for (int d = 0; d < dimensions; ++d)
            value *= std::sin(std::numbers::pi * (d + 1) * p[static_cast<std::size_t>(d)] / n);
          fields[0][at] = value;
          for (int d = 0; d < dimensions; ++d) {
            double moved = 1.0;
            for (int e = 0; e < dimensions; ++e)
              moved *= std::sin(std::numbers::pi * (e + 1) *
                                (p[static_cast<std::size_t>(e)] + (e == d ? 1 : 0)) / n);
            fields[static_cast<std::size_t>(d) + 1][at] = 0.5 * factor * (moved - value);
          }
        }
    const std::vector<Values> end = march(*engine, fields, steps);
    double worst = 0.0;
    for (std::size_t i = 0; i < size.count(); ++i)
      worst = std::max(worst, std::abs(end[0][i] - std::cos(steps * theta) * fields[0][i]));
    EXPECT_LT(worst, 1e-11) << dimensions << " dimensions";
  }
}

template <class T>
void expect_same_bits(const Case& one, bool linked) {
  Noise noise;
  Medium medium = rough_medium(one.size, noise);
  if (!linked) medium.links.clear();
  const std::vector<Values> start = random_fields(one.size, noise);
  const int steps = 21;
  struct Result {
    std::vector<Values> fields;
    std::vector<T> record;
  };
  const auto go = [&](const LeapfrogSchedule& schedule, bool transposed) {
    const auto engine = make<T>(one.size, medium, schedule);
    engine->set_transposed(transposed);
    GridBox box{{1, 0, 0}, {4, 1, 1}};
    for (std::size_t d = 1; d < 3; ++d)
      if (one.size.points[d] > 1) box.end[d] = 5;
    Values weights(2 * box.count());
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = std::sin(0.3 * double(i));
    const int drive = engine->add_drive(0, box, 2, weights);
    const int tap = engine->add_tap(1, box, 3);
    std::span<T> signals = engine->drive_signals(drive, steps);
    for (std::size_t i = 0; i < signals.size(); ++i)
      signals[i] = static_cast<T>(std::cos(double(i)));
    Result result{march(*engine, start, steps), {}};
    const auto record = engine->tap_record(tap);
    result.record.assign(record.begin(), record.end());
    return result;
  };
  for (const bool transposed : {false, true}) {
    const Result plain = go({false, 0, 0, 1}, transposed);
    EXPECT_EQ(plain.record.size() % 7, 0U);
    for (const LeapfrogSchedule& schedule : {LeapfrogSchedule{false, 0, 0, 3},
                                             {true, 0, 0, 1},
                                             {true, 1, 4, 2},
                                             {true, 4, 3, 3},
                                             {true, 8, 16, 2},
                                             {true, 5, 2, 4}}) {
      const Result skewed = go(schedule, transposed);
      EXPECT_EQ(skewed.fields, plain.fields) << one.name << " depth " << schedule.depth;
      EXPECT_EQ(skewed.record, plain.record) << one.name << " depth " << schedule.depth;
    }
  }
}

TEST(Leapfrog, SchedulesAndThreadsGiveTheSameBits) {
  for (const Case& one : cases()) {
    expect_same_bits<float>(one, false);
    expect_same_bits<double>(one, true);
  }
}

// x drives every point in the first step, y weighs the fields after the last one: <y, M x> =
// <M^T y, x>, with cotangents scaled as leapfrog.hpp says. The transposed march is driven with y
// (the second group's starts from it), and x's share is what it shows when it passes the first
// step. Without links the driven step goes first, and on from its state in an engine without
// drives.
void expect_transpose(const Case& one, bool linked, double& worst) {
  Noise noise;
  const LeapfrogSize& size = one.size;
  Medium medium = rough_medium(size, noise);
  if (!linked) medium.links.clear();
  const std::vector<Values> x = random_fields(size, noise), y = random_fields(size, noise);
  const int steps = 17, components = component_count(size.system);
  const int driven = linked ? steps : 1;
  const int split = first_group_size(size.system);
  const std::size_t count = size.count();
  const GridBox all{{0, 0, 0}, size.points};
  const auto drive_once = [&](LeapfrogEngine<double>& engine, int c, const Values& values) {
    const std::span<double> signal = engine.drive_signals(engine.add_drive(c, all, 0, {}), driven);
    std::copy(values.begin(), values.end(), signal.begin());
  };

  const auto go_on = [&](std::unique_ptr<LeapfrogEngine<double>>& engine,
                         std::unique_ptr<LeapfrogEngine<double>> free) {
    engine->run(0, driven);
    if (driven == steps) return;
    Values state(engine->state_size());
    engine->save_state(state);
    free->load_state(state);
    free->run(driven, steps - driven);
    engine = std::move(free);
  };
  auto forward = make<double>(size, medium, {});
  for (int c = 0; c < components; ++c) drive_once(*forward, c, x[static_cast<std::size_t>(c)]);
  go_on(forward, make<double>(size, medium, {}));

  const auto scale = [&](int c, std::size_t at) {
    const std::size_t nx = static_cast<std::size_t>(size.points[0]);
    const std::size_t ny = static_cast<std::size_t>(size.points[1]);
    const std::array<std::size_t, 3> p = {at % nx, at / nx % ny, at / nx / ny};
    double volume = 1.0;
    for (int d = 0; d < 3; ++d) {
      const std::size_t axis = static_cast<std::size_t>(d);
      bool centre = false;
      if (size.system == WaveSystem::maxwell)
        centre = c < 3 ? c == d : c - 3 != d;
      else
        centre = c == d + 1;
      const LineMetric& metric = medium.metrics[axis];
      volume /= (centre ? metric.centre : metric.node)[p[axis]];
    }
    return (c < split ? 1.0 : -1.0) * medium.coefficient[static_cast<std::size_t>(c)][at] / volume;
  };
  auto back = make<double>(size, medium, {}), free = make<double>(size, medium, {});
  back->set_transposed(true);
  free->set_transposed(true);
  std::vector<int> taps;
  std::vector<Values> start(static_cast<std::size_t>(components), Values(count));
  for (int c = 0; c < components; ++c) {
    Values scaled = y[static_cast<std::size_t>(c)];
    for (std::size_t at = 0; at < count; ++at) scaled[at] *= scale(c, at);
    if (c < split)
      drive_once(*back, c, scaled);
    else
      start[static_cast<std::size_t>(c)] = scaled;
    taps.push_back(back->add_tap(c, all, 1));
    free->add_tap(c, all, 1);
  }
  for (int c = 0; c < components; ++c) back->write_field(c, start[static_cast<std::size_t>(c)]);
  go_on(back, std::move(free));

  double left = 0.0, right = 0.0, size_of_terms = 0.0;
  for (int c = 0; c < components; ++c) {
    const std::size_t component = static_cast<std::size_t>(c);
    Values end(count);
    forward->read_field(c, end);
    const std::size_t record = static_cast<std::size_t>((c < split ? steps - 1 : steps - 2) -
                                                        (driven == steps ? 0 : driven));
    const std::span<const double> seen = back->tap_record(taps[component]).subspan(record * count);
    for (std::size_t at = 0; at < count; ++at) {
      left += y[component][at] * end[at];
      right += seen[at] / scale(c, at) * x[component][at];
      size_of_terms += std::abs(y[component][at] * end[at]);
    }
  }
  const double error = std::abs(left - right) / size_of_terms;
  worst = std::max(worst, error);
  EXPECT_LT(error, 1e-14) << one.name;
  EXPECT_GT(std::abs(left), 1e-6 * size_of_terms) << one.name;
}

TEST(Leapfrog, TransposedMarchIsTheTranspose) {
  double worst = 0.0;
  for (const Case& one : cases())
    for (const bool linked : {true, false}) expect_transpose(one, linked, worst);
  std::printf("transpose: %.1e\n", worst);
}

TEST(Leapfrog, GoesOnFromASavedState) {
  for (const Case& one : cases()) {
    Noise noise;
    const Medium medium = rough_medium(one.size, noise);
    const std::vector<Values> start = random_fields(one.size, noise);
    const auto whole = make<float>(one.size, medium, {});
    const std::vector<Values> expected = march(*whole, start, 23);
    const auto early = make<float>(one.size, medium, {});
    march(*early, start, 9);
    std::vector<float> state(early->state_size());
    early->save_state(state);
    const auto late = make<float>(one.size, medium, {});
    late->load_state(state);
    late->run(9, 14);
    for (std::size_t c = 0; c < expected.size(); ++c) {
      Values field(one.size.count());
      late->read_field(static_cast<int>(c), field);
      EXPECT_EQ(field, expected[c]) << one.name;
    }
  }
}

}  // namespace
}  // namespace wavesmith
