// Steady states of coupled Kerr modes for many samples at once: W samples in the lanes of a vector.
//
// With a = x + i p, n = x^2 + p^2, gamma_j = (kappa_j + kappa'_j)/2, h_j = g_j / 2 and the drive
// f_j = -sqrt(kappa_j) a_in,j the modes follow
//   dx_j/dt = F_x = -gamma_j x_j + (Delta_j + h_j n_j) p_j + sum_l J_jl p_l + Re f_j
//   dp_j/dt = F_p = -gamma_j p_j - (Delta_j + h_j n_j) x_j - sum_l J_jl x_l + Im f_j.
//
// Two ways to F = 0. Runge-Kutta 4 in time is what a laboratory waits for. The accelerated one
// stops the march once the residual is small and goes on by second-order Richardson iteration
//   y_{m+1} = y_m + alpha F(y_m) + beta (y_m - y_{m-1}),
// with the constants of the ellipse that holds the spectrum of -dF/dy (Manteuffel, Numer. Math. 28,
// 307, 1977): real axis from min(gamma - h n) to max(gamma + h n), height |J| + max |Delta + 2 h
// n|. Where every mode has h_j n_j < gamma_j the flow contracts, so the state at the end of the
// march is the only one near. Elsewhere the march goes on for longer, and an iteration that leaves
// its neighbourhood (by a tenth of the fields) is taken back and marched: a state at rest that is
// unstable in time repels the iteration, too, so it ends at a stable one or not at all. The same
// code solves the linear equations of derivatives, with dF/dy or its transpose in place of F.
//
// A lane that is at rest is frozen, so a sample's bits depend on no other sample and on no number
// of threads.
#pragma once

#include <complex>
#include <span>
#include <vector>

namespace wavesmith {

// A network, with every coupling seen from both of its ends: neighbours of mode j are
// other[start[j]] .. other[start[j + 1] - 1].
template <class T>
struct KerrTables {
  std::vector<int> start, other;
  std::vector<T> coupling;          // J, beside `other`
  std::vector<T> decay, half_kerr;  // gamma, h
  std::vector<double> detuning;     // Delta
  double coupling_norm = 0.0;       // at least about |J|, the largest of its eigenvalues in size
  int modes() const { return static_cast<int>(decay.size()); }
};

struct SettleSettings {
  double step = 0.1;        // of the march; 0: of the sample's fastest rate over 1.2
  double time = 60.0;       // longest march,
  long steps = 20000;       //   and the most steps where they are chosen
  double tolerance = 1e-6;  // |F| / |f| at rest
  bool accelerate = true;
  double handover = 0.1;         // |F| / |f| from which the accelerated way is taken; 1: at once,
  double late_handover = 0.003;  //   where not every mode has h n < gamma
  int iterations = 2000;         // of it, at most
};

// What became of one sample.
struct Settled {
  bool at_rest = false;
  double residual = 0.0;      // |F| / |f|
  int mode = 0;               // with the largest |F_j|
  double nonlinearity = 0.0;  // max h_j n_j / gamma_j; below 1 the state is stable and the only one
  long evaluations = 0;       // of F
};

// Arrays are batch x modes.
struct KerrArrays {
  std::span<const std::complex<double>> drive;  // f, or the right-hand side of linear equations
  std::span<const double> shift;                // of the detunings; empty: none
  std::span<const std::complex<double>> start;  // empty: rest
  std::span<std::complex<double>> state;        // written
};

template <class T>
void settle_kerr(const KerrTables<T>& tables, const SettleSettings& settings, int threads,
                 const KerrArrays& arrays, std::span<Settled> settled);

enum class KerrDerivative { forward, transposed };
// Solves D v + drive = 0, with D = dF/dy at `at` or its transpose.
template <class T>
void settle_kerr_derivative(const KerrTables<T>& tables, const SettleSettings& settings,
                            int threads, KerrDerivative kind,
                            std::span<const std::complex<double>> at, const KerrArrays& arrays,
                            std::span<Settled> settled);

// The modes that a coupling joins.
struct KerrEnds {
  int first = 0, second = 0;
};
// Sums over samples (rows of v and y) of dF/dDelta_j . v and dF/dJ_jl . v at the fields y:
//   detunings[j] = sum Im(conj(v_j) y_j),   couplings[b] = sum Im(conj(v_j) y_l + conj(v_l) y_j).
// Samples are added in an order of their own, whatever the number of threads.
void kerr_products(std::span<const KerrEnds> bonds, std::span<const std::complex<double>> v,
                   std::span<const std::complex<double>> y, int threads,
                   std::span<double> detunings, std::span<double> couplings);

}  // namespace wavesmith
