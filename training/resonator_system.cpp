#include "training/resonator_system.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/random.hpp"
#include "kernels/parallel_tasks.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

// Of the seed, so that no two kinds of draws share numbers.
constexpr std::uint64_t spread_stream = 0x7274ull << 40;
constexpr std::uint64_t reading_stream = 0x7275ull << 40;
constexpr std::uint64_t entry_stream = 0x7276ull << 40;

// Draws of one sample start here.
std::uint64_t first_draw(std::size_t index) {
  return static_cast<std::uint64_t>(index) << 32;
}

LayeredOptions solver_options(const LayeredNetwork& network,
                              const ResonatorSystemOptions& options) {
  validate(network);
  LayeredOptions result;
  result.precision = options.precision;
  result.device = options.device;
  result.threads = options.threads;
  result.order = options.order;
  // What a feature of 0 gives.
  result.background.assign(static_cast<std::size_t>(network.input_count()), options.input.offset);
  return result;
}

}  // namespace

ResonatorSystem::ResonatorSystem(const LayeredNetwork& network,
                                 const ResonatorSystemOptions& options)
    : options_(options), solver_(network, solver_options(network, options)) {
  const ResonatorInput& input = options.input;
  WAVESMITH_VALIDATE(
      input.repetition >= 1 && network.input_count() % input.repetition == 0,
      fmt::format("{} modes in layer 0 cannot hold every feature {} times; use a multiple of the "
                  "repetition",
                  network.input_count(), input.repetition));
  validate_finite(input.scale, "scale of the input");
  validate_finite(input.offset, "offset of the input");
  WAVESMITH_VALIDATE(
      std::isfinite(input.gain) && input.gain != 0.0,
      fmt::format("the gain {} of layer 0's parameters must be finite and not 0", input.gain));
  validate_not_negative(options.detuning_spread, "spread of the detunings");
  validate_not_negative(options.coupling_spread, "spread of the couplings");
  validate_not_negative(options.absolute_noise, "absolute noise of the measured entries");
  validate_not_negative(options.relative_noise, "relative noise of the measured entries");
  const std::size_t modes = static_cast<std::size_t>(network.size());
  const std::size_t parameters = network.parameter_count();
  offset_.assign(parameters, 0.0);
  factor_.assign(parameters, 1.0);
  const Random random(options.seed, spread_stream);
  for (std::size_t p = 0; p < modes; ++p) offset_[p] = options.detuning_spread * random.normal(p);
  for (std::size_t p = modes; p < parameters; ++p)
    factor_[p] = 1.0 + options.coupling_spread * random.normal(p);
  for (std::size_t p = 0; p < static_cast<std::size_t>(network.input_count()); ++p)
    factor_[p] = input.gain;
  reach_.assign(parameters, 1.0);
  for (const int layer : options.unread_layers) {
    WAVESMITH_VALIDATE(layer >= 0 && layer < network.layers() - 1,
                       fmt::format("layer {} cannot be out of reach: there are layers 0 to {}, and "
                                   "the last is read",
                                   layer, network.layers() - 1));
    const auto clear = [&](std::size_t begin, std::size_t end) {
      std::fill(reach_.begin() + static_cast<std::ptrdiff_t>(begin),
                reach_.begin() + static_cast<std::ptrdiff_t>(end), 0.0);
    };
    clear(static_cast<std::size_t>(network.first(layer)),
          static_cast<std::size_t>(network.first(layer + 1)));
    clear(network.coupling_start(layer), network.coupling_start(layer + 1));
    if (layer > 0) clear(network.coupling_start(layer - 1), network.coupling_start(layer));
  }
}

void ResonatorSystem::set_parameters(std::span<const double> parameters) {
  validate_count(parameters.size(), parameter_count(), "parameters of a resonator network");
  std::vector<double> built(parameters.size());
  for (std::size_t p = 0; p < built.size(); ++p) built[p] = factor_[p] * parameters[p] + offset_[p];
  solver_.set_parameters(built);
}

std::vector<double> ResonatorSystem::load(const Batch& batch) const {
  const ResonatorInput& input = options_.input;
  const auto features = static_cast<std::size_t>(feature_count());
  const auto modes = static_cast<std::size_t>(network().input_count());
  const auto repetition = static_cast<std::size_t>(input.repetition);
  std::vector<double> detunings(batch.indices.size() * modes);
  constexpr std::size_t share = 64;
  parallel_tasks(
      (batch.indices.size() + share - 1) / share, options_.threads, [&](std::size_t task, int) {
        std::vector<Complex> values(features);
        const std::size_t end = std::min(batch.indices.size(), (task + 1) * share);
        for (std::size_t s = task * share; s < end; ++s) {
          batch.inputs->fill(batch.indices[s], 0, values);
          for (std::size_t j = 0; j < modes; ++j)
            detunings[s * modes + j] = input.offset + input.scale * values[j / repetition].real();
        }
      });
  return detunings;
}

void ResonatorSystem::to_parameters(std::span<double> gradient) const {
  for (std::size_t p = 0; p < gradient.size(); ++p) gradient[p] *= factor_[p];
}

void ResonatorSystem::count(const Batch& batch, bool gradient, bool experiment) {
  const double samples = batch.size(), outputs = reading_count();
  const bool reflects = network().readout == ScatteringReadout::reflection;
  // Modes of layer 0 that differ from the background: taken as half of them.
  cost_.operations +=
      solver_.operations(batch.size(), 0.5 * network().input_count(), gradient || experiment);
  if (gradient) return;  // in silico
  const double drives = reflects ? 0.0 : 1.0;
  const double experiments = samples * (experiment ? outputs + drives : reflects ? outputs : 1.0);
  cost_.experiments += experiments;
  cost_.exposures += experiments;
  double read = samples * outputs;
  if (experiment) {
    const double ports = static_cast<double>(std::count_if(
        network().port_loss.begin(), network().port_loss.end(), [](double k) { return k > 0.0; }));
    read = experiments * ports;
  }
  cost_.readings += read;
}

void ResonatorSystem::respond(const Batch& batch, std::span<double> readings) {
  solver_.respond(batch.size(), load(batch), readings);
  count(batch, false, false);
  if (options_.absolute_noise == 0.0 && options_.relative_noise == 0.0) return;
  const Random random(options_.seed, reading_stream + occasion_);
  const auto outputs = static_cast<std::size_t>(reading_count());
  for (std::size_t i = 0; i < readings.size(); ++i)
    readings[i] += (options_.absolute_noise + options_.relative_noise * std::abs(readings[i])) *
                   random.normal(first_draw(batch.indices[i / outputs]) + i % outputs);
}

void ResonatorSystem::pull_back(const Batch& batch, const SampleLoss& loss,
                                std::span<double> readings, std::span<double> gradient) {
  solver_.pull_back(
      batch.size(), load(batch),
      [&](int sample, std::span<const double> seen, std::span<double> cotangent) {
        loss(sample, seen, cotangent);
      },
      readings, gradient);
  to_parameters(gradient);
  count(batch, true, false);
}

void ResonatorSystem::scattering_experiment(const Batch& batch, const SampleLoss& loss,
                                            std::span<double> readings,
                                            std::span<double> gradient) {
  const Random random(options_.seed, entry_stream + occasion_);
  EntryMeasurement measure;
  if (options_.absolute_noise > 0.0 || options_.relative_noise > 0.0)
    measure = [&](int sample, std::span<Complex> entries) {
      const std::uint64_t first = first_draw(batch.indices[static_cast<std::size_t>(sample)]);
      for (std::size_t e = 0; e < entries.size(); ++e) {
        const auto [re, im] = random.normal_pair(first + e);
        entries[e] += (options_.absolute_noise + options_.relative_noise * std::abs(entries[e])) *
                      Complex(re, im);
      }
    };
  solver_.scattering_gradient(
      batch.size(), load(batch),
      [&](int sample, std::span<const double> seen, std::span<double> cotangent) {
        loss(sample, seen, cotangent);
      },
      measure, readings, gradient);
  to_parameters(gradient);
  for (std::size_t p = 0; p < gradient.size(); ++p) gradient[p] *= reach_[p];
  count(batch, false, true);
}

}  // namespace wavesmith
