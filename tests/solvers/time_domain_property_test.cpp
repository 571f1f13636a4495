// Random marches: the derivative against finite differences, the same derivative however fields are
// kept, going on from a random step, threads and schedules.
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "core/random.hpp"
#include "solvers/time_domain.hpp"
#include "tests/solvers/time_domain_scenes.hpp"
#ifdef WAVESMITH_HAS_RAPIDCHECK
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace wavesmith {
namespace {

using namespace time_domain_scenes;

struct RandomMarch {
  TimeDomainSetup setup;
  GridBox design;
  long steps = 0;
};

RandomMarch draw_march(std::uint64_t seed) {
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
  march.design = box(5);
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
  // A nonlinear medium beside the design region, small enough to keep the loss smooth.
  NonlinearField nonlinear{below(group), box(3), {}, {}};
  const bool free = !overlap(nonlinear.box, march.design) &&
                    std::none_of(setup.poles.begin(), setup.poles.end(),
                                 [&](const PoleField& p) { return overlap(p.box, nonlinear.box); });
  if (free && chance(0.5)) {
    nonlinear.square.assign(nonlinear.box.count(), 0.05);
    nonlinear.cube.assign(nonlinear.box.count(), 0.1);
    setup.nonlinear.push_back(nonlinear);
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

void expect_same(const TimeDomain& a, const TimeDomain& b) {
  RC_ASSERT(data_of(a).spectra == data_of(b).spectra);
  RC_ASSERT(data_of(a).records == data_of(b).records);
  for (int c = 0; c < component_count(a.size().system); ++c) RC_ASSERT(a.field(c) == b.field(c));
}

RC_GTEST_PROP(TimeDomainProperty, GoesOnWithAnyScheduleAndThreads, (std::uint64_t seed)) {
  RandomMarch one = draw_march(seed);
  one.setup.precision = seed % 2 == 0 ? Precision::f32 : Precision::f64;
  TimeDomain whole(one.setup), early(one.setup);
  one.setup.schedule = {seed % 3 != 0, static_cast<int>(seed % 5), static_cast<int>(seed % 4), 2};
  TimeDomain late(one.setup);
  const long stop = *rc::gen::inRange<long>(0, one.steps);
  whole.run(one.steps);
  early.run(stop);
  late.load_state(early.save_state());
  late.run(one.steps - stop);
  expect_same(whole, late);
}

RC_GTEST_PROP(TimeDomainProperty, DerivativesAgreeWithFiniteDifferences, (std::uint64_t seed)) {
  const RandomMarch one = draw_march(seed);
  TimeDomain march(one.setup);
  const LeapfrogSize size = march.size();
  const GradientWants wants{true, true, true, true};
  const TimeDomainGradient gradient =
      march.pull_back(one.steps, one.design, loss_cotangents, {}, wants);

  GradientMemory few{MemoryMode::checkpoint};
  few.budget_bytes = gradient.plan.bytes / 4 + seed % 3 * 100000;
  const TimeDomainGradient again =
      march.pull_back(one.steps, one.design, loss_cotangents, few, wants);
  RC_ASSERT(again.coefficient == gradient.coefficient);
  RC_ASSERT(again.second_coefficient == gradient.second_coefficient);
  RC_ASSERT(again.decay == gradient.decay);
  RC_ASSERT(again.initial == gradient.initial);
  RC_ASSERT(again.signals == gradient.signals);

  // One direction through everything at once.
  const Random random(seed, 6);
  std::uint64_t next = 0;
  double along = 0.0, sizes = 0.0;
  std::vector<std::function<void(TimeDomainSetup&, double)>> moves;
  const int group = first_group_size(size.system);
  const auto in_design = [&](auto member, std::size_t c, const std::vector<double>& derivative) {
    std::vector<double> direction;
    for (const double g : derivative) {
      direction.push_back(random.uniform(next++, -1.0, 1.0));
      along += g * direction.back();
      sizes += std::abs(g);
    }
    moves.push_back([&, member, c, direction](TimeDomainSetup& setup, double by) {
      std::vector<double>& values = (setup.*member)[c];
      if (values.size() != size.count())
        values.assign(size.count(), values.empty() ? 1.0 : values.front());
      std::size_t from = 0;
      for (int k = one.design.begin[2]; k < one.design.end[2]; ++k)
        for (int j = one.design.begin[1]; j < one.design.end[1]; ++j)
          for (int i = one.design.begin[0]; i < one.design.end[0]; ++i)
            values[size.index(i, j, k)] += by * direction[from++];
    });
  };
  for (int c = 0; c < component_count(size.system); ++c) {
    const std::size_t at = static_cast<std::size_t>(c);
    in_design(&TimeDomainSetup::coefficient, at,
              c < group ? gradient.coefficient[at]
                        : gradient.second_coefficient[static_cast<std::size_t>(c - group)]);
    in_design(&TimeDomainSetup::decay, at, gradient.decay[at]);
    std::vector<double> direction;
    for (const double g : gradient.initial[at]) {
      direction.push_back(random.uniform(next++, -1.0, 1.0));
      along += g * direction.back();
      sizes += std::abs(g);
    }
    moves.push_back([at, direction](TimeDomainSetup& setup, double by) {
      setup.initial[at].resize(direction.size());
      for (std::size_t i = 0; i < direction.size(); ++i) setup.initial[at][i] += by * direction[i];
    });
  }
  const auto loss = [&](double by) {
    TimeDomainSetup moved = one.setup;
    for (const auto& move : moves) move(moved, by);
    return loss_of(std::move(moved), one.steps);
  };
  const auto difference = [&](double h) {
    return (8.0 * (loss(h) - loss(-h)) - (loss(2.0 * h) - loss(-2.0 * h))) / (12.0 * h);
  };
  // Fourth order: what a step half as long changes is 15 times its own error, rounding aside.
  const double h = 1e-4, coarse = difference(2.0 * h), fine = difference(h);
  const double uncertain = std::abs(coarse - fine) / 5.0 + 1e-12 * loss(0.0) / h;
  RC_LOG() << "seed " << seed << ": " << along << " against " << fine << " +- " << uncertain
           << "\n";
  // Per the size of the terms, which may cancel.
  RC_ASSERT(std::abs(fine - along) <= 1e-6 * std::max(std::abs(along), 1e-3 * sizes) + uncertain);
  RC_ASSERT(uncertain <= 1e-3 * std::max(std::abs(along), 1e-3 * sizes) + 1e-6);
}

}  // namespace
}  // namespace wavesmith
#endif
