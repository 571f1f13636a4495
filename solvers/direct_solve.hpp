// Direct solution of A x = b for any number of right sides, dense or sparse.
//
// Scheme  Cholesky for dense positive definite matrices, LU with pivoting otherwise; Eigen.
#pragma once

#include <complex>
#include <memory>
#include <span>
#include <vector>

namespace wavesmith {

enum class MatrixStorage { automatic, dense, sparse };  // automatic: dense for up to 200 unknowns

// Adds `value` at (row, column) of a matrix.
template <class Scalar>
struct MatrixEntry {
  int row = 0, column = 0;
  Scalar value{};
};

// Scalar: double or std::complex<double>.
template <class Scalar>
class DirectSolve {
 public:
  DirectSolve();
  ~DirectSolve();
  DirectSolve(DirectSolve&&) noexcept;
  DirectSolve& operator=(DirectSolve&&) noexcept;

  // Factorises the matrix of `unknowns` rows whose entries are the sums of those given. Returns
  // nothing where that went well; where the matrix is singular to rounding (condition number above
  // 0.1 / epsilon) a vector of length 1 that it maps to 0, or nearly so.
  std::vector<Scalar> factorise(int unknowns, std::span<const MatrixEntry<Scalar>> entries,
                                bool positive_definite,
                                MatrixStorage storage = MatrixStorage::automatic);

  // Solves in place: `columns` right sides of one value per unknown each, one after the other.
  void solve(int columns, std::span<Scalar> values) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

extern template class DirectSolve<double>;
extern template class DirectSolve<std::complex<double>>;

}  // namespace wavesmith
