#include "apps/lens_problem.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "apps/scene_place.hpp"
#include "apps/scene_solver.hpp"
#include "core/csv_table.hpp"
#include "core/units.hpp"
#include "physics/cell_table.hpp"

namespace wavesmith {

LensProblem read_lens_problem(const Scene& scene) {
  const SceneTable root = scene.root();
  LensProblem problem;
  problem.kind = find_lens_kind(solver_of(scene));
  problem.stem = scene.stem();
  problem.title = root.string("title", problem.stem);
  problem.scene_text = scene.text();
  const std::filesystem::path folder = std::filesystem::path(scene.name()).parent_path();

  const SceneTable table = root.table("lens");
  CellLens& lens = problem.lens;
  lens.wavelength = table.length("wavelength", Range::above(0));
  lens.focal_length = table.length("focal_length", Range::above(0));
  lens.index = table.number("index", Range::above(1));
  lens.substrate_index = table.number("substrate_index", Range::at_least(1));
  const int count = table.integer("count", IntegerRange::between(1, 10000));
  lens.count = static_cast<std::size_t>(count);
  const CellTable cells = at_place(
      table, "table_file", [&] { return read_cell_table(folder / table.string("table_file")); });
  if (cells.data().shape != problem.kind->shape())
    throw table.error("table_file",
                      fmt::format("is a table of {} cells; this lens is of {}",
                                  cell_shape_name(cells.data().shape), problem.kind->cells()));
  lens.pitch = cells.data().pitch;
  lens.height = cells.data().height;
  lens.least = cells.data().sizes.front();
  lens.most = cells.data().sizes.back();
  const SceneTable grid = root.table("grid");
  lens.cell = grid.length("cell", Range::above(0));
  lens.time = grid.quantity("time", Dimension::time, lens.time, Range::above(0));
  at_place(grid, "cell", [&] { problem.kind->validate(lens); });
  const char* file = problem.kind->sizes_file();
  at_place(table, file, [&] {
    problem.sizes = problem.kind->sizes(lens, read_csv_table(folder / table.string(file)));
  });
  at_place(table, "wavelength", [&] {
    for (const double size : problem.sizes)
      problem.thin.push_back(cells.at(lens.wavelength, size).t);
  });

  const SceneTable adjoint = root.optional_table("adjoint");
  problem.steps = adjoint.integer("steps", 0, IntegerRange::between(0, 1000));
  problem.of_peak = adjoint.choice("goal", {"efficiency", "peak"}, "efficiency") == "peak";
  problem.refine = adjoint.number("refine", 1.0, Range::between(1.0, 8.0));
  problem.expectations = read_expectations(root.optional_table("expect"));
  scene.check_all_used();
  return problem;
}

}  // namespace wavesmith
