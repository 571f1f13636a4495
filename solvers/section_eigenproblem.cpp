// GCC 12 takes a destructor that is inlined into Spectra's Hessenberg solver for a use after free.
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 12
#pragma GCC diagnostic ignored "-Wuse-after-free"
#endif

#include "solvers/section_eigenproblem.hpp"

#include <Spectra/GenEigsRealShiftSolver.h>

#include <Eigen/Dense>
#include <Eigen/SparseLU>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>

#include "core/error.hpp"

namespace wavesmith {
namespace {

using Sparse = SectionOperators::Sparse;
using Vector = SectionOperators::Vector;
using Complex = SectionOperators::Complex;
using Entries = std::vector<Eigen::Triplet<double>>;

constexpr Eigen::Index dense_limit = 160;  // unknowns; below it all eigenvalues are found at once
constexpr double degeneracy = 1e-9;        // relative distance of eigenvalues taken for equal

std::size_t position(const std::array<int, 2>& shape, int i, int j) {
  return static_cast<std::size_t>(j) * static_cast<std::size_t>(shape[0]) +
         static_cast<std::size_t>(i);
}

// Numbers of one component's positions from `next` on; -1 on electric walls.
std::vector<int> number_positions(const CrossSection& section, int component, int& next) {
  const std::array<int, 2> shape = electric_shape(section, component);
  const std::array<const Axis*, 2> axes = {&section.u, &section.v};
  const std::array<std::array<SectionWall, 2>, 2> walls = {
      {{section.u_low, section.u_high}, {section.v_low, section.v_high}}};
  std::vector<int> number(static_cast<std::size_t>(shape[0]) * static_cast<std::size_t>(shape[1]));
  for (int j = 0; j < shape[1]; ++j) {
    for (int i = 0; i < shape[0]; ++i) {
      std::array<int, 2> at = {i, j};
      bool held = false;
      for (std::size_t d = 0; d < 2; ++d) {
        const int last = axes[d]->cells();
        if (shape[d] != last + 1) continue;  // centres along this axis
        if (walls[d][0] == SectionWall::periodic) {
          if (at[d] == last) at[d] = 0;
        } else if ((at[d] == 0 && walls[d][0] == SectionWall::electric) ||
                   (at[d] == last && walls[d][1] == SectionWall::electric)) {
          held = true;
        }
      }
      const std::size_t here = position(shape, i, j);
      const bool copy = at[0] != i || at[1] != j;
      number[here] = held ? -1 : copy ? number[position(shape, at[0], at[1])] : next++;
    }
  }
  return number;
}

// The values at the numbered positions; a copy does not overwrite its original.
Vector gather(const std::vector<double>& values, const std::vector<int>& number, int offset,
              Vector gathered) {
  for (std::size_t i = values.size(); i-- > 0;)
    if (number[i] >= 0) gathered[number[i] - offset] = values[i];
  return gathered;
}

Sparse make_sparse(Eigen::Index rows, Eigen::Index columns, const Entries& entries) {
  Sparse matrix(rows, columns);
  matrix.setFromTriplets(entries.begin(), entries.end());
  return matrix;
}

// (A - shift)^-1 for Spectra. Of Eigen's orderings COLAMD with plain partial pivoting fills least:
// 80 by 80 cells take 0.15 s, against minutes with AMD.
class ShiftedInverse {
 public:
  using Scalar = double;

  explicit ShiftedInverse(const Sparse& matrix) : matrix_(matrix) {}
  Eigen::Index rows() const { return matrix_.rows(); }
  Eigen::Index cols() const { return matrix_.cols(); }

  void set_shift(double shift) {
    Sparse identity(rows(), cols());
    identity.setIdentity();
    shifted_ = matrix_ - shift * identity;
    shifted_.makeCompressed();
    factors_.compute(shifted_);
    if (factors_.info() != Eigen::Success)
      throw NumericsError(
          "waveguide modes: the operator cannot be factorised at the index guessed (an eigenvalue "
          "lies there); change the guess by a little");
  }

  void perform_op(const double* input, double* output) const {
    const Eigen::Map<const Vector> right(input, rows());
    Eigen::Map<Vector> solution(output, rows());
    solution = factors_.solve(right);
    solution += factors_.solve(right - shifted_ * solution);  // one step of refinement
  }

 private:
  const Sparse& matrix_;
  Sparse shifted_;
  Eigen::SparseLU<Sparse, Eigen::COLAMDOrdering<int>> factors_;
};

std::vector<SectionEigenpair> solve_dense(const Sparse& matrix) {
  const Eigen::EigenSolver<Eigen::MatrixXd> solver{Eigen::MatrixXd(matrix)};
  std::vector<SectionEigenpair> pairs;
  for (Eigen::Index i = 0; i < matrix.rows(); ++i)
    pairs.push_back({solver.eigenvalues()[i], solver.eigenvectors().col(i)});
  return pairs;
}

std::vector<SectionEigenpair> solve_sparse(const Sparse& matrix, double shift, int count) {
  ShiftedInverse inverse(matrix);
  const Eigen::Index n = matrix.rows();
  const Eigen::Index wanted = std::min<Eigen::Index>(count + 1, n - 2);
  for (Eigen::Index basis = 2 * wanted + 20; basis <= 8 * wanted + 80; basis *= 2) {
    Spectra::GenEigsRealShiftSolver<ShiftedInverse> solver(inverse, wanted, std::min(basis, n),
                                                           shift);
    solver.init();
    solver.compute(Spectra::SortRule::LargestMagn, 300, 1e-13);
    if (solver.info() != Spectra::CompInfo::Successful) continue;
    std::vector<SectionEigenpair> pairs;
    for (Eigen::Index i = 0; i < solver.eigenvalues().size(); ++i)
      pairs.push_back({solver.eigenvalues()[i], solver.eigenvectors().col(i)});
    return pairs;
  }
  throw NumericsError("waveguide modes: no convergence for " + std::to_string(count) +
                      " modes; ask for fewer, or guess an index nearer to theirs");
}

// The `most` pairs of the least key, by rising key.
template <class Key>
std::vector<SectionEigenpair> reorder(const std::vector<SectionEigenpair>& pairs, Key key,
                                      int most) {
  std::vector<std::size_t> order(pairs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return key(pairs[a]) < key(pairs[b]); });
  if (order.size() > static_cast<std::size_t>(most)) order.resize(static_cast<std::size_t>(most));
  std::vector<SectionEigenpair> ordered;
  for (const std::size_t i : order) ordered.push_back(pairs[i]);
  return ordered;
}

// Replaces a group of equal real eigenvalues' vectors by real ones, orthogonal under areas * Q,
// that are extremal in the share of E_u: Arnoldi's method gives an arbitrary basis.
void align_group(const SectionOperators& operators, double wavenumber, int unknowns_u,
                 std::vector<SectionEigenpair>& pairs, std::size_t first, std::size_t size) {
  const auto count = static_cast<Eigen::Index>(size);
  const Eigen::Index n = operators.areas.size();
  Eigen::MatrixXd span(n, 2 * count);
  for (Eigen::Index i = 0; i < count; ++i) {
    const auto& vector = pairs[first + static_cast<std::size_t>(i)].vector;
    span.col(2 * i) = vector.real();
    span.col(2 * i + 1) = vector.imag();
  }
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(span, Eigen::ComputeThinU);
  const Eigen::MatrixXd basis = svd.matrixU().leftCols(count);
  Eigen::MatrixXd image(n, count);
  for (Eigen::Index i = 0; i < count; ++i)
    image.col(i) =
        operators.areas.cwiseProduct(operators.apply_q(Vector(basis.col(i)), wavenumber));
  const Eigen::MatrixXd product = basis.transpose() * image;
  const Eigen::MatrixXd symmetric = 0.5 * (product + product.transpose());
  const auto upper = basis.topRows(unknowns_u);
  const Eigen::MatrixXd share = upper.transpose() * operators.areas.head(unknowns_u).asDiagonal() *
                                operators.permittivity.head(unknowns_u).asDiagonal() * upper;
  // Where the flux of some combination vanishes the form is not definite, and the span is kept.
  const Eigen::LLT<Eigen::MatrixXd> definite(symmetric);
  Eigen::MatrixXd aligned = basis;
  if (definite.info() == Eigen::Success) {
    const Eigen::GeneralizedSelfAdjointEigenSolver<Eigen::MatrixXd> solver(share, symmetric);
    aligned = basis * solver.eigenvectors().rowwise().reverse();
  }
  for (Eigen::Index i = 0; i < count; ++i)
    pairs[first + static_cast<std::size_t>(i)].vector = aligned.col(i).cast<Complex>();
}

}  // namespace

Sparse SectionOperators::matrix(double wavenumber) const {
  const double scale = 1.0 / (wavenumber * wavenumber);
  const Sparse filled = divergence * permittivity.asDiagonal();
  const Sparse weighted = inverse_permittivity_w.asDiagonal() * filled;
  const Sparse transverse = gradient * weighted;
  const Sparse solenoidal = curl_dual * curl;
  Sparse sum = scale * (transverse - solenoidal);
  Sparse diagonal(areas.size(), areas.size());
  diagonal.setIdentity();
  diagonal.diagonal() = permittivity;
  sum += diagonal;
  sum.makeCompressed();
  return sum;
}

SectionOperators make_section_operators(const CrossSection& section,
                                        const std::array<bool, 2>& sought) {
  SectionOperators operators;
  auto& number = operators.number;
  int unknowns = 0;
  int nodes = 0;
  for (std::size_t c = 0; c < 2; ++c) {
    if (sought[c])
      number[c] = number_positions(section, static_cast<int>(c), unknowns);
    else
      number[c].assign(electric_size(section, static_cast<int>(c)), -1);
  }
  number[2] = number_positions(section, 2, nodes);
  WAVESMITH_VALIDATE(unknowns > 0,
                     "waveguide modes: the walls of the section leave no transverse field; use "
                     "more cells or other walls");

  const std::array<std::vector<double>, 3> areas = electric_areas(section);
  operators.areas = Vector::Zero(unknowns);
  operators.permittivity = Vector::Zero(unknowns);
  Vector node_areas = Vector::Zero(nodes);
  Vector node_permittivity = Vector::Zero(nodes);
  for (std::size_t c = 0; c < 2; ++c) {
    operators.areas = gather(areas[c], number[c], 0, operators.areas);
    operators.permittivity = gather(section.permittivity[c], number[c], 0, operators.permittivity);
  }
  node_areas = gather(areas[2], number[2], 0, node_areas);
  node_permittivity = gather(section.permittivity[2], number[2], 0, node_permittivity);
  operators.inverse_permittivity_w = node_permittivity.cwiseInverse();

  // Differences along u and v, of the nodes for the gradient and of E for the curl.
  const int nu = section.u.cells();
  const int nv = section.v.cells();
  const std::array<std::array<int, 2>, 3> shape = {
      electric_shape(section, 0), electric_shape(section, 1), electric_shape(section, 2)};
  Entries gradient, curl;
  const auto add = [](Entries& entries, int row, int column, double value) {
    if (row >= 0 && column >= 0) entries.emplace_back(row, column, value);
  };
  for (int j = 0; j <= nv; ++j)
    for (int i = 0; i <= nu; ++i) {
      const auto number_at = [&](std::size_t c, int at_i, int at_j) {
        return number[c][position(shape[c], at_i, at_j)];
      };
      // A copy at the far side of a periodic axis would add its row twice.
      if (i < nu && !(section.v_low == SectionWall::periodic && j == nv)) {
        const int row = number_at(0, i, j);
        add(gradient, row, number_at(2, i + 1, j), 1.0 / section.u.width(i));
        add(gradient, row, number_at(2, i, j), -1.0 / section.u.width(i));
      }
      if (j < nv && !(section.u_low == SectionWall::periodic && i == nu)) {
        const int row = number_at(1, i, j);
        add(gradient, row, number_at(2, i, j + 1), 1.0 / section.v.width(j));
        add(gradient, row, number_at(2, i, j), -1.0 / section.v.width(j));
      }
      if (i < nu && j < nv) {
        const int row = j * nu + i;
        add(curl, row, number_at(1, i + 1, j), 1.0 / section.u.width(i));
        add(curl, row, number_at(1, i, j), -1.0 / section.u.width(i));
        add(curl, row, number_at(0, i, j + 1), -1.0 / section.v.width(j));
        add(curl, row, number_at(0, i, j), 1.0 / section.v.width(j));
      }
    }
  Vector cell_areas(nu * nv);
  for (int j = 0; j < nv; ++j)
    for (int i = 0; i < nu; ++i) cell_areas[j * nu + i] = section.u.width(i) * section.v.width(j);

  operators.gradient = make_sparse(unknowns, nodes, gradient);
  operators.curl = make_sparse(nu * nv, unknowns, curl);
  const Sparse weighted_gradient = operators.areas.asDiagonal() * operators.gradient;
  const Sparse gradient_transpose = weighted_gradient.transpose();
  const Vector inverse_node_areas = -node_areas.cwiseInverse();
  operators.divergence = inverse_node_areas.asDiagonal() * gradient_transpose;
  const Sparse weighted_curl = cell_areas.asDiagonal() * operators.curl;
  const Sparse curl_transpose = weighted_curl.transpose();
  const Vector inverse_areas = operators.areas.cwiseInverse();
  operators.curl_dual = inverse_areas.asDiagonal() * curl_transpose;
  return operators;
}

std::vector<SectionEigenpair> solve_section(const SectionOperators& operators, double wavenumber,
                                            double shift, int count) {
  const Sparse matrix = operators.matrix(wavenumber);
  const Eigen::Index n = matrix.rows();
  const Eigen::Index most = n <= 8 * dense_limit ? n : n / 4;
  WAVESMITH_VALIDATE(count >= 1 && count <= most,
                     "waveguide modes: " + std::to_string(count) + " modes asked for; this grid " +
                         "gives at least 1 and at most " + std::to_string(most));
  const bool dense = n <= dense_limit || count > n / 4;
  std::vector<SectionEigenpair> pairs =
      dense ? solve_dense(matrix) : solve_sparse(matrix, shift, count);

  // The nearest ones, and one more than asked for, if there is: it may be the last one's degenerate
  // partner. Equal distances, as of a conjugate pair, stay in order.
  const auto distance = [&](const SectionEigenpair& pair) { return std::abs(pair.value - shift); };
  pairs = reorder(pairs, distance, count + 1);
  pairs = reorder(
      pairs, [](const SectionEigenpair& pair) { return -pair.value.real(); }, count + 1);

  int unknowns_u = 0;
  for (const int index : operators.number[0]) unknowns_u = std::max(unknowns_u, index + 1);
  for (std::size_t first = 0; first < pairs.size();) {
    std::size_t last = first + 1;
    const auto equal = [&](std::size_t i) {
      return std::abs(pairs[i].value - pairs[i - 1].value) <=
             degeneracy * std::max(1.0, std::abs(pairs[i].value));
    };
    while (last < pairs.size() && equal(last)) ++last;
    const bool real =
        std::abs(pairs[first].value.imag()) <= degeneracy * std::max(1.0, std::abs(shift));
    if (real) {
      for (std::size_t i = first; i < last; ++i) pairs[i].value = pairs[i].value.real();
      align_group(operators, wavenumber, unknowns_u, pairs, first, last - first);
    }
    first = last;
  }
  // Drop the extra one, the farthest from the shift.
  if (pairs.size() > static_cast<std::size_t>(count)) {
    std::size_t farthest = 0;
    for (std::size_t i = 1; i < pairs.size(); ++i)
      if (distance(pairs[i]) > distance(pairs[farthest])) farthest = i;
    pairs.erase(pairs.begin() + static_cast<std::ptrdiff_t>(farthest));
  }
  // The quotient of the left and the right vector: its error is of second order in theirs.
  for (SectionEigenpair& pair : pairs) {
    const Eigen::VectorXcd left =
        operators.areas.cast<Complex>().cwiseProduct(operators.apply_q(pair.vector, wavenumber));
    const Eigen::VectorXcd image = matrix * pair.vector;
    const Complex norm = left.cwiseProduct(pair.vector).sum();
    const double scale = left.norm() * pair.vector.norm();
    if (std::abs(norm) > 1e-8 * scale) pair.value = left.cwiseProduct(image).sum() / norm;
  }
  return pairs;
}

}  // namespace wavesmith
