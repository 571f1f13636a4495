#include "solvers/cell_values.hpp"

#include <algorithm>
#include <string>

#include "core/error.hpp"
#include "core/units.hpp"

namespace wavesmith {

CellRange cells_inside(const WaveContext& context, const Vec3& low, const Vec3& high) {
  CellRange cells;
  for (std::size_t d = 0; d < 3; ++d) {
    const Axis& axis = context.grid.axes[d];
    cells.end[d] = axis.cells();
    if (axis.cells() == 1) continue;
    const double slack = 1e-6 * axis.width(0);
    WAVESMITH_VALIDATE(
        low[d] <= high[d] && low[d] >= axis.low() - slack && high[d] <= axis.high() + slack,
        "a box from " + format_quantity(low[d], Dimension::length) + " to " +
            format_quantity(high[d], Dimension::length) + " along " + "xyz"[d] +
            " does not lie in the grid, from " + format_quantity(axis.low(), Dimension::length) +
            " to " + format_quantity(axis.high(), Dimension::length));
    const auto first = std::upper_bound(axis.edges.begin(), axis.edges.end(), low[d] + slack);
    const auto last = std::lower_bound(axis.edges.begin(), axis.edges.end(), high[d] - slack);
    cells.begin[d] =
        std::clamp(static_cast<int>(first - axis.edges.begin()) - 1, 0, axis.cells() - 1);
    cells.end[d] =
        std::clamp(static_cast<int>(last - axis.edges.begin()), cells.begin[d] + 1, axis.cells());
  }
  return cells;
}

std::vector<double> values_at_cells(const WaveContext& context, const StoredField& field,
                                    std::span<const double> stored, const CellRange& cells) {
  // Of cell i along each axis the two points whose mean is taken; -1: zero.
  std::array<std::vector<std::array<int, 2>>, 3> points;
  for (std::size_t d = 0; d < 3; ++d)
    for (int i = cells.begin[d]; i < cells.end[d]; i += cells.stride[d]) {
      const bool edge = field.places[d] == Place::edge && context.grid.axes[d].cells() > 1;
      int next = edge ? i + 1 : i;
      if (next >= context.size.points[d]) next = context.size.periodic[d] ? 0 : -1;
      points[d].push_back({i, next});
    }
  std::vector<double> values;
  values.reserve(cells.size());
  for (const auto& z : points[2])
    for (const auto& y : points[1])
      for (const auto& x : points[0]) {
        double sum = 0.0;
        for (const int k : z)
          for (const int j : y)
            for (const int i : x)
              if (i >= 0 && j >= 0 && k >= 0) sum += stored[context.size.index(i, j, k)];
        values.push_back(field.factor * sum / 8.0);
      }
  return values;
}

}  // namespace wavesmith
