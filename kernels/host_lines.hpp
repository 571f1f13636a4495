// Line transforms on the CPU: one vector register holds the same element of W lines.
#pragma once

#include <utility>

#include "kernels/host_vector.hpp"
#include "kernels/lanes.hpp"
#include "kernels/line_transform.hpp"

namespace wavesmith::host {

// Complex lines in memory, element by element. Exchanging re and im makes a forward transform an
// inverse one.
template <class T>
struct Lines {
  Vector<T>* re;
  Vector<T>* im;

  Lines exchanged() const { return {im, re}; }
  Cx<Vector<T>> operator()(int i) const { return {re[i], im[i]}; }
  void operator()(int i, const Cx<Vector<T>>& v) const {
    re[i] = v.re;
    im[i] = v.im;
  }
};

// a b, or a conj(b).
template <bool CONJUGATE, class V>
inline Cx<V> product(const Cx<V>& a, const Cx<V>& b) {
  if constexpr (CONJUGATE)
    return {a.re * b.re + a.im * b.im, a.im * b.re - a.re * b.im};
  else
    return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

// Reads a field times a transmission, or times its conjugate.
template <class T, bool CONJUGATE>
struct ModulatedLoad {
  Lines<T> field, factor;
  Cx<Vector<T>> operator()(int i) const { return product<CONJUGATE>(field(i), factor(i)); }
};

// Writes a spectrum times a transfer function, or times its conjugate.
template <class T, bool CONJUGATE>
struct FilteredStore {
  Lines<T> spectrum, factor;
  void operator()(int i, const Cx<Vector<T>>& v) const {
    spectrum(i, product<CONJUGATE>(v, factor(i)));
  }
};

template <Extent IN, Extent OUT, int R, class T, class Load, class Store>
inline void run_radix(const LineStage& stage, const T* twiddle, const Load& load,
                      const Store& store, int filled, int kept) {
  for (int p = 0; p < stage.m; ++p)
    for (int q = 0; q < stage.stride; ++q)
      butterfly<R, IN, OUT, T, Vector<T>>(p, q, stage, twiddle, load, store, filled, kept);
}

// A radix that is a prime above 5: the sum as it stands.
template <class T>
void run_generic(const LineStage& stage, const LinePlan<T>& plan, const Lines<T>& in,
                 const Lines<T>& out) {
  const int radix = stage.radix, m = stage.m, s = stage.stride;
  const T* root = plan.roots.data() + 2 * stage.roots_offset;
  const T* twiddle = plan.twiddle.data() + 2 * stage.twiddle_offset;
  for (int p = 0; p < m; ++p)
    for (int q = 0; q < s; ++q)
      for (int k = 0; k < radix; ++k) {
        Cx<Vector<T>> sum = in(q + s * p);
        int turn = 0;
        for (int j = 1; j < radix; ++j) {
          turn += k;
          if (turn >= radix) turn -= radix;
          sum = sum + multiply(in(q + s * (p + m * j)), root[2 * turn], root[2 * turn + 1]);
        }
        if (k > 0) {
          const T* w = twiddle + 2 * (p * (radix - 1) + k - 1);
          sum = multiply(sum, w[0], w[1]);
        }
        out(q + s * (radix * p + k), sum);
      }
}

template <Extent IN, Extent OUT, class T, class Load, class Store>
void run_stage(const LineStage& stage, const LinePlan<T>& plan, const Load& load,
               const Store& store, int filled, int kept) {
  const T* w = plan.twiddle.data();
  switch (stage.radix) {
    case 1:
      return run_radix<IN, OUT, 1>(stage, w, load, store, filled, kept);
    case 2:
      return run_radix<IN, OUT, 2>(stage, w, load, store, filled, kept);
    case 3:
      return run_radix<IN, OUT, 3>(stage, w, load, store, filled, kept);
    case 4:
      return run_radix<IN, OUT, 4>(stage, w, load, store, filled, kept);
    case 5:
      return run_radix<IN, OUT, 5>(stage, w, load, store, filled, kept);
    case 6:
      return run_radix<IN, OUT, 6>(stage, w, load, store, filled, kept);
    case 8:
      return run_radix<IN, OUT, 8>(stage, w, load, store, filled, kept);
    case 9:
      return run_radix<IN, OUT, 9>(stage, w, load, store, filled, kept);
    case 10:
      return run_radix<IN, OUT, 10>(stage, w, load, store, filled, kept);
    case 12:
      return run_radix<IN, OUT, 12>(stage, w, load, store, filled, kept);
    case 15:
      return run_radix<IN, OUT, 15>(stage, w, load, store, filled, kept);
    case 16:
      return run_radix<IN, OUT, 16>(stage, w, load, store, filled, kept);
    case 20:
      return run_radix<IN, OUT, 20>(stage, w, load, store, filled, kept);
    case 25:
      return run_radix<IN, OUT, 25>(stage, w, load, store, filled, kept);
    default:
      return;  // make_line_plan makes no other
  }
}

// Transforms W lines of plan.n elements. `a` and `b` are scratch of plan.n elements each and must
// not overlap what load and store touch.
template <class T, class Load, class Store>
void transform(const LinePlan<T>& plan, const Load& load, int filled, const Store& store, int kept,
               Lines<T> a, Lines<T> b) {
  const int n = plan.n;
  const LineStage& first = plan.stages.front();
  if (filled == n)
    run_stage<Extent::all, Extent::all>(first, plan, load, a, n, n);
  else if (filled <= first.m * ((first.radix + 1) / 2))
    run_stage<Extent::half, Extent::all>(first, plan, load, a, filled, n);
  else
    run_stage<Extent::some, Extent::all>(first, plan, load, a, filled, n);

  for (std::size_t i = 1; i + 1 < plan.stages.size(); ++i) {
    const LineStage& stage = plan.stages[i];
    if (stage.roots_offset >= 0)
      run_generic(stage, plan, a, b);
    else
      run_stage<Extent::all, Extent::all>(stage, plan, a, b, n, n);
    std::swap(a, b);
  }

  const LineStage& last = plan.stages.back();
  if (kept == n)
    run_stage<Extent::all, Extent::all>(last, plan, a, store, n, n);
  else if (kept <= last.stride * ((last.radix + 1) / 2))
    run_stage<Extent::all, Extent::half>(last, plan, a, store, n, kept);
  else
    run_stage<Extent::all, Extent::some>(last, plan, a, store, n, kept);
}

namespace detail {

template <class V, int... I>
inline void interleave(const V& a, const V& b, V& low, V& high, std::integer_sequence<int, I...>) {
  constexpr int n = static_cast<int>(sizeof...(I));
  low = __builtin_shufflevector(a, b, (I % 2 == 0 ? I / 2 : n + I / 2)...);
  high = __builtin_shufflevector(a, b, (I % 2 == 0 ? n / 2 + I / 2 : n + n / 2 + I / 2)...);
}

}  // namespace detail

// Transposes a W x W tile: log2(W) rounds that interleave the first half of the rows with the
// second.
template <class T>
inline void transpose_tile(const Vector<T>* in, Vector<T>* out) {
  constexpr int w = lane_count<T>;
  Vector<T> a[w], b[w];
  WAVESMITH_UNROLL
  for (int i = 0; i < w; ++i) a[i] = in[i];
  WAVESMITH_UNROLL
  for (int width = w; width > 1; width /= 2) {
    WAVESMITH_UNROLL
    for (int i = 0; i < w / 2; ++i)
      detail::interleave(a[i], a[i + w / 2], b[2 * i], b[2 * i + 1],
                         std::make_integer_sequence<int, w>{});
    WAVESMITH_UNROLL
    for (int i = 0; i < w; ++i) a[i] = b[i];
  }
  WAVESMITH_UNROLL
  for (int i = 0; i < w; ++i) out[i] = a[i];
}

}  // namespace wavesmith::host
