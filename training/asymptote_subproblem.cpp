#include "training/asymptote_subproblem.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "kernels/parallel_tasks.hpp"

namespace wavesmith {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

// Sums are made in parts of fixed size, and the parts in order: the bits do not see the threads.
constexpr std::size_t part_size = 32768;
constexpr double last_barrier = 1e-11;
constexpr double least_gain = 1e-23;  // the square of what rounding leaves of the slopes

double position_of(double p, double q, double low, double high) {
  const double a = std::sqrt(p), b = std::sqrt(q);
  return std::clamp((b - a) / (a + b), low, high);
}

// The dual function in scaled multipliers lambda_i scale_i / scale_0, and scaled values
// g_i / scale_i.
class DualFunction {
 public:
  explicit DualFunction(const AsymptoteProblem& problem)
      : problem_(problem),
        count_(static_cast<int>(problem.functions.size())),
        parts_((problem.range.size() + part_size - 1) / part_size),
        values_(parts_, VectorXd(count_)),
        curvatures_(parts_, MatrixXd(count_, count_)) {
    for (const AsymptoteFunction& f : problem.functions)
      weights_.push_back({f.gradient, 1.0 / f.scale, f.rho / f.scale});
  }

  struct Result {
    double value = 0.0;
    VectorXd slope;      // with the artificial variables taken away
    VectorXd values;     // g_i / scale_i
    MatrixXd curvature;  // minus the second derivative
  };

  Result at(const VectorXd& multipliers) {
    if (parts_ == 1)  // quicker than waking the threads
      sum_part(multipliers, 0);
    else
      parallel_tasks(parts_, problem_.threads,
                     [&](std::size_t part, int) { sum_part(multipliers, part); });
    Result result{0.0, {}, VectorXd::Zero(count_), MatrixXd::Zero(count_, count_)};
    for (std::size_t part = 0; part < parts_; ++part) {
      result.values += values_[part];
      result.curvature += curvatures_[part];
    }
    for (int i = 0; i < count_; ++i) {
      const AsymptoteFunction& f = problem_.functions[static_cast<std::size_t>(i)];
      result.values[i] += f.value / f.scale;
    }
    result.slope = result.values;
    result.value = multipliers.dot(result.values);
    for (auto i = static_cast<int>(problem_.objectives); i < count_; ++i) {
      const double y = artificial(multipliers[i]);
      result.slope[i] -= y;
      result.value -= 0.5 * y * y;
      if (y > 0.0) result.curvature(i, i) += 1.0;
    }
    return result;
  }

  double artificial(double multiplier) const {
    return std::max(0.0, multiplier - problem_.penalty);
  }

  std::vector<double> position(const VectorXd& multipliers) const {
    std::vector<double> u(problem_.range.size(), 0.0);
    for (std::size_t j = 0; j < u.size(); ++j) {
      if (problem_.range[j] == 0.0) continue;
      double p = 0.0, q = 0.0;
      for (int i = 0; i < count_; ++i) {
        const Term term = term_of(i, j);
        p += multipliers[i] * term.p;
        q += multipliers[i] * term.q;
      }
      u[j] = position_of(p, q, problem_.low[j], problem_.high[j]);
    }
    return u;
  }

 private:
  struct Weight {  // a function in units of its scale
    const double* gradient;
    double inverse_scale, rho;
  };
  struct Term {
    double p, q;
  };
  Term term_of(int i, std::size_t j) const {
    const Weight& weight = weights_[static_cast<std::size_t>(i)];
    const double slope = weight.gradient[j] * weight.inverse_scale, size = std::abs(slope);
    const double common = 0.501 * size + weight.rho / problem_.range[j];
    return {common + 0.5 * slope, common - 0.5 * slope};
  }

  void sum_part(const VectorXd& multipliers, std::size_t part) {
    VectorXd& values = values_[part];
    MatrixXd& curvature = curvatures_[part];
    values.setZero();
    curvature.setZero();
    std::vector<Term> terms(static_cast<std::size_t>(count_));
    VectorXd pull(count_);  // dg_i / du
    const std::size_t end = std::min(problem_.range.size(), (part + 1) * part_size);
    for (std::size_t j = part * part_size; j < end; ++j) {
      if (problem_.range[j] == 0.0) continue;
      double p = 0.0, q = 0.0;
      for (int i = 0; i < count_; ++i) {
        const Term term = terms[static_cast<std::size_t>(i)] = term_of(i, j);
        p += multipliers[i] * term.p;
        q += multipliers[i] * term.q;
      }
      const double u = position_of(p, q, problem_.low[j], problem_.high[j]);
      const double right = 1.0 / (1.0 - u), left = 1.0 / (1.0 + u), s = problem_.half_width[j];
      for (int i = 0; i < count_; ++i) {
        const Term term = terms[static_cast<std::size_t>(i)];
        values[i] += s * u * (term.p * right - term.q * left);
        pull[i] = s * (term.p * right * right - term.q * left * left);
      }
      if (u <= problem_.low[j] || u >= problem_.high[j]) continue;
      const double stiffness = 2.0 * s * (p * right * right * right + q * left * left * left);
      for (int i = 0; i < count_; ++i)
        for (int k = 0; k <= i; ++k) curvature(i, k) += pull[i] * pull[k] / stiffness;
    }
    for (int i = 0; i < count_; ++i)
      for (int k = 0; k < i; ++k) curvature(k, i) = curvature(i, k);
  }

  const AsymptoteProblem& problem_;
  int count_;
  std::size_t parts_;
  std::vector<Weight> weights_;
  std::vector<VectorXd> values_;
  std::vector<MatrixXd> curvatures_;
};

// Primal-dual interior point method in the multipliers and the slacks of the constraints:
// maximise dual(lambda) + barrier sum log(lambda) where the objectives' lambda have the sum 1.
class DualSearch {
 public:
  explicit DualSearch(const AsymptoteProblem& problem)
      : dual_(problem),
        objectives_(static_cast<int>(problem.objectives)),
        lambda_(VectorXd::Ones(static_cast<int>(problem.functions.size()))),
        slack_(VectorXd::Ones(lambda_.size())) {
    lambda_.head(objectives_).setConstant(1.0 / objectives_);
    here_ = dual_.at(lambda_);
  }

  VectorXd maximum() {
    for (double barrier = 1.0;;) {
      const double enough = barrier > last_barrier ? 0.01 * barrier : least_gain;
      for (int iteration = 0; iteration < 60; ++iteration)
        if (!advance(barrier, enough)) break;
      if (barrier <= last_barrier) return lambda_;
      barrier = std::max(last_barrier, std::min(0.1 * barrier, std::pow(barrier, 1.5)));
    }
  }

  const DualFunction::Result& here() const { return here_; }
  const DualFunction& dual() const { return dual_; }

 private:
  double barrier_value(const DualFunction::Result& result, const VectorXd& lambda,
                       double barrier) const {
    double logarithms = 0.0;
    for (const double l : lambda) logarithms += std::log(l);
    return result.value + barrier * logarithms;
  }

  // One Newton step; false where the gain to be had is below `enough` or lost in rounding.
  bool advance(double barrier, double enough) {
    const VectorXd slope = here_.slope + barrier * lambda_.cwiseInverse();
    MatrixXd matrix = here_.curvature;
    matrix.diagonal() += slack_.cwiseQuotient(lambda_);
    const Eigen::LDLT<MatrixXd> factors(matrix);
    VectorXd sums = VectorXd::Zero(lambda_.size());
    sums.head(objectives_).setOnes();
    VectorXd move = factors.solve(slope);
    if (objectives_ == 1) {
      // Row and column of the only objective leave the system: its multiplier is 1.
      const VectorXd along = factors.solve(sums);
      move -= along * (move[0] / along[0]);
      move[0] = 0.0;
    } else {
      const VectorXd along = factors.solve(sums);
      move -= along * (move.dot(sums) / along.dot(sums));
    }
    const double gain = slope.dot(move);
    if (!(gain > enough)) return false;

    const VectorXd slack_move = barrier * lambda_.cwiseInverse() - slack_ -
                                slack_.cwiseQuotient(lambda_).cwiseProduct(move);
    double length = longest(lambda_, move);
    const double before = barrier_value(here_, lambda_, barrier);
    for (int halving = 0; halving < 30; ++halving, length *= 0.5) {
      const VectorXd trial = lambda_ + length * move;
      DualFunction::Result there = dual_.at(trial);
      const VectorXd trial_slope = there.slope + barrier * trial.cwiseInverse();
      // Uphill all the way (it is concave), or enough of a gain. Where values differ by rounding
      // only, slopes still lead on.
      const double end_slope = trial_slope.dot(move);
      const bool lost_in_rounding = length * gain < 1e-12 * (1.0 + std::abs(before));
      const bool better = end_slope >= 0.0 ||
                          barrier_value(there, trial, barrier) > before + 1e-4 * length * gain ||
                          (lost_in_rounding && end_slope > -0.5 * gain);
      if (!better) continue;
      lambda_ = trial;
      here_ = std::move(there);
      slack_ += longest(slack_, slack_move) * slack_move;
      // Slacks far from barrier / lambda would spoil the next direction.
      for (int i = 0; i < lambda_.size(); ++i)
        slack_[i] = std::clamp(slack_[i], 1e-3 * barrier / lambda_[i], 1e3 * barrier / lambda_[i]);
      return true;
    }
    return false;
  }

  // The share of the way, at most 1, on which all entries stay positive.
  static double longest(const VectorXd& from, const VectorXd& move) {
    double length = 1.0;
    for (int i = 0; i < from.size(); ++i)
      if (move[i] < 0.0) length = std::min(length, -0.99 * from[i] / move[i]);
    return length;
  }

  DualFunction dual_;
  int objectives_;
  VectorXd lambda_, slack_;
  DualFunction::Result here_;
};

}  // namespace

AsymptoteSolution solve_asymptote_problem(const AsymptoteProblem& problem) {
  DualSearch search(problem);
  const VectorXd lambda = search.maximum();
  const double objective_scale = problem.functions[0].scale;
  AsymptoteSolution solution;
  solution.position = search.dual().position(lambda);
  for (std::size_t i = 0; i < problem.functions.size(); ++i) {
    const double scale = problem.functions[i].scale;
    const auto at = static_cast<int>(i);
    solution.values.push_back(scale * search.here().values[at]);
    solution.multipliers.push_back(lambda[at] * objective_scale / scale);
    if (i >= problem.objectives)
      solution.artificial.push_back(scale * search.dual().artificial(lambda[at]));
  }
  return solution;
}

}  // namespace wavesmith
