// [[monitor]] of a scene of waves in time.
#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include "apps/scene_place.hpp"
#include "apps/wave_parts.hpp"
#include "apps/wave_problem.hpp"
#include "core/error.hpp"
#include "solvers/far_field.hpp"
#include "solvers/field_spectrum.hpp"
#include "solvers/flux.hpp"
#include "solvers/mode_overlap.hpp"
#include "solvers/scattering_parameters.hpp"
#include "solvers/source_power.hpp"
#include "solvers/stored_energy.hpp"

namespace wavesmith {
namespace {

// `centre` and `size`; along an axis without a size, and where `size` is missing, the whole domain.
std::array<Vec3, 2> read_box(const SceneTable& table, const WaveProblem& problem) {
  std::array<Vec3, 2> box{};
  const YeeGrid& grid = problem.setup.grid;
  for (std::size_t d = 0; d < 3; ++d) {
    box[0][d] = grid.axes[d].low();
    box[1][d] = grid.axes[d].high();
  }
  if (!table.has("size")) return box;
  const Vec3 centre = read_position(table, "centre", problem.dimensions);
  const Vec3 size = read_position(table, "size", problem.dimensions);
  for (std::size_t d = 0; d < static_cast<std::size_t>(problem.dimensions); ++d) {
    if (size[d] < 0.0) throw table.error("size", "is negative");
    box[0][d] = centre[d] - 0.5 * size[d];
    box[1][d] = centre[d] + 0.5 * size[d];
    const double slack = 1e-9 * (grid.axes[d].high() - grid.axes[d].low());
    if (box[0][d] < grid.axes[d].low() - slack || box[1][d] > grid.axes[d].high() + slack)
      throw table.error("size", std::string("reaches out of the domain along ") + "xyz"[d]);
    box[0][d] = std::max(box[0][d], grid.axes[d].low());
    box[1][d] = std::min(box[1][d], grid.axes[d].high());
  }
  return box;
}

using MonitorMaker = decltype(FrequencyMonitorPart::make);

MonitorMaker read_flux(const SceneTable& table, const WaveProblem& problem, const std::string& name,
                       const std::vector<double>& frequencies) {
  const PlaneRectangle plane = read_rectangle(table, problem);
  if (problem.setup.boundaries.bloch_phase[static_cast<std::size_t>(plane.axis)] != 0.0)
    throw table.error("axis", "is one with a Bloch phase; the flux is measured across the others");
  return [=](TimeDomainSetup& setup, const WaveContext& context, int every) {
    return std::make_unique<Flux>(setup, context, name, plane, frequencies, every);
  };
}

MonitorMaker read_box_flux(const SceneTable& table, const WaveProblem& problem,
                           const std::string& name, const std::vector<double>& frequencies) {
  const std::array<Vec3, 2> box = read_box(table, problem);
  const Flux::Sign sign = table.choice("sign", {"outward", "inward"}, "outward") == "outward"
                              ? Flux::Sign::outward
                              : Flux::Sign::inward;
  return [=](TimeDomainSetup& setup, const WaveContext& context, int every) {
    return std::make_unique<Flux>(setup, context, name, box[0], box[1], sign, frequencies, every);
  };
}

MonitorMaker read_modes(const SceneTable& table, const WaveProblem& problem,
                        const std::string& name, const std::vector<double>& frequencies) {
  if (problem.equations == Equations::sound) throw table.error("kind", "is for light");
  const PlaneRectangle plane = read_rectangle(table, problem);
  const ModeChoice choice = read_mode_choice(table, "modes", problem, plane.axis);
  return [=, whole = !table.has("size")](TimeDomainSetup& setup, const WaveContext& context,
                                         int every) {
    const SectionPlane section =
        whole ? section_plane(context, plane.axis, plane.position)
              : section_plane(context, plane.axis, plane.position, plane.low, plane.high);
    return std::make_unique<ModeOverlap>(setup, name, section, choice, frequencies, every);
  };
}

MonitorMaker read_spectrum(const SceneTable& table, const WaveProblem& problem,
                           const std::string& name, const std::vector<double>& frequencies) {
  const std::array<Vec3, 2> box = read_box(table, problem);
  const std::vector<std::string> fields = table.optional_strings("fields");
  for (const std::string& field : fields)
    at_place(table, "fields", [&] { return find_field(problem.equations, field); });
  return [=](TimeDomainSetup& setup, const WaveContext& context, int every) {
    return std::make_unique<FieldSpectrum>(setup, context, name, fields, box[0], box[1],
                                           Place::centre, frequencies, every);
  };
}

MonitorMaker read_energy(const SceneTable& table, const WaveProblem& problem,
                         const std::string& name, const std::vector<double>& frequencies) {
  const std::array<Vec3, 2> box = read_box(table, problem);
  return [=](TimeDomainSetup& setup, const WaveContext& context, int every) {
    return std::make_unique<EnergySpectrum>(setup, context, name, box[0], box[1], frequencies,
                                            every);
  };
}

// In two dimensions `directions`, evenly around; in three `theta` and `phi`, each with each.
std::vector<FarDirection> read_directions(const SceneTable& table, const WaveProblem& problem) {
  if (problem.dimensions == 2)
    return directions_in_plane(table.integer("directions", 72, IntegerRange::between(1, 100000)));
  std::vector<FarDirection> directions;
  for (const double theta : table.quantities("theta", Dimension::angle))
    for (const double phi : table.quantities("phi", Dimension::angle))
      directions.push_back({theta, phi});
  return directions;
}

MonitorMaker read_far_field(const SceneTable& table, const WaveProblem& problem,
                            const std::string& name, const std::vector<double>& frequencies) {
  const std::array<Vec3, 2> box = read_box(table, problem);
  FarFieldBox around{box[0], box[1]};
  if (problem.equations != Equations::sound) {
    const LightMaterial& background = problem.materials.light.front();
    around.permittivity = background.medium.permittivity(2.0 * pi * frequencies.front()).real();
    around.permeability = background.permeability;
  }
  const std::vector<FarDirection> directions = read_directions(table, problem);
  return [=](TimeDomainSetup& setup, const WaveContext& context, int every) {
    return std::make_unique<FarIntensity>(
        FarField(setup, context, name, around, directions, frequencies, every));
  };
}

// Of the first source, as numbers are per unit of its waveform.
MonitorMaker read_source_power(const SceneTable& table, const WaveProblem& problem,
                               const std::string& name, const std::vector<double>& frequencies) {
  std::vector<std::string> names;
  for (const SourcePart& source : problem.sources) names.push_back(source.name);
  const std::string wanted = table.choice("source", names);
  const SourcePart& source = problem.sources.front();
  if (wanted != source.name)
    throw table.error(
        "source", "is not the first source, by whose waveform powers are divided; put it first");
  if (source.kind != "current")
    throw table.error("source", "is of kind \"" + source.kind +
                                    "\"; the power of a source is that of a \"current\"; measure "
                                    "that of others by a flux");
  if (!table.boolean("per_waveform", true))
    throw table.error("per_waveform",
                      "is false, but a source's power is only known per unit of its waveform");
  return [name, frequencies, make = source.make](TimeDomainSetup& setup, const WaveContext& context,
                                                 int every) {
    return std::make_unique<SourcePower>(setup, context, name, make(setup, context), frequencies,
                                         every);
  };
}

struct MonitorKind {
  WaveKind kind;
  MonitorMaker (*read)(const SceneTable& table, const WaveProblem& problem, const std::string& name,
                       const std::vector<double>& frequencies);
};
constexpr MonitorKind monitor_kinds[] = {
    {{"flux", "Power through a rectangle, at frequencies"}, read_flux},
    {{"box_flux", "Power out of a box, at frequencies"}, read_box_flux},
    {{"modes", "Amplitudes of a waveguide's modes, both ways, at frequencies"}, read_modes},
    {{"spectrum", "Fields at frequencies"}, read_spectrum},
    {{"energy", "Energy in a box, at frequencies"}, read_energy},
    {{"far_field", "What a box radiates in each direction, at frequencies"}, read_far_field},
    {{"source_power", "Power that a current gives, and against a uniform medium, at frequencies"},
     read_source_power}};
constexpr WaveKind kinds_in_time[] = {
    {"snapshots", "Fields while they happen, as a series of pictures and files"},
    {"point", "A field at one place in time, and the resonances in it"}};

std::string read_field(const SceneTable& table, const std::string& key,
                       const WaveProblem& problem) {
  std::vector<std::string> names;
  for (const StoredField& field : fields_of(problem.equations)) names.push_back(field.name);
  return table.choice(key, names);
}

SnapshotPart read_snapshots(const SceneTable& table, const WaveProblem& problem) {
  SnapshotPart part;
  for (const std::string& field : table.strings("fields")) {
    at_place(table, "fields", [&] { return find_field(problem.equations, field); });
    part.fields.push_back(field);
  }
  const std::array<Vec3, 2> box = read_box(table, problem);
  part.low = box[0];
  part.high = box[1];
  part.from = table.quantity("from", Dimension::time, 0.0, Range::at_least(0));
  part.every = table.quantity("every", Dimension::time, Range::above(0));
  part.most = table.integer("count", std::numeric_limits<int>::max(), IntegerRange::at_least(1));
  const std::vector<int> stride =
      table.optional_integers("stride", IntegerRange::between(1, 1000), Count::between(1, 3));
  std::copy(stride.begin(), stride.end(), part.stride.begin());
  return part;
}

PointPart read_point(const SceneTable& table, const WaveProblem& problem) {
  PointPart part;
  part.field = read_field(table, "field", problem);
  part.position = read_position(table, "position", problem.dimensions);
  for (std::size_t d = 0; d < static_cast<std::size_t>(problem.dimensions); ++d)
    if (part.position[d] < problem.setup.grid.axes[d].low() ||
        part.position[d] > problem.setup.grid.axes[d].high())
      throw table.error("position", std::string("lies outside of the domain along ") + "xyz"[d]);
  if (table.has("resonances")) {
    const std::vector<double> band =
        table.quantities("resonances", Dimension::frequency, Range::above(0), Count::exactly(2));
    if (!(band[0] < band[1])) throw table.error("resonances", "is not [lowest, highest]");
    part.resonances = true;
    part.least = table.number("least_amplitude", part.least, Range::at_least(0));
    part.low = band[0];
    part.high = band[1];
  }
  return part;
}

// "2 1 4 3": the device looks the same where port 1 is called 2, port 2 is called 1, and so on.
std::vector<std::vector<std::size_t>> read_symmetries(const SceneTable& table, std::size_t ports) {
  std::vector<std::vector<std::size_t>> symmetries;
  for (const std::string& text : table.optional_strings("symmetries")) {
    std::istringstream words(text);
    std::vector<std::size_t> order;
    std::vector<bool> named(ports, false);
    for (std::size_t port = 0; words >> port;)
      if (port >= 1 && port <= ports && !named[port - 1]) {
        named[port - 1] = true;
        order.push_back(port - 1);
      }
    if (order.size() != ports || !words.eof())
      throw table.error("symmetries", "has \"" + text + "\", which is no order of " +
                                          std::to_string(ports) +
                                          " ports, each once, as in \"2 1\"");
    symmetries.push_back(std::move(order));
  }
  return symmetries;
}

void read_scattering(const SceneTable& root, WaveProblem& problem) {
  for (const SceneTable& table : root.tables("s_parameters")) {
    ScatteringPart part;
    part.name = table.string("name", "s_parameters");
    std::vector<std::string> names;
    for (const FrequencyMonitorPart& monitor : problem.monitors)
      if (monitor.kind == "modes") names.push_back(monitor.name);
    for (const SceneTable& port : table.tables("port", Count::at_least(1))) {
      const std::string name = port.choice("monitor", names);
      part.monitors.push_back(static_cast<std::size_t>(
          std::find_if(problem.monitors.begin(), problem.monitors.end(),
                       [&](const FrequencyMonitorPart& m) { return m.name == name; }) -
          problem.monitors.begin()));
      part.device_ahead.push_back(port.choice("device", {"ahead", "behind"}) == "ahead");
      if (problem.monitors[part.monitors.back()].frequencies !=
          problem.monitors[part.monitors.front()].frequencies)
        throw port.error("monitor", "has other frequencies than the first port");
    }
    part.excited = table.integer(
        "excited", IntegerRange::between(1, static_cast<std::int64_t>(part.monitors.size())));
    part.mode = table.integer("mode", 1, IntegerRange::between(1, 1000));
    part.symmetries = read_symmetries(table, part.monitors.size());
    problem.scattering.push_back(std::move(part));
  }
}

}  // namespace

PlaneRectangle read_rectangle(const SceneTable& table, const WaveProblem& problem) {
  const std::vector<std::string> names = {"x", "y", "z"};
  PlaneRectangle plane;
  plane.axis = table.choice("axis", {names.begin(), names.begin() + problem.dimensions})[0] - 'x';
  const std::array<Vec3, 2> box = read_box(table, problem);
  plane.low = box[0];
  plane.high = box[1];
  plane.position = table.length("position");
  const Axis& axis = problem.setup.grid.axis(plane.axis);
  if (plane.position <= axis.low() || plane.position >= axis.high())
    throw table.error("position", "lies outside of the domain");
  return plane;
}

ModeChoice read_mode_choice(const SceneTable& table, const std::string& key,
                            const WaveProblem& problem, int axis) {
  ModeChoice choice;
  choice.count = table.integer(key, 1, IntegerRange::between(1, 200));
  choice.index_guess = table.number("index_guess", 0.0, Range::at_least(0));
  if (problem.dimensions == 3) return choice;
  // Transverse axes of a guide along x are y and z, along y they are z and x: which of them is z?
  const bool along_z = problem.equations == Equations::tm;
  const bool v_is_z = axis == 0;
  choice.family = along_z == v_is_z ? ModeFamily::e_along_v : ModeFamily::e_along_u;
  return choice;
}

std::vector<WaveKind> list_wave_monitors() {
  std::vector<WaveKind> kinds(std::begin(kinds_in_time), std::end(kinds_in_time));
  for (const MonitorKind& entry : monitor_kinds) kinds.push_back(entry.kind);
  return kinds;
}

void read_monitors(const SceneTable& root, WaveProblem& problem) {
  std::vector<std::string> kinds;
  for (const WaveKind& kind : list_wave_monitors()) kinds.emplace_back(kind.name);
  std::vector<std::string> names;
  for (const SceneTable& table : root.tables("monitor")) {
    const std::string kind = table.choice("kind", kinds);
    if (problem.bloch && kind != "point" && kind != "flux" && kind != "energy")
      throw table.error("kind",
                        "is not for a domain with Bloch phases; there are \"point\", \"flux\" and "
                        "\"energy\"");
    const std::string name = table.string("name", kind);
    if (std::find(names.begin(), names.end(), name) != names.end())
      throw table.error("name", "is the name of two monitors; name them differently");
    if (name.empty() || name.size() > 100 || name.front() == '.' ||
        std::any_of(name.begin(), name.end(), [](char c) {
          return (c >= 0 && c <= ' ') || c == '/' || c == '\\' || c == 127;
        }))
      throw table.error("name",
                        "becomes the name of files: no spaces, slashes and dots in front, "
                        "and at most 100 letters");
    names.push_back(name);
    if (kind == "snapshots") {
      problem.snapshots.push_back(read_snapshots(table, problem));
      problem.snapshots.back().name = name;
    } else if (kind == "point") {
      problem.points.push_back(read_point(table, problem));
      problem.points.back().name = name;
    } else {
      FrequencyMonitorPart part;
      part.name = name;
      part.kind = kind;
      part.frequencies = read_frequencies(table, problem.equations == Equations::sound);
      for (const MonitorKind& entry : monitor_kinds)
        if (kind == entry.kind.name) part.make = entry.read(table, problem, name, part.frequencies);
      // New frequencies of a nonlinear medium are not in the waveform.
      part.per_waveform = table.boolean("per_waveform", true);
      // Fields at a single point are numbers, too.
      const Vec3 size = read_position(table, "size", problem.dimensions);
      part.gives_numbers = kind != "spectrum" || (table.has("size") && length(size) == 0.0);
      part.by_media = kind == "modes";
      part.make = [table, make = part.make](TimeDomainSetup& setup, const WaveContext& context,
                                            int every) {
        return at_place(table, "", [&] { return make(setup, context, every); });
      };
      problem.monitors.push_back(std::move(part));
    }
  }
  read_scattering(root, problem);
}

}  // namespace wavesmith
