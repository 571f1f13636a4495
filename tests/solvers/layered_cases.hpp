// Layered networks of every kind with parameters, samples and a loss, for comparing what solves
// them.
#pragma once

#include <algorithm>
#include <cmath>
#include <complex>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "solvers/layered_scattering.hpp"

namespace wavesmith::test {

struct LayeredCase {
  std::string name;
  std::vector<int> sizes;
  ScatteringReadout readout;
  Quadrature quadrature;
  double intrinsic;
};

inline std::ostream& operator<<(std::ostream& out, const LayeredCase& one) {
  return out << one.name;
}

inline std::vector<LayeredCase> layered_cases() {
  constexpr auto reflection = ScatteringReadout::reflection;
  constexpr auto transmission = ScatteringReadout::transmission;
  return {{"reflection", {24, 13, 4}, reflection, Quadrature::imaginary, 0.0},
          {"wide", {30, 37, 3}, reflection, Quadrature::real, 0.3},
          {"no_hidden", {20, 5}, reflection, Quadrature::imaginary, 0.1},
          {"four_layers", {18, 9, 7, 3}, reflection, Quadrature::imaginary, 0.1},
          {"five_layers", {12, 9, 6, 7, 3}, transmission, Quadrature::imaginary, 0.1},
          {"transmission", {24, 13, 4}, transmission, Quadrature::imaginary, 0.0},
          {"single_modes", {1, 1, 1}, transmission, Quadrature::real, 0.2},
          {"straight", {20, 5}, transmission, Quadrature::imaginary, 0.0}};
}

inline std::vector<double> random_values(std::size_t count, double low, double high,
                                         std::uint64_t seed) {
  const Random random(seed, 3);
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = random.uniform(i, low, high);
  return values;
}

inline double relative_error(std::span<const double> a, std::span<const double> b) {
  double error = 0.0, norm = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    error += (a[i] - b[i]) * (a[i] - b[i]);
    norm += b[i] * b[i];
  }
  return std::sqrt(error / norm);
}

struct LayeredTask {
  static constexpr int samples = 21;
  LayeredNetwork network;
  std::vector<double> parameters, inputs, weights;

  explicit LayeredTask(const LayeredCase& one)
      : network(uniform_layers(one.sizes, 0.5, one.intrinsic)) {
    network.readout = one.readout;
    network.quadrature = one.quadrature;
    network.frequency = 0.1;
    // No two modes alike.
    const std::vector<double> spread = random_values(network.port_loss.size(), 0.8, 1.2, 5);
    for (std::size_t j = 0; j < spread.size(); ++j) network.port_loss[j] *= spread[j];
    parameters = random_values(network.parameter_count(), -0.7, 0.7, 1);
    inputs = random_values(static_cast<std::size_t>(samples * network.input_count()), 0.0, 3.0, 2);
    weights =
        random_values(static_cast<std::size_t>(samples * network.output_count()), -1.0, 1.0, 9);
  }

  // L = sum weights * readings + readings^2 / 2.
  ReadingLoss loss() const {
    return [this](int sample, std::span<const double> readings, std::span<double> cotangent) {
      for (std::size_t c = 0; c < readings.size(); ++c)
        cotangent[c] =
            weights[static_cast<std::size_t>(sample) * readings.size() + c] + readings[c];
    };
  }
  double loss_of(std::span<const double> readings) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < readings.size(); ++i)
      sum += weights[i] * readings[i] + 0.5 * readings[i] * readings[i];
    return sum;
  }
};

// Measured entries are off by a part that only depends on the sample and the entry.
inline EntryMeasurement crooked_measurement() {
  return [](int sample, std::span<std::complex<double>> entries) {
    for (std::size_t e = 0; e < entries.size(); ++e)
      entries[e] += std::polar(0.05, 0.3 * static_cast<double>(e) + sample);
  };
}

struct LayeredAnswer {
  std::vector<double> readings, gradient, measured_readings, measured_gradient;
};

inline LayeredAnswer answer_of(LayeredScattering& solver, const LayeredTask& task,
                               const EntryMeasurement& measurement) {
  solver.set_parameters(task.parameters);
  LayeredAnswer answer;
  answer.readings.resize(task.weights.size());
  answer.gradient.resize(task.parameters.size());
  answer.measured_readings = answer.readings;
  answer.measured_gradient = answer.gradient;
  solver.pull_back(LayeredTask::samples, task.inputs, task.loss(), answer.readings,
                   answer.gradient);
  solver.scattering_gradient(LayeredTask::samples, task.inputs, task.loss(), measurement,
                             answer.measured_readings, answer.measured_gradient);
  return answer;
}

inline double largest_error(const LayeredAnswer& a, const LayeredAnswer& b) {
  return std::max({relative_error(a.readings, b.readings), relative_error(a.gradient, b.gradient),
                   relative_error(a.measured_readings, b.measured_readings),
                   relative_error(a.measured_gradient, b.measured_gradient)});
}

}  // namespace wavesmith::test
