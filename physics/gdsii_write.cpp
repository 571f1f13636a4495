#include <algorithm>
#include <cmath>
#include <limits>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "physics/gdsii.hpp"
#include "physics/gdsii_records.hpp"

namespace wavesmith {
namespace gds {

std::uint64_t to_real64(double value) {
  if (value == 0.0) return 0;
  const std::uint64_t sign = value < 0.0 ? 1ull << 63 : 0;
  int exponent = 0;
  double fraction = std::abs(value);
  while (fraction >= 1.0) {
    fraction /= 16.0;
    ++exponent;
  }
  while (fraction < 1.0 / 16.0) {
    fraction *= 16.0;
    --exponent;
  }
  // 56 bits hold every double's fraction.
  return sign | static_cast<std::uint64_t>(exponent + 64) << 56 |
         static_cast<std::uint64_t>(std::ldexp(fraction, 56));
}

}  // namespace gds

namespace {

using namespace gds;

constexpr int latest_version = 600;

class Writer {
 public:
  explicit Writer(const GdsLibrary& library) : library_(library) {}

  std::vector<std::uint8_t> write();

 private:
  void record(int type, int data, const std::vector<std::uint8_t>& body);
  void empty(int type) { record(type, none, {}); }
  void words(int type, const std::string& text, const std::string& what);
  void shorts(int type, int data, std::initializer_list<int> values);
  void reals(int type, std::initializer_list<double> values);
  void points(const std::vector<GdsPoint>& points, const std::string& where);
  void polygon(const GdsPolygon& polygon, const std::string& where);
  void reference(const GdsReference& reference, const std::string& where);
  // Creation and change time: none, so that the same layout gives the same bytes.
  void times(int type) { shorts(type, int16, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}); }

  const GdsLibrary& library_;
  std::vector<std::uint8_t> out_;
};

void append(std::vector<std::uint8_t>& out, std::uint64_t value, int bytes) {
  for (int b = bytes - 1; b >= 0; --b) out.push_back(static_cast<std::uint8_t>(value >> (8 * b)));
}

void Writer::record(int type, int data, const std::vector<std::uint8_t>& body) {
  append(out_, body.size() + 4, 2);
  out_.push_back(static_cast<std::uint8_t>(type));
  out_.push_back(static_cast<std::uint8_t>(data));
  out_.insert(out_.end(), body.begin(), body.end());
}

void Writer::words(int type, const std::string& text, const std::string& what) {
  WAVESMITH_VALIDATE(!text.empty() && text.size() <= 32000 && text.find('\0') == text.npos,
                     "GDSII: " + what + " needs a name of 1 to 32000 letters");
  std::vector<std::uint8_t> body(text.begin(), text.end());
  if (body.size() % 2 != 0) body.push_back(0);
  record(type, ascii, body);
}

void Writer::shorts(int type, int data, std::initializer_list<int> values) {
  std::vector<std::uint8_t> body;
  for (const int v : values) append(body, static_cast<std::uint64_t>(v), 2);
  record(type, data, body);
}

void Writer::reals(int type, std::initializer_list<double> values) {
  std::vector<std::uint8_t> body;
  for (const double v : values) append(body, to_real64(v), 8);
  record(type, real64, body);
}

void Writer::points(const std::vector<GdsPoint>& points, const std::string& where) {
  std::vector<std::uint8_t> body;
  for (const GdsPoint& p : points)
    for (const double v : p) {
      const double units = std::round(v / library_.database_unit);
      WAVESMITH_VALIDATE(std::abs(units) <= std::numeric_limits<std::int32_t>::max(),
                         where + ": the coordinate " + std::to_string(v) +
                             " m is beyond what 32 bits of the database unit reach; take a larger "
                             "unit");
      append(body, static_cast<std::uint64_t>(static_cast<std::int64_t>(units)), 4);
    }
  record(xy, int32, body);
}

void Writer::polygon(const GdsPolygon& p, const std::string& where) {
  const auto is_number = [](int v) { return v >= 0 && v <= 32767; };
  WAVESMITH_VALIDATE(is_number(p.layer) && is_number(p.datatype),
                     where + ": layers and data types are 0 to 32767");
  WAVESMITH_VALIDATE(p.points.size() >= 3, where + ": a polygon needs three points or more");
  WAVESMITH_VALIDATE(p.points.size() <= gds_most_points,
                     where + ": a polygon has " + std::to_string(p.points.size()) +
                         " points, GDSII holds " + std::to_string(gds_most_points) +
                         "; cut it into parts");
  empty(boundary);
  shorts(layer, int16, {p.layer});
  shorts(datatype, int16, {p.datatype});
  std::vector<GdsPoint> closed = p.points;
  closed.push_back(closed.front());
  points(closed, where);
  empty(end_element);
}

void Writer::reference(const GdsReference& r, const std::string& where) {
  WAVESMITH_VALIDATE(r.columns >= 1 && r.rows >= 1 && r.columns <= 32767 && r.rows <= 32767,
                     where + ": an array has 1 to 32767 columns and rows");
  WAVESMITH_VALIDATE(std::isfinite(r.magnification) && r.magnification > 1e-12 &&
                         r.magnification < 1e12 && std::isfinite(r.angle) &&
                         std::abs(r.angle) < 1e6,
                     where + ": a reference's magnification must be above 0, its angle finite");
  const bool array = r.columns > 1 || r.rows > 1;
  empty(array ? array_reference : structure_reference);
  words(referred_name, r.cell, where + ": a reference");
  if (r.reflected || r.magnification != 1.0 || r.angle != 0.0) {
    shorts(strans, bits, {r.reflected ? 0x8000 : 0});
    if (r.magnification != 1.0) reals(magnification, {r.magnification});
    if (r.angle != 0.0) reals(angle, {r.angle});
  }
  std::vector<GdsPoint> corners{r.origin};
  if (array) {
    shorts(columns_rows, int16, {r.columns, r.rows});
    corners.push_back(
        {r.origin[0] + r.columns * r.column_step[0], r.origin[1] + r.columns * r.column_step[1]});
    corners.push_back({r.origin[0] + r.rows * r.row_step[0], r.origin[1] + r.rows * r.row_step[1]});
  }
  points(corners, where);
  empty(end_element);
}

std::vector<std::uint8_t> Writer::write() {
  const auto is_unit = [](double v) { return std::isfinite(v) && v > 1e-20 && v < 1e3; };
  WAVESMITH_VALIDATE(is_unit(library_.database_unit) && is_unit(library_.user_unit),
                     "GDSII: the units of \"" + library_.name + "\" must be lengths above 0");
  shorts(header, int16, {latest_version});
  times(begin_library);
  words(library_name, library_.name, "a library");
  reals(units, {library_.database_unit / library_.user_unit, library_.database_unit});
  for (const GdsCell& cell : library_.cells) {
    const std::string where = "GDSII: cell \"" + cell.name + "\"";
    times(begin_structure);
    words(structure_name, cell.name, "a cell");
    for (const GdsPolygon& p : cell.polygons) polygon(p, where);
    for (const GdsReference& r : cell.references) reference(r, where);
    empty(end_structure);
  }
  empty(end_library);
  return std::move(out_);
}

// What of a polygon lies on one side of x (or y) = limit. A concave polygon keeps coincident edges
// along the cut; its area is right.
std::vector<GdsPoint> clipped(const std::vector<GdsPoint>& points, std::size_t axis, double limit,
                              double sign) {
  std::vector<GdsPoint> kept;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const GdsPoint &a = points[i], &b = points[(i + 1) % points.size()];
    const double da = sign * (a[axis] - limit), db = sign * (b[axis] - limit);
    if (da >= 0.0) kept.push_back(a);
    if (da * db < 0.0) {
      GdsPoint p{a[0] + da / (da - db) * (b[0] - a[0]), a[1] + da / (da - db) * (b[1] - a[1])};
      p[axis] = limit;
      kept.push_back(p);
    }
  }
  kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
  while (kept.size() > 1 && kept.front() == kept.back()) kept.pop_back();
  return kept;
}

void cut_into(const GdsPolygon& polygon, std::size_t most_points, int depth,
              std::vector<GdsPolygon>& parts) {
  if (polygon.points.size() <= most_points) {
    if (polygon.points.size() >= 3) parts.push_back(polygon);
    return;
  }
  WAVESMITH_VALIDATE(depth < 40, "GDSII: a polygon of " + std::to_string(polygon.points.size()) +
                                     " points cannot be cut into parts of " +
                                     std::to_string(most_points));
  // At the median of the axis along which it is longest.
  std::array<std::vector<double>, 2> sorted;
  for (std::size_t a = 0; a < 2; ++a) {
    for (const GdsPoint& p : polygon.points) sorted[a].push_back(p[a]);
    std::sort(sorted[a].begin(), sorted[a].end());
  }
  const std::size_t axis =
      sorted[0].back() - sorted[0].front() >= sorted[1].back() - sorted[1].front() ? 0 : 1;
  double limit = sorted[axis][sorted[axis].size() / 2];
  if (limit == sorted[axis].front() || limit == sorted[axis].back())
    limit = 0.5 * (sorted[axis].front() + sorted[axis].back());
  for (const double sign : {-1.0, 1.0})
    cut_into({polygon.layer, polygon.datatype, clipped(polygon.points, axis, limit, sign)},
             most_points, depth + 1, parts);
}

}  // namespace

std::vector<GdsPolygon> cut(const GdsPolygon& polygon, std::size_t most_points) {
  WAVESMITH_VALIDATE(most_points >= 5, "GDSII: parts of a polygon need 5 points or more");
  std::vector<GdsPolygon> parts;
  cut_into(polygon, most_points, 0, parts);
  return parts;
}

std::vector<std::uint8_t> gdsii_bytes(const GdsLibrary& library) {
  return Writer(library).write();
}

void write_gdsii(const GdsLibrary& library, const std::filesystem::path& path) {
  const std::vector<std::uint8_t> bytes = gdsii_bytes(library);
  write_file(path, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

}  // namespace wavesmith
