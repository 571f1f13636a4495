// design/ of a metasurface: where each cell lies and how large it is, as a table and as a layout.
#include <fmt/format.h>

#include <cmath>
#include <map>

#include "apps/outputs.hpp"
#include "core/csv_table.hpp"
#include "physics/cells_layer.hpp"
#include "physics/gdsii.hpp"

namespace wavesmith {
namespace {

constexpr double layout_grid = 1e-9;  // sizes are rounded to it in the layout [m]

}  // namespace

void write_cells(const CellsLayer& layer, std::span<const double> parameters,
                 const std::string& stem, OutputFolder& folder) {
  const Plane& pixels = layer.grid().pixels();
  const CellTableData& cell = layer.table().data();
  const std::vector<double> sizes = layer.sizes(parameters);
  const std::string size_name = cell_size_name(cell.shape);
  CsvTable list;
  list.columns = {"x_m", "y_m", size_name + "_m"};
  GdsLibrary library;
  library.database_unit = 0.1e-9;
  GdsCell whole{"metasurface", {}, {}};
  std::map<long, std::string> known;
  for (int j = 0; j < pixels.ny; ++j)
    for (int i = 0; i < pixels.nx; ++i) {
      const double size = sizes[static_cast<std::size_t>(j) * static_cast<std::size_t>(pixels.nx) +
                                static_cast<std::size_t>(i)];
      list.rows.push_back({pixels.x(i), pixels.y(j), size});
      const long rounded = std::lround(size / layout_grid);
      if (rounded <= 0) continue;
      auto found = known.find(rounded);
      if (found == known.end()) {
        const std::string name = fmt::format("{}_{}nm", size_name, rounded);
        found = known.emplace(rounded, name).first;
        library.cells.push_back(
            {name, {{1, 0, cell_outline(cell, static_cast<double>(rounded) * layout_grid)}}, {}});
      }
      GdsReference reference;
      reference.cell = found->second;
      reference.origin = {pixels.x(i), pixels.y(j)};
      whole.references.push_back(std::move(reference));
    }
  library.cells.push_back(std::move(whole));
  write_csv_table(list, folder.add(stem + "_cells.csv", "centre and size of every cell [m]"));
  write_gdsii(library, folder.add(stem + ".gds", "layout of the cells, sizes rounded to 1 nm"));
}

}  // namespace wavesmith
