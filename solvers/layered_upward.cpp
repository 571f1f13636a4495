// Layer 0 is eliminated first, sample by sample:
//   M_r(x) = M_r - J_0^T D_0(x)^{-1} J_0 on layer 1,
// where r are the modes of layer 1 and of the last layer (layers between are eliminated once for
// all samples), then L D L^T and the columns, with samples in lanes (kernels/lane_symmetric.hpp),
// and
//   u_0 = D_0^{-1} (J_0 u_1 + f_0).
#include <algorithm>
#include <map>

#include "kernels/host_memory.hpp"
#include "kernels/parallel_tasks.hpp"
#include "solvers/layered_engine.hpp"

namespace wavesmith::layered {
namespace {

template <class T>
class UpwardEngine final : public LayeredEngine<T> {
 public:
  UpwardEngine(const LayeredNetwork& network, int threads)
      : network_(network),
        threads_(threads),
        inputs_(network.input_count()),
        outputs_(network.output_count()),
        layer1_(network.sizes[1]) {
    for (int w = 0; w < worker_count(threads); ++w) workers_.emplace_back();
  }

  void set_parameters(std::span<const double> parameters) override {
    const std::vector<Complex> bare = bare_diagonal(network_, parameters);
    bare_.assign(bare.begin(), bare.begin() + inputs_);
    j0_ = coupling(network_, parameters, 0);
    j0_t_ = j0_.template cast<T>();
    ReducedNetwork network = reduce(network_, parameters);
    reduced_ = std::move(network.modes);
    middle_ = std::move(network.middle);
    constant_ = std::move(network.constant);
    to_middle_re_ = network.to_middle.real().template cast<T>();
    to_middle_im_ = network.to_middle.imag().template cast<T>();
    std::vector<T> re, im;
    for (Eigen::Index i = 0; i < constant_.rows(); ++i)
      for (Eigen::Index j = 0; j <= i; ++j) {
        re.push_back(static_cast<T>(constant_(i, j).real()));
        im.push_back(static_cast<T>(constant_(i, j).imag()));
      }
    sum_.set(size(), layer1_, inputs_, re, im,
             std::span<const T>(j0_t_.data(), static_cast<std::size_t>(j0_t_.size())));
  }

  void solve(int samples, const double* inputs, const ColumnRequest& request,
             ColumnArray<T> columns, const Callbacks& callbacks) override {
    parallel_tasks(static_cast<std::size_t>(columns.groups), threads_,
                   [&](std::size_t task, int worker) {
                     const int group = static_cast<int>(task);
                     Worker& own = workers_[static_cast<std::size_t>(worker)];
                     prepare(own, request);
                     factorise(own, samples, inputs, group);
                     run(own, samples, request, columns, group, callbacks);
                   });
  }

 private:
  static constexpr int lanes = lane_count<T>;
  using Lu = Eigen::PartialPivLU<Eigen::MatrixXcd>;

  struct Worker {
    host::HostArray<T> resonances;  // D_0^{-1}: [mode][re, im][lane]
    host::HostArray<T> matrix, row_work, growth;
    host::HostArray<T> x;       // [reduced mode][column][re, im][lane]
    std::map<int, Lu> pivoted;  // lanes whose factors grew
  };

  int size() const { return static_cast<int>(reduced_.size()); }

  void prepare(Worker& own, const ColumnRequest& request) const {
    const auto n = static_cast<std::size_t>(lane_padded(size()));
    const auto reserve = [](host::HostArray<T>& array, std::size_t count) {
      if (array.size() < count) array = host::HostArray<T>(count);
    };
    reserve(own.resonances, static_cast<std::size_t>(inputs_) * lane_stride<T>);
    reserve(own.matrix, lane_matrix_entries(size()) * lane_stride<T>);
    reserve(own.row_work, 4 * n * lane_stride<T>);
    reserve(own.growth, lane_stride<T>);
    const int most = std::max(request.outputs ? outputs_ : 1, 1);
    reserve(own.x, n * static_cast<std::size_t>(most) * lane_stride<T>);
  }

  void factorise(Worker& own, int samples, const double* inputs, int group) const {
    for (int j = 0; j < inputs_; ++j) {
      T* g = own.resonances.data() + static_cast<std::size_t>(j) * lane_stride<T>;
      const Complex bare = bare_[static_cast<std::size_t>(j)];
      for (int lane = 0; lane < lanes; ++lane) {
        const int sample = std::min(group * lanes + lane, samples - 1);
        const T re = static_cast<T>(bare.real() - input(inputs, sample, j));
        const T im = static_cast<T>(bare.imag());
        const T share = T(1) / (re * re + im * im);
        g[lane] = re * share;
        g[lanes + lane] = -im * share;
      }
    }
    sum_.form(own.resonances.data(), own.matrix.data());
    factorise_lanes(size(), own.matrix.data(), own.row_work.data(), own.growth.data());
    own.pivoted.clear();
    for (int lane = 0; lane < lanes; ++lane) {
      if (own.growth.data()[lane] < growth_limit<T>) continue;
      const int sample = std::min(group * lanes + lane, samples - 1);
      Eigen::VectorXcd g(inputs_);
      for (int j = 0; j < inputs_; ++j)
        g(j) = 1.0 / (bare_[static_cast<std::size_t>(j)] - input(inputs, sample, j));
      Eigen::MatrixXcd matrix = constant_;
      matrix.topLeftCorner(layer1_, layer1_) -= j0_.transpose() * g.asDiagonal() * j0_;
      own.pivoted.emplace(lane, pivoting_factor(network_, matrix, reduced_));
    }
  }

  double input(const double* inputs, int sample, int mode) const {
    return inputs[static_cast<std::size_t>(sample) * static_cast<std::size_t>(inputs_) +
                  static_cast<std::size_t>(mode)];
  }

  T* x_at(Worker& own, int row, int column, int columns) const {
    return own.x.data() + (static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) +
                           static_cast<std::size_t>(column)) *
                              lane_stride<T>;
  }

  void clear_x(Worker& own, int columns) const {
    std::fill_n(own.x.data(),
                static_cast<std::size_t>(lane_padded(size()) * columns) * lane_stride<T>, T(0));
  }

  // Solves x in place; rows before `first` of the right side are zero.
  void solve_x(Worker& own, int columns, int first, int last) const {
    std::map<int, Eigen::MatrixXcd> right;
    for (const auto& [lane, lu] : own.pivoted) {
      Eigen::MatrixXcd& b = right[lane];
      b.resize(size(), columns);
      for (int i = 0; i < size(); ++i)
        for (int q = 0; q < columns; ++q) {
          const T* value = x_at(own, i, q, columns);
          b(i, q) = Complex(value[lane], value[lanes + lane]);
        }
    }
    solve_lanes(size(), own.matrix.data(), columns, first, last, own.x.data());
    for (const auto& [lane, lu] : own.pivoted) {
      const Eigen::MatrixXcd answer = lu.solve(right[lane]);
      for (int i = 0; i < size(); ++i)
        for (int q = 0; q < columns; ++q) {
          T* value = x_at(own, i, q, columns);
          value[lane] = static_cast<T>(answer(i, q).real());
          value[lanes + lane] = static_cast<T>(answer(i, q).imag());
        }
    }
  }

  // From x to the columns `column` .. of the array, at all modes. `driven`: f_0 = sqrt(kappa).
  void write(Worker& own, const ColumnRequest& request, ColumnArray<T> columns, int group,
             int column, int count, bool driven) const {
    const std::size_t width = static_cast<std::size_t>(count) * lane_stride<T>;
    const int first = request.everywhere ? 0 : size() - outputs_;
    for (int i = first; i < size(); ++i)
      std::copy_n(x_at(own, i, 0, count), width,
                  columns.at(reduced_[static_cast<std::size_t>(i)], group, column));
    if (!request.everywhere) return;
    Rows<T> layer0 = columns.rows(0, inputs_, group, column, count);
    layer0.noalias() = j0_t_ * columns.rows(inputs_, layer1_, group, column, count);
    for (int j = 0; j < inputs_; ++j) {
      const T* g = own.resonances.data() + static_cast<std::size_t>(j) * lane_stride<T>;
      const T f = driven
                      ? static_cast<T>(std::sqrt(network_.port_loss[static_cast<std::size_t>(j)]))
                      : T(0);
      for (int q = 0; q < count; ++q) {
        T* u = columns.at(j, group, column + q);
        for (int lane = 0; lane < lanes; ++lane) {
          const T re = u[lane] + f, im = u[lanes + lane];
          u[lane] = g[lane] * re - g[lanes + lane] * im;
          u[lanes + lane] = g[lane] * im + g[lanes + lane] * re;
        }
      }
    }
    if (!middle_.empty()) write_middle(own, columns, group, column, count);
  }

  void write_middle(Worker& own, ColumnArray<T> columns, int group, int column, int count) const {
    const Eigen::Index width =
        static_cast<Eigen::Index>(count) * static_cast<Eigen::Index>(lane_stride<T>);
    const Eigen::Map<const RowMajor<T>> x(own.x.data(), size(), width);
    const RowMajor<T> re = to_middle_re_ * x, im = to_middle_im_ * x;
    for (std::size_t m = 0; m < middle_.size(); ++m) {
      T* u = columns.at(middle_[m], group, column);
      const T *a = re.data() + static_cast<Eigen::Index>(m) * width,
              *b = im.data() + static_cast<Eigen::Index>(m) * width;
      for (Eigen::Index i = 0; i < width; i += 2 * lanes)
        for (int lane = 0; lane < lanes; ++lane) {
          u[i + lane] = a[i + lane] - b[i + lanes + lane];
          u[i + lanes + lane] = a[i + lanes + lane] + b[i + lane];
        }
    }
  }

  void run(Worker& own, int samples, const ColumnRequest& request, ColumnArray<T> columns,
           int group, const Callbacks& callbacks) const {
    const int outputs_start = size() - outputs_;
    int column = 0;
    if (request.outputs) {
      clear_x(own, outputs_);
      for (int c = 0; c < outputs_; ++c)
        std::fill_n(x_at(own, outputs_start + c, c, outputs_), lanes, T(1));
      solve_x(own, outputs_, outputs_start, request.everywhere ? 0 : outputs_start);
      write(own, request, columns, group, 0, outputs_, false);
      column = outputs_;
    }
    if (request.drive) {
      clear_x(own, 1);
      for (int j = 0; j < inputs_; ++j) {
        const T f = static_cast<T>(std::sqrt(network_.port_loss[static_cast<std::size_t>(j)]));
        const T* g = own.resonances.data() + static_cast<std::size_t>(j) * lane_stride<T>;
        for (int l = 0; l < layer1_; ++l) {
          const T share = j0_t_(j, l) * f;
          T* value = x_at(own, l, 0, 1);
          for (int i = 0; i < 2 * lanes; ++i) value[i] += share * g[i];
        }
      }
      solve_x(own, 1, 0, request.everywhere ? 0 : outputs_start);
      write(own, request, columns, group, column, 1, true);
      ++column;
    }
    if (request.adjoint) {
      std::vector<Complex> driven(static_cast<std::size_t>(outputs_)), weights(driven.size());
      std::vector<T> seen(driven.size() * lane_stride<T>);
      std::copy_n(x_at(own, outputs_start, 0, 1), seen.size(), seen.data());
      clear_x(own, 1);
      for (int lane = 0; lane < lanes && group * lanes + lane < samples; ++lane) {
        for (std::size_t c = 0; c < driven.size(); ++c)
          driven[c] = Complex(seen[c * lane_stride<T> + static_cast<std::size_t>(lane)],
                              seen[c * lane_stride<T> + static_cast<std::size_t>(lanes + lane)]);
        callbacks.reply(group * lanes + lane, driven.data(), weights.data());
        for (int c = 0; c < outputs_; ++c) {
          T* value = x_at(own, outputs_start + c, 0, 1);
          value[lane] = static_cast<T>(weights[static_cast<std::size_t>(c)].real());
          value[lanes + lane] = static_cast<T>(weights[static_cast<std::size_t>(c)].imag());
        }
      }
      solve_x(own, 1, outputs_start, 0);
      write(own, request, columns, group, column, 1, false);
    }
    if (callbacks.done) callbacks.done(group);
  }

  const LayeredNetwork& network_;
  int threads_, inputs_, outputs_, layer1_;
  std::vector<int> reduced_, middle_;
  std::vector<Complex> bare_;  // w - H of layer 0
  RowMajor<double> j0_;
  RowMajor<T> j0_t_, to_middle_re_, to_middle_im_;
  Eigen::MatrixXcd constant_;  // M_r
  LaneSum<T> sum_;
  std::vector<Worker> workers_;
};

}  // namespace

template <class T>
std::unique_ptr<LayeredEngine<T>> make_upward(const LayeredNetwork& network, int threads) {
  return std::make_unique<UpwardEngine<T>>(network, threads);
}
template std::unique_ptr<LayeredEngine<float>> make_upward<float>(const LayeredNetwork&, int);
template std::unique_ptr<LayeredEngine<double>> make_upward<double>(const LayeredNetwork&, int);

}  // namespace wavesmith::layered
