// The GPU's kernels of the stack engine: the passes of kernels/line_phases.hpp, one block of
// threads for W lines of one sample with a barrier after each phase, and the sums, each in a fixed
// order.
#pragma once

#include <cstddef>

#include "kernels/line_phases.hpp"

namespace wavesmith::cuda {

// A block's pass and what tells the blocks of a launch apart.
template <class T, class Block>
__device__ void run_phases(const Block& block, T* scratch) {
  for (int phase = 0; phase < block.phase_count(); ++phase) {
    block.run_phase(phase, static_cast<int>(threadIdx.x), static_cast<int>(blockDim.x),
                    BlockScratch<T>{scratch});
    __syncthreads();
  }
}

// Scratch in shared memory, or a slice of global memory where lines are too long for it.
template <class T>
__device__ T* block_scratch(T* global, std::size_t size) {
  extern __shared__ double shared[];
  if (global == nullptr) return reinterpret_cast<T*>(shared);
  return global + (static_cast<std::size_t>(blockIdx.y) * gridDim.x + blockIdx.x) * size;
}

template <class T>
struct RowArguments {
  LinePlanView<T> plan;
  T* field;  // [sample][2][field_size]
  std::size_t field_size, field_block;
  T* factor;  // [2][field_size], or null
  bool conjugate;
  T* spectrum;  // [sample][2][spectrum_size]
  std::size_t spectrum_size, spectrum_block;
  int length, lanes;  // filled or kept
  T* scratch;
  std::size_t scratch_size;
};

template <class T>
__global__ void transform_rows(RowArguments<T> a) {
  const std::size_t block = blockIdx.x, sample = blockIdx.y;
  T* field = a.field + sample * 2 * a.field_size + block * a.field_block;
  T* factor = a.factor == nullptr ? nullptr : a.factor + block * a.field_block;
  T* spectrum = a.spectrum + sample * 2 * a.spectrum_size + block * a.spectrum_block;
  run_phases<T>(
      RowTransformBlock<T>{a.plan, field, field + a.field_size, factor,
                           factor == nullptr ? nullptr : factor + a.field_size, a.conjugate,
                           spectrum, spectrum + a.spectrum_size, a.length, a.lanes},
      block_scratch(a.scratch, a.scratch_size));
}

template <class T>
__global__ void restore_rows(RowArguments<T> a) {
  const std::size_t block = blockIdx.x, sample = blockIdx.y;
  T* field = a.field + sample * 2 * a.field_size + block * a.field_block;
  T* spectrum = a.spectrum + sample * 2 * a.spectrum_size + block * a.spectrum_block;
  run_phases<T>(RowRestoreBlock<T>{a.plan, spectrum, spectrum + a.spectrum_size, field,
                                   field + a.field_size, a.length, a.lanes},
                block_scratch(a.scratch, a.scratch_size));
}

template <class T>
struct ColumnArguments {
  LinePlanView<T> plan;
  T* spectrum;  // [sample][2][spectrum_size]
  std::size_t spectrum_size, row_block_step;
  T* factor;  // [2][factor_size]
  std::size_t factor_size;
  bool conjugate;
  int filled, kept, lanes;
  T* scratch;
  std::size_t scratch_size;
};

template <class T>
__global__ void filter_columns(ColumnArguments<T> a) {
  const std::size_t block = blockIdx.x, sample = blockIdx.y;
  const std::size_t lanes = static_cast<std::size_t>(a.lanes);
  T* spectrum = a.spectrum + sample * 2 * a.spectrum_size + block * lanes * lanes;
  T* factor = a.factor + block * lanes * static_cast<std::size_t>(a.plan.n);
  run_phases<T>(
      ColumnFilterBlock<T>{a.plan, spectrum, spectrum + a.spectrum_size,
                           static_cast<std::ptrdiff_t>(a.row_block_step), factor,
                           factor + a.factor_size, a.conjugate, a.filled, a.kept, a.lanes},
      block_scratch(a.scratch, a.scratch_size));
}

// reading(sample, r) += share sum over entries of r of weight |u|^2, entries first[r] .. first[r +
// 1].
template <class T>
__global__ void read_detector(const T* field, std::size_t size, const int* first,
                              const std::size_t* index, const double* weight, int readings,
                              double share, double* out) {
  const int r = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (r >= readings) return;
  const T* re = field + static_cast<std::size_t>(blockIdx.y) * 2 * size;
  double sum = 0.0;
  for (int e = first[r]; e < first[r + 1]; ++e) {
    const double a = static_cast<double>(re[index[e]]),
                 b = static_cast<double>(re[size + index[e]]);
    sum += weight[e] * (a * a + b * b);
  }
  out[static_cast<std::size_t>(blockIdx.y) * static_cast<std::size_t>(readings) +
      static_cast<std::size_t>(r)] += share * sum;
}

// g(i) = 2 share u(i) sum over entries of pixel i of weight cotangent; pixels in runs of entries.
template <class T>
__global__ void start_error(const T* field, T* error, std::size_t size, const int* first,
                            const std::size_t* pixel, const int* reading, const double* weight,
                            int pixels, int readings, double share, const double* cotangent) {
  const int k = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (k >= pixels) return;
  const std::size_t sample = blockIdx.y;
  double factor = 0.0;
  for (int e = first[k]; e < first[k + 1]; ++e)
    factor += weight[e] * cotangent[sample * static_cast<std::size_t>(readings) +
                                    static_cast<std::size_t>(reading[e])];
  const T scale = static_cast<T>(2.0 * share * factor);
  const std::size_t at = sample * 2 * size + pixel[k];
  error[at] = scale * field[at];
  error[at + size] = scale * field[at + size];
}

// gradient(i) += sum over samples of Re(conj(g) i t u), samples in order.
template <class T>
__global__ void add_phase_gradient(const T* incident, const T* t, const T* error, std::size_t size,
                                   int samples, T* gradient) {
  const std::size_t i = static_cast<std::size_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= size) return;
  const T t_re = t[i], t_im = t[i + size];
  T sum = gradient[i];
  for (int s = 0; s < samples; ++s) {
    const std::size_t at = static_cast<std::size_t>(s) * 2 * size + i;
    const T v_re = incident[at] * t_re - incident[at + size] * t_im;
    const T v_im = incident[at] * t_im + incident[at + size] * t_re;
    sum += error[at + size] * v_re - error[at] * v_im;
  }
  gradient[i] = sum;
}

// gradient(i) += sum over samples of conj(u) g.
template <class T>
__global__ void add_cotangent(const T* incident, const T* error, std::size_t size, int samples,
                              T* gradient) {
  const std::size_t i = static_cast<std::size_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= size) return;
  T re = gradient[i], im = gradient[i + size];
  for (int s = 0; s < samples; ++s) {
    const std::size_t at = static_cast<std::size_t>(s) * 2 * size + i;
    re += incident[at] * error[at] + incident[at + size] * error[at + size];
    im += incident[at] * error[at + size] - incident[at + size] * error[at];
  }
  gradient[i] = re;
  gradient[i + size] = im;
}

}  // namespace wavesmith::cuda
