#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "physics/gdsii.hpp"
#include "physics/gdsii_records.hpp"
#include "physics/input_file.hpp"

namespace wavesmith {
namespace gds {

double from_real64(std::uint64_t raw) {
  const auto fraction = static_cast<double>(raw & 0x00ffffffffffffffu);
  const int exponent = static_cast<int>(raw >> 56 & 0x7fu);
  const double value = std::ldexp(fraction, 4 * (exponent - 64) - 56);
  return (raw >> 63) != 0 ? -value : value;
}

}  // namespace gds

namespace {

using namespace gds;

constexpr std::uint64_t largest_file = 4ull << 30;

struct Piece {
  std::size_t offset = 0;  // of the record's first byte
  int type = 0, data = 0;
  std::span<const std::uint8_t> body;
};

std::string hex(int type) {
  constexpr const char* digits = "0123456789abcdef";
  return {'0', 'x', digits[type >> 4 & 15], digits[type & 15]};
}

std::string record_name(int type) {
  switch (type) {
    case header:
      return "HEADER";
    case begin_library:
      return "BGNLIB";
    case library_name:
      return "LIBNAME";
    case units:
      return "UNITS";
    case end_library:
      return "ENDLIB";
    case begin_structure:
      return "BGNSTR";
    case structure_name:
      return "STRNAME";
    case end_structure:
      return "ENDSTR";
    case boundary:
      return "BOUNDARY";
    case path:
      return "PATH";
    case structure_reference:
      return "SREF";
    case array_reference:
      return "AREF";
    case text:
      return "TEXT";
    case layer:
      return "LAYER";
    case datatype:
      return "DATATYPE";
    case width:
      return "WIDTH";
    case xy:
      return "XY";
    case end_element:
      return "ENDEL";
    case referred_name:
      return "SNAME";
    case columns_rows:
      return "COLROW";
    case node:
      return "NODE";
    case strans:
      return "STRANS";
    case magnification:
      return "MAG";
    case angle:
      return "ANGLE";
    case path_type:
      return "PATHTYPE";
    case box:
      return "BOX";
    case box_type:
      return "BOXTYPE";
    case begin_extension:
      return "BGNEXTN";
    case end_extension:
      return "ENDEXTN";
    default:
      return "type " + hex(type);
  }
}

// What an element gathers until its ENDEL.
struct Element {
  Piece start;
  int layer = -1, datatype = -1, path_type = 0;
  double width = 0.0, before = 0.0, after = 0.0;
  std::vector<GdsPoint> points;
  GdsReference reference;
  bool has_columns = false;
};

class Reader {
 public:
  Reader(std::span<const std::uint8_t> bytes, const std::string& name)
      : bytes_(bytes), name_(name) {}

  GdsLibrary read();

 private:
  [[noreturn]] void fail(const Piece& piece, const std::string& what) const {
    throw InputError(name_ + ": " + record_name(piece.type) + " at byte " +
                     std::to_string(piece.offset) + ": " + what);
  }
  void expect(bool condition, const Piece& piece, const std::string& what) const {
    if (!condition) fail(piece, what);
  }
  Piece next();
  std::int64_t integer(const Piece& piece, std::size_t index) const;
  double real(const Piece& piece, std::size_t index) const;
  std::string words(const Piece& piece) const;
  void need(const Piece& piece, int data, std::size_t bytes) const;
  void read_units(const Piece& piece);
  void read_cell(GdsCell& cell);
  Element read_element(const Piece& start);
  void read_property(const Piece& piece, Element& element) const;
  void finish(Element& element, GdsCell& cell) const;
  void finish_reference(Element& element, GdsCell& cell) const;

  std::span<const std::uint8_t> bytes_;
  std::string name_;
  std::size_t at_ = 0;
  GdsLibrary library_;
  double unit_ = 0.0;  // [m]
};

Piece Reader::next() {
  const std::string place = name_ + ": record at byte " + std::to_string(at_);
  WAVESMITH_VALIDATE(bytes_.size() - at_ >= 4,
                     place + ": the file ends before ENDLIB; is it cut short?");
  const std::size_t size = static_cast<std::size_t>(bytes_[at_]) << 8 | bytes_[at_ + 1];
  const int type = bytes_[at_ + 2];
  WAVESMITH_VALIDATE(size >= 4 && size % 2 == 0,
                     place + " (" + record_name(type) + "): its length " + std::to_string(size) +
                         " is not an even number above 3; is this a GDSII file?");
  WAVESMITH_VALIDATE(size <= bytes_.size() - at_,
                     place + " (" + record_name(type) + "): its " + std::to_string(size) +
                         " bytes reach beyond the end of the file; is it cut short?");
  const Piece piece{at_, type, bytes_[at_ + 3], bytes_.subspan(at_ + 4, size - 4)};
  at_ += size;
  return piece;
}

void Reader::need(const Piece& piece, int data, std::size_t bytes) const {
  expect(
      piece.data == data, piece,
      "its data type is " + std::to_string(piece.data) + ", it should be " + std::to_string(data));
  expect(
      piece.body.size() >= bytes, piece,
      "it has " + std::to_string(piece.body.size()) + " bytes, it needs " + std::to_string(bytes));
}

std::int64_t Reader::integer(const Piece& piece, std::size_t index) const {
  const std::size_t size = piece.data == int16 || piece.data == bits ? 2 : 4;
  std::uint32_t raw = 0;
  for (std::size_t b = 0; b < size; ++b) raw = raw << 8 | piece.body[index * size + b];
  return size == 2 ? static_cast<std::int64_t>(static_cast<std::int16_t>(raw))
                   : static_cast<std::int64_t>(static_cast<std::int32_t>(raw));
}

double Reader::real(const Piece& piece, std::size_t index) const {
  std::uint64_t raw = 0;
  for (std::size_t b = 0; b < 8; ++b) raw = raw << 8 | piece.body[index * 8 + b];
  return from_real64(raw);
}

// Text of even length, with a zero byte at the end of an odd one.
std::string Reader::words(const Piece& piece) const {
  need(piece, ascii, 1);
  std::string result(piece.body.begin(), piece.body.end());
  if (const auto end = result.find('\0'); end != std::string::npos) result.resize(end);
  expect(!result.empty(), piece, "its name is empty");
  return result;
}

GdsLibrary Reader::read() {
  Piece piece = next();
  expect(piece.type == header, piece, "the first record should be HEADER; is this a GDSII file?");
  piece = next();
  expect(piece.type == begin_library, piece, "the second record should be BGNLIB");
  for (piece = next(); piece.type != end_library; piece = next()) {
    if (piece.type == library_name) {
      library_.name = words(piece);
    } else if (piece.type == units) {
      read_units(piece);
    } else if (piece.type == begin_structure) {
      expect(unit_ > 0.0, piece, "a cell comes before UNITS, so its lengths mean nothing");
      const Piece name = next();
      expect(name.type == structure_name, name, "BGNSTR should be followed by STRNAME");
      GdsCell cell;
      cell.name = words(name);
      read_cell(cell);
      library_.cells.push_back(std::move(cell));
    } else {
      expect(piece.type != end_structure && piece.type != boundary && piece.type != xy, piece,
             "it should be within a cell (between BGNSTR and ENDSTR)");
    }
  }
  std::vector<std::string> names;
  for (const GdsCell& cell : library_.cells) names.push_back(cell.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  WAVESMITH_VALIDATE(twice == names.end(), name_ + ": two cells are called \"" + *twice + "\"");
  return std::move(library_);
}

void Reader::read_units(const Piece& piece) {
  need(piece, real64, 16);
  const double in_user_units = real(piece, 0), metres = real(piece, 1);
  const auto sound = [](double v) { return v > 1e-30 && v < 1e10; };
  expect(sound(in_user_units) && sound(metres), piece, "its units are not lengths above 0");
  // Such reals have no exact 1e-9; what was meant has at most 12 digits.
  const auto tidy = [](double v) {
    return std::stod([&] {
      std::array<char, 40> text{};
      std::snprintf(text.data(), text.size(), "%.12e", v);
      return std::string(text.data());
    }());
  };
  unit_ = library_.database_unit = tidy(metres);
  library_.user_unit = tidy(metres / in_user_units);
}

void Reader::read_cell(GdsCell& cell) {
  for (Piece piece = next(); piece.type != end_structure; piece = next()) {
    switch (piece.type) {
      case boundary:
      case box:
      case path:
      case structure_reference:
      case array_reference:
      case text:
      case node: {
        Element element = read_element(piece);
        finish(element, cell);
        break;
      }
      case end_library:
      case begin_structure:
        fail(piece, "the cell \"" + cell.name + "\" has no ENDSTR");
      default:
        break;  // STRCLASS and whatever a program added
    }
  }
}

Element Reader::read_element(const Piece& start) {
  Element element;
  element.start = start;
  for (Piece piece = next(); piece.type != end_element; piece = next()) {
    expect(piece.type != end_structure && piece.type != end_library &&
               piece.type != begin_structure && piece.type != boundary && piece.type != path,
           piece,
           "the " + record_name(start.type) + " at byte " + std::to_string(start.offset) +
               " has no ENDEL");
    read_property(piece, element);
  }
  return element;
}

void Reader::read_property(const Piece& piece, Element& e) const {
  switch (piece.type) {
    case layer:
      need(piece, int16, 2);
      e.layer = static_cast<int>(integer(piece, 0));
      expect(e.layer >= 0, piece, "the layer is negative");
      break;
    case datatype:
    case box_type:
      need(piece, int16, 2);
      e.datatype = static_cast<int>(integer(piece, 0));
      expect(e.datatype >= 0, piece, "the data type is negative");
      break;
    case path_type:
      need(piece, int16, 2);
      e.path_type = static_cast<int>(integer(piece, 0));
      break;
    case width:
      need(piece, int32, 4);
      // A negative width is one that references do not magnify; its size is the same.
      e.width = std::abs(static_cast<double>(integer(piece, 0))) * unit_;
      break;
    case begin_extension:
      need(piece, int32, 4);
      e.before = static_cast<double>(integer(piece, 0)) * unit_;
      break;
    case end_extension:
      need(piece, int32, 4);
      e.after = static_cast<double>(integer(piece, 0)) * unit_;
      break;
    case xy:
      need(piece, int32, 8);
      expect(piece.body.size() % 8 == 0, piece, "it ends within a point");
      for (std::size_t i = 0; i < piece.body.size() / 8; ++i)
        e.points.push_back({static_cast<double>(integer(piece, 2 * i)) * unit_,
                            static_cast<double>(integer(piece, 2 * i + 1)) * unit_});
      break;
    case referred_name:
      e.reference.cell = words(piece);
      break;
    case columns_rows:
      need(piece, int16, 4);
      e.reference.columns = static_cast<int>(integer(piece, 0));
      e.reference.rows = static_cast<int>(integer(piece, 1));
      e.has_columns = true;
      expect(e.reference.columns > 0 && e.reference.rows > 0, piece,
             "an array needs one column and one row or more");
      break;
    case strans: {
      need(piece, bits, 2);
      const auto flags = static_cast<unsigned>(integer(piece, 0));
      e.reference.reflected = (flags & 0x8000u) != 0;
      expect((flags & 0x0006u) == 0, piece,
             "absolute magnification or angles are not supported; flatten the layout first");
      break;
    }
    case magnification:
      need(piece, real64, 8);
      e.reference.magnification = real(piece, 0);
      expect(e.reference.magnification > 0.0 && e.reference.magnification < 1e12, piece,
             "the magnification must be above 0");
      break;
    case angle:
      need(piece, real64, 8);
      e.reference.angle = real(piece, 0);
      expect(std::abs(e.reference.angle) < 1e6, piece, "the angle is absurd");
      break;
    default:
      break;  // properties, plex numbers, flags for editors
  }
}

void Reader::finish(Element& e, GdsCell& cell) const {
  const int type = e.start.type;
  if (type == text || type == node) return;
  if (type == structure_reference || type == array_reference) {
    finish_reference(e, cell);
    return;
  }
  expect(e.layer >= 0, e.start, "it has no LAYER");
  expect(e.datatype >= 0, e.start, "it has no DATATYPE");
  expect(!e.points.empty(), e.start, "it has no XY");
  GdsPolygon polygon{e.layer, e.datatype, {}};
  if (type == path) {
    expect(e.path_type == 0 || e.path_type == 1 || e.path_type == 2 || e.path_type == 4, e.start,
           "its PATHTYPE is " + std::to_string(e.path_type) + "; 0, 1, 2 and 4 exist");
    if (e.width == 0.0) return;  // a line without area
    if (e.path_type == 2) e.before = e.after = 0.5 * e.width;
    if (e.path_type < 2) e.before = e.after = 0.0;
    polygon.points = path_outline(std::move(e.points), e.width,
                                  e.path_type == 1 ? GdsPathEnd::round : GdsPathEnd::straight,
                                  e.before, e.after);
    if (polygon.points.size() < 3) return;
  } else {
    if (e.points.size() > 1 && e.points.front() == e.points.back()) e.points.pop_back();
    expect(e.points.size() >= 3, e.start, "its polygon has fewer than three corners");
    polygon.points = std::move(e.points);
  }
  cell.polygons.push_back(std::move(polygon));
}

void Reader::finish_reference(Element& e, GdsCell& cell) const {
  GdsReference& r = e.reference;
  expect(!r.cell.empty(), e.start, "it has no SNAME");
  const bool array = e.start.type == array_reference;
  expect(!array || e.has_columns, e.start, "it has no COLROW");
  expect(e.points.size() == (array ? 3u : 1u), e.start,
         "it has " + std::to_string(e.points.size()) + " points, it needs " + (array ? "3" : "1"));
  r.origin = e.points[0];
  if (array)
    for (std::size_t a = 0; a < 2; ++a) {
      r.column_step[a] = (e.points[1][a] - r.origin[a]) / r.columns;
      r.row_step[a] = (e.points[2][a] - r.origin[a]) / r.rows;
    }
  else
    r.columns = r.rows = 1;
  cell.references.push_back(std::move(r));
}

}  // namespace

GdsLibrary parse_gdsii(std::span<const std::uint8_t> bytes, const std::string& name) {
  return Reader(bytes, name).read();
}

GdsLibrary read_gdsii(const std::filesystem::path& path) {
  return parse_gdsii(read_input_file(path, largest_file), path.string());
}

}  // namespace wavesmith
