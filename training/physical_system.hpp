// What a training method may ask of a physical system: only what a laboratory could do.
//
// A method never sees a solver. `respond` is one experiment per sample. `pull_back` is the exact
// derivative and needs a model: in silico only. What else the physics offers are capabilities,
// small interfaces of their own that a system may implement. Every question is counted.
#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "training/loss.hpp"

namespace wavesmith {

// Samples that go into a system: complex amplitudes at its input, one array a channel.
class InputSet {
 public:
  virtual ~InputSet() = default;
  virtual std::size_t count() const = 0;
  // Called from several threads at once.
  virtual void fill(std::size_t index, int channel,
                    std::span<std::complex<double>> amplitudes) const = 0;
  virtual double power(std::size_t index) const = 0;  // that enters with the sample
  virtual Target target(std::size_t index) const = 0;
};

struct Batch {
  const InputSet* inputs = nullptr;
  std::span<const std::size_t> indices;  // into inputs
  int size() const { return static_cast<int>(indices.size()); }
};

// Loss of one sample of the batch; writes dL/dreading where the span is not empty. Called from
// several threads at once.
using SampleLoss = std::function<double(int sample, std::span<const double> readings,
                                        std::span<double> cotangent)>;

// What training has cost so far.
struct Cost {
  double experiments = 0;  // runs of the light (or sound) through a device, one sample each
  double exposures = 0;    // frames read, of a camera or all detectors at once
  double readings = 0;     // numbers read from detectors
  double operations = 0;   // floating-point operations of simulated waves

  Cost& operator+=(const Cost& other) {
    experiments += other.experiments;
    exposures += other.exposures;
    readings += other.readings;
    operations += other.operations;
    return *this;
  }
  Cost& operator-=(const Cost& other) {
    experiments -= other.experiments;
    exposures -= other.exposures;
    readings -= other.readings;
    operations -= other.operations;
    return *this;
  }
};

class PhysicalSystem {
 public:
  virtual ~PhysicalSystem() = default;
  virtual std::size_t parameter_count() const = 0;
  virtual int reading_count() const = 0;
  virtual void set_parameters(std::span<const double> parameters) = 0;
  // readings: batch x reading_count, what the detectors say, with the device's imperfections.
  virtual void respond(const Batch& batch, std::span<double> readings) = 0;
  // The sum over the batch of the exact derivative of the loss. In silico only.
  virtual void pull_back(const Batch& batch, const SampleLoss& loss, std::span<double> readings,
                         std::span<double> gradient) = 0;
  virtual const Cost& cost() const = 0;
  virtual void reset_cost() = 0;
  // Numbers the batch: selects the random draws of noise and drift, so that a resumed run goes on
  // with the same ones.
  virtual void set_occasion(std::uint64_t) {}
};

// Sends the error backward through the device itself and reads fields inside it: the same sum as
// pull_back, with the errors of measurement and without a model. Zhou et al., Photonics Research 8,
// 940 (2020); Hughes et al., Optica 5, 864 (2018).
class AdjointExperiment {
 public:
  virtual ~AdjointExperiment() = default;
  virtual void adjoint_experiment(const Batch& batch, const SampleLoss& loss,
                                  std::span<double> readings, std::span<double> gradient) = 0;
};

// Reads scattered waves alone: what goes in at a port and comes out at the modes. Linear networks:
// the entries of the scattering matrix that lead from the read ports to every mode give the
// gradient (Wanjura and Marquardt, Nature Physics 20, 1434 (2024)). Nonlinear ones: the steady
// state under the input and the one with the error fed in at the output ports (Dal Cin, Marquardt
// and Wanjura, arXiv:2508.11750 (2025)).
class ScatteringExperiment {
 public:
  virtual ~ScatteringExperiment() = default;
  virtual void scattering_experiment(const Batch& batch, const SampleLoss& loss,
                                     std::span<double> readings, std::span<double> gradient) = 0;
};

}  // namespace wavesmith
