// A circuit at one frequency: its matrices, and the solve by which the joined ports are eliminated.
// Equations: solvers/circuit_solver.hpp.
#pragma once

#include <Eigen/Dense>
#include <Eigen/SparseLU>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "physics/circuit.hpp"

namespace wavesmith {

// Which ports are joined, in which order they are eliminated.
struct CircuitLayout {
  explicit CircuitLayout(const Circuit& circuit);
  const Circuit& circuit;
  std::vector<std::size_t> inner;       // joined ports
  std::vector<std::size_t> inner_of;    // by port: its place in `inner`, or Circuit::none
  std::vector<std::size_t> partner_in;  // by place in `inner`: that of the partner
};

enum class CircuitFailure { no, not_finite, singular };

class CircuitPoint {
 public:
  using Matrix = Eigen::MatrixXcd;

  // frequency: [Hz]. Does not throw for numbers: failure() tells.
  CircuitPoint(const CircuitLayout& layout, double frequency, std::span<const double> parameters,
               bool derivatives);

  // Makes the matrices of elimination. Where it fails nothing below may be called.
  CircuitFailure factor(std::size_t sparse_from);
  // Components whose own matrix is not finite, or between which light goes round without loss.
  std::vector<std::string> culprits() const;

  // Amplitudes into and out of every port, per unit into each external port: ports x externals.
  Matrix incoming() const;
  Matrix outgoing(const Matrix& incoming) const;
  // The change of the outgoing ones by parameters' changes.
  Matrix push_forward(const Matrix& incoming, std::span<const double> direction) const;
  // Adds what the cotangent of the outgoing ones gives.
  void pull_back(const Matrix& incoming, const Matrix& cotangent, std::span<double> gradient) const;

  // S of a component.
  Matrix part_matrix(std::size_t part) const;
  Matrix whole_matrix() const;  // block diagonal

 private:
  Matrix solve(const Matrix& right) const;          // (1 - P S_ii)^-1
  Matrix solve_adjoint(const Matrix& right) const;  // its adjoint
  Matrix swapped(const Matrix& rows) const;         // P
  // S times rows of all ports, block by block; its adjoint.
  Matrix scatter(const Matrix& rows) const;
  Matrix scatter_adjoint(const Matrix& rows) const;
  Matrix inner_rows(const Matrix& rows) const;
  void fill_inner(const Matrix& inner, Matrix& rows) const;
  Complex derivative(std::size_t part, std::size_t parameter, std::size_t to,
                     std::size_t from) const;

  const CircuitLayout& layout_;
  std::vector<std::vector<Complex>> s_, derivatives_;  // by component
  Eigen::MatrixXcd dense_round_;                       // 1 - P S_ii
  Eigen::SparseMatrix<Complex> sparse_round_;
  bool sparse_ = false;
  Eigen::PartialPivLU<Matrix> dense_;
  // Mutable: Eigen's adjoint of a factored matrix is made through a pointer that is not const.
  mutable Eigen::SparseLU<Eigen::SparseMatrix<Complex>> sparse_lu_;
};

}  // namespace wavesmith
