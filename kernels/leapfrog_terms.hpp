// The differences that make up the two systems: who takes which, along what, with what sign.
#pragma once

#include <array>
#include <span>

#include "kernels/leapfrog.hpp"

namespace wavesmith {

// target += sign C_target d(source)/d(direction): backward differences where the target is of the
// first group, forward differences in the second.
struct LeapfrogTerm {
  int target, source, direction;
  int sign;
};

inline constexpr std::array<LeapfrogTerm, 6> maxwell_first = {{
    {0, 5, 1, +1},  // Ex: dHz/dy - dHy/dz
    {0, 4, 2, -1},
    {1, 3, 2, +1},  // Ey: dHx/dz - dHz/dx
    {1, 5, 0, -1},
    {2, 4, 0, +1},  // Ez: dHy/dx - dHx/dy
    {2, 3, 1, -1},
}};
// Entry by entry the transposes of maxwell_first.
inline constexpr std::array<LeapfrogTerm, 6> maxwell_second = {{
    {5, 0, 1, +1},
    {4, 0, 2, -1},
    {3, 1, 2, +1},
    {5, 1, 0, -1},
    {4, 2, 0, +1},
    {3, 2, 1, -1},
}};
inline constexpr std::array<LeapfrogTerm, 3> scalar_first = {
    {{0, 1, 0, +1}, {0, 2, 1, +1}, {0, 3, 2, +1}}};
inline constexpr std::array<LeapfrogTerm, 3> scalar_second = {
    {{1, 0, 0, +1}, {2, 0, 1, +1}, {3, 0, 2, +1}}};

inline std::span<const LeapfrogTerm> first_terms(WaveSystem system) {
  if (system == WaveSystem::maxwell) return maxwell_first;
  return scalar_first;
}
inline std::span<const LeapfrogTerm> second_terms(WaveSystem system) {
  if (system == WaveSystem::maxwell) return maxwell_second;
  return scalar_second;
}

// How many differences a group takes along an axis along which anything varies, and which of them,
// in the order of the terms, a term is.
constexpr std::size_t differences_along_axis(WaveSystem system) {
  return system == WaveSystem::maxwell ? 2 : 1;
}
inline std::size_t place_along_axis(std::span<const LeapfrogTerm> terms, std::size_t term) {
  std::size_t place = 0;
  for (std::size_t t = 0; t < term; ++t)
    if (terms[t].direction == terms[term].direction) ++place;
  return place;
}

}  // namespace wavesmith
