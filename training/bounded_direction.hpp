// Where L-BFGS goes next between bounds: the generalised Cauchy point of the quadratic model and
// its minimum over the unknowns that the Cauchy point leaves free, projected onto the bounds.
// R. H. Byrd, P. Lu, J. Nocedal, C. Zhu, SIAM J. Sci. Comput. 16, 1190 (1995): the compact form of
// the model (eq. 3.2), algorithm CP and the direct primal method; projection instead of truncation
// after J. L. Morales and J. Nocedal, ACM Trans. Math. Softw. 38, 7 (2011).
#pragma once

#include <span>
#include <vector>

namespace wavesmith {

struct BoundedModel {
  std::span<const double> x, gradient;
  std::span<const double> lower, upper;       // may be infinite
  std::vector<const double*> steps, changes;  // pairs s, y with s.y > 0, the oldest first
};

// direction = target - x, the target within the bounds. Without pairs: the projected path along
// -gradient, up to where a model of curvature 1 ends. A direction of zeros: x is optimal.
void find_bounded_direction(const BoundedModel& model, std::span<double> direction);

// The largest entry of x - P(x - gradient): 0 where x is optimal.
double projected_gradient_size(std::span<const double> x, std::span<const double> gradient,
                               std::span<const double> lower, std::span<const double> upper);

}  // namespace wavesmith
