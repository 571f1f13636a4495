#include "core/scene_override.hpp"

#include <charconv>
#include <string_view>

#include "core/error.hpp"

namespace wavesmith {

namespace {

constexpr std::size_t most_steps = 32;

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

}  // namespace

SceneOverride split_override(const std::string& text) {
  const auto fail = [&](const std::string& what) {
    return InputError("--set " + text + ": " + what +
                      "; write path=value, as in grid.pitch=\"0.4 mm\" or layer[2].kind=lens");
  };
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) throw fail("there is no = in it");

  SceneOverride result;
  const auto trim = [](std::string_view part) {
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    return part;
  };
  const std::string_view path = trim(std::string_view(text).substr(0, equals));
  result.value = std::string(trim(std::string_view(text).substr(equals + 1)));

  std::size_t i = 0;
  while (i < path.size() || result.steps.empty()) {
    // A key, and the indices behind it.
    const std::size_t begin = i;
    while (i < path.size() && is_key_character(path[i])) ++i;
    if (i == begin) throw fail("a key is missing in the path");
    result.steps.push_back({false, std::string(path.substr(begin, i - begin)), 0});
    while (i < path.size() && path[i] == '[') {
      SceneStep step{true, "", 0};
      const auto [end, error] =
          std::from_chars(path.data() + i + 1, path.data() + path.size(), step.index);
      i = static_cast<std::size_t>(end - path.data());
      if (error != std::errc{} || i >= path.size() || path[i] != ']') {
        throw fail("an index is no whole number in brackets");
      }
      ++i;
      result.steps.push_back(step);
    }
    if (result.steps.size() > most_steps) throw fail("the path has more than 32 steps");
    if (i == path.size()) break;
    if (path[i] != '.') throw fail("a key holds an unexpected character");
    ++i;
    if (i == path.size()) throw fail("a key is missing in the path");
  }
  return result;
}

}  // namespace wavesmith
