// Off-diagonal elements of the medium's tensor in the CPU's leapfrog engine, forward and
// transposed, and taps on differences; the sums are made in kernels/leapfrog_links.hpp.
#include <algorithm>

#include "kernels/host_leapfrog.hpp"
#include "kernels/leapfrog_links.hpp"

namespace wavesmith::host {

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

template <class T>
void HostLeapfrog<T>::build_gathers() {
  if (gathers_built_) return;
  const std::size_t lines =
      static_cast<std::size_t>(layout_.ny) * static_cast<std::size_t>(layout_.nz);
  const MarchNumbers march{size_,
                           [this](int axis, bool node, int index) {
                             return static_cast<double>(along(axis, node, index));
                           },
                           [this](int component, const PointPosition& at) {
                             return static_cast<double>(coefficient_at(component, at));
                           }};
  const auto gathered = [&](const PointPosition& row_of, std::size_t target,
                            const PointTerm& term) {
    return GatherTerm{line(row_of[1], row_of[2]), target, place(term.component, term.at),
                      term.weight};
  };
  std::vector<GatherTerm> terms;
  for (const LinkTerm& link : link_terms(march, links_, transposed_))
    terms.push_back(gathered(link.at, place(link.component, link.at), link.term));
  link_gather_ = Gather<T>(std::move(terms), lines);
  for (DifferenceTap& tap : difference_taps_) {
    std::array<std::vector<GatherTerm>, 2> of_group;
    for (std::size_t i = 0; i < tap.points.size(); ++i) {
      const PointPosition p = position_of(size_, tap.points[i].point);
      const int component = tap.points[i].component;
      for (const PointTerm& term : difference_terms(march, component, p))
        of_group[component < first_group_size(size_.system) ? 0 : 1].push_back(
            gathered(p, i, term));
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
