// Curves over a common axis: what a history or an error plot holds, and its drawing as SVG.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "viz/ticks.hpp"

namespace wavesmith {

struct Curve {
  std::string name;          // for the legend
  std::vector<double> x, y;  // equally long; a point that is not finite interrupts the line
  bool markers = false;      // a dot at each point
};

struct Chart {
  std::string title;
  std::string x_label, y_label;  // with unit: "distance (m)"
  std::vector<Curve> curves;
  bool log_x = false, log_y = false;  // points that are not positive are left out
};

// One axis as drawn: a range with room around the data, and its ticks.
struct ChartAxis {
  double low = 0.0, high = 1.0;
  bool logarithmic = false;
  std::vector<Tick> ticks;
  double place(double value) const;  // [0, 1] along the axis, NaN where it cannot be drawn
};

// x and y axis for all curves together. Throws InputError where a curve's x and y differ in length.
std::array<ChartAxis, 2> chart_axes(const Chart& chart, int x_ticks, int y_ticks);

// An <svg> element for embedding into HTML; lines and text follow the page's text colour.
std::string chart_svg(const Chart& chart);

}  // namespace wavesmith
