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

using PortMatrix = Eigen::MatrixXcd;

// The last `joined` ports of `a` to the first of `b`, in order. Ports of the result: the other
// ports of `a`, then the other ports of `b`. Where the two form a loop without loss exactly at
// resonance the result is not finite, or of the size of 1 / rounding.
PortMatrix star_product(const PortMatrix& a, const PortMatrix& b, Eigen::Index joined);

// Pairs of ports of one matrix joined; the other ports stay in their order.
PortMatrix join_within(const PortMatrix& s, const std::vector<std::array<Eigen::Index, 2>>& pairs);

}  // namespace wavesmith
