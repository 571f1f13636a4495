#include "apps/cells_problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "apps/metric_tables.hpp"
#include "apps/scene_place.hpp"
#include "apps/scene_solver.hpp"
#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/optical_media.hpp"

namespace wavesmith {
namespace {

constexpr int most_sizes = 10'000;
constexpr int most_wavelengths = 1'000;

DispersiveMedium read_medium(const SceneTable& table) {
  if (!table.has("medium")) {
    const double index = table.number("index", Range::above(0));
    return constant_medium(index * index);
  }
  if (table.has("index")) throw table.error("index", "stands beside a medium; give one of the two");
  DispersiveMedium medium;
  at_place(table, "medium", [&] { medium = find_optical_medium(table.string("medium")); });
  return medium;
}

// Rising numbers: `list`, or `count` of them evenly between the two of `ends`.
std::vector<double> evenly(double low, double high, int count) {
  std::vector<double> values;
  for (int i = 0; i < count; ++i) values.push_back(low + (high - low) * i / (count - 1));
  return values;
}

void require_rising(const SceneTable& table, const char* key, std::vector<double>& values) {
  std::ranges::sort(values);
  if (std::ranges::adjacent_find(values) != values.end())
    throw table.error(key, "has a value twice");
}

void read_sweep(const SceneTable& table, CellsProblem& problem) {
  const double largest = largest_size(problem.cell);
  const Range range = Range::between(0.0, largest * (1.0 + 1e-9));
  if (table.has("sizes")) {
    problem.sizes = table.lengths("sizes", range, Count::between(2, most_sizes));
    require_rising(table, "sizes", problem.sizes);
  } else {
    const std::vector<double> ends = table.lengths("range", range, Count::exactly(2));
    if (!(ends[0] < ends[1])) throw table.error("range", "is not [smallest, largest]");
    problem.sizes =
        evenly(ends[0], ends[1], table.integer("count", IntegerRange::between(2, most_sizes)));
  }
  for (double& size : problem.sizes) size = std::min(size, largest);
  problem.wavelengths =
      table.lengths("wavelengths", Range::above(0), Count::between(1, most_wavelengths));
  require_rising(table, "wavelengths", problem.wavelengths);
  if (table.has("wavelength_count")) {
    if (problem.wavelengths.size() != 2)
      throw table.error("wavelength_count", "needs two wavelengths, the ends");
    problem.wavelengths =
        evenly(problem.wavelengths[0], problem.wavelengths[1],
               table.integer("wavelength_count", IntegerRange::between(2, most_wavelengths)));
  }
}

CellMetricPart read_metric(const SceneTable& table, const CellsProblem& problem) {
  CellMetricPart part;
  part.kind = table.choice("kind", {"power", "phase", "real", "imaginary"});
  part.size = table.length("size", Range::between(problem.sizes.front(), problem.sizes.back()));
  part.wavelength = table.length("wavelength", problem.wavelengths.front(), Range::above(0));
  if (std::ranges::none_of(problem.wavelengths, [&](double known) {
        return std::abs(known - part.wavelength) <= 1e-6 * known;
      }))
    throw table.error("wavelength", "is not one of the sweep's");
  return part;
}

}  // namespace

CellsProblem read_cells_problem(const Scene& scene) {
  const SceneTable root = scene.root();
  solver_of(scene);  // marks the key as used
  CellsProblem problem;
  problem.stem = scene.stem();
  problem.title = root.string("title", problem.stem);
  problem.scene_text = scene.text();

  const SceneTable cell = root.table("cell");
  UnitCell& unit = problem.cell;
  unit.shape = cell_shape_from_name(cell.choice("shape", {"round", "square", "elliptic", "ridge"}));
  unit.pitch = cell.length("pitch", Range::above(0));
  unit.height = cell.length("height", Range::above(0));
  if (unit.shape == CellShape::elliptic)
    unit.aspect = cell.number("aspect", Range::between(0.1, 10));
  if (unit.shape == CellShape::ridge)
    unit.field_along_ridge = cell.choice("field", {"along", "across"}) == "along";
  unit.pillar = read_medium(cell);
  unit.substrate = read_medium(root.table("substrate"));
  read_sweep(root.table("sweep"), problem);

  const SceneTable grid = root.table("grid");
  unit.cell = grid.length("cell", Range::above(0));
  unit.absorbing_cells =
      grid.integer("absorbing_cells", unit.absorbing_cells, IntegerRange::between(5, 1000));
  unit.margin = grid.number("margin", unit.margin, Range::between(0.05, 20));
  const SceneTable run = root.optional_table("run");
  unit.tolerance = run.number("tolerance", unit.tolerance, Range{0.0, 0.1, true, false});
  unit.longest = run.quantity("time", Dimension::time, unit.longest, Range::above(0));
  at_place(root, "cell", [&] { validate_unit_cell(unit, problem.wavelengths); });

  problem.metrics = read_metric_tables<CellMetricPart>(
      root, [&](const SceneTable& table) { return read_metric(table, problem); });
  const SceneTable output = root.optional_table("output");
  problem.pictures = output.boolean("pictures", true);
  problem.report = output.boolean("report", true);
  problem.expectations = read_expectations(root.optional_table("expect"));
  scene.check_all_used();
  problem.warnings = unit_cell_warnings(unit, problem.wavelengths);
  return problem;
}

}  // namespace wavesmith
