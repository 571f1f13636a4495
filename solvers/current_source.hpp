// Dipoles, lines, sheets and boxes of uniform current, force or volume flow, in physical units.
//
// A box that is flat along an axis is a delta function there, spread over the two nearest points so
// that its moment and its centre are right: second order in the cell. Along an axis in which it has
// a length, each point has the share of its (dual) cell that lies inside. What is given is the
// density times the widths of the flat axes:
//
//                box        sheet     line      point, in three dimensions
//   E: current   A/m^2      A/m       A         A m (a dipole moment's rate of change)
//   H: magnetic  V/m^2      V/m       V         V m
//   p: volume    1/s        m/s       m^2/s     m^3/s
//   v: force     Pa/m       Pa        N/m       N
//
// Along an axis of one cell everything is uniform: a point is a line there.
//
// Mirrors and walls make the images of what stands in front of them. A source that lies in a mirror
// is one source, not itself and its image.
#pragma once

#include <string>
#include <vector>

#include "solvers/wave_context.hpp"
#include "solvers/waveform.hpp"

namespace wavesmith {

// Drives `field` ("Ez", "Hx", "p", "vy") between the corners low and high [m] with strength *
// waveform. Throws InputError where the field is not there or the box leaves the grid.
std::vector<TimeSource> current_source(const WaveContext& context, const std::string& field,
                                       const Vec3& low, const Vec3& high, double strength,
                                       const Waveform& waveform);

// Flat along every axis.
std::vector<TimeSource> point_source(const WaveContext& context, const std::string& field,
                                     const Vec3& position, double strength,
                                     const Waveform& waveform);

// A point of a field's grid, or a share of it.
struct AxisShare {
  int point = 0;
  double share = 0.0;
};
// What a delta function at x [1/m], and a box from low to high, are at the points along an axis.
// Points in rising order. Throws InputError outside of the grid.
std::vector<AxisShare> delta_shares(const WaveContext& context, int axis, Place place, double x);
std::vector<AxisShare> box_shares(const WaveContext& context, int axis, Place place, double low,
                                  double high);

}  // namespace wavesmith
