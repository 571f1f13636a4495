// A staggered (Yee) grid: where each component of a field lies.
//
// An axis is cut into cells by edges x_0 < x_1 < ... < x_n, evenly or graded; n = 1 for a direction
// along which nothing varies. Component positions are "at an edge" or "at a centre" per axis:
//
//   Ex: centre edge   edge      Hx: edge   centre centre     p:  edge   edge   edge
//   Ey: edge   centre edge      Hy: centre edge   centre     vx: centre edge   edge   (vy, vz
//   alike) Ez: edge   edge   centre    Hz: centre centre edge
//
// K. S. Yee, IEEE Trans. Antennas Propag. 14, 302 (1966); A. Taflove and S. Hagness, Computational
// Electrodynamics, chapter 3.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace wavesmith {

using Vec3 = std::array<double, 3>;  // x, y, z; a position or a size [m]

struct Axis {
  std::vector<double> edges = {0.0, 1.0};  // increasing, at least two [m]

  int cells() const { return static_cast<int>(edges.size()) - 1; }
  double low() const { return edges.front(); }
  double high() const { return edges.back(); }
  double edge(int i) const { return edges[static_cast<std::size_t>(i)]; }
  double width(int i) const { return edge(i + 1) - edge(i); }           // of cell i [m]
  double centre(int i) const { return 0.5 * (edge(i) + edge(i + 1)); }  // of cell i [m]
  bool operator==(const Axis&) const = default;
};

// `cells` equal cells from `low` to `high`.
inline Axis uniform_axis(double low, double high, int cells) {
  Axis axis;
  axis.edges.resize(static_cast<std::size_t>(cells) + 1);
  for (int i = 0; i <= cells; ++i)
    axis.edges[static_cast<std::size_t>(i)] =
        low + (high - low) * static_cast<double>(i) / static_cast<double>(cells);
  return axis;
}

struct YeeGrid {
  std::array<Axis, 3> axes;  // x, y, z

  const Axis& axis(int direction) const { return axes[static_cast<std::size_t>(direction)]; }
  int cells(int direction) const { return axis(direction).cells(); }
  std::size_t size() const {
    return static_cast<std::size_t>(cells(0)) * static_cast<std::size_t>(cells(1)) *
           static_cast<std::size_t>(cells(2));
  }
  bool operator==(const YeeGrid&) const = default;
};

}  // namespace wavesmith
