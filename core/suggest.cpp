#include "core/suggest.hpp"

#include <algorithm>
#include <vector>

namespace wavesmith {

namespace {

// Longer words are not typing mistakes of a name, and would cost quadratic time.
constexpr std::size_t longest_word = 64;

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  const std::size_t columns = b.size() + 1;
  std::vector<std::size_t> before_last(columns), last(columns), current(columns);
  for (std::size_t j = 0; j < columns; ++j) current[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(current);
    current[0] = i;
    for (std::size_t j = 1; j < columns; ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], before_last[j - 2] + 1);
      }
    }
  }
  return current[b.size()];
}

std::string closest_name(std::string_view word, std::span<const std::string> names) {
  if (word.empty() || word.size() > longest_word) return "";
  const std::string lower_word = lower_case(word);
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& name : names) {
    if (name.empty() || name.size() > longest_word) continue;
    const std::string lower_name = lower_case(name);
    if (lower_name == lower_word) return name;
    const std::size_t distance = edit_distance(lower_word, lower_name);
    // A distance as long as the name itself has nothing of the name left.
    if (distance < best_distance && distance < name.size()) {
      best_distance = distance;
      best = name;
    }
  }
  if (!best.empty()) return best;
  // An abbreviation or an extension of a name: "prop" for "propagator".
  for (const std::string& name : names) {
    const std::string lower_name = lower_case(name);
    if (word.size() >= 3 && name.size() >= 3 &&
        (lower_name.starts_with(lower_word) || lower_word.starts_with(lower_name))) {
      return name;
    }
  }
  return "";
}

std::string suggestion(std::string_view word, std::span<const std::string> names) {
  const std::string name = closest_name(word, names);
  return name.empty() ? "" : "; did you mean \"" + name + "\"?";
}

std::string join_names(std::span<const std::string> names) {
  std::string result;
  for (const std::string& name : names) {
    if (!result.empty()) result += ", ";
    result += name;
  }
  return result;
}

}  // namespace wavesmith
