#include "training/mesh_system.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "physics/validate.hpp"
#include "solvers/mesh_decomposition.hpp"
#include "solvers/mesh_propagation.hpp"
#include "training/mesh_engine.hpp"

namespace wavesmith {
namespace {

void validate_measurement(const MeshMeasurement& given) {
  validate_not_negative(given.amplitude_error, "mesh: amplitude_error");
  validate_not_negative(given.phase_error, "mesh: phase_error [rad]");
  validate_not_negative(given.reference_error, "mesh: reference_error [rad]");
  validate_not_negative(given.tap_noise, "mesh: tap_noise");
  validate_not_negative(given.tap_spread, "mesh: tap_spread");
}

}  // namespace

std::size_t MeshNetwork::parameter_count() const {
  std::size_t count = 0;
  for (const MziMesh& layer : layers) count += layer.phase_count();
  return count;
}

void MeshNetwork::validate() const {
  WAVESMITH_VALIDATE(!layers.empty(), "a network of meshes needs one layer or more");
  for (std::size_t l = 1; l < layers.size(); ++l)
    WAVESMITH_VALIDATE(layers[l].ports() == ports(),
                       fmt::format("mesh layer {} has {} ports and layer 0 has {}; light of one "
                                   "layer enters the next port by port, give all the same number",
                                   l, layers[l].ports(), ports()));
  WAVESMITH_VALIDATE(features >= 1 && features <= ports(),
                     fmt::format("a mesh of {} ports cannot take {} features; give 1 to {}",
                                 ports(), features, ports()));
  validate_positive(input_scale, "mesh: input_scale");
  validate_not_negative(bias_power, "mesh: bias_power");
  WAVESMITH_VALIDATE(bias_power == 0.0 || features < ports(),
                     fmt::format("mesh: bias_power needs a port without a feature, and all {} have "
                                 "one; add ports or remove it",
                                 ports()));
  WAVESMITH_VALIDATE(!readings.empty(), "mesh: no readings; name the ports that are read");
  for (std::size_t r = 0; r < readings.size(); ++r) {
    WAVESMITH_VALIDATE(!readings[r].empty(),
                       fmt::format("mesh: reading {} adds up no port; name one or more", r));
    for (int port : readings[r])
      WAVESMITH_VALIDATE(port >= 0 && port < ports(),
                         fmt::format("mesh: reading {} takes port {}, but ports are 0 to {}", r,
                                     port, ports() - 1));
  }
  activation.validate();
}

MeshSystem::MeshSystem(const MeshNetwork& network, const MeshSystemOptions& options)
    : network_(network), options_(options) {
  network_.validate();
  validate_measurement(options.measurement);
  validate_not_negative(options.error_power, "mesh: error_power");
  if (options.device.kind != Device::Kind::cpu)
    throw UnavailableError("networks of meshes run on the CPU only; use --device cpu");
  for (std::size_t l = 0; l < network_.layers.size(); ++l)
    built_.emplace_back(network_.layers[l], options.imperfections, l);
  engine_ = options.precision == Precision::f32
                ? make_mesh_engine<float>(network_, options_, built_)
                : make_mesh_engine<double>(network_, options_, built_);
  parameters_.assign(parameter_count(), 0.0);
  apply_parameters();
}

MeshSystem::~MeshSystem() = default;

void MeshSystem::apply_parameters() {
  std::size_t first = 0;
  std::vector<double> phases;
  for (std::size_t l = 0; l < built_.size(); ++l) {
    const std::size_t count = network_.layers[l].phase_count();
    const std::span<const double> settings(parameters_.data() + first, count);
    phases.resize(count);
    built_[l].phases(settings, static_cast<double>(occasion_), phases);
    engine_->set_phases(l, phases);
    if (options_.phases_from_model) engine_->set_model(l, settings);
    first += count;
  }
}

void MeshSystem::set_parameters(std::span<const double> parameters) {
  validate_count(parameters.size(), parameter_count(), "parameters of a network of meshes");
  parameters_.assign(parameters.begin(), parameters.end());
  apply_parameters();
}

void MeshSystem::set_occasion(std::uint64_t occasion) {
  const bool moved = options_.imperfections.drift > 0.0 && occasion != occasion_;
  occasion_ = occasion;
  engine_->set_occasion(occasion);
  if (moved) apply_parameters();
}

namespace {

// Of one way through all layers.
double operations_of(const MeshNetwork& network) {
  double mzis = 0.0;
  for (const MziMesh& layer : network.layers) mzis += static_cast<double>(layer.mzi_count());
  return mzis * MeshPropagation<double>::operations_per_mzi;
}

}  // namespace

void MeshSystem::respond(const Batch& batch, std::span<double> readings) {
  engine_->respond(batch, readings);
  const double runs = static_cast<double>(batch.size()) * static_cast<double>(built_.size());
  const double digital_planes =
      network_.activation.digital() ? static_cast<double>(built_.size()) - 1.0 : 0.0;
  cost_.operations += batch.size() * operations_of(network_);
  cost_.experiments += runs;
  cost_.exposures += batch.size() * (1.0 + digital_planes);
  cost_.readings += batch.size() * (reading_count() + digital_planes * network_.ports());
}

void MeshSystem::pull_back(const Batch& batch, const SampleLoss& loss, std::span<double> readings,
                           std::span<double> gradient) {
  engine_->pull_back(batch, loss, readings, gradient);
  std::size_t first = 0;
  for (const BuiltMesh& built : built_) {
    built.pull_back(gradient.subspan(first, built.mesh().phase_count()));
    first += built.mesh().phase_count();
  }
  cost_.operations += 2.0 * batch.size() * operations_of(network_);
}

void MeshSystem::adjoint_experiment(const Batch& batch, const SampleLoss& loss,
                                    std::span<double> readings, std::span<double> gradient) {
  engine_->adjoint_experiment(batch, loss, readings, gradient);
  // Forward and backward tell what goes in and comes out; the powers behind the shifters are read
  // in all three runs, or in the two with the sums alone.
  const bool three = options_.protocol == MeshSystemOptions::Protocol::three;
  const double maps = three ? 3.0 : 2.0, ways = three ? 3.0 : 4.0;
  const double layers = static_cast<double>(built_.size()), samples = batch.size();
  cost_.operations += samples * ways * operations_of(network_);
  cost_.experiments += samples * layers * ways;
  cost_.exposures += samples * layers * (maps + 2.0);
  cost_.readings += samples * (maps * static_cast<double>(parameter_count()) +
                               2.0 * layers * 2.0 * network_.ports());
}

std::vector<double> haar_settings(const MeshNetwork& network, std::uint64_t seed) {
  std::vector<double> settings;
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const MziMesh& layer = network.layers[l];
    const auto found = decompose_unitary(layer, random_unitary(layer.ports(), seed, l));
    settings.insert(settings.end(), found.phases.begin(), found.phases.end());
  }
  return settings;
}

}  // namespace wavesmith
