// A quick look over TOML text for nesting that would exhaust the stack of a recursive parser.
#pragma once

#include <string>
#include <string_view>

namespace wavesmith {

struct NestingScan {
  int line = 0, column = 0;
  std::string problem;  // empty: the nesting is fine
};

// Limits: 32 open brackets, 32 parts in a dotted key. Brackets and dots in strings and comments
// do not count.
NestingScan scan_nesting(std::string_view text);

}  // namespace wavesmith
