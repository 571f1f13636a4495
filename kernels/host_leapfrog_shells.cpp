// The absorbing shells of the CPU's leapfrog engine, row by row.
//
// Along y and z a shell holds whole rows. Along x it holds the ends of every row, rounded up to
// whole vectors; beyond the shell gains are zero, and so is psi.
#include <algorithm>
#include <array>

#include "kernels/host_leapfrog.hpp"
#include "kernels/host_vector.hpp"
#include "kernels/leapfrog_updates.hpp"

namespace wavesmith::host {

template <class T>
T* HostLeapfrog<T>::psi_row(bool first_group, std::size_t term, int j, int k) {
  const auto terms = first_group ? first_terms(size_.system) : second_terms(size_.system);
  const int axis = terms[term].direction;
  T* const rows = psi_rows(first_group, axis, j, k);
  return rows == nullptr ? nullptr : rows + place_along_axis(terms, term) * psi_row_length(axis);
}

// Transposed: psi of the other group's transposed term, in front of the differences.
template <class T>
template <class Coefficient>
void HostLeapfrog<T>::difference_psi(bool first_group, std::size_t t, int j, int k, Coefficient c) {
  using V = Vector<T>;
  constexpr int W = vector_points<T>;
  const LeapfrogTerm& term =
      (first_group ? second_terms(size_.system) : first_terms(size_.system))[t];
  const Metric& metric = metrics_[static_cast<std::size_t>(term.direction)];
  const T* const factor = (first_group ? metric.node : metric.centre).data();
  const int back = first_group ? 1 : 0;
  T* const target = row(term.source, j, k);
  const T sign = static_cast<T>(term.sign);
  if (term.direction == 0) {
    const T* psi = psi_row(!first_group, t, j, k);
    const int segments[2][2] = {{0, layout_.ends_low}, {layout_.ends_high, layout_.padded}};
    for (const auto& segment : segments) {
      const int length = segment[1] - segment[0];
      if (length == 0) continue;
      // psi between zeros: a vector's reach on both sides.
      thread_local std::vector<T> scratch;
      scratch.assign(static_cast<std::size_t>(length + 3 * W), T(0));
      std::copy_n(psi, length, scratch.begin() + W);
      const T* const low = scratch.data() + W - segment[0] - back;
      const int begin = std::max(segment[0] - W, 0);
      const int end = std::min(segment[1] + W, layout_.padded);
      for (int i = begin; i < end; i += W)
        add_points<V>(target + i, c.template at<V>(i) * sign *
                                      (load_points<V>(factor + i) *
                                       (load_points<V>(low + i + 1) - load_points<V>(low + i))));
      psi += length;
    }
    return;
  }
  const int dj = term.direction == 1 ? 1 : 0, dk = 1 - dj;
  const T m = sign * factor[dj == 1 ? j : k];
  const auto add = [&](const T* psi, T scale) {
    if (psi == nullptr) return;
    for (int i = 0; i < layout_.padded; i += W)
      add_points<V>(target + i, scale * c.template at<V>(i) * load_points<V>(psi + i));
  };
  add(psi_row(!first_group, t, j + dj * (1 - back), k + dk * (1 - back)), m);
  add(psi_row(!first_group, t, j - dj * back, k - dk * back), -m);
}

template <class T>
void HostLeapfrog<T>::difference_filtered(bool first_group, int j, int k) {
  const auto terms = first_group ? second_terms(size_.system) : first_terms(size_.system);
  const int begin = first_group ? 0 : first_group_size(size_.system);
  for (std::size_t t = 0; t < terms.size(); ++t) {
    if (!has_shell(terms[t].direction)) continue;
    const std::size_t target = static_cast<std::size_t>(terms[t].source);
    if (uniform(first_group))
      difference_psi(first_group, t, j, k, Same<T>{uniform_coefficient_[target]});
    else
      difference_psi(first_group, t, j, k,
                     PerPoint<T>{coefficient_rows(first_group, j, k) +
                                 (target - static_cast<std::size_t>(begin)) * layout_.component});
  }
}

template <class T>
void HostLeapfrog<T>::filter_fields(bool first_group, int j, int k) {
  using V = Vector<T>;
  const auto terms = first_group ? first_terms(size_.system) : second_terms(size_.system);
  for (std::size_t t = 0; t < terms.size(); ++t) {
    const int axis = terms[t].direction;
    if (!has_shell(axis)) continue;
    T* psi = psi_row(first_group, t, j, k);
    if (psi == nullptr) continue;
    const Metric& metric = metrics_[static_cast<std::size_t>(axis)];
    const T* const decay = (first_group ? metric.node_decay : metric.centre_decay).data();
    const T* const gain = (first_group ? metric.node_gain : metric.centre_gain).data();
    const T* const f = row(terms[t].target, j, k);
    const auto step = [&](int i, V b, V g, T* at) {
      const V next = b * load_points<V>(at) + g * load_points<V>(f + i);
      __builtin_memcpy(at, &next, sizeof(V));
    };
    if (axis == 0) {
      const int segments[2][2] = {{0, layout_.ends_low}, {layout_.ends_high, layout_.padded}};
      for (const auto& segment : segments)
        for (int i = segment[0]; i < segment[1]; i += vector_points<T>, psi += vector_points<T>)
          step(i, load_points<V>(decay + i), load_points<V>(gain + i), psi);
      continue;
    }
    const int index = axis == 1 ? j : k;
    const V b = V{} + decay[index], g = V{} + gain[index];
    for (int i = 0; i < layout_.padded; i += vector_points<T>) step(i, b, g, psi + i);
  }
}

template class HostLeapfrog<float>;
template class HostLeapfrog<double>;

}  // namespace wavesmith::host
