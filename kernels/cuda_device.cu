#include "kernels/cuda_support.cuh"
#include "kernels/device.hpp"

namespace wavesmith {

std::vector<DeviceInfo> list_cuda_devices() {
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess) {
    cudaGetLastError();  // no driver or no device: an answer, not an error
    return {};
  }
  std::vector<DeviceInfo> devices;
  for (int i = 0; i < count; ++i) {
    cudaDeviceProp properties{};
    cuda::check(cudaGetDeviceProperties(&properties, i), "asking for a device's properties");
    devices.push_back({properties.name, std::to_string(properties.totalGlobalMem >> 20) +
                                            " MiB, compute capability " +
                                            std::to_string(properties.major) + "." +
                                            std::to_string(properties.minor)});
  }
  return devices;
}

}  // namespace wavesmith
