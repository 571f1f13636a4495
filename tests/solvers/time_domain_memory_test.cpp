// However the forward fields are kept, the derivative is the same.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <map>

#include "core/error.hpp"
#include "solvers/time_domain.hpp"
#include "tests/solvers/time_domain_scenes.hpp"

namespace wavesmith {
namespace {

using namespace time_domain_scenes;

// The least number of advances, by trying all places for the next state.
long fewest_advances(long l, long c, std::map<std::pair<long, long>, long>& known) {
  if (l <= 1) return 0;
  if (c == 1) return l * (l - 1) / 2;
  const auto found = known.find({l, c});
  if (found != known.end()) return found->second;
  long least = l * l;
  for (long m = 1; m < l; ++m)
    least =
        std::min(least, m + fewest_advances(l - m, c - 1, known) + fewest_advances(m, c, known));
  return known[{l, c}] = least;
}

TEST(GradientPlan, AdvancesAsLittleAsPossible) {
  std::map<std::pair<long, long>, long> known;
  for (long l = 1; l <= 60; ++l)
    for (long c = 1; c <= 6; ++c) {
      EXPECT_EQ(segments_again(l, c), fewest_advances(l, c, known)) << l << " " << c;
      if (l < 2 || c < 2) continue;
      const long m = next_state_after(l, c);
      EXPECT_EQ(m + segments_again(l - m, c - 1) + segments_again(m, c), segments_again(l, c));
    }
}

TEST(GradientPlan, StaysInItsBudgetAndCostsLittle) {
  const std::uint64_t step = 3000, state = 1000000;
  const long steps = 10000;
  GradientMemory memory;
  memory.budget_bytes = (steps + 1) * step;
  EXPECT_EQ(plan_storage(steps, step, state, memory).mode, MemoryMode::store);
  for (const std::uint64_t budget : {29000000, 10000000, 5500000, 3000000}) {
    memory.budget_bytes = budget;
    const GradientPlan plan = plan_storage(steps, step, state, memory);
    std::printf("%s\n", plan.text().c_str());
    EXPECT_EQ(plan.mode, MemoryMode::checkpoint);
    EXPECT_LE(plan.bytes, budget);
    // 30 MB would store all.
    EXPECT_LE(plan.forward_runs, budget >= 10000000 ? 3.0 : budget >= 5000000 ? 3.5 : 5.0);
  }
  memory.budget_bytes = 5999;
  EXPECT_THROW(plan_storage(steps, step, state, memory), UnavailableError);
  memory = {MemoryMode::store, 1000};
  EXPECT_THROW(plan_storage(steps, step, state, memory), UnavailableError);
}

void expect_same(const TimeDomainGradient& a, const TimeDomainGradient& b) {
  EXPECT_EQ(a.coefficient, b.coefficient);
  EXPECT_EQ(a.second_coefficient, b.second_coefficient);
  EXPECT_EQ(a.decay, b.decay);
  EXPECT_EQ(a.initial, b.initial);
  EXPECT_EQ(a.signals, b.signals);
  ASSERT_EQ(a.poles.size(), b.poles.size());
  for (std::size_t p = 0; p < a.poles.size(); ++p) {
    EXPECT_EQ(a.poles[p].a1, b.poles[p].a1);
    EXPECT_EQ(a.poles[p].a2, b.poles[p].a2);
    EXPECT_EQ(a.poles[p].a3, b.poles[p].a3);
    EXPECT_EQ(a.poles[p].gain, b.poles[p].gain);
  }
}

TEST(TimeDomainGradient, CheckpointsGiveTheSameBits) {
  const long steps = 90;
  const GradientWants wants{true, true, true, true};
  for (const Scene& scene : scenes())
    for (const Precision precision : {Precision::f32, Precision::f64}) {
      TimeDomainSetup setup = setup_of(scene, 5);
      setup.precision = precision;
      setup.schedule.threads = 1;
      TimeDomain march(setup);
      const GridBox design{{}, march.size().points};  // over layers, sources and poles
      const TimeDomainGradient stored =
          march.pull_back(steps, design, loss_cotangents, {MemoryMode::store}, wants);
      const TimeDomainData seen = data_of(march);
      EXPECT_EQ(stored.plan.forward_runs, 2.0);
      march.restart();
      const std::uint64_t state = march.save_state().size(), all = stored.plan.bytes;
      for (const std::uint64_t budget : {all / 2, all / 8 + 2 * state, all / 12}) {
        const GradientMemory memory{MemoryMode::checkpoint, budget};
        const GradientPlan plan = march.plan_gradient(steps, design, memory, wants);
        const TimeDomainGradient again =
            march.pull_back(steps, design, loss_cotangents, memory, wants);
        EXPECT_EQ(again.plan.text(), plan.text());
        expect_same(stored, again);
        EXPECT_EQ(data_of(march).spectra, seen.spectra);
        EXPECT_EQ(data_of(march).records, seen.records);
        if (precision == Precision::f64) std::printf("%s: %s\n", scene.name, plan.text().c_str());
      }
      // What comes after is a run from the start.
      march.run(steps);
      EXPECT_EQ(data_of(march).spectra, seen.spectra);
    }
}

// Against the stored run, once the fields have decayed; poles and conductivity are in the design
// region, frequencies lie close to each other and far apart.
TEST(TimeDomainGradient, SpectraGiveTheSameOnceFieldsHaveDecayed) {
  const GradientMemory dft{MemoryMode::dft};
  for (const Scene& scene : scenes())
    for (const Precision precision : {Precision::f32, Precision::f64}) {
      TimeDomainSetup setup = setup_of(scene, 5);
      setup.precision = precision;
      setup.time_monitors.clear();
      setup.monitors[0].frequencies = {0.05, 0.06, 0.1};
      setup.monitors[2].every = 1;
      setup.schedule.threads = 1;
      for (auto& decay : setup.decay)
        for (double& d : decay) d = 0.95 + 0.4 * (d - 0.95);
      // Passive: what a charge that rests pulls in must be less than what flows off.
      for (PoleField& pole : setup.poles)
        if (pole.relaxing) pole.gain.assign(pole.gain.size(), 0.01);
      TimeDomain march(setup);
      GridBox design = design_of(march.size());
      for (int& begin : design.begin) begin = begin > 0 ? 5 : 0;
      const long steps = 2000;
      const TimeDomainGradient exact = march.pull_back(steps, design, loss_cotangents);
      const TimeDomainGradient found = march.pull_back(steps, design, loss_cotangents, dft);
      double error = 0.0, norm = 0.0, signal_error = 0.0, signal_norm = 0.0;
      for (std::size_t c = 0; c < 3; ++c)
        for (std::size_t p = 0; p < exact.coefficient[c].size(); ++p) {
          error += std::pow(found.coefficient[c][p] - exact.coefficient[c][p], 2);
          norm += std::pow(exact.coefficient[c][p], 2);
        }
      // Late signals have no time to arrive in the stored run.
      for (std::size_t s = 0; s < exact.signals.size(); ++s)
        for (std::size_t n = 0; n < exact.signals[s].size() / 3; ++n) {
          signal_error += std::pow(found.signals[s][n] - exact.signals[s][n], 2);
          signal_norm += std::pow(exact.signals[s][n], 2);
        }
      error = std::sqrt(error / norm);
      signal_error = std::sqrt(signal_error / signal_norm);
      std::printf("%s: %.1e, signals %.1e, estimate %.1e, %s\n", scene.name, error, signal_error,
                  found.error_estimate, found.plan.text().c_str());
      const double bound = precision == Precision::f32 ? 1e-5 : 1e-8;
      EXPECT_LT(error, bound) << scene.name;
      EXPECT_LT(signal_error, bound) << scene.name;
      EXPECT_LT(found.error_estimate, bound);
      EXPECT_LE(found.plan.forward_runs, 2.5);
    }
}

TEST(TimeDomainGradient, WhatSpectraDoNotTellIsRefused) {
  TimeDomainSetup setup = setup_of(scenes()[2], 5);
  const GradientMemory dft{MemoryMode::dft};
  TimeDomain march(setup);
  const GridBox design = design_of(march.size());
  EXPECT_THROW(march.pull_back(100, design, loss_cotangents, dft), InputError);  // records
  EXPECT_THROW(march.plan_gradient(100, design, dft, {true}), InputError);
  setup.monitors[0].frequencies = {0.05, 0.0500001};
  TimeDomain close(setup);
  EXPECT_THROW(close.pull_back(500, design, loss_cotangents, dft), InputError);
  setup.monitors.clear();
  TimeDomain without(setup);
  EXPECT_THROW(without.plan_gradient(100, design, dft), InputError);
}

}  // namespace
}  // namespace wavesmith
