// [[source]] of a scene of waves in time.
#include <algorithm>
#include <cmath>

#include "apps/scene_place.hpp"
#include "apps/wave_parts.hpp"
#include "apps/wave_problem.hpp"
#include "core/error.hpp"
#include "physics/vacuum.hpp"
#include "solvers/current_source.hpp"
#include "solvers/gaussian_beam.hpp"
#include "solvers/mode_source.hpp"
#include "solvers/piston_source.hpp"
#include "solvers/total_field_box.hpp"

namespace wavesmith {
namespace {

std::vector<std::string> field_names(const WaveProblem& problem) {
  std::vector<std::string> names;
  for (const StoredField& field : fields_of(problem.equations)) names.push_back(field.name);
  return names;
}

void read_current(const SceneTable& table, const WaveProblem& problem, SourcePart& part) {
  const std::string field = table.choice("field", field_names(problem));
  const Vec3 centre = read_position(table, "centre", problem.dimensions);
  const Vec3 size = read_position(table, "size", problem.dimensions);
  const double strength = table.number("strength", 1.0);
  for (const double length : size)
    if (length < 0.0) throw table.error("size", "is negative");
  part.make = [=, waveform = part.waveform](const TimeDomainSetup&, const WaveContext& context) {
    return current_source(context, field, centre - 0.5 * size, centre + 0.5 * size, strength,
                          waveform);
  };
}

// `direction` as numbers along the axes, or in two dimensions `angle` from the x axis.
Vec3 read_direction(const SceneTable& table, int dimensions) {
  Vec3 direction{1.0, 0.0, 0.0};
  if (table.has("angle")) {
    if (dimensions != 2) throw table.error("angle", "is for two dimensions; give a direction");
    const double angle = table.angle("angle");
    return {std::cos(angle), std::sin(angle), 0.0};
  }
  if (!table.has("direction")) return direction;
  const std::vector<double> given =
      table.numbers("direction", {}, Count::exactly(static_cast<std::size_t>(dimensions)));
  direction = {};
  std::copy(given.begin(), given.end(), direction.begin());
  if (length(direction) == 0.0) throw table.error("direction", "has no length");
  return unit_vector(direction);
}

// E in the plane of two dimensions, or along the axis given.
Vec3 read_polarisation(const SceneTable& table, const WaveProblem& problem, const Vec3& direction) {
  if (problem.equations != Equations::maxwell) return {0.0, 0.0, 1.0};
  if (problem.transverse_electric) return {-direction[1], direction[0], 0.0};
  const std::vector<double> given = table.numbers("polarisation", {}, Count::exactly(3));
  const Vec3 e = {given[0], given[1], given[2]};
  if (std::abs(dot(e, direction)) > 1e-6 * length(e))
    throw table.error("polarisation", "is not across the direction of travel");
  return e;
}

// The domain without its absorbing layers and a few cells in front of them.
std::array<Vec3, 2> inner_box(const WaveProblem& problem) {
  constexpr int distance = 4;  // cells
  std::array<Vec3, 2> box{};
  for (std::size_t d = 0; d < 3; ++d) {
    const Axis& axis = problem.setup.grid.axes[d];
    const auto& faces = problem.setup.boundaries.faces[d];
    const int away = problem.setup.boundaries.layer.cells + distance;
    const int low = faces[0] == Boundary::absorbing ? std::min(away, axis.cells() - 1) : 0;
    const int high =
        faces[1] == Boundary::absorbing ? std::max(axis.cells() - away, 1) : axis.cells();
    box[0][d] = axis.edge(low);
    box[1][d] = axis.edge(high);
  }
  return box;
}

struct WaveMedium {
  double impedance = 1.0, speed = 1.0;
};
WaveMedium medium_of(const WaveProblem& problem, int material, double frequency) {
  const auto number = static_cast<std::size_t>(material);
  if (problem.equations == Equations::sound) {
    const SoundMaterial& sound = problem.materials.sound[number];
    return {sound.density * sound.speed, sound.speed};
  }
  const LightMaterial& light = problem.materials.light[number];
  const double permittivity = light.medium.permittivity(2.0 * pi * frequency).real();
  return {vacuum_impedance * std::sqrt(light.permeability / permittivity),
          speed_of_light / std::sqrt(light.permeability * permittivity)};
}

void read_plane_wave(const SceneTable& table, const WaveProblem& problem, SourcePart& part) {
  PlaneWaveBox wave;
  const std::array<Vec3, 2> inner = inner_box(problem);
  wave.low = inner[0];
  wave.high = inner[1];
  if (table.has("size")) {
    const Vec3 centre = read_position(table, "centre", problem.dimensions);
    const Vec3 size = read_position(table, "size", problem.dimensions);
    for (std::size_t d = 0; d < static_cast<std::size_t>(problem.dimensions); ++d) {
      wave.low[d] = centre[d] - 0.5 * size[d];
      wave.high[d] = centre[d] + 0.5 * size[d];
    }
  }
  wave.direction = read_direction(table, problem.dimensions);
  wave.polarisation = read_polarisation(table, problem, wave.direction);
  wave.amplitude = table.number("amplitude", 1.0);
  wave.waveform = part.waveform;
  // Intensity of a wave of this amplitude, in the background.
  const double impedance = medium_of(problem, 0, part.waveform.frequency).impedance;
  part.power = wave.amplitude * wave.amplitude / (2.0 * impedance);
  part.make = [=](const TimeDomainSetup& setup, const WaveContext& context) {
    return plane_wave_source(setup, context, wave).sources;
  };
}

// Of a beam in the medium of its sheet: the paraxial beam's, I w sqrt(pi / 2) in two dimensions and
// I pi w^2 / 2 in three, with the intensity I in the focus, less what its waves lose by their tilt
// (the mean of 1 - k_n / k to second order in 1 / k w).
double beam_power(const WaveProblem& problem, const GaussianBeam& beam) {
  const auto w = static_cast<std::size_t>(beam.axis);
  const double across = beam.direction[w];
  if (across == 0.0) return 0.0;  // refused when it is made
  const Vec3 crossing = beam.focus + (beam.plane - beam.focus[w]) / across * beam.direction;
  const double frequency = beam.waveform.frequency;
  const WaveMedium medium = medium_of(problem, problem.geometry.material_at(crossing), frequency);
  const double intensity = beam.amplitude * beam.amplitude / (2.0 * medium.impedance);
  const double k = 2.0 * pi * frequency / medium.speed;
  const int axes = problem.dimensions - 1;  // across the beam
  const double tilted = 1.0 - 0.5 * axes / std::pow(k * beam.waist, 2);
  return intensity * std::pow(beam.waist * std::sqrt(0.5 * pi), axes) * tilted;
}

void read_beam(const SceneTable& table, const WaveProblem& problem, SourcePart& part) {
  GaussianBeam beam;
  const std::vector<std::string> names = {"x", "y", "z"};
  beam.axis = table.choice("axis", {names.begin(), names.begin() + problem.dimensions})[0] - 'x';
  beam.plane = table.length("position");
  beam.direction = read_direction(table, problem.dimensions);
  beam.focus = read_position(table, "focus", problem.dimensions);
  beam.waist = table.length("waist", Range::above(0));
  beam.polarisation = read_polarisation(table, problem, beam.direction);
  beam.amplitude = table.number("amplitude", 1.0);
  beam.waveform = part.waveform;
  part.power = beam_power(problem, beam);
  part.make = [=](const TimeDomainSetup&, const WaveContext& context) {
    return gaussian_beam_source(context, beam).sources;
  };
}

void read_mode(const SceneTable& table, const WaveProblem& problem, SourcePart& part) {
  if (problem.equations == Equations::sound) throw table.error("kind", "is for light");
  const PlaneRectangle plane = read_rectangle(table, problem);
  const bool whole = !table.has("size");
  const Travel travel = table.choice("travel", {"forward", "backward"}, "forward") == "forward"
                            ? Travel::forward
                            : Travel::backward;
  const ModeChoice choice = read_mode_choice(table, "mode", problem, plane.axis);
  const OneMode mode{choice.count - 1, choice.index_guess, choice.family};
  const double amplitude = table.number("amplitude", 1.0);
  part.power = amplitude * amplitude;
  part.make = [=, waveform = part.waveform](const TimeDomainSetup& setup,
                                            const WaveContext& context) {
    const SectionPlane section =
        whole ? section_plane(context, plane.axis, plane.position)
              : section_plane(context, plane.axis, plane.position, plane.low, plane.high);
    return mode_source(setup, context, section, travel, mode, amplitude, waveform).sources;
  };
}

void require_sound(const SceneTable& table, const WaveProblem& problem) {
  if (problem.equations != Equations::sound)
    throw table.error("kind", "is for domain.equations = \"sound\"");
}

void read_piston(const SceneTable& table, const WaveProblem& problem, SourcePart& part) {
  require_sound(table, problem);
  FlatPiston piston;
  piston.axis = table.choice("axis", {"x", "y", "z"})[0] - 'x';
  piston.centre = read_position(table, "centre", problem.dimensions);
  piston.radius = table.length("radius", 0.0, Range::above(0));
  if (piston.radius == 0.0) piston.sides = read_position(table, "size", problem.dimensions);
  const double velocity = table.quantity("velocity", Dimension::speed, 1.0);
  part.make = [=, waveform = part.waveform](const TimeDomainSetup&, const WaveContext& context) {
    return piston_source(context, piston, velocity, waveform);
  };
}

void read_bowl(const SceneTable& table, const WaveProblem& problem, SourcePart& part) {
  require_sound(table, problem);
  const Vec3 apex = read_position(table, "apex", problem.dimensions);
  const Vec3 axis = read_direction(table, problem.dimensions);
  const double radius = table.length("curvature_radius", Range::above(0));
  const double aperture = table.length("aperture_radius", Range{0.0, radius, true, false});
  const double velocity = table.quantity("velocity", Dimension::speed, 1.0);
  part.make = [=, waveform = part.waveform](const TimeDomainSetup&, const WaveContext& context) {
    return surface_source(context, bowl_points(context, apex, axis, radius, aperture), velocity,
                          waveform);
  };
}

// Elements in a row or a grid, perhaps delayed to meet at a focus.
void read_array(const SceneTable& table, const WaveProblem& problem, SourcePart& part) {
  require_sound(table, problem);
  const std::size_t dimensions = static_cast<std::size_t>(problem.dimensions);
  const Vec3 centre = read_position(table, "centre", problem.dimensions);
  const Vec3 normal = read_direction(table, problem.dimensions);
  const double radius = table.length("element_radius", Range::above(0));
  const std::vector<int> counts =
      table.integers("counts", IntegerRange::between(1, 4096), Count::exactly(dimensions));
  const std::vector<double> pitch =
      table.lengths("pitch", Range::at_least(0), Count::exactly(dimensions));
  std::vector<ArrayElement> elements;
  std::array<int, 3> n = {1, 1, 1};
  std::copy(counts.begin(), counts.end(), n.begin());
  if (static_cast<double>(n[0]) * n[1] * n[2] > 1e5)
    throw table.error("counts", "makes more than 100000 elements");
  for (int k = 0; k < n[2]; ++k)
    for (int j = 0; j < n[1]; ++j)
      for (int i = 0; i < n[0]; ++i) {
        const std::array<int, 3> at = {i, j, k};
        ArrayElement element;
        element.centre = centre;
        for (std::size_t d = 0; d < dimensions; ++d)
          element.centre[d] += pitch[d] * (at[d] - 0.5 * (n[d] - 1));
        element.normal = normal;
        element.radius = radius;
        elements.push_back(element);
      }
  if (table.has("focus"))
    focus_array(elements, read_position(table, "focus", problem.dimensions),
                problem.materials.sound.front().speed);
  const double velocity = table.quantity("velocity", Dimension::speed, 1.0);
  part.make = [=, waveform = part.waveform](const TimeDomainSetup&, const WaveContext& context) {
    return array_source(context, elements, velocity, waveform);
  };
}

struct SourceKind {
  WaveKind kind;
  void (*read)(const SceneTable& table, const WaveProblem& problem, SourcePart& part);
};
constexpr SourceKind source_kinds[] = {
    {{"current", "A uniform current, force or volume flow at a point, on a line, sheet or box"},
     read_current},
    {{"plane_wave", "A plane wave at any angle, inside of a box of total field"}, read_plane_wave},
    {{"mode", "A mode of a waveguide, sent one way"}, read_mode},
    {{"beam", "A Gaussian beam of light or sound, sent one way, at any tilt"}, read_beam},
    {{"piston", "A disc or rectangle that moves in a wall (sound)"}, read_piston},
    {{"bowl", "A focused bowl (sound)"}, read_bowl},
    {{"array", "Discs in a row or a grid, perhaps delayed to meet in a focus (sound)"},
     read_array}};

}  // namespace

std::vector<WaveKind> list_wave_sources() {
  std::vector<WaveKind> kinds;
  for (const SourceKind& entry : source_kinds) kinds.push_back(entry.kind);
  return kinds;
}

SourcePart read_source(const SceneTable& table, const WaveProblem& problem) {
  SourcePart part;
  std::vector<std::string> kinds;
  for (const WaveKind& kind : list_wave_sources()) kinds.emplace_back(kind.name);
  part.kind = table.choice("kind", kinds);
  if (problem.bloch && part.kind != "current")
    throw table.error("kind",
                      "is not for a domain with Bloch phases; use \"current\", which follows the "
                      "phase: all across the period it sends out a plane wave");
  part.name = table.string("name", "source");
  const SceneTable signal = table.table("waveform");
  part.waveform = at_place(signal, "file", [&] {
    return read_waveform(signal, problem.equations == Equations::sound, problem.scene_folder);
  });
  for (const SourceKind& entry : source_kinds)
    if (part.kind == entry.kind.name) entry.read(table, problem, part);
  part.make = [table, make = part.make](const TimeDomainSetup& setup, const WaveContext& context) {
    return at_place(table, "", [&] { return make(setup, context); });
  };
  return part;
}

}  // namespace wavesmith
