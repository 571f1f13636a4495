#include "solvers/source_power.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.hpp"
#include "physics/vacuum.hpp"
#include "solvers/grid_shares.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

StoredField field_of(const WaveContext& context, int component) {
  const std::vector<StoredField> fields = fields_of(context.equations, context.impedance);
  return *std::find_if(fields.begin(), fields.end(),
                       [&](const StoredField& f) { return f.component == component; });
}

// Of points stored along each axis, the lengths of their cells, cut off at faces.
std::array<PointShares, 3> modelled_lengths(const WaveContext& context, const StoredField& field) {
  std::array<PointShares, 3> lengths;
  for (int axis = 0; axis < 3; ++axis) {
    const std::size_t d = static_cast<std::size_t>(axis);
    const Axis& line = context.grid.axis(axis);
    lengths[d] = point_shares(context, axis, field.places[d], line.low(), line.high());
  }
  return lengths;
}
double whole_volume(const WaveContext& context, const StoredField& field,
                    const std::array<int, 3>& p) {
  double volume = 1.0;
  for (int axis = 0; axis < 3; ++axis)
    volume *= point_width(context, axis, field.places[static_cast<std::size_t>(axis)],
                          p[static_cast<std::size_t>(axis)]);
  return volume;
}

// What a source at a point in an endless uniform medium radiates, per moment squared; 0: nothing.
double uniform_power(const WaveContext& context, const StoredField& field,
                     const std::array<int, 3>& p, double frequency) {
  const bool sound = context.equations == Equations::sound;
  const bool first = field.component < first_group_size(context.size.system);
  // C of the other group's component number 0 stands for the medium's, which is uniform here.
  const int other = first ? first_group_size(context.size.system) : 0;
  const double own = coefficient_at(context, field.component, p);
  const double partner = coefficient_at(context, other, p);
  const double eta = (sound ? context.impedance : vacuum_impedance) *
                     std::sqrt(first ? own / partner : partner / own);
  const double k = 2.0 * pi * frequency / (context.speed * std::sqrt(own * partner));
  const double g = first ? eta : 1.0 / eta;
  int dimensions = 0;
  for (int axis = 0; axis < 3; ++axis) dimensions += varies(context, axis) ? 1 : 0;
  if (sound && first)
    return dimensions == 3 ? g * k * k / (8.0 * pi) : dimensions == 2 ? g * k / 8.0 : g / 4.0;
  const bool in_space = varies(context, field.name[1] - 'x');
  if (sound) {
    if (!in_space) return 0.0;
    return dimensions == 3 ? g * k * k / (24.0 * pi) : dimensions == 2 ? g * k / 16.0 : g / 4.0;
  }
  if (dimensions == 3) return g * k * k / (12.0 * pi);
  if (dimensions == 2) return in_space ? g * k / 16.0 : g * k / 8.0;
  return in_space ? 0.0 : g / 4.0;
}

}  // namespace

SourcePower::SourcePower(TimeDomainSetup& setup, const WaveContext& context, std::string name,
                         std::span<const TimeSource> sources,
                         const std::vector<double>& frequencies, int every)
    : FrequencyMonitor(std::move(name), frequencies) {
  int dimensions = 0;
  for (int axis = 0; axis < 3; ++axis) dimensions += varies(context, axis) ? 1 : 0;
  unit_ = dimensions == 3 ? "W" : dimensions == 2 ? "W/m" : "W/m^2";
  WAVESMITH_VALIDATE(!sources.empty(),
                     "monitor " + this->name() + ": there is no source whose power to measure");
  const bool sound = context.equations == Equations::sound;
  std::size_t points = 0, most_points = 1;
  double moment = 0.0, modelled_moment = 0.0;
  bool one_field = true;
  for (int axis = 0; axis < 3; ++axis) most_points *= varies(context, axis) ? 2 : 1;
  for (const TimeSource& source : sources) {
    WAVESMITH_VALIDATE(
        source.rank == 1 && source.weights.size() == source.box.count(),
        "monitor " + this->name() +
            ": the power of a source is that of one waveform at given densities (kind "
            "\"current\"); measure that of others by a flux");
    const StoredField field = field_of(context, source.component);
    const std::array<PointShares, 3> lengths = modelled_lengths(context, field);
    Part part;
    part.monitor = add_spectrum(setup, source.component, source.box, frequencies, every);
    for_each_point(source.box, [&](const std::array<int, 3>& p, std::size_t number) {
      const double density = source.weights[number] / density_weight(context, field, p);
      double volume = 1.0;
      for (std::size_t d = 0; d < 3; ++d)
        volume *= lengths[d].length[static_cast<std::size_t>(p[d] - lengths[d].begin)];
      part.weights.push_back((sound ? 0.5 : -0.5) * density * volume * field.factor);
      moment += density * whole_volume(context, field, p);
      modelled_moment += density * volume;
    });
    points += source.box.count();
    one_field = one_field && source.component == sources.front().component;
    parts_.push_back(std::move(part));
  }
  if (!one_field || points > most_points || moment == 0.0) return;
  const TimeSource& source = sources.front();
  for (const double f : frequencies) {
    const double radiated =
        uniform_power(context, field_of(context, source.component), source.box.begin, f);
    // In a mirror a part of the source is modelled, and that part of what it radiates.
    uniform_.push_back(radiated * moment * modelled_moment);
  }
  if (uniform_.front() == 0.0) uniform_.clear();
}

std::vector<MonitorNumber> SourcePower::numbers() const {
  std::vector<MonitorNumber> numbers = {{"power", unit_, FieldPower::linear}};
  if (!uniform_.empty()) numbers.push_back({"enhancement", "1", FieldPower::linear});
  return numbers;
}

MonitorValues SourcePower::evaluate(const Spectra& spectra) const {
  MonitorValues values = zero_values();
  for (std::size_t f = 0; f < frequencies().size(); ++f) {
    Complex power = 0.0;
    for (const Part& part : parts_) {
      const std::vector<Complex>& spectrum = spectra[static_cast<std::size_t>(part.monitor)];
      const std::size_t points = part.weights.size();
      for (std::size_t i = 0; i < points; ++i) power += part.weights[i] * spectrum[f * points + i];
    }
    values[0][f] = power;
    if (!uniform_.empty()) values[1][f] = power / uniform_[f];
  }
  return values;
}

void SourcePower::pull_back(const Spectra&, const MonitorValues& cotangent,
                            Spectra& cotangents) const {
  for (std::size_t f = 0; f < frequencies().size(); ++f) {
    Complex of_power = cotangent[0][f];
    if (!uniform_.empty()) of_power += cotangent[1][f] / uniform_[f];
    for (const Part& part : parts_) {
      std::vector<Complex>& back = cotangents[static_cast<std::size_t>(part.monitor)];
      const std::size_t points = part.weights.size();
      for (std::size_t i = 0; i < points; ++i) back[f * points + i] += part.weights[i] * of_power;
    }
  }
}

}  // namespace wavesmith
