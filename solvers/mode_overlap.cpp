#include "solvers/mode_overlap.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

// A transverse component of the section among the fields of the march, if it is stored.
struct SectionPart {
  bool electric = true;
  std::size_t component = 0;  // u, v
  StoredField field;
};

std::vector<SectionPart> stored_parts(Equations equations, const SectionPlane& plane) {
  std::vector<SectionPart> parts;
  for (const bool electric : {true, false})
    for (std::size_t c = 0; c < 2; ++c) {
      const std::string name =
          std::string(electric ? "E" : "H") + "xyz"[c == 0 ? plane.u() : plane.v()];
      for (const StoredField& field : fields_of(equations))
        if (field.name == name) parts.push_back({electric, c, field});
    }
  return parts;
}

double uniform_cell(const WaveContext& context, const SectionPlane& plane) {
  const Axis& line = context.grid.axis(plane.axis);
  const double cell = line.width(plane.index), before = line.width(plane.index - 1);
  WAVESMITH_VALIDATE(
      std::abs(cell - before) <= 1e-9 * cell,
      "modes are known where the cells along the guide are equal; move the plane, or "
      "make the grid even there");
  return cell;
}

// The highest index of the cells beside the walls that cut a section off.
double index_at_rim(const CrossSection& section) {
  double highest = 0.0;
  for (const int component : {0, 1}) {
    const std::array<int, 2> shape = electric_shape(section, component);
    const std::vector<double>& permittivity =
        section.permittivity[static_cast<std::size_t>(component)];
    const auto look = [&](int a, int b) {
      highest = std::max(
          highest, permittivity[static_cast<std::size_t>(b) * static_cast<std::size_t>(shape[0]) +
                                static_cast<std::size_t>(a)]);
    };
    for (int b = 0; b < shape[1] && section.u.cells() > 1; ++b) {
      if (section.u_low == SectionWall::electric) look(0, b);
      if (section.u_high == SectionWall::electric) look(shape[0] - 1, b);
    }
    for (int a = 0; a < shape[0] && section.v.cells() > 1; ++a) {
      if (section.v_low == SectionWall::electric) look(a, 0);
      if (section.v_high == SectionWall::electric) look(a, shape[1] - 1);
    }
  }
  return std::sqrt(highest);
}

}  // namespace

ModeOverlap::ModeOverlap(TimeDomainSetup& setup, std::string name, const SectionPlane& plane,
                         const ModeChoice& choice, const std::vector<double>& frequencies,
                         int every)
    : FrequencyMonitor(std::move(name), frequencies), count_(choice.count) {
  WAVESMITH_VALIDATE(choice.count >= 1, "monitor " + this->name() + ": at least one mode");
  const Equations equations =
      setup.system == WaveSystem::maxwell ? Equations::maxwell : Equations::tm;
  const WaveContext context = context_of(setup, equations);
  const double cell = uniform_cell(context, plane);
  ModeFamily family = choice.family;
  if (equations == Equations::tm)
    family = plane.axis == 0 ? ModeFamily::e_along_v : ModeFamily::e_along_u;

  const std::vector<SectionPart> stored = stored_parts(equations, plane);
  std::vector<GridBox> boxes;
  for (const SectionPart& part : stored) {
    boxes.push_back(section_points(context, plane, part.field));
    parts_.push_back({add_spectrum(setup, part.field.component, boxes.back(), frequencies, every),
                      boxes.back().count(),
                      {}});
    parts_.back().weights.resize(2 * static_cast<std::size_t>(count_));
  }
  for (const double frequency : frequencies) {
    const CrossSection section = cross_section_at(setup, plane, frequency);
    const WaveguideModes solver(section, frequency, setup.dt, cell);
    rim_index_.push_back(index_at_rim(section));
    modes_.push_back(solver.find(count_, choice.index_guess, family));
    WAVESMITH_VALIDATE(modes_.back().size() >= static_cast<std::size_t>(count_),
                       "monitor " + this->name() + ": the section has fewer than " +
                           std::to_string(count_) + " modes");
    modes_.back().resize(static_cast<std::size_t>(count_));
    for (int m = 0; m < count_; ++m) {
      const ModeProjection projection = solver.projection(
          modes_.back()[static_cast<std::size_t>(m)], MagneticSamples::half_cell_ahead);
      for (std::size_t p = 0; p < stored.size(); ++p) {
        const SectionPart& part = stored[p];
        const int component = static_cast<int>(part.component);
        const std::array<int, 2> shape =
            part.electric ? electric_shape(section, component) : magnetic_shape(section, component);
        for (const bool forward : {true, false}) {
          const SectionField& all = forward ? projection.forward : projection.backward;
          const std::vector<Complex>& given =
              part.electric ? all.e[part.component] : all.h[part.component];
          std::vector<Complex> weights(parts_[p].points);
          for (int b = 0; b < shape[1]; ++b)
            for (int a = 0; a < shape[0]; ++a) {
              const auto number = number_of_position(context, plane, boxes[p], a, b);
              if (!number) continue;
              weights[*number] +=
                  part.field.factor *
                  given[static_cast<std::size_t>(b) * static_cast<std::size_t>(shape[0]) +
                        static_cast<std::size_t>(a)];
            }
          parts_[p].weights[forward ? forward_row(m) : backward_row(m)].push_back(
              std::move(weights));
        }
      }
    }
  }
}

std::vector<MonitorNumber> ModeOverlap::numbers() const {
  std::vector<MonitorNumber> numbers;
  for (int m = 1; m <= count_; ++m)
    for (const char* direction : {"forward", "backward"})
      numbers.push_back(
          {"mode " + std::to_string(m) + " " + direction, "sqrt(W)", FieldPower::linear, m});
  return numbers;
}

MonitorValues ModeOverlap::evaluate(const Spectra& spectra) const {
  MonitorValues values = zero_values();
  for (const Part& part : parts_) {
    const auto& spectrum = spectra[static_cast<std::size_t>(part.monitor)];
    for (std::size_t n = 0; n < values.size(); ++n)
      for (std::size_t f = 0; f < values[n].size(); ++f)
        for (std::size_t p = 0; p < part.points; ++p)
          values[n][f] += part.weights[n][f][p] * spectrum[f * part.points + p];
  }
  return values;
}

void ModeOverlap::pull_back(const Spectra&, const MonitorValues& cotangent,
                            Spectra& cotangents) const {
  for (const Part& part : parts_) {
    auto& back = cotangents[static_cast<std::size_t>(part.monitor)];
    for (std::size_t n = 0; n < cotangent.size(); ++n)
      for (std::size_t f = 0; f < cotangent[n].size(); ++f)
        for (std::size_t p = 0; p < part.points; ++p)
          back[f * part.points + p] += std::conj(part.weights[n][f][p]) * cotangent[n][f];
  }
}

}  // namespace wavesmith
