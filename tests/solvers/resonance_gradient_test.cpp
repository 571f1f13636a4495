// Frequency and decay of a cavity's resonances by its permittivity, through the march and harmonic
// inversion: against differences and first-order perturbation theory.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <vector>

#include "core/random.hpp"
#include "solvers/harmonic_inversion.hpp"
#include "solvers/time_domain.hpp"
#include "solvers/wave_context.hpp"

namespace wavesmith {
namespace {

// A march with one time monitor, and the band in which its resonances are sought.
struct Cavity {
  TimeDomainSetup setup;
  GridBox design;
  long steps = 0;
  std::size_t skip = 0;  // records before the signal
  double low = 0.0, high = 0.0;
};

void set_size(Cavity& cavity, int cells, double length) {
  TimeDomainSetup& setup = cavity.setup;
  setup.system = WaveSystem::scalar;
  setup.speed = 1.0;
  setup.grid.axes[0] = uniform_axis(0.0, length, cells);
  setup.dt = 0.9 * courant_limit(setup.grid, 1.0);
}

// A narrow bump of Ez, which holds many modes.
void set_start(Cavity& cavity, double middle, double width) {
  TimeDomainSetup& setup = cavity.setup;
  const WaveContext context = context_of(setup, Equations::tm);
  std::vector<double>& ez = setup.initial[0];
  ez.resize(context.size.count());
  for (int i = 0; i < point_count(context, 0, Place::edge); ++i) {
    const double x = (setup.grid.axes[0].edge(i) - middle) / width;
    ez[context.size.index(i, 0, 0)] = std::exp(-0.5 * x * x);
  }
}

// Permittivities between 1 and 3, between two walls.
Cavity closed_cavity() {
  Cavity cavity;
  set_size(cavity, 60, 1.0);
  cavity.setup.boundaries.faces[0] = {Boundary::wall, Boundary::wall};
  const WaveContext context = context_of(cavity.setup, Equations::tm);
  const Random random(3, 0);
  for (std::size_t i = 0; i < context.size.count(); ++i)
    cavity.setup.coefficient[0].push_back(1.0 / random.uniform(i, 1.0, 3.0));
  set_start(cavity, 0.31, 0.04);
  cavity.setup.time_monitors.push_back({0, {{17, 0, 0}, {18, 1, 1}}});
  cavity.design = {{1, 0, 0}, {60, 1, 1}};
  cavity.steps = 3000;
  cavity.low = 0.2;
  cavity.high = 1.4;
  return cavity;
}

// A slab of index 6 between absorbing layers.
Cavity open_cavity() {
  Cavity cavity;
  set_size(cavity, 120, 3.0);
  cavity.setup.boundaries.faces[0] = {Boundary::absorbing, Boundary::absorbing};
  cavity.setup.boundaries.layer.cells = 20;
  const WaveContext context = context_of(cavity.setup, Equations::tm);
  std::vector<double>& c = cavity.setup.coefficient[0];
  c.assign(context.size.count(), 1.0);
  for (int i = 40; i <= 80; ++i) c[context.size.index(i, 0, 0)] = 1.0 / 36.0;
  set_start(cavity, 1.43, 0.08);
  cavity.setup.time_monitors.push_back({0, {{52, 0, 0}, {53, 1, 1}}, 4});
  cavity.design = {{40, 0, 0}, {81, 1, 1}};
  cavity.steps = 3200;
  cavity.skip = 20;
  cavity.low = 0.2;
  cavity.high = 0.45;
  return cavity;
}

std::vector<Resonance> find(const Cavity& cavity, std::span<const double> record) {
  HarmonicOptions options;
  options.least_amplitude = 1e-3;
  const double dt = cavity.setup.dt * cavity.setup.time_monitors[0].every;
  return find_resonances(record.subspan(cavity.skip), dt, cavity.low, cavity.high, options);
}

std::vector<Resonance> resonances_of(const Cavity& cavity, std::vector<double> coefficient) {
  TimeDomainSetup setup = cavity.setup;
  setup.coefficient[0] = std::move(coefficient);
  TimeDomain march(std::move(setup));
  march.run(cavity.steps);
  return find(cavity, march.record(0));
}

// By C of each point of the design: of frequency and decay of resonance k.
std::vector<double> gradient_of(const Cavity& cavity, std::size_t k, bool decay) {
  TimeDomain march(cavity.setup);
  const auto loss = [&](const TimeDomainData& data) {
    const std::vector<double>& record = data.records[0];
    const std::vector<Resonance> found = find(cavity, record);
    std::vector<ResonanceCotangent> cotangents(found.size());
    (decay ? cotangents.at(k).decay : cotangents.at(k).frequency) = 1.0;
    TimeDomainData back;
    back.records.emplace_back(record.size());
    HarmonicOptions options;
    options.least_amplitude = 1e-3;
    const double left = pull_back_resonances(
        std::span<const double>(record).subspan(cavity.skip),
        cavity.setup.dt * cavity.setup.time_monitors[0].every, cavity.low, cavity.high, found,
        cotangents, std::span<double>(back.records[0]).subspan(cavity.skip), options);
    std::printf("  left out %.1e\n", left);
    return back;
  };
  GradientMemory memory;
  memory.mode = MemoryMode::store;
  return march.pull_back(cavity.steps, cavity.design, TimeDomain::Loss(loss), memory)
      .coefficient[0];
}

TEST(ResonanceGradient, AgreesWithDifferences) {
  for (const bool open : {false, true}) {
    const Cavity cavity = open ? open_cavity() : closed_cavity();
    const WaveContext context = context_of(cavity.setup, Equations::tm);
    const std::vector<Resonance> base = resonances_of(cavity, cavity.setup.coefficient[0]);
    ASSERT_GE(base.size(), 2u);
    const Random random(8, 0);
    const auto moved = [&](double by) {
      std::vector<double> c = cavity.setup.coefficient[0];
      for_each_point(cavity.design, [&](const std::array<int, 3>& p, std::size_t n) {
        c[context.size.index(p[0], p[1], p[2])] *= 1.0 + by * random.uniform(n, -1.0, 1.0);
      });
      return resonances_of(cavity, c);
    };
    const double h = 1e-3;
    const auto up = moved(h), down = moved(-h), far_up = moved(2.0 * h), far_down = moved(-2.0 * h);
    for (std::size_t k = 0; k < 2; ++k)
      for (const bool decay : {false, true}) {
        if (decay && !open) continue;
        const auto value = [&](const std::vector<Resonance>& of) {
          return decay ? of.at(k).decay : of.at(k).frequency;
        };
        const double difference =
            (8.0 * (value(up) - value(down)) - (value(far_up) - value(far_down))) / (12.0 * h);
        const std::vector<double> gradient = gradient_of(cavity, k, decay);
        double exact = 0.0;
        for_each_point(cavity.design, [&](const std::array<int, 3>& p, std::size_t n) {
          exact += gradient[n] * random.uniform(n, -1.0, 1.0) *
                   cavity.setup.coefficient[0][context.size.index(p[0], p[1], p[2])];
        });
        std::printf("%s, %s of %.4f (Q %.3g): %.6e, off by %.1e\n", open ? "open" : "closed",
                    decay ? "decay" : "frequency", base[k].frequency, base[k].quality, exact,
                    std::abs(exact / difference - 1.0));
        EXPECT_LT(std::abs(exact / difference - 1.0), 1e-6);
      }
  }
}

// The eigenvector of -e'' = lambda mass e, second differences between walls, next to a guess of
// lambda, and its lambda: inverse iteration.
struct Mode {
  std::vector<double> e;
  double lambda = 0.0;
};
Mode mode_near(double guess, const std::vector<double>& mass, double width) {
  const std::size_t n = mass.size();
  const double side = -1.0 / (width * width);
  Mode mode;
  for (std::size_t i = 0; i < n; ++i)
    mode.e.push_back(std::cos(1.7 * static_cast<double>(i)) + 0.3);
  for (int round = 0; round < 12; ++round) {
    std::vector<double> pivot(n), e(n);
    for (std::size_t i = 0; i < n; ++i) {
      const double below = i > 0 ? side / pivot[i - 1] : 0.0;
      pivot[i] = -2.0 * side - guess * mass[i] - below * side;
      e[i] = mass[i] * mode.e[i] - (i > 0 ? below * e[i - 1] : 0.0);
    }
    for (std::size_t i = n; i-- > 0;)
      e[i] = (e[i] - (i + 1 < n ? side * e[i + 1] : 0.0)) / pivot[i];
    double size = 0.0;
    for (std::size_t i = 0; i < n; ++i) size += e[i] * e[i] * mass[i];
    for (double& value : e) value /= std::sqrt(size);
    mode.e = e;
  }
  for (std::size_t i = 0; i < n; ++i) {
    const double before = i > 0 ? mode.e[i - 1] : 0.0, after = i + 1 < n ? mode.e[i + 1] : 0.0;
    mode.lambda += mode.e[i] * side * (before + after - 2.0 * mode.e[i]);
  }
  return mode;
}

// With lambda = (2 sin(pi f dt) / dt)^2 and sum |e|^2 / C = 1, dlambda / lambda = sum |e|^2 dC /
// C^2: df / f = -1/2 integral of deps |E|^2 over that of eps |E|^2, up to the step's dispersion.
TEST(ResonanceGradient, IsThatOfPerturbationTheory) {
  const Cavity cavity = closed_cavity();
  const double width = 1.0 / 60.0, dt = cavity.setup.dt;
  const WaveContext context = context_of(cavity.setup, Equations::tm);
  std::vector<double> mass;
  for (int i = 1; i < 60; ++i)
    mass.push_back(1.0 / cavity.setup.coefficient[0][context.size.index(i, 0, 0)]);
  const std::vector<Resonance> found = resonances_of(cavity, cavity.setup.coefficient[0]);
  ASSERT_GE(found.size(), 2u);
  for (std::size_t k = 0; k < 2; ++k) {
    const double seen = 2.0 * std::sin(pi * found[k].frequency * dt) / dt;
    const Mode mode = mode_near(1.001 * seen * seen, mass, width);
    const double f = std::asin(0.5 * dt * std::sqrt(mode.lambda)) / (pi * dt);
    EXPECT_NEAR(found[k].frequency / f, 1.0, 1e-9);
    const std::vector<double> gradient = gradient_of(cavity, k, false);
    double worst = 0.0, continuum = 0.0, largest = 0.0;
    for (std::size_t i = 0; i < mass.size(); ++i) {
      const double share = mode.e[i] * mode.e[i] * mass[i] * mass[i];
      const double expected = mode.lambda * share * dt / (4.0 * pi * std::sin(2.0 * pi * f * dt));
      worst = std::max(worst, std::abs(gradient[i] - expected));
      continuum = std::max(continuum, std::abs(gradient[i] - 0.5 * f * share));
      largest = std::max(largest, expected);
    }
    std::printf("mode %zu: perturbation theory of the grid %.1e, without dispersion %.1e\n", k,
                worst / largest, continuum / largest);
    EXPECT_LT(worst / largest, 1e-6);
    EXPECT_LT(continuum / largest, 1e-2);
  }
}

}  // namespace
}  // namespace wavesmith
