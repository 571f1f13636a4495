// A metasurface: the size of one cell per design pixel gives the complex transmission that a table
// of unit cells says (physics/cell_table.hpp), each cell as if all its neighbours were like it.
// Bounds and levels are those of physics/design_variable.hpp.
//
// A plane of one row of cells is a metasurface that repeats along y, or one of ridges.
#pragma once

#include <vector>

#include "physics/cell_table.hpp"
#include "physics/design_variable.hpp"

namespace wavesmith {

class CellsLayer final : public Layer {
 public:
  // Design pixels must have the table's pitch along x, and along y unless there is one row or the
  // cells are ridges. bound: sigmoid or clamp, between `smallest` and `largest` (0: those of the
  // table) [m]; start: sizes per pixel, or empty. Throws InputError for what does not fit.
  CellsLayer(const Plane& plane, const DesignOptions& options, CellTable table, Bound bound,
             double smallest, double largest, std::vector<double> start);

  const Plane& plane() const override { return grid_.plane(); }
  std::size_t parameter_count() const override { return size_.size(); }
  void initial_parameters(std::uint64_t seed, double spread,
                          std::span<double> parameters) const override;
  // Throws InputError where the table does not have the wavelength, or does not resolve it.
  void transmission(std::span<const double> parameters, double wavelength,
                    std::span<Complex> t) const override;
  void pull_back(std::span<const double> parameters, double wavelength, std::span<const Complex> g,
                 std::span<double> gradient) const override;

  const DesignGrid& grid() const { return grid_; }
  const CellTable& table() const { return table_; }
  // Size per design pixel as made: filtered, projected, quantised [m].
  std::vector<double> sizes(std::span<const double> parameters) const;

 private:
  DesignGrid grid_;
  CellTable table_;
  double smallest_, largest_;
  DesignVariable size_;
};

// The outline of a cell of this size about its centre, anticlockwise, round ones with 64 corners
// and the area of the circle [m]. Ridges: as long as the pitch.
std::vector<std::array<double, 2>> cell_outline(const CellTableData& cell, double size);

}  // namespace wavesmith
