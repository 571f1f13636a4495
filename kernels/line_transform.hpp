// Transforms of many lines at once: one line to a lane.
//
// Stockham's self-sorting transform (Cochran et al., Proc. IEEE 55, 1664, 1967), decimation in
// frequency. A stage of radix R takes lines of length n = R m, of which s stand interleaved:
//   y[q + s (R p + k)] = w^(p k) sum_j x[q + s (p + m j)] exp(-2 pi i j k / R),  w = exp(-2 pi i /
//   n)
// for p < m, q < s, and hands s' = R s lines of length m to the next. The values of all lanes for
// one index are contiguous, so that the arithmetic is the same for a vector register on the CPU and
// for neighbouring threads on a GPU. Zero padding is never read and cropped outputs are never
// written: `Load` is asked for the first `filled` inputs and `Store` for the first `kept` outputs
// only. The inverse transform is the same with real and imaginary parts exchanged.
#pragma once

#include <vector>

#include "kernels/butterfly.hpp"

namespace wavesmith {

struct LineStage {
  int radix = 1;
  int m = 1;               // length after the stage
  int stride = 1;          // lines interleaved before the stage
  int twiddle_offset = 0;  // first of m (R - 1) complex factors w^(p k), k = 1 .. R - 1
  int roots_offset = -1;   // generic radix: first of its R complex roots of unity; else -1
};

// Stages and factors of one length, for one precision. There are at least two stages, so that the
// first and the last are different ones; a stage of radix 1 copies.
template <class T>
struct LinePlan {
  int n = 0;
  std::vector<LineStage> stages;
  std::vector<T> twiddle;  // real, imaginary pairs
  std::vector<T> roots;    // real, imaginary pairs
};

// Any n >= 1; fast for products of 2, 3 and 5. Factors are computed in long double. Large radices
// want many registers: a CPU core's vectors and spills take 25, a GPU's threads 10.
template <class T>
LinePlan<T> make_line_plan(int n, int largest_radix = 25);

// How much of a stage's inputs (or outputs) there is: all of them, the first `filled` (`kept`), or
// the same with at most half of the radix concerned, so that the rest of the butterfly folds away.
enum class Extent { all, some, half };

// One butterfly of a stage.
template <int R, Extent IN, Extent OUT, class T, class V, class Load, class Store>
WAVESMITH_HD void butterfly(int p, int q, const LineStage& stage, const T* twiddle,
                            const Load& load, const Store& store, int filled, int kept) {
  const int s = stage.stride, m = stage.m;
  constexpr int used = IN == Extent::half ? (R + 1) / 2 : R;
  constexpr int wanted = OUT == Extent::half ? (R + 1) / 2 : R;
  Cx<V> a[R];
  WAVESMITH_UNROLL
  for (int j = 0; j < R; ++j) {
    const int index = q + s * (p + m * j);
    a[j] = j < used && (IN == Extent::all || index < filled) ? load(index) : Cx<V>{};
  }
  Dft<R>::template apply<T>(a);
  const T* w = twiddle + 2 * (stage.twiddle_offset + p * (R - 1));
  WAVESMITH_UNROLL
  for (int k = 0; k < wanted; ++k) {
    const int index = q + s * (R * p + k);
    if (OUT != Extent::all && index >= kept) continue;
    if (k > 0 && m > 1) a[k] = multiply(a[k], w[2 * (k - 1)], w[2 * (k - 1) + 1]);
    store(index, a[k]);
  }
}

}  // namespace wavesmith
