#include "kernels/parallel.hpp"

#include <algorithm>

#include "kernels/host_team.hpp"

namespace wavesmith {
namespace {

void run_parts(std::size_t count, std::size_t parts,
               const std::function<void(std::size_t, std::size_t)>& work) {
  if (parts == 1) {
    work(0, count);
    return;
  }
#pragma omp parallel for num_threads(static_cast <int>(parts)) schedule(static, 1)
  for (std::size_t part = 0; part < parts; ++part)
    work(count * part / parts, count * (part + 1) / parts);
}

std::size_t thread_count(int threads) {
  return static_cast<std::size_t>(threads > 0 ? threads : host::thread_limit());
}

}  // namespace

void parallel_ranges(std::size_t count, int threads,
                     const std::function<void(std::size_t, std::size_t)>& work) {
  constexpr std::size_t shortest = 4096;  // below, starting threads costs more than it saves
  run_parts(count, std::clamp<std::size_t>(count / shortest, 1, thread_count(threads)), work);
}

}  // namespace wavesmith
