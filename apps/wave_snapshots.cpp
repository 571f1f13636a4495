#include "apps/wave_snapshots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/units.hpp"
#include "solvers/cell_values.hpp"

namespace wavesmith {
namespace {

bool is_even(const Axis& axis) {
  const double width = (axis.high() - axis.low()) / axis.cells();
  for (int i = 0; i < axis.cells(); ++i)
    if (std::abs(axis.width(i) - width) > 1e-6 * width) return false;
  return true;
}

}  // namespace

std::vector<long> snapshot_steps(const SnapshotPart& part, double dt, long last) {
  std::vector<long> steps;
  for (int i = 0; i < part.most; ++i) {
    const long step = std::lround((part.from + i * part.every) / dt);
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

Frame frame_of_cells(const WaveContext& context, const std::array<int, 3>& begin,
                     const std::array<int, 3>& end, const std::array<int, 3>& stride) {
  Frame frame;
  for (std::size_t d = 0; d < 3; ++d) {
    const Axis& axis = context.grid.axes[d];
    std::vector<double> middles;
    for (int i = begin[d]; i < end[d]; i += stride[d]) middles.push_back(axis.centre(i));
    frame.points[d] = static_cast<int>(middles.size());
    // Along an axis of one cell nothing varies, and its width means nothing.
    frame.origin[d] = axis.cells() == 1 ? 0.0 : middles.front();
    frame.spacing[d] = middles.size() > 1 ? middles[1] - middles[0] : axis.width(begin[d]);
    if (axis.cells() == 1) frame.spacing[d] = context.grid.axes[0].width(0);
    if (middles.size() > 1 && !is_even(axis)) frame.coordinates[d] = std::move(middles);
  }
  return frame;
}

Frame take_snapshot(const TimeDomain& march, const WaveContext& context, const WaveProblem& problem,
                    const SnapshotPart& part) {
  CellRange cells = cells_inside(context, part.low, part.high);
  cells.stride = part.stride;
  Frame frame = frame_of_cells(context, cells.begin, cells.end, cells.stride);
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
