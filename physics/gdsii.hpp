// GDSII stream files: layouts as cells of polygons and references to other cells.
//
// GDSII Stream Format Manual, release 6.0 (Calma, 1987). Read: BOUNDARY, BOX and PATH (expanded to
// its outline: ends flush, round, extended by half the width or by given lengths), SREF and AREF
// with reflection, magnification and rotation. TEXT and NODE are passed over. Absolute
// magnification and absolute angles are refused.
//
// Lengths are metres. A file keeps whole numbers of its database unit, so what lies on that grid is
// written and read back exactly.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace wavesmith {

using GdsPoint = std::array<double, 2>;  // x, y [m]

struct GdsPolygon {
  int layer = 0, datatype = 0;   // 0 to 32767
  std::vector<GdsPoint> points;  // not closed by a repeated first one
  bool operator==(const GdsPolygon&) const = default;
};

// A cell placed in another one, columns x rows times. Applied to a point in this order:
// reflection (y -> -y), magnification, rotation, shift.
struct GdsReference {
  std::string cell;
  GdsPoint origin{};
  bool reflected = false;
  double magnification = 1.0;
  double angle = 0.0;  // anticlockwise [degrees]
  int columns = 1, rows = 1;
  GdsPoint column_step{}, row_step{};
  bool operator==(const GdsReference&) const = default;
};

struct GdsCell {
  std::string name;
  std::vector<GdsPolygon> polygons;
  std::vector<GdsReference> references;
  bool operator==(const GdsCell&) const = default;
};

struct GdsLibrary {
  std::string name = "wavesmith";
  double database_unit = 1e-9;  // [m]
  double user_unit = 1e-6;      // [m]
  std::vector<GdsCell> cells;
  bool operator==(const GdsLibrary&) const = default;

  const GdsCell* find(const std::string& cell) const;  // null where there is none
};

// `name` stands for the file in messages. Throws InputError naming file, record and byte offset.
GdsLibrary parse_gdsii(std::span<const std::uint8_t> bytes, const std::string& name);
GdsLibrary read_gdsii(const std::filesystem::path& path);

// The cells that no other cell refers to, in the order of the library.
std::vector<std::string> top_cells(const GdsLibrary& library);

// All polygons of a cell with everything that it refers to, in its coordinates. Throws InputError
// where a cell is missing or contains itself, or where more than `most_points` points would come.
std::vector<GdsPolygon> flattened(const GdsLibrary& library, const std::string& cell,
                                  double most_points = 5e7);

// The most points that a polygon of a file can have: what fits into a record.
constexpr std::size_t gds_most_points = 8190;

// As bytes, and as a file that appears when it is whole. Coordinates are rounded to the database
// unit. Throws InputError for what the format cannot hold, such as too many points: cut() helps.
std::vector<std::uint8_t> gdsii_bytes(const GdsLibrary& library);
void write_gdsii(const GdsLibrary& library, const std::filesystem::path& path);

// The polygon in parts of at most `most_points` points with the same area altogether, cut along x
// or y. Throws InputError where cutting does not lead there (coincident points).
std::vector<GdsPolygon> cut(const GdsPolygon& polygon, std::size_t most_points = gds_most_points);

// The outline of a path of the given width, with mitred joints (bevelled where the path turns by
// more than 120 degrees). Ends are extended by `before` and `after`, or round.
enum class GdsPathEnd { straight, round };
std::vector<GdsPoint> path_outline(std::vector<GdsPoint> points, double width, GdsPathEnd end,
                                   double before, double after);

}  // namespace wavesmith
