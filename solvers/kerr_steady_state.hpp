// Steady states of a network of Kerr resonators (physics/kerr_network.hpp), for batches of samples,
// with the exact derivative through the steady state and its transpose.
//
// At rest F(y, theta, a_in) = 0. A change of parameters or probes moves the state by
//   dy = -D^{-1} dF,   D = dF/dy,
// and a cotangent c of the fields (dL/dx + i dL/dp) becomes v = -D^{-T} c, from which
//   dL/dDelta_j = sum Im(conj(v_j) a_j),  dL/dJ_jl = sum Im(conj(v_j) a_l + conj(v_l) a_j),
//   dL/d(a_in,j) = -sqrt(kappa_j) v_j.
//
// Steady states of Kerr modes are not unique in general. The one found is the one that the network
// comes to from `start` when its drive is switched on (kernels/kerr_settle.hpp says how). Where
// g_j n_j < kappa_j + kappa'_j for all modes (Settled::nonlinearity < 1) no other state of that
// kind exists, and it is stable.
#pragma once

#include <complex>
#include <span>
#include <variant>
#include <vector>

#include "kernels/device.hpp"
#include "kernels/kerr_settle.hpp"
#include "physics/kerr_network.hpp"

namespace wavesmith {

struct KerrSolverOptions {
  Precision precision = Precision::f64;
  int threads = 0;         // 0: all
  bool accelerate = true;  // false: Runge-Kutta 4 alone, as a laboratory waits
  double step = 0.0;       // of Runge-Kutta [1 / unit of the rates]; 0: from each sample's rates
  double time = 0.0;       // longest wait [same unit]; 0: 400 lifetimes of the slowest field
  double tolerance = 0.0;  // |F| / |drive| at rest; 0: 1e-6 in f32, 1e-13 in f64
  double handover = 0.1;   // |F| / |drive| from which the accelerated way is taken
};

// What goes in, batch x modes.
struct KerrInputs {
  std::span<const std::complex<double>> probes;  // a_in
  std::span<const double> detunings;             // added to the parameters'; empty: none
};

class KerrSteadyState {
 public:
  // Throws InputError for a network or options that cannot be.
  KerrSteadyState(KerrNetwork network, const KerrSolverOptions& options);

  const KerrNetwork& network() const { return network_; }
  // Detunings, then couplings. Throws InputError unless all are finite and as many as there are.
  void set_parameters(std::span<const double> parameters);

  // Fields a, batch x modes, from `start` (the same shape; empty: all at rest). One entry of the
  // result a sample. Nothing is thrown for a sample that does not settle: see check_settled.
  std::vector<Settled> solve(const KerrInputs& inputs, std::span<const std::complex<double>> start,
                             std::span<std::complex<double>> fields) const;

  // dy for a change of parameters and, where not empty, of probes (batch x modes).
  std::vector<Settled> push_forward(const KerrInputs& inputs,
                                    std::span<const std::complex<double>> fields,
                                    std::span<const double> parameters,
                                    std::span<const std::complex<double>> probes,
                                    std::span<std::complex<double>> change) const;
  // Its transpose: writes v (batch x modes); products(v, fields) is the gradient of the parameters.
  std::vector<Settled> pull_back(const KerrInputs& inputs,
                                 std::span<const std::complex<double>> fields,
                                 std::span<const std::complex<double>> cotangent,
                                 std::span<std::complex<double>> v) const;
  // sum over samples of dF/dtheta . v at these fields; writes parameter_count() numbers.
  void products(std::span<const std::complex<double>> v,
                std::span<const std::complex<double>> fields, std::span<double> gradient) const;

  // Real operations of one evaluation of F for one sample.
  double operations() const;

 private:
  template <class T>
  KerrTables<T> make_tables() const;
  template <class T>
  void set_tables(KerrTables<T>& tables, std::span<const double> parameters) const;
  std::vector<Settled> solve_derivative(KerrDerivative kind, const KerrInputs& inputs,
                                        std::span<const std::complex<double>> fields,
                                        std::span<const std::complex<double>> drive,
                                        std::span<std::complex<double>> v) const;
  std::size_t batch_of(std::size_t count, const char* what) const;

  KerrNetwork network_;
  KerrSolverOptions options_;
  SettleSettings settle_;
  std::vector<KerrEnds> ends_;
  std::vector<int> bond_order_;  // bond behind each neighbour of the tables
  std::variant<KerrTables<float>, KerrTables<double>> tables_;
};

// Throws NumericsError naming the first sample that is not at rest, by its entry of `names` (empty:
// by its place), and its most restless mode.
void check_settled(std::span<const Settled> settled, std::span<const std::size_t> names = {});

}  // namespace wavesmith
