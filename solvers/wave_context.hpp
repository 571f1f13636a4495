// Where the points of a field lie on the grid of a time march, and what drives them.
//
// Points at edges are stored from the low face on, those at centres from the first cell on; the
// high face has points of its own only where it is a mirror. Along an axis of one cell nothing
// varies: positions along it do not matter, and no width of it counts.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "core/yee_grid.hpp"
#include "solvers/field_names.hpp"
#include "solvers/grid_lines.hpp"
#include "solvers/time_domain.hpp"

namespace wavesmith {

struct WaveContext {
  Equations equations = Equations::maxwell;
  YeeGrid grid;
  GridBoundaries boundaries;
  double dt = 0.0;                // [s]
  double speed = speed_of_light;  // of the reference medium [m/s]
  double impedance = 1.0;         // of sound in the reference medium [Pa s/m]
  LeapfrogSize size;              // points stored
  // C of each component, one number or one a point; empty: 1. Views of the setup's own.
  std::array<std::span<const double>, 6> coefficient{};
};

// Throws InputError where grid, boundaries and dt make no march.
WaveContext make_wave_context(Equations equations, const YeeGrid& grid,
                              const GridBoundaries& boundaries, double dt, double speed,
                              double impedance = 1.0);

// Of a setup with nodes on edges; the coefficients are views of the setup's, which must outlive it.
WaveContext context_of(const TimeDomainSetup& setup, Equations equations, double impedance = 1.0);

bool varies(const WaveContext& context, int axis);

// How many points of this place there are along an axis.
int point_count(const WaveContext& context, int axis, Place place);

// Of point i along an axis [m].
double point_position(const WaveContext& context, int axis, Place place, int i);
Vec3 point_position(const WaveContext& context, const StoredField& field,
                    const std::array<int, 3>& at);

// The width of the (dual) cell about a point [m]; at a mirror that of both halves. 1 along an axis
// of one cell.
double point_width(const WaveContext& context, int axis, Place place, int i);

// The point next to a position. Throws InputError where that lies outside of the grid.
int nearest_point(const WaveContext& context, int axis, Place place, double x);
std::array<int, 3> nearest_point(const WaveContext& context, const StoredField& field,
                                 const Vec3& position);

// The points of a field with low <= position <= high along every axis, a millionth of a cell
// included. Throws InputError naming the field where there is none.
GridBox points_inside(const WaveContext& context, const StoredField& field, const Vec3& low,
                      const Vec3& high);

// Calls work(point, number) for the points of a box, in the order of a TimeSource's weights.
template <class Work>
void for_each_point(const GridBox& box, const Work& work) {
  std::array<int, 3> p{};
  std::size_t number = 0;
  for (p[2] = box.begin[2]; p[2] < box.end[2]; ++p[2])
    for (p[1] = box.begin[1]; p[1] < box.end[1]; ++p[1])
      for (p[0] = box.begin[0]; p[0] < box.end[0]; ++p[0]) work(p, number++);
}

double coefficient_at(const WaveContext& context, int component, const std::array<int, 3>& point);

// What a unit of a field's source density adds to the stored component in a step, C included. The
// densities are on the right of
//   eps dE/dt = curl H - J,  mu dH/dt = -curl E - M,  dp/dt / K = -div v + q,  rho dv/dt = -grad p
//   + f
// for E: J [A/m^2]; H: M [V/m^2]; p: q [1/s], volume per volume and time; v: f [N/m^3].
double density_weight(const WaveContext& context, const StoredField& field,
                      const std::array<int, 3>& point);

}  // namespace wavesmith
