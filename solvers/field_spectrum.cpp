#include "solvers/field_spectrum.hpp"

#include <algorithm>
#include <utility>

#include "core/error.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

std::vector<double> coordinates_along(const WaveContext& context, int axis, Place points,
                                      double low, double high, const std::string& name) {
  const Axis& line = context.grid.axis(axis);
  if (!varies(context, axis)) return {points == Place::edge ? line.low() : line.centre(0)};
  const double slack = 1e-6 * (line.high() - line.low()) / line.cells();
  const std::string along = "monitor " + name + ": its box along " + std::string(1, "xyz"[axis]);
  WAVESMITH_VALIDATE(low >= line.low() - slack && high <= line.high() + slack && low <= high,
                     along + " is not inside of the grid, from " + std::to_string(line.low()) +
                         " m to " + std::to_string(line.high()) + " m; move it inside");
  if (high - low <= slack) return {std::clamp(low, line.low(), line.high())};
  std::vector<double> coordinates;
  for (int i = 0; i < line.cells() + (points == Place::edge ? 1 : 0); ++i) {
    const double x = points == Place::edge ? line.edge(i) : line.centre(i);
    if (x >= low - slack && x <= high + slack) coordinates.push_back(x);
  }
  WAVESMITH_VALIDATE(!coordinates.empty(),
                     along + " holds no point; make it a cell wide, or give one position");
  return coordinates;
}

}  // namespace

FieldSpectrum::Stencil FieldSpectrum::stencil_at(const WaveContext& context, int axis, Place place,
                                                 double x) {
  if (!varies(context, axis)) return {{0, 0}, {1.0, 0.0}};
  const Axis& line = context.grid.axis(axis);
  const int n = line.cells(), count = wavesmith::point_count(context, axis, place);
  const bool periodic = context.size.periodic[static_cast<std::size_t>(axis)];
  const auto at = [&](int i) { return point_position(context, axis, place, i); };
  int i = 0;
  while (i + 1 < count && at(i + 1) <= x) ++i;
  if (x < at(0)) {  // centres: before the first one
    if (!periodic) return {{0, 0}, {1.0, 0.0}};
    const double gap = 0.5 * (line.width(0) + line.width(n - 1));
    const double share = (at(0) - x) / gap;
    return {{0, n - 1}, {1.0 - share, share}};
  }
  if (i + 1 < count) {
    const double share = (x - at(i)) / (at(i + 1) - at(i));
    return {{i, i + 1}, {1.0 - share, share}};
  }
  // After the last stored point: an edge that is the first one again, or held at zero.
  if (place == Place::edge && i < n) {
    const double share = (x - line.edge(i)) / line.width(i);
    return {{i, 0}, {1.0 - share, periodic ? share : 0.0}};
  }
  if (place == Place::centre && periodic) {
    const double share = (x - at(i)) / (0.5 * (line.width(0) + line.width(n - 1)));
    return {{i, 0}, {1.0 - share, share}};
  }
  return {{i, i}, {1.0, 0.0}};
}

FieldSpectrum::FieldSpectrum(TimeDomainSetup& setup, const WaveContext& context, std::string name,
                             const std::vector<std::string>& fields, const Vec3& low,
                             const Vec3& high, Place points, const std::vector<double>& frequencies,
                             int every)
    : FrequencyMonitor(std::move(name), frequencies) {
  for (std::size_t d = 0; d < 3; ++d)
    coordinates_[d] =
        coordinates_along(context, static_cast<int>(d), points, low[d], high[d], this->name());
  std::vector<StoredField> chosen;
  if (fields.empty()) chosen = fields_of(context.equations, context.impedance);
  for (const std::string& one : fields)
    chosen.push_back(find_field(context.equations, one, context.impedance));
  for (const StoredField& field : chosen) {
    // A velocity along an axis of one cell is zero throughout and still a field.
    Part part;
    part.field = field;
    for (std::size_t d = 0; d < 3; ++d) {
      part.box.begin[d] = context.size.points[d];
      part.box.end[d] = 0;
      for (const double x : coordinates_[d]) {
        const Stencil stencil = stencil_at(context, static_cast<int>(d), field.places[d], x);
        for (std::size_t i = 0; i < 2; ++i) {
          if (stencil.weight[i] == 0.0) continue;
          part.box.begin[d] = std::min(part.box.begin[d], stencil.at[i]);
          part.box.end[d] = std::max(part.box.end[d], stencil.at[i] + 1);
        }
        part.stencils[d].push_back(stencil);
      }
      // A face where the field is held at zero: any point will do.
      if (part.box.end[d] == 0) part.box.begin[d] = 0, part.box.end[d] = 1;
    }
    part.monitor = wavesmith::add_spectrum(setup, field.component, part.box, frequencies, every);
    parts_.push_back(std::move(part));
  }
}

std::size_t FieldSpectrum::point_count() const {
  return coordinates_[0].size() * coordinates_[1].size() * coordinates_[2].size();
}

std::vector<MonitorNumber> FieldSpectrum::numbers() const {
  std::vector<MonitorNumber> numbers;
  for (const Part& part : parts_)
    numbers.push_back({part.field.name, part.field.unit, FieldPower::linear});
  return numbers;
}

template <class Work>
void FieldSpectrum::for_weights(const Part& part, const Work& work) const {
  const GridBox& box = part.box;
  const auto extent = [&](std::size_t d) { return box.end[d] - box.begin[d]; };
  std::size_t point = 0;
  for (const Stencil& z : part.stencils[2])
    for (const Stencil& y : part.stencils[1])
      for (const Stencil& x : part.stencils[0]) {
        for (std::size_t corner = 0; corner < 8; ++corner) {
          const std::size_t a = corner & 1, b = corner >> 1 & 1, c = corner >> 2;
          const double weight = x.weight[a] * y.weight[b] * z.weight[c];
          if (weight == 0.0) continue;
          const int number =
              ((z.at[c] - box.begin[2]) * extent(1) + y.at[b] - box.begin[1]) * extent(0) +
              x.at[a] - box.begin[0];
          work(point, static_cast<std::size_t>(number), weight * part.field.factor);
        }
        ++point;
      }
}

MonitorValues FieldSpectrum::evaluate(const Spectra& spectra) const {
  MonitorValues values;
  const std::size_t points = point_count();
  for (const Part& part : parts_) {
    const std::vector<Complex>& spectrum = spectra[static_cast<std::size_t>(part.monitor)];
    std::vector<Complex> field(frequencies().size() * points);
    for (std::size_t f = 0; f < frequencies().size(); ++f)
      for_weights(part, [&](std::size_t point, std::size_t number, double weight) {
        field[f * points + point] += weight * spectrum[f * part.box.count() + number];
      });
    values.push_back(std::move(field));
  }
  return values;
}

void FieldSpectrum::pull_back(const Spectra&, const MonitorValues& cotangent,
                              Spectra& cotangents) const {
  const std::size_t points = point_count();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    std::vector<Complex>& back = cotangents[static_cast<std::size_t>(part.monitor)];
    for (std::size_t f = 0; f < frequencies().size(); ++f)
      for_weights(part, [&](std::size_t point, std::size_t number, double weight) {
        back[f * part.box.count() + number] += weight * cotangent[i][f * points + point];
      });
  }
}

}  // namespace wavesmith
