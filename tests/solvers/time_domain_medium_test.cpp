// A march through another medium in the memory of the one before, against a new march.
#include <gtest/gtest.h>

#include <cstdio>

#include "core/error.hpp"
#include "solvers/time_domain.hpp"
#include "tests/solvers/random_marches.hpp"

namespace wavesmith {
namespace {

using namespace time_domain_scenes;

// Coefficients of every shape that a setup may have, and tensors with more, fewer and other
// elements than those before.
void change_medium(TimeDomainSetup& setup, std::uint64_t seed) {
  const Random random(seed, 9);
  std::uint64_t next = 0;
  const auto number = [&](double low, double high) { return random.uniform(next++, low, high); };
  const std::size_t points =
      make_grid_lines(setup.system, setup.grid, setup.boundaries, setup.nodes, 1.0, setup.dt)
          .size.count();
  for (int c = 0; c < component_count(setup.system); ++c) {
    std::vector<double>& values = setup.coefficient[static_cast<std::size_t>(c)];
    const double shape = number(0.0, 1.0);
    values.resize(shape < 0.1 ? 0 : shape < 0.3 ? 1 : points);
    for (double& value : values) value = number(0.3, 1.0);
  }
  for (auto& row : setup.off_diagonal) {
    const double share = number(0.0, 1.2);
    std::erase_if(row, [&](const OffDiagonal&) { return number(0.0, 1.0) > share; });
    for (OffDiagonal& entry : row) entry = {entry.point, number(-0.1, 0.1), number(-0.1, 0.1)};
  }
}

void expect_same(const TimeDomainGradient& a, const TimeDomainGradient& b) {
  EXPECT_EQ(a.coefficient, b.coefficient);
  EXPECT_EQ(a.second_coefficient, b.second_coefficient);
  EXPECT_EQ(a.off_diagonal, b.off_diagonal);
  EXPECT_EQ(a.decay, b.decay);
  EXPECT_EQ(a.initial, b.initial);
  EXPECT_EQ(a.signals, b.signals);
  EXPECT_EQ(a.error_estimate, b.error_estimate);
  ASSERT_EQ(a.poles.size(), b.poles.size());
  for (std::size_t p = 0; p < a.poles.size(); ++p) {
    EXPECT_EQ(a.poles[p].a1, b.poles[p].a1);
    EXPECT_EQ(a.poles[p].gain, b.poles[p].gain);
  }
  ASSERT_EQ(a.nonlinear.size(), b.nonlinear.size());
  for (std::size_t n = 0; n < a.nonlinear.size(); ++n)
    EXPECT_EQ(a.nonlinear[n].cube, b.nonlinear[n].cube);
}

class AnotherMedium : public testing::TestWithParam<Precision> {};

// March, state and derivatives, one medium after the other, whatever was done with the one before.
TEST_P(AnotherMedium, GivesTheBitsOfANewMarch) {
  int marches = 0, with_tensor = 0, with_poles = 0, with_decay = 0;
  for (std::uint64_t seed = 0; seed < 24; ++seed) {
    RandomMarch drawn = draw_march(seed);
    TimeDomainSetup& setup = drawn.setup;
    setup.precision = GetParam();
    with_poles += !setup.poles.empty();
    with_decay += !setup.decay[0].empty();
    TimeDomain kept(setup);
    kept.run(drawn.steps / 2);
    for (std::uint64_t medium = 0; medium < 4; ++medium) {
      if (medium > 0) change_medium(setup, 10 * seed + medium);
      bool tensor = false;
      for (const auto& row : setup.off_diagonal) tensor = tensor || !row.empty();
      with_tensor += tensor;
      SCOPED_TRACE("march " + std::to_string(seed) + ", medium " + std::to_string(medium));
      std::vector<std::vector<double>> weights;
      if (medium % 2 == 1)
        for (TimeSource& source : setup.sources) {
          for (double& weight : source.weights) weight *= 1.0 + 0.1 * static_cast<double>(medium);
          weights.push_back(source.weights);
        }
      kept.set_medium(setup.coefficient, setup.off_diagonal, weights);
      EXPECT_EQ(kept.step(), 0);
      EXPECT_EQ(kept.setup().coefficient, setup.coefficient);
      TimeDomain fresh(setup);
      for (TimeDomain* march : {&kept, &fresh}) march->run(drawn.steps);
      const TimeDomainData left = data_of(kept), right = data_of(fresh);
      EXPECT_EQ(left.spectra, right.spectra);
      EXPECT_EQ(left.records, right.records);
      EXPECT_TRUE(kept.save_state() == fresh.save_state());

      GradientWants wants;
      wants.second_group = !tensor || setup.system == WaveSystem::maxwell;
      for (const auto& row : setup.off_diagonal) wants.second_group &= row.empty();
      wants.decay = wants.poles = wants.initial = wants.nonlinear = true;
      GradientMemory memory;
      memory.budget_bytes = std::uint64_t{1} << (medium % 2 == 0 ? 30 : 21);
      expect_same(kept.pull_back(drawn.steps, drawn.design, loss_cotangents, memory, wants),
                  fresh.pull_back(drawn.steps, drawn.design, loss_cotangents, memory, wants));
      ++marches;
    }
  }
  EXPECT_GT(with_tensor, 10);
  EXPECT_GT(with_poles, 5);
  EXPECT_GT(with_decay, 5);
  std::printf("%d media, %d of them with off-diagonal elements\n", marches, with_tensor);
}

INSTANTIATE_TEST_SUITE_P(, AnotherMedium, testing::Values(Precision::f32, Precision::f64),
                         [](const auto& one) {
                           return one.param == Precision::f32 ? "f32" : "f64";
                         });

// From spectra alone, whose fields are recorded as the sources allow.
TEST(SetMedium, GivesTheBitsOfANewMarchFromSpectra) {
  for (const Precision precision : {Precision::f32, Precision::f64})
    for (const Scene& scene : scenes()) {
      SCOPED_TRACE(scene.name);
      TimeDomainSetup setup = setup_of(scene, 5);
      setup.precision = precision;
      setup.time_monitors.clear();
      GradientMemory memory;
      memory.mode = MemoryMode::dft;
      const auto gradient = [&](TimeDomain& march) {
        return march.pull_back(300, design_of(march.size()), loss_cotangents, memory);
      };
      TimeDomain kept(setup);
      gradient(kept);
      change_medium(setup, 3);
      kept.set_medium(setup.coefficient, setup.off_diagonal);
      TimeDomain fresh(setup);
      expect_same(gradient(kept), gradient(fresh));
    }
}

TEST(SetMedium, RefusedChangesNothing) {
  TimeDomainSetup setup = setup_of(scenes()[0], 4);
  TimeDomain march(setup);
  march.run(30);
  const std::vector<std::byte> before = march.save_state();
  TimeDomainSetup other = setup;
  change_medium(other, 1);
  const auto refused = [&](const TimeDomainSetup& wrong, const std::string& why) {
    try {
      march.set_medium(wrong.coefficient, wrong.off_diagonal);
      ADD_FAILURE() << why;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(why), std::string::npos) << error.what();
    }
    EXPECT_EQ(march.setup().coefficient, setup.coefficient);
    EXPECT_EQ(march.step(), 30);
    EXPECT_TRUE(march.save_state() == before);
  };
  TimeDomainSetup wrong = other;
  wrong.coefficient[1].assign(7, 0.5);
  refused(wrong, "the coefficient of Ey has 7 numbers");
  wrong = other;
  wrong.off_diagonal[0] = {{march.size().count(), 0.1, 0.1}};
  refused(wrong, "an off-diagonal element of the medium");
  march.run(30);
  TimeDomain undisturbed(setup);
  for (int half = 0; half < 2; ++half) undisturbed.run(30);
  EXPECT_TRUE(march.save_state() == undisturbed.save_state());
}

}  // namespace
}  // namespace wavesmith
