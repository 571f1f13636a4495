// Records in time, and going on from a saved state.
#include <gtest/gtest.h>

#include <bit>

#include "core/error.hpp"
#include "solvers/time_domain.hpp"
#include "tests/solvers/time_domain_scenes.hpp"

namespace wavesmith {
namespace {

using namespace time_domain_scenes;

void expect_same(const TimeDomain& a, const TimeDomain& b, const char* name) {
  const TimeDomainData left = data_of(a), right = data_of(b);
  EXPECT_EQ(a.step(), b.step()) << name;
  EXPECT_EQ(left.spectra, right.spectra) << name;
  EXPECT_EQ(left.records, right.records) << name;
  for (std::size_t m = 0; m < left.records.size(); ++m)
    EXPECT_EQ(a.record_times(static_cast<int>(m)), b.record_times(static_cast<int>(m))) << name;
  for (int c = 0; c < component_count(a.size().system); ++c)
    EXPECT_EQ(a.field(c), b.field(c)) << name;
}

std::vector<Precision> precisions() {
  return {Precision::f32, Precision::f64};
}

TEST(TimeDomainState, RunsInPiecesGiveTheSameBits) {
  for (const Scene& scene : scenes())
    for (const Precision precision : precisions()) {
      TimeDomainSetup setup = setup_of(scene, 8);
      setup.precision = precision;
      TimeDomain whole(setup), pieces(setup);
      whole.run(203);
      for (const long steps : {1L, 70L, 64L, 13L, 55L}) pieces.run(steps);
      expect_same(whole, pieces, scene.name);
    }
}

// The state is loaded into a march that has gone elsewhere, with other threads and schedule.
TEST(TimeDomainState, GoingOnGivesTheSameBits) {
  for (const Scene& scene : scenes())
    for (const Precision precision : precisions()) {
      const long stop = 101;
      TimeDomainSetup setup = setup_of(scene, 8);
      setup.precision = precision;
      setup.schedule.threads = 1;
      TimeDomain whole(setup), early(setup);
      setup.schedule = {true, 3, 2, 2};
      TimeDomain late(setup);
      late.run(17);
      whole.run(180);
      early.run(stop);
      const std::vector<std::byte> state = early.save_state();
      late.load_state(state);
      expect_same(early, late, scene.name);
      EXPECT_EQ(late.save_state(), state) << scene.name;
      late.run(180 - stop);
      expect_same(whole, late, scene.name);
    }
}

TEST(TimeDomainState, WhatIsNotAStateOfTheSetupIsRefused) {
  const TimeDomainSetup setup = setup_of(scenes()[2], 8);
  TimeDomain march(setup);
  march.run(70);
  const std::vector<std::byte> state = march.save_state();
  const auto refused = [&](const TimeDomainSetup& other, const std::vector<std::byte>& bytes,
                           const std::string& why) {
    TimeDomain reader(other);
    reader.run(5);
    const std::vector<std::byte> before = reader.save_state();
    try {
      reader.load_state(bytes);
      ADD_FAILURE() << why;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(why), std::string::npos) << error.what();
    }
    EXPECT_EQ(reader.save_state(), before);
  };
  TimeDomainSetup other = setup;
  other.precision = Precision::f32;
  refused(other, state, "double precision");
  other = setup;
  other.dt *= 0.99;
  refused(other, state, "grid");
  other = setup;
  other.coefficient[0][17] += 1e-15;
  refused(other, state, "media");
  other = setup;
  other.sources[0].signal = burst(0.081);
  refused(other, state, "sources");
  other = setup;
  other.time_monitors[0].stride[0] = 1;
  refused(other, state, "monitors");
  refused(setup, {}, "not the saved state");
  std::vector<std::byte> bytes = state;
  bytes[8] = std::byte{9};
  refused(setup, bytes, "version");
  // Cut short anywhere, and one byte too many.
  for (std::size_t length = 8; length < state.size(); length += state.size() / 23)
    refused(setup, std::vector<std::byte>(state.begin(), state.begin() + std::ptrdiff_t(length)),
            "cut short");
  bytes = state;
  bytes.push_back(std::byte{0});
  refused(setup, bytes, "damaged");
}

TEST(TimeDomainState, RecordsAreTheFieldsAtTheirTimes) {
  TimeDomainSetup setup = setup_of(scenes()[2], 4);
  setup.time_monitors = {{0, {{2, 3, 0}, {13, 9, 1}}, 5, {3, 4, 1}},
                         {1, {{0, 0, 0}, {1, 1, 1}}, 1}};
  TimeDomain march(setup), follower(setup);
  march.run(31);
  ASSERT_EQ(setup.time_monitors[0].points(), 8U);
  const std::vector<double> times = march.record_times(0);
  ASSERT_EQ(times.size(), 7U);
  ASSERT_EQ(march.record(0).size(), 56U);
  EXPECT_EQ(march.record_times(1).size(), 31U);
  EXPECT_DOUBLE_EQ(march.record_times(1)[2], 3.5 * setup.dt);
  for (std::size_t r = 0; r < times.size(); ++r) {
    follower.run(r == 0 ? 1 : 5);
    EXPECT_DOUBLE_EQ(times[r], static_cast<double>(follower.step()) * setup.dt);
    const std::vector<double> p = follower.field(0);
    std::size_t at = 8 * r;
    for (int j = 3; j < 9; j += 4)
      for (int i = 2; i < 13; i += 3)
        EXPECT_EQ(march.record(0)[at++], p[march.size().index(i, j, 0)]);
  }
  march.drop_records();
  EXPECT_TRUE(march.record(0).empty());
  march.run(10);
  ASSERT_EQ(march.record(0).size(), 16U);
  EXPECT_DOUBLE_EQ(march.record_times(0)[0], 36.0 * setup.dt);
}

TEST(TimeDomainState, RecordsThatDoNotFitAreRefusedBeforeTheRun) {
  TimeDomainSetup setup = setup_of(scenes()[2], 4);
  setup.time_monitors = {{0, {{0, 0, 0}, {18, 18, 1}}}};
  TimeDomain march(setup);
  EXPECT_THROW(march.run(1L << 40), UnavailableError);
  EXPECT_EQ(march.step(), 0);
  setup.time_monitors[0].stride[1] = 0;
  EXPECT_THROW(TimeDomain other(setup), InputError);
}

}  // namespace
}  // namespace wavesmith
