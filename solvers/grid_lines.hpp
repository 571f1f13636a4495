// What a staggered grid and its boundaries mean to the time-marching engine, axis by axis.
//
// Boundaries lie on the first and the last edge of an axis. `wall`: the field at the nodes in the
// face is zero: a perfect conductor (tangential E), a soft wall (pressure). `mirror`: it is even
// about the face: a perfect magnetic conductor, a rigid wall. `absorbing`: a convolutional
// perfectly matched layer inside the grid, in front of a wall. `periodic`: both faces are the same.
//
// The layer, at a depth rho of its thickness d (J. A. Roden and S. D. Gedney, Microw. Opt. Technol.
// Lett. 27, 334 (2000); A. Taflove and S. Hagness, Computational Electrodynamics, section 7.9):
//   sigma = sigma_max (rho/d)^m,  kappa = 1 + (kappa_max - 1) (rho/d)^m,
//   alpha = alpha_max (1 - rho/d),
//   b = exp(-(sigma / kappa + alpha) dt),  g = sigma / (sigma + kappa alpha) (b - 1)
// with sigma_max = -(m + 1) c ln(R) / (2 d), R the reflection of the layer at normal incidence were
// it not for the grid. The differences that the engine takes are already divided by kappa, so its
// gain g is kappa times the usual one.
#pragma once

#include <array>

#include "core/yee_grid.hpp"
#include "kernels/leapfrog.hpp"

namespace wavesmith {

enum class Boundary { wall, mirror, absorbing, periodic };

struct AbsorbingLayer {
  int cells = 12;
  double order = 3.0;        // m
  double reflection = 1e-8;  // R
  double max_stretch = 1.0;  // kappa_max
  double max_shift = 0.0;    // alpha_max [1/s]; absorbs evanescent and slowly varying fields
};

// On which points of an axis the first group lies: E along the other axes, p: on the edges; Hz as
// the scalar of two dimensions: on the centres.
enum class Nodes { on_edges, on_centres };

struct GridBoundaries {
  std::array<std::array<Boundary, 2>, 3> faces = {};  // [axis][low, high]
  AbsorbingLayer layer;
  // Fields repeat along periodic axes times exp(i phase) a period, the phase k L of a Bloch wave
  // [rad]; 0 elsewhere. Fields are then complex: solvers/bloch_march.hpp.
  std::array<double, 3> bloch_phase{};
};

struct GridLines {
  LeapfrogSize size;
  std::array<LineMetric, 3> metrics;
};

// The number of points that the engine stores along an axis: one more than cells where the last
// edge carries a field of its own, a mirror.
int stored_points(const Axis& axis, Boundary high, Nodes nodes);

// Throws InputError where faces contradict each other, a layer does not fit, or a boundary is not
// there for nodes on centres (mirror). speed: of waves in vacuum or in the reference medium [m/s];
// dt [s].
GridLines make_grid_lines(WaveSystem system, const YeeGrid& grid, const GridBoundaries& boundaries,
                          Nodes nodes, double speed, double dt);

// Of the real and the imaginary part of complex fields in one engine, kernels/leapfrog.hpp: behind
// each other along the last periodic axis. Throws InputError where there is none, where a phase is
// not finite, or lies along an axis that is not periodic.
GridLines pair_grid_lines(const GridLines& lines, const std::array<double, 3>& phase);

// The largest stable step of a wave of `speed`, 1 / (speed sqrt(sum 1 / width^2)) over the axes
// along which something varies, with the narrowest cells [s].
double courant_limit(const YeeGrid& grid, double speed);

}  // namespace wavesmith
