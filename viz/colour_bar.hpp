// The bar of colours beside a map, and how values become places on it.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "viz/canvas.hpp"
#include "viz/pictures.hpp"
#include "viz/ticks.hpp"

namespace wavesmith {

struct ColourBarStyle {  // [pixels]
  int font = 20;
  int tick = 7;  // length of a tick
  int width = 24;
};

// Where `value` lies in the range of the colours, in [0, 1] or beyond.
double colour_place(const Picture& picture, const std::array<double, 2>& range, double value);

std::vector<Tick> colour_ticks(const Picture& picture, const std::array<double, 2>& range);
// Of the labels [pixels].
int widest(const std::vector<Tick>& ticks, int font);

// "intensity (W/m^2)"
std::string with_unit(const std::string& name, const std::string& unit);

void draw_colour_bar(Canvas& canvas, const Picture& picture, const std::array<double, 2>& range,
                     const std::vector<Tick>& ticks, int left, int top, int height,
                     const ColourBarStyle& style);

}  // namespace wavesmith
