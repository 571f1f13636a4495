// Poles of the medium in the CPU's leapfrog engine, row by row, forward and transposed.
//
// A step of one point is linear in (e, p, p_old). Its transpose takes the cotangents in reverse:
// what a forward step does last to e (a relaxing pole listens to e_new) comes first, and what it
// does first (e feeds p, p feeds e) comes at the start of the next transposed step, where the
// decay is. All of a point's cotangents carry the same factor C / V.
#include <algorithm>

#include "kernels/host_leapfrog.hpp"

namespace wavesmith::host {

template <class T>
void HostLeapfrog<T>::add_pole(const PoleField& pole) {
  const auto numbers = [&](const std::vector<double>& from) {
    HostArray<T> array(pole.box.count());
    std::copy(from.begin(), from.end(), array.data());
    return array;
  };
  Pole added;
  added.component = pole.component;
  added.relaxing = pole.relaxing;
  added.box = pole.box;
  added.a1 = numbers(pole.a1);
  added.a2 = numbers(pole.a2);
  added.gain = numbers(pole.gain);
  added.now = HostArray<T>(pole.box.count());
  if (!pole.relaxing) {
    added.a3 = numbers(pole.a3);
    added.old = HostArray<T>(pole.box.count());
  }
  poles_.push_back(std::move(added));
  hooks_indexed_ = false;
}

template <class T>
void HostLeapfrog<T>::begin_poles(int component, int j, int k) {
  const auto entries =
      poles_.empty() ? std::span<const RowIndex::Entry>{} : pole_rows_.at(line(j, k));
  T* const f = row(component, j, k);
  thread_local std::vector<T> before;  // every pole sees the field as it was
  before.clear();
  for (const RowIndex::Entry& entry : entries)
    if (poles_[static_cast<std::size_t>(entry.index)].component == component && before.empty())
      before.assign(f, f + layout_.nx);
  apply_decay(component, j, k);
  if (before.empty()) return;
  for (const RowIndex::Entry& entry : entries) {
    Pole& pole = poles_[static_cast<std::size_t>(entry.index)];
    if (pole.component != component) continue;
    const int length = pole.box.end[0] - pole.box.begin[0];
    T* const e = f + pole.box.begin[0];
    const T* const was = before.data() + pole.box.begin[0];
    const T* const a1 = pole.a1.data() + entry.offset;
    const T* const a2 = pole.a2.data() + entry.offset;
    const T* const gain = pole.gain.data() + entry.offset;
    T* const p = pole.now.data() + entry.offset;
    if (pole.relaxing) {
      // Forward gain feeds e and a2 feeds p; transposed the other way round.
      const T* const to_e = transposed_ ? a2 : gain;
      const T* const to_p = transposed_ ? gain : a2;
#pragma omp simd
      for (int i = 0; i < length; ++i) {
        e[i] += to_e[i] * p[i];
        p[i] = a1[i] * p[i] + to_p[i] * was[i];
      }
      continue;
    }
    const T* const a3 = pole.a3.data() + entry.offset;
    T* const old = pole.old.data() + entry.offset;
    if (transposed_) {
#pragma omp simd
      for (int i = 0; i < length; ++i) {
        const T sum = p[i] - gain[i] * was[i];
        e[i] += a3[i] * sum;
        p[i] = a1[i] * sum + gain[i] * was[i] + old[i];
        old[i] = a2[i] * sum;
      }
    } else {
#pragma omp simd
      for (int i = 0; i < length; ++i) {
        const T next = a1[i] * p[i] + a2[i] * old[i] + a3[i] * was[i];
        e[i] -= gain[i] * (next - p[i]);
        old[i] = p[i];
        p[i] = next;
      }
    }
  }
}

template <class T>
void HostLeapfrog<T>::end_poles(int component, int j, int k) {
  for (const RowIndex::Entry& entry : pole_rows_.at(line(j, k))) {
    Pole& pole = poles_[static_cast<std::size_t>(entry.index)];
    if (pole.component != component || !pole.relaxing) continue;
    const int length = pole.box.end[0] - pole.box.begin[0];
    T* const e = row(component, j, k) + pole.box.begin[0];
    const T* const a2 = pole.a2.data() + entry.offset;
    T* const p = pole.now.data() + entry.offset;
    T* const to = transposed_ ? e : p;
    const T* const from = transposed_ ? p : e;
#pragma omp simd
    for (int i = 0; i < length; ++i) to[i] += a2[i] * from[i];
  }
}

template class HostLeapfrog<float>;
template class HostLeapfrog<double>;

}  // namespace wavesmith::host
