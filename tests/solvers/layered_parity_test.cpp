// Layered networks on a GPU against the CPU.
#include <gtest/gtest.h>

#include <cstdio>

#include "kernels/device.hpp"
#include "tests/solvers/layered_cases.hpp"

namespace wavesmith {
namespace {

class LayeredCudaParity : public testing::Test {
 protected:
  void SetUp() override {
    if (list_cuda_devices().empty())
      GTEST_SKIP() << "there is no CUDA device, or this build has no CUDA: nothing was compared";
  }
};

void expect_parity(Precision precision, double tolerance) {
  double worst = 0.0;
  for (const test::LayeredCase& one : test::layered_cases()) {
    const test::LayeredTask task(one);
    LayeredOptions options;
    options.precision = precision;
    options.order = EliminationOrder::upward;
    LayeredScattering host(task.network, options);
    options.device = {Device::Kind::cuda, 0};
    LayeredScattering device(task.network, options);
    for (const EntryMeasurement& measurement : {EntryMeasurement{}, test::crooked_measurement()}) {
      const test::LayeredAnswer found = answer_of(device, task, measurement);
      const double error = largest_error(found, answer_of(host, task, measurement));
      EXPECT_LT(error, tolerance) << one;
      worst = std::max(worst, error);
      const test::LayeredAnswer again = answer_of(device, task, measurement);
      EXPECT_EQ(again.readings, found.readings) << one;
      EXPECT_EQ(again.gradient, found.gradient) << one;
      EXPECT_EQ(again.measured_gradient, found.measured_gradient) << one;
    }
  }
  std::printf("worst difference %.1e\n", worst);
}

TEST_F(LayeredCudaParity, Double) {
  expect_parity(Precision::f64, 1e-12);
}

TEST_F(LayeredCudaParity, Float) {
  expect_parity(Precision::f32, 2e-5);
}

}  // namespace
}  // namespace wavesmith
