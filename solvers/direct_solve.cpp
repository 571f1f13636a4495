#include "solvers/direct_solve.hpp"

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <Eigen/Sparse>
#include <Eigen/SparseLU>
#include <cmath>
#include <limits>

#include "core/random.hpp"

namespace wavesmith {
namespace {

constexpr int most_dense_unknowns = 200;

template <class Scalar>
using DenseMatrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;

}  // namespace

template <class Scalar>
struct DirectSolve<Scalar>::Parts {
  enum class Kind { cholesky, dense_lu, sparse_lu };
  Kind kind = Kind::dense_lu;
  int unknowns = 0;
  Eigen::LLT<DenseMatrix<Scalar>> cholesky;
  Eigen::PartialPivLU<DenseMatrix<Scalar>> dense_lu;
  Eigen::SparseLU<Eigen::SparseMatrix<Scalar>> sparse_lu;

  bool compute(const Eigen::SparseMatrix<Scalar>& matrix) {
    switch (kind) {
      case Kind::cholesky:
        cholesky.compute(DenseMatrix<Scalar>(matrix));
        return cholesky.info() == Eigen::Success;
      case Kind::dense_lu:
        dense_lu.compute(DenseMatrix<Scalar>(matrix));
        return true;
      case Kind::sparse_lu:
        break;
    }
    sparse_lu.compute(matrix);
    return sparse_lu.info() == Eigen::Success;
  }

  DenseMatrix<Scalar> solve(const DenseMatrix<Scalar>& columns) const {
    switch (kind) {
      case Kind::cholesky:
        return cholesky.solve(columns);
      case Kind::dense_lu:
        return dense_lu.solve(columns);
      case Kind::sparse_lu:
        break;
    }
    return sparse_lu.solve(columns);
  }

  // |A^{-1} x| / |x| as large as three steps of inverse iteration find it, leaving the last x,
  // normalised, in `vector`. A random start has a part along every vector.
  double inverse_norm(DenseMatrix<Scalar>& vector) const {
    const Random random(1, 0);
    vector.resize(unknowns, 1);
    for (int i = 0; i < unknowns; ++i) vector(i) = random.normal(static_cast<std::uint64_t>(i));
    vector /= vector.norm();
    double norm = 0.0;
    for (int step = 0; step < 3; ++step) {
      const DenseMatrix<Scalar> next = solve(vector);
      norm = next.norm();
      if (!std::isfinite(norm)) return std::numeric_limits<double>::infinity();
      if (norm > 0.0) vector = next / norm;
    }
    return norm;
  }
};

template <class Scalar>
DirectSolve<Scalar>::DirectSolve() : parts_(std::make_unique<Parts>()) {}
template <class Scalar>
DirectSolve<Scalar>::~DirectSolve() = default;
template <class Scalar>
DirectSolve<Scalar>::DirectSolve(DirectSolve&&) noexcept = default;
template <class Scalar>
DirectSolve<Scalar>& DirectSolve<Scalar>::operator=(DirectSolve&&) noexcept = default;

template <class Scalar>
std::vector<Scalar> DirectSolve<Scalar>::factorise(int unknowns,
                                                   std::span<const MatrixEntry<Scalar>> entries,
                                                   bool positive_definite, MatrixStorage storage) {
  using Kind = typename Parts::Kind;
  parts_->unknowns = unknowns;
  if (unknowns == 0) return {};
  std::vector<Eigen::Triplet<Scalar>> triplets;
  triplets.reserve(entries.size());
  for (const MatrixEntry<Scalar>& entry : entries)
    triplets.emplace_back(entry.row, entry.column, entry.value);
  Eigen::SparseMatrix<Scalar> matrix(unknowns, unknowns);
  matrix.setFromTriplets(triplets.begin(), triplets.end());
  const bool dense = storage == MatrixStorage::dense ||
                     (storage == MatrixStorage::automatic && unknowns <= most_dense_unknowns);
  parts_->kind = !dense ? Kind::sparse_lu : positive_definite ? Kind::cholesky : Kind::dense_lu;

  constexpr double epsilon = std::numeric_limits<double>::epsilon();
  const double norm = matrix.norm();
  DenseMatrix<Scalar> vector;
  if (parts_->compute(matrix) && norm * parts_->inverse_norm(vector) < 0.1 / epsilon) return {};

  // A little off the singular point the matrix has an inverse, whose largest vector is the one
  // looked for.
  const double shift = norm > 0.0 ? 100.0 * epsilon * norm : 1.0;
  for (int i = 0; i < unknowns; ++i) triplets.emplace_back(i, i, Scalar(shift));
  matrix.setFromTriplets(triplets.begin(), triplets.end());
  if (parts_->kind == Kind::cholesky) parts_->kind = Kind::dense_lu;
  parts_->compute(matrix);
  parts_->inverse_norm(vector);
  return {vector.data(), vector.data() + unknowns};
}

template <class Scalar>
void DirectSolve<Scalar>::solve(int columns, std::span<Scalar> values) const {
  if (parts_->unknowns == 0 || columns == 0) return;
  Eigen::Map<DenseMatrix<Scalar>> right(values.data(), parts_->unknowns, columns);
  right = parts_->solve(right);
}

template class DirectSolve<double>;
template class DirectSolve<std::complex<double>>;

}  // namespace wavesmith
