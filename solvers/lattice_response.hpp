// Linear response of an elastic lattice to forces at its nodes, static or at one frequency.
//
// Equation  A u = F with A = C^T diag(k - i w c) C - w^2 M - i w G: displacements u and forces F go
//           as e^{-i w t}; k, c stiffness and damping of the bonds, M masses, G damping of the
//           nodes; static where w = 0. Fixed directions are left out.
// Scheme    direct (solvers/direct_solve.hpp), factorised once for any number of forces, in double
//           precision: stiff and soft ways to move differ by orders of magnitude.
// Adjoint   A is symmetric (Maxwell and Betti), so A^T w = g is the same experiment with the forces
//           g: dL/dk = -Re(e(w) e(u)), S. Li and X. Mao, Nature Communications 15, 10528 (2024),
//           with e = C u the elongations.
// Cotangents of complex values are bilinear: g = dL/dRe(u) - i dL/dIm(u), so that dL = Re(g . du).
#pragma once

#include <complex>
#include <span>
#include <vector>

#include "physics/elastic_lattice.hpp"
#include "solvers/direct_solve.hpp"

namespace wavesmith {

// dL/dparameter of every bond and node, summed over samples.
struct LatticeGradient {
  std::vector<double> stiffness, bond_damping;  // one per bond; 0 where it is cut
  std::vector<double> mass, node_damping;       // one per node
};

// Scalar: double for static lattices and undamped ones, else std::complex<double>.
template <class Scalar>
class LatticeResponse {
 public:
  // angular_frequency [rad/s], 0: static. Throws InputError for a lattice that is not valid, for
  // damping at a frequency where Scalar is real, and for a singular one: a mechanism (a floppy
  // mode, static) or a resonance hit exactly. The message names the node that moves most in it.
  explicit LatticeResponse(const ElasticLattice& lattice, double angular_frequency = 0.0,
                           MatrixStorage storage = MatrixStorage::automatic);

  const ElasticLattice& lattice() const { return lattice_; }
  double angular_frequency() const { return angular_frequency_; }
  std::size_t unknown_count() const { return static_cast<std::size_t>(unknown_count_); }

  // New stiffnesses [N/m], one per bond (those of cut bonds are ignored). Throws as the
  // constructor; the response is unusable after that until another call succeeds.
  void set_stiffness(std::span<const double> stiffness);

  // forces [N] and displacements [m]: `samples` x displacement_count(). Forces on fixed directions
  // are borne by the support; displacements there are 0. The transpose of itself.
  void solve(int samples, std::span<const Scalar> forces, std::span<Scalar> displacements) const;

  // samples x bonds [m]; 0 for cut bonds.
  void elongations(int samples, std::span<const Scalar> displacements,
                   std::span<Scalar> elongations) const;
  // The transpose of elongations: samples x displacement_count().
  void pull_back_elongations(int samples, std::span<const Scalar> elongations,
                             std::span<Scalar> displacements) const;

  // displacements = solve(forces), cotangent = dL/displacements. Adds to `gradient`, which is sized
  // where it is empty; writes dL/dforces where the span is not empty.
  void pull_back(int samples, std::span<const Scalar> displacements,
                 std::span<const Scalar> cotangent, LatticeGradient& gradient,
                 std::span<Scalar> force_cotangent = {}) const;

 private:
  void factorise();

  ElasticLattice lattice_;
  double angular_frequency_;
  MatrixStorage storage_;
  std::vector<std::array<double, 3>> directions_;  // of bonds
  std::vector<int> unknowns_;                      // of each displacement; -1 where fixed
  int unknown_count_ = 0;
  DirectSolve<Scalar> factor_;
};

extern template class LatticeResponse<double>;
extern template class LatticeResponse<std::complex<double>>;

// Free vibrations of the undamped lattice.
struct LatticeModes {
  std::vector<double> angular_frequencies;  // ascending [rad/s]; 0 for mechanisms
  std::vector<double> shapes;               // modes x displacement_count(), of unit modal mass
};
// Throws InputError where a node that can move has no mass, and for more than 3000 unknowns.
LatticeModes lattice_modes(const ElasticLattice& lattice);

// Mean power [W] that forces put into a lattice, and that its dampers take out, at a frequency.
double injected_power(std::span<const std::complex<double>> forces,
                      std::span<const std::complex<double>> displacements,
                      double angular_frequency);
double dissipated_power(const ElasticLattice& lattice,
                        std::span<const std::complex<double>> displacements,
                        double angular_frequency);

}  // namespace wavesmith
