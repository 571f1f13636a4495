#include "training/repetition_system.hpp"

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
constexpr std::uint64_t medium_stream = 0x726dull << 40;
constexpr std::uint64_t noise_stream = 0x726eull << 40;

RepeatedScattering as_built(RepeatedScattering network, const RepetitionSystemOptions& options) {
  validate(network);
  validate_not_negative(options.field_noise, "noise of the fields that are read");
  validate_not_negative(options.medium_error, "error of the medium");
  WAVESMITH_VALIDATE(options.detectors >= 1 && options.detectors <= network.modes,
                     fmt::format("{} detectors for {} modes; give 1 to {}", options.detectors,
                                 network.modes, network.modes));
  WAVESMITH_VALIDATE(
      options.classes >= 0 && options.classes <= 100000,
      fmt::format("a readout of {} classes; give 0 (none) to 100000", options.classes));
  if (options.medium_error == 0.0) return network;
  double power = 0.0;
  for (const Complex& entry : network.medium) power += std::norm(entry);
  const double size =
      options.medium_error * std::sqrt(0.5 * power / static_cast<double>(network.medium.size()));
  const Random random(options.seed, medium_stream);
  for (std::size_t i = 0; i < network.medium.size(); ++i) {
    const auto draw = random.normal_pair(i);
    network.medium[i] += size * Complex{draw[0], draw[1]};
  }
  return network;
}

}  // namespace

struct RepetitionSystem::Passed {
  std::size_t batch = 0;
  std::vector<double> features;
  std::vector<Complex> fields;    // batch x (R + 1) x N
  std::vector<double> detectors;  // batch x detectors
};

RepetitionSystem::RepetitionSystem(const RepeatedScattering& network,
                                   const RepetitionSystemOptions& options)
    : options_(options),
      passes_(as_built(network, options), options.precision, options.threads),
      readout_(static_cast<std::size_t>(options.classes) *
               (static_cast<std::size_t>(options.detectors) + 1)) {}

std::size_t RepetitionSystem::parameter_count() const {
  return passes_.network().parameter_count() + readout_.size();
}
int RepetitionSystem::reading_count() const {
  return options_.classes > 0 ? options_.classes : options_.detectors;
}

void RepetitionSystem::set_parameters(std::span<const double> parameters) {
  validate_count(parameters.size(), parameter_count(), "parameters of repeated scattering");
  validate_all_finite(parameters, "parameters of repeated scattering");
  const std::size_t masks = passes_.network().parameter_count();
  passes_.set_parameters(parameters.first(masks));
  std::copy(parameters.begin() + static_cast<std::ptrdiff_t>(masks), parameters.end(),
            readout_.begin());
}

void RepetitionSystem::disturb(const Batch& batch, int way, std::vector<Complex>& fields) const {
  if (options_.field_noise == 0.0) return;
  const Random random(options_.seed, noise_stream + occasion_);
  const std::size_t width = fields.size() / batch.indices.size();
  for (std::size_t s = 0; s < batch.indices.size(); ++s)
    for (std::size_t i = 0; i < width; ++i) {
      const std::uint64_t n = (2 * batch.indices[s] + static_cast<std::uint64_t>(way)) << 24;
      const auto draw = random.normal_pair(n + i);
      fields[s * width + i] += options_.field_noise * Complex{draw[0], draw[1]};
    }
}

RepetitionSystem::Passed RepetitionSystem::pass(const Batch& batch, bool measured) const {
  const RepeatedScattering& network = passes_.network();
  const std::size_t width = static_cast<std::size_t>(network.features),
                    modes = static_cast<std::size_t>(network.modes),
                    stride = static_cast<std::size_t>(network.repetitions + 1) * modes,
                    detectors = static_cast<std::size_t>(options_.detectors);
  Passed passed;
  passed.batch = batch.indices.size();
  passed.features.resize(passed.batch * width);
  passed.fields.resize(passed.batch * stride);
  passed.detectors.resize(passed.batch * detectors);
  std::vector<Complex> features(width);
  for (std::size_t s = 0; s < passed.batch; ++s) {
    batch.inputs->fill(batch.indices[s], 0, features);
    for (std::size_t i = 0; i < width; ++i) passed.features[s * width + i] = features[i].real();
  }
  passes_.forward(passed.features, passed.fields);
  if (measured) disturb(batch, 0, passed.fields);
  for (std::size_t s = 0; s < passed.batch; ++s)
    for (std::size_t d = 0; d < detectors; ++d) {
      const Complex field = passed.fields[s * stride + stride - modes + d];
      passed.detectors[s * detectors + d] =
          options_.reading == RepetitionSystemOptions::Reading::field ? field.real()
                                                                      : std::norm(field);
    }
  return passed;
}

void RepetitionSystem::read_out(const Passed& passed, std::span<double> readings) const {
  const std::size_t detectors = static_cast<std::size_t>(options_.detectors),
                    classes = static_cast<std::size_t>(options_.classes);
  validate_count(readings.size(), passed.batch * static_cast<std::size_t>(reading_count()),
                 "readings");
  if (classes == 0) {
    std::copy(passed.detectors.begin(), passed.detectors.end(), readings.begin());
    return;
  }
  for (std::size_t s = 0; s < passed.batch; ++s)
    for (std::size_t k = 0; k < classes; ++k) {
      double sum = readout_[classes * detectors + k];
      for (std::size_t d = 0; d < detectors; ++d)
        sum += readout_[k * detectors + d] * passed.detectors[s * detectors + d];
      readings[s * classes + k] = sum;
    }
}

void RepetitionSystem::respond(const Batch& batch, std::span<double> readings) {
  const Passed passed = pass(batch, true);
  read_out(passed, readings);
  cost_.experiments += batch.size();
  cost_.exposures += batch.size();
  cost_.readings += static_cast<double>(passed.detectors.size());
  cost_.operations += batch.size() * passes_.operations();
}

void RepetitionSystem::find_gradient(const Batch& batch, const SampleLoss& loss, bool measured,
                                     std::span<double> readings, std::span<double> gradient) {
  const RepeatedScattering& network = passes_.network();
  const Passed passed = pass(batch, measured);
  read_out(passed, readings);
  const std::size_t modes = static_cast<std::size_t>(network.modes),
                    masks = static_cast<std::size_t>(network.repetitions) * modes,
                    detectors = static_cast<std::size_t>(options_.detectors),
                    classes = static_cast<std::size_t>(options_.classes),
                    outputs = static_cast<std::size_t>(reading_count());
  validate_count(gradient.size(), parameter_count(), "the gradient of repeated scattering");
  const std::span<double> of_readout = gradient.subspan(2 * masks);
  std::fill(of_readout.begin(), of_readout.end(), 0.0);

  // Through the readout and the detectors to what is sent backward.
  std::vector<Complex> error(passed.batch * modes);
  std::vector<double> of_reading(outputs);
  for (std::size_t s = 0; s < passed.batch; ++s) {
    loss(static_cast<int>(s), readings.subspan(s * outputs, outputs), of_reading);
    const double* read = passed.detectors.data() + s * detectors;
    for (std::size_t k = 0; k < classes; ++k) {
      for (std::size_t d = 0; d < detectors; ++d)
        of_readout[k * detectors + d] += of_reading[k] * read[d];
      of_readout[classes * detectors + k] += of_reading[k];
    }
    for (std::size_t d = 0; d < detectors; ++d) {
      double slope = classes == 0 ? of_reading[d] : 0.0;
      for (std::size_t k = 0; k < classes; ++k)
        slope += readout_[k * detectors + d] * of_reading[k];
      const Complex field = passed.fields[s * (masks + modes) + masks + d];
      error[s * modes + d] = options_.reading == RepetitionSystemOptions::Reading::field
                                 ? Complex{slope, 0.0}
                                 : 2.0 * slope * std::conj(field);
    }
  }
  std::vector<Complex> backward(passed.batch * masks);
  passes_.pull_back(passed.features, error, backward);
  if (measured) disturb(batch, 1, backward);
  passes_.products(passed.features, passed.fields, backward, gradient.first(2 * masks));
  cost_.operations += 2.0 * batch.size() * passes_.operations();
}

void RepetitionSystem::pull_back(const Batch& batch, const SampleLoss& loss,
                                 std::span<double> readings, std::span<double> gradient) {
  find_gradient(batch, loss, false, readings, gradient);
}

void RepetitionSystem::adjoint_experiment(const Batch& batch, const SampleLoss& loss,
                                          std::span<double> readings, std::span<double> gradient) {
  find_gradient(batch, loss, true, readings, gradient);
  const RepeatedScattering& network = passes_.network();
  // Fields at every mask both ways, and at the detectors.
  const double planes = 2.0 * network.repetitions + 1.0;
  cost_.experiments += 2.0 * batch.size();
  cost_.exposures += batch.size() * planes * exposures;
  cost_.readings += batch.size() * planes * exposures * network.modes;
}

}  // namespace wavesmith
