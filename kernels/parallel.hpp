// Loops over plain arrays on the CPU's threads.
#pragma once

#include <cstddef>
#include <functional>

namespace wavesmith {

// Calls work(begin, end) for disjoint ranges that cover 0 .. count, one a thread; threads <= 0:
// all. Short loops stay on one thread. `work` must not throw.
void parallel_ranges(std::size_t count, int threads,
                     const std::function<void(std::size_t begin, std::size_t end)>& work);

}  // namespace wavesmith
