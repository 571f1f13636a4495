// All that does not depend on the sample is eliminated first, once for a set of parameters: the
// layers from 1 on (B), and layer 0 at the detunings of a background input,
//   G_00 = (D_0 - J_0 B^{-1} J_0^T)^{-1}, and from it the columns of G that begin or end in layer
//   0.
// A sample differs in the detunings of the modes s alone, by delta_s, and
//   G(x) = G + G_{:s} (delta_s^{-1} - G_ss)^{-1} G_{s:},
// so that it costs one complex symmetric factor of the size of s. Inputs with an empty background
// (strokes on paper) have few such modes.
#include <algorithm>
#include <limits>
#include <numeric>

#include "kernels/host_memory.hpp"
#include "kernels/parallel_tasks.hpp"
#include "solvers/layered_engine.hpp"
#include "solvers/symmetric_factor.hpp"

namespace wavesmith::layered {
namespace {

template <class T>
constexpr T growth_limit = sizeof(T) == 4 ? T(1e4) : T(1e8);

template <class T>
class DownwardEngine final : public LayeredEngine<T> {
 public:
  DownwardEngine(const LayeredNetwork& network, std::span<const double> background, int threads)
      : network_(network),
        background_(background.begin(), background.end()),
        threads_(threads),
        inputs_(network.input_count()),
        outputs_(network.output_count()) {
    background_.resize(static_cast<std::size_t>(inputs_), 0.0);
  }

  void set_parameters(std::span<const double> parameters) override {
    const int n = network_.size(), upper = n - inputs_, layer1 = network_.sizes[1];
    const std::vector<Complex> bare = bare_diagonal(network_, parameters);
    const RowMajor<T> j0 = coupling(network_, parameters, 0).template cast<T>();
    const Matrix b = upper_matrix(network_, parameters).template cast<std::complex<T>>();
    const Eigen::PartialPivLU<Matrix> upper_lu(b);
    // X = B^{-1} J_0^T, and the columns of B^{-1} from the last layer.
    Matrix right = Matrix::Zero(upper, inputs_ + outputs_);
    right.topLeftCorner(layer1, inputs_) = j0.transpose().template cast<std::complex<T>>();
    for (int c = 0; c < outputs_; ++c) right(upper - outputs_ + c, inputs_ + c) = T(1);
    Matrix x = solve_columns(upper_lu, right);
    if (!x.allFinite() || upper_lu.rcond() < 1e3 * std::numeric_limits<T>::epsilon()) {
      std::vector<int> modes(static_cast<std::size_t>(upper));
      std::iota(modes.begin(), modes.end(), inputs_);
      const Eigen::MatrixXcd exact = right.template cast<Complex>();
      x = pivoting_factor(network_, upper_matrix(network_, parameters), modes)
              .solve(exact)
              .eval()
              .template cast<std::complex<T>>();
    }
    Matrix core(inputs_, inputs_);
    in_strips(inputs_, [&](Index first, Index count) {
      core.middleCols(first, count) = -multiply_real(j0, x.block(0, first, layer1, count));
    });
    for (int j = 0; j < inputs_; ++j) {
      const auto at = static_cast<std::size_t>(j);
      core(j, j) += std::complex<T>(bare[at] - background_[at]);
    }
    const Eigen::PartialPivLU<Matrix> core_lu(core);
    const Matrix core_inverse = solve_columns(core_lu, Matrix::Identity(inputs_, inputs_));

    g_.resize(n, inputs_);  // columns of G from layer 0
    g_.topRows(inputs_) = core_inverse;
    in_strips(inputs_, [&](Index first, Index count) {
      g_.block(inputs_, first, upper, count).noalias() =
          x.leftCols(inputs_) * core_inverse.middleCols(first, count);
    });
    from_outputs_.resize(n, outputs_);
    from_outputs_.topRows(inputs_) = g_.bottomRows(outputs_).transpose();
    from_outputs_.bottomRows(upper) =
        x.rightCols(outputs_) + x.leftCols(inputs_) * from_outputs_.topRows(inputs_);
    Vector drive(inputs_);
    for (int j = 0; j < inputs_; ++j)
      drive(j) = static_cast<T>(std::sqrt(network_.port_loss[static_cast<std::size_t>(j)]));
    from_drive_ = g_ * drive;
    if (!g_.allFinite()) {
      std::vector<int> modes(static_cast<std::size_t>(inputs_));
      std::iota(modes.begin(), modes.end(), 0);
      // Says which mode, where the network is singular.
      pivoting_factor(network_, core.template cast<Complex>(), modes);
    }
    stacked_.resize(2 * n, inputs_);
    stacked_.topRows(n) = g_.real();
    stacked_.bottomRows(n) = g_.imag();
  }

  void solve(int samples, const double* inputs, const ColumnRequest& request,
             ColumnArray<T> columns, const Callbacks& callbacks) override {
    const int all = columns.groups * lanes;
    adjoint_weights_.assign(static_cast<std::size_t>(all * outputs_), Complex(0.0));
    if (request.everywhere) {
      // What each sample adds at layer 0: [mode][group][column][re, im][lane].
      const std::size_t size = static_cast<std::size_t>(inputs_) * columns.row();
      if (z_.size() < size) z_ = host::HostArray<T>(size);
    }
    const ColumnArray<T> z{z_.data(), columns.groups, columns.columns};
    parallel_tasks(static_cast<std::size_t>(all), threads_, [&](std::size_t task, int) {
      const int sample = static_cast<int>(task);
      if (sample < samples)
        solve_sample(sample,
                     inputs + static_cast<std::size_t>(sample) * static_cast<std::size_t>(inputs_),
                     request, columns, z, callbacks);
      else
        clear(sample, request, columns, z);
    });
    parallel_tasks(static_cast<std::size_t>(columns.groups), threads_, [&](std::size_t task, int) {
      const int group = static_cast<int>(task);
      if (request.everywhere) spread(group, request, columns, z);
      if (callbacks.done) callbacks.done(group);
    });
  }

 private:
  static constexpr int lanes = lane_count<T>;
  using Index = Eigen::Index;
  using Matrix = typename SymmetricFactor<T>::Matrix;
  using Vector = Eigen::Matrix<std::complex<T>, Eigen::Dynamic, 1>;

  template <class Work>
  void in_strips(Index columns, const Work& work) const {
    constexpr Index strip = 64;
    parallel_tasks(static_cast<std::size_t>((columns + strip - 1) / strip), threads_,
                   [&](std::size_t task, int) {
                     const Index first = static_cast<Index>(task) * strip;
                     work(first, std::min(strip, columns - first));
                   });
  }

  Matrix solve_columns(const Eigen::PartialPivLU<Matrix>& lu, const Matrix& right) const {
    Matrix answer(right.rows(), right.cols());
    in_strips(right.cols(), [&](Index first, Index count) {
      answer.middleCols(first, count) = lu.solve(right.middleCols(first, count));
    });
    return answer;
  }

  // Real times complex, in two real products.
  template <class Right>
  static Matrix multiply_real(const RowMajor<T>& left, const Right& right) {
    const Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> re = right.real(), im = right.imag();
    Matrix result(left.rows(), right.cols());
    result.real() = left * re;
    result.imag() = left * im;
    return result;
  }

  // Samples that fill the last group.
  void clear(int sample, const ColumnRequest& request, ColumnArray<T> columns,
             ColumnArray<T> z) const {
    const int first = request.everywhere ? 0 : network_.size() - outputs_;
    const ColumnArray<T>& target = request.everywhere ? z : columns;
    const int rows = request.everywhere ? inputs_ : network_.size();
    for (int j = first; j < rows; ++j)
      for (int q = 0; q < columns.columns; ++q) put(target, j, sample, q, {});
  }

  static void put(ColumnArray<T> array, int mode, int sample, int column, std::complex<T> value) {
    T* at = array.at(mode, sample / lanes, column) + sample % lanes;
    at[0] = value.real();
    at[lanes] = value.imag();
  }

  void solve_sample(int sample, const double* input, const ColumnRequest& request,
                    ColumnArray<T> columns, ColumnArray<T> z, const Callbacks& callbacks) {
    // Modes that differ from the background. A difference so small that its inverse overflows is
    // none.
    constexpr double least = sizeof(T) == 4 ? 1e-30 : 1e-280;
    std::vector<int> modes;
    std::vector<double> shifts;
    for (int j = 0; j < inputs_; ++j) {
      const double shift = input[j] - background_[static_cast<std::size_t>(j)];
      if (std::abs(shift) < least) continue;
      modes.push_back(j);
      shifts.push_back(shift);
    }
    const auto size = static_cast<Index>(modes.size());
    Matrix core(size, size);
    for (Index b = 0; b < size; ++b) {
      const auto* column = g_.col(modes[static_cast<std::size_t>(b)]).data();
      for (Index a = b; a < size; ++a) core(a, b) = -column[modes[static_cast<std::size_t>(a)]];
      core(b, b) += static_cast<T>(1.0 / shifts[static_cast<std::size_t>(b)]);
    }
    SymmetricFactor<T> factor;
    Eigen::PartialPivLU<Eigen::MatrixXcd> pivoted;
    factor.compute(core);
    const bool pivot = !(factor.growth() < growth_limit<T>);
    if (pivot) {
      const Eigen::MatrixXcd lower = core.template cast<Complex>();
      Eigen::MatrixXcd full = lower.template selfadjointView<Eigen::Lower>();
      full.template triangularView<Eigen::StrictlyUpper>() = lower.transpose();
      pivoted = pivoting_factor(network_, full, modes);
    }
    const auto solve = [&](Matrix& right) {
      if (pivot)
        right =
            pivoted.solve(right.template cast<Complex>()).eval().template cast<std::complex<T>>();
      else if (size > 0)
        factor.solve_in_place(right);
    };
    const Index last = network_.size() - outputs_;
    // Solves for the parts at `modes` of columns of the background's G, writes them, and gives the
    // columns at the last layer.
    const auto add = [&](const auto& background, int column) -> Matrix {
      Matrix part(size, background.cols());
      for (Index a = 0; a < size; ++a)
        part.row(a) = background.row(modes[static_cast<std::size_t>(a)]);
      solve(part);
      Matrix seen = background.bottomRows(outputs_);
      for (Index a = 0; a < size; ++a)
        seen.noalias() += g_.col(modes[static_cast<std::size_t>(a)]).tail(outputs_) * part.row(a);
      for (int q = 0; q < static_cast<int>(part.cols()); ++q) {
        if (request.everywhere) {
          for (int j = 0; j < inputs_; ++j) put(z, j, sample, column + q, {});
          for (Index a = 0; a < size; ++a)
            put(z, modes[static_cast<std::size_t>(a)], sample, column + q, part(a, q));
        } else {
          for (int c = 0; c < outputs_; ++c)
            put(columns, static_cast<int>(last) + c, sample, column + q, seen(c, q));
        }
      }
      return seen;
    };
    int column = 0;
    if (request.outputs) {
      add(from_outputs_, 0);
      column = outputs_;
    }
    if (!request.drive) return;
    const Matrix driven = add(from_drive_, column++);
    if (!request.adjoint) return;
    const Eigen::VectorXcd seen = driven.col(0).template cast<Complex>();
    Complex* weights = adjoint_weights_.data() + sample * outputs_;
    callbacks.reply(sample, seen.data(), weights);
    Vector back = Vector::Zero(network_.size());
    for (int c = 0; c < outputs_; ++c) back += std::complex<T>(weights[c]) * from_outputs_.col(c);
    add(back, column);
  }

  // u = background + G_{:0} z at all modes for the samples of a group.
  void spread(int group, const ColumnRequest& request, ColumnArray<T> columns,
              ColumnArray<T> z) const {
    const int n = network_.size();
    const RowMajor<T> moved = stacked_ * z.rows(0, inputs_, group, 0, columns.columns);
    const int first_weighted = columns.columns - (request.adjoint ? 1 : 0);
    for (int m = 0; m < n; ++m) {
      const T* from_re = moved.data() + static_cast<Index>(m) * moved.cols();
      const T* from_im = moved.data() + static_cast<Index>(n + m) * moved.cols();
      for (int q = 0; q < columns.columns; ++q) {
        T* u = columns.at(m, group, q);
        const std::size_t at = static_cast<std::size_t>(q) * lane_stride<T>;
        std::complex<T> background{};
        if (q < first_weighted)
          background = request.outputs && q < outputs_ ? from_outputs_(m, q) : from_drive_(m);
        for (std::size_t lane = 0; lane < static_cast<std::size_t>(lanes); ++lane) {
          u[lane] = background.real() + from_re[at + lane] - from_im[at + lanes + lane];
          u[lanes + lane] = background.imag() + from_re[at + lanes + lane] + from_im[at + lane];
        }
      }
      if (!request.adjoint) continue;
      T* v = columns.at(m, group, first_weighted);
      for (int lane = 0; lane < lanes; ++lane)
        for (int c = 0; c < outputs_; ++c) {
          const std::complex<T> weight(
              adjoint_weights_[static_cast<std::size_t>((group * lanes + lane) * outputs_ + c)]);
          const std::complex<T> share = weight * from_outputs_(m, c);
          v[lane] += share.real();
          v[lanes + lane] += share.imag();
        }
    }
  }

  const LayeredNetwork& network_;
  std::vector<double> background_;
  int threads_, inputs_, outputs_;
  Matrix g_;             // columns of G from layer 0 at the background
  Matrix from_outputs_;  // columns from the last layer
  Vector from_drive_;    // G sqrt(kappa) of layer 0
  RowMajor<T> stacked_;  // real and, below, imaginary part of g_
  host::HostArray<T> z_;
  std::vector<Complex> adjoint_weights_;
};

}  // namespace

template <class T>
std::unique_ptr<LayeredEngine<T>> make_downward(const LayeredNetwork& network,
                                                std::span<const double> background, int threads) {
  return std::make_unique<DownwardEngine<T>>(network, background, threads);
}
template std::unique_ptr<LayeredEngine<float>> make_downward<float>(const LayeredNetwork&,
                                                                    std::span<const double>, int);
template std::unique_ptr<LayeredEngine<double>> make_downward<double>(const LayeredNetwork&,
                                                                      std::span<const double>, int);

}  // namespace wavesmith::layered
