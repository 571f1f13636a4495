// The update of a row in the CPU's leapfrog engine: which arithmetic, on which pointers.
#include <type_traits>

#include "kernels/host_leapfrog.hpp"
#include "kernels/host_vector.hpp"

namespace wavesmith::host {
namespace {

// Whole vectors of a row; its ends go through the shells along x.
template <class T, class Update>
WAVESMITH_HD void sweep(const Update& update, const RowLayout& layout, bool ends) {
  using V = Vector<T>;
  constexpr int W = vector_points<T>;
  int i = 0;
  if (ends)
    for (; i < layout.ends_low; i += W) update.template apply<V, true>(i, i);
  const int until = ends ? layout.ends_high : layout.padded;
  for (; i < until; i += W) update.template apply<V, false>(i, 0);
  for (int at = layout.ends_low; i < layout.padded; i += W, at += W)
    update.template apply<V, true>(i, at);
}

// Calls with(Y, Z), what the row has along y and z as types.
template <class With>
void choose(Along y, Along z, const With& with) {
  const auto choose_z = [&](auto chosen_y) {
    switch (z) {
      case Along::nothing:
        return with(chosen_y, std::integral_constant<Along, Along::nothing>{});
      case Along::plain:
        return with(chosen_y, std::integral_constant<Along, Along::plain>{});
      case Along::shell:
        return with(chosen_y, std::integral_constant<Along, Along::shell>{});
    }
  };
  switch (y) {
    case Along::nothing:
      return choose_z(std::integral_constant<Along, Along::nothing>{});
    case Along::plain:
      return choose_z(std::integral_constant<Along, Along::plain>{});
    case Along::shell:
      return choose_z(std::integral_constant<Along, Along::shell>{});
  }
}

}  // namespace

template <class T>
int HostLeapfrog<T>::shell_index(int axis, int index) const {
  const std::size_t a = static_cast<std::size_t>(axis);
  if (index < 0 || index >= size_.points[a]) return -1;
  if (index < size_.shell_low[a]) return index;
  const int from_high = index - (size_.points[a] - size_.shell_high[a]);
  return from_high >= 0 ? size_.shell_low[a] + from_high : -1;
}

template <class T>
T* HostLeapfrog<T>::psi_rows(bool first_group, int axis, int j, int k) {
  if (!has_shell(axis)) return nullptr;
  T* const base = psi_.data() + psi_offset_[first_group ? 0 : 1][static_cast<std::size_t>(axis)];
  const std::size_t block = psi_row_length(axis) * differences_along_axis(size_.system);
  if (axis == 0) return base + line(j, k) * block;
  const int s = shell_index(axis, axis == 1 ? j : k);
  if (s < 0) return nullptr;
  // Rows of a plane k side by side, as the march meets them.
  const int shell = size_.shell_low[1] + size_.shell_high[1];
  const std::size_t row = axis == 1
                              ? static_cast<std::size_t>(k) * static_cast<std::size_t>(shell) +
                                    static_cast<std::size_t>(s)
                              : static_cast<std::size_t>(s) * static_cast<std::size_t>(layout_.ny) +
                                    static_cast<std::size_t>(j);
  return base + row * block;
}

// Forward: what the update of a row needs of the shells that it lies in.
template <class T>
WAVESMITH_HD void HostLeapfrog<T>::find_row_shells(bool first_group, int j, int k, bool,
                                                   RowShells<T>& shells) {
  const auto find = [&](auto& shell, int axis, std::size_t index) {
    T* const psi = psi_rows(first_group, axis, j, k);
    if (psi == nullptr) return;
    const Metric& m = metrics_[static_cast<std::size_t>(axis)];
    const T* const decay = (first_group ? m.node_decay : m.centre_decay).data();
    const T* const gain = (first_group ? m.node_gain : m.centre_gain).data();
    shell.psi[0] = psi;
    shell.psi[1] = psi + psi_row_length(axis);
    if constexpr (std::is_pointer_v<decltype(shell.decay)>) {
      shell.decay = decay;
      shell.gain = gain;
    } else {
      shell.decay = decay[index];
      shell.gain = gain[index];
    }
  };
  find(shells.x, 0, 0);
  find(shells.y, 1, static_cast<std::size_t>(j));
  find(shells.z, 2, static_cast<std::size_t>(k));
}

// Transposed: psi of what the row takes its differences of, here and in the neighbouring rows.
template <class T>
WAVESMITH_HD void HostLeapfrog<T>::find_row_shells(bool first_group, int j, int k, bool last,
                                                   TransposedRowShells<T>& shells) {
  const auto follow = [&](auto& shell, int axis, int index) {
    T* const own = last ? psi_rows(first_group, axis, j, k) : nullptr;
    if (own == nullptr) return;
    const Metric& m = metrics_[static_cast<std::size_t>(axis)];
    shell.own[0] = own;
    shell.own[1] = own + psi_row_length(axis);
    const T* const decay = (first_group ? m.node_decay : m.centre_decay).data() + index;
    const T* const gain = (first_group ? m.node_gain : m.centre_gain).data() + index;
    if constexpr (std::is_pointer_v<decltype(shell.decay)>) {
      shell.decay = decay;
      shell.gain = gain;
    } else {
      shell.decay = *decay;
      shell.gain = *gain;
    }
  };
  const auto find = [&](BetweenRows<T>& shell, int axis, const T* here, const T* neighbour) {
    if (here == nullptr && neighbour == nullptr) return;
    follow(shell, axis, axis == 1 ? j : k);
    const T* const rows[2] = {here, neighbour};
    for (std::size_t which = 0; which < 2; ++which) {
      const auto psi = [&](const T* row) {
        return row == nullptr ? no_psi_.data() : row + which * psi_row_length(axis);
      };
      shell.high[which] = psi(rows[first_group ? 0 : 1]);
      shell.low[which] = psi(rows[first_group ? 1 : 0]);
    }
    shell.along = along(axis, first_group, axis == 1 ? j : k);
  };
  const int next = first_group ? -1 : 1;
  find(shells.y, 1, psi_rows(!first_group, 1, j, k), psi_rows(!first_group, 1, j + next, k));
  find(shells.z, 2, psi_rows(!first_group, 2, j, k), psi_rows(!first_group, 2, j, k + next));
  const T* const ends = psi_rows(!first_group, 0, j, k);
  if (ends == nullptr) return;
  follow(shells.x, 0, 0);
  shells.x.low[0] = ends - (first_group ? 1 : 0);
  shells.x.low[1] = shells.x.low[0] + psi_row_length(0);
  shells.x.along = (first_group ? metrics_[0].node : metrics_[0].centre).data();
}

template <class T>
template <class Shells, class Coefficients>
void HostLeapfrog<T>::update_with(bool first_group, int j, int k, bool last,
                                  const Coefficients& c) {
  using C = decltype(c(0));
  Shells shells;
  find_row_shells(first_group, j, k, last, shells);
  const auto along_axis = [&](int axis, bool shell) {
    if (shell) return Along::shell;
    return varies(axis) || size_.system == WaveSystem::maxwell ? Along::plain : Along::nothing;
  };
  const bool ends = shells.x.here();
  const Metric& x = metrics_[0];
  const T* const along_x = (first_group ? x.node : x.centre).data();
  const T along_y = along(1, first_group, j), along_z = along(2, first_group, k);
  // Rows of the components here, and at the neighbours that the group looks at.
  T* const here = row(0, j, k);
  const std::size_t n = layout_.component;
  const T* const next_j = first_group ? here - layout_.row : here + layout_.row;
  const T* const next_k = first_group ? here - layout_.plane : here + layout_.plane;
  choose(along_axis(1, shells.y.here()), along_axis(2, shells.z.here()), [&](auto y, auto z) {
    if (size_.system == WaveSystem::maxwell) {
      if constexpr (y != Along::nothing && z != Along::nothing) {
        if (first_group)
          sweep<T>(ElectricUpdate<T, C, y, z, Shells>{here, here + n, here + 2 * n, here + 3 * n,
                                                      next_j + 3 * n, next_k + 3 * n, here + 4 * n,
                                                      next_k + 4 * n, here + 5 * n, next_j + 5 * n,
                                                      along_x, along_y, along_z, c(0), c(1), c(2),
                                                      shells},
                   layout_, ends);
        else
          sweep<T>(MagneticUpdate<T, C, y, z, Shells>{here + 3 * n, here + 4 * n, here + 5 * n,
                                                      here, next_j, next_k, here + n, next_k + n,
                                                      here + 2 * n, next_j + 2 * n, along_x,
                                                      along_y, along_z, c(0), c(1), c(2), shells},
                   layout_, ends);
      }
    } else if (first_group) {
      sweep<T>(ScalarUpdate<T, C, y, z, Shells>{here, here + n, here + 2 * n, next_j + 2 * n,
                                                here + 3 * n, next_k + 3 * n, along_x, along_y,
                                                along_z, c(0), shells},
               layout_, ends);
    } else {
      sweep<T>(VectorUpdate<T, C, y, z, Shells>{here + n, here + 2 * n, here + 3 * n, here, next_j,
                                                next_k, along_x, along_y, along_z, c(0), c(1), c(2),
                                                shells},
               layout_, ends);
    }
  });
}

template <class T>
template <class Shells>
void HostLeapfrog<T>::update_through(bool first_group, int j, int k, bool last) {
  if (uniform(first_group)) {
    const T* const values =
        uniform_coefficient_.data() + (first_group ? 0 : first_group_size(size_.system));
    update_with<Shells>(first_group, j, k, last, [&](int c) { return Same<T>{values[c]}; });
  } else {
    const T* const rows = coefficient_rows(first_group, j, k);
    update_with<Shells>(first_group, j, k, last, [&](int c) {
      return PerPoint<T>{rows + static_cast<std::size_t>(c) * layout_.component};
    });
  }
}

template <class T>
void HostLeapfrog<T>::update(bool first_group, int j, int k, bool last) {
  if (transposed_)
    update_through<TransposedRowShells<T>>(first_group, j, k, last);
  else
    update_through<RowShells<T>>(first_group, j, k, last);
}

template class HostLeapfrog<float>;
template class HostLeapfrog<double>;

}  // namespace wavesmith::host
