// The engine on the CPU against plain transforms and products, and what else it promises.
#include "kernels/stack_engine.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <limits>
#include <stdexcept>

#include "kernels/host_team.hpp"
#include "kernels/parallel.hpp"
#include "tests/kernels/stack_fixture.hpp"

namespace wavesmith {
namespace {

using namespace test;

template <class T>
StackResult run_fresh(const StackCase& one, const StackData& data, int threads) {
  const auto engine = make_host_engine<T>(one.size, threads);
  return run_case(*engine, one, data);
}

// A stack of every kind of layer, with channels, small enough to run often.
StackCase small_case(int samples) {
  return {"small",
          stack({gap(9, 10, 10, 9, 20, 18), gap(10, 9, 8, 11, 18, 20), gap(8, 11, 12, 7, 21, 18)},
                {true, false}, 3, 2, 2),
          samples};
}

TEST(StackEngine, MatchesPlainTransformsInDouble) {
  double worst = 0.0;
  for (const StackCase& one : stack_cases())
    for (const int threads : {1, 3}) {
      const StackData data = random_data(one);
      const double error =
          largest_error(run_fresh<double>(one, data, threads), reference_result(one, data));
      EXPECT_LT(error, 1e-12) << one.name << ", " << threads << " threads";
      worst = std::max(worst, error);
    }
  std::printf("worst error in double %.1e\n", worst);
}

TEST(StackEngine, MatchesPlainTransformsInFloat) {
  double worst = 0.0;
  for (const StackCase& one : stack_cases()) {
    const StackData data = random_data(one);
    const double error = largest_error(run_fresh<float>(one, data, 2), reference_result(one, data));
    EXPECT_LT(error, 1e-5) << one.name;
    worst = std::max(worst, error);
  }
  std::printf("worst error in float %.1e\n", worst);
}

// Gaps whose spectra lie differently in memory: a member of a team that is ahead must not write
// where another one still reads.
TEST(StackEngine, TeamsKeepGapsOfDifferentSizesApart) {
  const StackCase one{"sizes",
                      stack({gap(40, 70, 70, 40, 96, 128), gap(70, 40, 33, 90, 400, 144),
                             gap(33, 90, 64, 64, 112, 160), gap(64, 64, 50, 80, 640, 160)},
                            {true, false, true}, 3, 2, 1),
                      1};
  const StackData data = random_data(one);
  const StackResult expected = run_fresh<double>(one, data, 1);
  for (int repeat = 0; repeat < 60; ++repeat)
    for (const int threads : {2, 3})
      ASSERT_TRUE(same_bits(run_fresh<double>(one, data, threads), expected))
          << threads << " threads, repeat " << repeat;
}

template <class T>
void expect_same_bits_for_any_threads() {
  for (const int samples : {1, 2, 7, 19}) {
    const StackCase one = small_case(samples);
    const StackData data = random_data(one);
    const StackResult expected = run_fresh<T>(one, data, 1);
    for (const int threads : {2, 3, 5, 20})  // more threads than samples work in teams
      EXPECT_TRUE(same_bits(run_fresh<T>(one, data, threads), expected))
          << samples << " samples, " << threads << " threads";
  }
}

TEST(StackEngine, SameBitsForAnyNumberOfThreads) {
  expect_same_bits_for_any_threads<float>();
  expect_same_bits_for_any_threads<double>();
}

TEST(StackEngine, SameBitsHoweverOftenAndWhateverBefore) {
  const StackCase many = small_case(18), few = small_case(3);
  const StackData data = random_data(many);
  for (const int threads : {1, 4}) {
    const StackResult expected_many = run_fresh<double>(many, data, 1);
    const StackResult expected_few = run_fresh<double>(few, data, 1);
    const auto engine = make_host_engine<double>(many.size, threads);
    load_engine(*engine, many, data);
    StackRequest<double> forward = request_of<double>(few, data);
    forward.cotangent = {};
    for (int round = 0; round < 2; ++round) {
      EXPECT_TRUE(
          same_bits(run_engine(*engine, many, request_of<double>(many, data)), expected_many));
      std::vector<double> readings(expected_few.readings.size());
      engine->run(forward, readings);
      EXPECT_EQ(readings, expected_few.readings);
      EXPECT_TRUE(same_bits(run_engine(*engine, few, request_of<double>(few, data)), expected_few));
    }
  }
}

TEST(StackEngine, NoSamplesGiveNothing) {
  const StackCase one = small_case(0);
  const StackData data = random_data(one);
  const StackResult result = run_fresh<double>(one, data, 3);
  EXPECT_TRUE(result.readings.empty());
  for (const double g : result.phase_gradient[0]) EXPECT_EQ(g, 0.0);
}

// Called from the threads of another program's parallel loop, where OpenMP gives no more threads.
TEST(StackEngine, RunsInsideAParallelLoop) {
  const StackCase one = small_case(1);
  const StackData data = random_data(one);
  const StackResult expected = run_fresh<double>(one, data, 1);
  std::vector<char> same(2, 0);
  parallel_ranges(8192, 2, [&](std::size_t begin, std::size_t) {
    same[begin > 0 ? 1 : 0] = same_bits(run_fresh<double>(one, data, 4), expected);
  });
  EXPECT_TRUE(same[0] && same[1]);
}

TEST(StackEngine, PhasesBecomeTransmissions) {
  std::vector<double> phases{0.0, 1e-9, -1e-9, 1e3, -1e3};
  for (int eighth = -40; eighth <= 40; ++eighth)
    for (const double aside : {-1e-7, 0.0, 1e-7})
      phases.push_back(eighth * 0.7853981633974483 + aside);
  std::mt19937 generator(5);
  std::uniform_real_distribution<double> angle(-60.0, 60.0);
  while (phases.size() < 400) phases.push_back(angle(generator));
  const auto check = [&]<class T>(T, double tolerance) {
    // A unit field, gaps that change nothing.
    const StackCase one{
        "", stack({gap(20, 20, 20, 20, 20, 20), gap(20, 20, 20, 20, 20, 20)}, {true}, 1)};
    StackData data = random_data(one);
    data.phase[0] = phases;
    for (auto& h : data.transfer) h[0].assign(400, 1.0);
    data.source[0][0].assign(400, 1.0);
    const auto engine = make_host_engine<T>(one.size, 2);
    load_engine(*engine, one, data);
    StackRequest<T> request = request_of<T>(one, data);
    request.observe = [&](int, int, int plane, const LaneShape& shape, LaneField<const T> field) {
      if (plane != 2) return;
      for (std::size_t i = 0; i < 400; ++i) {
        const std::size_t at = shape.index(static_cast<int>(i) / 20, static_cast<int>(i) % 20);
        EXPECT_NEAR(static_cast<double>(field.re[at]), std::cos(phases[i]), tolerance) << phases[i];
        EXPECT_NEAR(static_cast<double>(field.im[at]), std::sin(phases[i]), tolerance) << phases[i];
      }
    };
    std::vector<double> readings(1);
    engine->run(request, readings);
  };
  check(double{}, 1e-14 + 1e3 * 2e-16);  // the phase itself is rounded
  check(float{}, 1e-6);
}

TEST(StackEngine, ShowsTheTrueFields) {
  const StackCase one = small_case(5);
  const StackData data = random_data(one);
  const StackResult expected = reference_result(one, data);
  for (const int threads : {1, 2, 8}) {
    const auto engine = make_host_engine<double>(one.size, threads);
    load_engine(*engine, one, data);
    StackRequest<double> request = request_of<double>(one, data);
    std::vector<int> seen(static_cast<std::size_t>(one.samples * one.size.channels() * 4), 0);
    request.observe = [&](int sample, int channel, int plane, const LaneShape& shape,
                          LaneField<const double> field) {
      ++seen[static_cast<std::size_t>((sample * one.size.channels() + channel) * 4 + plane)];
      const ComplexField& u =
          expected.u[static_cast<std::size_t>(sample)][static_cast<std::size_t>(channel)]
                    [static_cast<std::size_t>(plane)];
      double worst = 0.0;
      for (std::size_t i = 0; i < u.size(); ++i) {
        const std::size_t at =
            shape.index(static_cast<int>(i) / shape.nx, static_cast<int>(i) % shape.nx);
        worst = std::max(worst, std::abs(std::complex<double>(field.re[at], field.im[at]) - u[i]));
      }
      EXPECT_LT(worst, 1e-10 * std::abs(u[0]) + 1e-10);
    };
    std::vector<double> readings(expected.readings.size());
    engine->run(request, readings);
    for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], i % 4 > 0 ? 1 : 0);
  }
}

// What an instrument reads enters the gradient, and changes no wave.
TEST(StackEngine, MeasurementsEnterTheGradientOnly) {
  const StackCase one = small_case(3);
  const StackData data = random_data(one);
  const StackResult exact = reference_result(one, data);
  for (const int threads : {1, 2, 7})
    for (int scaled = 0; scaled <= 2; ++scaled) {  // 0: nothing, 1 and 2: a layer
      const auto engine = make_host_engine<double>(one.size, threads);
      load_engine(*engine, one, data);
      StackRequest<double> request = request_of<double>(one, data);
      const auto scale = [&](double factor) {
        return [=](int, int, int plane, const LaneShape& shape, LaneField<double> field) {
          if (plane != scaled) return;
          for (std::size_t i = 0; i < shape.size(); ++i) {
            field.re[i] *= factor;
            field.im[i] *= factor;
          }
        };
      };
      request.measure_forward = scale(2.0);
      request.measure_backward = scale(3.0);
      StackResult expected = exact;
      if (scaled == 1)
        for (double& g : expected.phase_gradient[0]) g *= 6.0;
      if (scaled == 2)
        for (ComplexField& all : expected.cotangent[1])
          for (auto& g : all) g *= 6.0;
      EXPECT_LT(largest_error(run_engine(*engine, one, request), expected), 1e-12)
          << "layer " << scaled << ", " << threads << " threads";
    }
}

TEST(StackEngine, MeasuredDetectorFieldIsWhatIsRead) {
  const StackCase one = small_case(2);
  const StackData data = random_data(one);
  const StackResult exact = reference_result(one, data);
  const auto engine = make_host_engine<double>(one.size, 2);
  load_engine(*engine, one, data);
  StackRequest<double> request = request_of<double>(one, data);
  request.measure_forward = [](int, int, int plane, const LaneShape& shape,
                               LaneField<double> field) {
    for (std::size_t i = 0; plane == 3 && i < shape.size(); ++i) field.re[i] *= 2, field.im[i] *= 2;
  };
  std::vector<double> readings(exact.readings.size());
  engine->run(request, readings);
  for (std::size_t r = 0; r < readings.size(); ++r)
    EXPECT_NEAR(readings[r], 4.0 * exact.readings[r], 1e-11 * std::abs(exact.readings[r]));
}

TEST(StackEngine, FailureInACallbackComesOut) {
  const StackCase one = small_case(5);
  const StackData data = random_data(one);
  const StackResult expected = run_fresh<double>(one, data, 1);
  const auto fail = [](int sample) {
    if (sample == 2) throw std::runtime_error("sample 2 is broken");
  };
  for (const int threads : {1, 2, 5, 12})
    for (int which = 0; which < 5; ++which) {
      const auto engine = make_host_engine<double>(one.size, threads);
      load_engine(*engine, one, data);
      StackRequest<double> request = request_of<double>(one, data);
      const auto fill = request.fill;
      const auto cotangent = request.cotangent;
      const Measurement<double> measure = [&](int s, int, int, const LaneShape&,
                                              LaneField<double>) { fail(s); };
      const auto nothing = [](int, int, int, const LaneShape&, LaneField<double>) {};
      if (which == 0)
        request.fill = [&](int s, int c, const LaneShape& shape, LaneField<double> field) {
          fail(s);
          fill(s, c, shape, field);
        };
      if (which == 1)
        request.cotangent = [&](int s, std::span<const double> readings, std::span<double> to) {
          fail(s);
          cotangent(s, readings, to);
        };
      if (which == 2)
        request.observe = [&](int s, int, int, const LaneShape&, LaneField<const double>) {
          fail(s);
        };
      if (which == 3) request.measure_forward = measure;
      if (which == 4) {
        request.measure_forward = nothing;
        request.measure_backward = measure;
      }
      std::vector<double> readings(expected.readings.size());
      try {
        engine->run(request, readings);
        ADD_FAILURE() << "no error from callback " << which << ", " << threads << " threads";
      } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "sample 2 is broken");
      }
      EXPECT_TRUE(same_bits(run_engine(*engine, one, request_of<double>(one, data)), expected));
    }
}

TEST(StackEngine, InfinitiesDoNotStay) {
  const StackCase one = small_case(3);
  const StackData data = random_data(one);
  const auto engine = make_host_engine<double>(one.size, 2);
  load_engine(*engine, one, data);
  StackRequest<double> request = request_of<double>(one, data);
  request.fill = [](int, int, const LaneShape& shape, LaneField<double> field) {
    for (std::size_t i = 0; i < shape.size(); ++i)
      field.re[i] = field.im[i] = std::numeric_limits<double>::infinity();
  };
  std::vector<double> readings(9);
  engine->run(request, readings);
  EXPECT_FALSE(std::isfinite(readings[0]));
  EXPECT_TRUE(same_bits(run_engine(*engine, one, request_of<double>(one, data)),
                        run_fresh<double>(one, data, 1)));
}

TEST(StackEngine, SharedTransferFunctionsPartWhenOneChanges) {
  const GapSize same = gap(10, 9, 10, 9, 20, 18);
  const StackCase one{"shared", stack({same, same, same}, {true, true}, 3, 2), 2};
  StackData data = random_data(one), other = random_data(one, 2);
  data.transfer[2][0] = data.transfer[0][0];
  data.transfer[2][1] = data.transfer[0][0];
  const StackResult shared = run_fresh<double>(one, data, 2);

  const auto engine = make_host_engine<double>(one.size, 2);
  load_engine(*engine, one, data);
  engine->share_transfer(2, 0, 0, 0);
  engine->share_transfer(2, 1, 2, 0);  // from one that is shared itself, across wavelengths
  const auto request = request_of<double>(one, data);
  EXPECT_TRUE(same_bits(run_engine(*engine, one, request), shared));

  data.transfer[0][0] = other.transfer[0][0];  // the one they came from
  engine->set_transfer(0, 0, data.transfer[0][0]);
  EXPECT_TRUE(same_bits(run_engine(*engine, one, request), run_fresh<double>(one, data, 2)));

  data.transfer[2][1] = other.transfer[2][1];  // one that took
  engine->set_transfer(2, 1, data.transfer[2][1]);
  EXPECT_TRUE(same_bits(run_engine(*engine, one, request), run_fresh<double>(one, data, 2)));
}

TEST(StackEngine, EstimateCoversTheArrays) {
  for (const StackCase& one : stack_cases()) {
    double least = 0.0;  // transfer functions, and one real number a pixel and layer
    // For each of two threads: fields on all planes, the source's too, and an instrument's copies.
    const GapSize& front = one.size.gaps.front();
    double planes = front.nx_in * front.ny_in;
    for (const GapSize& g : one.size.gaps) {
      least += 2.0 * one.size.wavelengths * g.mx * g.my + g.nx_out * g.ny_out;
      planes += g.nx_out * g.ny_out;
    }
    least += 2.0 * 2.0 * 2.0 * one.size.channels() * planes;
    for (const std::size_t scalar : {std::size_t{4}, std::size_t{8}})
      EXPECT_GE(static_cast<double>(estimate_engine_bytes(one.size, scalar, 32, 2)),
                least * static_cast<double>(scalar))
          << one.name;
    EXPECT_GT(make_host_engine<float>(one.size, 2)->bytes(), 0u);
    EXPECT_EQ(estimate_engine_bytes(one.size, 4, 32, 0),
              estimate_engine_bytes(one.size, 4, 32, host::thread_limit()));
  }
  const int huge = std::numeric_limits<int>::max() / 2;
  EXPECT_EQ(estimate_engine_bytes(stack({gap(huge, huge, huge, huge, huge, huge)}, {}, 1), 8, 1, 1),
            std::numeric_limits<std::size_t>::max());
}

}  // namespace
}  // namespace wavesmith
