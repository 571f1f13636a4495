// Circuits of scattering matrices, at many frequencies at once.
//
// All components together: b = S a, S block diagonal. What comes out of a joined port goes into its
// partner, a_i = P b_i, P a permutation; what goes into the external ports is given, and nothing
// goes into an open one. With the joined ports eliminated
//   a_i = (1 - P S_ii)^-1 P S_ie a_e,   S_circuit = S_ee + S_ei (1 - P S_ii)^-1 P S_ie
// (V. A. Monaco and P. Tiberio, IEEE Trans. Microwave Theory Tech. 22, 1 (1974)). Fields go as
// exp(-i omega t). In double precision.
//
// Derivatives: with Q = P on the joined ports and 0 elsewhere, db = (1 - S Q)^-1 dS a, so the
// cotangent g of all outgoing amplitudes b gives S the cotangent (1 - S Q)^-H g a^H.
#pragma once

#include <complex>
#include <span>
#include <string>
#include <vector>

#include "physics/circuit.hpp"

namespace wavesmith {

enum class CircuitMethod {
  elimination,  // of the joined ports: sparse or dense, with derivatives
  star,         // component after component by star products
  direct,       // all amplitudes in one dense system: the reference
};

struct CircuitOptions {
  CircuitMethod method = CircuitMethod::elimination;
  std::size_t sparse_from = 48;  // joined ports; below, matrices are dense
  int threads = 0;               // 0: all
};

// Convention of gradients: the cotangent of a complex z is 2 dL/dz*, see physics/layer.hpp.
class CircuitSolver {
 public:
  // The circuit outlives the solver. Throws InputError where it cannot be solved at these
  // frequencies [Hz].
  CircuitSolver(const Circuit& circuit, std::vector<double> frequencies,
                CircuitOptions options = {});

  const Circuit& circuit() const { return circuit_; }
  const std::vector<double>& frequencies() const { return frequencies_; }

  // S of the circuit, [frequency][to][from] over external ports. Throws NumericsError naming the
  // components where light goes round in a loop without loss exactly at its resonance.
  std::vector<Complex> solve(std::span<const double> parameters) const;

  // What comes out of every port of every component, [frequency][port][from external port], per
  // unit into the external port. What goes into a joined port is what comes out of its partner.
  std::vector<Complex> waves(std::span<const double> parameters) const;

  // The change of waves() along a direction of the parameters.
  std::vector<Complex> push_forward(std::span<const double> parameters,
                                    std::span<const double> direction) const;
  // Its transpose: adds to `gradient` what cotangents of waves() give. Sums have a fixed order.
  void pull_back_waves(std::span<const double> parameters, std::span<const Complex> cotangent,
                       std::span<double> gradient) const;
  // The same of solve(): cotangents [frequency][to][from].
  void pull_back(std::span<const double> parameters, std::span<const Complex> cotangent,
                 std::span<double> gradient) const;

 private:
  enum class Wanted { scattering, waves };
  std::vector<Complex> solve_all(std::span<const double> parameters, Wanted wanted) const;
  void check(std::span<const double> parameters) const;

  const Circuit& circuit_;
  std::vector<double> frequencies_;
  CircuitOptions options_;
};

}  // namespace wavesmith
