// Random marches of every kind of grid, boundary and medium, with a design region.
#pragma once

#include <algorithm>
#include <cstdint>

#include "tests/solvers/time_domain_scenes.hpp"

namespace wavesmith::time_domain_scenes {

struct RandomMarch {
  TimeDomainSetup setup;
  GridBox design;
  long steps = 0;
  bool reversible = false;  // the design region is without loss
};

// Whether a point of a box lies in another, one or more points away from its faces.
inline bool lies_within(const std::array<int, 3>& p, const GridBox& box, int away,
                        const LeapfrogSize& size) {
  for (std::size_t d = 0; d < 3; ++d) {
    const int margin = size.points[d] > 1 ? away : 0;
    if (p[d] < box.begin[d] + margin || p[d] >= box.end[d] - margin) return false;
  }
  return true;
}

inline RandomMarch draw_march(std::uint64_t seed) {
  const Random random(seed, 5);
  std::uint64_t next = 0;
  const auto number = [&](double low, double high) { return random.uniform(next++, low, high); };
  const auto below = [&](int n) { return static_cast<int>(number(0.0, n - 1e-9)); };
  const auto chance = [&](double p) { return number(0.0, 1.0) < p; };
  RandomMarch march;
  TimeDomainSetup& setup = march.setup;
  setup.system = chance(0.5) ? WaveSystem::maxwell : WaveSystem::scalar;
  setup.nodes =
      setup.system == WaveSystem::scalar && chance(0.3) ? Nodes::on_centres : Nodes::on_edges;
  const int dimensions = setup.system == WaveSystem::maxwell ? 2 + below(2) : 1 + below(3);
  setup.boundaries.layer = {3, 3.0, 1e-4, number(1.0, 2.0), number(0.0, 0.05)};
  setup.speed = 1.0;
  for (int d = 0; d < dimensions; ++d) {
    const std::size_t axis = static_cast<std::size_t>(d);
    Axis line;
    line.edges = {0.0};
    const int cells = dimensions == 3 ? 9 + below(3) : 11 + below(9);
    for (int i = 0; i < cells; ++i) line.edges.push_back(line.edges.back() + number(0.8, 1.2));
    setup.grid.axes[axis] = line;
    if (chance(0.25)) {
      setup.boundaries.faces[axis] = {Boundary::periodic, Boundary::periodic};
      continue;
    }
    for (Boundary& face : setup.boundaries.faces[axis]) {
      const int kind = below(4);
      face = kind == 0                                     ? Boundary::wall
             : kind == 1 && setup.nodes == Nodes::on_edges ? Boundary::mirror
                                                           : Boundary::absorbing;
    }
  }
  setup.dt = number(0.5, 0.95) * courant_limit(setup.grid, 1.0);
  setup.schedule = {chance(0.7), 1 + below(5), 1 + below(4), 1};
  const LeapfrogSize size =
      make_grid_lines(setup.system, setup.grid, setup.boundaries, setup.nodes, 1.0, setup.dt).size;
  const int components = component_count(setup.system), group = first_group_size(setup.system);
  for (int c = 0; c < components; ++c) {
    const std::size_t at = static_cast<std::size_t>(c);
    const auto fill = [&](std::vector<double>& values, double low, double high) {
      for (std::size_t i = 0; i < size.count(); ++i) values.push_back(number(low, high));
    };
    if (c < group || chance(0.5)) fill(setup.coefficient[at], 0.3, 1.0);
    if (chance(0.4)) fill(setup.decay[at], 0.95, 1.0);
    if (chance(0.2)) fill(setup.initial[at], -0.2, 0.2);
  }
  const auto box = [&](int longest) {
    GridBox drawn{{0, 0, 0}, {1, 1, 1}};
    for (std::size_t d = 0; d < 3; ++d) {
      if (size.points[d] == 1) continue;
      const int length = 1 + below(longest);
      drawn.begin[d] = below(size.points[d] - length + 1);
      drawn.end[d] = drawn.begin[d] + length;
    }
    return drawn;
  };
  const bool tensor = setup.system == WaveSystem::maxwell ? chance(0.5) : chance(0.2);
  march.design = box(5);
  if (tensor || chance(0.4)) {  // some of it one point away from its faces
    for (std::size_t d = 0; d < 3; ++d) {
      if (size.points[d] == 1) continue;
      march.design.end[d] = std::min(march.design.begin[d] + 4, size.points[d]);
      march.design.begin[d] = march.design.end[d] - 4;
    }
  }
  for (int n = below(3); n > 0; --n) {
    PoleField pole{below(group), box(4), chance(0.5), {}, {}, {}, {}};
    const auto numbers = [&](double low, double high) {
      std::vector<double> values;
      for (std::size_t i = 0; i < pole.box.count(); ++i) values.push_back(number(low, high));
      return values;
    };
    pole.a1 = pole.relaxing ? numbers(0.7, 0.9) : numbers(1.5, 1.7);
    pole.a2 = pole.relaxing ? numbers(0.02, 0.05) : numbers(-0.85, -0.8);
    pole.a3 = numbers(0.02, 0.05);
    pole.gain = pole.relaxing ? numbers(0.02, 0.05) : numbers(0.4, 0.8);
    setup.poles.push_back(pole);
  }
  // Small enough to keep the loss smooth; over the design region or not.
  if (chance(0.5)) {
    NonlinearField nonlinear{below(group), box(4), {}, {}};
    nonlinear.square.assign(nonlinear.box.count(), 0.05);
    nonlinear.cube.assign(nonlinear.box.count(), 0.1);
    setup.nonlinear.push_back(nonlinear);
  }
  if (tensor) {
    // A tensor of small elements beside a diagonal of 0.3 to 1 stays positive.
    setup.dt *= 0.9;
    const GridBox where = chance(0.5) ? march.design : box(8);
    const int first = setup.system == WaveSystem::maxwell ? 0 : 1;
    for (int c = 0; c < 3; ++c) {
      const auto taken = [&](const auto& media, const std::array<int, 3>& p) {
        return std::any_of(media.begin(), media.end(), [&](const auto& medium) {
          return medium.component == first + c && lies_within(p, medium.box, 0, size);
        });
      };
      std::array<int, 3> p{};
      for (p[2] = where.begin[2]; p[2] < where.end[2]; ++p[2])
        for (p[1] = where.begin[1]; p[1] < where.end[1]; ++p[1])
          for (p[0] = where.begin[0]; p[0] < where.end[0]; ++p[0])
            if (!taken(setup.poles, p) && !taken(setup.nonlinear, p))
              setup.off_diagonal[static_cast<std::size_t>(c)].push_back(
                  {size.index(p[0], p[1], p[2]), number(-0.1, 0.1), number(-0.1, 0.1)});
    }
  }
  march.reversible = chance(0.5);
  for (std::size_t d = 0; d < 3; ++d)
    march.reversible &=
        march.design.begin[d] >= size.shell_low[d] + (size.shell_low[d] > 0) &&
        march.design.end[d] < size.points[d] - size.shell_high[d] + (size.shell_high[d] == 0);
  if (march.reversible) {
    for (auto& decay : setup.decay)
      for (int k = march.design.begin[2]; k < march.design.end[2] && !decay.empty(); ++k)
        for (int j = march.design.begin[1]; j < march.design.end[1]; ++j)
          for (int i = march.design.begin[0]; i < march.design.end[0]; ++i)
            decay[size.index(i, j, k)] = 1.0;
    std::erase_if(setup.poles,
                  [&](const PoleField& pole) { return overlap(pole.box, march.design); });
  }
  // Sources are currents, so they stay out of the design region, where C is moved under them.
  for (int n = 1 + below(2); n > 0; --n) {
    TimeSource source{below(components), box(2), 1 + below(2), {}, burst(number(0.05, 0.1))};
    while (overlap(source.box, march.design)) source.box = box(2);
    for (std::size_t i = 0; i < source.box.count() * static_cast<std::size_t>(source.rank); ++i)
      source.weights.push_back(number(-1.0, 1.0));
    setup.sources.push_back(source);
  }
  for (int n = 1 + below(2); n > 0; --n)
    setup.monitors.push_back({below(components), box(4), {0.05, 0.09}, 1 + below(3)});
  for (int n = below(3); n > 0; --n)
    setup.time_monitors.push_back(
        {below(components), box(4), 1 + below(4), {1 + below(2), 1 + below(2), 1 + below(2)}});
  march.steps = 40 + below(60);
  return march;
}

}  // namespace wavesmith::time_domain_scenes
