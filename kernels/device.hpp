// Where the arithmetic runs, and in which precision.
#pragma once

#include <string>
#include <vector>

namespace wavesmith {

enum class Precision { f32, f64 };

struct Device {
  enum class Kind { cpu, cuda } kind = Kind::cpu;
  int index = 0;  // of the GPU

  std::string name() const;  // "cpu", "cuda:0"
};

struct DeviceInfo {
  std::string name;         // "NVIDIA H100"
  std::string description;  // memory, compute capability
};

// The CUDA devices that this build can use now; empty without CUDA or without a driver.
std::vector<DeviceInfo> list_cuda_devices();

// "cpu", "cuda", "cuda:1" or "auto" (the first GPU if there is one, else the CPU). Throws
// InputError for another word, UnavailableError where the device is not there, saying why.
Device parse_device(const std::string& text);

}  // namespace wavesmith
