// Layered networks on a GPU: kernels/layered_batch_phases.hpp with one thread block a sample, whose
// factors, right sides and columns lie in the device's memory and its caches.
#include <memory>
#include <string>

#include "kernels/cuda_support.cuh"
#include "kernels/layered_batch_engine.hpp"

namespace wavesmith {
namespace {

using cuda::check;

template <class Kernel>
__global__ void __launch_bounds__(layered_batch::threads)
    run_blocks(const __grid_constant__ Kernel kernel) {
  const int phases = kernel.phases();
  for (int phase = 0; phase < phases; ++phase) {
    kernel.run_phase(phase, blockIdx.x, threadIdx.x);
    __syncthreads();
  }
}

class BatchMachine {
 public:
  template <class N>
  using Array = cuda::DeviceArray<N>;

  explicit BatchMachine(int device) : device_(device) {}
  void select() const { check(cudaSetDevice(device_), "choosing the device"); }
  void require(std::size_t bytes) const {
    std::size_t free = 0, all = 0;
    check(cudaMemGetInfo(&free, &all), "asking for the free memory");
    if (bytes <= free) return;
    throw UnavailableError("the network needs " + std::to_string(bytes >> 20) +
                           " MiB on the GPU, which has " + std::to_string(free >> 20) +
                           " MiB free; use float32, fewer modes, or --device cpu");
  }
  template <class Kernel>
  void launch_blocks(const char* name, const Kernel& kernel, unsigned blocks) {
    run_blocks<<<blocks, layered_batch::threads>>>(kernel);
    cuda::check_launch(name);
  }

 private:
  int device_;
};

}  // namespace

template <class T>
std::unique_ptr<LayeredBatch<T>> make_cuda_layered_batch(const LayeredBatchSize& size, int device) {
  return std::make_unique<MachineLayeredBatch<T, BatchMachine>>(size, BatchMachine(device));
}
template std::unique_ptr<LayeredBatch<float>> make_cuda_layered_batch(const LayeredBatchSize&, int);
template std::unique_ptr<LayeredBatch<double>> make_cuda_layered_batch(const LayeredBatchSize&,
                                                                       int);

}  // namespace wavesmith
