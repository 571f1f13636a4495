// A layered network of linear resonators as a physical system: features in as detunings of layer 0,
// quadratures of scattered waves out.
//
// A feature u sits on `repetition` neighbouring modes of layer 0, Delta_j(x) = gain * p_j + offset
// + scale * u with the mode's parameter p_j. Readings and the order of the parameters:
// physics/layered_network.hpp.
//
// Scattering backpropagation (Wanjura and Marquardt, Nature Physics 20, 1434 (2024)) probes every
// read port (and for transmission drives the input once more) and reads all modes: as many
// experiments a sample as there are read ports (+ 1), for any number of parameters, and no model.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/device.hpp"
#include "physics/layered_network.hpp"
#include "solvers/layered_scattering.hpp"
#include "training/physical_system.hpp"

namespace wavesmith {

// How features become detunings. The defaults are those of the reference above: an empty pixel
// detunes its modes, a full one brings them to resonance, and the parameters of layer 0 count
// twice.
struct ResonatorInput {
  int repetition = 2;
  double scale = -5.0, offset = 5.0;
  double gain = 2.0;
};

struct ResonatorSystemOptions {
  Precision precision = Precision::f32;
  Device device;
  int threads = 0;  // 0: all
  ResonatorInput input;
  EliminationOrder order = EliminationOrder::automatic;
  // Of the device: standard deviations.
  double detuning_spread = 0.0;  // a built network's detunings are off by this (normal),
  double coupling_spread = 0.0;  //   its couplings by this share of each
  // Of each quadrature of every measured entry of S - 1: a fixed part, and a share of the entry.
  double absolute_noise = 0.0, relative_noise = 0.0;
  std::vector<int> unread_layers;  // out of reach of the laboratory: they get no gradient
  std::uint64_t seed = 1;          // of spread and noise
};

class ResonatorSystem final : public PhysicalSystem, public ScatteringExperiment {
 public:
  // InputError where the network or an option cannot be (a GPU does not take the downward order),
  // UnavailableError where the device or its memory is not there.
  ResonatorSystem(const LayeredNetwork& network, const ResonatorSystemOptions& options);

  const LayeredNetwork& network() const { return solver_.network(); }
  int feature_count() const { return network().input_count() / options_.input.repetition; }
  std::size_t parameter_count() const override { return network().parameter_count(); }
  int reading_count() const override { return network().output_count(); }
  void set_parameters(std::span<const double> parameters) override;
  // These throw NumericsError naming the mode where a sample makes the network singular.
  void respond(const Batch& batch, std::span<double> readings) override;
  void pull_back(const Batch& batch, const SampleLoss& loss, std::span<double> readings,
                 std::span<double> gradient) override;
  void scattering_experiment(const Batch& batch, const SampleLoss& loss, std::span<double> readings,
                             std::span<double> gradient) override;
  const Cost& cost() const override { return cost_; }
  void reset_cost() override { cost_ = {}; }
  void set_occasion(std::uint64_t occasion) override { occasion_ = occasion; }

 private:
  std::vector<double> load(const Batch& batch) const;
  // From the network's gradient to that of the parameters as they are set.
  void to_parameters(std::span<double> gradient) const;
  void count(const Batch& batch, bool gradient, bool experiment);

  ResonatorSystemOptions options_;
  LayeredScattering solver_;
  std::vector<double> offset_, factor_;  // of each parameter, as built
  std::vector<double> reach_;            // 1, or 0 where a parameter's modes cannot be read
  std::uint64_t occasion_ = 0;
  Cost cost_;
};

}  // namespace wavesmith
