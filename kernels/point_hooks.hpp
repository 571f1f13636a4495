// What threads do in a leapfrog step besides the differences: poles, drives, taps, the other ends
// of periodic axes, the clock; and the largest values of rows. Kernels as in
// kernels/point_passes.hpp.
#pragma once

#include <cstdint>
#include <limits>

#include "kernels/point_layout.hpp"
#include "kernels/portable.hpp"

namespace wavesmith {

// The number of the step, in the machine's memory, so that a recorded sequence of launches can be
// repeated: now[0] + offset; the run's first step is now[1].
struct StepClock {
  const std::int64_t* now = nullptr;
  int offset = 0;

  WAVESMITH_HD std::int64_t step() const { return now[0] + offset; }
  WAVESMITH_HD std::int64_t first() const { return now[1]; }
};

struct AdvanceClock {
  std::int64_t* now;
  int steps;
  WAVESMITH_HD void run(unsigned block, unsigned thread) const {
    if (block == 0 && thread == 0) now[0] += steps;
  }
};

// The poles of one component at the points that have any, [slot][point]: resonant ones in the first
// slots, relaxing ones behind. Points where a slot is empty have zeros in it.
template <class T>
struct PoleView {
  T* field = nullptr;
  const std::uint32_t* point = nullptr;  // in the component's memory
  const T* field_decay = nullptr;        // the component's own
  std::size_t count = 0;
  int resonant = 0, relaxing = 0;  // slots
  const T *a1 = nullptr, *a2 = nullptr, *a3 = nullptr, *gain = nullptr;
  T *now = nullptr, *old = nullptr;  // old and a3: resonant slots only
};

// The poles' part of a step before everything else, and the decay of the field there. Equations and
// their transposes: kernels/host_leapfrog_poles.cpp.
template <class T>
struct BeginPoles {
  PoleView<T> v;
  bool transposed;

  WAVESMITH_HD void run(unsigned block, unsigned thread) const {
    const std::size_t p = static_cast<std::size_t>(block) * launch_threads + thread;
    if (p >= v.count) return;
    T& field = v.field[v.point[p]];
    const T was = field;  // every pole sees the field as it was
    T e = was * v.field_decay[p];
    std::size_t at = p;
    for (int slot = 0; slot < v.resonant; ++slot, at += v.count) {
      const T a1 = v.a1[at], a2 = v.a2[at], a3 = v.a3[at], gain = v.gain[at];
      const T now = v.now[at], old = v.old[at];
      if (transposed) {
        const T sum = now - gain * was;
        e += a3 * sum;
        v.now[at] = a1 * sum + gain * was + old;
        v.old[at] = a2 * sum;
      } else {
        const T next = a1 * now + a2 * old + a3 * was;
        e -= gain * (next - now);
        v.old[at] = now;
        v.now[at] = next;
      }
    }
    for (int slot = 0; slot < v.relaxing; ++slot, at += v.count) {
      const T to_e = transposed ? v.a2[at] : v.gain[at];
      const T to_p = transposed ? v.gain[at] : v.a2[at];
      const T now = v.now[at];
      e += to_e * now;
      v.now[at] = v.a1[at] * now + to_p * was;
    }
    field = e;
  }
};

// Relaxing poles listen to the field as drives left it.
template <class T>
struct EndPoles {
  PoleView<T> v;
  bool transposed;

  WAVESMITH_HD void run(unsigned block, unsigned thread) const {
    const std::size_t p = static_cast<std::size_t>(block) * launch_threads + thread;
    if (p >= v.count) return;
    T& field = v.field[v.point[p]];
    T e = field;
    std::size_t at = p + static_cast<std::size_t>(v.resonant) * v.count;
    for (int slot = 0; slot < v.relaxing; ++slot, at += v.count) {
      if (transposed)
        e += v.a2[at] * v.now[at];
      else
        v.now[at] += v.a2[at] * e;
    }
    field = e;
  }
};

template <class T>
struct DriveView {
  T* field = nullptr;
  HookBox box;
  int rank = 0;
  const T* weights = nullptr;  // [rank][point]
  const T* signals = nullptr;  // [step][rank], or [step][point] for rank 0
};

// Drives that do not overlap; block by block the one that `owner` names.
template <class T>
struct DrivePass {
  const DriveView<T>* drives;
  const std::uint32_t* owner;
  PointLayout layout;
  StepClock clock;

  WAVESMITH_HD void run(unsigned block, unsigned thread) const {
    const DriveView<T>& drive = drives[owner[block]];
    const std::size_t point = drive.box.point(block, thread), count = drive.box.count();
    if (point >= count) return;
    const std::size_t now = static_cast<std::size_t>(clock.step() - clock.first());
    T& field = drive.field[drive.box.at(layout, point)];
    if (drive.rank == 0) {
      field += drive.signals[now * count + point];
      return;
    }
    const std::size_t rank = static_cast<std::size_t>(drive.rank);
    T sum = field;
    for (std::size_t r = 0; r < rank; ++r)
      sum += drive.weights[r * count + point] * drive.signals[now * rank + r];
    field = sum;
  }
};

template <class T>
struct TapView {
  const T* field = nullptr;
  HookBox box;
  int every = 1;
  T* record = nullptr;  // [record][point]
};

template <class T>
struct TapPass {
  const TapView<T>* taps;
  const std::uint32_t* owner;
  PointLayout layout;
  StepClock clock;

  WAVESMITH_HD void run(unsigned block, unsigned thread) const {
    const TapView<T>& tap = taps[owner[block]];
    const std::int64_t step = clock.step();
    if (step % tap.every != 0) return;
    const std::size_t point = tap.box.point(block, thread), count = tap.box.count();
    if (point >= count) return;
    const std::int64_t before = (clock.first() + tap.every - 1) / tap.every;
    const std::size_t record = static_cast<std::size_t>(step / tap.every - before);
    tap.record[record * count + point] = tap.field[tap.box.at(layout, point)];
  }
};

// Brings the other end of every periodic axis to the slots beyond the points of a group.
template <class T>
struct WrapPass {
  PointLayout layout;
  T* field[3] = {};
  int components = 0;
  bool first_group = true, periodic[3] = {};

  std::size_t threads() const {
    std::size_t sum = 0;
    for (int axis = 0; axis < 3; ++axis) sum += periodic[axis] ? face(axis) : 0;
    return sum * static_cast<std::size_t>(components);
  }
  WAVESMITH_HD void run(unsigned block, unsigned thread) const {
    std::size_t n = static_cast<std::size_t>(block) * launch_threads + thread;
    WAVESMITH_UNROLL
    for (int c = 0; c < 3; ++c) {
      if (c >= components) return;
      WAVESMITH_UNROLL
      for (int axis = 0; axis < 3; ++axis) {
        if (!periodic[axis]) continue;
        if (n < face(axis)) {
          copy(field[c], axis, n);
          return;
        }
        n -= face(axis);
      }
    }
  }

 private:
  WAVESMITH_HD std::size_t face(int axis) const {
    const std::size_t nx = static_cast<std::size_t>(layout.nx);
    const std::size_t ny = static_cast<std::size_t>(layout.ny);
    const std::size_t nz = static_cast<std::size_t>(layout.nz);
    return axis == 0 ? ny * nz : axis == 1 ? nx * nz : nx * ny;
  }
  WAVESMITH_HD void copy(T* f, int axis, std::size_t n) const {
    const std::size_t across = static_cast<std::size_t>(axis == 0 ? layout.ny : layout.nx);
    const int a = static_cast<int>(n % across), b = static_cast<int>(n / across);
    const int points = axis == 0 ? layout.nx : axis == 1 ? layout.ny : layout.nz;
    const int from = first_group ? 0 : points - 1, to = first_group ? points : -1;
    const auto at = [&](int index) {
      return axis == 0   ? layout.at(index, a, b)
             : axis == 1 ? layout.at(a, index, b)
                         : layout.at(a, b, index);
    };
    f[at(to)] = f[at(from)];
  }
};

// The largest magnitude of a row and where it is, the first one of equals; infinite at the first
// number that is not finite. One block a row, in phases with barriers between them: every thread
// its points, then halves of the threads, then the result.
template <class T>
struct RowPeaks {
  struct Entry {
    T value;
    int at;
  };
  static constexpr int halvings = 8;
  static_assert(launch_threads == 1u << halvings);
  static constexpr int phases = halvings + 2;

  const T* field;
  PointLayout layout;
  Entry* peaks;  // [row]

  // `scratch`: one entry a thread.
  WAVESMITH_HD void run_phase(int phase, unsigned block, unsigned thread, Entry* scratch) const {
    if (phase == 0) {
      const int j = static_cast<int>(block) % layout.ny, k = static_cast<int>(block) / layout.ny;
      const T* const row = field + layout.at(0, j, k);
      Entry best{T(0), layout.nx};
      for (int i = static_cast<int>(thread); i < layout.nx; i += static_cast<int>(launch_threads))
        best = larger(best, {magnitude(row[i]), i});
      scratch[thread] = best;
    } else if (phase <= halvings) {
      const unsigned half = launch_threads >> phase;
      if (thread < half) scratch[thread] = larger(scratch[thread], scratch[thread + half]);
    } else if (thread == 0) {
      peaks[block] = scratch[0];
    }
  }

 private:
  static constexpr T infinite = std::numeric_limits<T>::infinity();

  static WAVESMITH_HD T magnitude(T value) {
    const T zero = value * T(0);  // unless the value is not finite
    if (!(zero == T(0))) return infinite;
    return value < T(0) ? -value : value;
  }
  static WAVESMITH_HD Entry larger(const Entry& a, const Entry& b) {
    if (a.value != b.value) return a.value > b.value ? a : b;
    return a.at <= b.at ? a : b;
  }
};

}  // namespace wavesmith
