// A quick look over TOML text for what a parser should not be given: nesting that would exhaust the
// stack of a recursive one, and characters outside ASCII where TOML allows none.
#pragma once

#include <string>
#include <string_view>

namespace wavesmith {

struct TextScan {
  int line = 0, column = 0;
  std::string problem;  // empty: the text may be parsed
};

// Limits: 32 open brackets, 32 parts in a dotted key. Strings and comments may hold anything, but
// that no character outside ASCII may follow a line-ending backslash.
TextScan scan_text(std::string_view text);

}  // namespace wavesmith
