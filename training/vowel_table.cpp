#include "training/vowel_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <sstream>

#include "core/error.hpp"
#include "core/suggest.hpp"
#include "training/byte_file.hpp"
#include "training/data_store.hpp"

namespace wavesmith {
namespace {

namespace fs = std::filesystem;

std::size_t index_of(const std::vector<std::string>& names, const std::string& name,
                     const char* what) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    throw InputError(fmt::format("vowels have no {} \"{}\"; use {}{}", what, name,
                                 join_names(names), suggestion(name, names)));
  return static_cast<std::size_t>(found - names.begin());
}

// The head of the file is free text; a row of the table begins with a recording's name.
bool is_recording(const std::string& word) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return word.size() == 5 && std::string("mwbg").find(word[0]) != std::string::npos &&
         digit(word[1]) && digit(word[2]);
}

struct Recording {
  char talker = 'm';
  std::size_t vowel = 0;
  std::vector<double> numbers;
};

std::vector<Recording> read_table(const fs::path& path) {
  const std::vector<std::uint8_t> bytes = read_file(path);
  std::istringstream text(std::string(bytes.begin(), bytes.end()));
  std::vector<Recording> table;
  std::string line;
  for (int number = 1; std::getline(text, line); ++number) {
    std::istringstream words(line);
    std::string word;
    if (!(words >> word) || !is_recording(word)) continue;
    Recording row;
    row.talker = word[0];
    const auto& names = vowel_names();
    const auto vowel = std::find(names.begin(), names.end(), word.substr(3));
    WAVESMITH_VALIDATE(vowel != names.end(), fmt::format("{}:{}: \"{}\" ends with no known vowel",
                                                         path.string(), number, word));
    row.vowel = static_cast<std::size_t>(vowel - names.begin());
    while (words >> word) {
      double value = 0.0;
      const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
      WAVESMITH_VALIDATE(
          error == std::errc() && end == word.data() + word.size() && std::isfinite(value) &&
              value >= 0.0,
          fmt::format("{}:{}: \"{}\" is no duration or frequency", path.string(), number, word));
      row.numbers.push_back(value);
    }
    WAVESMITH_VALIDATE(
        row.numbers.size() == vowel_columns().size(),
        fmt::format("{}:{}: {} numbers after the name; expected {}, as in vowdata.dat",
                    path.string(), number, row.numbers.size(), vowel_columns().size()));
    table.push_back(std::move(row));
  }
  WAVESMITH_VALIDATE(!table.empty(), path.string() + " holds no row of a recording");
  return table;
}

}  // namespace

const std::vector<std::string>& vowel_columns() {
  static const std::vector<std::string> columns{"duration", "f0",    "f1",    "f2",    "f3",
                                                "f4",       "f1_20", "f2_20", "f3_20", "f1_50",
                                                "f2_50",    "f3_50", "f1_80", "f2_80", "f3_80"};
  return columns;
}

const std::vector<std::string>& vowel_names() {
  static const std::vector<std::string> names{"ae", "ah", "aw", "eh", "er", "ei",
                                              "ih", "iy", "oa", "oo", "uh", "uw"};
  return names;
}

Dataset load_vowels(const std::vector<std::string>& columns, const std::vector<std::string>& vowels,
                    const fs::path& data_dir) {
  std::vector<std::size_t> used, label_of(vowel_names().size(), vowels.size());
  for (const std::string& column : columns)
    used.push_back(index_of(vowel_columns(), column, "column"));
  for (std::size_t v = 0; v < vowels.size(); ++v)
    label_of[index_of(vowel_names(), vowels[v], "class")] = v;
  const std::vector<Recording> table =
      read_table(found_file("vowels", {"vowdata.dat"}, data_folders("vowels", data_dir)));

  // Mean of what was measured, by talker, vowel and column.
  struct Sum {
    double total = 0.0, count = 0.0;
  };
  std::map<std::pair<char, std::size_t>, std::vector<Sum>> measured;
  for (const Recording& row : table) {
    std::vector<Sum>& sums = measured[{row.talker, row.vowel}];
    sums.resize(vowel_columns().size());
    for (const std::size_t c : used) {
      if (row.numbers[c] <= 0.0) continue;
      sums[c].total += row.numbers[c];
      sums[c].count += 1.0;
    }
  }
  Dataset data{"vowels", 1, static_cast<int>(used.size()), {}, {}, static_cast<int>(vowels.size())};
  for (const Recording& row : table) {
    if (label_of[row.vowel] == vowels.size()) continue;
    data.labels.push_back(static_cast<int>(label_of[row.vowel]));
    const std::vector<Sum>& sums = measured[{row.talker, row.vowel}];
    for (const std::size_t c : used) {
      double value = row.numbers[c];
      if (value <= 0.0 && sums[c].count > 0.0) value = sums[c].total / sums[c].count;
      data.images.push_back(static_cast<float>(value));
    }
  }
  WAVESMITH_VALIDATE(!data.labels.empty(), "the table of vowels has none of the classes asked for");
  return data;
}

}  // namespace wavesmith
