// A network of interferometer meshes as a physical system: light in, powers of output ports out.
//
// Layer l sends its light x_l through a mesh, y_l = M_l x_l; between layers x_{l+1} = f(y_l)
// (training/mesh_activation.hpp); readings are sums of |y|^2 over groups of the last layer's ports.
//
// The gradient as a laboratory reads it (Hughes et al., Optica 5, 864 (2018); Pai et al., Science
// 380, 398 (2023)): for every layer, from the last to the first, the error g = dL/dy is sent
// backward, a = M^T g leaves at the input, and power meters behind every phase shifter read
//   three       forward, backward, and the sum x - i a* sent forward:  (p_s - p_f - p_b) / 2
//   plus_minus  x - i a* and x + i a* sent forward:                    (p_+ - p_-) / 4
// Both are dL/dphase where no light is lost. With uniform loss plus_minus is off by the power that
// light keeps on its way to the shifter, which `loss_correction` divides by; in the other form the
// backward power is brought to the same place, too.
//
// Parameters: the settings of every layer's phases [rad], layer after layer, each in the order of
// physics/mzi_mesh.hpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kernels/device.hpp"
#include "physics/built_mesh.hpp"
#include "training/mesh_activation.hpp"
#include "training/physical_system.hpp"

namespace wavesmith {

struct MeshNetwork {
  std::vector<MziMesh> layers;  // of one number of ports
  MeshActivation activation;    // between layers
  // Amplitudes: features times input_scale on the first ports. Where bias_power is above 0 the
  // other ports share what the sample lacks of that power, amplitudes with phase 0.
  int features = 0;  // 1 to the number of ports
  double input_scale = 1.0;
  double bias_power = 0.0;
  std::vector<std::vector<int>> readings;  // ports whose powers a reading adds up

  int ports() const { return layers.front().ports(); }
  std::size_t parameter_count() const;
  // Throws InputError naming the layer or port that is wrong.
  void validate() const;
};

// Errors of sending and of measuring light, new ones each time, as standard deviations. Draws are
// functions of (seed, occasion, layer, sample, port).
struct MeshMeasurement {
  double amplitude_error = 0.0;  // relative; of light that is sent and of light that is measured
  double phase_error = 0.0;      // [rad]; of both
  double reference_error = 0.0;  // [rad]; of a detector's reference, fixed for each port
  // Of one reading of power behind a shifter, relative to the mean power of a port: its variance is
  // tap_noise^2 * power * (power sent in / ports), as of counted photons.
  double tap_noise = 0.0;
  double tap_spread = 0.0;  // relative gain of every tap, fixed
  std::uint64_t seed = 1;
};

struct MeshSystemOptions {
  Precision precision = Precision::f32;
  Device device;                    // only the CPU
  int threads = 0;                  // 0: all
  MeshImperfections imperfections;  // of every layer, each with draws of its own
  MeshMeasurement measurement;
  enum class Protocol { three, plus_minus } protocol = Protocol::three;
  bool loss_correction = false;  // for the uniform part of the loss, which is known
  // Power of the error that is sent, in units of the power of the light that goes forward: readings
  // of a weak error drown in their noise. 0: as strong as the derivative comes out.
  double error_power = 1.0;
  // Phases of what leaves the mesh are taken from an ideal digital model in place of measured ones.
  bool phases_from_model = false;
};

class MeshSystem final : public PhysicalSystem, public AdjointExperiment {
 public:
  // Throws InputError where something makes no sense, UnavailableError for a GPU.
  MeshSystem(const MeshNetwork& network, const MeshSystemOptions& options);
  ~MeshSystem() override;

  const MeshNetwork& network() const { return network_; }
  const std::vector<BuiltMesh>& built() const { return built_; }
  std::size_t parameter_count() const override { return network_.parameter_count(); }
  int reading_count() const override { return static_cast<int>(network_.readings.size()); }
  void set_parameters(std::span<const double> parameters) override;
  void respond(const Batch& batch, std::span<double> readings) override;
  // Of the device as it was built, without errors of sending and measuring.
  void pull_back(const Batch& batch, const SampleLoss& loss, std::span<double> readings,
                 std::span<double> gradient) override;
  void adjoint_experiment(const Batch& batch, const SampleLoss& loss, std::span<double> readings,
                          std::span<double> gradient) override;
  const Cost& cost() const override { return cost_; }
  void reset_cost() override { cost_ = {}; }
  // Numbers the batch: draws of errors, and the time of the drift.
  void set_occasion(std::uint64_t occasion) override;

  class Engine;  // in one precision: training/mesh_engine.hpp

 private:
  void apply_parameters();

  MeshNetwork network_;
  MeshSystemOptions options_;
  std::vector<BuiltMesh> built_;
  std::unique_ptr<Engine> engine_;
  std::vector<double> parameters_;
  std::uint64_t occasion_ = 0;
  Cost cost_;
};

// Settings that make every layer a random unitary (Haar) up to phases of its ports.
std::vector<double> haar_settings(const MeshNetwork& network, std::uint64_t seed);

}  // namespace wavesmith
