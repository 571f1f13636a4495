// Scattering of many samples by a layered network on a GPU: kernels/layered_batch.hpp does the
// upward order there, this decides on the weights and pivots where it must. What it returns agrees
// with the host to rounding.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "kernels/layered_batch.hpp"
#include "solvers/layered_engine.hpp"

namespace wavesmith::layered {

template <class T>
class LayeredDevice {
 public:
  using Maker = std::function<std::unique_ptr<LayeredBatch<T>>(const LayeredBatchSize&)>;
  // `network` must outlive this. UnavailableError where the device or its memory is not there.
  LayeredDevice(const LayeredNetwork& network, int threads, const Maker& make);

  // NumericsError naming the mode where the layers between are singular.
  void set_parameters(std::span<const double> parameters);
  // NumericsError naming the mode where a sample makes the network singular.
  void run(const Job& job);

 private:
  using Value = ComplexValue<T>;

  bool reflects() const { return network_.readout == ScatteringReadout::reflection; }
  void run_chunk(const Job& job, int first, int samples);
  void factorise(const double* inputs, int samples);
  // Readings, loss and weights of samples whose read modes hold `seen`.
  std::vector<Value> weigh(const Job& job, int first, int samples,
                           std::span<const Value> seen) const;
  // The columns, through the measurement and back; the weights.
  std::vector<Value> probe(const Job& job, int first, int samples, std::span<Value> columns) const;

  const LayeredNetwork& network_;
  int threads_;
  Readout readout_;
  std::unique_ptr<LayeredBatch<T>> batch_;
  bool is_set_ = false;
  std::vector<Complex> bare_;  // w - H of layer 0
  RowMajor<double> j0_;
  ReducedNetwork reduced_;
};

}  // namespace wavesmith::layered
