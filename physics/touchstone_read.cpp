#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "core/error.hpp"
#include "core/suggest.hpp"
#include "core/units.hpp"
#include "physics/input_file.hpp"
#include "physics/touchstone.hpp"

namespace wavesmith {
namespace {

using Complex = ScatteringTable::Complex;

constexpr std::size_t most_ports = 1000;
constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30;

enum class MatrixFormat { full, lower, upper };

std::string upper_case(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return result;
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < line.size();) {
    while (at < line.size() && is_space(line[at])) ++at;
    const std::size_t begin = at;
    while (at < line.size() && !is_space(line[at])) ++at;
    if (at > begin) words.push_back(line.substr(begin, at - begin));
  }
  return words;
}

// Reads a text line by line; each part of the format is a member function.
class Reader {
 public:
  Reader(const std::string& name, std::size_t ports) : name_(name) { table_.ports = ports; }

  ScatteringTable read(std::string_view text) {
    for (std::size_t at = 0; at < text.size() && !ended_;) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      ++line_;
      read_line(text.substr(at, end - at));
      at = end + 1;
    }
    finish();
    return std::move(table_);
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw InputError(fmt::format("{}:{}: {}", name_, line_, problem));
  }

  static std::string shown(std::string_view word) {
    std::string text;
    for (const char c : word.substr(0, 40)) text += c >= ' ' && c <= '~' ? c : '?';
    return '"' + text + '"';
  }

  double number(std::string_view word) const {
    std::string_view digits = word;
    if (digits.size() > 1 && digits.front() == '+' && digits[1] != '-') digits.remove_prefix(1);
    double value = 0.0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size() || !std::isfinite(value))
      fail(shown(word) + " is not a finite number");
    return value;
  }

  std::size_t count(std::string_view word, std::size_t most) const {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size() || value < 1 || value > most)
      fail(fmt::format("{} is not a whole number between 1 and {}", shown(word), most));
    return value;
  }

  void read_line(std::string_view line) {
    line = trim(line.substr(0, line.find('!')));
    if (line.empty()) return;
    if (in_information_) {
      in_information_ = upper_case(line) != "[END INFORMATION]";
      return;
    }
    if (line.front() == '[') return read_keyword(line);
    if (line.front() == '#') {
      // Only the first one counts.
      if (!has_options_) read_options(line.substr(1));
      return;
    }
    if (!has_options_)
      fail("the data begins without an option line such as # GHz S RI R 50; put it first");
    if (in_reference_) return read_reference(words_of(line));
    if (version_ == 2 && !in_data_) fail("the data begins without [Network Data]; put it before");
    read_data(words_of(line));
  }

  void read_options(std::string_view line) {
    has_options_ = true;
    const std::vector<std::string_view> words = words_of(line);
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string word = upper_case(words[i]);
      if (word == "HZ") {
        scale_ = 1.0;
      } else if (word == "KHZ") {
        scale_ = 1e3;
      } else if (word == "MHZ") {
        scale_ = 1e6;
      } else if (word == "GHZ") {
        scale_ = 1e9;
      } else if (word == "THZ") {
        scale_ = 1e12;
      } else if (word == "RI") {
        format_ = TouchstoneFormat::real_imaginary;
      } else if (word == "MA") {
        format_ = TouchstoneFormat::magnitude_angle;
      } else if (word == "DB") {
        format_ = TouchstoneFormat::decibel_angle;
      } else if (word == "Y" || word == "Z" || word == "G" || word == "H") {
        fail("the file holds " + word +
             " parameters; only S parameters are read: convert it with the program that wrote it");
      } else if (word == "R") {
        if (i + 1 == words.size()) fail("the option line ends after R, without a resistance");
        table_.resistance = number(words[++i]);
        if (!(table_.resistance > 0.0)) fail("the reference resistance is not above 0");
      } else if (word != "S") {
        fail(shown(words[i]) +
             " is no word of an option line, which looks like # GHz S RI R 50: a unit of "
             "frequency, S, a format RI, MA or DB, and a resistance");
      }
    }
  }

  void read_keyword(std::string_view line) {
    const std::size_t end = line.find(']');
    if (end == std::string_view::npos) fail("the keyword " + shown(line) + " has no ]");
    const std::string keyword = upper_case(trim(line.substr(1, end - 1)));
    const std::vector<std::string_view> words = words_of(line.substr(end + 1));
    const auto word = [&] {
      if (words.empty()) fail("[" + std::string(line.substr(1, end - 1)) + "] has no value");
      return words.front();
    };
    in_reference_ = false;
    if (keyword == "VERSION") {
      const std::string version(word());
      if (version != "2.0" && version != "2.1" && version != "1.0" && version != "1.1")
        fail("version " + shown(version) + " is not known; 1.0, 1.1, 2.0 and 2.1 are");
      version_ = version[0] == '2' ? 2 : 1;
    } else if (keyword == "NUMBER OF PORTS") {
      if (in_data_) fail("[Number of Ports] stands behind the data");
      table_.ports = count(word(), most_ports);
    } else if (keyword == "NUMBER OF FREQUENCIES") {
      frequencies_ = count(word(), most_bytes);
    } else if (keyword == "TWO-PORT DATA ORDER" || keyword == "TWO-PORT ORDER") {
      const std::string order(word());
      if (order != "12_21" && order != "21_12")
        fail("[Two-Port Data Order] " + shown(order) + " is neither 12_21 nor 21_12");
      column_first_ = order == "21_12";
    } else if (keyword == "MATRIX FORMAT") {
      const std::string format = upper_case(word());
      if (format != "FULL" && format != "LOWER" && format != "UPPER")
        fail("[Matrix Format] " + shown(words.front()) + " is none of Full, Lower, Upper");
      matrix_ = format == "FULL"    ? MatrixFormat::full
                : format == "LOWER" ? MatrixFormat::lower
                                    : MatrixFormat::upper;
    } else if (keyword == "REFERENCE") {
      in_reference_ = true;
      read_reference(words);
    } else if (keyword == "NETWORK DATA") {
      if (table_.ports == 0) fail("[Network Data] comes before [Number of Ports]");
      in_data_ = true;
    } else if (keyword == "NOISE DATA") {
      noise_ = true;
    } else if (keyword == "BEGIN INFORMATION") {
      in_information_ = true;
    } else if (keyword == "END") {
      ended_ = true;
    } else if (keyword == "MIXED-MODE ORDER") {
      fail("the file holds mixed-mode parameters; only those between single ports are read");
    } else if (keyword != "NUMBER OF NOISE FREQUENCIES" && keyword != "END INFORMATION") {
      static const std::vector<std::string> known = {"Version",
                                                     "Number of Ports",
                                                     "Two-Port Data Order",
                                                     "Reference",
                                                     "Number of Frequencies",
                                                     "Matrix Format",
                                                     "Number of Noise Frequencies",
                                                     "Network Data",
                                                     "Noise Data",
                                                     "Begin Information",
                                                     "End Information",
                                                     "End"};
      const std::string shown_keyword = shown(line.substr(1, end - 1));
      fail("there is no keyword " + shown_keyword +
           suggestion(std::string_view(shown_keyword).substr(1, shown_keyword.size() - 2), known));
    }
  }

  void read_reference(const std::vector<std::string_view>& words) {
    for (const std::string_view word : words) {
      const double resistance = number(word);
      if (!(resistance > 0.0)) fail("a reference resistance is not above 0");
      if (!has_reference_) table_.resistance = resistance;
      has_reference_ = true;
    }
  }

  std::size_t numbers_per_frequency() const {
    const std::size_t n = table_.ports;
    return 1 + (matrix_ == MatrixFormat::full ? 2 * n * n : n * (n + 1));
  }

  void read_data(const std::vector<std::string_view>& words) {
    if (table_.ports == 0)
      fail(
          "how many ports the file has is not known: it is in a name such as device.s4p, or in "
          "[Number of Ports]");
    if (noise_) {
      for (const std::string_view word : words) number(word);
      return;
    }
    const std::size_t wanted = numbers_per_frequency();
    if (row_.empty()) {
      const double frequency = number(words.front()) * scale_;
      const bool rises = table_.frequencies.empty() || frequency > table_.frequencies.back();
      // Noise data of two ports begins where the frequencies fall back, five numbers a line.
      if (!rises && version_ == 1 && table_.ports == 2 && words.size() == 5) {
        noise_ = true;
        return read_data(words);
      }
      if (!rises || !(frequency >= 0.0) || !std::isfinite(frequency))
        fail(
            fmt::format("frequency {} does not lie above the one before it; the lines before "
                        "may have too few or too many numbers for {} ports, {} a frequency",
                        shown(words.front()), table_.ports, wanted));
    }
    if (version_ == 1 && table_.ports <= 2 && words.size() != wanted)
      fail(fmt::format("this line has {} numbers; each of a file of {} port{} has {}", words.size(),
                       table_.ports, table_.ports == 1 ? "" : "s", wanted));
    if (row_.size() + words.size() > wanted)
      fail(fmt::format("this line brings {} numbers to one frequency, which has {} for {} ports",
                       row_.size() + words.size(), wanted, table_.ports));
    for (const std::string_view word : words) row_.push_back(number(word));
    if (row_.size() == wanted) take_row();
  }

  Complex value(double first, double second) const {
    if (format_ == TouchstoneFormat::real_imaginary) return {first, -second};
    const double size =
        format_ == TouchstoneFormat::magnitude_angle ? first : std::pow(10.0, first / 20.0);
    if (!std::isfinite(size)) fail("a level of " + format_number(first) + " dB is too large");
    // The angle may be of any size: sine and cosine are taken of what is left of whole turns.
    const double angle = -pi / 180.0 * std::fmod(second, 360.0);
    return {size * std::cos(angle), size * std::sin(angle)};
  }

  void take_row() {
    const std::size_t n = table_.ports, begin = table_.s.size();
    table_.frequencies.push_back(row_.front() * scale_);
    table_.s.resize(begin + n * n);
    const auto s = [&](std::size_t to, std::size_t from) -> Complex& {
      return table_.s[begin + to * n + from];
    };
    std::size_t next = 1;
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t first = matrix_ == MatrixFormat::upper ? i : 0,
                        last = matrix_ == MatrixFormat::lower ? i + 1 : n;
      for (std::size_t j = first; j < last; ++j, next += 2) {
        const Complex entry = value(row_[next], row_[next + 1]);
        if (matrix_ != MatrixFormat::full) {
          s(i, j) = s(j, i) = entry;
        } else if (n == 2 && column_first_) {
          s(j, i) = entry;
        } else {
          s(i, j) = entry;
        }
      }
    }
    row_.clear();
  }

  void finish() {
    if (!row_.empty())
      fail(fmt::format("the data ends with {} of the {} numbers of a frequency of {} ports",
                       row_.size(), numbers_per_frequency(), table_.ports));
    if (table_.frequencies.empty()) fail("the file holds no data");
    if (frequencies_ && *frequencies_ != table_.frequencies.size())
      fail(fmt::format("[Number of Frequencies] says {}, and {} are there", *frequencies_,
                       table_.frequencies.size()));
  }

  std::string name_;
  ScatteringTable table_;
  int line_ = 0, version_ = 1;
  bool has_options_ = false, in_information_ = false, in_reference_ = false, in_data_ = false,
       noise_ = false, ended_ = false, has_reference_ = false;
  bool column_first_ = true;  // of two ports: S11 S21 S12 S22
  double scale_ = 1e9;
  TouchstoneFormat format_ = TouchstoneFormat::magnitude_angle;
  MatrixFormat matrix_ = MatrixFormat::full;
  std::optional<std::size_t> frequencies_;
  std::vector<double> row_;  // numbers of the frequency that is being read
};

// 4 for "device.s4p", 0 for other endings.
std::size_t ports_of_name(const std::filesystem::path& path) {
  const std::string ending = upper_case(path.extension().string());
  if (ending.size() < 4 || ending[1] != 'S' || ending.back() != 'P') return 0;
  std::size_t ports = 0;
  const char* const last = ending.data() + ending.size() - 1;
  const auto [end, error] = std::from_chars(ending.data() + 2, last, ports);
  if (error != std::errc{} || end != last || ports < 1 || ports > most_ports) return 0;
  return ports;
}

}  // namespace

ScatteringTable parse_touchstone(std::string_view text, const std::string& name,
                                 std::size_t ports) {
  return Reader(name, ports).read(text);
}

ScatteringTable read_touchstone(const std::filesystem::path& path) {
  const std::vector<std::uint8_t> bytes = read_input_file(path, most_bytes);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return parse_touchstone(text, path.string(), ports_of_name(path));
}

}  // namespace wavesmith
