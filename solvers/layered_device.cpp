#include "solvers/layered_device.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "kernels/parallel_tasks.hpp"

namespace wavesmith::layered {
namespace {

constexpr int most_samples = 256;                         // in flight,
constexpr std::size_t most_bytes = std::size_t{1} << 30;  //   fewer where they take more than this

LayeredBatchSize batch_size(const LayeredNetwork& network, std::size_t scalar) {
  LayeredBatchSize size;
  size.sizes = network.sizes;
  // Transmission: one column driven and its adjoint, or as many as an experiment measures.
  size.columns = network.readout == ScatteringReadout::reflection ? network.output_count()
                                                                  : network.output_count() + 1;
  size.samples = most_samples;
  while (size.samples > 1 && size.bytes(scalar) > most_bytes) size.samples /= 2;
  return size;
}

template <class T>
ComplexValue<T> narrow(Complex value) {
  return {static_cast<T>(value.real()), static_cast<T>(value.imag())};
}
template <class T>
Complex widen(const ComplexValue<T>& value) {
  return {static_cast<double>(value.re), static_cast<double>(value.im)};
}

// The lower half by rows.
template <class T>
std::vector<ComplexValue<T>> lower_half(const Eigen::MatrixXcd& matrix) {
  std::vector<ComplexValue<T>> entries;
  for (Eigen::Index i = 0; i < matrix.rows(); ++i)
    for (Eigen::Index j = 0; j <= i; ++j) entries.push_back(narrow<T>(matrix(i, j)));
  return entries;
}

}  // namespace

template <class T>
LayeredDevice<T>::LayeredDevice(const LayeredNetwork& network, int threads, const Maker& make)
    : network_(network),
      threads_(threads),
      readout_(make_readout(network)),
      batch_(make(batch_size(network, sizeof(T)))) {}

template <class T>
void LayeredDevice<T>::set_parameters(std::span<const double> parameters) {
  const std::vector<Complex> bare = bare_diagonal(network_, parameters);
  bare_.assign(bare.begin(), bare.begin() + network_.input_count());
  j0_ = coupling(network_, parameters, 0);
  reduced_ = reduce(network_, parameters);
  LayeredBatchNetwork<T> network;
  for (std::size_t j = 0; j < bare_.size(); ++j) {
    network.bare.push_back(narrow<double>(bare_[j]));
    network.drive.push_back(static_cast<T>(std::sqrt(network_.port_loss[j])));
  }
  for (Eigen::Index i = 0; i < j0_.size(); ++i)
    network.coupling.push_back(static_cast<T>(j0_.data()[i]));
  network.constant = lower_half<T>(reduced_.constant);
  for (Eigen::Index i = 0; i < reduced_.to_middle.rows(); ++i)
    for (Eigen::Index j = 0; j < reduced_.to_middle.cols(); ++j)
      network.middle.push_back(narrow<T>(reduced_.to_middle(i, j)));
  batch_->set_network(network);
  is_set_ = true;
}

template <class T>
void LayeredDevice<T>::run(const Job& job) {
  WAVESMITH_VALIDATE(is_set_, "the network has no parameters yet");
  if (job.gradient != nullptr) batch_->clear_gradient();
  const int chunk = batch_->size().samples;
  for (int first = 0; first < job.samples; first += chunk)
    run_chunk(job, first, std::min(chunk, job.samples - first));
  if (job.gradient != nullptr)
    batch_->read_gradient(std::span(job.gradient, network_.parameter_count()));
}

template <class T>
void LayeredDevice<T>::run_chunk(const Job& job, int first, int samples) {
  const auto count = static_cast<std::size_t>(samples);
  const auto outputs = static_cast<std::size_t>(network_.output_count());
  factorise(job.inputs +
                static_cast<std::size_t>(first) * static_cast<std::size_t>(network_.input_count()),
            samples);
  if (job.experiment) {
    batch_->solve(LayeredColumns::outputs, 0);
    if (!reflects()) batch_->solve(LayeredColumns::drive, network_.output_count());
    std::vector<Value> columns(count * static_cast<std::size_t>(batch_->size().columns) *
                               static_cast<std::size_t>(network_.size()));
    batch_->read_columns(columns);
    const std::vector<Value> weights = probe(job, first, samples, columns);
    batch_->write_columns(columns);
    batch_->set_weights(weights);
  } else {
    const LayeredColumns kind = reflects() ? LayeredColumns::outputs : LayeredColumns::drive;
    std::vector<Value> seen(count * outputs);
    batch_->solve(kind, 0);
    batch_->read_outputs(kind, seen);
    const std::vector<Value> weights = weigh(job, first, samples, seen);
    if (job.loss == nullptr) return;
    batch_->set_weights(weights);
    if (!reflects()) batch_->solve(LayeredColumns::adjoint, 1);
  }
  batch_->add_gradient(reflects() ? LayeredProduct::weighted : LayeredProduct::pair);
}

template <class T>
void LayeredDevice<T>::factorise(const double* inputs, int samples) {
  const auto modes = static_cast<std::size_t>(network_.input_count());
  std::vector<T> growth(static_cast<std::size_t>(samples));
  batch_->factorise(samples, std::span(inputs, growth.size() * modes), growth);
  for (std::size_t s = 0; s < growth.size(); ++s) {
    if (growth[s] < growth_limit<T>) continue;
    Eigen::VectorXcd g(network_.input_count());
    for (std::size_t j = 0; j < modes; ++j)
      g(static_cast<Eigen::Index>(j)) = 1.0 / (bare_[j] - inputs[s * modes + j]);
    Eigen::MatrixXcd matrix = reduced_.constant;
    matrix.topLeftCorner(j0_.cols(), j0_.cols()) -= j0_.transpose() * g.asDiagonal() * j0_;
    const Eigen::MatrixXcd inverse = pivoting_factor(network_, matrix, reduced_.modes).inverse();
    batch_->set_inverse(static_cast<int>(s), lower_half<T>(inverse));
  }
}

template <class T>
std::vector<ComplexValue<T>> LayeredDevice<T>::weigh(const Job& job, int first, int samples,
                                                     std::span<const Value> seen) const {
  const auto outputs = static_cast<std::size_t>(network_.output_count());
  std::vector<Value> weights(seen.size());
  parallel_tasks(static_cast<std::size_t>(samples), threads_, [&](std::size_t s, int) {
    const int sample = first + static_cast<int>(s);
    const std::span readings(job.readings + static_cast<std::size_t>(sample) * outputs, outputs);
    for (std::size_t c = 0; c < outputs; ++c)
      readings[c] = readout_.offset + (readout_.factor[c] * widen(seen[s * outputs + c])).real();
    if (job.loss == nullptr) return;
    std::vector<double> cotangent(outputs);
    (*job.loss)(sample, readings, cotangent);
    for (std::size_t c = 0; c < outputs; ++c)
      weights[s * outputs + c] = narrow<T>(cotangent[c] * readout_.factor[c]);
  });
  return weights;
}

template <class T>
std::vector<ComplexValue<T>> LayeredDevice<T>::probe(const Job& job, int first, int samples,
                                                     std::span<Value> columns) const {
  const auto outputs = static_cast<std::size_t>(network_.output_count());
  const auto modes = static_cast<std::size_t>(network_.size());
  const auto held = static_cast<std::size_t>(batch_->size().columns);
  std::vector<Value> seen(static_cast<std::size_t>(samples) * outputs);
  parallel_tasks(static_cast<std::size_t>(samples), threads_, [&](std::size_t s, int) {
    const std::span<Value> own = columns.subspan(s * held * modes, held * modes);
    std::vector<Complex> entries(own.size());
    const auto scale = [&](std::size_t e) {
      return probe_factor(network_, static_cast<int>(e / modes), static_cast<int>(e % modes));
    };
    for (std::size_t e = 0; e < own.size(); ++e)
      entries[e] = Complex(0.0, -scale(e)) * widen(own[e]);
    if (job.measure != nullptr && *job.measure)
      (*job.measure)(first + static_cast<int>(s), entries);
    for (std::size_t e = 0; e < own.size(); ++e) {
      const double by = scale(e);
      own[e] = by > 0.0 ? narrow<T>(Complex(0.0, 1.0 / by) * entries[e]) : Value{};
    }
    for (std::size_t c = 0; c < outputs; ++c)
      seen[s * outputs + c] = own[(reflects() ? c : outputs) * modes + modes - outputs + c];
  });
  const std::vector<Value> weights = weigh(job, first, samples, seen);
  if (reflects()) return weights;
  // The pair u, v = sum_q w_q B_q.
  parallel_tasks(static_cast<std::size_t>(samples), threads_, [&](std::size_t s, int) {
    const std::span<Value> own = columns.subspan(s * held * modes, held * modes);
    for (std::size_t m = 0; m < modes; ++m) {
      Complex sum = 0.0;
      for (std::size_t q = 0; q < outputs; ++q)
        sum += widen(weights[s * outputs + q]) * widen(own[q * modes + m]);
      own[m] = own[outputs * modes + m];
      own[modes + m] = narrow<T>(sum);
    }
  });
  return weights;
}

template class LayeredDevice<float>;
template class LayeredDevice<double>;

}  // namespace wavesmith::layered
