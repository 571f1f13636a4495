#include "core/scene_scan.hpp"

#include <cstddef>

namespace wavesmith {

namespace {

constexpr int deepest_bracket = 32;
constexpr int most_dots = 31;

// The end of the string literal that begins at `begin`: one past its closing quotes, or the end of
// the line (of the text for three quotes) where it is not closed.
std::size_t end_of_string(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  const bool escapes = quote == '"';
  const std::string_view three = quote == '"' ? "\"\"\"" : "'''";
  const bool multi_line = text.substr(begin, 3) == three;
  std::size_t i = begin + (multi_line ? 3 : 1);
  while (i < text.size()) {
    if (escapes && text[i] == '\\') {
      i += 2;
    } else if (multi_line && text.substr(i, 3) == three) {
      return i + 3;
    } else if (!multi_line && text[i] == quote) {
      return i + 1;
    } else if (!multi_line && text[i] == '\n') {
      return i;
    } else {
      ++i;
    }
  }
  return text.size();
}

}  // namespace

NestingScan scan_nesting(std::string_view text) {
  int line = 1, depth = 0, dots = 0;
  std::size_t line_begin = 0;
  const auto found = [&](std::size_t i, const char* problem) {
    return NestingScan{line, static_cast<int>(i - line_begin) + 1, problem};
  };
  std::size_t i = 0;
  while (i < text.size()) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      const std::size_t end = end_of_string(text, i);
      for (; i < end; ++i) {
        if (text[i] == '\n') {
          ++line;
          line_begin = i + 1;
        }
      }
      continue;
    }
    if (c == '#') {
      while (i < text.size() && text[i] != '\n') ++i;
      continue;
    }
    if (c == '\n') {
      ++line;
      line_begin = i + 1;
      dots = 0;
    } else if (c == ',' || c == '=') {
      dots = 0;
    } else if (c == '.') {
      if (++dots > most_dots) {
        return found(i, "a dotted key has more than 32 parts; no scene needs such a key");
      }
    } else if (c == '[' || c == '{') {
      dots = 0;
      if (++depth > deepest_bracket) {
        return found(i, "brackets are nested deeper than 32 levels; check for one left open");
      }
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
    ++i;
  }
  return {};
}

}  // namespace wavesmith
