#include "apps/design_part.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "apps/design_constraints.hpp"
#include "apps/scene_place.hpp"
#include "apps/wave_problem.hpp"
#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/feature_threshold.hpp"
#include "physics/prism_solid.hpp"

namespace wavesmith {
namespace {

constexpr double most_pixels = 4e6;

// The region lies in the domain, clear of its absorbing layers.
void require_inside(const SceneTable& table, const WaveProblem& problem, const Bounds& region) {
  const GridBoundaries& boundaries = problem.setup.boundaries;
  for (std::size_t d = 0; d < static_cast<std::size_t>(problem.dimensions); ++d) {
    const Axis& axis = problem.setup.grid.axes[d];
    const int layer = boundaries.layer.cells;
    const auto inner = [&](std::size_t side) {
      const bool absorbs = boundaries.faces[d][side] == Boundary::absorbing;
      const int cells = absorbs ? std::min(layer, axis.cells()) : 0;
      return side == 0 ? axis.edges[static_cast<std::size_t>(cells)]
                       : axis.edges[static_cast<std::size_t>(axis.cells() - cells)];
    };
    const double slack = 1e-6 * axis.width(0);
    const double low = inner(0), high = inner(1);
    if (region.lo[d] < low - slack || region.hi[d] > high + slack)
      throw table.error(
          d == 2 ? "top" : "size",
          fmt::format("takes the design from {} to {} along {}, but the domain without its "
                      "absorbing layers reaches from {} to {}; move or shrink the design, or make "
                      "the domain larger",
                      format_quantity(region.lo[d], Dimension::length),
                      format_quantity(region.hi[d], Dimension::length), "xyz"[d],
                      format_quantity(low, Dimension::length),
                      format_quantity(high, Dimension::length)));
  }
}

PatternSymmetry read_symmetry(const SceneTable& table) {
  PatternSymmetry symmetry;
  for (const std::string& name : table.optional_strings("symmetry")) {
    if (name == "x")
      symmetry.x = true;
    else if (name == "y")
      symmetry.y = true;
    else if (name == "diagonal")
      symmetry.diagonal = true;
    else if (name == "antidiagonal")
      symmetry.antidiagonal = true;
    else
      throw table.error("symmetry",
                        "names a mirror that is not known; use \"x\", \"y\", "
                        "\"diagonal\" or \"antidiagonal\"");
  }
  return symmetry;
}

// Rectangles of pixels that stay as they are.
void read_fixed(const SceneTable& table, DesignPart& design) {
  for (const SceneTable& fixed : table.tables("fixed")) {
    const bool solid = fixed.choice("as", {"solid", "void"}) == "solid";
    const std::vector<double> centre = fixed.lengths("centre", {}, Count::exactly(2));
    const std::vector<double> size = fixed.lengths("size", Range::above(0), Count::exactly(2));
    if (design.pattern.rules.empty())
      design.pattern.rules.assign(design.pixels.size(), PixelRule::free);
    bool any = false;
    for (int j = 0; j < design.pixels.ny; ++j)
      for (int i = 0; i < design.pixels.nx; ++i)
        if (std::abs(design.pixels.x(i) - centre[0]) <= 0.5 * size[0] &&
            std::abs(design.pixels.y(j) - centre[1]) <= 0.5 * size[1]) {
          design.pattern
              .rules[static_cast<std::size_t>(j) * static_cast<std::size_t>(design.pixels.nx) +
                     static_cast<std::size_t>(i)] = solid ? PixelRule::solid : PixelRule::empty;
          any = true;
        }
    if (!any) throw fixed.error("holds the centre of no pixel of the design; is it in its region?");
  }
}

void read_constraints(const SceneTable& table, const WaveProblem& problem, DesignPart& design) {
  design.minimum_solid = table.length("minimum_solid", 0.0, Range::above(0));
  design.minimum_void = table.length("minimum_void", 0.0, Range::above(0));
  design.connected = table.boolean("connected", false);
  design.constrain_from = table.number("constrain_from", design.constrain_from, Range::at_least(0));
  if (design.connected) {
    design.anchors = anchors_of(problem, design);
    if (std::count(design.anchors.begin(), design.anchors.end(), 1) == 0)
      throw table.error("connected",
                        "asks for solid that hangs together with guides, but no " +
                            problem.materials.names[static_cast<std::size_t>(design.solid)] +
                            " meets the edge of the design");
  }
  // A single row is of one kind across, as wide as it may be.
  double room = std::numeric_limits<double>::infinity();
  if (design.pixels.nx > 1) room = design.region.hi[0] - design.region.lo[0];
  if (design.pixels.ny > 1) room = std::min(room, design.region.hi[1] - design.region.lo[1]);
  if (design.minimum_solid > 0.0 && design.minimum_void > 0.0 &&
      design.minimum_solid + design.minimum_void > room)
    throw table.error("minimum_void", "contradicts minimum_solid: a solid of " +
                                          format_quantity(design.minimum_solid, Dimension::length) +
                                          " and a gap of " +
                                          format_quantity(design.minimum_void, Dimension::length) +
                                          " do not fit into the design, " +
                                          format_quantity(room, Dimension::length) +
                                          " across; ask for less");
  for (const SceneTable& fixed : table.tables("fixed")) {
    const bool solid = fixed.string("as") == "solid";
    const std::vector<double> size = fixed.lengths("size");
    const double least = solid ? design.minimum_solid : design.minimum_void;
    if (std::min(size[0], size[1]) < least)
      throw fixed.error("size", fmt::format("contradicts design.{}, {}: the fixed rectangle is "
                                            "narrower; widen it, or ask for less",
                                            solid ? "minimum_solid" : "minimum_void",
                                            format_quantity(least, Dimension::length)));
  }
  DesignConstraints{design};
}

std::vector<DesignStage> read_stages(const SceneTable& table) {
  std::vector<DesignStage> stages;
  const std::vector<double> betas = table.numbers("beta", Range::at_least(0), Count::at_least(1));
  std::vector<int> iterations =
      table.integers("iterations", IntegerRange::between(0, 100000), Count::at_least(1));
  if (iterations.size() == 1) iterations.assign(betas.size(), iterations.front());
  if (iterations.size() != betas.size())
    throw table.error("iterations",
                      fmt::format("has {} numbers for {} strengths of projection; give one, or one "
                                  "each",
                                  iterations.size(), betas.size()));
  for (std::size_t s = 0; s < betas.size(); ++s) {
    if (s > 0 && betas[s] < betas[s - 1])
      throw table.error("beta", "falls; strengths of projection rise from stage to stage");
    stages.push_back({betas[s], iterations[s]});
  }
  const int binary = table.integer("binary", 0, IntegerRange::between(0, 100000));
  if (binary > 0) stages.push_back({std::numeric_limits<double>::infinity(), binary});
  return stages;
}

void require_in_band(const SceneTable& table, const std::string& key, double frequency,
                     const WaveProblem& problem, const GoalPart& goal) {
  const PointPart& point = *std::find_if(problem.points.begin(), problem.points.end(),
                                         [&](const PointPart& p) { return p.name == goal.point; });
  if (frequency < point.low || frequency > point.high)
    throw table.error(key, "lies outside of the band in which monitor " + point.name +
                               " looks for resonances, from " +
                               format_quantity(point.low, Dimension::frequency) + " to " +
                               format_quantity(point.high, Dimension::frequency));
}

// What a number of a resonance is to be.
double read_target(const SceneTable& table, const WaveProblem& problem, const GoalPart& goal) {
  if (goal.number != "frequency") return table.number("target", Range::above(0));
  const double frequency = table.frequency("target", Range::above(0));
  require_in_band(table, "target", frequency, problem, goal);
  return frequency;
}

// A number of a resonance at a point.
void read_resonance(const SceneTable& table, const WaveProblem& problem, GoalPart& goal) {
  std::vector<std::string> points;
  for (const PointPart& point : problem.points)
    if (point.resonances) points.push_back(point.name);
  goal.point = table.choice("point", points);
  goal.number = table.choice("number", {"frequency", "quality", "amplitude"});
  goal.frequencies = {table.frequency("near", Range::above(0))};
  require_in_band(table, "near", goal.frequencies[0], problem, goal);
  if (problem.gradient.mode == MemoryMode::dft)
    throw table.error("point",
                      "asks for a resonance, whose derivative needs the field in time, but "
                      "gradient.memory = \"dft\" keeps spectra alone; use \"automatic\"");
}

// A number of a monitor.
void read_number(const SceneTable& table, const WaveProblem& problem, GoalPart& goal) {
  std::vector<std::string> monitors, sources;
  for (const FrequencyMonitorPart& monitor : problem.monitors) monitors.push_back(monitor.name);
  for (const ScatteringPart& scattering : problem.scattering) monitors.push_back(scattering.name);
  for (const SourcePart& source : problem.sources)
    if (source.power > 0.0) sources.push_back(source.name);
  goal.monitor = table.choice("monitor", monitors);
  goal.number = table.string("number", "");
  const std::vector<double> known = frequencies_of(problem, goal.monitor);
  goal.frequencies = known;
  if (table.has("frequencies") || table.has("wavelengths")) {
    goal.frequencies = read_frequencies(table, problem.equations == Equations::sound);
    for (double& wanted : goal.frequencies) {
      const auto at = std::find_if(known.begin(), known.end(),
                                   [&](double f) { return std::abs(f - wanted) <= 1e-6 * wanted; });
      if (at == known.end())
        throw table.error("asks for " + format_quantity(wanted, Dimension::frequency, 6) +
                          ", which monitor " + goal.monitor + " does not have");
      wanted = *at;
    }
  }
  goal.part = table.choice("part", {"power", "abs", "real", "imaginary"}, "power");
  if (table.has("over")) goal.over = table.choice("over", sources);
}

GoalPart read_goal(const SceneTable& table, const WaveProblem& problem) {
  GoalPart goal;
  goal.place = table.where() + ": " + table.path();
  goal.name = table.string("name");
  if (table.has("point"))
    read_resonance(table, problem, goal);
  else
    read_number(table, problem, goal);
  const std::string aim = table.choice("aim", {"maximize", "minimize", "target"}, "maximize");
  goal.sense = aim == "maximize"   ? GoalPart::Sense::maximize
               : aim == "minimize" ? GoalPart::Sense::minimize
                                   : GoalPart::Sense::target;
  if (goal.sense == GoalPart::Sense::target)
    goal.target = goal.point.empty() ? table.number("target") : read_target(table, problem, goal);
  goal.weight = table.number("weight", 1.0, Range::above(0));
  return goal;
}
void read_optimization(const SceneTable& table, DesignPart& design) {
  design.optimizer = table.choice("method", {"mma", "lbfgs", "adam"}, "mma");
  design.step =
      table.number("step", design.optimizer == "adam" ? 0.02 : 0.2, Range{0.0, 1.0, true, false});
  design.stages = read_stages(table);
  design.worst = table.number("worst", 0.0, Range::at_least(0));
  const bool constrained =
      design.minimum_solid > 0.0 || design.minimum_void > 0.0 || design.connected;
  if (constrained && design.optimizer != "mma")
    throw table.error("method",
                      "cannot keep minimum_solid, minimum_void and connected; use "
                      "\"mma\"");
  design.refine = table.integer("refine", 2, IntegerRange::between(1, 8));
}

}  // namespace

std::optional<DesignPart> read_design(const SceneTable& root, const WaveProblem& problem) {
  if (!root.has("design")) {
    for (const char* key : {"goal", "optimization"})
      if (root.has(key)) throw root.error(key, "needs a [design]: what may be changed to reach it");
    return std::nullopt;
  }
  const SceneTable table = root.table("design");
  DesignPart design;
  design.place = table.where() + ": design";
  if (problem.dimensions < 2)
    throw table.error("is for two and three dimensions: patterns lie in the xy plane");
  if (problem.bloch) throw table.error("cannot be in a domain with Bloch phases");
  const std::vector<double> centre = table.optional_lengths("centre", {}, Count::exactly(2));
  const std::vector<double> size = table.lengths("size", Range::above(0), Count::exactly(2));
  const Vec3 middle = centre.empty() ? Vec3{} : Vec3{centre[0], centre[1], 0.0};
  design.region.lo = {middle[0] - 0.5 * size[0], middle[1] - 0.5 * size[1], -endless};
  design.region.hi = {middle[0] + 0.5 * size[0], middle[1] + 0.5 * size[1], endless};
  if (problem.dimensions == 3) {
    design.region.lo[2] = table.length("floor");
    design.region.hi[2] = table.length("top");
    if (!(design.region.lo[2] < design.region.hi[2]))
      throw table.error("top", "does not lie above floor");
  }
  require_inside(table, problem, design.region);
  design.solid = problem.materials.find(table, "solid");
  design.empty = problem.materials.find(table, "void");
  if (design.solid == design.empty) throw table.error("void", "is the same material as solid");
  const std::vector<double> pixel = table.lengths("pixel", Range::above(0), Count::between(1, 2));
  const double dx = pixel.front(), dy = pixel.back();
  const double nx = size[0] / dx, ny = size[1] / dy;
  if (nx * ny > most_pixels)
    throw table.error("pixel", fmt::format("makes {:.3g} pixels; is the unit right?", nx * ny));
  for (const double n : {nx, ny})
    if (std::abs(n - std::round(n)) > 1e-6 * n)
      throw table.error("pixel", fmt::format("does not divide the design's size: {} x {} pixels",
                                             format_number(nx), format_number(ny)));
  design.pixels = {static_cast<int>(std::lround(nx)),
                   static_cast<int>(std::lround(ny)),
                   dx,
                   dy,
                   middle[0],
                   middle[1]};
  design.pattern.filter_radius = table.length("filter_radius", Range::at_least(0));
  design.pattern.symmetry = read_symmetry(table);
  design.pattern.start = {table.number("start", 0.5, Range::between(0, 1))};
  read_fixed(table, design);
  for (const double shift : table.optional_lengths("edge_shifts"))
    if (shift != 0.0)
      design.thresholds.push_back(at_place(table, "edge_shifts", [&] {
        return threshold_of_shift(design.pattern.filter_radius, -shift);
      }));
  read_constraints(table, problem, design);
  design.layer = table.integer("layer", 1, IntegerRange::between(0, 32767));
  design.datatype = table.integer("datatype", 0, IntegerRange::between(0, 32767));
  at_place(table, "", [&] { DensityPattern(design.pixels, design.pattern); });
  for (const SceneTable& goal : root.tables("goal", Count::at_least(1))) {
    design.goals.push_back(read_goal(goal, problem));
    const std::string& name = design.goals.back().name;
    if (std::any_of(design.goals.begin(), design.goals.end() - 1,
                    [&](const GoalPart& other) { return other.name == name; }))
      throw goal.error("name", "is that of an earlier goal");
  }
  read_optimization(root.table("optimization"), design);
  return design;
}

std::vector<std::string> design_metrics(const DesignPart& design) {
  std::vector<std::string> names = {"iterations", "least_solid_width", "least_gap_width",
                                    "peak_memory"};
  for (const GoalPart& goal : design.goals)
    for (const char* of : {"grey_", "binary_", "exported_", "verified_"})
      names.push_back(of + goal.name);
  return names;
}

SolidPointer design_block(const DesignPart& design) {
  const Vec3 &lo = design.region.lo, &hi = design.region.hi;
  const std::vector<Point2> corners = {
      {lo[0], lo[1]}, {hi[0], lo[1]}, {hi[0], hi[1]}, {lo[0], hi[1]}};
  return std::make_shared<PrismSolid>(corners, lo[2], hi[2]);
}

}  // namespace wavesmith
