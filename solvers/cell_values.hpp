// A field of the time march at the middles of cells, where all fields can be shown together.
//
// Along an axis with points on the edges the value is the mean of both edges of the cell: second
// order on even cells, first order where the grid is graded. Behind the last stored point the field
// is zero (a wall) or goes on at the other side (periodic).
#pragma once

#include <array>
#include <span>
#include <vector>

#include "solvers/wave_context.hpp"

namespace wavesmith {

// Cells [begin, end) along each axis, every stride-th of them.
struct CellRange {
  std::array<int, 3> begin{}, end{}, stride = {1, 1, 1};

  int count(std::size_t axis) const {
    return (end[axis] - begin[axis] + stride[axis] - 1) / stride[axis];
  }
  std::size_t size() const {
    return static_cast<std::size_t>(count(0)) * static_cast<std::size_t>(count(1)) *
           static_cast<std::size_t>(count(2));
  }
};

// The cells that the box from `low` to `high` cuts; along a flat one the cell that holds it. Throws
// InputError where the box is not inside of the grid.
CellRange cells_inside(const WaveContext& context, const Vec3& low, const Vec3& high);

// In the field's own unit, x fastest. `stored`: of all stored points, as TimeDomain::field gives.
std::vector<double> values_at_cells(const WaveContext& context, const StoredField& field,
                                    std::span<const double> stored, const CellRange& cells);

}  // namespace wavesmith
