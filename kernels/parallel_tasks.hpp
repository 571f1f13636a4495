// Pieces of work of their own, shared among the CPU's threads.
#pragma once

#include <cstddef>
#include <functional>

namespace wavesmith {

// The number of threads that `threads` asks for (<= 0: all), at most.
int worker_count(int threads);

// Calls work(task, worker) once for each task in 0 .. count, in any order, with worker in
// 0 .. worker_count(threads): what belongs to a worker is used by one task at a time. An exception
// is caught, and that of the lowest task thrown again at the end; all tasks run nevertheless.
// Numbers too small for full precision count as zero in `work`.
void parallel_tasks(std::size_t count, int threads,
                    const std::function<void(std::size_t task, int worker)>& work);

}  // namespace wavesmith
