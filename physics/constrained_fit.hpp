// Two small dense fits: linear least squares with non-negative unknowns, and nonlinear least
// squares with bounds.
//
// C. L. Lawson and R. J. Hanson, Solving Least Squares Problems (1974), chapter 23 (active set);
// K. Levenberg (1944) and D. W. Marquardt (1963), with steps cut at the bounds and derivatives by
// central differences. For tens of unknowns: everything is dense.
#pragma once

#include <functional>
#include <span>
#include <vector>

namespace wavesmith {

// x >= 0 that makes |A x - b| least. columns: the columns of A, each as long as b.
std::vector<double> nonnegative_least_squares(const std::vector<std::vector<double>>& columns,
                                              std::span<const double> b);

struct BoundedFit {
  std::vector<double> parameters;
  double residual = 0.0;  // sum of squares
};

// Parameters between low and high that make the sum of squares of residuals(parameters) least,
// near `start` (a local minimum). Parameters should be of order 1.
BoundedFit fit_bounded(const std::function<std::vector<double>(std::span<const double>)>& residuals,
                       std::vector<double> start, std::span<const double> low,
                       std::span<const double> high, int iterations = 200);

}  // namespace wavesmith
