// L D L^T of one complex symmetric matrix, without pivoting: half the work of LU.
//
// For matrices whose imaginary part is definite (networks in which every mode loses energy) the
// factors stay bounded without pivoting; `growth` tells what they came to, and the caller pivots
// where it is too much. Blocked: n^3 / 6 complex multiply-adds, nearly all in matrix products.
// Golub and Van Loan, Matrix Computations, 4th ed. (2013), section 4.1.2.
#pragma once

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>

namespace wavesmith {

template <class T>
class SymmetricFactor {
 public:
  using Matrix = Eigen::Matrix<std::complex<T>, Eigen::Dynamic, Eigen::Dynamic>;
  using Index = Eigen::Index;

  // Only the lower half of `matrix` is read.
  void compute(Matrix matrix) {
    a_ = std::move(matrix);
    const Index n = a_.rows();
    inverse_.resize(n);
    growth_ = 0;
    Matrix scaled;
    for (Index k = 0; k < n; k += block) {
      const Index width = std::min(block, n - k), rest = n - k - width;
      factorise_block(k, width);
      if (rest == 0) break;
      auto panel = a_.block(k + width, k, rest, width);
      a_.block(k, k, width, width)
          .template triangularView<Eigen::UnitLower>()
          .transpose()
          .template solveInPlace<Eigen::OnTheRight>(panel);
      scaled = panel;  // L D
      panel = scaled * inverse_.segment(k, width).asDiagonal();
      growth_ = std::max(growth_, greatest_square(panel));
      for (Index j = 0; j < rest; j += strip) {
        const Index columns = std::min(strip, rest - j);
        a_.block(k + width + j, k + width + j, rest - j, columns).noalias() -=
            panel.bottomRows(rest - j) * scaled.middleRows(j, columns).transpose();
      }
    }
  }

  // The greatest |L_ij|^2; infinite where a pivot was zero or something is not a number.
  T growth() const { return growth_; }

  template <class Right>
  void solve_in_place(Right& right) const {
    a_.template triangularView<Eigen::UnitLower>().solveInPlace(right);
    right = inverse_.asDiagonal() * right;
    a_.template triangularView<Eigen::UnitLower>().transpose().solveInPlace(right);
  }

 private:
  static constexpr Index block = 32, strip = 96;

  template <class Part>
  static T greatest_square(const Part& part) {
    const T value = part.cwiseAbs2().maxCoeff();
    return part.allFinite() ? value : std::numeric_limits<T>::infinity();
  }

  void factorise_block(Index k, Index width) {
    for (Index j = k; j < k + width; ++j) {
      for (Index l = k; l < j; ++l) {
        const std::complex<T> scaled = a_(j, l) / inverse_(l);
        a_.col(j).segment(j, k + width - j) -= scaled * a_.col(l).segment(j, k + width - j);
      }
      const std::complex<T> pivot = a_(j, j);
      if (!(std::norm(pivot) > T(0))) growth_ = std::numeric_limits<T>::infinity();
      inverse_(j) = T(1) / pivot;
      const Index below = k + width - j - 1;
      a_.col(j).segment(j + 1, below) *= inverse_(j);
      if (below > 0) growth_ = std::max(growth_, greatest_square(a_.col(j).segment(j + 1, below)));
    }
  }

  Matrix a_;
  Eigen::Matrix<std::complex<T>, Eigen::Dynamic, 1> inverse_;
  T growth_ = 0;
};

}  // namespace wavesmith
