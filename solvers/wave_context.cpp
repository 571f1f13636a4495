#include "solvers/wave_context.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/vacuum.hpp"

namespace wavesmith {
namespace {

// Share of a cell by which a point may lie outside of a box and still count as inside.
constexpr double edge_tolerance = 1e-6;

double tolerance_of(const Axis& axis) {
  return edge_tolerance * (axis.high() - axis.low()) / axis.cells();
}

}  // namespace

WaveContext make_wave_context(Equations equations, const YeeGrid& grid,
                              const GridBoundaries& boundaries, double dt, double speed,
                              double impedance) {
  WAVESMITH_VALIDATE(dt > 0.0 && speed > 0.0 && impedance > 0.0,
                     "time step, speed and impedance of a wave's grid must be positive");
  WAVESMITH_VALIDATE(equations != Equations::tm || grid.cells(2) == 1,
                     "TM waves have nothing varying along z; give the grid one cell there");
  const WaveSystem system = system_of(equations);
  WaveContext context{equations, grid, boundaries, dt, speed, impedance, {}, {}};
  context.size = make_grid_lines(system, grid, boundaries, Nodes::on_edges, speed, dt).size;
  return context;
}

WaveContext context_of(const TimeDomainSetup& setup, Equations equations, double impedance) {
  WAVESMITH_VALIDATE(setup.system == system_of(equations) && setup.nodes == Nodes::on_edges,
                     "the setup marches other equations than those its fields are named for; "
                     "give it their system, with nodes on edges");
  WaveContext context =
      make_wave_context(equations, setup.grid, setup.boundaries, setup.dt, setup.speed, impedance);
  for (std::size_t c = 0; c < setup.coefficient.size(); ++c)
    context.coefficient[c] = setup.coefficient[c];
  return context;
}

bool varies(const WaveContext& context, int axis) {
  return context.grid.cells(axis) > 1;
}

int point_count(const WaveContext& context, int axis, Place place) {
  const int stored = context.size.points[static_cast<std::size_t>(axis)];
  return place == Place::edge ? stored : std::min(stored, context.grid.cells(axis));
}

double point_position(const WaveContext& context, int axis, Place place, int i) {
  const Axis& line = context.grid.axis(axis);
  return place == Place::edge ? line.edge(i) : line.centre(i);
}

Vec3 point_position(const WaveContext& context, const StoredField& field,
                    const std::array<int, 3>& at) {
  Vec3 p{};
  for (std::size_t d = 0; d < 3; ++d)
    p[d] = point_position(context, static_cast<int>(d), field.places[d], at[d]);
  return p;
}

double point_width(const WaveContext& context, int axis, Place place, int i) {
  if (!varies(context, axis)) return 1.0;
  const Axis& line = context.grid.axis(axis);
  const int n = line.cells();
  if (place == Place::centre) return line.width(i);
  const bool periodic = context.size.periodic[static_cast<std::size_t>(axis)];
  const double before = i > 0 ? line.width(i - 1) : line.width(periodic ? n - 1 : 0);
  const double after = i < n ? line.width(i) : line.width(n - 1);
  return 0.5 * (before + after);
}

int nearest_point(const WaveContext& context, int axis, Place place, double x) {
  if (!varies(context, axis)) return 0;
  const Axis& line = context.grid.axis(axis);
  WAVESMITH_VALIDATE(x >= line.low() - tolerance_of(line) && x <= line.high() + tolerance_of(line),
                     std::string("the position ") + "xyz"[axis] + " = " +
                         format_quantity(x, Dimension::length) +
                         " lies outside of the grid, which reaches from " +
                         format_quantity(line.low(), Dimension::length) + " to " +
                         format_quantity(line.high(), Dimension::length) + "; move it inside");
  const int count = point_count(context, axis, place);
  int best = 0;
  double distance = std::abs(point_position(context, axis, place, 0) - x);
  for (int i = 1; i < count; ++i) {
    const double other = std::abs(point_position(context, axis, place, i) - x);
    if (other < distance) best = i, distance = other;
  }
  return best;
}

std::array<int, 3> nearest_point(const WaveContext& context, const StoredField& field,
                                 const Vec3& position) {
  std::array<int, 3> at{};
  for (std::size_t d = 0; d < 3; ++d)
    at[d] = nearest_point(context, static_cast<int>(d), field.places[d], position[d]);
  return at;
}

GridBox points_inside(const WaveContext& context, const StoredField& field, const Vec3& low,
                      const Vec3& high) {
  GridBox box;
  for (int axis = 0; axis < 3; ++axis) {
    const std::size_t d = static_cast<std::size_t>(axis);
    box.begin[d] = 0;
    box.end[d] = 1;
    if (!varies(context, axis)) continue;
    const double slack = tolerance_of(context.grid.axis(axis));
    const int count = point_count(context, axis, field.places[d]);
    const auto at = [&](int i) { return point_position(context, axis, field.places[d], i); };
    int begin = 0, end = count;
    while (begin < count && at(begin) < low[d] - slack) ++begin;
    while (end > begin && at(end - 1) > high[d] + slack) --end;
    WAVESMITH_VALIDATE(end > begin,
                       "no point of " + field.name + " lies between " + "xyz"[axis] + " = " +
                           format_quantity(low[d], Dimension::length) + " and " +
                           format_quantity(high[d], Dimension::length) +
                           "; make the box at least a cell wide and keep it inside of the grid");
    box.begin[d] = begin;
    box.end[d] = end;
  }
  return box;
}

double coefficient_at(const WaveContext& context, int component, const std::array<int, 3>& point) {
  const std::span<const double> values = context.coefficient[static_cast<std::size_t>(component)];
  if (values.empty()) return 1.0;
  return values[values.size() == 1 ? 0 : context.size.index(point[0], point[1], point[2])];
}

double density_weight(const WaveContext& context, const StoredField& field,
                      const std::array<int, 3>& point) {
  const double step = context.speed * context.dt;
  const bool first = field.component < first_group_size(context.size.system);
  // d field = C (c dt) (scale of the group) density, by the equations of the reference medium.
  double scale = 0.0;
  if (context.equations == Equations::sound)
    scale = first ? context.impedance : 1.0 / context.impedance;
  else
    scale = first ? -vacuum_impedance : -1.0 / vacuum_impedance;
  return coefficient_at(context, field.component, point) * step * scale / field.factor;
}

}  // namespace wavesmith
