#include "solvers/mesh_decomposition.hpp"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/random.hpp"
#include "core/units.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;
using Matrix = Eigen::Matrix<Complex, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Block = Eigen::Matrix<Complex, 2, 2, Eigen::RowMajor>;

constexpr double largest_unitarity_error = 1e-9;

struct Step {
  int top;
  double theta, phi;
};

Block block_of(const Step& step) {
  const auto u = mzi_matrix(step.theta, step.phi);
  Block block;
  block << u[0], u[1], u[2], u[3];
  return block;
}

// arg(a) - arg(b), zero where either vanishes and the difference has no meaning.
double phase_between(Complex a, Complex b) {
  return a == 0.0 || b == 0.0 ? 0.0 : std::arg(a * std::conj(b));
}

// Makes u(row, top) zero: u T^{-1} mixes the columns top and top + 1. T is the interferometer that
// light meets next.
Step null_by_columns(Matrix& u, int row, int top) {
  const Complex a = u(row, top), b = u(row, top + 1);
  const Step step{top, 2.0 * std::atan2(std::abs(b), std::abs(a)), phase_between(a, b) + pi};
  u.middleCols(top, 2) = (u.middleCols(top, 2) * block_of(step).adjoint()).eval();
  return step;
}

// Makes u(top + 1, column) zero: T u mixes the rows top and top + 1.
Step null_by_rows(Matrix& u, int column, int top) {
  const Complex a = u(top, column), b = u(top + 1, column);
  const Step step{top, 2.0 * std::atan2(std::abs(a), std::abs(b)), phase_between(b, a)};
  u.middleRows(top, 2) = (block_of(step) * u.middleRows(top, 2)).eval();
  return step;
}

// T^{-1} D = D' T' for a diagonal D of phases: writes D' over D and returns T'.
Step move_behind(const Step& step, Eigen::VectorXcd& d) {
  Block left = block_of(step).adjoint();
  left.col(0) *= d(step.top);
  left.col(1) *= d(step.top + 1);
  const Step moved{step.top, 2.0 * std::atan2(std::abs(left(0, 0)), std::abs(left(0, 1))),
                   phase_between(left(0, 0), left(0, 1))};
  const Block right = block_of(moved);
  for (int row = 0; row < 2; ++row) {
    const int column = std::abs(right(row, 0)) > std::abs(right(row, 1)) ? 0 : 1;
    const Complex ratio = left(row, column) / right(row, column);
    d(step.top + row) = ratio / std::abs(ratio);
  }
  return moved;
}

// Interferometers in the order in which light meets them; what is left of `u` is diagonal.
std::vector<Step> triangular_steps(Matrix& u) {
  std::vector<Step> steps;
  for (int row = static_cast<int>(u.rows()) - 1; row > 0; --row)
    for (int top = 0; top < row; ++top) steps.push_back(null_by_columns(u, row, top));
  return steps;
}

std::vector<Step> rectangular_steps(Matrix& u) {
  const int n = static_cast<int>(u.rows());
  std::vector<Step> first, last;
  for (int diagonal = 0; diagonal < n - 1; ++diagonal)
    for (int j = 0; j <= diagonal; ++j)
      if (diagonal % 2 == 0)
        first.push_back(null_by_columns(u, n - 1 - j, diagonal - j));
      else
        last.push_back(null_by_rows(u, j, n - 2 - diagonal + j));
  Eigen::VectorXcd d = u.diagonal();
  for (std::size_t k = last.size(); k-- > 0;) first.push_back(move_behind(last[k], d));
  u.diagonal() = d;
  return first;
}

}  // namespace

MeshDecomposition decompose_unitary(const MziMesh& mesh, std::span<const Complex> matrix) {
  const int n = mesh.ports();
  validate_count(matrix.size(), static_cast<std::size_t>(n) * static_cast<std::size_t>(n),
                 fmt::format("the matrix of a mesh of {} ports", n));
  const double error = unitarity_error(n, matrix);
  WAVESMITH_VALIDATE(error <= largest_unitarity_error,
                     fmt::format("the matrix is not unitary: an element of U^H U - 1 has size "
                                 "{:.3g} ({} is accepted); a lossless mesh makes unitaries only, "
                                 "scale or complete the matrix",
                                 error, largest_unitarity_error));
  Matrix u = Eigen::Map<const Matrix>(matrix.data(), n, n);
  const std::vector<Step> steps =
      mesh.layout() == MeshLayout::triangular ? triangular_steps(u) : rectangular_steps(u);

  // Interferometers on the same two ports come in the same order in the mesh as in the steps.
  MeshDecomposition result{std::vector<double>(mesh.phase_count(), 0.0), {}};
  std::vector<std::vector<std::size_t>> on_ports(static_cast<std::size_t>(n));
  for (std::size_t k = 0; k < mesh.mzi_count(); ++k)
    on_ports[static_cast<std::size_t>(mesh.mzis()[k].top)].push_back(k);
  std::vector<std::size_t> next(static_cast<std::size_t>(n), 0);
  for (const Step& step : steps) {
    const std::size_t top = static_cast<std::size_t>(step.top);
    const std::size_t k = on_ports[top][next[top]++];
    const auto turn = [](double phase) {
      return phase - 2.0 * pi * std::floor(phase / (2.0 * pi));
    };
    result.phases[mesh.theta(k)] = step.theta;
    result.phases[mesh.phi(k)] = turn(step.phi);
  }
  for (int port = 0; port < n; ++port) {
    result.output_phases.push_back(std::arg(u(port, port)));
    if (mesh.output_phases()) result.phases[mesh.output_phase(port)] = result.output_phases.back();
  }
  return result;
}

std::vector<Complex> random_unitary(int size, std::uint64_t seed, std::uint64_t stream) {
  WAVESMITH_VALIDATE(
      size >= 1 && size <= MziMesh::max_ports,
      fmt::format("a random unitary of size {}: give 1 to {}", size, MziMesh::max_ports));
  const Random random(seed, stream);
  Matrix normal(size, size);
  for (Eigen::Index i = 0; i < normal.size(); ++i) {
    const auto pair = random.normal_pair(static_cast<std::uint64_t>(i));
    normal.data()[i] = {pair[0], pair[1]};
  }
  const Eigen::HouseholderQR<Matrix> factors(normal);
  Matrix q = factors.householderQ();
  // Without the phases of R's diagonal the factor would depend on how the factorisation chooses
  // signs.
  for (int column = 0; column < size; ++column) {
    const Complex r = factors.matrixQR()(column, column);
    q.col(column) *= r / std::abs(r);
  }
  return {q.data(), q.data() + q.size()};
}

double unitarity_error(int size, std::span<const Complex> matrix) {
  const Eigen::Map<const Matrix> u(matrix.data(), size, size);
  const Matrix difference = u.adjoint() * u - Matrix::Identity(size, size);
  const double error = difference.cwiseAbs().maxCoeff();
  // A maximum skips what is not a number.
  return difference.allFinite() ? error : std::numeric_limits<double>::infinity();
}

}  // namespace wavesmith
