// Off-diagonal elements of the medium's tensor in the CPU's leapfrog engine, forward and
// transposed, and taps on differences.
//
// u is the group that the tensor belongs to, w the other one. Forward
//   u += C d(w) + K d(w),
// K the links and d the differences. With u~ = C / V u', w~ = -C / V w' for the cotangents u', w'
// (kernels/leapfrog.hpp), the transposed step is
//   u~ += C d(w~)   and   w~ += C d(u~ + chi),   chi_q = sum_p K_pq V_p / (V_q C_p) u~_p:
// the diagonal march, with what the links see added where w~ differences. Both additions are sums
// over single points of the other group, put together once.
#include <algorithm>

#include "kernels/host_leapfrog.hpp"

namespace wavesmith::host {
namespace {

using Position = std::array<int, 3>;

Position position_of(const LeapfrogSize& size, std::size_t point) {
  const std::size_t nx = static_cast<std::size_t>(size.points[0]);
  const std::size_t ny = static_cast<std::size_t>(size.points[1]);
  return {static_cast<int>(point % nx), static_cast<int>(point / nx % ny),
          static_cast<int>(point / nx / ny)};
}

// Steps along an axis, around it where it is periodic; false where that leaves the grid.
bool step_along(const LeapfrogSize& size, int axis, int by, Position& p) {
  const std::size_t a = static_cast<std::size_t>(axis);
  p[a] += by;
  if (p[a] >= 0 && p[a] < size.points[a]) return true;
  if (!size.periodic[a]) return false;
  p[a] = (p[a] + size.points[a]) % size.points[a];
  return true;
}

}  // namespace

template <class T>
void HostLeapfrog<T>::set_links(std::span<const TensorLink> links) {
  links_.assign(links.begin(), links.end());
  gathers_built_ = false;
}

template <class T>
int HostLeapfrog<T>::add_difference_tap(std::span<const FieldPoint> points) {
  difference_taps_.push_back({{points.begin(), points.end()}, {}, {}});
  gathers_built_ = false;
  return static_cast<int>(difference_taps_.size()) - 1;
}

template <class T>
std::span<const T> HostLeapfrog<T>::difference_record(int tap) const {
  return difference_taps_[static_cast<std::size_t>(tap)].record;
}

// The differences of a component at a point as terms of a sum.
template <class T>
void HostLeapfrog<T>::add_difference(int component, const std::array<int, 3>& p, double weight,
                                     const GatherTerm& to, std::vector<GatherTerm>& terms) const {
  const bool first_group = component < first_group_size(size_.system);
  for (const LeapfrogTerm& term :
       first_group ? first_terms(size_.system) : second_terms(size_.system)) {
    if (term.target != component || !varies(term.direction)) continue;
    const std::size_t axis = static_cast<std::size_t>(term.direction);
    const Metric& metric = metrics_[axis];
    const T factor =
        (first_group ? metric.node : metric.centre).data()[static_cast<std::size_t>(p[axis])];
    Position other = p;
    const bool inside = step_along(size_, term.direction, first_group ? -1 : 1, other);
    const double high = weight * term.sign * static_cast<double>(factor);
    const double sign = first_group ? 1.0 : -1.0;
    terms.push_back({to.line, to.target, place(term.source, p), sign * high});
    if (inside) terms.push_back({to.line, to.target, place(term.source, other), -sign * high});
  }
}

// w~ += C d(chi), put together point by point of chi: all w that difference it.
template <class T>
void HostLeapfrog<T>::add_transposed_link(const TensorLink& link, std::vector<GatherTerm>& terms) {
  const bool first_group = link.component >= first_group_size(size_.system);  // of w
  const Position p = position_of(size_, link.point), q = position_of(size_, link.from);
  const auto coefficient = [&](int component, const Position& at) {
    return static_cast<double>(coefficient_at(component, at));
  };
  // V_p / V_q: along its own axis a component of u lies on centres, along others on nodes.
  double chi = link.value / coefficient(link.component, p);
  const int begin = size_.system == WaveSystem::maxwell ? 0 : 1;  // the component along x
  for (int axis = 0; axis < 3; ++axis) {
    if (!varies(axis)) continue;
    const std::size_t a = static_cast<std::size_t>(axis);
    const auto factor = [&](int component, const Position& at) {
      const Metric& metric = metrics_[a];
      return static_cast<double>((component - begin == axis ? metric.centre : metric.node)
                                     .data()[static_cast<std::size_t>(at[a])]);
    };
    chi *= factor(link.source, q) / factor(link.component, p);
  }
  for (const LeapfrogTerm& term :
       first_group ? first_terms(size_.system) : second_terms(size_.system)) {
    if (term.source != link.source || !varies(term.direction)) continue;
    const std::size_t axis = static_cast<std::size_t>(term.direction);
    const Metric& metric = metrics_[axis];
    // Backward differences: chi is the high end at q and the low end one further; forward the other
    // way round.
    for (const bool here : {true, false}) {
      Position at = q;
      if (!here && !step_along(size_, term.direction, first_group ? 1 : -1, at)) continue;
      const double factor = static_cast<double>(
          (first_group ? metric.node : metric.centre).data()[static_cast<std::size_t>(at[axis])]);
      const double sign = here == first_group ? 1.0 : -1.0;
      terms.push_back({line(at[1], at[2]), place(term.target, at), place(link.component, p),
                       sign * term.sign * factor * coefficient(term.target, at) * chi});
    }
  }
}

template <class T>
void HostLeapfrog<T>::build_gathers() {
  if (gathers_built_) return;
  const std::size_t lines =
      static_cast<std::size_t>(layout_.ny) * static_cast<std::size_t>(layout_.nz);
  std::vector<GatherTerm> terms;
  for (const TensorLink& link : links_) {
    if (transposed_) {
      add_transposed_link(link, terms);
      continue;
    }
    const Position p = position_of(size_, link.point);
    add_difference(link.source, position_of(size_, link.from), link.value,
                   {line(p[1], p[2]), place(link.component, p), 0, 0.0}, terms);
  }
  link_gather_ = Gather<T>(std::move(terms), lines);
  for (DifferenceTap& tap : difference_taps_) {
    std::array<std::vector<GatherTerm>, 2> of_group;
    for (std::size_t i = 0; i < tap.points.size(); ++i) {
      const Position p = position_of(size_, tap.points[i].point);
      const int component = tap.points[i].component;
      add_difference(component, p, 1.0, {line(p[1], p[2]), i, 0, 0.0},
                     of_group[component < first_group_size(size_.system) ? 0 : 1]);
    }
    for (std::size_t group = 0; group < 2; ++group)
      tap.gathers[group] = Gather<T>(std::move(of_group[group]), lines);
  }
  gathers_built_ = true;
}

// Links read differences one row further on, and behind; transposed, the other group reads two.
template <class T>
RowLag HostLeapfrog<T>::row_lag() const {
  if (links_.empty()) return {};
  return transposed_ ? RowLag{2, 3} : RowLag{1, 2};
}

template <class T>
void HostLeapfrog<T>::apply_links(bool first_group, int j, int k) {
  // The tensor is that of E, or of v; transposed, the other group is added to.
  const bool tensor_first = size_.system == WaveSystem::maxwell;
  if (links_.empty() || first_group != (tensor_first != transposed_)) return;
  T* const fields = fields_.data();
  link_gather_.apply(line(j, k), fields, [fields](std::size_t to, T sum) { fields[to] += sum; });
}

template <class T>
void HostLeapfrog<T>::record_differences(bool first_group, long step, int j, int k) {
  for (DifferenceTap& tap : difference_taps_) {
    T* const record =
        tap.record.data() + static_cast<std::size_t>(step - first_step_) * tap.points.size();
    tap.gathers[first_group ? 0 : 1].apply(line(j, k), fields_.data(),
                                           [record](std::size_t to, T sum) { record[to] = sum; });
  }
}

template class HostLeapfrog<float>;
template class HostLeapfrog<double>;

}  // namespace wavesmith::host
