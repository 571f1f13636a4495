#include "training/bounded_direction.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace wavesmith {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

double dot(const double* a, const double* b, std::size_t count) {
  return std::inner_product(a, a + count, b, 0.0);
}

// B = theta - W M W', W = [Y, theta S].
class CompactModel {
 public:
  explicit CompactModel(const BoundedModel& model)
      : model_(model), pairs_(static_cast<int>(model.steps.size())), row_(2 * pairs_) {
    if (pairs_ == 0) return;
    const std::size_t n = model.x.size();
    const double* newest_change = model.changes.back();
    theta_ = dot(newest_change, newest_change, n) / dot(model.steps.back(), newest_change, n);
    MatrixXd inverse = MatrixXd::Zero(2 * pairs_, 2 * pairs_);
    for (int a = 0; a < pairs_; ++a)
      for (int b = 0; b < pairs_; ++b) {
        const double* step = model.steps[static_cast<std::size_t>(a)];
        inverse(pairs_ + a, pairs_ + b) =
            theta_ * dot(step, model.steps[static_cast<std::size_t>(b)], n);
        if (a < b) continue;
        const double product = dot(step, model.changes[static_cast<std::size_t>(b)], n);
        if (a == b) inverse(a, a) = -product;
        if (a > b) inverse(pairs_ + a, b) = inverse(b, pairs_ + a) = product;
      }
    middle_ = inverse.fullPivLu().inverse();
  }

  double theta() const { return theta_; }
  int size() const { return 2 * pairs_; }
  const MatrixXd& middle() const { return middle_; }
  // Row i of W.
  const VectorXd& row(std::size_t i) {
    for (int k = 0; k < pairs_; ++k) {
      row_[k] = model_.changes[static_cast<std::size_t>(k)][i];
      row_[pairs_ + k] = theta_ * model_.steps[static_cast<std::size_t>(k)][i];
    }
    return row_;
  }

 private:
  const BoundedModel& model_;
  int pairs_;
  double theta_ = 1.0;
  MatrixXd middle_;
  VectorXd row_;
};

// Algorithm CP. target: the Cauchy point. Returns W'(target - x).
VectorXd find_cauchy_point(const BoundedModel& model, CompactModel& compact,
                           std::span<double> target) {
  const std::size_t n = model.x.size();
  std::vector<double> move(n, 0.0);
  struct Break {
    double time;
    std::size_t unknown;
    bool operator<(const Break& other) const {  // the earliest on top of a heap
      return time != other.time ? time > other.time : unknown > other.unknown;
    }
  };
  std::vector<Break> breaks;
  VectorXd p = VectorXd::Zero(compact.size()), c = p;
  double slope = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    target[i] = model.x[i];
    const double g = model.gradient[i];
    if (g == 0.0) continue;
    const double bound = g < 0.0 ? model.upper[i] : model.lower[i];
    const double time = (model.x[i] - bound) / g;
    if (!(time > 0.0)) continue;
    if (std::isfinite(time)) breaks.push_back({time, i});
    move[i] = -g;
    slope -= g * g;
    if (compact.size() > 0) p -= g * compact.row(i);
  }
  const double least_curvature = -std::numeric_limits<double>::epsilon() * compact.theta() * slope;
  double curvature = -compact.theta() * slope;
  if (compact.size() > 0) curvature -= p.dot(compact.middle() * p);
  curvature = std::max(curvature, least_curvature);
  if (slope == 0.0) return c;

  std::make_heap(breaks.begin(), breaks.end());
  double time = 0.0;
  while (!breaks.empty() && slope < 0.0) {
    const Break next = breaks.front();
    const double wait = next.time - time;
    if (-slope < curvature * wait) break;
    std::pop_heap(breaks.begin(), breaks.end());
    breaks.pop_back();
    const std::size_t b = next.unknown;
    const double g = model.gradient[b];
    target[b] = g < 0.0 ? model.upper[b] : model.lower[b];
    const double z = target[b] - model.x[b];
    c += wait * p;
    slope += wait * curvature + g * g + compact.theta() * g * z;
    curvature -= compact.theta() * g * g;
    if (compact.size() > 0) {
      const VectorXd w = compact.row(b), middle_w = compact.middle() * w;
      slope -= g * middle_w.dot(c);
      curvature -= 2.0 * g * middle_w.dot(p) + g * g * w.dot(middle_w);
      p += g * w;
    }
    curvature = std::max(curvature, least_curvature);
    move[b] = 0.0;
    time = next.time;
  }
  const double rest = slope < 0.0 && curvature > 0.0 ? -slope / curvature : 0.0;
  time += rest;
  for (std::size_t i = 0; i < n; ++i)
    if (move[i] != 0.0)
      target[i] = std::clamp(model.x[i] + time * move[i], model.lower[i], model.upper[i]);
  return c + rest * p;
}

// From the Cauchy point on, over the unknowns that it leaves between their bounds.
void minimise_over_free(const BoundedModel& model, CompactModel& compact, const VectorXd& c,
                        std::span<double> target) {
  const std::size_t n = model.x.size();
  std::vector<std::size_t> free;
  for (std::size_t i = 0; i < n; ++i)
    if (model.lower[i] < target[i] && target[i] < model.upper[i]) free.push_back(i);
  if (free.empty()) return;

  const double theta = compact.theta();
  const VectorXd middle_c = compact.middle() * c;
  std::vector<double> reduced(free.size());
  VectorXd v = VectorXd::Zero(compact.size());
  MatrixXd gram = MatrixXd::Zero(compact.size(), compact.size());
  for (std::size_t k = 0; k < free.size(); ++k) {
    const std::size_t i = free[k];
    const VectorXd& w = compact.row(i);
    reduced[k] = model.gradient[i] + theta * (target[i] - model.x[i]) - w.dot(middle_c);
    v += reduced[k] * w;
    gram += w * w.transpose();
  }
  const MatrixXd system =
      MatrixXd::Identity(compact.size(), compact.size()) - compact.middle() * gram / theta;
  v = system.fullPivLu().solve(compact.middle() * v);
  std::vector<double> move(free.size());
  double slope = 0.0;  // of the objective towards the projected target
  for (std::size_t i = 0; i < n; ++i) slope += model.gradient[i] * (target[i] - model.x[i]);
  double longest = 1.0;
  for (std::size_t k = 0; k < free.size(); ++k) {
    const std::size_t i = free[k];
    move[k] = -(reduced[k] + compact.row(i).dot(v) / theta) / theta;
    const double projected = std::clamp(target[i] + move[k], model.lower[i], model.upper[i]);
    slope += model.gradient[i] * (projected - target[i]);
    if (move[k] != 0.0) {
      const double bound = move[k] > 0.0 ? model.upper[i] : model.lower[i];
      longest = std::min(longest, (bound - target[i]) / move[k]);
    }
  }
  if (!std::isfinite(slope)) return;  // rounding has spoilt the model: the Cauchy point remains
  const double share = slope < 0.0 ? 1.0 : longest;  // projected, or truncated
  for (std::size_t k = 0; k < free.size(); ++k) {
    const std::size_t i = free[k];
    target[i] = std::clamp(target[i] + share * move[k], model.lower[i], model.upper[i]);
  }
}

}  // namespace

void find_bounded_direction(const BoundedModel& model, std::span<double> direction) {
  CompactModel compact(model);
  const VectorXd c = find_cauchy_point(model, compact, direction);
  if (compact.size() > 0) minimise_over_free(model, compact, c, direction);
  for (std::size_t i = 0; i < direction.size(); ++i) direction[i] -= model.x[i];
}

double projected_gradient_size(std::span<const double> x, std::span<const double> gradient,
                               std::span<const double> lower, std::span<const double> upper) {
  double top = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i)
    top = std::max(top, std::abs(std::clamp(x[i] - gradient[i], lower[i], upper[i]) - x[i]));
  return top;
}

}  // namespace wavesmith
