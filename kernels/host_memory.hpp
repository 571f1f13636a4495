// Memory of the CPU engines: aligned to vector registers, zeroed, huge pages where they help.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

namespace wavesmith::host {

// Owns `size` numbers, zero at first. Movable, not copyable.
template <class T>
class HostArray {
 public:
  HostArray() = default;
  explicit HostArray(std::size_t size) : size_(size) {
    constexpr std::size_t page = std::size_t{1} << 12, huge = std::size_t{1} << 21;
    const std::size_t bytes = (size * sizeof(T) + page - 1) / page * page;
    if (bytes == 0) return;
    data_.reset(static_cast<T*>(std::aligned_alloc(page, bytes)));
    if (!data_) throw std::bad_alloc();
    if (bytes >= 2 * huge) madvise(data_.get(), bytes, MADV_HUGEPAGE);  // a wish, not a need
    clear();
  }
  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  void clear() {
    if (size_ > 0) std::memset(static_cast<void*>(data_.get()), 0, size_ * sizeof(T));
  }

 private:
  struct Free {
    void operator()(T* p) const { std::free(p); }
  };
  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace wavesmith::host
