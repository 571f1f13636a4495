#include "kernels/multiply_rate.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "kernels/host_vector.hpp"
#include "kernels/parallel_tasks.hpp"

namespace wavesmith {
namespace {

// More chains than a fused multiply-add has stages, times two units.
constexpr int chains = 16;

template <class T>
T run_chains(long turns, T factor) {
  std::array<host::Vector<T>, chains> sums{};
  for (int c = 0; c < chains; ++c) sums[static_cast<std::size_t>(c)] += T(c);
  for (long turn = 0; turn < turns; ++turn)
#pragma GCC unroll 16
    for (int c = 0; c < chains; ++c)
      sums[static_cast<std::size_t>(c)] = sums[static_cast<std::size_t>(c)] * factor + factor;
  T sum = 0;
  for (const host::Vector<T>& vector : sums) sum += vector[0];
  return sum;
}

template <class T>
double measure(int threads) {
  const int workers = worker_count(threads);
  constexpr long turns = 2000000;
  std::vector<T> kept(static_cast<std::size_t>(workers));
  const auto start = std::chrono::steady_clock::now();
  parallel_tasks(static_cast<std::size_t>(workers), workers,
                 [&](std::size_t task, int) { kept[task] = run_chains<T>(turns, T(0.5)); });
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const T total = *std::max_element(kept.begin(), kept.end());
  const double operations = 2.0 * chains * host::vector_points<T> * static_cast<double>(turns) *
                            static_cast<double>(workers);
  return total > T(0) ? operations / seconds : 0.0;
}

}  // namespace

double multiply_rate(Precision precision, int threads) {
  return precision == Precision::f32 ? measure<float>(threads) : measure<double>(threads);
}

}  // namespace wavesmith
