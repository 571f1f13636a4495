// Layered resonator networks, many samples at once, on a GPU: what one thread block a sample does
// of solvers/layered_scattering.hpp in the upward order.
//
// Modes of all layers are counted layer after layer. Layer 0 is eliminated sample by sample,
//   A(x) = A_r - J_0^T g(x) J_0,   g_j(x) = 1 / (d_j - x_j),   d: w - H of layer 0 without an
//   input,
// on the reduced modes r: those of layer 1 and, where there are more layers, of the last. A = L D
// L^T without pivoting; columns of the inverse; then the layers between, u_m = P u_r, and layer 0,
// u_0 = g (J_0 u_1 + f_0). The host reads, decides on the weights of the gradient and replaces the
// factors of samples that need pivoting.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace wavesmith {

template <class T>
struct ComplexValue {
  T re = 0, im = 0;
};

struct LayeredBatchSize {
  std::vector<int> sizes;  // modes of each layer, two layers at least
  int columns = 1;         // of a sample, at most
  int samples = 1;         // in one batch, at most

  int inputs() const { return sizes.front(); }
  int outputs() const { return sizes.back(); }
  int reduced() const { return sizes.size() == 2 ? sizes[1] : sizes[1] + sizes.back(); }
  int modes() const;
  int middle() const { return modes() - inputs() - reduced(); }
  std::size_t parameters() const;
  // Bytes on the device with numbers of `scalar` bytes; the largest number where they do not fit.
  std::size_t bytes(std::size_t scalar) const;
};

// Of one set of parameters. Matrices are row-major.
template <class T>
struct LayeredBatchNetwork {
  std::vector<ComplexValue<double>> bare;  // d, one a mode of layer 0
  std::vector<T> drive;                    // f_0 of the driven column, one a mode of layer 0
  std::vector<T> coupling;                 // J_0: layer 0 x layer 1
  std::vector<ComplexValue<T>> constant;   // lower half of A_r by rows: entry (i, j) at i (i+1)/2+j
  std::vector<ComplexValue<T>> middle;     // P: layers between x reduced modes
};

enum class LayeredColumns {
  outputs,  // from each mode of the last layer
  drive,    // from layer 0, driven with f_0
  adjoint,  // from the last layer, with the weights of the sample
};

// What the gradient is the sum of, over samples: for couplings Re sum_q A_jq B_lq, for detunings
// half of that with l = j.
enum class LayeredProduct {
  weighted,  // B: the columns of outputs, A = 2 weight_q B
  pair,      // B = [column 0, column 1], A = [column 1, column 0]
};

template <class T>
class LayeredBatch {
 public:
  virtual ~LayeredBatch() = default;
  virtual const LayeredBatchSize& size() const = 0;
  virtual void set_network(const LayeredBatchNetwork<T>& network) = 0;
  // inputs: samples x modes of layer 0. growth: one a sample, the greatest |L_ij|^2, not finite
  // where a pivot was zero.
  virtual void factorise(int samples, std::span<const double> inputs, std::span<T> growth) = 0;
  // Takes the inverse of A (lower half by rows) in the place of the sample's factors.
  virtual void set_inverse(int sample, std::span<const ComplexValue<T>> inverse) = 0;
  // Samples x modes of the last layer: for LayeredColumns::adjoint and LayeredProduct::weighted.
  virtual void set_weights(std::span<const ComplexValue<T>> weights) = 0;
  // Columns from `first` on of all samples, at all modes.
  virtual void solve(LayeredColumns columns, int first) = 0;
  // Columns of the batch, [sample][size().columns][mode], out and in.
  virtual void read_columns(std::span<ComplexValue<T>> columns) const = 0;
  virtual void write_columns(std::span<const ComplexValue<T>> columns) = 0;
  // What the last layer holds: samples x its modes; of column 0 (drive), or each mode of the column
  // that comes from it (outputs).
  virtual void read_outputs(LayeredColumns columns, std::span<ComplexValue<T>> values) = 0;
  // Sums in the order of the samples, so that batches of any length give the same bits.
  virtual void clear_gradient() = 0;
  virtual void add_gradient(LayeredProduct product) = 0;
  // Detunings of layer 0, 1, ..., then couplings of layer 0 with 1, ...: size().parameters().
  virtual void read_gradient(std::span<double> gradient) const = 0;
};

// UnavailableError where there is no such device, CUDA was not built in, or the memory is not
// there.
template <class T>
std::unique_ptr<LayeredBatch<T>> make_cuda_layered_batch(const LayeredBatchSize& size, int device);

}  // namespace wavesmith
