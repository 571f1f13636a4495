// Scattering matrix and Green's function of a network of coupled resonators, and their transposes.
//
//   G(w) = (w - H)^{-1},   S_ab = delta_ab - i sqrt(kappa_a kappa_b) G_ab
// with H of physics/resonator_network.hpp. With dG = G dH G, an entry depends on the parameters as
//   dS_ab = -i sqrt(kappa_a kappa_b) sum_jl G_aj dH_jl G_lb
//           - i/2 (dkappa_a / kappa_a + dkappa_b / kappa_b) sqrt(kappa_a kappa_b) G_ab,
// so that all parameters together cost one solve with w - H for each column b, and one with its
// transpose (push_forward: one more column for each b).
//
// Dense (LU with partial pivoting) or sparse (supernodal LU, COLAMD order), in float or double. All
// results are double. Frequencies are shared among threads; bits do not depend on their number.
#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

#include "kernels/device.hpp"
#include "physics/resonator_network.hpp"

namespace wavesmith {

enum class MatrixKind { automatic, dense, sparse };

struct ScatteringOptions {
  MatrixKind matrix = MatrixKind::automatic;  // by the number of modes and the fill
  Precision precision = Precision::f64;
  int threads = 0;  // 0: all
};

// S_ab or G_ab: what arrives at mode `to` of what enters at mode `from`.
struct ScatteringEntry {
  int to = 0, from = 0;
};

// A derivative, or a direction, one number a parameter. Of a complex coupling J the derivative is
// dL/dRe J + i dL/dIm J, so that dL = Re(conj(coupling) dJ).
struct ResonatorGradient {
  std::vector<double> detuning, port_loss, intrinsic_loss;  // one a mode
  std::vector<std::complex<double>> coupling;               // one a coupling
};

class ScatteringMatrix {
 public:
  using Complex = std::complex<double>;

  // InputError where the network is not sound.
  explicit ScatteringMatrix(ResonatorNetwork network, const ScatteringOptions& options = {});

  const ResonatorNetwork& network() const { return network_; }
  bool is_sparse() const { return sparse_; }

  // Every function below throws NumericsError where w - H is singular at one of the frequencies,
  // naming the mode that dominates the field that would oscillate for ever.

  // S between all ports at one frequency: ports x ports, row-major, ports in the order of modes.
  std::vector<Complex> scattering(double frequency) const;
  // frequencies x entries. S needs ports at both ends (InputError); G does not.
  std::vector<Complex> scattering(std::span<const double> frequencies,
                                  std::span<const ScatteringEntry> entries) const;
  std::vector<Complex> green(std::span<const double> frequencies,
                             std::span<const ScatteringEntry> entries) const;
  // Amplitudes of all modes in the steady state under incoming waves, one a mode (0 where there is
  // no port): a = -i G sqrt(kappa) a_in.
  std::vector<Complex> amplitudes(double frequency, std::span<const Complex> incoming) const;

  // dS of the entries (frequencies x entries) along a direction.
  std::vector<Complex> push_forward(std::span<const double> frequencies,
                                    std::span<const ScatteringEntry> entries,
                                    const ResonatorGradient& direction) const;
  // The derivative of L where dL = Re(sum conj(cotangent) dS), cotangent: frequencies x entries.
  ResonatorGradient pull_back(std::span<const double> frequencies,
                              std::span<const ScatteringEntry> entries,
                              std::span<const Complex> cotangent) const;

 private:
  void check_entries(std::span<const ScatteringEntry> entries, bool need_ports) const;
  template <class Work>
  void for_each_frequency(std::span<const double> frequencies, const Work& work) const;

  ResonatorNetwork network_;
  ScatteringOptions options_;
  bool sparse_ = false;
};

}  // namespace wavesmith
