// A plane across the optical axis, sampled on a regular grid.
#pragma once

#include <cstddef>

namespace wavesmith {

// Samples lie at x(i) = x0 + (i - (nx - 1) / 2) dx, likewise y: a grid centred on (x0, y0). Arrays
// over a plane are row-major, x fastest: value(i, j) = data[j * nx + i].
struct Plane {
  int nx = 0, ny = 0;         // samples along x and y
  double dx = 0.0, dy = 0.0;  // sample spacing [m]
  double x0 = 0.0, y0 = 0.0;  // centre [m]

  std::size_t size() const { return static_cast<std::size_t>(nx) * static_cast<std::size_t>(ny); }
  double width() const { return nx * dx; }   // [m]
  double height() const { return ny * dy; }  // [m]
  double x(int i) const { return x0 + (i - 0.5 * (nx - 1)) * dx; }
  double y(int j) const { return y0 + (j - 0.5 * (ny - 1)) * dy; }
  double cell_area() const { return dx * dy; }  // [m^2]
  bool operator==(const Plane&) const = default;
};

}  // namespace wavesmith
