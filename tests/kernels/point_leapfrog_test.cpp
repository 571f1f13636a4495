// The leapfrog engine with one thread a point, on a machine of loops, against the CPU's engine.
#include "kernels/point_leapfrog.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <limits>
#include <stdexcept>

#include "tests/kernels/emulated_machine.hpp"
#include "tests/kernels/march_fixture.hpp"

namespace wavesmith {
namespace {

using namespace test;

// On few points threads wait for each other longer than they work.
const LeapfrogSchedule one_thread{.threads = 1};

template <class T>
using Emulated = PointLeapfrog<T, EmulatedMachine>;

template <class T>
double worst_difference(bool transposed) {
  double worst = 0.0;
  std::uint64_t seed = 1;
  for (const MarchCase& one : march_cases()) {
    const March march = random_march(one, seed++);
    Emulated<T> engine(one.size, EmulatedMachine{});
    const auto host = make_host_leapfrog<T>(one.size, one_thread);
    load(engine, march, transposed);
    load(*host, march, transposed);
    // Replayed sequences, single steps, and chunks of records that end between two records.
    for (const auto& [first, steps] : {std::pair{3L, 5}, {8L, 70}, {78L, 16}}) {
      const double difference =
          largest_difference(go_on(engine, march, first, steps), go_on(*host, march, first, steps));
      worst = std::max(worst, difference);
      EXPECT_LT(difference, sizeof(T) == 8 ? 1e-12 : 1e-5) << one.name << " from step " << first;
    }
  }
  return worst;
}

TEST(PointLeapfrog, IsTheMarchOfTheHost) {
  for (const bool transposed : {false, true})
    std::printf("%s: f64 %.1e, f32 %.1e\n", transposed ? "transposed" : "forward",
                worst_difference<double>(transposed), worst_difference<float>(transposed));
}

// Started over, in the same memory, with a tap that records where it is told and one that does not.
template <class T>
void expect_same_started_over(LeapfrogEngine<T>& engine, const March& march) {
  const int steps = 19;
  load(engine, march, true);
  go_on(engine, march, 0, 7);
  engine.start_over();
  set_off(engine, march, false);
  std::vector<std::vector<double>> expected = go_on(engine, march, 0, steps);
  engine.start_over();
  set_off(engine, march, false);
  ASSERT_GE(march.taps.size(), 2U);
  const int every = march.taps[0].every;
  std::vector<T> memory(march.taps[0].box.count() *
                        static_cast<std::size_t>((steps + every - 1) / every));
  engine.record_to(0, memory);
  engine.record_to(1, {});
  std::vector<std::vector<double>> told = go_on(engine, march, 0, steps);
  EXPECT_EQ(engine.tap_record(0).data(), memory.data());
  const std::size_t components = march.start.size();
  EXPECT_TRUE(told[components + 1].empty());
  told[components + 1] = expected[components + 1];
  EXPECT_EQ(told, expected) << march.one.name;
}

TEST(PointLeapfrog, StartsOverAndRecordsWhereItIsTold) {
  std::uint64_t seed = 30;
  for (const MarchCase& one : march_cases()) {
    const March march = random_march(one, seed++);
    Emulated<double> engine(one.size, EmulatedMachine{});
    expect_same_started_over(engine, march);
    const auto host = make_host_leapfrog<float>(one.size, one_thread);
    expect_same_started_over(*host, march);
    // Against one that has never done anything else.
    const auto fresh = make_host_leapfrog<float>(one.size, one_thread);
    load(*fresh, march, false);
    host->start_over();
    set_off(*host, march, false);
    EXPECT_EQ(go_on(*fresh, march, 0, 19), go_on(*host, march, 0, 19)) << one.name;
  }
}

TEST(PointLeapfrog, TheOrderOfThreadsDoesNotMatter) {
  std::uint64_t seed = 50;
  for (const MarchCase& one : march_cases())
    for (const bool transposed : {false, true}) {
      const March march = random_march(one, seed++);
      Emulated<double> forwards(one.size, EmulatedMachine{}),
          backwards(one.size, EmulatedMachine{true});
      load(forwards, march, transposed);
      load(backwards, march, transposed);
      EXPECT_EQ(go_on(forwards, march, 0, 19), go_on(backwards, march, 0, 19)) << one.name;
    }
}

TEST(PointLeapfrog, GoesOnFromASavedState) {
  std::uint64_t seed = 70;
  for (const MarchCase& one : march_cases()) {
    const March march = random_march(one, seed++);
    Emulated<float> engine(one.size, EmulatedMachine{}), late(one.size, EmulatedMachine{});
    load(engine, march, false);
    load(late, march, false);
    go_on(engine, march, 0, 9);
    std::vector<float> state(engine.state_size());
    engine.save_state(state);
    const auto expected = go_on(engine, march, 9, 14);
    late.load_state(state);
    EXPECT_EQ(go_on(late, march, 9, 14), expected) << one.name;
  }
}

TEST(PointLeapfrog, PeaksAreTheHosts) {
  std::uint64_t seed = 90;
  for (const MarchCase& one : march_cases()) {
    March march = random_march(one, seed++);
    for (const double bad : {0.0, -5.0, std::numeric_limits<double>::quiet_NaN(),
                             -std::numeric_limits<double>::infinity()}) {
      Emulated<float> engine(one.size, EmulatedMachine{});
      const auto host = make_host_leapfrog<float>(one.size, one_thread);
      march.start[0][one.size.count() / 3] = march.start[0][one.size.count() / 2] = bad;
      load(engine, march, false);
      load(*host, march, false);
      EXPECT_EQ(engine.finite(), std::isfinite(bad));
      for (int c = 0; c < component_count(one.size.system); ++c) {
        EXPECT_EQ(engine.peak(c).value, host->peak(c).value) << one.name;
        EXPECT_EQ(engine.peak(c).at, host->peak(c).at) << one.name;
      }
    }
  }
}

// A medium that is changed between runs, and drives and taps that come later.
TEST(PointLeapfrog, ChangesTakeEffect) {
  const MarchCase one = march_cases()[1];
  const March march = random_march(one, 5), other = random_march(one, 6);
  Emulated<double> engine(one.size, EmulatedMachine{});
  const auto host = make_host_leapfrog<double>(one.size, one_thread);
  for (LeapfrogEngine<double>* e : {static_cast<LeapfrogEngine<double>*>(&engine), host.get()}) {
    load(*e, march, false);
    go_on(*e, march, 0, 10);
    for (int c = 0; c < 6; ++c) {
      e->set_coefficient(c, other.coefficient[static_cast<std::size_t>(c)]);
      e->set_decay(c, std::vector<double>{0.99});
    }
    e->set_metric(1, other.metrics[1]);
    e->add_tap(2, {{3, 3, 3}, {6, 5, 4}}, 2);
    e->add_drive(4, {{2, 3, 3}, {6, 5, 4}}, 0, {});
  }
  EXPECT_LT(largest_difference(go_on(engine, march, 10, 21), go_on(*host, march, 10, 21)), 1e-12);
  EXPECT_EQ(engine.tap_record(7).size(), host->tap_record(7).size());
}

TEST(PointLeapfrog, MemoryIsWhatWasEstimatedAndLessWithFewMedia) {
  for (const MarchCase& one : march_cases()) {
    if (one.poles || one.decay || one.extra != MarchCase::Extra::none) continue;
    Emulated<float> engine(one.size, EmulatedMachine{});
    load(engine, random_march(one, 1), false);
    engine.run(0, 1);
    EXPECT_LE(engine.bytes(), estimate_point_leapfrog_bytes(one.size, sizeof(float))) << one.name;
  }
  const LeapfrogSize size{WaveSystem::maxwell, {64, 64, 64}, {}, {}, {}, {}};
  const auto bytes_with = [&](int kinds) {
    Emulated<float> engine(size, EmulatedMachine{});
    std::vector<double> values(size.count());
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = 1.0 + static_cast<double>(i % static_cast<std::size_t>(kinds));
    for (int c = 0; c < 3; ++c) engine.set_coefficient(c, values);
    engine.run(0, 1);
    return static_cast<double>(engine.bytes()) / static_cast<double>(size.count());
  };
  const double same = bytes_with(1), few = bytes_with(200), many = bytes_with(60000);
  const double any = bytes_with(1 << 18);
  std::printf("bytes a point: %.1f, %.1f, %.1f, %.1f\n", same, few, many, any);
  EXPECT_NEAR(few - same, 1.5, 0.1);  // of a row of 96 numbers, 64 are points
  EXPECT_NEAR(many - same, 3.0 + 60000 * 24.0 / static_cast<double>(size.count()), 0.2);
  EXPECT_NEAR(any - same, 18.0, 1.0);
}

TEST(MediumCodes, NameEveryCombination) {
  const std::vector<float> a{1, 1, 2, 2, 1}, b{3};
  const auto codes = encode_medium<float>(5, {a, b, b, {}, {}, {}});
  ASSERT_EQ(codes.table.size(), 2U);
  EXPECT_EQ(codes.code, (std::vector<std::uint16_t>{0, 0, 1, 1, 0}));
  EXPECT_EQ(codes.table[1], (std::array<float, 6>{2, 3, 3, 1, 1, 1}));
  EXPECT_TRUE(encode_medium<float>(5, {b, b, b, {}, {}, {}}).code.empty());
  std::vector<double> all(65537);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<double>(i);
  EXPECT_TRUE(encode_medium<double>(all.size(), {all, {}, {}, {}, {}, {}}).table.empty());
  all.pop_back();
  EXPECT_EQ(encode_medium<double>(all.size(), {all, {}, {}, {}, {}, {}}).table.size(), 65536U);
}

}  // namespace
}  // namespace wavesmith
