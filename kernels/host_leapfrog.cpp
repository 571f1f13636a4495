// What the CPU's leapfrog engine does to a row.
#include "kernels/host_leapfrog.hpp"

#include <algorithm>

#include "kernels/leapfrog_schedule.hpp"
#include "kernels/leapfrog_updates.hpp"

namespace wavesmith::host {

template <class T>
bool HostLeapfrog<T>::group_uniform(bool first_group) const {
  const int split = first_group_size(size_.system);
  const int begin = first_group ? 0 : split;
  const int end = first_group ? split : component_count(size_.system);
  for (int c = begin; c < end; ++c)
    if (!uniform(c)) return false;
  return true;
}

template <class T>
template <class Coefficient>
void HostLeapfrog<T>::update_first(int j, int k, Coefficient cx, Coefficient cy, Coefficient cz) {
  const ElectricUpdate<T, Coefficient> update{row(0, j, k),
                                              row(1, j, k),
                                              row(2, j, k),
                                              row(3, j, k),
                                              row(3, j - 1, k),
                                              row(3, j, k - 1),
                                              row(4, j, k),
                                              row(4, j, k - 1),
                                              row(5, j, k),
                                              row(5, j - 1, k),
                                              metrics_[0].node.data(),
                                              along(1, true, j),
                                              along(2, true, k),
                                              cx,
                                              cy,
                                              cz};
  const int n = layout_.nx;
#pragma omp simd
  for (int i = 0; i < n; ++i) update(i);
}

template <class T>
template <class Coefficient>
void HostLeapfrog<T>::update_second(int j, int k, Coefficient cx, Coefficient cy, Coefficient cz) {
  const MagneticUpdate<T, Coefficient> update{row(3, j, k),
                                              row(4, j, k),
                                              row(5, j, k),
                                              row(0, j, k),
                                              row(0, j + 1, k),
                                              row(0, j, k + 1),
                                              row(1, j, k),
                                              row(1, j, k + 1),
                                              row(2, j, k),
                                              row(2, j + 1, k),
                                              metrics_[0].centre.data(),
                                              along(1, false, j),
                                              along(2, false, k),
                                              cx,
                                              cy,
                                              cz};
  const int n = layout_.nx;
#pragma omp simd
  for (int i = 0; i < n; ++i) update(i);
}

template <class T>
template <class Coefficient, bool Y, bool Z>
void HostLeapfrog<T>::update_scalar(int j, int k, Coefficient c) {
  const ScalarUpdate<T, Coefficient, Y, Z> update{row(0, j, k),
                                                  row(1, j, k),
                                                  row(2, j, k),
                                                  row(2, j - 1, k),
                                                  row(3, j, k),
                                                  row(3, j, k - 1),
                                                  metrics_[0].node.data(),
                                                  along(1, true, j),
                                                  along(2, true, k),
                                                  c};
  const int n = layout_.nx;
#pragma omp simd
  for (int i = 0; i < n; ++i) update(i);
}

template <class T>
template <class Coefficient, bool Y, bool Z>
void HostLeapfrog<T>::update_vector(int j, int k, Coefficient cx, Coefficient cy, Coefficient cz) {
  const VectorUpdate<T, Coefficient, Y, Z> update{row(1, j, k),
                                                  row(2, j, k),
                                                  row(3, j, k),
                                                  row(0, j, k),
                                                  row(0, j + 1, k),
                                                  row(0, j, k + 1),
                                                  metrics_[0].centre.data(),
                                                  along(1, false, j),
                                                  along(2, false, k),
                                                  cx,
                                                  cy,
                                                  cz};
  const int n = layout_.nx;
#pragma omp simd
  for (int i = 0; i < n; ++i) update(i);
}

template <class T>
void HostLeapfrog<T>::apply_decay(int component, int j, int k) {
  const HostArray<T>& decay = decays_[static_cast<std::size_t>(component)];
  if (decay.size() == 0) return;
  const T* const a = decay.data() + layout_.at(j, k);
  T* const f = row(component, j, k);
#pragma omp simd
  for (int i = 0; i < layout_.nx; ++i) f[i] *= a[i];
}

template <class T>
int HostLeapfrog<T>::shell_index(int axis, int index) const {
  const std::size_t a = static_cast<std::size_t>(axis);
  if (index < 0 || index >= size_.points[a]) return -1;
  if (index < size_.shell_low[a]) return index;
  const int from_high = index - (size_.points[a] - size_.shell_high[a]);
  return from_high >= 0 ? size_.shell_low[a] + from_high : -1;
}

template <class T>
T* HostLeapfrog<T>::psi_row(bool first_group, std::size_t term, int j, int k) {
  const LeapfrogTerm& t =
      (first_group ? first_terms(size_.system) : second_terms(size_.system))[term];
  T* const base = psi_.data() + psi_offset_[first_group ? 0 : 1][term];
  const std::size_t ny = static_cast<std::size_t>(layout_.ny);
  const std::size_t nz = static_cast<std::size_t>(layout_.nz);
  if (t.direction == 0) {
    if (j < 0 || k < 0 || j >= layout_.ny || k >= layout_.nz) return nullptr;
    const std::size_t length = static_cast<std::size_t>(size_.shell_low[0] + size_.shell_high[0]);
    return base + (static_cast<std::size_t>(k) * ny + static_cast<std::size_t>(j)) * length;
  }
  const int s = shell_index(t.direction, t.direction == 1 ? j : k);
  if (s < 0) return nullptr;
  const std::size_t line = t.direction == 1
                               ? static_cast<std::size_t>(s) * nz + static_cast<std::size_t>(k)
                               : static_cast<std::size_t>(s) * ny + static_cast<std::size_t>(j);
  return base + line * (layout_.row - static_cast<std::size_t>(layout_.pad));
}

// Forward: the shells' filter behind the differences.
template <class T>
void HostLeapfrog<T>::filter_differences(bool first_group, int j, int k) {
  const std::span<const LeapfrogTerm> terms =
      first_group ? first_terms(size_.system) : second_terms(size_.system);
  const int back = first_group ? 1 : 0;  // differences are f[i + 1 - back] - f[i - back]
  for (std::size_t t = 0; t < terms.size(); ++t) {
    const LeapfrogTerm& term = terms[t];
    const std::size_t axis = static_cast<std::size_t>(term.direction);
    if (size_.shell_low[axis] + size_.shell_high[axis] == 0) continue;
    T* __restrict psi = psi_row(first_group, t, j, k);
    if (psi == nullptr) continue;
    const Metric& metric = metrics_[axis];
    const T* const factor = (first_group ? metric.node : metric.centre).data();
    const std::vector<T>& decay = first_group ? metric.node_decay : metric.centre_decay;
    const std::vector<T>& gain = first_group ? metric.node_gain : metric.centre_gain;
    T* __restrict target = row(term.target, j, k);
    const T sign = static_cast<T>(term.sign);
    const T* const c = uniform(term.target) ? nullptr : coefficient_row(term.target, j, k);
    const T same = uniform_coefficient_[static_cast<std::size_t>(term.target)] * sign;
    if (axis == 0) {
      const T* const f = row(term.source, j, k);
      const int segments[2][2] = {{0, size_.shell_low[0]},
                                  {layout_.nx - size_.shell_high[0], layout_.nx}};
      for (const auto& segment : segments) {
        const int begin = segment[0], length = segment[1] - segment[0];
        const T* const b = decay.data() + begin;
        const T* const g = gain.data() + begin;
        const T* const m = factor + begin;
        const T* const low = f + begin - back;
        T* const to = target + begin;
        if (c != nullptr) {
          const T* const here = c + begin;
#pragma omp simd
          for (int i = 0; i < length; ++i) {
            psi[i] = b[i] * psi[i] + g[i] * (m[i] * (low[i + 1] - low[i]));
            to[i] += sign * here[i] * psi[i];
          }
        } else {
#pragma omp simd
          for (int i = 0; i < length; ++i) {
            psi[i] = b[i] * psi[i] + g[i] * (m[i] * (low[i + 1] - low[i]));
            to[i] += same * psi[i];
          }
        }
        psi += length;
      }
      continue;
    }
    const int index = axis == 1 ? j : k;
    const int dj = axis == 1 ? 1 : 0, dk = axis == 2 ? 1 : 0;
    const T b = decay[static_cast<std::size_t>(index)];
    const T g = gain[static_cast<std::size_t>(index)] * factor[index];
    const T* const high = row(term.source, j + dj * (1 - back), k + dk * (1 - back));
    const T* const low = row(term.source, j - dj * back, k - dk * back);
    if (c != nullptr) {
#pragma omp simd
      for (int i = 0; i < layout_.nx; ++i) {
        psi[i] = b * psi[i] + g * (high[i] - low[i]);
        target[i] += sign * c[i] * psi[i];
      }
    } else {
#pragma omp simd
      for (int i = 0; i < layout_.nx; ++i) {
        psi[i] = b * psi[i] + g * (high[i] - low[i]);
        target[i] += same * psi[i];
      }
    }
  }
}

// Transposed: psi of the other group's transposed term, in front of the differences.
template <class T>
void HostLeapfrog<T>::difference_filtered(bool first_group, int j, int k) {
  const std::span<const LeapfrogTerm> terms =
      first_group ? second_terms(size_.system) : first_terms(size_.system);
  const int back = first_group ? 1 : 0;
  const int n = layout_.nx;
  for (std::size_t t = 0; t < terms.size(); ++t) {
    const std::size_t axis = static_cast<std::size_t>(terms[t].direction);
    if (size_.shell_low[axis] + size_.shell_high[axis] == 0) continue;
    const int component = terms[t].source;
    T* const target = row(component, j, k);
    const T sign = static_cast<T>(terms[t].sign);
    const T same = uniform_coefficient_[static_cast<std::size_t>(component)];
    const T* const c = uniform(component) ? nullptr : coefficient_row(component, j, k);
    const T* const factor = (first_group ? metrics_[axis].node : metrics_[axis].centre).data();
    if (axis == 0) {
      const T* psi = psi_row(!first_group, t, j, k);
      const int segments[2][2] = {{0, size_.shell_low[0]}, {n - size_.shell_high[0], n}};
      for (const auto& segment : segments) {
        const int length = segment[1] - segment[0];
        if (length > 0)
          // Point i takes psi[i + 1 - back] - psi[i - back]; psi is zero outside of the segment.
          for (int i = segment[0] - 1 + back; i < segment[1] + back; ++i) {
            if (i < 0 || i >= n) continue;
            const int high = i + 1 - back - segment[0], low = i - back - segment[0];
            const T difference = (high < length ? psi[high] : T(0)) - (low >= 0 ? psi[low] : T(0));
            target[i] += (c != nullptr ? c[i] : same) * sign * (factor[i] * difference);
          }
        psi += length;
      }
      continue;
    }
    const int dj = axis == 1 ? 1 : 0, dk = axis == 2 ? 1 : 0;
    const T* const high = psi_row(!first_group, t, j + dj * (1 - back), k + dk * (1 - back));
    const T* const low = psi_row(!first_group, t, j - dj * back, k - dk * back);
    const T m = sign * factor[axis == 1 ? j : k];
    const auto add = [&](const T* psi, T scale) {
      if (psi == nullptr) return;
      if (c != nullptr) {
#pragma omp simd
        for (int i = 0; i < n; ++i) target[i] += scale * c[i] * psi[i];
      } else {
#pragma omp simd
        for (int i = 0; i < n; ++i) target[i] += scale * same * psi[i];
      }
    };
    add(high, m);
    add(low, -m);
  }
}

template <class T>
void HostLeapfrog<T>::filter_fields(bool first_group, int j, int k) {
  const std::span<const LeapfrogTerm> terms =
      first_group ? first_terms(size_.system) : second_terms(size_.system);
  for (std::size_t t = 0; t < terms.size(); ++t) {
    const std::size_t axis = static_cast<std::size_t>(terms[t].direction);
    if (size_.shell_low[axis] + size_.shell_high[axis] == 0) continue;
    T* __restrict psi = psi_row(first_group, t, j, k);
    if (psi == nullptr) continue;
    const Metric& metric = metrics_[axis];
    const std::vector<T>& decay = first_group ? metric.node_decay : metric.centre_decay;
    const std::vector<T>& gain = first_group ? metric.node_gain : metric.centre_gain;
    const T* const f = row(terms[t].target, j, k);
    if (axis == 0) {
      const int segments[2][2] = {{0, size_.shell_low[0]},
                                  {layout_.nx - size_.shell_high[0], layout_.nx}};
      for (const auto& segment : segments)
        for (int i = segment[0]; i < segment[1]; ++i, ++psi) {
          const std::size_t at = static_cast<std::size_t>(i);
          *psi = decay[at] * *psi + gain[at] * f[i];
        }
      continue;
    }
    const std::size_t index = static_cast<std::size_t>(axis == 1 ? j : k);
    const T b = decay[index], g = gain[index];
#pragma omp simd
    for (int i = 0; i < layout_.nx; ++i) psi[i] = b * psi[i] + g * f[i];
  }
}

template <class T>
void HostLeapfrog<T>::apply_walls(int j, int k) {
  for (int axis = 0; axis < 3; ++axis) {
    if (!size_.wall_low[static_cast<std::size_t>(axis)]) continue;
    if ((axis == 1 && j > 0) || (axis == 2 && k > 0)) continue;
    for (int c = 0; c < first_group_size(size_.system); ++c) {
      if (size_.system == WaveSystem::maxwell && c == axis) continue;
      T* const f = row(c, j, k);
      std::fill_n(f, axis == 0 ? 1 : layout_.nx, T(0));
    }
  }
}

template <class T>
void HostLeapfrog<T>::apply_hooks(bool first_group, long step, int j, int k) {
  const std::size_t group = first_group ? 0 : 1;
  const std::size_t line = static_cast<std::size_t>(k) * static_cast<std::size_t>(layout_.ny) +
                           static_cast<std::size_t>(j);
  const std::uint32_t end = hook_begin_[group][line + 1];
  for (std::uint32_t h = hook_begin_[group][line]; h < end; ++h) {
    const Hook& hook = hooks_[group][h];
    if (hook.tap) {
      Tap& tap = taps_[static_cast<std::size_t>(hook.index)];
      if (step % tap.every != 0) continue;
      const long before = (first_step_ + tap.every - 1) / tap.every;
      const std::size_t record = static_cast<std::size_t>(step / tap.every - before);
      const int length = tap.box.end[0] - tap.box.begin[0];
      std::copy_n(row(tap.component, j, k) + tap.box.begin[0], length,
                  tap.record.data() + record * tap.box.count() + hook.offset);
      continue;
    }
    const Drive& drive = drives_[static_cast<std::size_t>(hook.index)];
    T* const f = row(drive.component, j, k) + drive.box.begin[0];
    const int length = drive.box.end[0] - drive.box.begin[0];
    const std::size_t now = static_cast<std::size_t>(step - first_step_);
    const std::size_t count = drive.box.count();
    if (drive.rank == 0) {
      const T* const signal = drive.signals.data() + now * count + hook.offset;
#pragma omp simd
      for (int i = 0; i < length; ++i) f[i] += signal[i];
      continue;
    }
    const std::size_t rank = static_cast<std::size_t>(drive.rank);
    for (std::size_t r = 0; r < rank; ++r) {
      const T signal = drive.signals[now * rank + r];
      const T* const weight = drive.weights.data() + r * count + hook.offset;
#pragma omp simd
      for (int i = 0; i < length; ++i) f[i] += weight[i] * signal;
    }
  }
}

template <class T>
void HostLeapfrog<T>::first(long step, int j, int k) {
  const int group = first_group_size(size_.system);
  for (int c = 0; c < group; ++c) apply_decay(c, j, k);
  const bool same = group_uniform(true);
  const auto everywhere = [&](int c) {
    return Same<T>{uniform_coefficient_[static_cast<std::size_t>(c)]};
  };
  const auto here = [&](int c) { return PerPoint<T>{coefficient_row(c, j, k)}; };
  if (size_.system == WaveSystem::maxwell) {
    if (same)
      update_first(j, k, everywhere(0), everywhere(1), everywhere(2));
    else
      update_first(j, k, here(0), here(1), here(2));
  } else {
    const auto update = [&](auto c) {
      using C = decltype(c);
      if (varies(1) && varies(2))
        update_scalar<C, true, true>(j, k, c);
      else if (varies(1))
        update_scalar<C, true, false>(j, k, c);
      else if (varies(2))
        update_scalar<C, false, true>(j, k, c);
      else
        update_scalar<C, false, false>(j, k, c);
    };
    if (same)
      update(everywhere(0));
    else
      update(here(0));
  }
  if (transposed_)
    difference_filtered(true, j, k);
  else
    filter_differences(true, j, k);
  apply_walls(j, k);
  apply_hooks(true, step, j, k);
  if (transposed_) filter_fields(true, j, k);
  if (size_.periodic[0])
    for (int c = 0; c < group; ++c) {
      T* const f = row(c, j, k);
      f[layout_.nx] = f[0];
    }
}

template <class T>
void HostLeapfrog<T>::second(long step, int j, int k) {
  const int begin = first_group_size(size_.system), end = component_count(size_.system);
  for (int c = begin; c < end; ++c) apply_decay(c, j, k);
  const bool same = group_uniform(false);
  const auto everywhere = [&](int c) {
    return Same<T>{uniform_coefficient_[static_cast<std::size_t>(c)]};
  };
  const auto here = [&](int c) { return PerPoint<T>{coefficient_row(c, j, k)}; };
  const auto update = [&](auto cx, auto cy, auto cz) {
    using C = decltype(cx);
    if (size_.system == WaveSystem::maxwell)
      update_second(j, k, cx, cy, cz);
    else if (varies(1) && varies(2))
      update_vector<C, true, true>(j, k, cx, cy, cz);
    else if (varies(1))
      update_vector<C, true, false>(j, k, cx, cy, cz);
    else if (varies(2))
      update_vector<C, false, true>(j, k, cx, cy, cz);
    else
      update_vector<C, false, false>(j, k, cx, cy, cz);
  };
  if (same)
    update(everywhere(begin), everywhere(begin + 1), everywhere(begin + 2));
  else
    update(here(begin), here(begin + 1), here(begin + 2));
  if (transposed_)
    difference_filtered(false, j, k);
  else
    filter_differences(false, j, k);
  apply_hooks(false, step, j, k);
  if (transposed_) filter_fields(false, j, k);
  if (size_.periodic[0])
    for (int c = begin; c < end; ++c) {
      T* const f = row(c, j, k);
      f[-1] = f[layout_.nx - 1];
    }
}

template <class T>
void HostLeapfrog<T>::wrap_first() {
  const std::size_t row_bytes = layout_.row - static_cast<std::size_t>(layout_.pad);
  for (int c = 0; c < first_group_size(size_.system); ++c) {
    if (size_.periodic[1])
      for (int k = 0; k < layout_.nz; ++k)
        std::copy_n(row(c, 0, k), row_bytes, row(c, layout_.ny, k));
    if (size_.periodic[2])
      for (int j = 0; j < layout_.ny; ++j)
        std::copy_n(row(c, j, 0), row_bytes, row(c, j, layout_.nz));
  }
}

template <class T>
void HostLeapfrog<T>::wrap_second() {
  const std::size_t row_bytes = layout_.row - static_cast<std::size_t>(layout_.pad);
  for (int c = first_group_size(size_.system); c < component_count(size_.system); ++c) {
    if (size_.periodic[1])
      for (int k = 0; k < layout_.nz; ++k)
        std::copy_n(row(c, layout_.ny - 1, k), row_bytes, row(c, -1, k));
    if (size_.periodic[2])
      for (int j = 0; j < layout_.ny; ++j)
        std::copy_n(row(c, j, layout_.nz - 1), row_bytes, row(c, j, -1));
  }
}

template <class T>
void HostLeapfrog<T>::run(long first, int steps) {
  first_step_ = first;
  index_hooks();
  for (Tap& tap : taps_) {
    const long before = (first + tap.every - 1) / tap.every;
    const long after = (first + steps + tap.every - 1) / tap.every;
    tap.record.resize(static_cast<std::size_t>(after - before) * tap.box.count());
  }
  for (Drive& drive : drives_)
    if (drive.steps != steps) drive_signals(static_cast<int>(&drive - drives_.data()), steps);
  // A row that wraps around needs the far end of the plane, which a skewed march has not reached.
  if (!schedule_.skewed || size_.periodic[1] || size_.periodic[2]) {
    march_plain(*this, layout_.ny, layout_.nz, first, steps, threads_available(threads_));
    return;
  }
  SkewedMarch<HostLeapfrog<T>> march(*this, layout_.ny, layout_.nz, schedule_.depth,
                                     schedule_.tile);
  march.run(first, steps, threads_available(threads_));
}

template class HostLeapfrog<float>;
template class HostLeapfrog<double>;

}  // namespace wavesmith::host
