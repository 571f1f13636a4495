#include "core/scene_scan.hpp"

#include <cstddef>
#include <optional>

namespace wavesmith {

namespace {

constexpr int deepest_bracket = 32;
constexpr int most_dots = 31;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// The end of the string literal that begins at `begin`: one past its closing quotes, or the end of
// the line (of the text for three quotes) where it is not closed.
// `bad` is set where the text behind a line-ending backslash begins outside ASCII: toml++ 3.3 takes
// such a character for one of the few Unicode spaces, or for impossible.
std::size_t end_of_string(std::string_view text, std::size_t begin,
                          std::optional<std::size_t>& bad) {
  const char quote = text[begin];
  const bool escapes = quote == '"';
  const std::string_view three = quote == '"' ? "\"\"\"" : "'''";
  const bool multi_line = text.substr(begin, 3) == three;
  std::size_t i = begin + (multi_line ? 3 : 1);
  while (i < text.size()) {
    if (escapes && text[i] == '\\') {
      i += 2;
      // Behind a backslash that ends a line, the next character may have to be looked at.
      if (multi_line && i <= text.size() && is_space(text[i - 1])) {
        while (i < text.size() && is_space(text[i])) ++i;
        if (i < text.size() && static_cast<unsigned char>(text[i]) >= 0x80) {
          bad = i;
          return i;
        }
      }
    } else if (multi_line && text.substr(i, 3) == three) {
      // One or two quotes may stand before the closing three.
      i += 3;
      for (int more = 0; more < 2 && i < text.size() && text[i] == quote; ++more) ++i;
      return i;
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

TextScan scan_text(std::string_view text) {
  int line = 1, depth = 0, dots = 0;
  std::size_t line_begin = 0;
  const auto found = [&](std::size_t i, const char* problem) {
    return TextScan{line, static_cast<int>(i - line_begin) + 1, problem};
  };
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  std::size_t i = text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
  // The last character that is no blank: a string begins behind some of them only.
  char last = '\n';
  while (i < text.size()) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      if (std::string_view("\n=[{,.").find(last) == std::string_view::npos) {
        return found(i,
                     "a quote stands where no string can begin; look for a stray or missing one");
      }
      last = c;
      std::optional<std::size_t> bad;
      const std::size_t end = end_of_string(text, i, bad);
      for (; i < end; ++i) {
        if (text[i] == '\n') {
          ++line;
          line_begin = i + 1;
        }
      }
      if (bad) {
        return found(i,
                     "a character outside ASCII follows a line that ends in a backslash; write "
                     "it before the backslash");
      }
      continue;
    }
    if (c == '#') {
      while (i < text.size() && text[i] != '\n') ++i;
      continue;
    }
    if (static_cast<unsigned char>(c) >= 0x80) {
      return found(i, "a character outside ASCII stands here; put the key or the value in quotes");
    }
    if (!is_space(c) || c == '\n') last = c;
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
