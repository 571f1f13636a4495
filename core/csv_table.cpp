#include "core/csv_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>
#include <string_view>

#include "core/atomic_file.hpp"
#include "core/error.hpp"

namespace wavesmith {
namespace {

constexpr std::string_view matrix_mark = "wavesmith matrix 1";
constexpr std::size_t longest_line = std::size_t{1} << 26;  // 64 MiB: 2.6 million numbers

// Shortest text that reads back as the same double.
void append_number(std::string& text, double value) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  text.append(digits.data(), end);
}

std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blank = " \t\r";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

// Lines of a text file with their numbers, for messages.
class Lines {
 public:
  explicit Lines(const std::filesystem::path& path) : path_(path), file_(path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error) || !file_)
      throw UnavailableError(path.string() + ": there is no such file, or it cannot be read");
  }

  bool next(std::string& line) {
    line.clear();
    std::streambuf& buffer = *file_.rdbuf();
    int c = buffer.sbumpc();
    if (c == EOF) return false;
    ++number_;
    for (; c != EOF && c != '\n'; c = buffer.sbumpc()) {
      line += static_cast<char>(c);
      if (line.size() > longest_line) fail("the line is longer than 64 MiB; is this a CSV file?");
    }
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return true;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw InputError(path_.string() + ":" + std::to_string(number_) + ": " + what);
  }

  double number(std::string_view text) const {
    const std::string_view word = trim(text);
    double value = 0.0;
    const auto result = std::from_chars(word.data(), word.data() + word.size(), value);
    if (result.ec == std::errc::result_out_of_range)
      fail("\"" + shorten(word) + "\" is out of range");
    if (result.ec != std::errc() || result.ptr != word.data() + word.size())
      fail("\"" + shorten(word) + "\" is not a number");
    return value;
  }

 private:
  static std::string shorten(std::string_view word) {
    return word.size() > 40 ? std::string(word.substr(0, 40)) + "..." : std::string(word);
  }

  std::filesystem::path path_;
  std::ifstream file_;
  long number_ = 0;
};

std::vector<double> numbers_of(const Lines& lines, std::string_view line) {
  std::vector<double> row;
  std::size_t from = 0;
  for (;;) {
    const std::size_t comma = line.find(',', from);
    row.push_back(
        lines.number(line.substr(from, comma == std::string_view::npos ? comma : comma - from)));
    if (comma == std::string_view::npos) return row;
    from = comma + 1;
  }
}

int read_count(const Lines& lines, std::string_view text) {
  const double value = lines.number(text);
  if (!(value >= 1.0 && value <= std::numeric_limits<int>::max() && value == std::floor(value)))
    lines.fail("the number of rows and of columns must be a whole number above 0");
  return static_cast<int>(value);
}

double read_pitch(const Lines& lines, std::string_view text) {
  const double value = lines.number(text);
  if (!(std::isfinite(value) && value > 0.0)) lines.fail("the pitch must be above 0");
  return value;
}

// Column names as RFC 4180 writes them: quoted where they hold a comma or a quote.
std::string quoted(const std::string& name) {
  if (name.find_first_of(",\"#") == std::string::npos && trim(name) == name && !name.empty())
    return one_line(name);
  std::string text = "\"";
  for (char c : one_line(name)) {
    if (c == '"') text += '"';
    text += c;
  }
  return text + '"';
}

std::vector<std::string> names_of(const Lines& lines, const std::string& line) {
  std::vector<std::string> names;
  std::size_t at = 0;
  for (;;) {
    std::string name;
    if (at < line.size() && line[at] == '"') {
      for (++at;; ++at) {
        if (at >= line.size()) lines.fail("a quoted column name does not end");
        if (line[at] == '"' && (at + 1 >= line.size() || line[at + 1] != '"')) break;
        if (line[at] == '"') ++at;
        name += line[at];
      }
      ++at;
      if (at < line.size() && line[at] != ',')
        lines.fail("a quoted column name is followed by text");
    } else {
      const std::size_t comma = std::min(line.find(',', at), line.size());
      name = trim(std::string_view(line).substr(at, comma - at));
      at = comma;
    }
    names.push_back(std::move(name));
    if (at >= line.size()) return names;
    ++at;
  }
}

}  // namespace

void write_csv_matrix(const CsvMatrix& matrix, const std::filesystem::path& path) {
  const auto nx = static_cast<std::size_t>(std::max(matrix.nx, 0));
  const auto ny = static_cast<std::size_t>(std::max(matrix.ny, 0));
  WAVESMITH_VALIDATE(nx >= 1 && ny >= 1 && matrix.values.size() == nx * ny,
                     path.string() + ": " + std::to_string(matrix.values.size()) +
                         " values for a matrix of " + std::to_string(matrix.nx) + " x " +
                         std::to_string(matrix.ny));
  WAVESMITH_VALIDATE(std::isfinite(matrix.pitch_x) && matrix.pitch_x > 0.0 &&
                         std::isfinite(matrix.pitch_y) && matrix.pitch_y > 0.0,
                     path.string() + ": the pitch must be above 0");
  std::string text = "# " + std::string(matrix_mark) + "\n# kind: " + one_line(matrix.kind) +
                     "\n# unit: " + one_line(matrix.unit) +
                     "\n# columns: " + std::to_string(matrix.nx) +
                     "\n# rows: " + std::to_string(matrix.ny) + "\n# pitch_x: ";
  append_number(text, matrix.pitch_x);
  text += "\n# pitch_y: ";
  append_number(text, matrix.pitch_y);
  text += "\n# pitch in metres; x rises along a line, y from line to line\n";
  for (std::size_t j = 0; j < ny; ++j)
    for (std::size_t i = 0; i < nx; ++i) {
      append_number(text, matrix.values[j * nx + i]);
      text += i + 1 < nx ? ',' : '\n';
    }
  write_file(path, text);
}

CsvMatrix read_csv_matrix(const std::filesystem::path& path) {
  Lines lines(path);
  CsvMatrix matrix;
  std::string line;
  if (!lines.next(line) || trim(line) != "# " + std::string(matrix_mark))
    lines.fail("the first line of an exported matrix is \"# " + std::string(matrix_mark) +
               "\"; this is another kind of file");
  std::size_t rows = 0;
  while (lines.next(line)) {
    const std::string_view content = trim(line);
    if (content.empty()) continue;
    if (content.front() == '#') {
      const std::size_t colon = content.find(':');
      const std::string_view key = trim(content.substr(1, std::min(colon, content.size()) - 1));
      const std::string_view value =
          colon == std::string_view::npos ? std::string_view() : trim(content.substr(colon + 1));
      if (key == "kind") matrix.kind = value;
      if (key == "unit") matrix.unit = value;
      if (key == "columns") matrix.nx = read_count(lines, value);
      if (key == "rows") matrix.ny = read_count(lines, value);
      if (key == "pitch_x") matrix.pitch_x = read_pitch(lines, value);
      if (key == "pitch_y") matrix.pitch_y = read_pitch(lines, value);
      continue;
    }
    if (matrix.nx == 0 || matrix.ny == 0 || matrix.pitch_x == 0.0 || matrix.pitch_y == 0.0)
      lines.fail("the header lacks one of columns, rows, pitch_x, pitch_y");
    const std::vector<double> row = numbers_of(lines, content);
    if (row.size() != static_cast<std::size_t>(matrix.nx))
      lines.fail("the line holds " + std::to_string(row.size()) + " numbers, not the " +
                 std::to_string(matrix.nx) + " that the header announces");
    if (++rows > static_cast<std::size_t>(matrix.ny))
      lines.fail("there are more lines than the " + std::to_string(matrix.ny) +
                 " that the header announces");
    matrix.values.insert(matrix.values.end(), row.begin(), row.end());
  }
  if (rows == 0 || rows != static_cast<std::size_t>(matrix.ny))
    lines.fail("the file ends after " + std::to_string(rows) + " of " + std::to_string(matrix.ny) +
               " lines of numbers; it was cut short");
  return matrix;
}

std::vector<double> CsvTable::column(const std::string& name) const {
  const auto at = std::find(columns.begin(), columns.end(), name);
  WAVESMITH_VALIDATE(at != columns.end(), "the table has no column \"" + name + "\"");
  const auto index = static_cast<std::size_t>(at - columns.begin());
  std::vector<double> values;
  values.reserve(rows.size());
  for (const auto& row : rows) values.push_back(row.at(index));
  return values;
}

std::string csv_text(const CsvTable& table) {
  std::string text;
  for (std::size_t n = 0; n < table.columns.size(); ++n)
    text += (n > 0 ? "," : "") + quoted(table.columns[n]);
  text += '\n';
  for (const auto& row : table.rows) {
    WAVESMITH_VALIDATE(row.size() == table.columns.size(),
                       "a row of " + std::to_string(row.size()) + " numbers in a table of " +
                           std::to_string(table.columns.size()) + " columns");
    for (std::size_t n = 0; n < row.size(); ++n) {
      if (n > 0) text += ',';
      append_number(text, row[n]);
    }
    text += '\n';
  }
  return text;
}

void write_csv_table(const CsvTable& table, const std::filesystem::path& path) {
  write_file(path, csv_text(table));
}

CsvTable read_csv_table(const std::filesystem::path& path) {
  Lines lines(path);
  CsvTable table;
  std::string line;
  while (lines.next(line)) {
    const std::string_view content = trim(line);
    if (content.empty() || content.front() == '#') continue;
    if (table.columns.empty()) {
      table.columns = names_of(lines, std::string(content));
      continue;
    }
    table.rows.push_back(numbers_of(lines, content));
    if (table.rows.back().size() != table.columns.size())
      lines.fail("the line holds " + std::to_string(table.rows.back().size()) + " numbers under " +
                 std::to_string(table.columns.size()) + " column names");
  }
  if (table.columns.empty())
    lines.fail("the file holds no table: there is no line of column names");
  return table;
}

}  // namespace wavesmith
