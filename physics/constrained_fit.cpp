#include "physics/constrained_fit.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace wavesmith {
namespace {

double sum_of_squares(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double value : values) sum += value * value;
  return sum;
}

// Least squares over the chosen columns; the other unknowns are 0.
Eigen::VectorXd solve_chosen(const Eigen::MatrixXd& a, const Eigen::VectorXd& b,
                             const std::vector<bool>& chosen) {
  std::vector<Eigen::Index> indices;
  for (std::size_t i = 0; i < chosen.size(); ++i)
    if (chosen[i]) indices.push_back(static_cast<Eigen::Index>(i));
  Eigen::VectorXd x = Eigen::VectorXd::Zero(a.cols());
  if (!indices.empty()) x(indices) = a(Eigen::all, indices).colPivHouseholderQr().solve(b);
  return x;
}

}  // namespace

std::vector<double> nonnegative_least_squares(const std::vector<std::vector<double>>& columns,
                                              std::span<const double> b) {
  const auto rows = static_cast<Eigen::Index>(b.size());
  const std::size_t count = columns.size();
  // Columns of unit length: the test for progress below then means the same for all of them.
  Eigen::MatrixXd a(rows, static_cast<Eigen::Index>(count));
  std::vector<double> length(count, 1.0);
  for (std::size_t i = 0; i < count; ++i) {
    const auto column = a.col(static_cast<Eigen::Index>(i));
    a.col(static_cast<Eigen::Index>(i)) =
        Eigen::Map<const Eigen::VectorXd>(columns[i].data(), rows);
    const double norm = column.norm();
    if (norm > 0.0) length[i] = norm;
    a.col(static_cast<Eigen::Index>(i)) /= length[i];
  }
  const Eigen::VectorXd right = Eigen::Map<const Eigen::VectorXd>(b.data(), rows);
  const double tolerance = 1e-14 * right.norm();

  Eigen::VectorXd x = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(count));
  std::vector<bool> chosen(count, false), refused(count, false);
  for (std::size_t round = 0; round < 10 * count + 10; ++round) {
    // Take in the unknown whose growth helps most.
    const Eigen::VectorXd gain = a.transpose() * (right - a * x);
    std::size_t best = count;
    for (std::size_t i = 0; i < count; ++i)
      if (!chosen[i] && !refused[i] && gain(static_cast<Eigen::Index>(i)) > tolerance &&
          (best == count ||
           gain(static_cast<Eigen::Index>(i)) > gain(static_cast<Eigen::Index>(best))))
        best = i;
    if (best == count) break;
    chosen[best] = true;

    // Solve, and give up unknowns that would turn negative, one at a time.
    Eigen::VectorXd trial = solve_chosen(a, right, chosen);
    // Rounding can refuse what the gain promised: leave it out, or the loop would not end.
    if (trial(static_cast<Eigen::Index>(best)) <= 0.0) {
      chosen[best] = false;
      refused[best] = true;
      continue;
    }
    std::fill(refused.begin(), refused.end(), false);
    for (;;) {
      double step = 1.0;
      std::size_t blocking = count;
      for (std::size_t i = 0; i < count; ++i) {
        const auto at = static_cast<Eigen::Index>(i);
        if (!chosen[i] || trial(at) > 0.0) continue;
        const double share = x(at) / (x(at) - trial(at));
        if (blocking == count || share < step) {
          step = share;
          blocking = i;
        }
      }
      if (blocking == count) break;
      x += step * (trial - x);
      x(static_cast<Eigen::Index>(blocking)) = 0.0;
      chosen[blocking] = false;
      trial = solve_chosen(a, right, chosen);
    }
    x = trial;
  }
  std::vector<double> result(count);
  for (std::size_t i = 0; i < count; ++i) result[i] = x(static_cast<Eigen::Index>(i)) / length[i];
  return result;
}

BoundedFit fit_bounded(const std::function<std::vector<double>(std::span<const double>)>& residuals,
                       std::vector<double> start, std::span<const double> low,
                       std::span<const double> high, int iterations) {
  const std::size_t count = start.size();
  for (std::size_t i = 0; i < count; ++i) start[i] = std::clamp(start[i], low[i], high[i]);
  std::vector<double> value = residuals(start);
  BoundedFit fit{start, sum_of_squares(value)};
  double damping = 1e-3;
  for (int iteration = 0; iteration < iterations && damping < 1e12; ++iteration) {
    Eigen::MatrixXd jacobian(static_cast<Eigen::Index>(value.size()),
                             static_cast<Eigen::Index>(count));
    for (std::size_t i = 0; i < count; ++i) {
      const double width = 1e-6 * (std::abs(fit.parameters[i]) + 1e-3);
      std::vector<double> up = fit.parameters, down = fit.parameters;
      up[i] = std::min(up[i] + width, high[i]);
      down[i] = std::max(down[i] - width, low[i]);
      const std::vector<double> above = residuals(up), below = residuals(down);
      const double distance = std::max(up[i] - down[i], 1e-300);
      for (std::size_t row = 0; row < value.size(); ++row)
        jacobian(static_cast<Eigen::Index>(row), static_cast<Eigen::Index>(i)) =
            (above[row] - below[row]) / distance;
    }
    const Eigen::MatrixXd normal = jacobian.transpose() * jacobian;
    const Eigen::VectorXd slope =
        jacobian.transpose() *
        Eigen::Map<const Eigen::VectorXd>(value.data(), static_cast<Eigen::Index>(value.size()));

    // Shorter and shorter steps until one helps.
    const double before = fit.residual;
    while (damping < 1e12) {
      Eigen::MatrixXd damped = normal;
      damped.diagonal() += damping * (normal.diagonal().array() + 1e-30).matrix();
      const Eigen::VectorXd step = damped.ldlt().solve(-slope);
      std::vector<double> trial = fit.parameters;
      for (std::size_t i = 0; i < count; ++i)
        trial[i] = std::clamp(trial[i] + step(static_cast<Eigen::Index>(i)), low[i], high[i]);
      std::vector<double> trial_value = residuals(trial);
      const double trial_residual = sum_of_squares(trial_value);
      if (trial_residual < fit.residual) {
        fit = {std::move(trial), trial_residual};
        value = std::move(trial_value);
        damping = std::max(0.2 * damping, 1e-12);
        break;
      }
      damping *= 4.0;
    }
    if (fit.residual > before * (1.0 - 1e-10)) break;
  }
  return fit;
}

}  // namespace wavesmith
