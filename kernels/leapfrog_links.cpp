#include "kernels/leapfrog_links.hpp"

#include "kernels/leapfrog_terms.hpp"

namespace wavesmith {
namespace {

// Steps along an axis, around it where it is periodic; false where that leaves the grid.
bool step_along(const LeapfrogSize& size, int axis, int by, PointPosition& p) {
  const std::size_t a = static_cast<std::size_t>(axis);
  p[a] += by;
  if (p[a] >= 0 && p[a] < size.points[a]) return true;
  if (!size.periodic[a]) return false;
  p[a] = (p[a] + size.points[a]) % size.points[a];
  return true;
}

bool varies(const LeapfrogSize& size, int axis) {
  return size.points[static_cast<std::size_t>(axis)] > 1;
}

std::span<const LeapfrogTerm> terms_of(WaveSystem system, bool first_group) {
  return first_group ? first_terms(system) : second_terms(system);
}

// w~ += C d(chi), put together point by point of chi: all w that difference it.
void add_transposed_link(const MarchNumbers& march, const TensorLink& link,
                         std::vector<LinkTerm>& terms) {
  const LeapfrogSize& size = march.size;
  const bool first_group = link.component >= first_group_size(size.system);  // of w
  const PointPosition p = position_of(size, link.point), q = position_of(size, link.from);
  // V_p / V_q: along its own axis a component of u lies on centres, along others on nodes.
  double chi = link.value / march.coefficient(link.component, p);
  const int begin = size.system == WaveSystem::maxwell ? 0 : 1;  // the component along x
  for (int axis = 0; axis < 3; ++axis) {
    if (!varies(size, axis)) continue;
    const std::size_t a = static_cast<std::size_t>(axis);
    chi *= march.factor(axis, link.source - begin != axis, q[a]) /
           march.factor(axis, link.component - begin != axis, p[a]);
  }
  for (const LeapfrogTerm& term : terms_of(size.system, first_group)) {
    if (term.source != link.source || !varies(size, term.direction)) continue;
    const std::size_t axis = static_cast<std::size_t>(term.direction);
    // Backward differences: chi is the high end at q and the low end one further; forward the other
    // way round.
    for (const bool here : {true, false}) {
      PointPosition at = q;
      if (!here && !step_along(size, term.direction, first_group ? 1 : -1, at)) continue;
      const double factor = march.factor(term.direction, first_group, at[axis]);
      const double sign = here == first_group ? 1.0 : -1.0;
      terms.push_back({term.target,
                       at,
                       {link.component, p,
                        sign * term.sign * factor * march.coefficient(term.target, at) * chi}});
    }
  }
}

}  // namespace

PointPosition position_of(const LeapfrogSize& size, std::size_t point) {
  const std::size_t nx = static_cast<std::size_t>(size.points[0]);
  const std::size_t ny = static_cast<std::size_t>(size.points[1]);
  return {static_cast<int>(point % nx), static_cast<int>(point / nx % ny),
          static_cast<int>(point / nx / ny)};
}

std::vector<PointTerm> difference_terms(const MarchNumbers& march, int component,
                                        const PointPosition& at) {
  std::vector<PointTerm> terms;
  const bool first_group = component < first_group_size(march.size.system);
  for (const LeapfrogTerm& term : terms_of(march.size.system, first_group)) {
    if (term.target != component || !varies(march.size, term.direction)) continue;
    const std::size_t axis = static_cast<std::size_t>(term.direction);
    const double high = term.sign * march.factor(term.direction, first_group, at[axis]);
    const double sign = first_group ? 1.0 : -1.0;
    PointPosition other = at;
    const bool inside = step_along(march.size, term.direction, first_group ? -1 : 1, other);
    terms.push_back({term.source, at, sign * high});
    if (inside) terms.push_back({term.source, other, -sign * high});
  }
  return terms;
}

std::vector<LinkTerm> link_terms(const MarchNumbers& march, std::span<const TensorLink> links,
                                 bool transposed) {
  std::vector<LinkTerm> terms;
  for (const TensorLink& link : links) {
    if (transposed) {
      add_transposed_link(march, link, terms);
      continue;
    }
    const PointPosition p = position_of(march.size, link.point);
    for (PointTerm term :
         difference_terms(march, link.source, position_of(march.size, link.from))) {
      term.weight *= link.value;
      terms.push_back({link.component, p, term});
    }
  }
  return terms;
}

}  // namespace wavesmith
