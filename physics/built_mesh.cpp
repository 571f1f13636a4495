#include "physics/built_mesh.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "core/error.hpp"
#include "core/random.hpp"
#include "core/units.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

// Streams of the seed; each mesh has its own set.
enum : std::uint64_t { splitter_stream, loss_stream, phase_stream, drift_stream, stream_count };

constexpr int max_bits = 24;

void validate_imperfections(const MeshImperfections& given) {
  validate_between(given.splitter_spread, 0.0, pi / 4, "mesh: splitter_spread [rad]");
  validate_between(given.loss, 0.0, 100.0, "mesh: loss of a column of phase shifters [dB]");
  validate_between(given.loss_spread, 0.0, 100.0, "mesh: loss_spread [dB]");
  validate_not_negative(given.phase_spread, "mesh: phase_spread [rad]");
  validate_between(given.crosstalk, -1.0, 1.0, "mesh: crosstalk (share of a setting)");
  validate_not_negative(given.drift, "mesh: drift [rad]");
  validate_positive(given.drift_period, "mesh: drift_period [batches]");
  WAVESMITH_VALIDATE(given.bits >= 0 && given.bits <= max_bits,
                     fmt::format("mesh: bits is {}; give 1 to {}, or 0 for settings of any value",
                                 given.bits, max_bits));
}

}  // namespace

BuiltMesh::BuiltMesh(MziMesh mesh)
    : splitter_errors(2 * mesh.mzi_count(), 0.0),
      arm_losses(4 * mesh.mzi_count(), 0.0),
      phase_offsets(mesh.phase_count(), 0.0),
      drift_periods(mesh.phase_count(), 1.0),
      drift_starts(mesh.phase_count(), 0.0),
      mesh_(std::move(mesh)) {}

BuiltMesh::BuiltMesh(MziMesh mesh, const MeshImperfections& given, std::uint64_t number)
    : BuiltMesh(std::move(mesh)) {
  validate_imperfections(given);
  const auto stream = [&](std::uint64_t kind) {
    return Random(given.seed, number * stream_count + kind);
  };
  const auto fill = [](const Random& random, double spread, std::vector<double>& values) {
    if (spread == 0.0) return;
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = spread * random.normal(i);
  };
  fill(stream(splitter_stream), given.splitter_spread, splitter_errors);
  fill(stream(phase_stream), given.phase_spread, phase_offsets);
  drift = given.drift;
  const Random wander = stream(drift_stream);
  for (std::size_t k = 0; drift > 0.0 && k < drift_periods.size(); ++k) {
    drift_periods[k] = given.drift_period * wander.uniform(2 * k, 0.5, 1.5);
    drift_starts[k] = wander.uniform(2 * k + 1);
  }
  loss = given.loss;
  const Random losses = stream(loss_stream);
  for (std::size_t i = 0; i < arm_losses.size(); ++i)
    arm_losses[i] = loss + (i % 2 == 0 && given.loss_spread > 0.0
                                ? given.loss_spread * std::abs(losses.normal(i / 2))
                                : 0.0);
  if (given.crosstalk != 0.0) crosstalk = neighbour_crosstalk(mesh_, given.crosstalk);
  bits = given.bits;
}

void BuiltMesh::validate() const {
  validate_count(splitter_errors.size(), 2 * mesh_.mzi_count(), "mesh: splitter_errors");
  validate_count(arm_losses.size(), 4 * mesh_.mzi_count(), "mesh: arm_losses");
  validate_count(phase_offsets.size(), mesh_.phase_count(), "mesh: phase_offsets");
  validate_count(drift_periods.size(), mesh_.phase_count(), "mesh: drift_periods");
  validate_count(drift_starts.size(), mesh_.phase_count(), "mesh: drift_starts");
  validate_all_finite(splitter_errors, "mesh: splitter_errors [rad]");
  validate_all_finite(phase_offsets, "mesh: phase_offsets [rad]");
  validate_not_negative(drift, "mesh: drift [rad]");
  for (double period : drift_periods) validate_positive(period, "mesh: a period of the drift");
  validate_all_finite(drift_starts, "mesh: drift_starts");
  validate_not_negative(loss, "mesh: loss of a column of phase shifters [dB]");
  for (std::size_t i = 0; i < arm_losses.size(); ++i) {
    const MziPlace& place = mesh_.mzis()[i / 4];
    WAVESMITH_VALIDATE(
        std::isfinite(arm_losses[i]) && arm_losses[i] >= 0.0,
        fmt::format("mesh: arm {} of interferometer {} (column {}, ports {} and {}) loses {} dB; "
                    "a passive arm loses 0 dB or more",
                    i % 4, i / 4, place.column, place.top, place.top + 1, arm_losses[i]));
  }
  for (const Crosstalk& entry : crosstalk)
    WAVESMITH_VALIDATE(
        entry.from < mesh_.phase_count() && entry.to < mesh_.phase_count() &&
            std::isfinite(entry.coefficient),
        fmt::format("mesh: crosstalk from phase {} to phase {} with coefficient {}: the mesh has "
                    "phases 0 to {} and coefficients must be finite",
                    entry.from, entry.to, entry.coefficient, mesh_.phase_count() - 1));
}

void BuiltMesh::phases(std::span<const double> settings, double time,
                       std::span<double> phases) const {
  const double step = bits > 0 ? std::ldexp(2.0 * pi, -bits) : 0.0;
  const auto held = [&](std::size_t k) {
    return bits > 0 ? step * std::round(settings[k] / step) : settings[k];
  };
  for (std::size_t k = 0; k < phases.size(); ++k) phases[k] = held(k) + phase_offsets[k];
  for (std::size_t k = 0; drift > 0.0 && k < phases.size(); ++k)
    phases[k] += drift * std::sqrt(2.0) *
                 std::sin(2.0 * pi * (std::fmod(time / drift_periods[k], 1.0) + drift_starts[k]));
  for (const Crosstalk& entry : crosstalk) {
    const double setting = held(entry.from);
    phases[entry.to] += entry.coefficient * (setting - 2.0 * pi * std::floor(setting / (2.0 * pi)));
  }
}

void BuiltMesh::pull_back(std::span<double> gradient) const {
  if (crosstalk.empty()) return;
  const std::vector<double> of_phases(gradient.begin(), gradient.end());
  for (const Crosstalk& entry : crosstalk)
    gradient[entry.from] += entry.coefficient * of_phases[entry.to];
}

std::vector<Crosstalk> neighbour_crosstalk(const MziMesh& mesh, double coefficient) {
  std::vector<Crosstalk> entries;
  const auto& mzis = mesh.mzis();
  const auto both_ways = [&](std::size_t a, std::size_t b) {
    entries.push_back({a, b, coefficient});
    entries.push_back({b, a, coefficient});
  };
  for (std::size_t k = 0; k + 1 < mzis.size(); ++k)
    if (mzis[k].column == mzis[k + 1].column) {
      both_ways(mesh.theta(k), mesh.theta(k + 1));
      both_ways(mesh.phi(k), mesh.phi(k + 1));
    }
  for (int port = 0; mesh.output_phases() && port + 1 < mesh.ports(); ++port)
    both_ways(mesh.output_phase(port), mesh.output_phase(port + 1));
  return entries;
}

}  // namespace wavesmith
