// What every CUDA source here needs: errors that say which call failed, memory that frees itself.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "core/error.hpp"

namespace wavesmith::cuda {

// Throws unless `code` is success. A failed launch is silent until it is asked for.
inline void check(cudaError_t code, const std::string& what) {
  if (code == cudaSuccess) return;
  const std::string text = "CUDA: " + what + " failed: " + cudaGetErrorString(code);
  if (code == cudaErrorMemoryAllocation)
    throw UnavailableError(text + "; use a smaller grid or batch, or --device cpu");
  throw UnavailableError(text + "; --device cpu works without a GPU");
}
inline void check_launch(const char* kernel) {
  check(cudaGetLastError(), kernel);
}

// Owns `size` numbers on the current device, zero at first. Movable, not copyable.
template <class T>
class DeviceArray {
 public:
  DeviceArray() = default;
  explicit DeviceArray(std::size_t size) : size_(size) {
    if (size == 0) return;
    check(cudaMalloc(&data_, size * sizeof(T)),
          "allocating " + std::to_string(size * sizeof(T)) + " bytes");
    clear();
  }
  DeviceArray(DeviceArray&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  DeviceArray& operator=(DeviceArray&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;
  ~DeviceArray() { cudaFree(data_); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }
  void clear() {
    if (size_ > 0) check(cudaMemset(data_, 0, size_ * sizeof(T)), "clearing memory");
  }
  void upload(std::span<const T> values, std::size_t offset = 0) {
    check(cudaMemcpy(data_ + offset, values.data(), values.size_bytes(), cudaMemcpyHostToDevice),
          "copying to the device");
  }
  void download(std::span<T> values, std::size_t offset = 0) const {
    check(cudaMemcpy(values.data(), data_ + offset, values.size_bytes(), cudaMemcpyDeviceToHost),
          "copying from the device");
  }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace wavesmith::cuda
