#include "training/kerr_system.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/random.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

// Of the seed, so that no two kinds of draws share numbers.
constexpr std::uint64_t spread_stream = 0x6b73ull << 40;
constexpr std::uint64_t noise_stream = 0x6b6eull << 40;

}  // namespace

struct KerrSystem::Samples {
  std::vector<Complex> probes, fields, nudged;
  std::vector<double> detunings;
  std::vector<Settled> settled;

  KerrInputs inputs() const { return {probes, detunings}; }
};

KerrSystem::KerrSystem(const KerrNetwork& network, const KerrSystemOptions& options)
    : options_(options), solver_(network, options.solver) {
  validate_finite(options.input.scale, "scale of the input");
  validate_finite(options.input.offset, "offset of the input");
  validate_finite(options.input.probe, "probe of the input modes");
  validate_positive(options.nudge, "nudge of the scattering experiment");
  validate_not_negative(options.field_noise, "noise of the fields that are read");
  validate_not_negative(options.detuning_spread, "spread of the detunings");
  validate_not_negative(options.coupling_spread, "spread of the couplings");
  const std::size_t modes = network.modes.size(), count = network.parameter_count();
  offset_.assign(count, 0.0);
  factor_.assign(count, 1.0);
  const Random random(options.seed, spread_stream);
  for (std::size_t i = 0; i < modes; ++i) offset_[i] = options.detuning_spread * random.normal(i);
  for (std::size_t i = modes; i < count; ++i)
    factor_[i] = 1.0 + options.coupling_spread * random.normal(i);
}

void KerrSystem::set_parameters(std::span<const double> parameters) {
  validate_count(parameters.size(), parameter_count(), "parameters of a Kerr network");
  std::vector<double> built(parameters.size());
  for (std::size_t i = 0; i < built.size(); ++i) built[i] = factor_[i] * parameters[i] + offset_[i];
  solver_.set_parameters(built);
}

void KerrSystem::reset_cost() {
  cost_ = {};
  restless_ = 0;
  nonlinearity_ = 0.0;
}

KerrSystem::Samples KerrSystem::load(const Batch& batch) const {
  const KerrNetwork& network = solver_.network();
  const KerrInput& input = options_.input;
  const std::size_t modes = network.modes.size();
  Samples samples;
  samples.probes.assign(batch.indices.size() * modes, {});
  samples.fields.resize(samples.probes.size());
  if (input.kind == KerrInput::Kind::detuning) samples.detunings.assign(samples.probes.size(), 0.0);
  std::vector<Complex> features(network.inputs.size());
  for (std::size_t s = 0; s < batch.indices.size(); ++s) {
    batch.inputs->fill(batch.indices[s], 0, features);
    for (std::size_t i = 0; i < features.size(); ++i) {
      const std::size_t at = s * modes + static_cast<std::size_t>(network.inputs[i]);
      const Complex value = input.scale * features[i] + input.offset;
      if (input.kind == KerrInput::Kind::drive) {
        samples.probes[at] = value;
      } else {
        samples.probes[at] = input.probe;
        samples.detunings[at] = value.real();
      }
    }
  }
  return samples;
}

void KerrSystem::count(const Batch& batch, const std::vector<Settled>& settled) {
  for (const Settled& sample : settled) {
    cost_.operations += static_cast<double>(sample.evaluations) * solver_.operations();
    nonlinearity_ = std::max(nonlinearity_, sample.nonlinearity);
    if (!sample.at_rest) ++restless_;
  }
  if (!options_.keep_restless) check_settled(settled, batch.indices);
}

void KerrSystem::settle(const Batch& batch, Samples& samples, bool nudged) {
  if (nudged) {
    samples.nudged.resize(samples.fields.size());
    samples.settled = solver_.solve(samples.inputs(), samples.fields, samples.nudged);
  } else {
    samples.settled = solver_.solve(samples.inputs(), {}, samples.fields);
  }
  count(batch, samples.settled);
}

std::vector<Complex> KerrSystem::measure(const Batch& batch, const std::vector<Complex>& fields,
                                         int which) const {
  std::vector<Complex> read = fields;
  if (options_.field_noise == 0.0) return read;
  const std::vector<KerrMode>& modes = solver_.network().modes;
  const Random random(options_.seed, noise_stream + occasion_);
  for (std::size_t s = 0; s < batch.indices.size(); ++s)
    for (std::size_t j = 0; j < modes.size(); ++j) {
      const std::uint64_t n =
          (2 * batch.indices[s] + static_cast<std::uint64_t>(which)) * modes.size() + j;
      const auto draw = random.normal_pair(n);
      // a = (a_out - a_in) / sqrt(kappa).
      const double noise = options_.field_noise / std::sqrt(modes[j].port_loss);
      if (modes[j].port_loss > 0.0) read[s * modes.size() + j] += noise * Complex{draw[0], draw[1]};
    }
  return read;
}

void KerrSystem::read_outputs(const std::vector<Complex>& fields,
                              std::span<double> readings) const {
  const KerrNetwork& network = solver_.network();
  const std::size_t modes = network.modes.size(), outputs = network.outputs.size();
  validate_count(readings.size(), fields.size() / modes * outputs, "readings");
  for (std::size_t s = 0; s < fields.size() / modes; ++s)
    for (std::size_t k = 0; k < outputs; ++k)
      readings[s * outputs + k] =
          fields[s * modes + static_cast<std::size_t>(network.outputs[k])].real();
}

std::vector<Complex> KerrSystem::cotangent(const Batch& batch, const SampleLoss& loss,
                                           std::span<const double> readings) const {
  const KerrNetwork& network = solver_.network();
  const std::size_t modes = network.modes.size(), outputs = network.outputs.size();
  std::vector<Complex> result(batch.indices.size() * modes);
  std::vector<double> of_sample(outputs);
  for (std::size_t s = 0; s < batch.indices.size(); ++s) {
    loss(static_cast<int>(s), readings.subspan(s * outputs, outputs), of_sample);
    for (std::size_t k = 0; k < outputs; ++k)
      result[s * modes + static_cast<std::size_t>(network.outputs[k])] = of_sample[k];
  }
  return result;
}

void KerrSystem::respond(const Batch& batch, std::span<double> readings) {
  Samples samples = load(batch);
  settle(batch, samples, false);
  read_outputs(measure(batch, samples.fields, 0), readings);
  cost_.experiments += batch.size();
  cost_.exposures += batch.size();
  cost_.readings += static_cast<double>(readings.size());
}

void KerrSystem::pull_back(const Batch& batch, const SampleLoss& loss, std::span<double> readings,
                           std::span<double> gradient) {
  Samples samples = load(batch);
  settle(batch, samples, false);
  read_outputs(samples.fields, readings);
  std::vector<Complex> error = cotangent(batch, loss, readings);
  const std::size_t modes = solver_.network().modes.size();
  for (std::size_t s = 0; s < samples.settled.size(); ++s)
    if (!samples.settled[s].at_rest)
      std::fill_n(error.begin() + static_cast<std::ptrdiff_t>(s * modes), modes, Complex{});
  std::vector<Complex> v(error.size());
  count(batch, solver_.pull_back(samples.inputs(), samples.fields, error, v));
  solver_.products(v, samples.fields, gradient);
  for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] *= factor_[i];
}

void KerrSystem::scattering_experiment(const Batch& batch, const SampleLoss& loss,
                                       std::span<double> readings, std::span<double> gradient) {
  const std::vector<KerrMode>& modes = solver_.network().modes;
  for (std::size_t j = 0; j < modes.size(); ++j)
    WAVESMITH_VALIDATE(modes[j].port_loss > 0.0,
                       fmt::format("method \"scattering\" reads the field of every mode, but mode "
                                   "{} has no probe (port loss kappa = 0); give it one, or use "
                                   "exact or spsa",
                                   j));
  Samples samples = load(batch);
  settle(batch, samples, false);
  const std::vector<Complex> free = measure(batch, samples.fields, 0);
  read_outputs(free, readings);

  const std::vector<Complex> error = cotangent(batch, loss, readings);
  for (std::size_t i = 0; i < error.size(); ++i)
    samples.probes[i] += Complex{
        0.0, options_.nudge * error[i].real() / std::sqrt(modes[i % modes.size()].port_loss)};
  settle(batch, samples, true);
  std::vector<Complex> v = measure(batch, samples.nudged, 1);
  // -sigma_x (y_b - y0) / beta, with sigma_x the exchange of x and p: i conj of a complex number.
  for (std::size_t i = 0; i < v.size(); ++i)
    v[i] = Complex{0.0, -1.0 / options_.nudge} * std::conj(v[i] - free[i]);
  solver_.products(v, free, gradient);
  cost_.experiments += 2.0 * batch.size();
  cost_.exposures += 2.0 * batch.size();
  cost_.readings += 4.0 * static_cast<double>(free.size());
}

}  // namespace wavesmith
