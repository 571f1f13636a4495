// Repeated linear scattering (physics/repeated_scattering.hpp) as a physical system: features on
// the masks in, detectors and, where asked for, a digital linear readout out.
//
// Detectors read the first modes behind the last passage: the field's real part against a reference
// wave (a polynomial of order R in the features), or its intensity (order 2 R). The readout is
// y_k = sum_d A_kd d_d + c_k.
//
// Parameters: the masks' (biases, then scales), then A row by row, then c.
//
// The adjoint experiment sends the error backward from the detectors and reads the fields that
// arrive at the masks by interferometry, both ways; the readout's part is digital. Exact without
// noise, since the medium is linear and reciprocal, whatever its matrix is.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "solvers/repeated_passes.hpp"
#include "training/physical_system.hpp"

namespace wavesmith {

struct RepetitionSystemOptions {
  Precision precision = Precision::f32;
  int threads = 0;  // 0: all
  enum class Reading { field, intensity } reading = Reading::field;
  int detectors = 1;          // 1 to the number of modes
  int classes = 0;            // rows of the readout; 0: detectors are the readings
  double field_noise = 0.0;   // standard deviation of each quadrature of every field read
  double medium_error = 0.0;  // a built medium is off by this share of its entries' size
  std::uint64_t seed = 1;     // of error and noise
};

class RepetitionSystem final : public PhysicalSystem, public AdjointExperiment {
 public:
  // Throws InputError for a network or options that cannot be.
  RepetitionSystem(const RepeatedScattering& network, const RepetitionSystemOptions& options);

  std::size_t parameter_count() const override;
  int reading_count() const override;
  void set_parameters(std::span<const double> parameters) override;
  void respond(const Batch& batch, std::span<double> readings) override;
  void pull_back(const Batch& batch, const SampleLoss& loss, std::span<double> readings,
                 std::span<double> gradient) override;
  void adjoint_experiment(const Batch& batch, const SampleLoss& loss, std::span<double> readings,
                          std::span<double> gradient) override;
  const Cost& cost() const override { return cost_; }
  void reset_cost() override { cost_ = {}; }
  void set_occasion(std::uint64_t occasion) override { occasion_ = occasion; }

  // Exposures of one field by phase-shifting interferometry.
  static constexpr int exposures = 4;

 private:
  struct Passed;  // a batch behind the last passage
  Passed pass(const Batch& batch, bool measured) const;
  void read_out(const Passed& passed, std::span<double> readings) const;
  void find_gradient(const Batch& batch, const SampleLoss& loss, bool measured,
                     std::span<double> readings, std::span<double> gradient);
  // Adds the noise of reading to fields: `way` 0 forward, 1 backward.
  void disturb(const Batch& batch, int way, std::vector<std::complex<double>>& fields) const;

  RepetitionSystemOptions options_;
  RepeatedPasses passes_;
  std::vector<double> readout_;  // A, then c
  std::uint64_t occasion_ = 0;
  Cost cost_;
};

}  // namespace wavesmith
