#include "solvers/grid_shares.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.hpp"
#include "core/units.hpp"

namespace wavesmith {
namespace {

double overlap_length(double a, double b, double low, double high) {
  return std::max(0.0, std::min(b, high) - std::max(a, low));
}

std::string interval_text(int axis, double low, double high) {
  return std::string("from ") + "xyz"[axis] + " = " + format_quantity(low, Dimension::length) +
         " to " + format_quantity(high, Dimension::length);
}

// The share beyond x of a cell from a to b.
double share_beyond(double a, double b, double x) {
  return b > a ? overlap_length(a, b, x, b) / (b - a) : (x <= a ? 1.0 : 0.0);
}

}  // namespace

PointShares point_shares(const WaveContext& context, int axis, Place place, double low,
                         double high) {
  if (!varies(context, axis)) return {0, {1.0}};
  const Axis& line = context.grid.axis(axis);
  const int n = line.cells(), count = point_count(context, axis, place);
  const bool periodic = context.size.periodic[static_cast<std::size_t>(axis)];
  std::vector<double> length(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    double& sum = length[static_cast<std::size_t>(i)];
    if (place == Place::centre) {
      sum = overlap_length(line.edge(i), line.edge(i + 1), low, high);
      continue;
    }
    const double from = i > 0 ? line.centre(i - 1) : line.low();
    const double to = i < n ? line.centre(i) : line.high();
    sum = overlap_length(from, to, low, high);
    if (periodic && i == 0) sum += overlap_length(line.centre(n - 1), line.high(), low, high);
  }
  int begin = 0, end = count;
  while (begin < end && length[static_cast<std::size_t>(begin)] == 0.0) ++begin;
  while (end > begin && length[static_cast<std::size_t>(end) - 1] == 0.0) --end;
  WAVESMITH_VALIDATE(end > begin, "nothing of the grid lies " + interval_text(axis, low, high) +
                                      "; it reaches " +
                                      interval_text(axis, line.low(), line.high()) +
                                      "; give a low end below the high end, inside of it");
  return {begin, std::vector<double>(length.begin() + begin, length.begin() + end)};
}

std::vector<PlaneLink> plane_links(const WaveContext& context, int axis, double x) {
  const std::string name(1, "xyz"[axis]);
  WAVESMITH_VALIDATE(varies(context, axis), "a plane across " + name +
                                                " needs a grid that varies along it; this one has "
                                                "one cell there");
  const Axis& line = context.grid.axis(axis);
  const int n = line.cells();
  const bool periodic = context.size.periodic[static_cast<std::size_t>(axis)];
  const int nearest = nearest_edge(context, axis, x);
  const double slack = 1e-6 * line.width(std::min(nearest, n - 1));
  const double at = std::abs(line.edge(nearest) - x) <= slack ? line.edge(nearest) : x;
  int cell = 0;
  while (cell + 1 < n && line.edge(cell + 1) <= at) ++cell;

  // Points in order: centre, edge, centre, edge, centre about the cell; w of each.
  const auto centre_share = [&](int i) {
    if (i < 0) return 0.0;
    if (i >= n) return 1.0;
    return share_beyond(line.edge(i), line.edge(i + 1), at);
  };
  const auto edge_share = [&](int i) {
    double from = i > 0 ? line.centre(i - 1) : line.low();
    double to = i < n ? line.centre(i) : line.high();
    if (periodic && i == 0) from = line.low() - 0.5 * line.width(n - 1);
    if (periodic && i == n) to = line.high() + 0.5 * line.width(0);
    return share_beyond(from, to, at);
  };
  std::vector<PlaneLink> links;
  const auto add = [&](int edge, int centre, double weight) {
    if (std::abs(weight) < 1e-14) return;
    if (periodic) {
      edge = edge == n ? 0 : edge;
      centre = (centre + n) % n;
    }
    if (centre < 0 || centre >= n || edge >= point_count(context, axis, Place::edge)) return;
    links.push_back({edge, centre, weight});
  };
  const double before = edge_share(cell), inside = centre_share(cell);
  const double after = edge_share(cell + 1);
  add(cell, cell - 1, before);
  add(cell, cell, inside - before);
  add(cell + 1, cell, after - inside);
  add(cell + 1, cell + 1, 1.0 - after);
  return links;
}

int nearest_edge(const WaveContext& context, int axis, double x) {
  const Axis& line = context.grid.axis(axis);
  const double slack = 1e-6 * (line.high() - line.low());
  WAVESMITH_VALIDATE(x >= line.low() - slack && x <= line.high() + slack,
                     std::string("a plane at ") + "xyz"[axis] + " = " +
                         format_quantity(x, Dimension::length) +
                         " lies outside of the grid, which reaches " +
                         interval_text(axis, line.low(), line.high()) + "; move it inside");
  int best = 0;
  for (int i = 1; i <= line.cells(); ++i)
    if (std::abs(line.edge(i) - x) < std::abs(line.edge(best) - x)) best = i;
  return best;
}

GridBox box_of(const std::array<PointShares, 3>& shares) {
  GridBox box;
  for (std::size_t d = 0; d < 3; ++d) {
    box.begin[d] = shares[d].begin;
    box.end[d] = shares[d].end();
  }
  return box;
}

std::vector<double> products_of(const std::array<PointShares, 3>& shares) {
  std::vector<double> products;
  products.reserve(box_of(shares).count());
  for (const double z : shares[2].length)
    for (const double y : shares[1].length)
      for (const double x : shares[0].length) products.push_back(x * y * z);
  return products;
}

}  // namespace wavesmith
