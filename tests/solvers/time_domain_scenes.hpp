// Small scenes of every boundary and dimension, with losses of what their monitors have.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/random.hpp"
#include "solvers/time_domain.hpp"

namespace wavesmith::time_domain_scenes {

// sin^2-shaped burst around f in units of 1 / time.
inline std::function<double(int, double)> burst(double f) {
  return [f](int rank, double t) {
    const double length = 3.0 / f;
    if (t < 0.0 || t > length) return 0.0;
    const double envelope = std::pow(std::sin(pi * t / length), 2);
    return envelope * std::sin(2.0 * pi * f * t + rank);
  };
}

struct Scene {
  const char* name;
  WaveSystem system;
  std::array<int, 3> cells;
  std::array<std::array<Boundary, 2>, 3> faces;
  Nodes nodes = Nodes::on_edges;
};

inline constexpr Boundary wall = Boundary::wall, mirror = Boundary::mirror,
                          absorbing = Boundary::absorbing, periodic = Boundary::periodic;

inline std::vector<Scene> scenes() {
  const WaveSystem m = WaveSystem::maxwell, s = WaveSystem::scalar;
  return {{"3D, absorbing",
           m,
           {16, 15, 17},
           {{{absorbing, absorbing}, {absorbing, absorbing}, {absorbing, absorbing}}}},
          {"3D, mirror, periodic, wall",
           m,
           {14, 9, 16},
           {{{mirror, absorbing}, {periodic, periodic}, {wall, absorbing}}}},
          {"2D, on edges", s, {20, 18, 1}, {{{absorbing, absorbing}, {mirror, mirror}, {}}}},
          {"2D, on centres",
           s,
           {18, 20, 1},
           {{{wall, absorbing}, {absorbing, wall}, {}}},
           Nodes::on_centres},
          {"1D", s, {40, 1, 1}, {{{absorbing, mirror}, {}, {}}}},
          {"sound, 3D",
           s,
           {14, 15, 13},
           {{{absorbing, wall}, {mirror, absorbing}, {periodic, periodic}}}}};
}

inline TimeDomainSetup setup_of(const Scene& one, std::uint64_t seed) {
  const Random random(seed, 0);
  std::uint64_t draw = 0;
  const auto number = [&](double low, double high) { return random.uniform(draw++, low, high); };
  TimeDomainSetup setup;
  setup.system = one.system;
  for (std::size_t d = 0; d < 3; ++d) {
    Axis axis;
    axis.edges = {0.0};
    for (int i = 0; i < one.cells[d]; ++i)
      axis.edges.push_back(axis.edges.back() + number(0.8, 1.2));
    setup.grid.axes[d] = axis;
  }
  setup.boundaries.faces = one.faces;
  setup.boundaries.layer = {4, 3.0, 1e-4, 2.0, 0.05};
  setup.nodes = one.nodes;
  setup.speed = 1.0;
  setup.dt = 0.9 * courant_limit(setup.grid, 1.0);
  const LeapfrogSize size =
      make_grid_lines(one.system, setup.grid, setup.boundaries, one.nodes, 1.0, setup.dt).size;
  for (int c = 0; c < component_count(one.system); ++c) {
    const std::size_t at = static_cast<std::size_t>(c);
    for (std::size_t i = 0; i < size.count(); ++i) {
      setup.coefficient[at].push_back(number(0.3, 1.0));
      setup.decay[at].push_back(number(0.95, 1.0));
    }
  }
  // Poles of both kinds beside the design region.
  if (one.nodes == Nodes::on_edges)
    for (const bool relaxing : {false, true}) {
      PoleField pole{0, {}, relaxing, {}, {}, {}, {}};
      for (std::size_t d = 0; d < 3; ++d) {
        pole.box.begin[d] = size.points[d] > 1 ? 4 : 0;
        pole.box.end[d] = size.points[d] > 1 ? 6 : 1;
      }
      const std::size_t count = pole.box.count();
      pole.a1.assign(count, relaxing ? 0.9 : 1.7);
      pole.a2.assign(count, relaxing ? 0.05 : -0.8);
      pole.a3.assign(count, 0.05);
      pole.gain.assign(count, relaxing ? 0.05 : 0.8);
      setup.poles.push_back(pole);
    }
  // Sources and monitors in each group, overlapping nothing of the design region by accident only.
  const auto box = [&](int from, int length) {
    GridBox b{{from, from, from}, {from + length, from + length, from + length}};
    for (std::size_t d = 0; d < 3; ++d)
      if (size.points[d] == 1) b.begin[d] = 0, b.end[d] = 1;
    return b;
  };
  for (const int component : {0, component_count(one.system) == 6 ? 4 : 1}) {
    TimeSource source{component, box(5, 1), 2, {}, burst(0.08)};
    for (std::size_t i = 0; i < 2 * source.box.count(); ++i)
      source.weights.push_back(number(-1.0, 1.0));
    setup.sources.push_back(source);
    setup.monitors.push_back({component, box(3, 3), {0.05, 0.1}, 1});
  }
  setup.monitors.push_back({0, box(6, 2), {0.07}, 3});
  for (const int component : {0, component_count(one.system) - 1})
    setup.time_monitors.push_back({component, box(4, 4), 2, {2, 3, 1}});
  return setup;
}

// L = sum over monitors of |F - target|^2 and of (f - target)^2.
inline double quadratic_loss(const TimeDomainData& data, TimeDomainData* cotangents) {
  double loss = 0.0;
  if (cotangents != nullptr) *cotangents = {};
  std::size_t n = 0;
  for (const auto& spectrum : data.spectra) {
    std::vector<std::complex<double>> cotangent;
    for (const std::complex<double>& f : spectrum) {
      const std::complex<double> target = std::polar(0.5, 0.7 * static_cast<double>(++n));
      loss += std::norm(f - target);
      cotangent.push_back(2.0 * (f - target));
    }
    if (cotangents != nullptr) cotangents->spectra.push_back(cotangent);
  }
  for (const auto& record : data.records) {
    std::vector<double> cotangent;
    for (const double f : record) {
      const double target = 0.1 * std::sin(0.3 * static_cast<double>(++n));
      loss += (f - target) * (f - target);
      cotangent.push_back(2.0 * (f - target));
    }
    if (cotangents != nullptr) cotangents->records.push_back(cotangent);
  }
  return loss;
}

inline TimeDomainData loss_cotangents(const TimeDomainData& data) {
  TimeDomainData cotangents;
  quadratic_loss(data, &cotangents);
  return cotangents;
}

// What all monitors have.
inline TimeDomainData data_of(const TimeDomain& march) {
  TimeDomainData data;
  for (std::size_t m = 0; m < march.setup().monitors.size(); ++m) {
    const auto spectrum = march.spectrum(static_cast<int>(m));
    data.spectra.emplace_back(spectrum.begin(), spectrum.end());
  }
  for (std::size_t m = 0; m < march.setup().time_monitors.size(); ++m) {
    const auto record = march.record(static_cast<int>(m));
    data.records.emplace_back(record.begin(), record.end());
  }
  return data;
}

inline double loss_of(TimeDomainSetup setup, long steps) {
  TimeDomain march(std::move(setup));
  march.run(steps);
  return quadratic_loss(data_of(march), nullptr);
}

// Three points along each axis that has any, where nothing but the design is.
inline GridBox design_of(const LeapfrogSize& size) {
  GridBox design{{6, 6, 6}, {9, 9, 9}};
  for (std::size_t d = 0; d < 3; ++d)
    if (size.points[d] == 1) design.begin[d] = 0, design.end[d] = 1;
  return design;
}

}  // namespace wavesmith::time_domain_scenes
