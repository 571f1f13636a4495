// Two scattering matrices joined to one: Redheffer's star product
//   S11 = A11 + A12 (1 - B11 A22)^-1 B11 A21,   S12 = A12 (1 - B11 A22)^-1 B12,
//   S21 = B21 (1 - A22 B11)^-1 A21,             S22 = B22 + B21 (1 - A22 B11)^-1 A22 B12
// with ports 2 of A joined to ports 1 of B (R. Redheffer, J. Math. Phys. 41, 1 (1962)); and ports
// of one matrix joined to each other.
#pragma once

#include <Eigen/Dense>
#include <array>
#include <complex>
#include <vector>

namespace wavesmith {

using ScatteringMatrix = Eigen::MatrixXcd;

// The last `joined` ports of `a` to the first of `b`, in order. Ports of the result: the other
// ports of `a`, then the other ports of `b`. Where the two form a loop without loss exactly at
// resonance the result is not finite, or of the size of 1 / rounding.
ScatteringMatrix star_product(const ScatteringMatrix& a, const ScatteringMatrix& b,
                              Eigen::Index joined);

// Pairs of ports of one matrix joined; the other ports stay in their order.
ScatteringMatrix join_within(const ScatteringMatrix& s,
                             const std::vector<std::array<Eigen::Index, 2>>& pairs);

}  // namespace wavesmith
