// The medium of a group of components as a table of the combinations that occur in it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace wavesmith {

template <class T>
struct MediumCodes {
  // C of up to three components, then their decays.
  std::vector<std::array<T, 6>> table;
  std::vector<std::uint16_t> code;  // one a point; empty where the table has one entry
};

// All combinations of coefficients and decays, numbered as they come, points in order; an empty
// table where there are more than 65536 of them. A span holds a number for each point, one for all,
// or nothing, which stands for 1 everywhere.
template <class T>
MediumCodes<T> encode_medium(std::size_t points, const std::array<std::span<const T>, 6>& numbers);

}  // namespace wavesmith
