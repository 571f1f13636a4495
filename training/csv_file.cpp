#include "training/csv_file.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "core/error.hpp"

namespace wavesmith {

namespace {

constexpr int largest_label = 65535;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// A field for a message: short, printable.
std::string shown(std::string_view field) {
  std::string text = "\"";
  for (const char letter : field.substr(0, 40)) {
    text += (letter >= ' ' && letter <= '~') ? letter : '?';
  }
  return text + (field.size() > 40 ? "...\"" : "\"");
}

// Splits the text into lines, and lines into fields.
class Rows {
 public:
  Rows(Bytes bytes, std::string name) : name_(std::move(name)) {
    text_ = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    WAVESMITH_VALIDATE(!is_gzip(bytes), name_ + " is compressed with gzip; decompress it first");
    WAVESMITH_VALIDATE(text_.find('\0') == std::string_view::npos,
                       name_ +
                           " is not text: it holds zero bytes; expected numbers separated by "
                           "commas");
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
  }

  // Reads the next row that is not empty or a comment; false at the end.
  bool next() {
    while (!text_.empty()) {
      const std::size_t end = std::min(text_.find('\n'), text_.size());
      std::string_view line = text_.substr(0, end);
      text_.remove_prefix(std::min(end + 1, text_.size()));
      ++line_;
      if (line.ends_with('\r')) line.remove_suffix(1);
      const std::string_view content = trimmed(line);
      if (content.empty() || content.front() == '#') continue;
      split(line);
      WAVESMITH_VALIDATE(width_ == 0 || fields_.size() == width_,
                         place() + "expected " + std::to_string(width_) +
                             " fields as in the first row, found " +
                             std::to_string(fields_.size()));
      width_ = fields_.size();
      return true;
    }
    return false;
  }

  const std::vector<std::string>& fields() const { return fields_; }
  std::string place() const { return name_ + ":" + std::to_string(line_) + ": "; }

  // "file:line: column 3 ..."
  std::string place(std::size_t column) const {
    return place() + "column " + std::to_string(column + 1) + " ";
  }

 private:
  void split(std::string_view line) {
    fields_.clear();
    while (true) {
      std::string field;
      std::string_view start = line;
      start.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
      if (start.starts_with('"')) {
        line = start.substr(1);
        field = quoted(line);
      } else {
        const std::size_t end = std::min(line.find(','), line.size());
        field = trimmed(line.substr(0, end));
        line.remove_prefix(end);
      }
      fields_.push_back(std::move(field));
      if (line.empty()) return;
      line.remove_prefix(1);  // the comma
    }
  }

  // Takes a quoted field, after its first quote, off `line`, up to the comma or the end.
  std::string quoted(std::string_view& line) const {
    std::string field;
    while (true) {
      const std::size_t quote = line.find('"');
      WAVESMITH_VALIDATE(quote != std::string_view::npos,
                         place() + "a quoted field is not closed on its line");
      field += line.substr(0, quote);
      line.remove_prefix(quote + 1);
      if (!line.starts_with('"')) break;
      field += '"';
      line.remove_prefix(1);
    }
    const std::size_t end = std::min(line.find(','), line.size());
    WAVESMITH_VALIDATE(trimmed(line.substr(0, end)).empty(),
                       place() + shown(line.substr(0, end)) +
                           " follows a quoted field; expected "
                           "a comma");
    line.remove_prefix(end);
    return field;
  }

  std::string name_;
  std::string_view text_;
  std::size_t line_ = 0;   // of the row, counted from 1
  std::size_t width_ = 0;  // fields in every row
  std::vector<std::string> fields_;
};

// Takes a number off the front of `text`; nothing where there is none or it does not fit a double.
std::optional<double> leading_number(std::string_view& text) {
  std::string_view digits = text;
  if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
  double value = 0.0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc()) return std::nullopt;
  text = digits.substr(static_cast<std::size_t>(end - digits.data()));
  return value;
}

std::optional<double> real_number(std::string_view text) {
  const std::optional<double> value = leading_number(text);
  return text.empty() ? value : std::nullopt;
}

std::optional<std::complex<double>> complex_number(std::string_view text) {
  if (text.starts_with('(') && text.ends_with(')') && text.size() > 2) {
    text = trimmed(text.substr(1, text.size() - 2));
  }
  const std::optional<double> first = leading_number(text);
  if (!first) return std::nullopt;
  if (text.empty()) return std::complex<double>(*first, 0.0);
  if (text == "j") return std::complex<double>(0.0, *first);
  if (text.front() != '+' && text.front() != '-') return std::nullopt;
  const std::optional<double> second = leading_number(text);
  if (!second || text != "j") return std::nullopt;
  return std::complex<double>(*first, *second);
}

double finite_value(const Rows& rows, std::size_t column) {
  const std::string& field = rows.fields()[column];
  const std::optional<double> value = real_number(field);
  WAVESMITH_VALIDATE(value.has_value(),
                     rows.place(column) + "should be a number and is " + shown(field));
  WAVESMITH_VALIDATE(std::isfinite(*value), rows.place(column) + "is " + shown(field) +
                                                "; only finite numbers can be used");
  return *value;
}

// The label's column, or the number of columns where there is none.
std::size_t label_column(const Rows& rows, const CsvOptions& options) {
  const std::vector<std::string>& fields = rows.fields();
  if (options.label == CsvLabel::none) return fields.size();
  if (options.label == CsvLabel::last) return fields.size() - 1;
  const auto matches = std::count(fields.begin(), fields.end(), options.label_name);
  std::string columns;
  for (std::size_t i = 0; i < std::min<std::size_t>(fields.size(), 12); ++i) {
    columns += (i == 0 ? "" : ", ") + shown(fields[i]);
  }
  WAVESMITH_VALIDATE(matches == 1, rows.place() + "expected one column named " +
                                       shown(options.label_name) + " for the labels, found " +
                                       std::to_string(matches) + " among " + columns +
                                       (fields.size() > 12 ? ", ..." : ""));
  return static_cast<std::size_t>(std::find(fields.begin(), fields.end(), options.label_name) -
                                  fields.begin());
}

bool names_columns(const Rows& rows, std::size_t label, CsvHeader header) {
  if (header != CsvHeader::detect) return header == CsvHeader::present;
  for (std::size_t i = 0; i < rows.fields().size(); ++i) {
    if (i != label && real_number(rows.fields()[i])) return false;
  }
  return true;
}

// The first row decides whether labels are numbers or words.
class Labels {
 public:
  void add(const Rows& rows, std::size_t column) {
    const std::string& field = rows.fields()[column];
    const std::optional<double> number = real_number(field);
    WAVESMITH_VALIDATE(!field.empty(), rows.place(column) + "should be a label and is empty");
    if (numbers_.empty() && words_.empty()) worded_ = !number;
    WAVESMITH_VALIDATE(worded_ == !number, rows.place(column) + "has the label " + shown(field) +
                                               ", but the first " +
                                               (worded_ ? "label is a word" : "label is a number"));
    if (worded_) {
      words_.push_back(field);
      return;
    }
    WAVESMITH_VALIDATE(*number >= 0 && *number <= largest_label && *number == std::floor(*number),
                       rows.place(column) + "has the label " + shown(field) +
                           "; expected a whole number from 0 to " + std::to_string(largest_label));
    numbers_.push_back(static_cast<int>(*number));
  }

  void move_to(CsvNumbers& table) {
    if (!worded_) {
      table.labels = std::move(numbers_);
      return;
    }
    const std::set<std::string> classes(words_.begin(), words_.end());
    table.class_names.assign(classes.begin(), classes.end());
    std::map<std::string, int> number_of;
    for (const std::string& word : classes) {
      number_of.emplace(word, static_cast<int>(number_of.size()));
    }
    for (const std::string& word : words_) table.labels.push_back(number_of.at(word));
  }

 private:
  bool worded_ = false;
  std::vector<int> numbers_;
  std::vector<std::string> words_;
};

}  // namespace

CsvNumbers parse_csv(Bytes bytes, const std::string& name, const CsvOptions& options) {
  Rows rows(bytes, name);
  WAVESMITH_VALIDATE(rows.next(), name + " is empty; expected rows of numbers");
  const std::size_t label = label_column(rows, options);
  const bool labelled = label < rows.fields().size();
  CsvNumbers table;
  table.columns = rows.fields().size() - (labelled ? 1 : 0);
  WAVESMITH_VALIDATE(table.columns > 0,
                     rows.place() +
                         "expected values and a label separated by commas, found one "
                         "field");

  // A named label can only be found in a header.
  const bool header =
      options.label == CsvLabel::named || names_columns(rows, label, options.header);
  bool more = true;
  if (header) {
    for (std::size_t i = 0; i < rows.fields().size(); ++i) {
      if (i != label) table.names.push_back(rows.fields()[i]);
    }
    more = rows.next();
    WAVESMITH_VALIDATE(more, name + " holds no row of numbers, only a header");
  }

  Labels labels;
  for (; more; more = rows.next()) {
    for (std::size_t i = 0; i < rows.fields().size(); ++i) {
      if (i != label) table.values.push_back(finite_value(rows, i));
    }
    if (labelled) labels.add(rows, label);
    ++table.rows;
  }
  labels.move_to(table);
  return table;
}

ComplexCsvTable parse_complex_csv(Bytes bytes, const std::string& name) {
  Rows rows(bytes, name);
  ComplexCsvTable table;
  while (rows.next()) {
    table.columns = rows.fields().size();
    for (std::size_t i = 0; i < table.columns; ++i) {
      const std::string& field = rows.fields()[i];
      const auto value = complex_number(field);
      WAVESMITH_VALIDATE(value.has_value(), rows.place(i) +
                                                "should be a number like \"1.5\" or \"(1+2j)\" "
                                                "and is " +
                                                shown(field));
      WAVESMITH_VALIDATE(
          std::isfinite(value->real()) && std::isfinite(value->imag()),
          rows.place(i) + "is " + shown(field) + "; only finite numbers can be used");
      table.values.push_back(*value);
    }
    ++table.rows;
  }
  WAVESMITH_VALIDATE(table.rows > 0, name + " is empty; expected rows of numbers");
  return table;
}

CsvNumbers read_csv(const std::filesystem::path& path, const CsvOptions& options) {
  return parse_csv(read_file(path), path.string(), options);
}

ComplexCsvTable read_complex_csv(const std::filesystem::path& path) {
  return parse_complex_csv(read_file(path), path.string());
}

}  // namespace wavesmith
