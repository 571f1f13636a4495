#include "apps/ridge_lens_problem.hpp"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "apps/scene_place.hpp"
#include "apps/scene_solver.hpp"
#include "core/csv_table.hpp"
#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/cell_table.hpp"

namespace wavesmith {

RidgeLensProblem read_ridge_lens_problem(const Scene& scene) {
  const SceneTable root = scene.root();
  solver_of(scene);  // marks the key as used
  RidgeLensProblem problem;
  problem.stem = scene.stem();
  problem.title = root.string("title", problem.stem);
  problem.scene_text = scene.text();
  const std::filesystem::path folder = std::filesystem::path(scene.name()).parent_path();

  const SceneTable table = root.table("lens");
  RidgeLens& lens = problem.lens;
  lens.wavelength = table.length("wavelength", Range::above(0));
  lens.focal_length = table.length("focal_length", Range::above(0));
  lens.index = table.number("index", Range::above(1));
  lens.substrate_index = table.number("substrate_index", Range::at_least(1));
  const int count = table.integer("count", IntegerRange::between(1, 10000));
  lens.count = static_cast<std::size_t>(count);
  const CellTable cells = at_place(
      table, "table_file", [&] { return read_cell_table(folder / table.string("table_file")); });
  if (cells.data().shape != CellShape::ridge)
    throw table.error("table_file", "is a table of pillars; this lens is of ridges");
  lens.pitch = cells.data().pitch;
  lens.height = cells.data().height;
  lens.least = cells.data().sizes.front();
  lens.most = cells.data().sizes.back();
  at_place(table, "widths_file", [&] {
    const CsvTable list = read_csv_table(folder / table.string("widths_file"));
    const std::vector<double> x = list.column("x_m"), width = list.column("ridge_width_m");
    for (std::size_t i = 0; i < x.size(); ++i)
      if (std::abs(x[i]) < 0.5 * lens.diameter()) problem.widths.push_back(width[i]);
    if (problem.widths.size() != lens.count)
      throw InputError(fmt::format("there are {} ridges within the lens of {} times {}",
                                   problem.widths.size(), lens.count,
                                   format_quantity(lens.pitch, Dimension::length)));
  });
  at_place(table, "wavelength", [&] {
    for (const double width : problem.widths)
      problem.thin.push_back(cells.at(lens.wavelength, width).t);
  });

  const SceneTable grid = root.table("grid");
  lens.cell = grid.length("cell", Range::above(0));
  lens.time = grid.quantity("time", Dimension::time, lens.time, Range::above(0));
  at_place(grid, "cell", [&] { validate_ridge_lens(lens); });
  const SceneTable adjoint = root.optional_table("adjoint");
  problem.steps = adjoint.integer("steps", 0, IntegerRange::between(0, 1000));
  problem.of_peak = adjoint.choice("goal", {"efficiency", "peak"}, "efficiency") == "peak";
  problem.refine = adjoint.integer("refine", 1, IntegerRange::between(1, 8));
  problem.expectations = read_expectations(root.optional_table("expect"));
  scene.check_all_used();
  return problem;
}

}  // namespace wavesmith
