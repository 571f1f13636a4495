// Simultaneous perturbation (SPSA): a gradient from values of the loss alone, two for any number of
// parameters. Spall, IEEE Trans. Automatic Control 37, 332 (1992).
//
//   g = (1/K) sum_k [L(p + c D_k) - L(p - c D_k)] / (2 c) D_k,   D_k with entries +1 or -1 at
//   random
//
// Its expectation is the gradient up to O(c^2) of the third derivatives. Where L is quadratic the
// difference is exact for any c, and the variance of g_i is (|grad|^2 - grad_i^2) / K: the other
// parameters are the noise, so K (or the number of steps) must grow with their number.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

namespace wavesmith {

struct SpsaOptions {
  double step = 1e-2;      // c [unit of the parameters]
  int draws = 1;           // K
  std::uint64_t seed = 0;  // of the directions
};

// Fills `gradient` and returns the mean of the 2 K losses. `iteration` selects the directions: the
// result depends on the arguments alone. Throws InputError where an option makes no sense,
// NumericsError where a loss is not finite.
double spsa_gradient(const std::function<double(std::span<const double>)>& loss,
                     std::span<const double> parameters, const SpsaOptions& options,
                     std::uint64_t iteration, std::span<double> gradient);

}  // namespace wavesmith
