// A machine for kernels/point_leapfrog.hpp and kernels/layered_batch_engine.hpp that is a loop over
// blocks and threads on the host: what a GPU's threads would do, one after the other.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "kernels/layered_batch_phases.hpp"
#include "kernels/point_layout.hpp"

namespace wavesmith::test {

class EmulatedMachine {
 public:
  // `backwards`: blocks and threads in reverse. Threads that depended on each other would show it.
  explicit EmulatedMachine(bool backwards = false) : backwards_(backwards) {}

  template <class N>
  class Array {
   public:
    Array() = default;
    explicit Array(std::size_t size) : values_(size) {}
    N* data() { return values_.data(); }
    const N* data() const { return values_.data(); }
    std::size_t size() const { return values_.size(); }
    void clear() { std::fill(values_.begin(), values_.end(), N{}); }
    void upload(std::span<const N> values, std::size_t offset = 0) {
      if (offset + values.size() > size()) throw std::out_of_range("upload beyond the array");
      std::copy(values.begin(), values.end(),
                values_.begin() + static_cast<std::ptrdiff_t>(offset));
    }
    void download(std::span<N> values, std::size_t offset = 0) const {
      if (offset + values.size() > size()) throw std::out_of_range("download beyond the array");
      std::copy_n(values_.begin() + static_cast<std::ptrdiff_t>(offset), values.size(),
                  values.begin());
    }

   private:
    std::vector<N> values_;
  };

  void select() const {}
  void require(std::size_t) const {}
  void forget() {}
  template <class Record>
  void replay(int, const Record& record) {
    record();
  }

  template <class Kernel>
  void launch(const char*, const Kernel& kernel, unsigned blocks) {
    for (unsigned b = 0; b < blocks; ++b)
      for (unsigned t = 0; t < launch_threads; ++t)
        if (backwards_)
          kernel.run(blocks - 1 - b, launch_threads - 1 - t);
        else
          kernel.run(b, t);
  }
  template <class Kernel>
  void launch_phases(const char*, const Kernel& kernel, unsigned blocks) {
    std::array<typename Kernel::Entry, launch_threads> scratch;
    for (unsigned b = 0; b < blocks; ++b)
      for (int phase = 0; phase < Kernel::phases; ++phase)
        for (unsigned t = 0; t < launch_threads; ++t)
          kernel.run_phase(phase, b, backwards_ ? launch_threads - 1 - t : t, scratch.data());
  }
  // As many phases as the kernel says, and as many threads a block.
  template <class Kernel>
  void launch_blocks(const char*, const Kernel& kernel, unsigned blocks) {
    for (unsigned b = 0; b < blocks; ++b)
      for (int phase = 0; phase < kernel.phases(); ++phase)
        for (unsigned t = 0; t < layered_batch::threads; ++t)
          kernel.run_phase(phase, b, backwards_ ? layered_batch::threads - 1 - t : t);
  }

 private:
  bool backwards_;
};

}  // namespace wavesmith::test
