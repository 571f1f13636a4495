// What threads do in a leapfrog step for media beyond numbers of one point: instantaneous
// nonlinearity, off-diagonal elements of the tensor. Kernels as in kernels/point_passes.hpp.
#pragma once

#include <cstdint>
#include <limits>

#include "kernels/point_hooks.hpp"

namespace wavesmith {

// Equations, their transposes and what happens beyond the fold:
// kernels/host_leapfrog_nonlinear.cpp.
template <class T>
struct NonlinearView {
  T* field = nullptr;
  HookBox box;
  const T *square = nullptr, *cube = nullptr;
  T* kept = nullptr;              // what the field was to the nonlinearity before the step
  const T* trajectory = nullptr;  // [step][point], transposed marches only
};

template <class T>
inline constexpr T not_a_number = std::numeric_limits<T>::quiet_NaN();

// e with e + square e^2 + cube e^3 = goal next to goal, by Newton's iteration; not-a-number where
// it does not come there.
template <class T>
WAVESMITH_HD T solve_nonlinear(T goal, T square, T cube) {
  constexpr T rounding = sizeof(T) == 4 ? T(4.8e-7) : T(8.9e-16);  // 4 spacings of 1
  constexpr T close = sizeof(T) == 4 ? T(6.9e-4) : T(2.98e-8);     // its root
  constexpr int most = 60;
  const auto size_of = [](T value) { return value < T(0) ? -value : value; };
  T e = goal;
  for (int iteration = 0; iteration < most; ++iteration) {
    const T step =
        (e + e * e * (square + cube * e) - goal) / (T(1) + e * (T(2) * square + T(3) * cube * e));
    e -= step;
    if (!(size_of(step) > rounding * size_of(e + step))) return e;
  }
  const T error = e + e * e * (square + cube * e) - goal;
  const T slope = T(1) + e * (T(2) * square + T(3) * cube * e);
  return size_of(error) <= close * size_of(goal) && slope > T(0) ? e : not_a_number<T>;
}

template <class T>
struct BeginNonlinear {
  const NonlinearView<T>* views;
  const std::uint32_t* owner;
  PointLayout layout;
  StepClock clock;
  bool transposed;

  WAVESMITH_HD void run(unsigned block, unsigned thread) const {
    const NonlinearView<T>& v = views[owner[block]];
    const std::size_t p = v.box.point(block, thread), count = v.box.count();
    if (p >= count) return;
    const T e = v.field[v.box.at(layout, p)], square = v.square[p], cube = v.cube[p];
    if (transposed) {
      const T at = v.trajectory[static_cast<std::size_t>(clock.step() - clock.first()) * count + p];
      v.kept[p] = e * at * (T(2) * square + T(3) * cube * at);
    } else {
      v.kept[p] = e * e * (square + cube * e);
    }
  }
};

template <class T>
struct EndNonlinear {
  const NonlinearView<T>* views;
  const std::uint32_t* owner;
  PointLayout layout;
  StepClock clock;
  bool transposed;

  WAVESMITH_HD void run(unsigned block, unsigned thread) const {
    const NonlinearView<T>& v = views[owner[block]];
    const std::size_t p = v.box.point(block, thread), count = v.box.count();
    if (p >= count) return;
    T& field = v.field[v.box.at(layout, p)];
    const T e = field + v.kept[p], square = v.square[p], cube = v.cube[p];
    if (transposed) {
      const T at = v.trajectory[static_cast<std::size_t>(clock.step() - clock.first()) * count + p];
      field = e / (T(1) + at * (T(2) * square + T(3) * cube * at));
    } else {
      field = solve_nonlinear(e, square, cube);
    }
  }
};

// Sums of single points of the fields: sum s of terms begin[s] .. begin[s + 1] goes to target[s].
template <class T>
struct GatherView {
  std::size_t count = 0;
  const std::size_t *target = nullptr, *begin = nullptr, *source = nullptr;
  const T* weight = nullptr;

  WAVESMITH_HD T sum(std::size_t s, const T* fields) const {
    T total = T(0);
    for (std::size_t t = begin[s]; t < begin[s + 1]; ++t) total += weight[t] * fields[source[t]];
    return total;
  }
};

// Adds each sum to the field at its target, which none of the sums reads.
template <class T>
struct AddGathered {
  GatherView<T> gather;
  T* fields;

  WAVESMITH_HD void run(unsigned block, unsigned thread) const {
    const std::size_t s = static_cast<std::size_t>(block) * launch_threads + thread;
    if (s < gather.count) fields[gather.target[s]] += gather.sum(s, fields);
  }
};

// Records each sum as number `target` of the step.
template <class T>
struct RecordGathered {
  GatherView<T> gather;
  const T* fields;
  T* record;  // [step][number]
  std::size_t numbers;
  StepClock clock;

  WAVESMITH_HD void run(unsigned block, unsigned thread) const {
    const std::size_t s = static_cast<std::size_t>(block) * launch_threads + thread;
    if (s >= gather.count) return;
    const std::size_t now = static_cast<std::size_t>(clock.step() - clock.first());
    record[now * numbers + gather.target[s]] = gather.sum(s, fields);
  }
};

}  // namespace wavesmith
