// Off-diagonal elements of a medium's inverse tensor as couplings of a staggered grid, such that
// the march stays stable.
//
// The corners of the grid cells divide it into octants: an octant lies at one node, on one side of
// it along each axis, and touches one point of each component: those of the three edges that leave
// the node that way. With v the volume of an octant, V that of a point, the sum of v over its
// octants, and xi the symmetric tensor of an octant, made of the diagonal elements of its points
// and the mean o = (xi_cd(p) + xi_dc(q)) / 2 of the off-diagonal ones of two,
//
//   K_pq = sum over the octants that p and q share of v / V_p o,
//
// the diagonal staying what it is. V K is symmetric, and the whole operator is a sum over octants
// of positive terms as long as each xi is positive: then energy is conserved, and what grows is not
// the medium. This is the averaging of G. R. Werner and J. R. Cary, J. Comput. Phys. 226, 1085
// (2007), with the positive sum of G. R. Werner, C. A. Bauer and J. R. Cary, J. Comput. Phys. 255,
// 436 (2013). Points inside of the absorbing shells and on walls keep their diagonal alone.
//
// Where a steep contrast makes an octant of mixed points not positive, its off-diagonal elements
// are shortened by a common factor t, so that the least eigenvalue of the tensor with unit diagonal
// is 0.05. The transpose goes through t as well.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "kernels/leapfrog.hpp"
#include "physics/subpixel.hpp"
#include "solvers/grid_lines.hpp"

namespace wavesmith {

// Rows c = 0, 1, 2 of the tensor: of E in the maxwell system, of v in the scalar one. diagonal: C
// of the same components, at every stored point, one number for all, or empty for 1.
struct TensorRows {
  std::array<std::span<const double>, 3> diagonal;
  std::array<std::span<const OffDiagonal>, 3> off_diagonal;
};

// The couplings, by component and point of what they add to.
std::vector<TensorLink> tensor_links(const GridLines& lines, const TensorRows& rows);

// The largest eigenvalue of an octant's tensor; a march is stable to 1 / sqrt(this) of the Courant
// limit for coefficients of 1.
double largest_octant_eigenvalue(const GridLines& lines, const TensorRows& rows);

struct TensorRowGradients {
  std::array<std::vector<double>, 3> diagonal;                     // at every point
  std::array<std::vector<std::array<double, 2>>, 3> off_diagonal;  // (next, after_next) of each
};

// The transpose of the derivative of tensor_links: from cotangents of its values, in its order.
TensorRowGradients pull_back_tensor_links(const GridLines& lines, const TensorRows& rows,
                                          std::span<const TensorLink> links,
                                          std::span<const double> cotangents);

}  // namespace wavesmith
