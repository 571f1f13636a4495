#include "solvers/layered_scattering.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "kernels/host_memory.hpp"
#include "kernels/parallel_tasks.hpp"
#include "solvers/layered_device.hpp"
#include "solvers/layered_engine.hpp"

namespace wavesmith {
namespace {

using layered::ColumnArray;
using layered::ColumnRequest;
using layered::Complex;
using layered::Job;

// Samples in flight: bounds memory.
constexpr int chunk = 256;
// Rows of a gradient's block: the unit of work, the same for any number of threads.
constexpr int gradient_rows = 32;

}  // namespace

class LayeredScattering::Part {
 public:
  Part(LayeredNetwork network, const LayeredOptions& options)
      : network_(std::move(network)), options_(options) {}
  virtual ~Part() = default;
  virtual void set_parameters(std::span<const double> parameters) = 0;
  virtual void run(const Job& job, EliminationOrder order) = 0;

  LayeredNetwork network_;
  LayeredOptions options_;
};

template <class T>
class LayeredScattering::PartOnDevice final : public Part {
 public:
  PartOnDevice(LayeredNetwork network, const LayeredOptions& options)
      : Part(std::move(network), options),
        device_(network_, options.threads, [&](const LayeredBatchSize& size) {
          return make_cuda_layered_batch<T>(size, options.device.index);
        }) {}
  void set_parameters(std::span<const double> parameters) override {
    device_.set_parameters(parameters);
  }
  void run(const Job& job, EliminationOrder) override { device_.run(job); }

 private:
  layered::LayeredDevice<T> device_;
};

template <class T>
class LayeredScattering::PartOf final : public Part {
 public:
  PartOf(LayeredNetwork network, const LayeredOptions& options)
      : Part(std::move(network), options),
        readout_(layered::make_readout(network_)),
        upward_(layered::make_upward<T>(network_, options.threads)),
        downward_(layered::make_downward<T>(network_, options_.background, options.threads)) {}

  void set_parameters(std::span<const double> parameters) override {
    parameters_.assign(parameters.begin(), parameters.end());
    upward_set_ = downward_set_ = false;
  }

  void run(const Job& job, EliminationOrder order) override {
    WAVESMITH_VALIDATE(!parameters_.empty(), "the network has no parameters yet");
    layered::LayeredEngine<T>& engine = order == EliminationOrder::upward ? *upward_ : *downward_;
    bool& is_set = order == EliminationOrder::upward ? upward_set_ : downward_set_;
    if (!is_set) engine.set_parameters(parameters_);
    is_set = true;
    if (job.gradient != nullptr) std::fill_n(job.gradient, network_.parameter_count(), 0.0);
    for (int first = 0; first < job.samples; first += chunk)
      run_chunk(engine, job, first, std::min(chunk, job.samples - first));
  }

 private:
  static constexpr int lanes = lane_count<T>;

  bool reflects() const { return network_.readout == ScatteringReadout::reflection; }
  int outputs() const { return network_.output_count(); }

  void run_chunk(layered::LayeredEngine<T>& engine, const Job& job, int first, int samples) {
    const int groups = (samples + lanes - 1) / lanes;
    ColumnRequest request;
    request.everywhere = job.loss != nullptr;
    request.outputs = reflects() || job.experiment;
    request.drive = !reflects();
    request.adjoint = !reflects() && job.loss != nullptr && !job.experiment;
    u_ = sized(u_array_, groups, request.columns(outputs()));
    const bool separate = job.experiment && !reflects();  // u and v are made of more columns
    if (job.loss != nullptr) {
      b_ = separate ? sized(b_array_, groups, 2) : u_;
      a_ = sized(a_array_, groups, b_.columns);
    }
    layered::Callbacks callbacks;
    callbacks.reply = [&](int sample, const Complex* driven, Complex* weights) {
      std::vector<double> cotangent(static_cast<std::size_t>(outputs()));
      read(job, first + sample, driven, cotangent);
      for (std::size_t c = 0; c < cotangent.size(); ++c)
        weights[c] = cotangent[c] * readout_.factor[c];
    };
    callbacks.done = [&](int group) {
      for (int lane = 0; lane < lanes; ++lane) {
        const int sample = group * lanes + lane;
        if (sample < samples)
          finish_sample(job, first + sample, group, lane, separate);
        else if (job.loss != nullptr)
          clear_sample(group, lane);
      }
      if (request.adjoint) exchange(group);
    };
    engine.solve(samples,
                 job.inputs + static_cast<std::size_t>(first) *
                                  static_cast<std::size_t>(network_.input_count()),
                 request, u_, callbacks);
    if (job.gradient != nullptr) add_gradient(job.gradient);
  }

  ColumnArray<T> sized(host::HostArray<T>& array, int groups, int columns) const {
    ColumnArray<T> view{nullptr, groups, columns};
    const std::size_t size = static_cast<std::size_t>(network_.size()) * view.row();
    if (array.size() < size) array = host::HostArray<T>(size);
    view.values = array.data();
    return view;
  }

  static Complex value(const ColumnArray<T>& array, int mode, int group, int column, int lane) {
    const T* at = array.at(mode, group, column) + lane;
    return {at[0], at[lanes]};
  }
  static void put(const ColumnArray<T>& array, int mode, int group, int column, int lane,
                  Complex value) {
    T* at = array.at(mode, group, column) + lane;
    at[0] = static_cast<T>(value.real());
    at[lanes] = static_cast<T>(value.imag());
  }

  // Readings of a sample, and the cotangent of its loss.
  void read(const Job& job, int sample, const Complex* seen, std::vector<double>& cotangent) const {
    const std::span<double> readings(
        job.readings + static_cast<std::size_t>(sample) * cotangent.size(), cotangent.size());
    for (std::size_t c = 0; c < cotangent.size(); ++c)
      readings[c] = readout_.offset + (readout_.factor[c] * seen[c]).real();
    if (job.loss != nullptr) (*job.loss)(sample, readings, cotangent);
  }

  // After all columns of the sample: readings, loss and the weighted columns A.
  void finish_sample(const Job& job, int sample, int group, int lane, bool separate) const {
    const int last = network_.size() - outputs();
    if (job.loss != nullptr && !reflects() && !job.experiment) return;  // done in reply
    if (job.experiment) measure(job, sample, group, lane);
    std::vector<Complex> seen(static_cast<std::size_t>(outputs())), weights(seen.size());
    std::vector<double> cotangent(seen.size());
    for (int c = 0; c < outputs(); ++c)
      seen[static_cast<std::size_t>(c)] =
          value(u_, last + c, group, reflects() ? c : u_.columns - 1, lane);
    read(job, sample, seen.data(), cotangent);
    if (job.loss == nullptr) return;
    for (std::size_t c = 0; c < weights.size(); ++c) weights[c] = cotangent[c] * readout_.factor[c];
    for (int m = 0; m < network_.size(); ++m) {
      if (!separate) {
        for (int q = 0; q < outputs(); ++q)
          put(a_, m, group, q, lane,
              std::conj(2.0 * weights[static_cast<std::size_t>(q)] * value(u_, m, group, q, lane)));
        continue;
      }
      const Complex u = value(u_, m, group, outputs(), lane);
      Complex v = 0.0;
      for (int q = 0; q < outputs(); ++q)
        v += weights[static_cast<std::size_t>(q)] * value(u_, m, group, q, lane);
      put(b_, m, group, 0, lane, u);
      put(b_, m, group, 1, lane, v);
      put(a_, m, group, 0, lane, std::conj(v));
      put(a_, m, group, 1, lane, std::conj(u));
    }
  }

  // A = conj [v, u] of B = [u, v], all lanes at once.
  void exchange(int group) const {
    for (int m = 0; m < network_.size(); ++m) {
      const T* from = u_.at(m, group, 0);
      T* to = a_.at(m, group, 0);
      for (int i = 0; i < lanes; ++i) {
        to[i] = from[2 * lanes + i];
        to[lanes + i] = -from[3 * lanes + i];
        to[2 * lanes + i] = from[i];
        to[3 * lanes + i] = -from[lanes + i];
      }
    }
  }

  void clear_sample(int group, int lane) const {
    for (int m = 0; m < network_.size(); ++m)
      for (int q = 0; q < b_.columns; ++q) {
        put(a_, m, group, q, lane, 0.0);
        put(b_, m, group, q, lane, 0.0);
      }
  }

  // From the columns to scattered waves, through the measurement, and back.
  void measure(const Job& job, int sample, int group, int lane) const {
    const auto modes = static_cast<std::size_t>(network_.size());
    std::vector<Complex> entries(static_cast<std::size_t>(u_.columns) * modes);
    const auto factor = [&](int q, int mode) { return layered::probe_factor(network_, q, mode); };
    for (int q = 0; q < u_.columns; ++q)
      for (int m = 0; m < network_.size(); ++m)
        entries[static_cast<std::size_t>(q) * modes + static_cast<std::size_t>(m)] =
            Complex(0.0, -factor(q, m)) * value(u_, m, group, q, lane);
    if (job.measure != nullptr && *job.measure) (*job.measure)(sample, entries);
    for (int q = 0; q < u_.columns; ++q)
      for (int m = 0; m < network_.size(); ++m) {
        const double scale = factor(q, m);
        put(u_, m, group, q, lane,
            scale > 0.0
                ? Complex(0.0, 1.0 / scale) *
                      entries[static_cast<std::size_t>(q) * modes + static_cast<std::size_t>(m)]
                : 0.0);
      }
  }

  void add_gradient(double* gradient) {
    struct Block {
      int layer, first, count;
    };
    std::vector<Block> blocks;
    for (int layer = 0; layer < network_.layers(); ++layer)
      for (int row = 0; row < network_.sizes[static_cast<std::size_t>(layer)]; row += gradient_rows)
        blocks.push_back(
            {layer, row,
             std::min(gradient_rows, network_.sizes[static_cast<std::size_t>(layer)] - row)});
    using Index = Eigen::Index;
    const auto row = static_cast<Index>(b_.row());
    parallel_tasks(blocks.size(), options_.threads, [&](std::size_t task, int) {
      const Block& block = blocks[task];
      const int mode = network_.first(block.layer) + block.first;
      const Eigen::Map<const layered::RowMajor<T>> a(a_.at(mode, 0, 0), block.count, row),
          b(b_.at(mode, 0, 0), block.count, row);
      for (int j = 0; j < block.count; ++j)
        gradient[mode + j] += 0.5 * static_cast<double>(a.row(j).dot(b.row(j)));
      if (block.layer + 1 == network_.layers()) return;
      const int next = network_.sizes[static_cast<std::size_t>(block.layer) + 1];
      const Eigen::Map<const layered::RowMajor<T>> above(
          b_.at(network_.first(block.layer + 1), 0, 0), next, row);
      const layered::RowMajor<T> sum = a * above.transpose();
      Eigen::Map<layered::RowMajor<double>> target(
          gradient + network_.coupling_start(block.layer) +
              static_cast<std::size_t>(block.first) * static_cast<std::size_t>(next),
          block.count, next);
      target += sum.template cast<double>();
    });
  }

  layered::Readout readout_;
  std::vector<double> parameters_;
  std::unique_ptr<layered::LayeredEngine<T>> upward_, downward_;
  bool upward_set_ = false, downward_set_ = false;
  host::HostArray<T> u_array_, a_array_, b_array_;
  ColumnArray<T> u_, a_, b_;
};

LayeredScattering::LayeredScattering(LayeredNetwork network, const LayeredOptions& options) {
  validate(network);
  WAVESMITH_VALIDATE(
      options.background.empty() ||
          options.background.size() == static_cast<std::size_t>(network.input_count()),
      fmt::format("a background of {} numbers is given for {} modes in layer 0",
                  options.background.size(), network.input_count()));
  const bool narrow = options.precision == Precision::f32;
  if (options.device.kind == Device::Kind::cuda) {
    WAVESMITH_VALIDATE(options.order != EliminationOrder::downward,
                       "the downward order of elimination runs on the CPU alone (a GPU eliminates "
                       "layer 0 sample by sample); use elimination = \"upward\" or --device cpu");
    if (narrow)
      part_ = std::make_unique<PartOnDevice<float>>(std::move(network), options);
    else
      part_ = std::make_unique<PartOnDevice<double>>(std::move(network), options);
  } else if (narrow)
    part_ = std::make_unique<PartOf<float>>(std::move(network), options);
  else
    part_ = std::make_unique<PartOf<double>>(std::move(network), options);
}
LayeredScattering::~LayeredScattering() = default;
LayeredScattering::LayeredScattering(LayeredScattering&&) noexcept = default;
LayeredScattering& LayeredScattering::operator=(LayeredScattering&&) noexcept = default;

const LayeredNetwork& LayeredScattering::network() const {
  return part_->network_;
}

void LayeredScattering::set_parameters(std::span<const double> parameters) {
  WAVESMITH_VALIDATE(parameters.size() == network().parameter_count(),
                     fmt::format("{} parameters are given; the network has {}", parameters.size(),
                                 network().parameter_count()));
  for (std::size_t p = 0; p < parameters.size(); ++p)
    WAVESMITH_VALIDATE(std::isfinite(parameters[p]),
                       fmt::format("parameter {} of the network is not a finite number", p));
  part_->set_parameters(parameters);
}

double LayeredScattering::operations(int samples, double changed, bool with_gradient) const {
  const LayeredNetwork& net = network();
  const double n0 = net.sizes[0], n1 = net.sizes[1], all = net.size();
  const double n = net.layers() > 2 ? n1 + net.sizes.back() : n1;
  const bool reflects = net.readout == ScatteringReadout::reflection;
  const double q = reflects ? net.sizes.back() : (with_gradient ? 2.0 : 1.0);
  double gradient = 0.0;
  for (int layer = 0; with_gradient && layer + 1 < net.layers(); ++layer)
    gradient += 4.0 * q * net.sizes[static_cast<std::size_t>(layer)] *
                net.sizes[static_cast<std::size_t>(layer) + 1];
  if (order(samples, changed) == EliminationOrder::upward)
    return samples * (2.0 * n0 * n1 * (n1 + 1.0) + 4.0 / 3.0 * n * n * n + 4.0 * q * n * n +
                      (with_gradient ? 4.0 * q * n0 * n1 : 0.0) + gradient);
  const double upper = all - n0;
  const double once = 8.0 * (upper * upper * upper / 3.0 + n0 * upper * upper + 0.5 * n0 * n0 * n1 +
                             4.0 / 3.0 * n0 * n0 * n0 + n0 * n0 * upper);
  return once + samples * (4.0 / 3.0 * changed * changed * changed + 8.0 * q * changed * changed +
                           (with_gradient ? 8.0 * q * n0 * all : 0.0) + gradient);
}

EliminationOrder LayeredScattering::order(int samples, double changed) const {
  const LayeredNetwork& net = network();
  if (part_->options_.device.kind == Device::Kind::cuda) return EliminationOrder::upward;
  if (part_->options_.order != EliminationOrder::automatic) return part_->options_.order;
  const double n0 = net.sizes[0], n1 = net.sizes[1], upper = net.size() - n0;
  const double n = net.layers() > 2 ? n1 + net.sizes.back() : n1;
  const double upward = 2.0 * n0 * n1 * (n1 + 1.0) + 4.0 / 3.0 * n * n * n;
  const double once = 8.0 * (upper * upper * upper / 3.0 + n0 * upper * upper + 0.5 * n0 * n0 * n1 +
                             4.0 / 3.0 * n0 * n0 * n0 + n0 * n0 * upper);
  const double downward = 4.0 / 3.0 * changed * changed * changed + 16.0 * n0 * net.size() +
                          once / std::max(samples, 1);
  // Factors of single samples reach about a third of the rate of samples in lanes.
  return 3.0 * downward < upward ? EliminationOrder::downward : EliminationOrder::upward;
}

namespace {

// The cubic mean of the modes that differ from the background.
double changed_modes(const LayeredOptions& options, int modes, int samples,
                     std::span<const double> inputs) {
  double sum = 0.0;
  for (int s = 0; s < samples; ++s) {
    double changed = 0.0;
    for (int j = 0; j < modes; ++j) {
      const auto at = static_cast<std::size_t>(j);
      const double background = options.background.empty() ? 0.0 : options.background[at];
      changed +=
          inputs[static_cast<std::size_t>(s) * static_cast<std::size_t>(modes) + at] != background;
    }
    sum += changed * changed * changed;
  }
  return std::cbrt(sum / std::max(samples, 1));
}

void check_sizes(const LayeredNetwork& network, int samples, std::span<const double> inputs,
                 std::span<double> readings) {
  const auto count = static_cast<std::size_t>(std::max(samples, 0));
  WAVESMITH_VALIDATE(
      samples >= 0 && inputs.size() == count * static_cast<std::size_t>(network.input_count()) &&
          readings.size() == count * static_cast<std::size_t>(network.output_count()),
      fmt::format("{} samples with {} inputs and {} readings do not fit a network of {} inputs and "
                  "{} read modes",
                  samples, inputs.size(), readings.size(), network.input_count(),
                  network.output_count()));
  for (std::size_t i = 0; i < inputs.size(); ++i)
    WAVESMITH_VALIDATE(std::isfinite(inputs[i]),
                       fmt::format("sample {}: the input of {} is not a finite number",
                                   i / static_cast<std::size_t>(network.input_count()),
                                   network.mode_name(static_cast<int>(
                                       i % static_cast<std::size_t>(network.input_count())))));
}

}  // namespace

void LayeredScattering::run(layered::Job& job, int samples, std::span<const double> inputs,
                            std::span<double> readings) {
  check_sizes(network(), samples, inputs, readings);
  job.samples = samples;
  job.inputs = inputs.data();
  job.readings = readings.data();
  part_->run(job, order(samples,
                        changed_modes(part_->options_, network().input_count(), samples, inputs)));
}

void LayeredScattering::respond(int samples, std::span<const double> inputs,
                                std::span<double> readings) {
  Job job;
  run(job, samples, inputs, readings);
}

void LayeredScattering::pull_back(int samples, std::span<const double> inputs,
                                  const ReadingLoss& loss, std::span<double> readings,
                                  std::span<double> gradient) {
  Job job;
  job.loss = &loss;
  job.gradient = gradient.data();
  run(job, samples, inputs, readings);
}

void LayeredScattering::scattering_gradient(int samples, std::span<const double> inputs,
                                            const ReadingLoss& loss,
                                            const EntryMeasurement& measure,
                                            std::span<double> readings,
                                            std::span<double> gradient) {
  Job job;
  job.loss = &loss;
  job.measure = &measure;
  job.experiment = true;
  job.gradient = gradient.data();
  run(job, samples, inputs, readings);
}

}  // namespace wavesmith
