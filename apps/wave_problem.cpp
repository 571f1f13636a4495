#include "apps/wave_problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "apps/scene_place.hpp"
#include "apps/wave_coupled_modes.hpp"
#include "apps/wave_validate.hpp"
#include "core/error.hpp"
#include "core/memory.hpp"

namespace wavesmith {
namespace {

const char* const axis_names[] = {"x", "y", "z"};

// Cells from low to high, of `cell` outside of the finer stretches, whose width changes by at most
// `ratio` from one cell to the next.
struct Stretch {
  double low, high, cell;
};

Axis graded_axis(double low, double high, double cell, const std::vector<Stretch>& stretches,
                 double ratio) {
  if (stretches.empty())
    return uniform_axis(low, high,
                        std::max(1, static_cast<int>(std::llround((high - low) / cell))));
  // The width wanted at x: that of the stretches, growing by the ratio with every cell away.
  const double slope = (ratio - 1.0) / ratio;
  const auto wanted = [&](double x) {
    double width = cell;
    for (const Stretch& s : stretches) {
      const double away = std::max({0.0, s.low - x, x - s.high});
      width = std::min(width, s.cell + slope * away);
    }
    return width;
  };
  // Cells in x as a density 1 / width, summed finely; edges lie where the sum is a whole number.
  double finest = cell;
  for (const Stretch& s : stretches) finest = std::min(finest, s.cell);
  const int samples = static_cast<int>(std::min(4e6, std::ceil(8.0 * (high - low) / finest)));
  const double step = (high - low) / samples;
  std::vector<double> sum(static_cast<std::size_t>(samples) + 1, 0.0);
  for (int i = 0; i < samples; ++i)
    sum[static_cast<std::size_t>(i) + 1] =
        sum[static_cast<std::size_t>(i)] + step / wanted(low + (i + 0.5) * step);
  const int cells = std::max(1, static_cast<int>(std::ceil(sum.back() - 1e-9)));
  Axis axis;
  axis.edges = {low};
  std::size_t at = 0;
  for (int i = 1; i < cells; ++i) {
    const double goal = sum.back() * i / cells;
    while (sum[at + 1] < goal) ++at;
    axis.edges.push_back(
        low + step * (static_cast<double>(at) + (goal - sum[at]) / (sum[at + 1] - sum[at])));
  }
  axis.edges.push_back(high);
  return axis;
}

YeeGrid read_grid(const SceneTable& domain, int refine, int& dimensions) {
  const std::vector<double> size = domain.lengths("size", Range::above(0), Count::between(1, 3));
  dimensions = static_cast<int>(size.size());
  std::vector<double> cell =
      domain.lengths("cell", Range::above(0), Count::between(1, size.size()));
  if (cell.size() == 1) cell.assign(size.size(), cell.front());
  if (cell.size() != size.size())
    throw domain.error("cell", "has " + std::to_string(cell.size()) + " lengths for " +
                                   std::to_string(size.size()) + " axes; give one, or one each");
  for (double& width : cell) width /= refine;
  std::array<std::vector<Stretch>, 3> stretches;
  for (const SceneTable& finer : domain.tables("finer")) {
    const std::string name = finer.choice("axis", {"x", "y", "z"});
    const std::size_t axis = static_cast<std::size_t>(name[0] - 'x');
    if (axis >= size.size()) throw finer.error("axis", "is not an axis of this domain");
    const Stretch stretch = {finer.length("from"), finer.length("to"),
                             finer.length("cell", Range::above(0)) / refine};
    if (!(stretch.low < stretch.high)) throw finer.error("to", "does not lie above from");
    stretches[axis].push_back(stretch);
  }
  const double ratio = domain.number("largest_ratio", 1.1, Range::between(1.001, 2.0));
  YeeGrid grid;
  double cells = 1.0;
  for (std::size_t d = 0; d < size.size(); ++d) cells *= std::max(1.0, size[d] / cell[d]);
  if (cells > 1e18)
    throw domain.error("cell", fmt::format("makes {:.3g} cells; is the unit right?", cells));
  // Before anything is made of them; their fields alone.
  at_place(domain, "cell", [&] {
    require_memory(static_cast<std::uint64_t>(cells) * 4 * sizeof(float),
                   fmt::format("a grid of {:.3g} cells", cells));
  });
  for (std::size_t d = 0; d < size.size(); ++d) {
    if (size[d] / cell[d] > 1e8)
      throw domain.error("cell", "cuts the domain into more than 100 million cells along " +
                                     std::string(axis_names[d]) + "; is the unit right?");
    const double whole = size[d] / cell[d];
    if (stretches[d].empty() && std::abs(whole - std::round(whole)) > 1e-6 * whole)
      throw domain.error("size", "is " + format_number(whole) + " cells along " + axis_names[d] +
                                     "; make it a whole number of cells");
    grid.axes[d] = graded_axis(-0.5 * size[d], 0.5 * size[d], cell[d], stretches[d], ratio);
  }
  // One cell of no meaning along the axes that are missing, centred too.
  for (std::size_t d = size.size(); d < 3; ++d) grid.axes[d] = uniform_axis(-0.5, 0.5, 1);
  return grid;
}

Boundary boundary_named(const std::string& name) {
  return name == "absorbing" ? Boundary::absorbing
         : name == "wall"    ? Boundary::wall
         : name == "mirror"  ? Boundary::mirror
                             : Boundary::periodic;
}

GridBoundaries read_boundaries(const SceneTable& domain, int refine, int dimensions) {
  const std::vector<std::string> names = {"absorbing", "wall", "mirror", "periodic"};
  GridBoundaries boundaries;
  const Boundary all = boundary_named(domain.choice("boundary", names, "absorbing"));
  const SceneTable each = domain.optional_table("boundaries");
  for (std::size_t d = 0; d < 3; ++d) {
    if (static_cast<int>(d) >= dimensions) {
      boundaries.faces[d] = {Boundary::periodic, Boundary::periodic};
      continue;
    }
    const std::string axis = axis_names[d];
    Boundary both = all;
    if (each.has(axis)) both = boundary_named(each.choice(axis, names));
    boundaries.faces[d] = {both, both};
    for (const std::size_t side : {0u, 1u}) {
      const std::string key = axis + (side == 0 ? "_low" : "_high");
      if (each.has(key)) boundaries.faces[d][side] = boundary_named(each.choice(key, names));
    }
    if ((boundaries.faces[d][0] == Boundary::periodic) !=
        (boundaries.faces[d][1] == Boundary::periodic))
      throw each.error("makes only one face along " + axis + " periodic; both are, or neither");
  }
  AbsorbingLayer& layer = boundaries.layer;
  layer.cells =
      refine * domain.integer("absorbing_cells", layer.cells, IntegerRange::between(1, 1000));
  layer.reflection =
      domain.number("absorbing_reflection", layer.reflection, Range{1e-30, 0.999, true, false});
  layer.max_stretch = domain.number("absorbing_stretch", layer.max_stretch, Range::between(1, 100));
  layer.max_shift = 2.0 * pi * domain.frequency("absorbing_shift", 0.0, Range::at_least(0));
  return boundaries;
}

// [domain.bloch]: phases a period as angles, or wave numbers.
void read_bloch(const SceneTable& domain, WaveProblem& problem) {
  if (!domain.has("bloch")) return;
  problem.bloch = true;
  const SceneTable bloch = domain.table("bloch");
  GridBoundaries& boundaries = problem.setup.boundaries;
  bool any = false;
  for (std::size_t d = 0; d < static_cast<std::size_t>(problem.dimensions); ++d) {
    const Axis& axis = problem.setup.grid.axes[d];
    const bool periodic = boundaries.faces[d][0] == Boundary::periodic && axis.cells() > 1;
    any = any || periodic;
    if (!bloch.has(axis_names[d])) continue;
    if (!periodic)
      throw bloch.error(axis_names[d],
                        std::string("is a phase along an axis that is not periodic; ") + "write " +
                            axis_names[d] + " = \"periodic\" in [domain.boundaries]");
    // "2.1 1/um", or what the getter of angles takes.
    Quantity number{0.0, "not a wave number"};
    if (bloch.kind(axis_names[d]) == ValueKind::string)
      number = read_quantity(bloch.string(axis_names[d]), Dimension::inverse_length);
    boundaries.bloch_phase[d] =
        number.ok() ? number.value * (axis.high() - axis.low()) : bloch.angle(axis_names[d]);
  }
  if (!any) throw domain.error("bloch", "needs a periodic axis; name one in [domain.boundaries]");
}

void refuse_nonlinear_bloch(const SceneTable& domain, const WaveMaterials& materials) {
  std::string found;
  for (std::size_t m = 0; m < materials.names.size(); ++m) {
    const bool nonlinear = materials.light.empty() ? materials.sound[m].beta != 0.0
                                                   : materials.light[m].medium.chi2 != 0.0 ||
                                                         materials.light[m].medium.chi3 != 0.0;
    if (nonlinear) found = materials.names[m];
  }
  if (!found.empty())
    throw domain.error("bloch", "makes complex fields, which material " + found +
                                    ", nonlinear, would mix; make it linear, or march a whole "
                                    "crystal of real fields");
}

void read_equations(const SceneTable& domain, WaveProblem& problem) {
  const std::string name = domain.choice("equations", {"maxwell", "tm", "te", "sound"});
  if (name == "sound") {
    problem.equations = Equations::sound;
  } else if (name == "tm" || (name == "maxwell" && problem.dimensions == 1)) {
    problem.equations = Equations::tm;
    if (problem.dimensions == 3)
      throw domain.error("equations", "is for one and two dimensions; use \"maxwell\"");
  } else {
    problem.equations = Equations::maxwell;
    problem.transverse_electric = name == "te";
    if (problem.transverse_electric && problem.dimensions != 2)
      throw domain.error("equations", "is for two dimensions; use \"maxwell\"");
  }
}

StopPart read_stop(const SceneTable& table) {
  StopPart stop;
  stop.time = table.quantity("time", Dimension::time, Range::above(0));
  stop.decay = table.number("until_decayed", 0.0, Range{0.0, 0.5, true, false});
  stop.save_every =
      table.quantity("save_every", Dimension::time, stop.save_every, Range::at_least(0));
  return stop;
}

WaveMetricPart read_wave_metric(const SceneTable& table, const WaveProblem& problem) {
  WaveMetricPart part;
  part.place = table.where() + ": " + table.path();
  part.name = table.string("name");
  part.scale = table.number("scale", 1.0);
  std::vector<std::string> points;
  for (const PointPart& point : problem.points)
    if (point.resonances) points.push_back(point.name);
  if (table.has("point")) {
    part.point = table.choice("point", points);
    part.number = table.choice("number", {"frequency", "quality", "amplitude"});
    part.frequency = table.frequency("near", Range::above(0));
    return part;
  }
  std::vector<std::string> monitors, dividers;
  for (const FrequencyMonitorPart& monitor : problem.monitors)
    if (monitor.gives_numbers) monitors.push_back(monitor.name);
  for (const ScatteringPart& scattering : problem.scattering) monitors.push_back(scattering.name);
  dividers = monitors;
  for (const SourcePart& source : problem.sources)
    if (source.power > 0.0) dividers.push_back(source.name);
  part.monitor = table.choice("monitor", monitors);
  part.number = table.string("number", "");
  const std::vector<double> frequencies = frequencies_of(problem, part.monitor);
  part.frequency = frequencies.front();
  if (table.has("frequency")) part.frequency = table.frequency("frequency", Range::above(0));
  if (table.has("wavelength"))
    part.frequency = speed_of_light / table.length("wavelength", Range::above(0));
  if (std::none_of(frequencies.begin(), frequencies.end(),
                   [&](double f) { return std::abs(f - part.frequency) <= 1e-9 * part.frequency; }))
    throw table.error("asks for a frequency of " +
                      format_quantity(part.frequency, Dimension::frequency, 6) +
                      " that the monitor does not have");
  part.part =
      table.choice("part", {"value", "abs", "phase", "real", "imaginary", "decibels"}, "value");
  if (table.has("over")) part.over = table.choice("over", dividers);
  part.over_number = table.string("over_number", "");
  part.over_frequency = table.frequency("over_frequency", part.frequency, Range::above(0));
  return part;
}

GradientMemory read_gradient(const SceneTable& table) {
  GradientMemory memory;
  const std::string mode =
      table.choice("memory", {"automatic", "store", "checkpoint", "dft", "reverse"}, "automatic");
  memory.mode = mode == "store"        ? MemoryMode::store
                : mode == "checkpoint" ? MemoryMode::checkpoint
                : mode == "dft"        ? MemoryMode::dft
                : mode == "reverse"    ? MemoryMode::reverse
                                       : MemoryMode::automatic;
  memory.budget_bytes =
      static_cast<std::uint64_t>(table.number("budget", 0.0, Range::between(0, 1e9)) * 1048576.0);
  return memory;
}

WaveOutputPart read_wave_output(const SceneTable& table) {
  WaveOutputPart part;
  part.fields = table.boolean("fields", part.fields);
  part.pictures = table.boolean("pictures", part.pictures);
  part.report = table.boolean("report", part.report);
  part.compression = table.choice("compression", {"none", "lz4", "zlib"}, "none");
  return part;
}

// The largest share of the vacuum's Courant limit that the materials leave: below 1 where a wave is
// faster than in vacuum, or a pole needs it.
double stable_share(const WaveProblem& problem) {
  double share = 1.0;
  if (problem.equations == Equations::sound) return share;
  const double limit = courant_limit(problem.setup.grid, speed_of_light);
  const double inverse = 1.0 / courant_limit(problem.setup.grid, 1.0);
  for (const LightMaterial& material : problem.materials.light)
    share = std::min(
        share,
        largest_time_step(material.medium, inverse * inverse, material.permeability) / limit);
  return share;
}

}  // namespace

std::vector<double> frequencies_of(const WaveProblem& problem, const std::string& monitor) {
  for (const FrequencyMonitorPart& part : problem.monitors)
    if (part.name == monitor) return part.frequencies;
  for (const ScatteringPart& part : problem.scattering)
    if (part.name == monitor) return problem.monitors[part.monitors.front()].frequencies;
  return {};
}

std::uint64_t grid_bytes(const WaveProblem& problem, Precision precision) {
  const TimeDomainSetup& setup = problem.setup;
  GridLines lines = make_grid_lines(setup.system, setup.grid, setup.boundaries, setup.nodes,
                                    setup.speed, setup.dt);
  if (problem.bloch) lines = pair_grid_lines(lines, setup.boundaries.bloch_phase);
  return estimate_leapfrog_bytes(lines.size, precision == Precision::f32 ? 4 : 8);
}

WaveProblem read_wave_problem(const Scene& scene, int refine) {
  WaveProblem problem;
  const SceneTable root = scene.root();
  problem.title = root.string("title", scene.stem());
  problem.stem = scene.stem();
  problem.scene_text = scene.text();
  problem.scene_folder = std::filesystem::path(scene.name()).parent_path().string();
  problem.scene_hash = scene.hash();
  const SceneTable domain = root.table("domain");
  TimeDomainSetup& setup = problem.setup;
  setup.grid = read_grid(domain, refine, problem.dimensions);
  setup.boundaries = read_boundaries(domain, refine, problem.dimensions);
  read_bloch(domain, problem);
  read_equations(domain, problem);
  setup.system = system_of(problem.equations);

  const bool sound = problem.equations == Equations::sound;
  const std::string background =
      sound ? domain.string("background") : domain.string("background", "vacuum");
  problem.materials = read_materials(root, sound, background);
  if (problem.bloch) refuse_nonlinear_bloch(domain, problem.materials);
  if (sound) {
    problem.reference = problem.materials.sound.front();
    for (const SoundMaterial& material : problem.materials.sound)
      problem.reference.speed = std::max(problem.reference.speed, material.speed);
    setup.speed = problem.reference.speed;
  }
  problem.courant = domain.number("courant", 0.95, Range{0.0, 1.0, true, false});
  setup.dt = problem.courant * stable_share(problem) * courant_limit(setup.grid, setup.speed);
  at_place(domain, "absorbing_cells", [&] {
    require_memory(grid_bytes(problem, Precision::f32),
                   fmt::format("the grid of {} x {} x {} cells", setup.grid.cells(0),
                               setup.grid.cells(1), setup.grid.cells(2)));
  });
  problem.geometry = read_solids(root, problem.materials, setup.grid, problem.scene_folder);
  for (const SceneTable& table : root.tables("source", Count::at_least(1)))
    problem.sources.push_back(read_source(table, problem));
  read_monitors(root, problem);
  problem.coupled_modes = read_coupled_modes(root, problem);
  problem.stop = read_stop(root.table("run"));
  for (const SourcePart& source : problem.sources)
    if (problem.stop.decay > 0.0 && source.waveform.period > 0.0)
      throw root.table("run").error("until_decayed",
                                    "waits for a tone that never ends; use a burst "
                                    "or a pulse, or leave this key out");
  for (const SceneTable& table : root.tables("metric"))
    problem.metrics.push_back(read_wave_metric(table, problem));
  problem.gradient = read_gradient(root.optional_table("gradient"));
  problem.design = read_design(root, problem);
  problem.output = read_wave_output(root.optional_table("output"));
  problem.expectations = read_expectations(root.optional_table("expect"));
  scene.check_all_used();
  validate_wave_problem(root, problem);
  return problem;
}

}  // namespace wavesmith
