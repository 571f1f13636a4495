// Colour maps whose equal steps look equal, built in the OKLab colour space.
//
// Equation  OKLab (L, a, b) -> linear sRGB as published by B. Ottosson, "A perceptual color space
//           for image processing" (2020); linear sRGB -> sRGB by IEC 61966-2-1.
// Maps      intensity: black-violet to pale yellow, lightness always rising, equal arc length a
// step;
//           phase: a circle tilted in lightness, so that -pi and pi meet and no phase stands out;
//           diverging: blue to red through near-white, for signed fields; grey: lightness alone.
#pragma once

#include <array>
#include <cstdint>

namespace wavesmith {

enum class ColourMap { intensity, phase, diverging, grey };

struct Rgb {
  std::uint8_t r = 0, g = 0, b = 0;
  bool operator==(const Rgb&) const = default;
};

inline constexpr Rgb colour_of_nan{170, 170, 170};

// The map as a table; entry i is the colour of (i + 1/2) / 256 for `phase`, of i / 255 otherwise.
const std::array<Rgb, 256>& colour_table(ColourMap map);

// Colour at t, clamped to [0, 1] (`phase`: taken modulo 1). A t that is not finite is grey.
Rgb colour_at(ColourMap map, double t);

// Colour of the `index`-th of several curves, told apart on white and on black.
Rgb curve_colour(int index);

}  // namespace wavesmith
