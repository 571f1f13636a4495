// One vector register of numbers on the CPU (of the widest kind that the projects' kernels use; the
// compiler splits it where the machine's are narrower).
#pragma once

namespace wavesmith::host {

template <class T>
struct VectorOf;
template <>
struct VectorOf<float> {
  typedef float type __attribute__((vector_size(64)));
};
template <>
struct VectorOf<double> {
  typedef double type __attribute__((vector_size(64)));
};
template <class T>
using Vector = typename VectorOf<T>::type;

template <class T>
inline constexpr int vector_points = static_cast<int>(sizeof(Vector<T>) / sizeof(T));

}  // namespace wavesmith::host
