// What a GPU's threads do for layered networks, done by a loop on the host, against the solver on
// the CPU.
#include "solvers/layered_device.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <limits>

#include "core/error.hpp"
#include "kernels/layered_batch_engine.hpp"
#include "tests/kernels/emulated_machine.hpp"
#include "tests/solvers/layered_cases.hpp"

namespace wavesmith {
namespace {

using layered::Job;
using layered::LayeredDevice;
using test::EmulatedMachine;
using test::LayeredAnswer;
using test::LayeredCase;
using test::LayeredTask;
using test::relative_error;

// samples: in one batch, or 0 for as many as it likes.
template <class T>
typename LayeredDevice<T>::Maker emulated(bool backwards = false, int samples = 0) {
  return [=](LayeredBatchSize size) {
    if (samples > 0) size.samples = samples;
    return std::make_unique<MachineLayeredBatch<T, EmulatedMachine>>(size,
                                                                     EmulatedMachine(backwards));
  };
}

Job job_of(const LayeredTask& task, std::vector<double>& readings) {
  readings.resize(task.weights.size());
  Job job;
  job.samples = LayeredTask::samples;
  job.inputs = task.inputs.data();
  job.readings = readings.data();
  return job;
}

template <class T>
LayeredAnswer answer_of(LayeredDevice<T>& device, const LayeredTask& task,
                        const EntryMeasurement& measurement) {
  LayeredAnswer answer;
  answer.gradient.resize(task.parameters.size());
  answer.measured_gradient = answer.gradient;
  device.set_parameters(task.parameters);
  const ReadingLoss loss = task.loss();
  Job job = job_of(task, answer.readings);
  job.loss = &loss;
  job.gradient = answer.gradient.data();
  device.run(job);
  job = job_of(task, answer.measured_readings);
  job.loss = &loss;
  job.measure = &measurement;
  job.experiment = true;
  job.gradient = answer.measured_gradient.data();
  device.run(job);
  return answer;
}

class LayeredDevices : public testing::TestWithParam<LayeredCase> {};

template <class T>
void expect_agreement(const LayeredCase& one, Precision precision, double tolerance) {
  LayeredTask task(one);
  // A mode without a port: experiments cannot see it.
  if (one.sizes.size() > 2) {
    const auto hidden = static_cast<std::size_t>(task.network.first(1));
    task.network.intrinsic_loss[hidden] += 0.1;
    task.network.port_loss[hidden] = 0.0;
  }
  LayeredOptions options;
  options.precision = precision;
  options.order = EliminationOrder::upward;
  LayeredScattering host(task.network, options);
  for (const EntryMeasurement& measurement : {EntryMeasurement{}, test::crooked_measurement()}) {
    const LayeredAnswer expected = answer_of(host, task, measurement);
    LayeredDevice<T> device(task.network, 2, emulated<T>());
    const LayeredAnswer found = answer_of(device, task, measurement);
    const double error = largest_error(found, expected);
    EXPECT_LT(error, tolerance);
    std::printf("%s, %s: off by %.1e\n", one.name.c_str(), sizeof(T) == 4 ? "f32" : "f64", error);
    // Readings alone.
    std::vector<double> readings;
    device.run(job_of(task, readings));
    EXPECT_EQ(readings, found.readings);
  }
}

TEST_P(LayeredDevices, AgreeWithTheHost) {
  expect_agreement<double>(GetParam(), Precision::f64, 1e-12);
  expect_agreement<float>(GetParam(), Precision::f32, 2e-5);
}

TEST_P(LayeredDevices, BitsDependOnNeitherBatchesNorTheOrderOfThreads) {
  const LayeredTask task(GetParam());
  LayeredDevice<float> whole(task.network, 1, emulated<float>());
  const LayeredAnswer expected = answer_of(whole, task, {});
  for (const bool backwards : {false, true})
    for (const int samples : {1, 8}) {
      LayeredDevice<float> device(task.network, 2, emulated<float>(backwards, samples));
      const LayeredAnswer found = answer_of(device, task, {});
      EXPECT_EQ(found.readings, expected.readings);
      EXPECT_EQ(found.gradient, expected.gradient);
      EXPECT_EQ(found.measured_gradient, expected.measured_gradient);
    }
}

TEST_P(LayeredDevices, GradientIsTheDerivative) {
  const LayeredTask task(GetParam());
  LayeredDevice<double> device(task.network, 1, emulated<double>());
  const LayeredAnswer answer = answer_of(device, task, {});
  const std::vector<double> direction = test::random_values(task.parameters.size(), -1.0, 1.0, 17);
  double along = 0.0;
  for (std::size_t p = 0; p < direction.size(); ++p) along += answer.gradient[p] * direction[p];
  const double step = 1e-4;
  const auto at = [&](double by) {
    std::vector<double> moved = task.parameters, readings;
    for (std::size_t p = 0; p < moved.size(); ++p) moved[p] += by * direction[p];
    device.set_parameters(moved);
    device.run(job_of(task, readings));
    return task.loss_of(readings);
  };
  const double difference =
      (8.0 * (at(step) - at(-step)) - (at(2.0 * step) - at(-2.0 * step))) / (12.0 * step);
  EXPECT_LT(std::abs(difference - along), 1e-7 * std::abs(along));
}

INSTANTIATE_TEST_SUITE_P(Shapes, LayeredDevices, testing::ValuesIn(test::layered_cases()),
                         [](const testing::TestParamInfo<LayeredCase>& info) {
                           return info.param.name;
                         });

// As on the host: a hidden layer without any loss needs pivoting, the other samples do not; where
// nothing couples, the singular mode is named.
template <class T>
void expect_pivoting() {
  LayeredNetwork network = uniform_layers({3, 2, 2}, 1.0, 0.0);
  network.port_loss[3] = network.port_loss[4] = 0.0;
  std::vector<double> parameters(network.parameter_count(), 0.0);
  const std::size_t upper = network.coupling_start(1);
  parameters[upper] = parameters[upper + 3] = 1.0;  // hidden i to read i
  const std::vector<double> inputs = {0.1, 0.5, 0.9};
  std::vector<double> readings(2), gradient(network.parameter_count()), of_host(gradient.size());
  LayeredDevice<T> device(network, 1, emulated<T>());
  device.set_parameters(parameters);
  const ReadingLoss loss = [](int, std::span<const double>, std::span<double> cotangent) {
    cotangent[0] = 1.0;
    cotangent[1] = -0.5;
  };
  Job job;
  job.samples = 1;
  job.inputs = inputs.data();
  job.readings = readings.data();
  job.loss = &loss;
  job.gradient = gradient.data();
  device.run(job);
  for (const double reading : readings) EXPECT_NEAR(reading, 0.0, 1e-5);
  LayeredOptions options;
  options.order = EliminationOrder::upward;
  LayeredScattering host(network, options);
  host.set_parameters(parameters);
  host.pull_back(1, inputs, loss, readings, of_host);
  EXPECT_LT(relative_error(gradient, of_host), sizeof(T) == 4 ? 1e-6 : 1e-14);

  parameters[upper + 3] = 0.0;
  device.set_parameters(parameters);
  try {
    device.run(job);
    ADD_FAILURE() << "no error";
  } catch (const NumericsError& error) {
    EXPECT_NE(std::string(error.what()).find("layer 1, mode 1"), std::string::npos) << error.what();
  }
}

TEST(LayeredDevice, PivotsWhereItMustAndNamesWhatIsSingular) {
  expect_pivoting<double>();
  expect_pivoting<float>();
}

// Counts what it is asked for, and refuses more than `most`.
struct ShortMachine : EmulatedMachine {
  static inline std::size_t allocated = 0, required = 0, most = 0;
  template <class N>
  struct Array : EmulatedMachine::Array<N> {
    Array() = default;
    explicit Array(std::size_t size) : EmulatedMachine::Array<N>(size) {
      allocated += size * sizeof(N);
    }
  };
  void require(std::size_t bytes) const {
    required = bytes;
    if (bytes > most) throw UnavailableError("too much");
  }
};

TEST(LayeredDevice, MemoryIsEstimatedAndRefusedBeforeItIsTaken) {
  ShortMachine::most = std::size_t{1} << 24;
  for (const LayeredCase& one : test::layered_cases())
    for (const int samples : {1, 9}) {
      const LayeredBatchSize size{one.sizes, one.sizes.back() + 1, samples};
      ShortMachine::allocated = 0;
      const MachineLayeredBatch<float, ShortMachine> batch(size, ShortMachine());
      EXPECT_EQ(ShortMachine::required, size.bytes(4));
      EXPECT_GE(ShortMachine::required, ShortMachine::allocated) << one;
      EXPECT_LE(static_cast<double>(ShortMachine::required),
                1.1 * static_cast<double>(ShortMachine::allocated) + 500.0)
          << one;
    }
  ShortMachine::most = std::size_t{1} << 20;
  ShortMachine::allocated = 0;
  const LayeredNetwork large = uniform_layers({800, 500, 10}, 1.0, 0.0);
  const auto make = [](const LayeredBatchSize& size) {
    return std::make_unique<MachineLayeredBatch<double, ShortMachine>>(size, ShortMachine());
  };
  EXPECT_THROW(LayeredDevice<double>(large, 1, make), UnavailableError);
  EXPECT_EQ(ShortMachine::allocated, 0u);
  EXPECT_EQ((LayeredBatchSize{{900000000, 900000000, 10}, 10, 256}.bytes(8)),
            std::numeric_limits<std::size_t>::max());
}

TEST(LayeredDevice, WhatAGpuCannotDoIsAnError) {
  const LayeredNetwork network = uniform_layers({3, 2, 2}, 1.0, 0.0);
  LayeredOptions options;
  options.device = {Device::Kind::cuda, 4096};
  EXPECT_THROW(LayeredScattering(network, options), UnavailableError);
  options.order = EliminationOrder::downward;
  try {
    LayeredScattering solver(network, options);
    ADD_FAILURE() << "no error";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("upward"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace wavesmith
