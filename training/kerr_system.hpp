// A network of Kerr resonators as a physical system: features in as drives or detunings, the
// quadratures x of the output modes out.
//
// Scattering backpropagation (Dal Cin, Marquardt and Wanjura, arXiv 2508.11750 (2025)): the steady
// state y0 under the input, then y_b with p_in += beta dL/dx_out at the output probes, where
// x_out = sqrt(kappa) x is the field read there. With delta = y_b - y0 the change of every
// parameter follows from fields that are read:
//   dL/dJ_jl ~ Re(a_j delta_l + a_l delta_j) / beta,   dL/dDelta_j ~ Re(a_j delta_j) / beta.
// Exact for beta -> 0 where the Kerr shifts are 0; its error grows with g n / (kappa + kappa').
// Two steady states a sample, for any number of parameters, and no model.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "solvers/kerr_steady_state.hpp"
#include "training/physical_system.hpp"

namespace wavesmith {

// How a feature u enters its input mode.
struct KerrInput {
  enum class Kind {
    drive,    // a_in = scale u + offset (a complex feature drives both quadratures)
    detuning  // Delta += scale u + offset, a_in = probe
  } kind = Kind::drive;
  double scale = 1.0, offset = 0.0, probe = 1.0;
};

struct KerrSystemOptions {
  KerrSolverOptions solver;
  KerrInput input;
  double nudge = 0.01;       // beta
  double field_noise = 0.0;  // standard deviation of each quadrature of every field read at a probe
  double detuning_spread = 0.0;  // a built network's detunings are off by this (normal),
  double coupling_spread = 0.0;  //   its couplings by this share of each
  std::uint64_t seed = 1;        // of spread and noise
  bool keep_restless = false;    // samples that do not come to rest are read as they are
};

class KerrSystem final : public PhysicalSystem, public ScatteringExperiment {
 public:
  // Throws InputError for a network or options that cannot be.
  KerrSystem(const KerrNetwork& network, const KerrSystemOptions& options);

  const KerrSteadyState& solver() const { return solver_; }
  std::size_t parameter_count() const override { return solver_.network().parameter_count(); }
  int reading_count() const override { return static_cast<int>(solver_.network().outputs.size()); }
  void set_parameters(std::span<const double> parameters) override;
  // These throw NumericsError where a sample does not come to rest, unless they are kept. The
  // exact derivative leaves such samples out.
  void respond(const Batch& batch, std::span<double> readings) override;
  void pull_back(const Batch& batch, const SampleLoss& loss, std::span<double> readings,
                 std::span<double> gradient) override;
  // Throws InputError naming a mode without a probe, whose field cannot be read.
  void scattering_experiment(const Batch& batch, const SampleLoss& loss, std::span<double> readings,
                             std::span<double> gradient) override;
  const Cost& cost() const override { return cost_; }
  void reset_cost() override;
  void set_occasion(std::uint64_t occasion) override { occasion_ = occasion; }

  // Since the costs were reset.
  long restless() const { return restless_; }                    // samples not at rest
  double largest_nonlinearity() const { return nonlinearity_; }  // g n / (kappa + kappa')

 private:
  struct Samples;  // what goes in and what comes of it
  Samples load(const Batch& batch) const;
  void settle(const Batch& batch, Samples& samples, bool nudged);
  void count(const Batch& batch, const std::vector<Settled>& settled);
  // Fields as read at the probes.
  std::vector<std::complex<double>> measure(const Batch& batch,
                                            const std::vector<std::complex<double>>& fields,
                                            int which) const;
  void read_outputs(const std::vector<std::complex<double>>& fields,
                    std::span<double> readings) const;
  // dL/dx of the output modes, batch x modes.
  std::vector<std::complex<double>> cotangent(const Batch& batch, const SampleLoss& loss,
                                              std::span<const double> readings) const;

  KerrSystemOptions options_;
  KerrSteadyState solver_;
  std::vector<double> offset_, factor_;  // of each parameter, as built
  std::uint64_t occasion_ = 0;
  Cost cost_;
  long restless_ = 0;
  double nonlinearity_ = 0.0;
};

}  // namespace wavesmith
