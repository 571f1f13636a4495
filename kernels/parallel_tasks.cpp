#include "kernels/parallel_tasks.hpp"

#include <algorithm>
#include <exception>
#include <mutex>

#include "kernels/host_team.hpp"

namespace wavesmith {

int worker_count(int threads) {
  return host::threads_available(threads > 0 ? threads : host::thread_limit());
}

void parallel_tasks(std::size_t count, int threads,
                    const std::function<void(std::size_t, int)>& work) {
  std::exception_ptr first;
  std::size_t first_task = count;
  std::mutex mutex;
  const auto guarded = [&](std::size_t task, int worker) {
    try {
      work(task, worker);
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex);
      if (task < first_task) {
        first_task = task;
        first = std::current_exception();
      }
    }
  };
  const int workers = static_cast<int>(
      std::min<std::size_t>(count, static_cast<std::size_t>(worker_count(threads))));
  if (workers <= 1) {
    const host::FlushDenormals flush;
    for (std::size_t task = 0; task < count; ++task) guarded(task, 0);
  } else {
#pragma omp parallel num_threads(workers)
    {
      const host::FlushDenormals flush;
#pragma omp for schedule(dynamic, 1)
      for (std::size_t task = 0; task < count; ++task) guarded(task, host::thread_number());
    }
  }
  if (first) std::rethrow_exception(first);
}

}  // namespace wavesmith
