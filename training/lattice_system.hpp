// An elastic lattice as a physical system: features in as forces, displacements of nodes out.
//
// Parameters  one per bond: k = k_min + (k_max - k_min) / (1 + exp(-beta p)), S. Li and X. Mao,
//             Nature Communications 15, 10528 (2024).
// Experiment  two tests a sample, static or vibrating: under the forces of the features the bonds
//             lengthen by e, under the forces g = dL/du at the nodes that are read by e'. Then
//             dL/dk = -Re(e e') bond by bond, without a model (solvers/lattice_response.hpp; the
//             paper pulls with -g and so has no minus sign).
#pragma once

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "solvers/lattice_response.hpp"
#include "training/physical_system.hpp"

namespace wavesmith {

struct LatticeForce {
  int node = 0, axis = 0;
  double newtons = 1.0;
};

struct LatticeReadout {
  int node = 0, axis = 0;
};

// What is read of a displacement u: its real part [m], |u| [m] or |u|^2 [m^2].
enum class LatticeReading { displacement, amplitude, power };

struct LatticeTask {
  ElasticLattice lattice;            // its stiffnesses are replaced by the parameters'
  double frequency = 0.0;            // of the forces [Hz]; 0: static
  std::vector<LatticeForce> inputs;  // one a feature: the force where the feature is 1
  std::vector<LatticeForce> loads;   // always there
  std::vector<LatticeReadout> readouts;
  LatticeReading reading = LatticeReading::amplitude;
  double stiffness_min = 0.0, stiffness_max = 0.0;  // [N/m]
  double steepness = 5.0;                           // beta, > 0
};

// Throws InputError naming the node, bond, input or reading: those of the lattice, a force or a
// reading on a node that is not there or does not move that way, none at all.
void validate(const LatticeTask& task);

struct LatticeSystemOptions {
  // A built lattice:
  std::vector<int> cut;           // bonds that are broken
  double stiffness_spread = 0.0;  // stiffnesses are off by a factor exp(spread * normal draw)
  int stiffness_levels = 0;       // from k_min to k_max; 0: any stiffness, else at least 2
  // Its measurements, as shares of the root mean square of what is measured at once; at a
  // frequency the real and the imaginary part each:
  double reading_noise = 0.0;     // of the displacements at the nodes that are read
  double elongation_noise = 0.0;  // of the elongations of the bonds
  std::uint64_t seed = 1;         // of spread and noise
};

class LatticeSystem final : public PhysicalSystem, public AdjointExperiment {
 public:
  // Throws InputError as validate and where the lattice is a mechanism, or driven exactly on a
  // resonance without damping.
  LatticeSystem(const LatticeTask& task, const LatticeSystemOptions& options);

  std::size_t parameter_count() const override { return task_.lattice.bonds.size(); }
  int reading_count() const override { return static_cast<int>(task_.readouts.size()); }
  // Throws InputError where a resonance without damping is hit.
  void set_parameters(std::span<const double> parameters) override;
  void respond(const Batch& batch, std::span<double> readings) override;
  // Through levels the derivative is that of the stiffness before rounding.
  void pull_back(const Batch& batch, const SampleLoss& loss, std::span<double> readings,
                 std::span<double> gradient) override;
  void adjoint_experiment(const Batch& batch, const SampleLoss& loss, std::span<double> readings,
                          std::span<double> gradient) override;
  const Cost& cost() const override { return cost_; }
  void reset_cost() override { cost_ = {}; }
  void set_occasion(std::uint64_t occasion) override { occasion_ = occasion; }

  const std::vector<double>& stiffness() const { return stiffness_; }  // as built [N/m]
  // samples x displacement_count() [m]; imaginary parts are 0 in the static lattice.
  std::vector<std::complex<double>> displacements(const Batch& batch) const;

 private:
  template <class Scalar>
  std::vector<Scalar> forces(const Batch& batch) const;
  // Readings of the displacements at the readouts; where `loss` is given also dL/du, samples x
  // displacement_count().
  template <class Scalar>
  std::vector<Scalar> read(const Batch& batch, std::vector<Scalar>& displacements, bool noisy,
                           const SampleLoss* loss, std::span<double> readings) const;
  template <class Scalar>
  void disturb(const Batch& batch, std::uint64_t stream, double noise,
               std::span<Scalar> values) const;
  double operations(const Batch& batch, int solves) const;

  LatticeTask task_;
  LatticeSystemOptions options_;
  std::variant<LatticeResponse<double>, LatticeResponse<std::complex<double>>> response_;
  std::vector<double> stiffness_, spread_;  // of each bond
  std::vector<double> slope_;               // dk/dp, as designed
  std::uint64_t occasion_ = 0;
  Cost cost_;
};

}  // namespace wavesmith
