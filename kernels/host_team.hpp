// Threads that share one piece of work, and what each of them sets up.
#pragma once

#include <omp.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include <algorithm>
#include <atomic>
#include <thread>

namespace wavesmith::host {

inline int thread_number() {
  return omp_get_thread_num();
}
inline int thread_limit() {
  return omp_get_max_threads();
}
// How many of `wanted` threads a parallel region gets for sure. A team that waits for a member that
// was never started would wait for ever.
inline int threads_available(int wanted) {
  if (omp_get_dynamic() || omp_get_active_level() >= omp_get_max_active_levels()) return 1;
  return std::min(wanted, omp_get_thread_limit());
}

// A barrier for `size` threads, and a count of pieces of work that one member leaves for another: a
// short spin, then the processor is left to others.
class Team {
 public:
  explicit Team(int size) : size_(size) {}
  int size() const { return size_; }
  void wait() {
    if (size_ == 1) return;
    const unsigned turn = turn_.load(std::memory_order_acquire);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == size_) {
      arrived_.store(0, std::memory_order_relaxed);
      turn_.fetch_add(1, std::memory_order_acq_rel);
      return;
    }
    for (int spins = 0; turn_.load(std::memory_order_acquire) == turn; ++spins)
      if (spins > 20000) std::this_thread::yield();
  }

  // What was done before `leave` is seen by who has waited until so many pieces were left.
  void leave() { left_.fetch_add(1, std::memory_order_acq_rel); }
  void wait_for(long pieces) const {
    for (int spins = 0; left_.load(std::memory_order_acquire) < pieces; ++spins)
      if (spins > 20000) std::this_thread::yield();
  }

 private:
  int size_;
  std::atomic<int> arrived_{0};
  std::atomic<unsigned> turn_{0};
  std::atomic<long> left_{0};
};

// Numbers too small for full precision count as zero while this lives: arithmetic on them is tens
// of times slower, and a field that starts at zero is full of them.
class FlushDenormals {
 public:
#if defined(__x86_64__)
  FlushDenormals() : saved_(_mm_getcsr()) {
    _mm_setcsr(saved_ | 0x8040u);
  }
  ~FlushDenormals() {
    _mm_setcsr(saved_);
  }
#else
  FlushDenormals() = default;
#endif
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
#if defined(__x86_64__)
  unsigned saved_;
#endif
};

}  // namespace wavesmith::host
