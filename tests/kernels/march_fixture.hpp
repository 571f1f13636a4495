// Marches for comparing leapfrog engines: systems, boundaries, media, poles, drives and taps drawn
// at random.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "kernels/leapfrog.hpp"

namespace wavesmith::test {

enum class MediumKind { same, few, many, any };

struct MarchCase {
  std::string name;
  LeapfrogSize size;
  MediumKind medium = MediumKind::any;
  bool decay = true, poles = true;
  enum class Extra { none, links, nonlinear } extra = Extra::none;
};

inline MarchCase march_case(const std::string& name, WaveSystem system, std::array<int, 3> points,
                            std::array<bool, 3> periodic, std::array<int, 3> low,
                            std::array<int, 3> high, MediumKind medium, bool decay, bool poles,
                            MarchCase::Extra extra = MarchCase::Extra::none) {
  LeapfrogSize size{system, points, periodic, {}, low, high};
  for (std::size_t d = 0; d < 3; ++d) size.wall_low[d] = !periodic[d] && points[d] > 1;
  return {name, size, medium, decay, poles, extra};
}

inline std::vector<MarchCase> march_cases() {
  const WaveSystem m = WaveSystem::maxwell, s = WaveSystem::scalar;
  using enum MediumKind;
  return {
      march_case("maxwell closed", m, {13, 11, 9}, {}, {}, {}, same, false, false),
      march_case("maxwell shells", m, {23, 19, 21}, {}, {4, 5, 3}, {6, 2, 4}, any, true, true),
      march_case("maxwell shells, few media", m, {40, 12, 9}, {}, {8, 2, 0}, {8, 0, 3}, few, true,
                 true),
      march_case("maxwell many media, a full row", m, {31, 9, 8}, {}, {3, 0, 2}, {4, 3, 0}, many,
                 true, false),
      march_case("maxwell periodic", m, {12, 10, 9}, {true, true, true}, {}, {}, few, false, true),
      march_case("maxwell periodic in y, shells in z", m, {12, 10, 17}, {false, true, false},
                 {0, 0, 4}, {3, 0, 4}, any, false, true),
      march_case("scalar 3D", s, {20, 18, 22}, {}, {3, 4, 5}, {4, 3, 2}, any, true, true),
      march_case("scalar 2D", s, {63, 27, 1}, {}, {5, 4, 0}, {3, 6, 0}, few, true, true),
      march_case("scalar 2D periodic in x", s, {31, 27, 1}, {true, false, false}, {0, 4, 0},
                 {0, 6, 0}, same, true, false),
      march_case("scalar in y and z", s, {1, 15, 14}, {}, {0, 3, 2}, {0, 2, 3}, any, true, true),
      march_case("maxwell links, shells", m, {17, 15, 14}, {}, {3, 2, 4}, {2, 4, 3}, any, true,
                 true, MarchCase::Extra::links),
      march_case("maxwell links, periodic", m, {9, 8, 12}, {true, true, false}, {}, {0, 0, 3}, few,
                 false, false, MarchCase::Extra::links),
      march_case("scalar 2D links", s, {21, 19, 1}, {}, {3, 2, 0}, {0, 4, 0}, any, false, false,
                 MarchCase::Extra::links),
      march_case("maxwell nonlinear", m, {13, 12, 11}, {}, {3, 2, 0}, {2, 0, 3}, few, true, true,
                 MarchCase::Extra::nonlinear),
      march_case("scalar 2D nonlinear", s, {31, 27, 1}, {}, {3, 2, 0}, {0, 4, 0}, any, false, false,
                 MarchCase::Extra::nonlinear),
      march_case("scalar 1D, wide shells", s, {600, 1, 1}, {}, {290, 0, 0}, {300, 0, 0}, many, true,
                 true),
  };
}

struct MarchNoise {
  Random random;
  std::uint64_t draw = 0;
  explicit MarchNoise(std::uint64_t seed) : random(seed, 0) {}
  double operator()() { return random.uniform(draw++, -1.0, 1.0); }
  int below(int n) { return static_cast<int>(random.uniform(draw++, 0.0, 1.0) * n); }
};

// Velocities along an axis where nothing varies are not marched.
inline std::vector<int> live_components(const LeapfrogSize& size) {
  std::vector<int> live;
  for (int c = 0; c < component_count(size.system); ++c)
    if (size.system == WaveSystem::maxwell || c == 0 ||
        size.points[static_cast<std::size_t>(c - 1)] > 1)
      live.push_back(c);
  return live;
}

// A box with at least one point, in the march's points.
inline GridBox random_box(const LeapfrogSize& size, MarchNoise& noise) {
  GridBox box;
  for (std::size_t d = 0; d < 3; ++d) {
    box.begin[d] = noise.below(size.points[d]);
    box.end[d] = box.begin[d] + 1 + noise.below(std::min(size.points[d] - box.begin[d], 9));
  }
  return box;
}

inline std::vector<double> medium_values(const MarchCase& one, double middle, double spread,
                                         MarchNoise& noise) {
  if (one.medium == MediumKind::same) return {middle + spread * noise()};
  const int kinds = one.medium == MediumKind::few ? 3 : 40;
  std::vector<double> palette(static_cast<std::size_t>(kinds)), values(one.size.count());
  for (double& v : palette) v = middle + spread * noise();
  for (double& v : values)
    v = one.medium == MediumKind::any ? middle + spread * noise()
                                      : palette[static_cast<std::size_t>(noise.below(kinds))];
  return values;
}

inline LineMetric random_metric(const LeapfrogSize& size, std::size_t axis, MarchNoise& noise) {
  const int n = size.points[axis];
  LineMetric metric;
  for (int i = 0; i < n; ++i) {
    const bool shell = i < size.shell_low[axis] || i >= n - size.shell_high[axis];
    const double factor = n > 1 ? 0.4 : 1.0;
    metric.node.push_back(factor * (1.0 + 0.3 * noise()));
    metric.centre.push_back(factor * (1.0 + 0.3 * noise()));
    metric.node_decay.push_back(shell ? 0.6 + 0.3 * noise() : 0.0);
    metric.centre_decay.push_back(shell ? 0.6 + 0.3 * noise() : 0.0);
    metric.node_gain.push_back(shell ? -0.1 + 0.05 * noise() : 0.0);
    metric.centre_gain.push_back(shell ? -0.1 + 0.05 * noise() : 0.0);
  }
  return metric;
}

// Everything of a march but the engine; the same for every engine that load() sees.
struct March {
  MarchCase one;
  std::array<LineMetric, 3> metrics;
  std::vector<std::vector<double>> coefficient, decay, start;
  std::vector<PoleField> poles;
  struct Drive {
    int component, rank;
    GridBox box;
    std::vector<double> weights;
  };
  struct Tap {
    int component, every;
    GridBox box;
  };
  std::vector<Drive> drives;
  std::vector<Tap> taps;
  std::vector<TensorLink> links;
  std::vector<FieldPoint> differences;  // that a tap watches
  std::vector<NonlinearField> nonlinear;
};

// Between components of the tensor's group that are next to each other, outside of the shells.
inline void add_links(March& march, MarchNoise& noise) {
  const LeapfrogSize& size = march.one.size;
  const int begin = size.system == WaveSystem::maxwell ? 0 : 1;
  const int axes = size.points[2] > 1 ? 3 : 2;
  for (int n = 0; n < 200; ++n) {
    const int own = noise.below(axes), other = (own + 1 + noise.below(axes - 1)) % axes;
    std::array<int, 3> p{};
    for (std::size_t d = 0; d < 3; ++d) {
      const int low = size.shell_low[d], high = size.points[d] - size.shell_high[d];
      p[d] = low + noise.below(high - low);
    }
    // From the four points of the other component about the own one.
    std::array<int, 3> q = p;
    q[static_cast<std::size_t>(own)] += noise.below(2);
    q[static_cast<std::size_t>(other)] -= noise.below(2);
    bool inside = true;
    for (std::size_t d = 0; d < 3; ++d) {
      if (size.periodic[d]) q[d] = (q[d] + size.points[d]) % size.points[d];
      inside = inside && q[d] >= size.shell_low[d] && q[d] < size.points[d] - size.shell_high[d];
    }
    march.differences.push_back({begin + own, size.index(p[0], p[1], p[2])});
    if (inside)
      march.links.push_back({begin + own, size.index(p[0], p[1], p[2]), begin + other,
                             size.index(q[0], q[1], q[2]), 0.1 * noise()});
  }
}

inline March random_march(const MarchCase& one, std::uint64_t seed) {
  MarchNoise noise(seed);
  March march;
  march.one = one;
  const LeapfrogSize& size = one.size;
  const int components = component_count(size.system), split = first_group_size(size.system);
  for (std::size_t d = 0; d < 3; ++d) march.metrics[d] = random_metric(size, d, noise);
  for (int c = 0; c < components; ++c) {
    march.coefficient.push_back(medium_values(one, 0.6, 0.3, noise));
    march.decay.push_back(one.decay ? medium_values(one, 0.97, 0.02, noise)
                                    : std::vector<double>{});
    march.start.emplace_back(size.count());
  }
  const std::vector<int> live = live_components(size);
  for (const int c : live)
    for (double& v : march.start[static_cast<std::size_t>(c)]) v = noise();
  const auto any_component = [&] {
    return live[static_cast<std::size_t>(noise.below(static_cast<int>(live.size())))];
  };
  for (int n = 0; one.poles && n < 4 * split; ++n) {
    PoleField pole{n % split, random_box(size, noise), n % 3 == 0, {}, {}, {}, {}};
    for (std::vector<double>* values : {&pole.a1, &pole.a2, &pole.a3, &pole.gain}) {
      values->resize(pole.box.count());
      for (double& v : *values) v = 0.4 * noise();
    }
    march.poles.push_back(pole);
  }
  for (int n = 0; n < 7; ++n) {
    March::Drive drive{any_component(), n % 3, random_box(size, noise), {}};
    drive.weights.resize(static_cast<std::size_t>(drive.rank) * drive.box.count());
    for (double& v : drive.weights) v = noise();
    march.drives.push_back(drive);
    march.taps.push_back({any_component(), 1 + n % 4, random_box(size, noise)});
  }
  if (one.extra == MarchCase::Extra::links) add_links(march, noise);
  for (int n = 0; one.extra == MarchCase::Extra::nonlinear && n < 4 * split; ++n) {
    NonlinearField field{n % split, random_box(size, noise), {}, {}};
    for (std::size_t i = 0; i < field.box.count(); ++i) {
      field.square.push_back(0.05 * noise());
      field.cube.push_back(0.02 + 0.01 * noise());
    }
    march.nonlinear.push_back(field);
  }
  return march;
}

// Drives, taps and fields, in an engine that has the medium.
template <class T>
void set_off(LeapfrogEngine<T>& engine, const March& march, bool transposed) {
  for (const March::Drive& drive : march.drives)
    engine.add_drive(drive.component, drive.box, drive.rank, drive.weights);
  for (const March::Tap& tap : march.taps) engine.add_tap(tap.component, tap.box, tap.every);
  if (!march.differences.empty()) engine.add_difference_tap(march.differences);
  engine.set_transposed(transposed);
  for (int c = 0; c < component_count(march.one.size.system); ++c)
    engine.write_field(c, march.start[static_cast<std::size_t>(c)]);
}

template <class T>
void load(LeapfrogEngine<T>& engine, const March& march, bool transposed) {
  for (int d = 0; d < 3; ++d) engine.set_metric(d, march.metrics[static_cast<std::size_t>(d)]);
  const int components = component_count(march.one.size.system);
  for (int c = 0; c < components; ++c) {
    engine.set_coefficient(c, march.coefficient[static_cast<std::size_t>(c)]);
    engine.set_decay(c, march.decay[static_cast<std::size_t>(c)]);
  }
  for (const PoleField& pole : march.poles) engine.add_pole(pole);
  engine.set_links(march.links);
  for (const NonlinearField& field : march.nonlinear) engine.add_nonlinearity(field);
  set_off(engine, march, transposed);
}

// Everything that an engine shows after `steps` steps from `first` on: fields, then records.
template <class T>
std::vector<std::vector<double>> go_on(LeapfrogEngine<T>& engine, const March& march, long first,
                                       int steps) {
  for (std::size_t n = 0; n < march.drives.size(); ++n) {
    const std::span<T> signals = engine.drive_signals(static_cast<int>(n), steps);
    const std::size_t a_step = signals.size() / static_cast<std::size_t>(steps);
    for (std::size_t i = 0; i < signals.size(); ++i)
      signals[i] = static_cast<T>(std::cos(0.7 * static_cast<double>(first) +
                                           1.3 * static_cast<double>(i / a_step) +
                                           0.4 * static_cast<double>(i % a_step + n)));
  }
  for (std::size_t n = 0; n < march.nonlinear.size(); ++n) {
    const std::span<T> trajectory = engine.trajectory(static_cast<int>(n), steps);
    for (std::size_t i = 0; i < trajectory.size(); ++i)
      trajectory[i] = static_cast<T>(std::sin(0.3 * static_cast<double>(i + n)));
  }
  engine.run(first, steps);
  std::vector<std::vector<double>> shown;
  for (int c = 0; c < component_count(march.one.size.system); ++c) {
    shown.emplace_back(march.one.size.count());
    engine.read_field(c, shown.back());
  }
  for (std::size_t n = 0; n < march.taps.size(); ++n) {
    const std::span<const T> record = engine.tap_record(static_cast<int>(n));
    shown.emplace_back(record.begin(), record.end());
  }
  if (!march.differences.empty()) {
    const std::span<const T> record = engine.difference_record(0);
    shown.emplace_back(record.begin(), record.end());
  }
  return shown;
}

// Largest difference over the largest magnitude of all; infinite where shapes differ.
inline double largest_difference(const std::vector<std::vector<double>>& a,
                                 const std::vector<std::vector<double>>& b) {
  if (a.size() != b.size()) return INFINITY;
  double difference = 0.0, scale = 0.0;
  for (std::size_t n = 0; n < a.size(); ++n) {
    if (a[n].size() != b[n].size()) return INFINITY;
    for (std::size_t i = 0; i < a[n].size(); ++i) {
      const double d = std::abs(a[n][i] - b[n][i]);
      if (!(d <= difference)) difference = d;
      scale = std::max(scale, std::abs(b[n][i]));
    }
  }
  return difference / scale;
}

}  // namespace wavesmith::test
