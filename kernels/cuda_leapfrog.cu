// The leapfrog engine on a GPU: kernels/point_leapfrog.hpp with launches on a stream, sequences of
// steps captured once as graphs and replayed.
//
// Bytes     A point of a Maxwell march costs 18 reads and writes of fields a step and two codes of
//           its medium: 74 bytes in float32. Neighbours come from the caches.
#include <map>
#include <memory>

#include "kernels/cuda_support.cuh"
#include "kernels/point_leapfrog.hpp"

namespace wavesmith {
namespace {

using cuda::check;
using cuda::check_launch;

template <class Kernel>
__global__ void __launch_bounds__(launch_threads)
    run_points(const __grid_constant__ Kernel kernel) {
  kernel.run(blockIdx.x, threadIdx.x);
}

template <class Kernel>
__global__ void __launch_bounds__(launch_threads)
    run_phases(const __grid_constant__ Kernel kernel) {
  __shared__ typename Kernel::Entry scratch[launch_threads];
  for (int phase = 0; phase < Kernel::phases; ++phase) {
    kernel.run_phase(phase, blockIdx.x, threadIdx.x, scratch);
    __syncthreads();
  }
}

// Copies to and from the device wait for the stream, and it for them: it is a blocking one.
class CudaMachine {
 public:
  template <class N>
  using Array = cuda::DeviceArray<N>;

  explicit CudaMachine(int device) : device_(device) {
    select();
    cudaStream_t stream = nullptr;
    check(cudaStreamCreate(&stream), "making a stream");
    stream_.reset(stream);
  }

  void select() const { check(cudaSetDevice(device_), "choosing the device"); }

  void require(std::size_t bytes) const {
    std::size_t free = 0, all = 0;
    check(cudaMemGetInfo(&free, &all), "asking for the free memory");
    if (bytes <= free) return;
    throw UnavailableError("the march needs " + std::to_string(bytes >> 20) +
                           " MiB on the GPU, which has " + std::to_string(free >> 20) +
                           " MiB free; use a coarser grid, float32, or --device cpu");
  }

  template <class Kernel>
  void launch(const char* name, const Kernel& kernel, unsigned blocks) {
    if (blocks == 0) return;
    run_points<<<blocks, launch_threads, 0, stream_.get()>>>(kernel);
    check_launch(name);
  }
  template <class Kernel>
  void launch_phases(const char* name, const Kernel& kernel, unsigned blocks) {
    if (blocks == 0) return;
    run_phases<<<blocks, launch_threads, 0, stream_.get()>>>(kernel);
    check_launch(name);
  }

  // A sequence is captured at its first replay. What fails on the way ends the capture too.
  template <class Record>
  void replay(int steps, const Record& record) {
    Graph& graph = graphs_[steps];
    if (!graph) {
      check(cudaStreamBeginCapture(stream_.get(), cudaStreamCaptureModeThreadLocal),
            "beginning to capture steps");
      cudaGraph_t captured = nullptr;
      try {
        record();
      } catch (...) {
        cudaStreamEndCapture(stream_.get(), &captured);
        cudaGraphDestroy(captured);
        graphs_.erase(steps);
        throw;
      }
      check(cudaStreamEndCapture(stream_.get(), &captured), "capturing steps");
      cudaGraphExec_t made = nullptr;
      const cudaError_t code = cudaGraphInstantiate(&made, captured, 0);
      cudaGraphDestroy(captured);
      check(code, "making a graph of steps");
      graph.reset(made);
    }
    check(cudaGraphLaunch(graph.get(), stream_.get()), "launching steps");
  }
  void forget() { graphs_.clear(); }

 private:
  struct DestroyStream {
    void operator()(cudaStream_t stream) const { cudaStreamDestroy(stream); }
  };
  struct DestroyGraph {
    void operator()(cudaGraphExec_t graph) const { cudaGraphExecDestroy(graph); }
  };
  using Stream = std::unique_ptr<std::remove_pointer_t<cudaStream_t>, DestroyStream>;
  using Graph = std::unique_ptr<std::remove_pointer_t<cudaGraphExec_t>, DestroyGraph>;

  int device_;
  Stream stream_;
  std::map<int, Graph> graphs_;  // by the steps in them
};

}  // namespace

template <class T>
std::unique_ptr<LeapfrogEngine<T>> make_cuda_leapfrog(const LeapfrogSize& size, int device) {
  return std::make_unique<PointLeapfrog<T, CudaMachine>>(size, CudaMachine(device));
}
template std::unique_ptr<LeapfrogEngine<float>> make_cuda_leapfrog(const LeapfrogSize&, int);
template std::unique_ptr<LeapfrogEngine<double>> make_cuda_leapfrog(const LeapfrogSize&, int);

}  // namespace wavesmith
