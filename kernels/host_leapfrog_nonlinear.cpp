// Instantaneous nonlinearity in the CPU's leapfrog engine, row by row, forward and transposed.
//
// With N(e) = e + square e^2 + cube e^3 and e_linear what the linear step and the drives make of e,
// a step solves N(e_new) = e_linear + N(e) - e. Nothing but e is carried from step to step. The
// transposed march is that of the step linearised about the recorded e_new: cotangents are divided
// by N'(e_new) where the step solved, and come back times N'(e) - 1 where it started.
//
// N has one real root next to e_linear, and Newton's iteration comes to it from one side, as long
// as the field stays before the fold where N' = 0 (never, with cube > square^2 / 3). Beyond the
// fold there is no solution that the field could follow: it becomes not-a-number there.
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/host_leapfrog.hpp"

namespace wavesmith::host {
namespace {

// d: N(e_new), overwritten by e_new.
template <class T>
void solve_row(T* d, const T* square, const T* cube, int length, std::vector<T>& wanted) {
  constexpr T rounding = 4 * std::numeric_limits<T>::epsilon();
  constexpr int most = 60;
  wanted.assign(d, d + length);
  const T* const goal = wanted.data();
  int moving = length;
  for (int iteration = 0; moving > 0 && iteration < most; ++iteration) {
    moving = 0;
#pragma omp simd reduction(+ : moving)
    for (int i = 0; i < length; ++i) {
      const T e = d[i];
      const T step = (e + e * e * (square[i] + cube[i] * e) - goal[i]) /
                     (T(1) + e * (T(2) * square[i] + T(3) * cube[i] * e));
      d[i] = e - step;
      moving += std::abs(step) > rounding * std::abs(e) ? 1 : 0;
    }
  }
  for (int i = 0; moving > 0 && i < length; ++i) {
    const T error = d[i] + d[i] * d[i] * (square[i] + cube[i] * d[i]) - goal[i];
    const T slope = T(1) + d[i] * (T(2) * square[i] + T(3) * cube[i] * d[i]);
    if (!(std::abs(error) <= std::sqrt(rounding) * std::abs(goal[i])) || !(slope > T(0)))
      d[i] = std::numeric_limits<T>::quiet_NaN();
  }
}

}  // namespace

template <class T>
int HostLeapfrog<T>::add_nonlinearity(const NonlinearField& field) {
  const std::size_t count = field.box.count();
  Nonlinearity added;
  added.component = field.component;
  added.box = field.box;
  added.square = HostArray<T>(count);
  added.cube = HostArray<T>(count);
  added.kept = HostArray<T>(count);
  std::copy(field.square.begin(), field.square.end(), added.square.data());
  std::copy(field.cube.begin(), field.cube.end(), added.cube.data());
  nonlinearities_.push_back(std::move(added));
  hooks_indexed_ = false;
  return static_cast<int>(nonlinearities_.size()) - 1;
}

template <class T>
std::span<T> HostLeapfrog<T>::trajectory(int nonlinearity, int steps) {
  Nonlinearity& to = nonlinearities_[static_cast<std::size_t>(nonlinearity)];
  to.trajectory.assign(to.box.count() * static_cast<std::size_t>(steps), T(0));
  return to.trajectory;
}

// Calls work(nonlinearity, row of the field, place in the box, length, recorded row) for each that
// reaches into a row.
template <class T>
template <class Work>
void HostLeapfrog<T>::for_nonlinear_rows(long step, int j, int k, const Work& work) {
  if (nonlinearities_.empty()) return;
  for (const RowIndex::Entry& entry : nonlinear_rows_.at(line(j, k))) {
    Nonlinearity& here = nonlinearities_[static_cast<std::size_t>(entry.index)];
    const T* recorded = nullptr;
    if (transposed_)
      recorded = here.trajectory.data() +
                 static_cast<std::size_t>(step - first_step_) * here.box.count() + entry.offset;
    work(here, row(here.component, j, k) + here.box.begin[0], entry.offset,
         here.box.end[0] - here.box.begin[0], recorded);
  }
}

template <class T>
void HostLeapfrog<T>::begin_nonlinear(long step, int j, int k) {
  for_nonlinear_rows(
      step, j, k,
      [](Nonlinearity& here, const T* e, std::size_t at, int length, const T* recorded) {
        const T* const square = here.square.data() + at;
        const T* const cube = here.cube.data() + at;
        T* const kept = here.kept.data() + at;
        if (recorded != nullptr) {
#pragma omp simd
          for (int i = 0; i < length; ++i)
            kept[i] = e[i] * recorded[i] * (T(2) * square[i] + T(3) * cube[i] * recorded[i]);
        } else {
#pragma omp simd
          for (int i = 0; i < length; ++i) kept[i] = e[i] * e[i] * (square[i] + cube[i] * e[i]);
        }
      });
}

template <class T>
void HostLeapfrog<T>::end_nonlinear(long step, int j, int k) {
  for_nonlinear_rows(
      step, j, k, [](Nonlinearity& here, T* e, std::size_t at, int length, const T* recorded) {
        const T* const square = here.square.data() + at;
        const T* const cube = here.cube.data() + at;
        const T* const kept = here.kept.data() + at;
#pragma omp simd
        for (int i = 0; i < length; ++i) e[i] += kept[i];
        if (recorded != nullptr) {
#pragma omp simd
          for (int i = 0; i < length; ++i)
            e[i] /= T(1) + recorded[i] * (T(2) * square[i] + T(3) * cube[i] * recorded[i]);
        } else {
          thread_local std::vector<T> wanted;
          solve_row(e, square, cube, length, wanted);
        }
      });
}

template class HostLeapfrog<float>;
template class HostLeapfrog<double>;

}  // namespace wavesmith::host
