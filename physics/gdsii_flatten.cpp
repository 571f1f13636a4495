#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <set>

#include "core/error.hpp"
#include "core/suggest.hpp"
#include "physics/gdsii.hpp"

namespace wavesmith {
namespace {

// x -> (a x + b y + shift_x, c x + d y + shift_y).
struct Placement {
  double a = 1.0, b = 0.0, c = 0.0, d = 1.0;
  GdsPoint shift{};

  GdsPoint operator()(const GdsPoint& p) const {
    return {a * p[0] + b * p[1] + shift[0], c * p[0] + d * p[1] + shift[1]};
  }
};

// Cosine and sine, exact for quarter turns, so that what lies on the grid stays on it.
std::array<double, 2> cosine_sine(double degrees) {
  const double quarters = std::fmod(degrees, 360.0) / 90.0;
  if (quarters == std::round(quarters)) {
    constexpr std::array<std::array<double, 2>, 4> exact{{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}};
    return exact[static_cast<std::size_t>((static_cast<int>(quarters) % 4 + 4) % 4)];
  }
  const double radians = degrees * std::numbers::pi / 180.0;
  return {std::cos(radians), std::sin(radians)};
}

Placement placed(const Placement& outer, const GdsReference& r, int column, int row) {
  const auto [cosine, sine] = cosine_sine(r.angle);
  const double m = r.magnification, flip = r.reflected ? -1.0 : 1.0;
  const Placement inner{m * cosine, -m * flip * sine, m * sine, m * flip * cosine, {}};
  Placement result;
  result.a = outer.a * inner.a + outer.b * inner.c;
  result.b = outer.a * inner.b + outer.b * inner.d;
  result.c = outer.c * inner.a + outer.d * inner.c;
  result.d = outer.c * inner.b + outer.d * inner.d;
  result.shift = outer({r.origin[0] + column * r.column_step[0] + row * r.row_step[0],
                        r.origin[1] + column * r.column_step[1] + row * r.row_step[1]});
  return result;
}

class Flattener {
 public:
  explicit Flattener(const GdsLibrary& library) {
    for (const GdsCell& cell : library.cells) cells_[cell.name] = &cell;
  }

  const GdsCell& find(const std::string& name, const std::string& asked_by) const {
    const auto found = cells_.find(name);
    if (found != cells_.end()) return *found->second;
    std::vector<std::string> names;
    for (const auto& entry : cells_) names.push_back(entry.first);
    throw InputError("GDSII: " + asked_by + "there is no cell \"" + name + "\"" +
                     suggestion(name, names));
  }

  // Points and references that a cell amounts to; also finds cells that contain themselves. Depth
  // is bounded, so that a file cannot exhaust the stack.
  double weight(const GdsCell& cell, int depth) {
    constexpr int deepest = 500;
    const auto known = weights_.find(&cell);
    if (known != weights_.end()) {
      WAVESMITH_VALIDATE(known->second >= 0.0,
                         "GDSII: the cell \"" + cell.name + "\" contains itself");
      return known->second;
    }
    WAVESMITH_VALIDATE(depth < deepest, "GDSII: cells are nested more than " +
                                            std::to_string(deepest) + " deep at \"" + cell.name +
                                            "\"");
    weights_[&cell] = -1.0;
    double sum = 0.0;
    for (const GdsPolygon& p : cell.polygons) sum += static_cast<double>(p.points.size());
    for (const GdsReference& r : cell.references)
      sum += static_cast<double>(r.columns) * r.rows *
             (1.0 + weight(find(r.cell, "\"" + cell.name + "\" refers to a cell that is missing: "),
                           depth + 1));
    return weights_[&cell] = sum;
  }

  void collect(const GdsCell& cell, const Placement& at, std::vector<GdsPolygon>& out) const {
    for (const GdsPolygon& polygon : cell.polygons) {
      GdsPolygon copy = polygon;
      for (GdsPoint& p : copy.points) p = at(p);
      out.push_back(std::move(copy));
    }
    for (const GdsReference& r : cell.references)
      for (int row = 0; row < r.rows; ++row)
        for (int column = 0; column < r.columns; ++column)
          collect(*cells_.at(r.cell), placed(at, r, column, row), out);
  }

 private:
  std::map<std::string, const GdsCell*> cells_;
  std::map<const GdsCell*, double> weights_;  // -1 while a cell is being looked at
};

}  // namespace

const GdsCell* GdsLibrary::find(const std::string& cell) const {
  const auto found =
      std::find_if(cells.begin(), cells.end(), [&](const GdsCell& c) { return c.name == cell; });
  return found == cells.end() ? nullptr : &*found;
}

std::vector<std::string> top_cells(const GdsLibrary& library) {
  std::set<std::string> referred;
  for (const GdsCell& cell : library.cells)
    for (const GdsReference& r : cell.references) referred.insert(r.cell);
  std::vector<std::string> top;
  for (const GdsCell& cell : library.cells)
    if (!referred.contains(cell.name)) top.push_back(cell.name);
  return top;
}

std::vector<GdsPolygon> flattened(const GdsLibrary& library, const std::string& cell,
                                  double most_points) {
  Flattener flattener(library);
  const GdsCell& top = flattener.find(cell, "");
  const double weight = flattener.weight(top, 0);
  WAVESMITH_VALIDATE(weight <= most_points, "GDSII: the cell \"" + cell + "\" amounts to " +
                                                std::to_string(weight) + " points, more than " +
                                                std::to_string(most_points) +
                                                "; take a smaller cell");
  std::vector<GdsPolygon> polygons;
  flattener.collect(top, {}, polygons);
  return polygons;
}

}  // namespace wavesmith
