#include "apps/wave_snapshots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/units.hpp"
#include "solvers/cell_values.hpp"

namespace wavesmith {
namespace {

bool is_even(const std::vector<double>& points) {
  const double step = (points.back() - points.front()) / static_cast<double>(points.size() - 1);
  for (std::size_t i = 1; i < points.size(); ++i)
    if (std::abs(points[i] - points[i - 1] - step) > 1e-6 * step) return false;
  return true;
}

}  // namespace

std::vector<long> snapshot_steps(const SnapshotPart& part, double dt, long last) {
  const double every = std::max(part.every, dt);  // no more than a frame a step
  std::vector<long> steps;
  for (int i = 0; i < part.most; ++i) {
    const long step = std::lround((part.from + i * every) / dt);
    if (step > last) break;
    if (step > 0 && (steps.empty() || step > steps.back())) steps.push_back(step);
  }
  return steps;
}

std::string snapshot_file(const SnapshotPart& part, std::size_t frame, bool graded) {
  return fmt::format("snapshots/{}/{:04}.{}", part.name, frame, graded ? "vtr" : "vti");
}

std::uint64_t snapshot_bytes(const WaveContext& context, const SnapshotPart& part) {
  CellRange cells = cells_inside(context, part.low, part.high);
  cells.stride = part.stride;
  return cells.size() * part.fields.size() * sizeof(float);
}

Frame frame_at(const std::array<std::vector<double>, 3>& coordinates) {
  Frame frame;
  double spacing = 1.0;
  for (std::size_t d = 3; d-- > 0;)
    if (coordinates[d].size() > 1) spacing = coordinates[d][1] - coordinates[d][0];
  for (std::size_t d = 0; d < 3; ++d) {
    const std::vector<double>& points = coordinates[d];
    frame.points[d] = static_cast<int>(points.size());
    frame.origin[d] = points.front();
    frame.spacing[d] = points.size() > 1 ? points[1] - points[0] : spacing;
    if (points.size() > 1 && !is_even(points)) frame.coordinates[d] = points;
  }
  return frame;
}

Frame take_snapshot(const TimeDomain& march, const WaveContext& context, const WaveProblem& problem,
                    const SnapshotPart& part) {
  CellRange cells = cells_inside(context, part.low, part.high);
  cells.stride = part.stride;
  std::array<std::vector<double>, 3> middles;
  for (std::size_t d = 0; d < 3; ++d) {
    const Axis& axis = context.grid.axes[d];
    for (int i = cells.begin[d]; i < cells.end[d]; i += cells.stride[d])
      middles[d].push_back(axis.cells() == 1 ? 0.0 : axis.centre(i));
  }
  Frame frame = frame_at(middles);
  frame.name = part.name;
  frame.time = static_cast<double>(march.step()) * march.setup().dt;
  frame.title = part.name + ", " + format_quantity(frame.time, Dimension::time);
  for (const std::string& name : part.fields) {
    const StoredField field = find_field(problem.equations, name, problem.impedance());
    add_real(frame, field.name, field.unit,
             values_at_cells(context, field, march.field(field.component), cells));
  }
  return frame;
}

}  // namespace wavesmith
