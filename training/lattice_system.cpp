#include "training/lattice_system.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <type_traits>

#include "core/error.hpp"
#include "core/random.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

// Of the seed, so that no two kinds of draws share numbers.
constexpr std::uint64_t spread_stream = 0x6c73ull << 40;
constexpr std::uint64_t reading_stream = 0x6c72ull << 40;
constexpr std::uint64_t forward_stream = 0x6c66ull << 40;
constexpr std::uint64_t backward_stream = 0x6c62ull << 40;

void validate_place(const ElasticLattice& lattice, int node, int axis, const std::string& what) {
  WAVESMITH_VALIDATE(node >= 0 && static_cast<std::size_t>(node) < lattice.nodes.size(),
                     fmt::format("{} is at node {}, but the lattice has nodes 1 to {}", what,
                                 node + 1, lattice.nodes.size()));
  WAVESMITH_VALIDATE(axis >= 0 && axis < lattice.dimensions,
                     fmt::format("{} is along axis {} of a lattice of {} dimensions", what,
                                 axis + 1, lattice.dimensions));
  WAVESMITH_VALIDATE(
      !lattice.nodes[static_cast<std::size_t>(node)].fixed[static_cast<std::size_t>(axis)],
      fmt::format("{} is at node {}, which is fixed along {}; choose a node that can move", what,
                  node + 1, "xyz"[axis]));
}

ElasticLattice with_stiffness(const LatticeTask& task, const std::vector<int>& cut) {
  ElasticLattice lattice = task.lattice;
  for (LatticeBond& bond : lattice.bonds)
    bond.stiffness = 0.5 * (task.stiffness_min + task.stiffness_max);
  cut_bonds(lattice, cut);
  return lattice;
}

std::variant<LatticeResponse<double>, LatticeResponse<Complex>> make_response(
    const LatticeTask& task, const LatticeSystemOptions& options) {
  validate(task);
  const ElasticLattice lattice = with_stiffness(task, options.cut);
  if (task.frequency == 0.0) return LatticeResponse<double>(lattice);
  return LatticeResponse<Complex>(lattice, 2.0 * std::numbers::pi * task.frequency);
}

double reading_of(LatticeReading kind, Complex u) {
  if (kind == LatticeReading::displacement) return u.real();
  return kind == LatticeReading::amplitude ? std::abs(u) : std::norm(u);
}

// dreading/dRe(u) - i dreading/dIm(u). A node at rest has no direction to move |u| in: 0.
Complex derivative_of(LatticeReading kind, Complex u) {
  if (kind == LatticeReading::displacement) return 1.0;
  if (kind == LatticeReading::power) return 2.0 * std::conj(u);
  return u == 0.0 ? 0.0 : std::conj(u) / std::abs(u);
}

template <class Scalar>
Scalar to_scalar(Complex value) {
  if constexpr (std::is_same_v<Scalar, double>)
    return value.real();
  else
    return value;
}

}  // namespace

void validate(const LatticeTask& task) {
  validate(task.lattice);
  validate_not_negative(task.frequency, "frequency of the lattice [Hz]");
  validate_positive(task.stiffness_min, "least stiffness of a bond [N/m]");
  WAVESMITH_VALIDATE(
      std::isfinite(task.stiffness_max) && task.stiffness_max > task.stiffness_min,
      fmt::format("bonds from {} to {} N/m leave nothing to train; give a larger stiffness_max",
                  task.stiffness_min, task.stiffness_max));
  validate_positive(task.steepness, "steepness of the lattice's parameters");
  WAVESMITH_VALIDATE(!task.inputs.empty(), "the lattice has no inputs; give nodes to be pulled");
  WAVESMITH_VALIDATE(!task.readouts.empty(), "the lattice has no readings; give nodes to be read");
  for (std::size_t i = 0; i < task.inputs.size(); ++i) {
    const LatticeForce& force = task.inputs[i];
    const std::string what = fmt::format("input {} of the lattice", i + 1);
    validate_place(task.lattice, force.node, force.axis, what);
    validate_finite(force.newtons, what + " [N]");
  }
  for (std::size_t i = 0; i < task.loads.size(); ++i) {
    const LatticeForce& force = task.loads[i];
    const std::string what = fmt::format("load {} of the lattice", i + 1);
    validate_place(task.lattice, force.node, force.axis, what);
    validate_finite(force.newtons, what + " [N]");
  }
  for (std::size_t i = 0; i < task.readouts.size(); ++i)
    validate_place(task.lattice, task.readouts[i].node, task.readouts[i].axis,
                   fmt::format("reading {} of the lattice", i + 1));
}

LatticeSystem::LatticeSystem(const LatticeTask& task, const LatticeSystemOptions& options)
    : task_(task), options_(options), response_(make_response(task, options)) {
  validate_not_negative(options.stiffness_spread, "spread of the lattice's stiffness");
  validate_not_negative(options.reading_noise, "noise of the lattice's readings");
  validate_not_negative(options.elongation_noise, "noise of the lattice's elongations");
  WAVESMITH_VALIDATE(options.stiffness_levels == 0 || options.stiffness_levels >= 2,
                     fmt::format("{} levels of stiffness cannot be trained; give 0 for any "
                                 "stiffness, or at least 2",
                                 options.stiffness_levels));
  cut_bonds(task_.lattice, options.cut);
  const std::size_t bonds = parameter_count();
  const Random random(options.seed, spread_stream);
  for (std::size_t b = 0; b < bonds; ++b)
    spread_.push_back(std::exp(options.stiffness_spread * random.normal(b)));
  set_parameters(std::vector<double>(bonds, 0.0));
}

void LatticeSystem::set_parameters(std::span<const double> parameters) {
  validate_count(parameters.size(), parameter_count(), "parameters of the lattice");
  validate_all_finite(parameters, "parameters of the lattice");
  const double range = task_.stiffness_max - task_.stiffness_min;
  stiffness_.resize(parameters.size());
  slope_.resize(parameters.size());
  for (std::size_t b = 0; b < parameters.size(); ++b) {
    double share = 1.0 / (1.0 + std::exp(-task_.steepness * parameters[b]));
    slope_[b] = range * task_.steepness * share * (1.0 - share);
    if (options_.stiffness_levels > 0) {
      const double steps = options_.stiffness_levels - 1;
      share = std::round(share * steps) / steps;
    }
    stiffness_[b] = spread_[b] * (task_.stiffness_min + range * share);
  }
  std::visit([&](auto& response) { response.set_stiffness(stiffness_); }, response_);
}

template <class Scalar>
std::vector<Scalar> LatticeSystem::forces(const Batch& batch) const {
  const std::size_t size = task_.lattice.displacement_count();
  const auto at = [&](const LatticeForce& force) {
    return static_cast<std::size_t>(force.node * task_.lattice.dimensions + force.axis);
  };
  std::vector<Scalar> forces(batch.indices.size() * size);
  std::vector<Complex> features(task_.inputs.size());
  for (std::size_t s = 0; s < batch.indices.size(); ++s) {
    batch.inputs->fill(batch.indices[s], 0, features);
    for (std::size_t i = 0; i < features.size(); ++i)
      forces[s * size + at(task_.inputs[i])] +=
          to_scalar<Scalar>(task_.inputs[i].newtons * features[i]);
    for (const LatticeForce& load : task_.loads) forces[s * size + at(load)] += load.newtons;
  }
  return forces;
}

// Adds noise to values that are measured together, sample by sample. The draws are those of the
// sample and the occasion, wherever it stands in a batch.
template <class Scalar>
void LatticeSystem::disturb(const Batch& batch, std::uint64_t stream, double noise,
                            std::span<Scalar> values) const {
  if (noise == 0.0) return;
  const std::size_t width = values.size() / batch.indices.size();
  const Random random(options_.seed, stream + occasion_);
  for (std::size_t s = 0; s < batch.indices.size(); ++s) {
    const auto together = values.subspan(s * width, width);
    double power = 0.0;
    for (const Scalar& value : together) power += std::norm(value);
    const double deviation = noise * std::sqrt(power / static_cast<double>(width));
    for (std::size_t i = 0; i < width; ++i) {
      const auto draw = random.normal_pair(batch.indices[s] * width + i);
      together[i] += to_scalar<Scalar>(deviation * Complex{draw[0], draw[1]});
    }
  }
}

template <class Scalar>
std::vector<Scalar> LatticeSystem::read(const Batch& batch, std::vector<Scalar>& displacements,
                                        bool noisy, const SampleLoss* loss,
                                        std::span<double> readings) const {
  const std::size_t size = task_.lattice.displacement_count(), width = task_.readouts.size();
  const auto at = [&](std::size_t r) {
    return static_cast<std::size_t>(task_.readouts[r].node * task_.lattice.dimensions +
                                    task_.readouts[r].axis);
  };
  std::vector<Scalar> seen(batch.indices.size() * width);
  for (std::size_t s = 0; s < batch.indices.size(); ++s)
    for (std::size_t r = 0; r < width; ++r) seen[s * width + r] = displacements[s * size + at(r)];
  if (noisy) disturb<Scalar>(batch, reading_stream, options_.reading_noise, seen);
  for (std::size_t i = 0; i < seen.size(); ++i)
    readings[i] = reading_of(task_.reading, Complex(seen[i]));
  if (loss == nullptr) return {};
  std::vector<Scalar> cotangent(displacements.size());
  std::vector<double> of_readings(width);
  for (std::size_t s = 0; s < batch.indices.size(); ++s) {
    (*loss)(static_cast<int>(s), readings.subspan(s * width, width), of_readings);
    for (std::size_t r = 0; r < width; ++r)
      cotangent[s * size + at(r)] += to_scalar<Scalar>(
          of_readings[r] * derivative_of(task_.reading, Complex(seen[s * width + r])));
  }
  return cotangent;
}

double LatticeSystem::operations(const Batch& batch, int solves) const {
  return std::visit(
      [&](const auto& response) {
        const double n = static_cast<double>(response.unknown_count());
        const double complex = task_.frequency > 0.0 ? 4.0 : 1.0;
        return complex * solves * batch.size() * 2.0 * n * n;
      },
      response_);
}

void LatticeSystem::respond(const Batch& batch, std::span<double> readings) {
  std::visit(
      [&]<class Scalar>(const LatticeResponse<Scalar>& response) {
        std::vector<Scalar> u = forces<Scalar>(batch);
        response.solve(batch.size(), std::vector<Scalar>(u), u);
        read<Scalar>(batch, u, true, nullptr, readings);
      },
      response_);
  cost_.experiments += batch.size();
  cost_.exposures += batch.size();
  cost_.readings += static_cast<double>(readings.size());
  cost_.operations += operations(batch, 1);
}

void LatticeSystem::pull_back(const Batch& batch, const SampleLoss& loss,
                              std::span<double> readings, std::span<double> gradient) {
  std::visit(
      [&]<class Scalar>(const LatticeResponse<Scalar>& response) {
        std::vector<Scalar> u = forces<Scalar>(batch);
        response.solve(batch.size(), std::vector<Scalar>(u), u);
        const auto cotangent = read<Scalar>(batch, u, false, &loss, readings);
        LatticeGradient of_lattice;
        response.pull_back(batch.size(), u, cotangent, of_lattice);
        for (std::size_t b = 0; b < gradient.size(); ++b)
          gradient[b] = of_lattice.stiffness[b] * spread_[b] * slope_[b];
      },
      response_);
  cost_.operations += operations(batch, 2);
}

void LatticeSystem::adjoint_experiment(const Batch& batch, const SampleLoss& loss,
                                       std::span<double> readings, std::span<double> gradient) {
  const std::size_t samples = batch.indices.size(), bonds = parameter_count();
  std::visit(
      [&]<class Scalar>(const LatticeResponse<Scalar>& response) {
        std::vector<Scalar> u = forces<Scalar>(batch);
        response.solve(batch.size(), std::vector<Scalar>(u), u);
        std::vector<Scalar> back = read<Scalar>(batch, u, true, &loss, readings);
        response.solve(batch.size(), std::vector<Scalar>(back), back);
        std::vector<Scalar> forward_elongation(samples * bonds),
            backward_elongation(samples * bonds);
        response.elongations(batch.size(), u, forward_elongation);
        response.elongations(batch.size(), back, backward_elongation);
        disturb<Scalar>(batch, forward_stream, options_.elongation_noise, forward_elongation);
        disturb<Scalar>(batch, backward_stream, options_.elongation_noise, backward_elongation);
        std::fill(gradient.begin(), gradient.end(), 0.0);
        for (std::size_t i = 0; i < samples * bonds; ++i)
          gradient[i % bonds] -=
              (Complex(forward_elongation[i]) * Complex(backward_elongation[i])).real();
      },
      response_);
  // Nothing is measured at a broken bond, and the laboratory knows the spread as little as the
  // stiffness that it set.
  for (std::size_t b = 0; b < bonds; ++b)
    gradient[b] = task_.lattice.bonds[b].cut ? 0.0 : gradient[b] * slope_[b];
  cost_.experiments += 2.0 * batch.size();
  cost_.exposures += 2.0 * batch.size();
  cost_.readings += static_cast<double>(readings.size() + 2 * samples * bonds);
  cost_.operations += operations(batch, 2);
}

std::vector<Complex> LatticeSystem::displacements(const Batch& batch) const {
  return std::visit(
      [&]<class Scalar>(const LatticeResponse<Scalar>& response) {
        std::vector<Scalar> u = forces<Scalar>(batch);
        response.solve(batch.size(), std::vector<Scalar>(u), u);
        return std::vector<Complex>(u.begin(), u.end());
      },
      response_);
}

}  // namespace wavesmith
