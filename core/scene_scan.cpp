#include "core/scene_scan.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace wavesmith {

namespace {

constexpr std::size_t deepest_bracket = 32;
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

bool is_one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

// Reads the text as brackets, keys and values, as far as that tells where a string may begin. Where
// the text is no TOML it may go on, but not past a place where a parser could take a string of ours
// for something else.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  TextScan scan() {
    if (text_.starts_with(byte_order_mark)) i_ = byte_order_mark.size();
    while (i_ < text_.size()) {
      const char c = text_[i_];
      const char* problem = nullptr;
      if (c == '"' || c == '\'') {
        problem = pass_string(c);
      } else if (c == '#') {
        while (i_ < text_.size() && text_[i_] != '\n') ++i_;
      } else {
        problem = pass_character(c);
      }
      if (problem != nullptr) return {line_, static_cast<int>(i_ - line_begin_) + 1, problem};
    }
    return {};
  }

 private:
  static constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

  // Inside of a bracket, or the file itself.
  struct Level {
    char bracket = '\0';
    bool in_value = false;  // behind an equals sign, or in an array
  };

  void begin_line(std::size_t begin) {
    ++line_;
    line_begin_ = begin;
  }

  const char* pass_string(char quote) {
    const bool begins_value_or_key = is_one_of(last_, "\n=[{,");
    if (!begins_value_or_key && !(last_ == '.' && !levels_.back().in_value)) {
      return "a quote stands where no string can begin; look for a stray or missing one";
    }
    last_ = quote;
    std::optional<std::size_t> bad;
    const std::size_t end = end_of_string(text_, i_, bad);
    for (; i_ < end; ++i_) {
      if (text_[i_] == '\n') begin_line(i_ + 1);
    }
    if (bad) {
      return "a character outside ASCII follows a line that ends in a backslash; write it before "
             "the backslash";
    }
    return nullptr;
  }

  const char* pass_character(char c) {
    if (static_cast<unsigned char>(c) >= 0x80) {
      return "a character outside ASCII stands here; put the key or the value in quotes";
    }
    Level& level = levels_.back();
    if (c == '\n') {
      begin_line(i_ + 1);
      dots_ = 0;
      if (levels_.size() == 1) level.in_value = false;
    } else if (c == '=') {
      if (level.in_value) return "an equals sign stands in a value; put the value in quotes";
      level.in_value = true;
      dots_ = 0;
    } else if (c == ',') {
      if (level.bracket == '{') level.in_value = false;
      dots_ = 0;
    } else if (c == '.') {
      if (++dots_ > most_dots) {
        return "a dotted key has more than 32 parts; no scene needs such a key";
      }
    } else if (c == '[' || c == '{') {
      if (!is_one_of(last_, "\n=[,")) {
        return "a bracket stands where none can open; look for a stray or missing one";
      }
      if (levels_.size() > deepest_bracket) {
        return "brackets are nested deeper than 32 levels; check for one left open";
      }
      levels_.push_back({c, c == '[' && level.in_value});
      dots_ = 0;
    } else if ((c == ']' || c == '}') && levels_.size() > 1) {
      levels_.pop_back();
    }
    if (!is_space(c) || c == '\n') last_ = c;
    ++i_;
    return nullptr;
  }

  std::string_view text_;
  std::size_t i_ = 0, line_begin_ = 0;
  int line_ = 1, dots_ = 0;  // dots: in this key or number
  char last_ = '\n';         // the last character that is no blank
  std::vector<Level> levels_{Level{}};
};

}  // namespace

TextScan scan_text(std::string_view text) {
  return Scanner(text).scan();
}

}  // namespace wavesmith
