#include "solvers/far_field.hpp"

#include <utility>

#include "core/error.hpp"
#include "solvers/grid_shares.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

std::vector<Complex> conjugates(std::vector<Complex> values) {
  for (Complex& value : values) value = std::conj(value);
  return values;
}

// Which way a vector's component, or a scalar, is seen in the image across an axis.
double parity(const StoredField& field, int axis, Boundary face) {
  const double even = face == Boundary::mirror ? 1.0 : -1.0;
  if (field.name == "p") return even;
  const bool along = field.name[1] == "xyz"[axis];
  return field.name[0] == 'H' ? (along ? even : -even) : (along ? -even : even);
}

bool symmetric(Boundary face) {
  return face == Boundary::mirror || face == Boundary::wall;
}

int component_of(const StoredField& field) {
  return field.name == "p" ? 0 : field.name[1] - 'x';
}

}  // namespace

FarField::FarField(TimeDomainSetup& setup, const WaveContext& context, std::string name,
                   const FarFieldBox& box, std::vector<FarDirection> directions,
                   const std::vector<double>& frequencies, int every)
    : FrequencyMonitor(std::move(name), frequencies),
      sound_(context.equations == Equations::sound),
      plane_(!varies(context, 2)),
      directions_(std::move(directions)) {
  WAVESMITH_VALIDATE(varies(context, 0) && varies(context, 1),
                     "monitor " + this->name() +
                         ": far fields are known in three dimensions, and in two with nothing "
                         "varying along z");
  WAVESMITH_VALIDATE(!directions_.empty(),
                     "monitor " + this->name() + " has no direction; give at least one");
  std::array<int, 3> begin{0, 0, 0}, end{0, 0, 0};
  std::array<std::array<bool, 2>, 3> image{};
  for (int axis = 0; axis < 3; ++axis) {
    if (!varies(context, axis)) continue;
    const std::size_t d = static_cast<std::size_t>(axis);
    const int n = context.grid.cells(axis);
    const std::string at =
        "monitor " + this->name() + ": the box of a far field along " + std::string(1, "xyz"[axis]);
    WAVESMITH_VALIDATE(!context.size.periodic[d],
                       at + " would repeat without end, as the grid is periodic; far fields of "
                            "periodic structures are sums of plane waves");
    begin[d] = nearest_edge(context, axis, box.low[d]);
    end[d] = nearest_edge(context, axis, box.high[d]);
    WAVESMITH_VALIDATE(end[d] > begin[d], at + " has no cell in it; make it wider");
    const auto& faces = context.boundaries.faces[d];
    image[d] = {begin[d] == 0 && symmetric(faces[0]), end[d] == n && symmetric(faces[1])};
    WAVESMITH_VALIDATE(!(image[d][0] && image[d][1]),
                       at + " is closed on both sides and has images without end; leave room on "
                            "one side at least");
    WAVESMITH_VALIDATE(
        (image[d][0] || begin[d] > std::max(0, context.size.shell_low[d])) &&
            (image[d][1] || end[d] < n - std::max(0, context.size.shell_high[d])),
        at + " reaches into the absorbing layer or the face of the grid; make it smaller");
  }
  for (int axis = 0; axis < 3; ++axis)
    for (const bool high : {false, true})
      if (varies(context, axis) && !image[static_cast<std::size_t>(axis)][high ? 1 : 0])
        add_face(setup, context, begin, end, axis, high, every);
  for (int axis = 0; axis < 3; ++axis)
    for (const bool high : {false, true})
      if (image[static_cast<std::size_t>(axis)][high ? 1 : 0]) add_images(context, axis, high);

  const SpaceDimension dimension = plane_ ? SpaceDimension::two : SpaceDimension::three;
  for (const double f : frequencies) {
    if (sound_)
      sound_maps_.emplace_back(dimension, first_.places, second_.places, f, context.speed,
                               context.impedance / context.speed);
    else
      light_maps_.emplace_back(dimension, first_.places, second_.places, f, box.permittivity,
                               box.permeability);
  }
  impedance_ = sound_ ? context.impedance : light_maps_[0].impedance();
}

void FarField::add_face(TimeDomainSetup& setup, const WaveContext& context,
                        const std::array<int, 3>& begin, const std::array<int, 3>& end, int axis,
                        bool high, int every) {
  const int edge = (high ? end : begin)[static_cast<std::size_t>(axis)];
  const std::vector<PlaneLink> links =
      plane_links(context, axis, context.grid.axis(axis).edge(edge));
  for (const StoredField& field : fields_of(context.equations, context.impedance)) {
    const bool first = field.component < first_group_size(context.size.system);
    const bool along = field.name != "p" && component_of(field) == axis;
    // Tangential E and H; pressure and normal velocity.
    if (sound_ ? !first && !along : along) continue;
    if (first)
      add_points(setup, context, field, begin, end, axis, high, edge, 1.0, every);
    else
      for (const PlaneLink& link : links)
        add_points(setup, context, field, begin, end, axis, high, link.centre, link.weight, every);
  }
}

void FarField::add_points(TimeDomainSetup& setup, const WaveContext& context,
                          const StoredField& field, const std::array<int, 3>& begin,
                          const std::array<int, 3>& end, int axis, bool high, int index,
                          double weight, int every) {
  std::array<PointShares, 3> shares;
  for (std::size_t d = 0; d < 3; ++d) {
    const int direction = static_cast<int>(d);
    const Axis& line = context.grid.axis(direction);
    if (direction == axis)
      shares[d] = {index, {1.0}};
    else
      shares[d] =
          point_shares(context, direction, field.places[d], line.edge(begin[d]), line.edge(end[d]));
  }
  const GridBox box = box_of(shares);
  const std::vector<double> areas = products_of(shares);
  const int monitor = wavesmith::add_spectrum(setup, field.component, box, frequencies(), every);
  Samples& samples = field.component < first_group_size(context.size.system) ? first_ : second_;
  for_each_point(box, [&](const std::array<int, 3>& p, std::size_t number) {
    SurfaceSample sample;
    sample.position = point_position(context, field, p);
    if (plane_) sample.position[2] = 0.0;
    sample.normal[static_cast<std::size_t>(axis)] = high ? 1.0 : -1.0;
    sample.area = areas[number] * weight;
    sample.component = component_of(field);
    samples.places.push_back(sample);
    samples.readings.push_back({monitor, number, areas.size(), field.factor});
  });
}

void FarField::add_images(const WaveContext& context, int axis, bool high) {
  const std::size_t d = static_cast<std::size_t>(axis);
  const Axis& line = context.grid.axis(axis);
  const double face = high ? line.high() : line.low();
  const Boundary boundary = context.boundaries.faces[d][high ? 1 : 0];
  const std::vector<StoredField> fields = fields_of(context.equations, context.impedance);
  for (Samples* samples : {&first_, &second_}) {
    const std::size_t count = samples->places.size();
    for (std::size_t i = 0; i < count; ++i) {
      SurfaceSample sample = samples->places[i];
      Reading reading = samples->readings[i];
      const std::string name =
          sound_ ? (samples == &first_ ? "p" : std::string("v") + "xyz"[sample.component])
                 : std::string(samples == &first_ ? "E" : "H") + "xyz"[sample.component];
      for (const StoredField& field : fields)
        if (field.name == name) reading.factor *= parity(field, axis, boundary);
      sample.position[d] = 2.0 * face - sample.position[d];
      sample.normal[d] = -sample.normal[d];
      samples->places.push_back(sample);
      samples->readings.push_back(reading);
    }
  }
}

std::vector<MonitorNumber> FarField::numbers() const {
  std::vector<MonitorNumber> numbers;
  for (std::size_t d = 1; d <= directions_.size(); ++d) {
    const std::string direction = " " + std::to_string(d);
    if (sound_) {
      numbers.push_back({"p" + direction, plane_ ? "Pa sqrt(m)" : "Pa m", FieldPower::linear});
      continue;
    }
    const std::string unit = plane_ ? "V/sqrt(m)" : "V";
    numbers.push_back({"E_theta" + direction, unit, FieldPower::linear});
    numbers.push_back({"E_phi" + direction, unit, FieldPower::linear});
  }
  return numbers;
}

std::vector<Complex> FarField::values_of(const Samples& samples, const Spectra& spectra,
                                         std::size_t frequency) const {
  std::vector<Complex> values;
  values.reserve(samples.readings.size());
  for (const Reading& reading : samples.readings)
    values.push_back(reading.factor * spectra[static_cast<std::size_t>(reading.monitor)]
                                             [frequency * reading.points + reading.point]);
  return values;
}

MonitorValues FarField::evaluate(const Spectra& spectra) const {
  MonitorValues values = zero_values();
  for (std::size_t f = 0; f < frequencies().size(); ++f) {
    const std::vector<Complex> first = values_of(first_, spectra, f);
    const std::vector<Complex> second = values_of(second_, spectra, f);
    if (sound_) {
      const std::vector<Complex> far = sound_maps_[f].far_pressure({first, second}, directions_);
      for (std::size_t d = 0; d < far.size(); ++d) values[d][f] = far[d];
      continue;
    }
    const std::vector<FarElectricField> far =
        light_maps_[f].far_field({first, second}, directions_);
    for (std::size_t d = 0; d < far.size(); ++d) {
      values[2 * d][f] = far[d].theta;
      values[2 * d + 1][f] = far[d].phi;
    }
  }
  return values;
}

// The maps' transposes have no conjugate: of cotangents they take conjugates to conjugates.
void FarField::pull_back(const Spectra&, const MonitorValues& cotangent,
                         Spectra& cotangents) const {
  const auto add = [&](const Samples& samples, const std::vector<Complex>& back, std::size_t f) {
    for (std::size_t i = 0; i < back.size(); ++i) {
      const Reading& reading = samples.readings[i];
      cotangents[static_cast<std::size_t>(reading.monitor)][f * reading.points + reading.point] +=
          reading.factor * std::conj(back[i]);
    }
  };
  for (std::size_t f = 0; f < frequencies().size(); ++f) {
    std::vector<Complex> column;
    for (const auto& row : cotangent) column.push_back(row[f]);
    column = conjugates(std::move(column));
    if (sound_) {
      const AcousticSurfaceFields back = sound_maps_[f].far_pressure_transpose(column, directions_);
      add(first_, back.pressure, f);
      add(second_, back.velocity, f);
      continue;
    }
    std::vector<FarElectricField> far;
    for (std::size_t d = 0; d < directions_.size(); ++d)
      far.push_back({column[2 * d], column[2 * d + 1]});
    const SurfaceFields back = light_maps_[f].far_field_transpose(far, directions_);
    add(first_, back.electric, f);
    add(second_, back.magnetic, f);
  }
}

MonitorValues FarField::intensity(const MonitorValues& far_fields) const {
  const std::size_t rows = sound_ ? 1 : 2;
  MonitorValues values(directions_.size(), std::vector<Complex>(frequencies().size()));
  for (std::size_t d = 0; d < values.size(); ++d)
    for (std::size_t f = 0; f < values[d].size(); ++f)
      for (std::size_t r = 0; r < rows; ++r)
        values[d][f] += std::norm(far_fields[rows * d + r][f]) / (2.0 * impedance_);
  return values;
}

MonitorValues FarField::intensity_derivative(const MonitorValues& far_fields,
                                             const MonitorValues& cotangent) const {
  const std::size_t rows = sound_ ? 1 : 2;
  MonitorValues back = far_fields;
  for (std::size_t row = 0; row < back.size(); ++row)
    for (std::size_t f = 0; f < back[row].size(); ++f)
      back[row][f] *= cotangent[row / rows][f].real() / impedance_;
  return back;
}

std::vector<MonitorNumber> FarIntensity::numbers() const {
  std::vector<MonitorNumber> numbers;
  for (std::size_t d = 1; d <= directions().size(); ++d)
    numbers.push_back({"intensity " + std::to_string(d), far_.in_plane() ? "W/m/rad" : "W/sr",
                       FieldPower::quadratic});
  return numbers;
}

MonitorValues FarIntensity::evaluate(const Spectra& spectra) const {
  return far_.intensity(far_.evaluate(spectra));
}

void FarIntensity::pull_back(const Spectra& spectra, const MonitorValues& cotangent,
                             Spectra& cotangents) const {
  far_.pull_back(spectra, far_.intensity_derivative(far_.evaluate(spectra), cotangent), cotangents);
}

std::vector<FarDirection> directions_in_plane(int count) {
  WAVESMITH_VALIDATE(count >= 1, "at least one direction in the plane");
  std::vector<FarDirection> directions;
  for (int i = 0; i < count; ++i) directions.push_back({0.5 * pi, 2.0 * pi * i / count});
  return directions;
}

}  // namespace wavesmith
