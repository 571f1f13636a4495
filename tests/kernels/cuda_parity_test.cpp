// The engine on a GPU against the one on the CPU, over the same family of stacks.
#include <gtest/gtest.h>

#include <cstdio>
#include <stdexcept>

#include "core/error.hpp"
#include "kernels/device.hpp"
#include "tests/kernels/stack_fixture.hpp"

namespace wavesmith {
namespace {

using namespace test;

class CudaParity : public testing::Test {
 protected:
  void SetUp() override {
    if (list_cuda_devices().empty())
      GTEST_SKIP() << "there is no CUDA device, or this build has no CUDA: nothing was compared";
  }
};

template <class T>
StackResult on_host(const StackCase& one, const StackData& data) {
  return run_case(*make_host_engine<T>(one.size, 2), one, data);
}

template <class T>
void expect_parity(double tolerance) {
  double worst = 0.0;
  for (StackCase one : stack_cases())
    for (const int samples : {1, one.samples}) {
      one.samples = samples;
      const StackData data = random_data(one);
      const auto engine = make_cuda_engine<T>(one.size, 0);
      const StackResult first = run_case(*engine, one, data);
      const double error = largest_error(first, on_host<T>(one, data));
      EXPECT_LT(error, tolerance) << one.name << ", " << samples << " samples";
      worst = std::max(worst, error);
      EXPECT_TRUE(same_bits(run_case(*engine, one, data), first)) << one.name;
    }
  std::printf("worst difference %.1e\n", worst);
}

TEST_F(CudaParity, Double) {
  expect_parity<double>(1e-12);
}

TEST_F(CudaParity, Float) {
  expect_parity<float>(1e-5);
}

// Batches that are longer than what is on the way at once, and then shorter ones.
TEST_F(CudaParity, BatchesOfAnyLength) {
  StackCase one{"batches",
                stack({gap(9, 10, 10, 9, 20, 18), gap(10, 9, 8, 11, 18, 20)}, {true}, 3, 2, 2), 70};
  const StackData data = random_data(one);
  const auto engine = make_cuda_engine<double>(one.size, 0);
  load_engine(*engine, one, data);
  for (const int samples : {70, 32, 33, 5, 64}) {
    one.samples = samples;
    EXPECT_LT(largest_error(run_engine(*engine, one, request_of<double>(one, data)),
                            on_host<double>(one, data)),
              1e-12)
        << samples;
  }
}

TEST_F(CudaParity, SharedTransferFunctionsPartWhenOneChanges) {
  const GapSize same = gap(10, 9, 10, 9, 20, 18);
  const StackCase one{"shared", stack({same, same}, {true}, 3), 2};
  StackData data = random_data(one);
  data.transfer[1] = data.transfer[0];
  const auto engine = make_cuda_engine<double>(one.size, 0);
  load_engine(*engine, one, data);
  engine->share_transfer(1, 0, 0, 0);
  const auto request = request_of<double>(one, data);
  EXPECT_LT(largest_error(run_engine(*engine, one, request), on_host<double>(one, data)), 1e-12);
  data.transfer[0] = random_data(one, 2).transfer[0];
  engine->set_transfer(0, 0, data.transfer[0][0]);
  EXPECT_LT(largest_error(run_engine(*engine, one, request), on_host<double>(one, data)), 1e-12);
}

TEST_F(CudaParity, ShowsTheTrueFields) {
  const StackCase one = stack_cases()[9];
  const StackData data = random_data(one);
  const StackResult expected = reference_result(one, data);
  const auto engine = make_cuda_engine<double>(one.size, 0);
  load_engine(*engine, one, data);
  StackRequest<double> request = request_of<double>(one, data);
  int seen = 0;
  request.observe = [&](int sample, int channel, int plane, const LaneShape& shape,
                        LaneField<const double> field) {
    ++seen;
    const ComplexField& u =
        expected.u[static_cast<std::size_t>(sample)][static_cast<std::size_t>(channel)]
                  [static_cast<std::size_t>(plane)];
    ComplexField found(u.size());
    for (std::size_t i = 0; i < u.size(); ++i) {
      const std::size_t at =
          shape.index(static_cast<int>(i) / shape.nx, static_cast<int>(i) % shape.nx);
      found[i] = {field.re[at], field.im[at]};
    }
    EXPECT_LT(relative_error(found, u), 1e-12);
  };
  std::vector<double> readings(expected.readings.size());
  engine->run(request, readings);
  EXPECT_EQ(seen, one.samples * one.size.channels() * (one.size.layers() + 1));
}

TEST_F(CudaParity, FailureInACallbackComesOut) {
  const StackCase one = stack_cases()[9];
  const StackData data = random_data(one);
  const auto engine = make_cuda_engine<double>(one.size, 0);
  load_engine(*engine, one, data);
  StackRequest<double> request = request_of<double>(one, data);
  request.cotangent = [](int sample, std::span<const double>, std::span<double>) {
    if (sample == 1) throw std::runtime_error("sample 1 is broken");
  };
  std::vector<double> readings(static_cast<std::size_t>(one.samples * one.size.readings));
  EXPECT_THROW(engine->run(request, readings), std::runtime_error);
  EXPECT_LT(largest_error(run_engine(*engine, one, request_of<double>(one, data)),
                          on_host<double>(one, data)),
            1e-12);
}

TEST_F(CudaParity, NoSuchDeviceIsUnavailable) {
  EXPECT_THROW(make_cuda_engine<float>(stack_cases()[0].size, 4096), UnavailableError);
}

}  // namespace
}  // namespace wavesmith
