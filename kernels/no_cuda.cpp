// Stands in for the CUDA sources in a build without CUDA.
#include "core/error.hpp"
#include "kernels/device.hpp"
#include "kernels/layered_batch.hpp"
#include "kernels/leapfrog.hpp"
#include "kernels/stack_engine.hpp"

namespace wavesmith {

std::vector<DeviceInfo> list_cuda_devices() {
  return {};
}

template <class T>
std::unique_ptr<StackEngine<T>> make_cuda_engine(const StackSize&, int) {
  throw UnavailableError("this build has no CUDA; build the preset cuda, or use --device cpu");
}
template std::unique_ptr<StackEngine<float>> make_cuda_engine<float>(const StackSize&, int);
template std::unique_ptr<StackEngine<double>> make_cuda_engine<double>(const StackSize&, int);

template <class T>
std::unique_ptr<LeapfrogEngine<T>> make_cuda_leapfrog(const LeapfrogSize&, int) {
  throw UnavailableError("this build has no CUDA; build the preset cuda, or use --device cpu");
}
template std::unique_ptr<LeapfrogEngine<float>> make_cuda_leapfrog(const LeapfrogSize&, int);
template std::unique_ptr<LeapfrogEngine<double>> make_cuda_leapfrog(const LeapfrogSize&, int);

template <class T>
std::unique_ptr<LayeredBatch<T>> make_cuda_layered_batch(const LayeredBatchSize&, int) {
  throw UnavailableError("this build has no CUDA; build the preset cuda, or use --device cpu");
}
template std::unique_ptr<LayeredBatch<float>> make_cuda_layered_batch(const LayeredBatchSize&, int);
template std::unique_ptr<LayeredBatch<double>> make_cuda_layered_batch(const LayeredBatchSize&,
                                                                       int);

}  // namespace wavesmith
