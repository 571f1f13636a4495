#include "solvers/coupled_mode_start.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <limits>

#include "core/units.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;
using Eigen::Index;
constexpr Complex i_unit{0.0, 1.0};

// Calls attempt(tau) -> mismatch for delays that samples tell apart; returns the best one.
template <class Attempt>
double best_delay(std::span<const double> x, const Attempt& attempt) {
  const double band = x.back() - x.front();
  const double step = 0.25 * 2.0 * pi / band;  // a quarter of a turn over the band
  const int most = static_cast<int>(2 * x.size());
  double best = 0.0, least = std::numeric_limits<double>::infinity();
  for (int k = -most; k <= most; ++k) {
    const double mismatch = attempt(k * step);
    if (mismatch < least) {
      least = mismatch;
      best = k * step;
    }
  }
  return best;
}

// The least-squares solution of rows * unknowns = right by the normal equations.
template <int n>
Eigen::Matrix<Complex, n, 1> least_squares(const Eigen::Matrix<Complex, Eigen::Dynamic, n>& rows,
                                           const Eigen::VectorXcd& right) {
  const Eigen::Matrix<Complex, n, n> normal = rows.adjoint() * rows;
  return normal.ldlt().solve(rows.adjoint() * right);
}

// Denominator and numerator of a rational function with n poles.
template <int n>
struct Rational {
  Eigen::Matrix<Complex, 2 * n, 1> terms;  // b_0 .., p_0 ..
  double mismatch = 0.0;

  Rational(std::span<const double> x, std::span<const Complex> y, double delay) {
    const Index count = static_cast<Index>(x.size());
    Eigen::Matrix<Complex, Eigen::Dynamic, 2 * n> rows(count, 2 * n);
    Eigen::VectorXcd right(count), values(count);
    for (Index i = 0; i < count; ++i) {
      const double at = x[static_cast<std::size_t>(i)];
      values[i] = y[static_cast<std::size_t>(i)] * std::polar(1.0, -delay * at);
      const double weight = std::abs(values[i]);
      double power = weight;
      for (int k = 0; k < n; ++k, power *= at) {
        rows(i, k) = power * values[i];
        rows(i, n + k) = power;
      }
      right[i] = power * values[i];
    }
    terms = least_squares<2 * n>(rows, right);
    for (Index i = 0; i < count; ++i) {
      const double at = x[static_cast<std::size_t>(i)];
      Complex above = 0.0, below = 0.0;
      double power = 1.0;
      for (int k = 0; k < n; ++k, power *= at) {
        above += terms[n + k] * power;
        below -= terms[k] * power;
      }
      below += power;
      mismatch += std::norm(above / below - values[i]);
    }
    if (!std::isfinite(mismatch)) mismatch = std::numeric_limits<double>::infinity();
  }
};

}  // namespace

CoupledModeStart start_coupled_modes(std::span<const double> x, std::span<const Complex> through,
                                     std::span<const Complex> drop, int poles) {
  CoupledModeStart start;
  if (poles == 1) {
    start.delay[1] =
        best_delay(x, [&](double delay) { return Rational<1>(x, drop, delay).mismatch; });
    start.omega = Rational<1>(x, drop, start.delay[1]).terms[0];
  } else {
    start.delay[1] =
        best_delay(x, [&](double delay) { return Rational<2>(x, drop, delay).mismatch; });
    const auto terms = Rational<2>(x, drop, start.delay[1]).terms;
    start.omega = 0.5 * terms[1];
    start.backscatter = std::sqrt(start.omega * start.omega + terms[0]);
  }

  const Index count = static_cast<Index>(x.size());
  Eigen::Matrix<Complex, Eigen::Dynamic, 2> rows(count, 2);
  for (Index i = 0; i < count; ++i) {
    const Complex d = x[static_cast<std::size_t>(i)] - start.omega;
    rows(i, 0) = 1.0;
    rows(i, 1) = d / (d * d - start.backscatter * start.backscatter);
  }
  Eigen::VectorXcd right(count);
  const auto turn_back = [&](double delay) {
    for (Index i = 0; i < count; ++i)
      right[i] = through[static_cast<std::size_t>(i)] *
                 std::polar(1.0, -delay * x[static_cast<std::size_t>(i)]);
  };
  start.delay[0] = best_delay(x, [&](double delay) {
    turn_back(delay);
    return (rows * least_squares<2>(rows, right) - right).squaredNorm();
  });
  turn_back(start.delay[0]);
  const Eigen::Vector2cd terms = least_squares<2>(rows, right);
  start.phase[0] = std::arg(terms[0]);
  start.kappa_1 = std::abs(terms[1] / terms[0]);

  // drop = - i sqrt(kappa_1 kappa_2) G_11 exp(i (phase + delay x))
  Complex sum = 0.0;
  for (Index i = 0; i < count; ++i)
    sum += std::conj(-i_unit * rows(i, 1)) * drop[static_cast<std::size_t>(i)] *
           std::polar(1.0, -start.delay[1] * x[static_cast<std::size_t>(i)]);
  start.phase[1] = std::arg(sum);
  const double over = std::abs(sum) / rows.col(1).squaredNorm();
  start.kappa_2 = over * over / start.kappa_1;
  return start;
}

}  // namespace wavesmith
