// Transducers: pistons, focused bowls and arrays of elements, as surfaces that move with a normal
// velocity.
//
// A surface element dA that moves with v into one side of a rigid baffle is the volume source
// 2 v dA of Rayleigh's integral,
//   p(r) = -i omega rho / (2 pi) integral of v exp(i k |r - r'|) / |r - r'| dA,
// radiating to both sides. Put into a mirror (the rigid baffle itself) it is the moving wall; in
// the open the field in front is that of the baffled piston, and its mirror image goes back.
//
// A flat piston across an axis has at each point the share of the cell that its shape covers.
// Surfaces at any tilt are made of points of equal area, half a cell apart or closer, spread to
// the neighbouring points linearly. Both are second order in the cell. In two dimensions (one cell
// along z) discs are strips, bowls arcs.
#pragma once

#include <vector>

#include "solvers/current_source.hpp"
#include "solvers/wave_context.hpp"
#include "solvers/waveform.hpp"

namespace wavesmith {

struct FlatPiston {
  int axis = 2;         // across which it lies
  Vec3 centre{};        // [m]
  double radius = 0.0;  // of a disc [m]; 0: a rectangle
  Vec3 sides{};         // of the rectangle, along the other axes [m]
};

// Normal velocity velocity * waveform [m/s]. All throw InputError where the surface has no extent
// or leaves the grid, or the equations are not those of sound.
std::vector<TimeSource> piston_source(const WaveContext& context, const FlatPiston& piston,
                                      double velocity, const Waveform& waveform);

// Part of a surface: where, and its area [m^2] ([m] in two dimensions).
struct SurfacePoint {
  Vec3 position{};
  double area = 0.0;
};

// A disc of any normal.
std::vector<SurfacePoint> disc_points(const WaveContext& context, const Vec3& centre,
                                      const Vec3& normal, double radius);
// A spherical cap with its middle at `apex`, open towards `axis`.
std::vector<SurfacePoint> bowl_points(const WaveContext& context, const Vec3& apex,
                                      const Vec3& axis, double curvature_radius,
                                      double aperture_radius);

std::vector<TimeSource> surface_source(const WaveContext& context,
                                       const std::vector<SurfacePoint>& points, double velocity,
                                       const Waveform& waveform);

struct ArrayElement {
  Vec3 centre{}, normal{};
  double radius = 0.0;     // [m]
  double amplitude = 1.0;  // times the velocity
  double delay = 0.0;      // [s], not negative
};

std::vector<TimeSource> array_source(const WaveContext& context,
                                     const std::vector<ArrayElement>& elements, double velocity,
                                     const Waveform& waveform);

// Delays with which waves of all elements meet at the focus.
void focus_array(std::vector<ArrayElement>& elements, const Vec3& focus, double speed);

}  // namespace wavesmith
