// The three passes of a propagation as blocks of threads run them: phases between barriers.
//
// A block of threads shares W lines. Within a phase every thread does its own butterflies, and no
// thread reads what another writes; between phases all wait. A GPU runs run_phase() for all threads
// at once with a barrier after each phase; a test on the host runs the same function thread by
// thread.
//   RowTransformBlock   one block of rows: (field times transmission) -> spectrum
//   ColumnFilterBlock   W columns: spectrum -> transform, times transfer function, back -> spectrum
//   RowRestoreBlock     one block of rows: spectrum -> field
// Layouts are those of kernels/lanes.hpp; the spectrum is a field of mx_padded columns.
#pragma once

#include <cstddef>

#include "kernels/lanes.hpp"
#include "kernels/line_transform.hpp"

namespace wavesmith {

// A plan as a kernel takes it: by value, with its stages and factors in the device's memory.
template <class T>
struct LinePlanView {
  int n = 0, count = 0;
  const LineStage* stages = nullptr;
  const T* twiddle = nullptr;
  const T* roots = nullptr;
};

namespace phases {

// Complex numbers `step` apart in memory.
template <class T>
struct Strided {
  T* re;
  T* im;
  int step;

  WAVESMITH_HD Strided exchanged() const { return {im, re, step}; }
  WAVESMITH_HD Cx<T> operator()(int i) const {
    const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(i) * step;
    return {re[at], im[at]};
  }
  WAVESMITH_HD void operator()(int i, const Cx<T>& v) const {
    const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(i) * step;
    re[at] = v.re;
    im[at] = v.im;
  }
};

// One column of a spectrum in lanes: element i is row i.
template <class T>
struct Column {
  T* re;
  T* im;
  int lanes;
  std::ptrdiff_t block_step;

  WAVESMITH_HD Column exchanged() const { return {im, re, lanes, block_step}; }
  WAVESMITH_HD std::ptrdiff_t at(int i) const { return i / lanes * block_step + i % lanes; }
  WAVESMITH_HD Cx<T> operator()(int i) const { return {re[at(i)], im[at(i)]}; }
  WAVESMITH_HD void operator()(int i, const Cx<T>& v) const {
    re[at(i)] = v.re;
    im[at(i)] = v.im;
  }
};

template <class T>
WAVESMITH_HD Cx<T> product(const Cx<T>& a, const Cx<T>& b, bool conjugate) {
  const T im = conjugate ? -b.im : b.im;
  return {a.re * b.re - a.im * im, a.re * im + a.im * b.re};
}

// A field times a transmission; without one (null), the field.
template <class T>
struct Modulated {
  Strided<T> field, factor;
  bool conjugate;
  WAVESMITH_HD Cx<T> operator()(int i) const {
    return factor.re == nullptr ? field(i) : product(field(i), factor(i), conjugate);
  }
};

template <class T>
struct Filtered {
  Strided<T> out, factor;
  bool conjugate;
  WAVESMITH_HD void operator()(int i, const Cx<T>& v) const {
    out(i, product(v, factor(i), conjugate));
  }
};

// Butterfly number `item` of a stage, for one lane.
template <class T, class Load, class Store>
WAVESMITH_HD void run_item(const LinePlanView<T>& plan, const LineStage& stage, int item,
                           const Load& load, int filled, const Store& store, int kept) {
  const int p = item / stage.stride, q = item % stage.stride;
  constexpr Extent some = Extent::some;
  const T* w = plan.twiddle;
  switch (stage.radix) {
    case 1:
      return butterfly<1, some, some, T, T>(p, q, stage, w, load, store, filled, kept);
    case 2:
      return butterfly<2, some, some, T, T>(p, q, stage, w, load, store, filled, kept);
    case 3:
      return butterfly<3, some, some, T, T>(p, q, stage, w, load, store, filled, kept);
    case 4:
      return butterfly<4, some, some, T, T>(p, q, stage, w, load, store, filled, kept);
    case 5:
      return butterfly<5, some, some, T, T>(p, q, stage, w, load, store, filled, kept);
    case 6:
      return butterfly<6, some, some, T, T>(p, q, stage, w, load, store, filled, kept);
    case 8:
      return butterfly<8, some, some, T, T>(p, q, stage, w, load, store, filled, kept);
    case 9:
      return butterfly<9, some, some, T, T>(p, q, stage, w, load, store, filled, kept);
    case 10:
      return butterfly<10, some, some, T, T>(p, q, stage, w, load, store, filled, kept);
    default:
      break;
  }
  // A prime above 5: the sum as it stands. Only inner stages have one.
  const int radix = stage.radix, s = stage.stride, m = stage.m;
  const T* root = plan.roots + 2 * stage.roots_offset;
  for (int k = 0; k < radix; ++k) {
    Cx<T> sum = load(q + s * p);
    int turn = 0;
    for (int j = 1; j < radix; ++j) {
      turn += k;
      if (turn >= radix) turn -= radix;
      sum = sum + multiply(load(q + s * (p + m * j)), root[2 * turn], root[2 * turn + 1]);
    }
    if (k > 0) {
      const T* factor = w + 2 * (stage.twiddle_offset + p * (radix - 1) + k - 1);
      sum = multiply(sum, factor[0], factor[1]);
    }
    store(q + s * (radix * p + k), sum);
  }
}

// Stage `index` of a transform that goes load -> a -> b -> a ... -> store.
template <class T, class Load, class Store>
WAVESMITH_HD void run_stage_item(const LinePlanView<T>& plan, int index, int item, const Load& load,
                                 int filled, const Store& store, int kept, const Strided<T>& a,
                                 const Strided<T>& b) {
  const LineStage& stage = plan.stages[index];
  const Strided<T>& from = index % 2 == 1 ? a : b;
  const Strided<T>& to = index % 2 == 1 ? b : a;
  if (index == 0)
    run_item(plan, stage, item, load, filled, a, plan.n);
  else if (index + 1 == plan.count)
    run_item(plan, stage, item, from, plan.n, store, kept);
  else
    run_item(plan, stage, item, from, plan.n, to, plan.n);
}

}  // namespace phases

// Scratch of one block: two lines of complex numbers for each lane.
template <class T>
struct BlockScratch {
  T* data;
  WAVESMITH_HD static std::size_t size(int n, int lanes) {
    return static_cast<std::size_t>(n) * static_cast<std::size_t>(lanes) * 4;
  }
  WAVESMITH_HD phases::Strided<T> line(int which, int lane, int n, int lanes) const {
    T* re = data + static_cast<std::ptrdiff_t>(2 * which) * n * lanes + lane;
    return {re, re + static_cast<std::ptrdiff_t>(n) * lanes, lanes};
  }
};

template <class T>
struct RowTransformBlock {
  LinePlanView<T> plan;
  T *field_re, *field_im;    // of this block of rows
  T *factor_re, *factor_im;  // null: not modulated
  bool conjugate;
  T *spectrum_re, *spectrum_im;  // of this block of rows
  int filled, lanes;

  WAVESMITH_HD int phase_count() const { return plan.count; }
  WAVESMITH_HD void run_phase(int phase, int thread, int threads, BlockScratch<T> scratch) const {
    const int items = plan.n / plan.stages[phase].radix;
    for (int i = thread; i < items * lanes; i += threads) {
      const int lane = i % lanes;
      const phases::Strided<T> field{field_re + lane, field_im + lane, lanes};
      const phases::Strided<T> factor{factor_re == nullptr ? nullptr : factor_re + lane,
                                      factor_im + lane, lanes};
      phases::run_stage_item(
          plan, phase, i / lanes, phases::Modulated<T>{field, factor, conjugate}, filled,
          phases::Strided<T>{spectrum_re + lane, spectrum_im + lane, lanes}, plan.n,
          scratch.line(0, lane, plan.n, lanes), scratch.line(1, lane, plan.n, lanes));
    }
  }
};

template <class T>
struct ColumnFilterBlock {
  LinePlanView<T> plan;
  T *spectrum_re, *spectrum_im;   // at the first of this block's columns, row 0
  std::ptrdiff_t row_block_step;  // between blocks of rows
  T *factor_re, *factor_im;       // transfer function of these columns
  bool conjugate;
  int filled, kept, lanes;

  WAVESMITH_HD int phase_count() const { return 2 * plan.count; }
  WAVESMITH_HD void run_phase(int phase, int thread, int threads, BlockScratch<T> scratch) const {
    const bool back = phase >= plan.count;
    const int index = back ? phase - plan.count : phase;
    const int items = plan.n / plan.stages[index].radix;
    for (int i = thread; i < items * lanes; i += threads) {
      const int lane = i % lanes, item = i / lanes;
      const std::ptrdiff_t column = static_cast<std::ptrdiff_t>(lane) * lanes;
      const phases::Column<T> rows{spectrum_re + column, spectrum_im + column, lanes,
                                   row_block_step};
      const phases::Strided<T> factor{factor_re + lane, factor_im + lane, lanes};
      const phases::Strided<T> a = scratch.line(0, lane, plan.n, lanes);
      const phases::Strided<T> b = scratch.line(1, lane, plan.n, lanes);
      // The filtered spectrum lies where the last stage before it did not read.
      const bool even = plan.count % 2 == 0;
      const phases::Strided<T>& filtered = even ? b : a;
      const phases::Strided<T>& other = even ? a : b;
      if (!back)
        phases::run_stage_item(plan, index, item, rows, filled,
                               phases::Filtered<T>{filtered, factor, conjugate}, plan.n, a, b);
      else
        phases::run_stage_item(plan, index, item, filtered.exchanged(), plan.n, rows.exchanged(),
                               kept, other, filtered);
    }
  }
};

template <class T>
struct RowRestoreBlock {
  LinePlanView<T> plan;
  T *spectrum_re, *spectrum_im;  // of this block of rows
  T *field_re, *field_im;
  int kept, lanes;

  WAVESMITH_HD int phase_count() const { return plan.count; }
  WAVESMITH_HD void run_phase(int phase, int thread, int threads, BlockScratch<T> scratch) const {
    const int items = plan.n / plan.stages[phase].radix;
    for (int i = thread; i < items * lanes; i += threads) {
      const int lane = i % lanes;
      // Real and imaginary parts exchanged: the inverse transform.
      const phases::Strided<T> spectrum{spectrum_im + lane, spectrum_re + lane, lanes};
      const phases::Strided<T> field{field_im + lane, field_re + lane, lanes};
      phases::run_stage_item(plan, phase, i / lanes, spectrum, plan.n, field, kept,
                             scratch.line(0, lane, plan.n, lanes),
                             scratch.line(1, lane, plan.n, lanes));
    }
  }
};

}  // namespace wavesmith
