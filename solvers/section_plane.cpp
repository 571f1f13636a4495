#include "solvers/section_plane.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <string>

#include "core/error.hpp"
#include "core/units.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

SectionWall wall_of(const WaveContext& context, int axis, bool high, bool cut) {
  if (!varies(context, axis)) return SectionWall::periodic;
  if (cut) return SectionWall::electric;
  switch (context.boundaries.faces[static_cast<std::size_t>(axis)][high ? 1 : 0]) {
    case Boundary::periodic:
      return SectionWall::periodic;
    case Boundary::mirror:
      return SectionWall::magnetic;
    default:
      return SectionWall::electric;
  }
}

struct SectionSide {
  SectionWall low, high;
  Axis axis;
};

SectionSide side_of(const WaveContext& context, const SectionPlane& plane, int which) {
  const int direction = which == 0 ? plane.u() : plane.v();
  const std::size_t w = static_cast<std::size_t>(which);
  const Axis& line = context.grid.axis(direction);
  const bool cut_low = plane.begin[w] > 0, cut_high = plane.end[w] < line.cells();
  SectionSide side{
      wall_of(context, direction, false, cut_low), wall_of(context, direction, true, cut_high), {}};
  // A periodic axis that is cut on one side has a wall on the other, too.
  if ((side.low == SectionWall::periodic) != (side.high == SectionWall::periodic))
    side.low = side.high = SectionWall::electric;
  side.axis.edges.assign(line.edges.begin() + plane.begin[w],
                         line.edges.begin() + plane.end[w] + 1);
  return side;
}

// 1 / C with conductivity and poles as the march has them at this frequency, z = exp(-i omega dt):
//   eps C = (z - decay) / (z - 1) + sum gain a3 / (z - a1 - a2 / z)
//                                 - sum gain a2 (z + 1) / ((z - a1) (z - 1)).
double permittivity_at(const TimeDomainSetup& setup, const WaveContext& context, int component,
                       const std::array<int, 3>& p, Complex z) {
  const std::size_t c = static_cast<std::size_t>(component);
  const std::vector<double>& decay = setup.decay[c];
  const double keep =
      decay.empty() ? 1.0 : decay[decay.size() == 1 ? 0 : context.size.index(p[0], p[1], p[2])];
  Complex sum = (z - keep) / (z - 1.0);
  const GridBox here{p, {p[0] + 1, p[1] + 1, p[2] + 1}};
  for (const PoleField& pole : setup.poles) {
    if (pole.component != component || !overlap(pole.box, here)) continue;
    std::size_t at = 0;
    for (std::size_t d = 3; d-- > 0;)
      at = at * static_cast<std::size_t>(pole.box.end[d] - pole.box.begin[d]) +
           static_cast<std::size_t>(p[d] - pole.box.begin[d]);
    if (pole.relaxing)
      sum -= pole.gain[at] * pole.a2[at] * (z + 1.0) / ((z - pole.a1[at]) * (z - 1.0));
    else
      sum += pole.gain[at] * pole.a3[at] / (z - pole.a1[at] - pole.a2[at] / z);
  }
  return (sum / coefficient_at(context, component, p)).real();
}

// The stored point behind position (a, b), the nearest stored one at a wall's far side.
std::array<int, 3> point_behind(const WaveContext& context, const SectionPlane& plane, int a,
                                int b) {
  std::array<int, 3> p{};
  const auto along = [&](int direction, int i) {
    const std::size_t d = static_cast<std::size_t>(direction);
    const int points = context.size.points[d];
    if (i < points) return i;
    return context.size.periodic[d] || points == 1 ? i - points : points - 1;
  };
  p[static_cast<std::size_t>(plane.axis)] = plane.index;
  p[static_cast<std::size_t>(plane.u())] = along(plane.u(), plane.begin[0] + a);
  p[static_cast<std::size_t>(plane.v())] = along(plane.v(), plane.begin[1] + b);
  return p;
}

void validate_plane(const WaveContext& context, const SectionPlane& plane) {
  const char name = "xyz"[plane.axis];
  WAVESMITH_VALIDATE(plane.axis >= 0 && plane.axis < 3 && varies(context, plane.axis),
                     "a cross-section needs a guide that runs along an axis of more than one cell");
  WAVESMITH_VALIDATE(plane.index >= 1 && plane.index < context.grid.cells(plane.axis),
                     std::string("a cross-section across ") + name +
                         " needs a cell of the grid on each side; move it inside");
  for (int which = 0; which < 2; ++which) {
    const std::size_t w = static_cast<std::size_t>(which);
    const int direction = which == 0 ? plane.u() : plane.v();
    WAVESMITH_VALIDATE(plane.begin[w] >= 0 && plane.end[w] > plane.begin[w] &&
                           plane.end[w] <= context.grid.cells(direction),
                       std::string("a cross-section reaches from cell ") +
                           std::to_string(plane.begin[w]) + " to " + std::to_string(plane.end[w]) +
                           " along " + "xyz"[direction] + ", but the grid has " +
                           std::to_string(context.grid.cells(direction)) + " cells there");
  }
}

}  // namespace

SectionPlane section_plane(const WaveContext& context, int axis, double position, const Vec3& low,
                           const Vec3& high) {
  SectionPlane plane;
  plane.axis = axis;
  WAVESMITH_VALIDATE(axis >= 0 && axis < 3, "the axis of a cross-section is x, y or z");
  plane.index = nearest_point(context, axis, Place::edge, position);
  for (int which = 0; which < 2; ++which) {
    const std::size_t w = static_cast<std::size_t>(which);
    const int direction = which == 0 ? plane.u() : plane.v();
    const std::size_t d = static_cast<std::size_t>(direction);
    const Axis& line = context.grid.axis(direction);
    plane.begin[w] = 0;
    plane.end[w] = line.cells();
    if (!varies(context, direction)) continue;
    const auto edge_near = [&](double x) {
      const auto after = std::lower_bound(line.edges.begin(), line.edges.end(), x);
      const auto i = static_cast<int>(after - line.edges.begin());
      if (i == 0) return 0;
      if (i > line.cells()) return line.cells();
      return x - line.edge(i - 1) < line.edge(i) - x ? i - 1 : i;
    };
    plane.begin[w] = edge_near(low[d]);
    plane.end[w] = edge_near(high[d]);
  }
  validate_plane(context, plane);
  return plane;
}

SectionPlane section_plane(const WaveContext& context, int axis, double position) {
  Vec3 low{}, high{};
  for (int d = 0; d < 3; ++d) {
    low[static_cast<std::size_t>(d)] = context.grid.axis(d).low();
    high[static_cast<std::size_t>(d)] = context.grid.axis(d).high();
  }
  return section_plane(context, axis, position, low, high);
}

CrossSection cross_section_at(const TimeDomainSetup& setup, const SectionPlane& plane,
                              double frequency) {
  const bool scalar = setup.system == WaveSystem::scalar;
  const Equations equations = scalar ? Equations::tm : Equations::maxwell;
  const WaveContext context = context_of(setup, equations);
  validate_plane(context, plane);
  WAVESMITH_VALIDATE(frequency > 0.0 && frequency * setup.dt < 0.5,
                     "a cross-section's permittivity at " + std::to_string(frequency) +
                         " Hz: the frequency must be positive and have more than two steps of the "
                         "march in a period");
  CrossSection section;
  const SectionSide u = side_of(context, plane, 0), v = side_of(context, plane, 1);
  section.u = u.axis;
  section.u_low = u.low;
  section.u_high = u.high;
  section.v = v.axis;
  section.v_low = v.low;
  section.v_high = v.high;
  const Complex z = std::polar(1.0, -2.0 * pi * frequency * setup.dt);
  const std::array<int, 3> axes = {plane.u(), plane.v(), plane.axis};
  for (int c = 0; c < 3; ++c) {
    // With Ez as the scalar the others do not take part: the same medium.
    const int component = scalar ? 0 : axes[static_cast<std::size_t>(c)];
    const std::array<int, 2> shape = electric_shape(section, c);
    std::vector<double>& permittivity = section.permittivity[static_cast<std::size_t>(c)];
    permittivity.reserve(electric_size(section, c));
    for (int b = 0; b < shape[1]; ++b)
      for (int a = 0; a < shape[0]; ++a)
        permittivity.push_back(
            permittivity_at(setup, context, component, point_behind(context, plane, a, b), z));
  }
  for (int c = first_group_size(setup.system); c < component_count(setup.system); ++c)
    for (int b = 0; b < section.v.cells(); ++b)
      for (int a = 0; a < section.u.cells(); ++a)
        WAVESMITH_VALIDATE(coefficient_at(context, c, point_behind(context, plane, a, b)) == 1.0,
                           "modes are known where the permeability is 1; move the cross-section");
  return section;
}

GridBox section_points(const WaveContext& context, const SectionPlane& plane,
                       const StoredField& field) {
  GridBox box;
  const std::size_t w = static_cast<std::size_t>(plane.axis);
  box.begin[w] = plane.index;
  box.end[w] = plane.index + 1;
  for (int which = 0; which < 2; ++which) {
    const int direction = which == 0 ? plane.u() : plane.v();
    const std::size_t d = static_cast<std::size_t>(direction), s = static_cast<std::size_t>(which);
    const int extra = field.places[d] == Place::edge ? 1 : 0;
    box.begin[d] = plane.begin[s];
    box.end[d] = std::min(plane.end[s] + extra, context.size.points[d]);
  }
  return box;
}

std::optional<std::size_t> number_of_position(const WaveContext& context, const SectionPlane& plane,
                                              const GridBox& points, int a, int b) {
  std::array<int, 3> offset{};
  for (int which = 0; which < 2; ++which) {
    const int direction = which == 0 ? plane.u() : plane.v();
    const std::size_t d = static_cast<std::size_t>(direction), s = static_cast<std::size_t>(which);
    int i = which == 0 ? a : b;
    const int count = points.end[d] - points.begin[d];
    if (i >= count) {
      const bool whole = plane.begin[s] == 0 && plane.end[s] == context.grid.cells(direction);
      const bool copy = whole && (context.size.periodic[d] || !varies(context, direction));
      if (!copy) return std::nullopt;
      i -= count;
    }
    offset[d] = i;
  }
  const auto extent = [&](std::size_t d) {
    return static_cast<std::size_t>(points.end[d] - points.begin[d]);
  };
  return (static_cast<std::size_t>(offset[2]) * extent(1) + static_cast<std::size_t>(offset[1])) *
             extent(0) +
         static_cast<std::size_t>(offset[0]);
}

}  // namespace wavesmith
