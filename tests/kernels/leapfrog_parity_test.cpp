// The leapfrog engine on a GPU against the one on the CPU, over the same family of marches.
#include <gtest/gtest.h>

#include <cstdio>
#include <limits>

#include "core/error.hpp"
#include "kernels/device.hpp"
#include "tests/kernels/march_fixture.hpp"

namespace wavesmith {
namespace {

using namespace test;

// On few points threads wait for each other longer than they work.
const LeapfrogSchedule one_thread{.threads = 1};

class LeapfrogParity : public testing::Test {
 protected:
  void SetUp() override {
    if (list_cuda_devices().empty())
      GTEST_SKIP() << "there is no CUDA device, or this build has no CUDA: nothing was compared";
  }
};

template <class T>
void expect_parity(double tolerance) {
  double worst = 0.0;
  std::uint64_t seed = 1;
  for (const MarchCase& one : march_cases())
    for (const bool transposed : {false, true}) {
      const March march = random_march(one, seed++);
      const auto engine = make_cuda_leapfrog<T>(one.size, 0);
      const auto again = make_cuda_leapfrog<T>(one.size, 0);
      const auto host = make_host_leapfrog<T>(one.size, one_thread);
      load(*engine, march, transposed);
      load(*again, march, transposed);
      load(*host, march, transposed);
      for (const auto& [first, steps] : {std::pair{3L, 5}, {8L, 70}, {78L, 16}}) {
        const auto shown = go_on(*engine, march, first, steps);
        const double difference = largest_difference(shown, go_on(*host, march, first, steps));
        worst = std::max(worst, difference);
        EXPECT_LT(difference, tolerance) << one.name << " from step " << first;
        EXPECT_EQ(go_on(*again, march, first, steps), shown) << one.name;
      }
    }
  std::printf("worst difference %.1e\n", worst);
}

TEST_F(LeapfrogParity, Double) {
  expect_parity<double>(1e-12);
}

TEST_F(LeapfrogParity, Float) {
  expect_parity<float>(1e-5);
}

TEST_F(LeapfrogParity, StateAndPeaks) {
  std::uint64_t seed = 70;
  for (const MarchCase& one : march_cases()) {
    const March march = random_march(one, seed++);
    const auto engine = make_cuda_leapfrog<float>(one.size, 0);
    const auto late = make_cuda_leapfrog<float>(one.size, 0);
    load(*engine, march, false);
    load(*late, march, false);
    go_on(*engine, march, 0, 9);
    std::vector<float> state(engine->state_size());
    engine->save_state(state);
    const auto expected = go_on(*engine, march, 9, 14);
    late->load_state(state);
    EXPECT_EQ(go_on(*late, march, 9, 14), expected) << one.name;
    EXPECT_TRUE(engine->finite());
    const auto host = make_host_leapfrog<float>(one.size, one_thread);
    host->write_field(0, expected[0]);
    EXPECT_EQ(engine->peak(0).value, host->peak(0).value) << one.name;
    EXPECT_EQ(engine->peak(0).at, host->peak(0).at) << one.name;
    std::vector<double> bad = expected[0];
    bad[bad.size() / 2] = std::numeric_limits<double>::quiet_NaN();
    engine->write_field(0, bad);
    EXPECT_FALSE(engine->finite()) << one.name;
  }
}

TEST_F(LeapfrogParity, WhatDoesNotFitIsUnavailable) {
  EXPECT_THROW(make_cuda_leapfrog<float>(march_cases()[0].size, 4096), UnavailableError);
  const LeapfrogSize huge{WaveSystem::maxwell, {1 << 14, 1 << 14, 1 << 10}, {}, {}, {}, {}};
  EXPECT_THROW(make_cuda_leapfrog<double>(huge, 0), UnavailableError);
}

}  // namespace
}  // namespace wavesmith
