#include "solvers/star_product.hpp"

#include "core/error.hpp"

namespace wavesmith {

PortMatrix star_product(const PortMatrix& a, const PortMatrix& b, Eigen::Index joined) {
  WAVESMITH_VALIDATE(a.rows() == a.cols() && b.rows() == b.cols() && joined >= 0 &&
                         joined <= a.rows() && joined <= b.rows(),
                     "a star product needs two square matrices with the joined ports in them");
  const Eigen::Index first = a.rows() - joined, last = b.rows() - joined;
  const auto a11 = a.topLeftCorner(first, first), a12 = a.topRightCorner(first, joined),
             a21 = a.bottomLeftCorner(joined, first), a22 = a.bottomRightCorner(joined, joined);
  const auto b11 = b.topLeftCorner(joined, joined), b12 = b.topRightCorner(joined, last),
             b21 = b.bottomLeftCorner(last, joined), b22 = b.bottomRightCorner(last, last);
  PortMatrix s(first + last, first + last);
  if (joined == 0) {
    s.setZero();
    s.topLeftCorner(first, first) = a11;
    s.bottomRightCorner(last, last) = b22;
    return s;
  }
  const PortMatrix one = PortMatrix::Identity(joined, joined);
  const Eigen::PartialPivLU<PortMatrix> back(one - b11 * a22), forth(one - a22 * b11);
  s.topLeftCorner(first, first) = a11 + a12 * back.solve(b11 * a21);
  s.topRightCorner(first, last) = a12 * back.solve(b12);
  s.bottomLeftCorner(last, first) = b21 * forth.solve(a21);
  s.bottomRightCorner(last, last) = b22 + b21 * forth.solve(a22 * b12);
  return s;
}

PortMatrix join_within(const PortMatrix& s, const std::vector<std::array<Eigen::Index, 2>>& pairs) {
  if (pairs.empty()) return s;
  // Where what comes out of a joined port goes in.
  std::vector<Eigen::Index> inner, into, outer;
  std::vector<bool> is_inner(static_cast<std::size_t>(s.rows()), false);
  for (const auto& [one, other] : pairs) {
    inner.insert(inner.end(), {one, other});
    into.insert(into.end(), {other, one});
    is_inner[static_cast<std::size_t>(one)] = is_inner[static_cast<std::size_t>(other)] = true;
  }
  for (Eigen::Index port = 0; port < s.rows(); ++port)
    if (!is_inner[static_cast<std::size_t>(port)]) outer.push_back(port);
  const auto count = static_cast<Eigen::Index>(inner.size());
  const PortMatrix round = PortMatrix::Identity(count, count) - PortMatrix(s(into, inner));
  return PortMatrix(s(outer, outer)) +
         PortMatrix(s(outer, inner)) * round.partialPivLu().solve(PortMatrix(s(into, outer)));
}

}  // namespace wavesmith
