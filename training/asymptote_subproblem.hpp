// The convex separable problem that one step of the method of moving asymptotes solves.
//
// In u = (x - x0) / s, with the asymptotes at u = -1 and 1 and half their distance s:
//   minimise  max_(k < K) g_k(u) + sum_(i >= K) (c_i y_i + d_i y_i^2 / 2)
//   where     g_i(u) - y_i <= 0 for i >= K,  y >= 0,  low <= u <= high
//   g_i(u) = f_i + sum_j s_j [p_ij u_j / (1 - u_j) - q_ij u_j / (1 + u_j)]
//   p = 1.001 (df)+ + 0.001 (df)- + rho / range,  q = 0.001 (df)+ + 1.001 (df)- + rho / range
// K. Svanberg, "MMA and GCMMA - two methods for nonlinear optimization" (2007). u is known for
// given multipliers (it is separable), so their concave dual function is what is maximised: an
// interior point method in as many unknowns as there are functions, with exact bounds on u. Each
// function is measured by scale_i = sum_j |df_ij| range_j, the most that it changes over the box to
// first order, so that the units of values and unknowns do not matter: c_i = penalty scale_0 /
// scale_i, d_i = scale_0 / scale_i^2, with scale_0 the largest among the objectives.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace wavesmith {

struct AsymptoteFunction {
  double value = 0.0;
  const double* gradient = nullptr;
  double rho = 0.0;    // of the convex term, above 0
  double scale = 1.0;  // as above, above 0; the same for all objectives
};

struct AsymptoteProblem {
  std::vector<AsymptoteFunction> functions;  // the objectives first
  std::size_t objectives = 1;                // K, at least 1
  std::span<const double> half_width;        // s
  std::span<const double> low, high;         // of u, inside (-1, 1)
  std::span<const double> range;  // upper - lower bound of x; 0: the unknown does not move
  double penalty = 1000.0;
  int threads = 0;
};

struct AsymptoteSolution {
  std::vector<double> position;     // u
  std::vector<double> values;       // g_i(u)
  std::vector<double> multipliers;  // lambda_i; of the objectives sum 1
  std::vector<double> artificial;   // y of the constraints, in their units
};

// The same bits for any number of threads. Time: about 40 passes over the unknowns.
AsymptoteSolution solve_asymptote_problem(const AsymptoteProblem& problem);

}  // namespace wavesmith
