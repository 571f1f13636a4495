// Memory of the CPU engines: aligned to vector registers, zeroed, huge pages where they help.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include "kernels/parallel.hpp"

namespace wavesmith::host {

// Owns `size` numbers, zero at first unless it is said otherwise. Movable, not copyable.
template <class T>
class HostArray {
 public:
  HostArray() = default;
  explicit HostArray(std::size_t size) : HostArray(unset(size)) { clear(); }
  // Numbers that are to be written before they are read.
  static HostArray unset(std::size_t size) {
    HostArray array;
    array.allocate(size);
    return array;
  }
  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  // Large ones on all threads: memory comes page by page, when it is first written. Small ones are
  // cleared within loops of one thread's own.
  void clear() {
    constexpr std::size_t large = std::size_t{1} << 22;
    const int threads = size_ * sizeof(T) < large ? 1 : 0;
    parallel_ranges(size_, threads, [this](std::size_t begin, std::size_t end) {
      std::memset(static_cast<void*>(data() + begin), 0, (end - begin) * sizeof(T));
    });
  }

 private:
  void allocate(std::size_t size) {
    size_ = size;
    constexpr std::size_t page = std::size_t{1} << 12, huge = std::size_t{1} << 21;
    const std::size_t bytes = (size * sizeof(T) + page - 1) / page * page;
    if (bytes == 0) return;
    data_.reset(static_cast<T*>(std::aligned_alloc(page, bytes)));
    if (!data_) throw std::bad_alloc();
    if (bytes >= 2 * huge) madvise(data_.get(), bytes, MADV_HUGEPAGE);  // a wish, not a need
  }
  struct Free {
    void operator()(T* p) const { std::free(p); }
  };
  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace wavesmith::host
