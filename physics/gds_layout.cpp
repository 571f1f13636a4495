#include "physics/gds_layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/error.hpp"
#include "physics/polygon_check.hpp"
#include "physics/region_cut.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

// Whole numbers of the database unit, as doubles.
std::vector<Ring> rounded(std::span<const Ring> rings, double unit) {
  constexpr double farthest = 2147483647.0;
  std::vector<Ring> result;
  for (const Ring& ring : rings) {
    Ring points;
    for (const Point2& p : ring) {
      const Point2 q{std::round(p[0] / unit), std::round(p[1] / unit)};
      WAVESMITH_VALIDATE(std::abs(q[0]) <= farthest && std::abs(q[1]) <= farthest,
                         "layout: the point " + place_text(p) +
                             " is beyond what 32 bits of the database unit reach; take a larger "
                             "unit");
      points.push_back(q);
    }
    points = without_straight_corners(points);
    if (points.size() >= 3) result.push_back(std::move(points));
  }
  return result;
}

std::size_t slit_points(const Region& region) {
  std::size_t count = region.outline.size();
  for (const Ring& hole : region.holes) count += hole.size() + 2;
  return count;
}

}  // namespace

std::vector<GdsPolygon> gds_polygons(std::span<const Ring> rings, int layer, int datatype,
                                     double database_unit, std::size_t most_points) {
  validate_positive(database_unit, "layout: the database unit");
  WAVESMITH_VALIDATE(most_points >= 8, "layout: polygons need 8 points or more");
  std::vector<Ring> whole = rounded(rings, database_unit);
  const std::vector<Crossing> contacts = find_contacts(whole);
  if (!contacts.empty()) {
    const Point2& p = contacts[0].place;
    throw InputError(fmt::format(
        "layout: outlines meet at {} once they are rounded to the database unit of {:g} nm; take "
        "a finer unit, or outlines that keep a gap of twice the unit",
        place_text({p[0] * database_unit, p[1] * database_unit}), 1e9 * database_unit));
  }
  std::vector<GdsPolygon> polygons;
  std::vector<Region> open = regions_of(std::move(whole), database_unit);
  while (!open.empty()) {
    Region region = std::move(open.back());
    open.pop_back();
    if (slit_points(region) > most_points) {
      for (Region& part : cut_in_two(region)) open.push_back(std::move(part));
      continue;
    }
    GdsPolygon polygon{layer, datatype, with_slits(region)};
    for (GdsPoint& p : polygon.points) p = {p[0] * database_unit, p[1] * database_unit};
    polygons.push_back(std::move(polygon));
  }
  return polygons;
}

std::vector<Ring> outlines(std::span<const GdsPolygon> polygons, int layer, int datatype) {
  std::vector<Ring> rings;
  for (const GdsPolygon& p : polygons) {
    if (p.layer != layer || (datatype >= 0 && p.datatype != datatype)) continue;
    rings.push_back(p.points);
    if (signed_area(p.points) < 0.0) std::reverse(rings.back().begin(), rings.back().end());
  }
  return rings;
}

namespace {

using Place = std::array<std::int64_t, 2>;  // y, x [database units]

struct Run {  // places in a row
  Place first{};
  std::int64_t step = 0;
  int count = 1;
};

constexpr int most_in_array = 32767;

// Evenly spaced places in rows along x, taken greedily.
std::vector<Run> runs_of(const std::vector<Place>& places) {
  std::vector<Run> runs;
  for (const Place& p : places) {
    if (!runs.empty() && runs.back().first[0] == p[0] && runs.back().count < most_in_array) {
      Run& run = runs.back();
      const std::int64_t step = p[1] - (run.first[1] + (run.count - 1) * run.step);
      if (step > 0 && (run.count == 1 || step == run.step)) {
        run.step = step;
        ++run.count;
        continue;
      }
    }
    runs.push_back({p, 0, 1});
  }
  return runs;
}

// Rows alike at even distances become arrays.
std::vector<GdsReference> references_to(const std::string& cell, std::vector<Place> places,
                                        double unit) {
  std::sort(places.begin(), places.end());
  struct Column {
    Run run;
    std::int64_t step = 0;
    int rows = 1;
  };
  std::vector<Column> arrays;
  std::map<std::array<std::int64_t, 3>, std::size_t> latest;  // of the same x, step and count
  for (const Run& run : runs_of(places)) {
    const std::array<std::int64_t, 3> key{run.first[1], run.step, run.count};
    const auto found = latest.find(key);
    if (found != latest.end()) {
      Column& array = arrays[found->second];
      const std::int64_t step = run.first[0] - (array.run.first[0] + (array.rows - 1) * array.step);
      if (step > 0 && (array.rows == 1 || step == array.step) && array.rows < most_in_array) {
        array.step = step;
        ++array.rows;
        continue;
      }
    }
    latest[key] = arrays.size();
    arrays.push_back({run, 0, 1});
  }
  std::vector<GdsReference> references;
  const auto metres = [&](std::int64_t n) { return static_cast<double>(n) * unit; };
  for (const Column& a : arrays) {
    GdsReference r;
    r.cell = cell;
    r.origin = {metres(a.run.first[1]), metres(a.run.first[0])};
    r.columns = a.run.count;
    r.rows = a.rows;
    r.column_step = {metres(a.run.step), 0.0};
    r.row_step = {0.0, metres(a.step)};
    references.push_back(r);
  }
  return references;
}

}  // namespace

GdsLibrary place_cells(std::vector<GdsCell> cells, std::span<const CellPlaces> places,
                       const std::string& top, double database_unit) {
  validate_positive(database_unit, "layout: the database unit");
  std::set<std::string> names{top};
  for (const GdsCell& cell : cells)
    WAVESMITH_VALIDATE(names.insert(cell.name).second,
                       "layout: there are two cells called \"" + cell.name + "\"; rename one");
  GdsCell root{top, {}, {}};
  for (const CellPlaces& group : places) {
    WAVESMITH_VALIDATE(group.cell != top && names.contains(group.cell),
                       "layout: there is no cell \"" + group.cell + "\" to be placed");
    std::vector<Place> whole;
    for (const Point2& p : group.positions) {
      const double x = std::round(p[0] / database_unit), y = std::round(p[1] / database_unit);
      WAVESMITH_VALIDATE(std::abs(x) <= 2147483647.0 && std::abs(y) <= 2147483647.0,
                         "layout: the position " + place_text(p) + " of cell \"" + group.cell +
                             "\" is beyond what 32 bits of the database unit reach; take a larger "
                             "unit");
      whole.push_back({static_cast<std::int64_t>(y), static_cast<std::int64_t>(x)});
    }
    for (GdsReference& r : references_to(group.cell, std::move(whole), database_unit))
      root.references.push_back(std::move(r));
  }
  GdsLibrary library;
  library.database_unit = database_unit;
  library.cells = std::move(cells);
  library.cells.push_back(std::move(root));
  return library;
}

void validate_polygons(const GdsLibrary& library, const std::string& cell, int layer, int datatype,
                       const std::string& name) {
  std::map<std::string, const GdsCell*> cells;
  for (const GdsCell& c : library.cells) cells[c.name] = &c;
  std::set<std::string> seen{cell};
  std::vector<std::string> open{cell};
  while (!open.empty()) {
    const auto found = cells.find(open.back());
    open.pop_back();
    if (found == cells.end()) continue;  // flattened() names it
    const GdsCell& here = *found->second;
    for (std::size_t n = 0; n < here.polygons.size(); ++n) {
      const GdsPolygon& p = here.polygons[n];
      if (p.layer != layer || (datatype >= 0 && p.datatype != datatype)) continue;
      const std::optional<Crossing> crossing = find_crossing(p.points);
      if (crossing)
        throw InputError(fmt::format(
            "{}: in cell \"{}\", polygon {} of {} (layer {}, data type {}, {} points) crosses or "
            "covers itself at {}, so that what is inside is not certain; merge it in a layout "
            "editor, or cut it into polygons that do not",
            name, here.name, n + 1, here.polygons.size(), p.layer, p.datatype, p.points.size(),
            place_text(crossing->place)));
    }
    for (const GdsReference& r : here.references)
      if (seen.insert(r.cell).second) open.push_back(r.cell);
  }
}

}  // namespace wavesmith
