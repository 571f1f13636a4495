// What the threads of a block do for one sample of kernels/layered_batch.hpp, as phases between
// barriers: threads of a phase do not depend on each other, a phase sees all that the phases before
// it wrote. A GPU runs the threads of a block at once, a loop on the host one after the other.
//
// A complex symmetric matrix is its lower half by rows: entry (i, j) at i (i + 1) / 2 + j. Factors
// hold L below the diagonal and 1 / D on it.
#pragma once

#include <cstddef>

#include "kernels/layered_batch.hpp"
#include "kernels/portable.hpp"

namespace wavesmith::layered_batch {

inline constexpr unsigned threads = 256;  // of a block
inline constexpr int across = 32;         // of them along the rows of a matrix

template <class T>
using Value = ComplexValue<T>;

template <class T>
WAVESMITH_HD Value<T> product(const Value<T>& a, const Value<T>& b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
template <class T>
WAVESMITH_HD void add_product(Value<T>& sum, const Value<T>& a, const Value<T>& b) {
  sum.re += a.re * b.re;
  sum.re -= a.im * b.im;
  sum.im += a.re * b.im;
  sum.im += a.im * b.re;
}
template <class T>
WAVESMITH_HD void subtract_product(Value<T>& sum, const Value<T>& a, const Value<T>& b) {
  sum.re -= a.re * b.re;
  sum.re += a.im * b.im;
  sum.im -= a.re * b.im;
  sum.im -= a.im * b.re;
}
template <class T>
WAVESMITH_HD T square(const Value<T>& a) {
  return a.re * a.re + a.im * a.im;
}
template <class T>
WAVESMITH_HD Value<T> inverse(const Value<T>& a) {
  const T share = T(1) / square(a);
  return {a.re * share, -a.im * share};
}

WAVESMITH_HD std::size_t wide(int value) {
  return static_cast<std::size_t>(value);
}
WAVESMITH_HD std::size_t entry(int row, int column) {
  return wide(row) * (wide(row) + 1) / 2 + wide(column);
}

// The arrays of a batch on its device and the numbers of modes.
template <class T>
struct View {
  int inputs = 0, layer1 = 0, outputs = 0, middle = 0, reduced = 0, modes = 0;
  int columns = 0, samples = 0;  // of a sample; of the batch at hand
  // Of the network.
  const Value<double>* bare = nullptr;
  const T* drive = nullptr;
  const T* coupling = nullptr;
  const Value<T>* constant = nullptr;
  const Value<T>* to_middle = nullptr;
  // Of the samples.
  const double* input = nullptr;  // [sample][mode of layer 0]
  Value<T>* resonance = nullptr;  // [sample][mode of layer 0]: g
  Value<T>* matrix = nullptr;     // [sample][entry]: A, then its factors, or its inverse
  int* inverted = nullptr;        // [sample]: the matrix is the inverse
  Value<T>* pivot_row = nullptr;  // [sample][reduced mode]
  T* partial = nullptr;           // [sample][thread]
  T* growth = nullptr;            // [sample]
  Value<T>* solved = nullptr;     // [sample][column][reduced mode]
  Value<T>* column = nullptr;     // [sample][column][mode]
  Value<T>* weights = nullptr;    // [sample][mode of the last layer]
  Value<T>* seen = nullptr;       // the same

  WAVESMITH_HD std::size_t entries() const { return entry(reduced, 0); }
  WAVESMITH_HD int first_output() const { return reduced - outputs; }
};

// A(x), row by row.
template <class T>
struct Form {
  View<T> v;

  WAVESMITH_HD int phases() const { return 2; }
  WAVESMITH_HD void run_phase(int phase, unsigned block, unsigned thread) const {
    const std::size_t sample = block;
    Value<T>* g = v.resonance + sample * wide(v.inputs);
    if (phase == 0) {
      const double* input = v.input + sample * wide(v.inputs);
      for (int j = static_cast<int>(thread); j < v.inputs; j += static_cast<int>(threads))
        g[j] = inverse(
            Value<T>{static_cast<T>(v.bare[j].re - input[j]), static_cast<T>(v.bare[j].im)});
      if (thread == 0) v.inverted[sample] = 0;
      return;
    }
    Value<T>* matrix = v.matrix + sample * v.entries();
    const int down = static_cast<int>(threads) / across;
    for (int i = static_cast<int>(thread) / across; i < v.reduced; i += down)
      for (int l = static_cast<int>(thread) % across; l <= i; l += across) {
        Value<T> sum = v.constant[entry(i, l)];
        if (i < v.layer1) {
          const T* row = v.coupling;
          for (int j = 0; j < v.inputs; ++j, row += v.layer1) {
            const T p = row[i] * row[l];
            sum.re -= p * g[j].re;
            sum.im -= p * g[j].im;
          }
        }
        matrix[entry(i, l)] = sum;
      }
  }
};

// A = L D L^T in place, column by column, and the greatest |L_ij|^2.
template <class T>
struct Factorise {
  View<T> v;

  WAVESMITH_HD int phases() const { return 2 * v.reduced + 2; }
  WAVESMITH_HD void run_phase(int phase, unsigned block, unsigned thread) const {
    const std::size_t sample = block;
    Value<T>* matrix = v.matrix + sample * v.entries();
    if (phase >= 2 * v.reduced) {
      measure(phase - 2 * v.reduced, matrix, sample, thread);
      return;
    }
    Value<T>* pivot_row = v.pivot_row + sample * wide(v.reduced);
    const int k = phase / 2;
    if (phase % 2 == 0) {
      // U_ik = A_ik is kept, L_ik = U_ik / D_k. The pivot itself waits for all who read it.
      const Value<T> inverted = inverse(matrix[entry(k, k)]);
      for (int i = k + 1 + static_cast<int>(thread); i < v.reduced;
           i += static_cast<int>(threads)) {
        pivot_row[i] = matrix[entry(i, k)];
        matrix[entry(i, k)] = product(pivot_row[i], inverted);
      }
      return;
    }
    if (thread == 0) matrix[entry(k, k)] = inverse(matrix[entry(k, k)]);
    const int down = static_cast<int>(threads) / across;
    for (int i = k + 1 + static_cast<int>(thread) / across; i < v.reduced; i += down)
      for (int l = k + 1 + static_cast<int>(thread) % across; l <= i; l += across)
        subtract_product(matrix[entry(i, l)], pivot_row[i], matrix[entry(l, k)]);
  }

  // Once something is not finite it stays.
  WAVESMITH_HD static void raise(T& greatest, T value) {
    if (greatest == greatest && !(value <= greatest)) greatest = value;
  }
  WAVESMITH_HD void measure(int phase, const Value<T>* matrix, std::size_t sample,
                            unsigned thread) const {
    T* partial = v.partial + sample * threads;
    T greatest = 0;
    if (phase == 0) {
      for (int i = static_cast<int>(thread); i < v.reduced; i += static_cast<int>(threads)) {
        for (int l = 0; l < i; ++l) raise(greatest, square(matrix[entry(i, l)]));
        raise(greatest, square(matrix[entry(i, i)]) * T(0));  // of 1 / D only whether it is finite
      }
      partial[thread] = greatest;
    } else if (thread == 0) {
      for (unsigned t = 0; t < threads; ++t) raise(greatest, partial[t]);
      v.growth[sample] = greatest;
    }
  }
};

// `count` columns of the inverse from `first` on, at all modes.
template <class T>
struct Solve {
  View<T> v;
  LayeredColumns kind = LayeredColumns::outputs;
  int first = 0, count = 1;

  // Right sides; L y = b; D^-1; L^T x = y; all modes.
  WAVESMITH_HD int phases() const { return 2 * v.reduced + 3; }
  WAVESMITH_HD void run_phase(int phase, unsigned block, unsigned thread) const {
    const std::size_t sample = block;
    Value<T>* x = v.solved + sample * wide(v.columns) * wide(v.reduced);
    const Value<T>* matrix = v.matrix + sample * v.entries();
    const int n = v.reduced;
    if (phase == 0)
      set_right_sides(sample, x, thread);
    else if (phase == 2 * n + 2)
      expand(sample, x, thread);
    else if (v.inverted[sample] != 0)
      multiply(phase, sample, matrix, x, thread);
    else if (phase <= n)
      forward(phase - 1, matrix, x, thread);
    else if (phase == n + 1)
      for (int w = static_cast<int>(thread); w < n * count; w += static_cast<int>(threads))
        x[w] = product(x[w], matrix[entry(w % n, w % n)]);
    else
      backward(2 * n + 1 - phase, matrix, x, thread);
  }

  WAVESMITH_HD Value<T>* all_modes(std::size_t sample, int q) const {
    return v.column + (sample * wide(v.columns) + wide(first + q)) * wide(v.modes);
  }

  WAVESMITH_HD void set_right_sides(std::size_t sample, Value<T>* x, unsigned thread) const {
    const int n = v.reduced;
    const Value<T>* g = v.resonance + sample * wide(v.inputs);
    for (int w = static_cast<int>(thread); w < n * count; w += static_cast<int>(threads)) {
      const int i = w % n, output = i - v.first_output();
      Value<T> value{};
      if (kind == LayeredColumns::outputs) {
        value.re = output == w / n ? T(1) : T(0);
      } else if (kind == LayeredColumns::adjoint) {
        if (output >= 0) value = v.weights[sample * wide(v.outputs) + wide(output)];
      } else if (i < v.layer1) {
        for (int j = 0; j < v.inputs; ++j) {
          const T share = v.coupling[wide(j) * wide(v.layer1) + wide(i)] * v.drive[j];
          value.re += share * g[j].re;
          value.im += share * g[j].im;
        }
      }
      x[w] = value;
    }
  }

  // From row k down.
  WAVESMITH_HD void forward(int k, const Value<T>* matrix, Value<T>* x, unsigned thread) const {
    if (kind != LayeredColumns::drive && k < v.first_output()) return;  // zeros so far
    const int n = v.reduced, below = n - k - 1;
    for (int w = static_cast<int>(thread); w < below * count; w += static_cast<int>(threads)) {
      const int i = k + 1 + w % below;
      Value<T>* one = x + wide(w / below) * wide(n);
      subtract_product(one[i], matrix[entry(i, k)], one[k]);
    }
  }
  // From row k up.
  WAVESMITH_HD void backward(int k, const Value<T>* matrix, Value<T>* x, unsigned thread) const {
    for (int w = static_cast<int>(thread); w < k * count; w += static_cast<int>(threads)) {
      const int i = w % k;
      Value<T>* one = x + wide(w / k) * wide(v.reduced);
      subtract_product(one[i], matrix[entry(k, i)], one[k]);
    }
  }
  // The product with the inverse goes where all modes will stand, and then back.
  WAVESMITH_HD void multiply(int phase, std::size_t sample, const Value<T>* matrix, Value<T>* x,
                             unsigned thread) const {
    const int n = v.reduced;
    if (phase > 2) return;
    for (int w = static_cast<int>(thread); w < n * count; w += static_cast<int>(threads)) {
      const int i = w % n;
      Value<T>& there = all_modes(sample, w / n)[i];
      if (phase == 2) {
        x[w] = there;
        continue;
      }
      Value<T> sum{};
      const Value<T>* right = x + wide(w - i);
      for (int l = 0; l < n; ++l)
        add_product(sum, matrix[l <= i ? entry(i, l) : entry(l, i)], right[l]);
      there = sum;
    }
  }

  WAVESMITH_HD void expand(std::size_t sample, const Value<T>* x, unsigned thread) const {
    const Value<T>* g = v.resonance + sample * wide(v.inputs);
    for (int w = static_cast<int>(thread); w < v.modes * count; w += static_cast<int>(threads)) {
      const int m = w % v.modes, q = w / v.modes;
      const Value<T>* solved = x + wide(q) * wide(v.reduced);
      const int above = m - v.inputs, beyond = above - v.layer1;
      Value<T> value{};
      if (m < v.inputs) {
        const T* row = v.coupling + wide(m) * wide(v.layer1);
        for (int l = 0; l < v.layer1; ++l) {
          value.re += row[l] * solved[l].re;
          value.im += row[l] * solved[l].im;
        }
        if (kind == LayeredColumns::drive) value.re += v.drive[m];
        value = product(value, g[m]);
      } else if (beyond >= 0 && beyond < v.middle) {
        const Value<T>* row = v.to_middle + wide(beyond) * wide(v.reduced);
        for (int r = 0; r < v.reduced; ++r) add_product(value, row[r], solved[r]);
      } else {
        value = solved[beyond < 0 ? above : above - v.middle];
      }
      all_modes(sample, q)[m] = value;
    }
  }
};

// The last layer's amplitudes: of column 0, or of each mode in the column that comes from it.
template <class T>
struct Look {
  View<T> v;
  bool diagonal = false;

  WAVESMITH_HD int phases() const { return 1; }
  WAVESMITH_HD void run_phase(int, unsigned block, unsigned thread) const {
    const std::size_t sample = block;
    for (int c = static_cast<int>(thread); c < v.outputs; c += static_cast<int>(threads))
      v.seen[sample * wide(v.outputs) + wide(c)] =
          v.column[(sample * wide(v.columns) + (diagonal ? wide(c) : 0)) * wide(v.modes) +
                   wide(v.modes - v.outputs + c)];
  }
};

// Couplings of a layer with the next, in the order of the parameters.
struct CouplingBlock {
  std::size_t start = 0;  // parameter
  int lower = 0, upper = 0, width = 0;
};

// One thread a parameter. Samples are added in their order, in double precision.
template <class T>
struct AddGradient {
  View<T> v;
  const CouplingBlock* blocks = nullptr;
  int block_count = 0;
  std::size_t parameters = 0;
  LayeredProduct kind = LayeredProduct::weighted;
  double* gradient = nullptr;

  WAVESMITH_HD int phases() const { return 1; }
  WAVESMITH_HD void run_phase(int, unsigned block, unsigned thread) const {
    const std::size_t p = static_cast<std::size_t>(block) * threads + thread;
    if (p >= parameters) return;
    const bool detuning = p < wide(v.modes);
    std::size_t j = p, l = p;
    for (int b = 0; b < block_count && !detuning; ++b) {
      if (p < blocks[b].start) break;
      const std::size_t within = p - blocks[b].start, width = wide(blocks[b].width);
      j = wide(blocks[b].lower) + within / width;
      l = wide(blocks[b].upper) + within % width;
    }
    const double scale = detuning ? 0.5 : 1.0;
    double sum = gradient[p];
    for (int s = 0; s < v.samples; ++s) {
      const Value<T>* column = v.column + wide(s) * wide(v.columns) * wide(v.modes);
      Value<T> part{};
      if (kind == LayeredProduct::pair) {
        add_product(part, column[wide(v.modes) + j], column[l]);
        add_product(part, column[j], column[wide(v.modes) + l]);
      } else {
        const Value<T>* weights = v.weights + wide(s) * wide(v.outputs);
        for (int q = 0; q < v.outputs; ++q, column += v.modes)
          add_product(part, product(weights[q], column[j]), column[l]);
        part.re *= T(2);
      }
      sum += scale * static_cast<double>(part.re);
    }
    gradient[p] = sum;
  }
};

}  // namespace wavesmith::layered_batch
