// Threads that share one piece of work, and what each of them sets up.
#pragma once

#include <omp.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include <atomic>
#include <thread>

namespace wavesmith::host {

inline int thread_number() {
  return omp_get_thread_num();
}
inline int thread_limit() {
  return omp_get_max_threads();
}

// A barrier for `size` threads: a short spin, then the processor is left to others.
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

 private:
  int size_;
  std::atomic<int> arrived_{0};
  std::atomic<unsigned> turn_{0};
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
