#include "solvers/current_source.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"

namespace wavesmith {
namespace {

bool finite(const Vec3& v) {
  return std::isfinite(v[0]) && std::isfinite(v[1]) && std::isfinite(v[2]);
}

// The sign with which a field at this place continues beyond a face: a mirror is even at edges, a
// wall at centres.
double image_sign(Boundary face, Place place) {
  return (face == Boundary::mirror) == (place == Place::edge) ? 1.0 : -1.0;
}

// Whether the field of a point is held at zero by a wall that it lies in.
bool in_wall(const WaveContext& context, int axis, Place place, int point) {
  return place == Place::edge && point == 0 &&
         context.size.wall_low[static_cast<std::size_t>(axis)];
}

void add_share(std::vector<AxisShare>& shares, int point, double share) {
  if (share == 0.0) return;
  for (AxisShare& known : shares)
    if (known.point == point) {
      known.share += share;
      return;
    }
  shares.push_back({point, share});
}

// Splits shares into runs of consecutive points.
std::vector<std::vector<AxisShare>> runs_of(const std::vector<AxisShare>& shares) {
  std::vector<std::vector<AxisShare>> runs;
  for (const AxisShare& one : shares) {
    if (runs.empty() || runs.back().back().point + 1 != one.point) runs.emplace_back();
    runs.back().push_back(one);
  }
  return runs;
}

}  // namespace

std::vector<AxisShare> delta_shares(const WaveContext& context, int axis, Place place, double x) {
  if (!varies(context, axis)) return {{0, 1.0}};
  nearest_point(context, axis, place, x);  // x lies in the grid
  const std::size_t d = static_cast<std::size_t>(axis);
  const Axis& line = context.grid.axis(axis);
  const int n = line.cells();
  const std::array<Boundary, 2>& faces = context.boundaries.faces[d];
  const bool periodic = faces[0] == Boundary::periodic;
  // Centres have a point beyond each face, -1 and n.
  const auto at = [&](int i) {
    if (place == Place::edge) return line.edge(i);
    const double length = line.high() - line.low();
    if (i < 0) return periodic ? line.centre(n - 1) - length : 2.0 * line.low() - line.centre(0);
    if (i == n) return periodic ? line.centre(0) + length : 2.0 * line.high() - line.centre(n - 1);
    return line.centre(i);
  };
  int left = place == Place::edge ? 0 : -1;
  while (left < n - 1 && at(left + 1) <= x) ++left;
  const double right_share = std::clamp((x - at(left)) / (at(left + 1) - at(left)), 0.0, 1.0);

  std::vector<AxisShare> shares;
  for (const auto& [point, share] : {AxisShare{left, 1.0 - right_share}, {left + 1, right_share}}) {
    if (share == 0.0) continue;
    int stored = point;
    double sign = 1.0;
    if (periodic) {
      stored = (point + n) % n;
    } else if (place == Place::edge && (point == 0 || point == n)) {
      // On a mirror the image adds as much, unless it is the source itself.
      const bool mirror = faces[point == 0 ? 0 : 1] == Boundary::mirror;
      if (mirror && share < 1.0 - 1e-9) sign = 2.0;
    } else if (point < 0) {
      stored = -1 - point;
      sign = image_sign(faces[0], place);
    } else if (place == Place::centre && point == n) {
      stored = n - 1;
      sign = image_sign(faces[1], place);
    }
    // Not stored: in the wall at the high face.
    if (stored >= point_count(context, axis, place) || in_wall(context, axis, place, stored))
      continue;
    add_share(shares, stored, sign * share / point_width(context, axis, place, stored));
  }
  std::sort(shares.begin(), shares.end(),
            [](const AxisShare& a, const AxisShare& b) { return a.point < b.point; });
  std::erase_if(shares, [](const AxisShare& one) { return one.share == 0.0; });
  return shares;
}

std::vector<AxisShare> box_shares(const WaveContext& context, int axis, Place place, double low,
                                  double high) {
  if (!varies(context, axis)) return {{0, 1.0}};
  nearest_point(context, axis, place, low);
  nearest_point(context, axis, place, high);
  const Axis& line = context.grid.axis(axis);
  const int n = line.cells();
  const bool periodic = context.size.periodic[static_cast<std::size_t>(axis)];
  std::vector<AxisShare> shares;
  for (int i = 0; i < point_count(context, axis, place); ++i) {
    if (in_wall(context, axis, place, i)) continue;
    double from = 0.0, to = 0.0;
    if (place == Place::centre) {
      from = line.edge(i);
      to = line.edge(i + 1);
    } else {
      from = i > 0 ? line.centre(i - 1) : line.low();
      to = i < n ? line.centre(i) : line.high();
    }
    double inside = std::max(0.0, std::min(to, high) - std::max(from, low));
    double width = to - from;
    if (place == Place::edge && periodic && i == 0) {  // the other half is at the other end
      const double other = line.high() - line.centre(n - 1);
      inside += std::max(0.0, std::min(line.high(), high) - std::max(line.centre(n - 1), low));
      width += other;
    }
    add_share(shares, i, inside / width);
  }
  return shares;
}

std::vector<TimeSource> current_source(const WaveContext& context, const std::string& field,
                                       const Vec3& low, const Vec3& high, double strength,
                                       const Waveform& waveform) {
  const StoredField stored = find_field(context.equations, field, context.impedance);
  WAVESMITH_VALIDATE(finite(low) && finite(high) && std::isfinite(strength),
                     "a source of " + field + " needs a finite strength between finite corners");
  std::array<std::vector<std::vector<AxisShare>>, 3> runs;
  for (int axis = 0; axis < 3; ++axis) {
    const std::size_t d = static_cast<std::size_t>(axis);
    WAVESMITH_VALIDATE(low[d] <= high[d] || !varies(context, axis),
                       "a source of " + field + " ends before it begins along " + "xyz"[axis] +
                           "; exchange its corners");
    const std::vector<AxisShare> shares =
        low[d] == high[d] ? delta_shares(context, axis, stored.places[d], low[d])
                          : box_shares(context, axis, stored.places[d], low[d], high[d]);
    WAVESMITH_VALIDATE(!shares.empty(), "a source of " + field + " lies in a wall across " +
                                            "xyz"[axis] + ", where it does nothing; move it");
    runs[d] = runs_of(shares);
  }
  std::vector<TimeSource> sources;
  for (const auto& z : runs[2])
    for (const auto& y : runs[1])
      for (const auto& x : runs[0]) {
        TimeSource source;
        source.component = stored.component;
        source.box = {{x.front().point, y.front().point, z.front().point},
                      {x.back().point + 1, y.back().point + 1, z.back().point + 1}};
        for_each_point(source.box, [&](const std::array<int, 3>& p, std::size_t) {
          const auto share = [&](const std::vector<AxisShare>& run, std::size_t d) {
            return run[static_cast<std::size_t>(p[d] - source.box.begin[d])].share;
          };
          source.weights.push_back(strength * share(x, 0) * share(y, 1) * share(z, 2) *
                                   density_weight(context, stored, p));
        });
        source.signal = [value = waveform.value](int, double time) { return value(time); };
        sources.push_back(std::move(source));
      }
  return sources;
}

std::vector<TimeSource> point_source(const WaveContext& context, const std::string& field,
                                     const Vec3& position, double strength,
                                     const Waveform& waveform) {
  return current_source(context, field, position, position, strength, waveform);
}

}  // namespace wavesmith
