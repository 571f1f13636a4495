#include "physics/number_grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <system_error>

#include "core/error.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

bool is_separator(char c) {
  return c == ',' || c == ';' || c == ' ' || c == '\t' || c == '\r';
}

// Appends the line's numbers and returns how many.
std::size_t read_line(const std::string& line, const std::string& place,
                      std::vector<double>& values) {
  std::size_t count = 0;
  const char* at = line.data();
  const char* const end = at + line.size();
  while (true) {
    at = std::find_if_not(at, end, is_separator);
    if (at == end) return count;
    const char* const word_end = std::find_if(at, end, is_separator);
    double value = 0.0;
    const char* const first = *at == '+' ? at + 1 : at;
    const auto [stop, error] = std::from_chars(first, word_end, value);
    const std::string word(at, std::min(word_end, at + 40));
    WAVESMITH_VALIDATE(error == std::errc() && stop == word_end && std::isfinite(value),
                       fmt::format("{}: \"{}\" is not a finite number", place, word));
    values.push_back(value);
    ++count;
    at = word_end;
  }
}

}  // namespace

std::vector<double> NumberGrid::column(int index) const {
  WAVESMITH_EXPECT(index >= 0 && index < columns);
  std::vector<double> result;
  for (std::size_t at = static_cast<std::size_t>(index); at < values.size();
       at += static_cast<std::size_t>(columns))
    result.push_back(values[at]);
  return result;
}

NumberGrid read_number_grid(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw UnavailableError(fmt::format("cannot read {}; check the path", path));
  NumberGrid grid;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (!line.empty() && line[0] == '#') continue;
    const std::string place = fmt::format("{}:{}", path, number);
    const std::size_t count = read_line(line, place, grid.values);
    if (count == 0) continue;
    if (grid.rows == 0) grid.columns = static_cast<int>(count);
    WAVESMITH_VALIDATE(count == static_cast<std::size_t>(grid.columns),
                       fmt::format("{}: {} numbers, where the lines above have {}; the file may be "
                                   "cut short",
                                   place, count, grid.columns));
    WAVESMITH_VALIDATE(grid.values.size() <= max_plane_samples,
                       fmt::format("{}: more than {} numbers", place, max_plane_samples));
    ++grid.rows;
  }
  if (file.bad()) throw UnavailableError(fmt::format("reading {} failed", path));
  WAVESMITH_VALIDATE(grid.rows > 0, fmt::format("{} holds no numbers", path));
  return grid;
}

}  // namespace wavesmith
