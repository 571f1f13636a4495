// The absorbing shells of the CPU's transposed leapfrog march, row by row: psi of the fields of a
// row, for all who take differences of it afterwards.
//
// Along y and z a shell holds whole rows. Along x it holds the ends of every row, rounded up to
// whole vectors; beyond the shell gains are zero, and so is psi.
#include "kernels/host_leapfrog.hpp"
#include "kernels/host_vector.hpp"
#include "kernels/leapfrog_updates.hpp"

namespace wavesmith::host {

template <class T>
void HostLeapfrog<T>::filter_fields(bool first_group, int j, int k) {
  using V = Vector<T>;
  constexpr int W = vector_points<T>;
  const auto terms = first_group ? first_terms(size_.system) : second_terms(size_.system);
  for (int axis = 0; axis < 3; ++axis) {
    T* psi = psi_rows(first_group, axis, j, k);
    if (psi == nullptr) continue;
    const Metric& metric = metrics_[static_cast<std::size_t>(axis)];
    const T* const decay = (first_group ? metric.node_decay : metric.centre_decay).data();
    const T* const gain = (first_group ? metric.node_gain : metric.centre_gain).data();
    const int index = axis == 1 ? j : k;
    for (const LeapfrogTerm& term : terms) {
      if (term.direction != axis) continue;
      const T* const f = row(term.target, j, k);
      const auto step = [&](int i, int at, auto b, auto g) {
        store_points<V>(psi + at, b * load_points<V>(psi + at) + g * load_points<V>(f + i));
      };
      if (axis == 0) {
        const auto end = [&](int i, int at) {
          step(i, at, load_points<V>(decay + i), load_points<V>(gain + i));
        };
        for (int i = 0; i < layout_.ends_low; i += W) end(i, i);
        for (int i = layout_.ends_high, at = layout_.ends_low; i < layout_.padded; i += W, at += W)
          end(i, at);
      } else {
        for (int i = 0; i < layout_.padded; i += W) step(i, i, decay[index], gain[index]);
      }
      psi += psi_row_length(axis);
    }
  }
}

template <class T>
void HostLeapfrog<T>::clear_wall_psi(int j, int k) {
  const auto terms = first_terms(size_.system);
  for (int axis = 0; axis < 3; ++axis) {
    T* psi = psi_rows(true, axis, j, k);
    if (psi == nullptr) continue;
    for (const LeapfrogTerm& term : terms) {
      if (term.direction != axis) continue;
      if (size_.system != WaveSystem::maxwell || term.target != 0) *psi = T(0);
      psi += psi_row_length(axis);
    }
  }
}

template class HostLeapfrog<float>;
template class HostLeapfrog<double>;

}  // namespace wavesmith::host
