// What the two orders of elimination of solvers/layered_scattering.hpp and the one on a GPU share.
#pragma once

#include <Eigen/Dense>
#include <complex>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "kernels/lane_symmetric.hpp"
#include "physics/layered_network.hpp"
#include "solvers/layered_scattering.hpp"

namespace wavesmith::layered {

using Complex = std::complex<double>;
template <class T>
using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
// A block of rows of a larger row-major array.
template <class T>
using Rows = Eigen::Map<RowMajor<T>, Eigen::Unaligned, Eigen::OuterStride<>>;

// What is asked of a batch.
struct Job {
  int samples = 0;
  const double* inputs = nullptr;
  double* readings = nullptr;
  const ReadingLoss* loss = nullptr;          // null: readings alone
  const EntryMeasurement* measure = nullptr;  // of scattering experiments
  bool experiment = false;
  double* gradient = nullptr;
};

// y_c = offset + Re(factor_c * z_c), where z_c is G_cc, or (G sqrt(kappa))_c.
struct Readout {
  std::vector<Complex> factor;
  double offset = 0.0;
};
Readout make_readout(const LayeredNetwork& network);

// Modes that stay when layer 0 is eliminated sample by sample (those of layer 1 and of the last)
// and the modes of the layers between, which are eliminated once.
struct ReducedNetwork {
  std::vector<int> modes, middle;
  Eigen::MatrixXcd constant;   // w - H on the modes that stay, with what the middle adds
  Eigen::MatrixXcd to_middle;  // from their amplitudes to those of the middle
};
ReducedNetwork reduce(const LayeredNetwork& network, std::span<const double> parameters);

// |L|^2 above which factors without pivoting have lost too many digits.
template <class T>
constexpr T growth_limit = sizeof(T) == 4 ? T(1e4) : T(1e8);

// Of a scattering experiment: (S - 1)_{mode, column} = -i probe_factor G_{mode, column}, where
// columns are the ports of the last layer, and behind them layer 0 driven.
double probe_factor(const LayeredNetwork& network, int column, int mode);

// Columns of G(x) to solve for, in this order.
struct ColumnRequest {
  bool outputs = false;    // from every mode of the last layer
  bool drive = false;      // G sqrt(kappa) over the modes of layer 0
  bool adjoint = false;    // from the last layer with weights that depend on what the drive gave
  bool everywhere = true;  // at all modes, or at the modes of the last layer alone

  int columns(int output_count) const {
    return (outputs ? output_count : 0) + (drive ? 1 : 0) + (adjoint ? 1 : 0);
  }
};

// Columns of the samples, in lanes: [mode][group of samples][column][re, im][lane].
template <class T>
struct ColumnArray {
  T* values = nullptr;
  int groups = 0, columns = 0;

  std::size_t slice() const { return static_cast<std::size_t>(columns) * lane_stride<T>; }
  std::size_t row() const { return static_cast<std::size_t>(groups) * slice(); }
  T* at(int mode, int group, int column) const {
    return values + static_cast<std::size_t>(mode) * row() +
           static_cast<std::size_t>(group) * slice() +
           static_cast<std::size_t>(column) * lane_stride<T>;
  }
  Rows<T> rows(int first, int count, int group, int column, int column_count) const {
    return {at(first, group, column), count,
            static_cast<Eigen::Index>(column_count) * static_cast<Eigen::Index>(lane_stride<T>),
            Eigen::OuterStride<>(static_cast<Eigen::Index>(row()))};
  }
};

struct Callbacks {
  // Gives the adjoint's weights at the last layer from the driven amplitudes there.
  std::function<void(int sample, const Complex* outputs, Complex* weights)> reply;
  std::function<void(int group)> done;  // all columns of the group are there
};

template <class T>
class LayeredEngine {
 public:
  virtual ~LayeredEngine() = default;
  virtual void set_parameters(std::span<const double> parameters) = 0;
  // inputs: samples x modes of layer 0. Callbacks come from several threads at once.
  virtual void solve(int samples, const double* inputs, const ColumnRequest& request,
                     ColumnArray<T> columns, const Callbacks& callbacks) = 0;
};

template <class T>
std::unique_ptr<LayeredEngine<T>> make_upward(const LayeredNetwork& network, int threads);
template <class T>
std::unique_ptr<LayeredEngine<T>> make_downward(const LayeredNetwork& network,
                                                std::span<const double> background, int threads);

// The diagonal of w - H without an input.
std::vector<Complex> bare_diagonal(const LayeredNetwork& network,
                                   std::span<const double> parameters);
// The couplings of `layer` with the next.
Eigen::Map<const RowMajor<double>> coupling(const LayeredNetwork& network,
                                            std::span<const double> parameters, int layer);
// w - H of the layers from 1 on.
Eigen::MatrixXcd upper_matrix(const LayeredNetwork& network, std::span<const double> parameters);

// LU with pivoting for what the factors without pivoting cannot do. NumericsError naming the mode
// that dominates the null vector where the matrix is singular; modes[i] is the mode of row i.
Eigen::PartialPivLU<Eigen::MatrixXcd> pivoting_factor(const LayeredNetwork& network,
                                                      const Eigen::MatrixXcd& matrix,
                                                      std::span<const int> modes);

}  // namespace wavesmith::layered
