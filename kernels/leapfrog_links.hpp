// Off-diagonal elements of the medium's tensor as sums of single points of the fields, the same for
// every engine.
//
// u is the group that the tensor belongs to, w the other one. Forward
//   u += C d(w) + K d(w),
// K the links and d the differences. With u~ = C / V u', w~ = -C / V w' for the cotangents u', w'
// (kernels/leapfrog.hpp), the transposed step is
//   u~ += C d(w~)   and   w~ += C d(u~ + chi),   chi_q = sum_p K_pq V_p / (V_q C_p) u~_p:
// the diagonal march, with what the links see added where w~ differences. Both additions are sums
// over single points of the other group, put together once.
#pragma once

#include <array>
#include <functional>
#include <span>
#include <vector>

#include "kernels/leapfrog.hpp"

namespace wavesmith {

using PointPosition = std::array<int, 3>;  // i, j, k

PointPosition position_of(const LeapfrogSize& size, std::size_t point);

// weight times a component at a point.
struct PointTerm {
  int component = 0;
  PointPosition at{};
  double weight = 0.0;
};
// What is added to a component at a point: one term of the sum that belongs there.
struct LinkTerm {
  int component = 0;
  PointPosition at{};
  PointTerm term;
};

// What an engine marches with, as it has rounded it.
struct MarchNumbers {
  LeapfrogSize size;
  std::function<double(int axis, bool node, int index)> factor;  // of the line metrics
  std::function<double(int component, const PointPosition&)> coefficient;
};

// The differences that C of a component multiplies at a point.
std::vector<PointTerm> difference_terms(const MarchNumbers& march, int component,
                                        const PointPosition& at);

// All that links add in a step, term by term, in the order of the links.
std::vector<LinkTerm> link_terms(const MarchNumbers& march, std::span<const TensorLink> links,
                                 bool transposed);

}  // namespace wavesmith
