// "Did you mean ...?": the known name that is nearest to a mistyped one.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace wavesmith {

// Insertions, deletions, replacements and swaps of neighbours that turn a into b (optimal string
// alignment distance). Upper and lower case differ.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The nearest of `names`, or "" when none is near enough to be what was meant. A name that differs
// in case only is nearest of all.
std::string closest_name(std::string_view word, std::span<const std::string> names);

// "; did you mean "x"?" or "".
std::string suggestion(std::string_view word, std::span<const std::string> names);

// a, b, c
std::string join_names(std::span<const std::string> names);

}  // namespace wavesmith
