// What the CPU's leapfrog engine does to a row.
#include "kernels/host_leapfrog.hpp"

#include <algorithm>

#include "kernels/leapfrog_schedule.hpp"

namespace wavesmith::host {

template <class T>
void HostLeapfrog<T>::apply_decay(int component, int j, int k) {
  const HostArray<T>& decay = decays_[static_cast<std::size_t>(component)];
  if (decay.size() == 0) return;
  const T* const a = decay.data() + decay_layout_.at(j, k);
  T* const f = row(component, j, k);
#pragma omp simd
  for (int i = 0; i < layout_.padded; ++i) f[i] *= a[i];
}

template <class T>
void HostLeapfrog<T>::apply_walls(int j, int k) {
  const auto lies_in = [this](int component, int axis) {
    return size_.system != WaveSystem::maxwell || component != axis;
  };
  for (int c = 0; c < first_group_size(size_.system); ++c) {
    if (size_.wall_low[0] && lies_in(c, 0)) row(c, j, k)[0] = T(0);
    if (!in_wall(j, k)) continue;
    if ((size_.wall_low[1] && j == 0 && lies_in(c, 1)) ||
        (size_.wall_low[2] && k == 0 && lies_in(c, 2)))
      std::fill_n(row(c, j, k), layout_.nx, T(0));
  }
}

template <class T>
void HostLeapfrog<T>::apply_drives(bool first_group, long step, int j, int k) {
  for (const RowIndex::Entry& entry : drive_rows_[first_group ? 0 : 1].at(line(j, k))) {
    const Drive& drive = drives_[static_cast<std::size_t>(entry.index)];
    const std::size_t now = static_cast<std::size_t>(step - first_step_);
    if (drive.sounds[now] == 0) continue;
    T* const f = row(drive.component, j, k) + drive.box.begin[0];
    const int length = drive.box.end[0] - drive.box.begin[0];
    const std::size_t count = drive.box.count();
    if (drive.rank == 0) {
      const T* const signal = drive.signals.data() + now * count + entry.offset;
#pragma omp simd
      for (int i = 0; i < length; ++i) f[i] += signal[i];
      continue;
    }
    const std::size_t rank = static_cast<std::size_t>(drive.rank);
    for (std::size_t r = 0; r < rank; ++r) {
      const T signal = drive.signals[now * rank + r];
      const T* const weight = drive.weights.data() + r * count + entry.offset;
#pragma omp simd
      for (int i = 0; i < length; ++i) f[i] += weight[i] * signal;
    }
  }
}

template <class T>
void HostLeapfrog<T>::record_taps(bool first_group, long step, int j, int k) {
  for (const RowIndex::Entry& entry : tap_rows_[first_group ? 0 : 1].at(line(j, k))) {
    Tap& tap = taps_[static_cast<std::size_t>(entry.index)];
    const int record = tap.records[static_cast<std::size_t>(step - first_step_)];
    if (record < 0) continue;
    const T* const from = row(tap.component, j, k) + tap.box.begin[0];
    T* const to =
        tap.shown.data() + static_cast<std::size_t>(record) * tap.box.count() + entry.offset;
    const int length = tap.box.end[0] - tap.box.begin[0];
    if (length == 1)
      *to = *from;
    else
      std::copy_n(from, length, to);
  }
}

template <class T>
void HostLeapfrog<T>::first(long step, int j, int k) {
  const int group = first_group_size(size_.system);
  const RowWork work = work_[0][line(j, k)];
  const bool drives = work.drives && driven(true, step);
  const bool last = !(in_wall(j, k) || drives || work.poles || work.nonlinear) && links_.empty();
  if (work.nonlinear) begin_nonlinear(step, j, k);
  if (any_decay_ || work.poles)
    for (int c = 0; c < group; ++c) begin_poles(c, j, k);
  update(true, j, k, last);
  if (!links_.empty()) apply_links(true, j, k);
  if (!difference_taps_.empty()) record_differences(true, step, j, k);
  apply_walls(j, k);
  if (drives) apply_drives(true, step, j, k);
  if (work.nonlinear && !transposed_) end_nonlinear(step, j, k);
  if (work.poles)
    for (int c = 0; c < group; ++c) end_poles(c, j, k);
  if (work.nonlinear && transposed_) end_nonlinear(step, j, k);
  if (work.taps && recorded(true, step)) record_taps(true, step, j, k);
  if (transposed_ && last && size_.wall_low[0]) clear_wall_psi(j, k);
  if (transposed_ && !last) filter_fields(true, j, k);
  if (size_.periodic[0] && size_.pair_axis < 0)
    for (int c = 0; c < group; ++c) {
      T* const f = row(c, j, k);
      f[layout_.nx] = f[0];
    }
}

template <class T>
void HostLeapfrog<T>::second(long step, int j, int k) {
  const int begin = first_group_size(size_.system), end = component_count(size_.system);
  const RowWork work = work_[1][line(j, k)];
  const bool drives = work.drives && driven(false, step);
  const bool last = !drives && links_.empty();
  if (any_decay_)
    for (int c = begin; c < end; ++c) apply_decay(c, j, k);
  update(false, j, k, last);
  if (!links_.empty()) apply_links(false, j, k);
  if (!difference_taps_.empty()) record_differences(false, step, j, k);
  if (drives) apply_drives(false, step, j, k);
  if (work.taps && recorded(false, step)) record_taps(false, step, j, k);
  if (transposed_ && !last) filter_fields(false, j, k);
  if (size_.periodic[0] && size_.pair_axis < 0)
    for (int c = begin; c < end; ++c) {
      T* const f = row(c, j, k);
      f[-1] = f[layout_.nx - 1];
    }
}

template <class T>
void HostLeapfrog<T>::wrap_first() {
  if (size_.pair_axis >= 0) {
    cross_seams(true);
    return;
  }
  const std::size_t length = layout_.component - static_cast<std::size_t>(layout_.pad);
  for (int c = 0; c < first_group_size(size_.system); ++c) {
    if (size_.periodic[1])
      for (int k = 0; k < layout_.nz; ++k) std::copy_n(row(c, 0, k), length, row(c, layout_.ny, k));
    if (size_.periodic[2])
      for (int j = 0; j < layout_.ny; ++j) std::copy_n(row(c, j, 0), length, row(c, j, layout_.nz));
  }
}

template <class T>
void HostLeapfrog<T>::wrap_second() {
  if (size_.pair_axis >= 0) {
    cross_seams(false);
    return;
  }
  const std::size_t length = layout_.component - static_cast<std::size_t>(layout_.pad);
  for (int c = first_group_size(size_.system); c < component_count(size_.system); ++c) {
    if (size_.periodic[1])
      for (int k = 0; k < layout_.nz; ++k)
        std::copy_n(row(c, layout_.ny - 1, k), length, row(c, -1, k));
    if (size_.periodic[2])
      for (int j = 0; j < layout_.ny; ++j)
        std::copy_n(row(c, j, layout_.nz - 1), length, row(c, j, -1));
  }
}

template <class T>
void HostLeapfrog<T>::run(long first, int steps) {
  first_step_ = first;
  index_hooks();
  build_gathers();
  for (DifferenceTap& tap : difference_taps_)
    tap.record.assign(static_cast<std::size_t>(steps) * tap.points.size(), T(0));
  prepare_taps(first, steps);
  prepare_drives(steps);
  // A row that wraps around needs the far end of the plane, which a skewed march has not reached.
  if (!schedule_.skewed || size_.periodic[1] || size_.periodic[2] || size_.pair_axis >= 0) {
    march_plain(*this, layout_.ny, layout_.nz, first, steps, threads_available(threads_));
    return;
  }
  SkewedMarch<HostLeapfrog<T>> march(*this, layout_.ny, layout_.nz, schedule_.depth, schedule_.tile,
                                     together_, row_lag());
  march.run(first, steps, threads_available(threads_));
}

template class HostLeapfrog<float>;
template class HostLeapfrog<double>;

}  // namespace wavesmith::host
