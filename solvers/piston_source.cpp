#include "solvers/piston_source.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "core/error.hpp"
#include "core/units.hpp"

namespace wavesmith {
namespace {

constexpr double points_a_cell = 2.0;  // along a line in a surface
constexpr double most_points = 2e7;
constexpr int brick = 8;  // points of a surface are driven in boxes of this size

void require_sound(const WaveContext& context) {
  WAVESMITH_VALIDATE(context.equations == Equations::sound,
                     "a piston moves in sound; drive light with currents or beams");
}

double narrowest_cell(const WaveContext& context) {
  double narrowest = std::numeric_limits<double>::infinity();
  for (int d = 0; d < 3; ++d) {
    if (!varies(context, d)) continue;
    const Axis& axis = context.grid.axis(d);
    for (int i = 0; i < axis.cells(); ++i) narrowest = std::min(narrowest, axis.width(i));
  }
  return narrowest;
}

int still_axis(const WaveContext& context) {
  int still = -1;
  for (int d = 0; d < 3; ++d)
    if (!varies(context, d)) {
      WAVESMITH_VALIDATE(still < 0, "a surface that is not flat needs two or three dimensions");
      still = d;
    }
  return still;
}

Vec3 unit(const Vec3& v, const char* what) {
  const double length = std::hypot(v[0], v[1], v[2]);
  WAVESMITH_VALIDATE(length > 0.0 && std::isfinite(length),
                     std::string(what) + " needs a direction, of any length but zero");
  return {v[0] / length, v[1] / length, v[2] / length};
}

Vec3 cross(const Vec3& a, const Vec3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

// Two unit vectors across n and each other; in two dimensions the first one lies in the plane.
std::array<Vec3, 2> across(const WaveContext& context, const Vec3& n) {
  const int still = still_axis(context);
  Vec3 out{};
  if (still >= 0) {
    out[static_cast<std::size_t>(still)] = 1.0;
    WAVESMITH_VALIDATE(
        std::abs(n[static_cast<std::size_t>(still)]) < 1e-9,
        std::string("a surface is tilted along ") + "xyz"[still] + ", where the grid has one cell");
    const Vec3 first = cross(out, n);
    return {first, out};
  }
  out[static_cast<std::size_t>(std::abs(n[0]) < 0.6 ? 0 : 1)] = 1.0;
  const Vec3 first = unit(cross(n, out), "a surface");
  return {first, cross(n, first)};
}

// Points of equal area over a disc in the parameter `s` (the share of the area) and an angle, by
// the golden angle; or of equal length over a strip, s from -1 to 1.
template <class Place>
std::vector<SurfacePoint> spread(const WaveContext& context, double area, bool strip,
                                 const Place& place) {
  const double step = narrowest_cell(context) / points_a_cell;
  const double wanted = std::ceil(area / (strip ? step : step * step)) + 1.0;
  WAVESMITH_VALIDATE(wanted < most_points, "a surface would be made of " + std::to_string(wanted) +
                                               " points; make it smaller or the cells larger");
  const auto count = static_cast<std::size_t>(wanted);
  const double golden = pi * (3.0 - std::sqrt(5.0));
  std::vector<SurfacePoint> points(count);
  for (std::size_t n = 0; n < count; ++n) {
    const double share = (static_cast<double>(n) + 0.5) / static_cast<double>(count);
    const double angle = golden * static_cast<double>(n);
    points[n].position = strip ? place(2.0 * share - 1.0, 0.0) : place(share, angle);
    points[n].area = area / static_cast<double>(count);
  }
  return points;
}

// Area of a disc about the origin within [x0, x1] x [y0, y1].
double disc_overlap(double radius, double x0, double x1, double y0, double y1) {
  const double far_x = std::max(std::abs(x0), std::abs(x1));
  const double far_y = std::max(std::abs(y0), std::abs(y1));
  if (std::hypot(far_x, far_y) <= radius) return (x1 - x0) * (y1 - y0);
  const double near_x = std::clamp(0.0, x0, x1), near_y = std::clamp(0.0, y0, y1);
  if (std::hypot(near_x, near_y) >= radius) return 0.0;
  constexpr int strips = 64;
  double sum = 0.0;
  for (int n = 0; n < strips; ++n) {
    const double x = x0 + (x1 - x0) * (n + 0.5) / strips;
    const double half = std::sqrt(std::max(0.0, radius * radius - x * x));
    sum += std::max(0.0, std::min(y1, half) - std::max(y0, -half));
  }
  return sum * (x1 - x0) / strips;
}

// The (dual) cell about a pressure point, within the grid.
std::array<double, 2> cell_about(const WaveContext& context, int axis, int i) {
  const Axis& line = context.grid.axis(axis);
  const double here = line.edge(i), half = 0.5 * point_width(context, axis, Place::edge, i);
  return {std::max(line.low(), here - half), std::min(line.high(), here + half)};
}

}  // namespace

std::vector<TimeSource> piston_source(const WaveContext& context, const FlatPiston& piston,
                                      double velocity, const Waveform& waveform) {
  require_sound(context);
  WAVESMITH_VALIDATE(piston.axis >= 0 && piston.axis < 3 && varies(context, piston.axis),
                     "a piston lies across an axis along which the grid has more than one cell");
  const std::size_t w = static_cast<std::size_t>(piston.axis);
  const std::size_t u = (w + 1) % 3, v = (w + 2) % 3;
  const bool strip = !varies(context, static_cast<int>(u)) || !varies(context, static_cast<int>(v));
  WAVESMITH_VALIDATE(piston.radius >= 0.0 && std::isfinite(piston.radius),
                     "the radius of a piston is not negative");
  Vec3 low = piston.centre, high = piston.centre;
  for (const std::size_t d : {u, v}) {
    const double half = piston.radius > 0.0 ? piston.radius : 0.5 * piston.sides[d];
    WAVESMITH_VALIDATE(half > 0.0 || !varies(context, static_cast<int>(d)),
                       std::string("a piston has no extent along ") + "xyz"[d]);
    // What lies beyond a mirror is its image.
    const Axis& axis = context.grid.axes[d];
    low[d] -= half;
    high[d] += half;
    if (!varies(context, static_cast<int>(d))) continue;
    if (context.boundaries.faces[d][0] == Boundary::mirror) low[d] = std::max(low[d], axis.low());
    if (context.boundaries.faces[d][1] == Boundary::mirror)
      high[d] = std::min(high[d], axis.high());
  }
  // Rayleigh's two: one for each side of the baffle.
  std::vector<TimeSource> sources =
      current_source(context, "p", low, high, 2.0 * velocity, waveform);
  if (piston.radius == 0.0 || strip) return sources;
  for (TimeSource& source : sources)
    for_each_point(source.box, [&](const std::array<int, 3>& p, std::size_t n) {
      std::array<double, 2> x = cell_about(context, static_cast<int>(u), p[u]);
      std::array<double, 2> y = cell_about(context, static_cast<int>(v), p[v]);
      const double area = (x[1] - x[0]) * (y[1] - y[0]);
      // Instead of the share of the square around the disc.
      const auto share_of = [](const std::array<double, 2>& cell, double from, double to) {
        return std::max(0.0, std::min(cell[1], to) - std::max(cell[0], from)) / (cell[1] - cell[0]);
      };
      const double square = share_of(x, low[u], high[u]) * share_of(y, low[v], high[v]);
      for (double& edge : x) edge -= piston.centre[u];
      for (double& edge : y) edge -= piston.centre[v];
      const double disc = disc_overlap(piston.radius, x[0], x[1], y[0], y[1]) / area;
      source.weights[n] *= square > 0.0 ? disc / square : 0.0;
    });
  return sources;
}

std::vector<SurfacePoint> disc_points(const WaveContext& context, const Vec3& centre,
                                      const Vec3& normal, double radius) {
  WAVESMITH_VALIDATE(radius > 0.0 && std::isfinite(radius), "a disc needs a radius above zero");
  const auto [a, b] = across(context, unit(normal, "a disc"));
  const bool strip = still_axis(context) >= 0;
  return spread(context, strip ? 2.0 * radius : pi * radius * radius, strip,
                [&, a = a, b = b](double share, double angle) {
                  const double r = radius * (strip ? share : std::sqrt(share));
                  Vec3 p = centre;
                  for (std::size_t d = 0; d < 3; ++d)
                    p[d] += r * (std::cos(angle) * a[d] + std::sin(angle) * b[d]);
                  return p;
                });
}

std::vector<SurfacePoint> bowl_points(const WaveContext& context, const Vec3& apex,
                                      const Vec3& axis, double curvature_radius,
                                      double aperture_radius) {
  WAVESMITH_VALIDATE(aperture_radius > 0.0 && aperture_radius <= curvature_radius &&
                         std::isfinite(curvature_radius),
                     "a bowl's aperture is above zero and at most the radius of its curvature");
  const Vec3 n = unit(axis, "a bowl");
  const auto [a, b] = across(context, n);
  const bool strip = still_axis(context) >= 0;
  const double opening = std::asin(aperture_radius / curvature_radius);
  const double depth = curvature_radius * (1.0 - std::cos(opening));
  return spread(context,
                strip ? 2.0 * curvature_radius * opening : 2.0 * pi * curvature_radius * depth,
                strip, [&, a = a, b = b](double share, double angle) {
                  // Equal areas are equal heights.
                  const double tilt =
                      strip ? share * opening : std::acos(1.0 - share * (1.0 - std::cos(opening)));
                  Vec3 p = apex;
                  for (std::size_t d = 0; d < 3; ++d)
                    p[d] += curvature_radius *
                            ((1.0 - std::cos(tilt)) * n[d] +
                             std::sin(tilt) * (std::cos(angle) * a[d] + std::sin(angle) * b[d]));
                  return p;
                });
}

std::vector<TimeSource> surface_source(const WaveContext& context,
                                       const std::vector<SurfacePoint>& points, double velocity,
                                       const Waveform& waveform) {
  require_sound(context);
  const StoredField pressure = find_field(context.equations, "p", context.impedance);
  // Weights by point, gathered in bricks.
  std::map<std::array<int, 3>, std::map<std::array<int, 3>, double>> bricks;
  for (const SurfacePoint& point : points) {
    std::array<std::vector<AxisShare>, 3> shares;
    for (int axis = 0; axis < 3; ++axis) {
      const std::size_t d = static_cast<std::size_t>(axis);
      shares[d] = delta_shares(context, axis, Place::edge, point.position[d]);
    }
    for (const AxisShare& z : shares[2])
      for (const AxisShare& y : shares[1])
        for (const AxisShare& x : shares[0]) {
          const std::array<int, 3> p = {x.point, y.point, z.point};
          bricks[{p[0] / brick, p[1] / brick, p[2] / brick}][{p[2], p[1], p[0]}] +=
              2.0 * velocity * point.area * x.share * y.share * z.share *
              density_weight(context, pressure, p);
        }
  }
  std::vector<TimeSource> sources;
  for (const auto& [place, weights] : bricks) {
    TimeSource source;
    source.component = pressure.component;
    source.box.begin = context.size.points;
    for (const auto& [reversed, weight] : weights)
      for (std::size_t d = 0; d < 3; ++d) {
        source.box.begin[d] = std::min(source.box.begin[d], reversed[2 - d]);
        source.box.end[d] = std::max(source.box.end[d], reversed[2 - d] + 1);
      }
    for_each_point(source.box, [&](const std::array<int, 3>& p, std::size_t) {
      const auto known = weights.find({p[2], p[1], p[0]});
      source.weights.push_back(known == weights.end() ? 0.0 : known->second);
    });
    source.signal = [value = waveform.value](int, double time) { return value(time); };
    sources.push_back(std::move(source));
  }
  return sources;
}

std::vector<TimeSource> array_source(const WaveContext& context,
                                     const std::vector<ArrayElement>& elements, double velocity,
                                     const Waveform& waveform) {
  std::vector<TimeSource> sources;
  for (const ArrayElement& element : elements) {
    std::vector<TimeSource> more = surface_source(
        context, disc_points(context, element.centre, element.normal, element.radius),
        velocity * element.amplitude, delayed(waveform, element.delay));
    std::move(more.begin(), more.end(), std::back_inserter(sources));
  }
  return sources;
}

void focus_array(std::vector<ArrayElement>& elements, const Vec3& focus, double speed) {
  const auto distance = [&](const ArrayElement& element) {
    return std::hypot(element.centre[0] - focus[0], element.centre[1] - focus[1],
                      element.centre[2] - focus[2]);
  };
  double farthest = 0.0;
  for (const ArrayElement& element : elements) farthest = std::max(farthest, distance(element));
  for (ArrayElement& element : elements) element.delay = (farthest - distance(element)) / speed;
}

}  // namespace wavesmith
