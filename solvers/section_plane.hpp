// A plane across a guide in the grid of a time march: the cross-section that modes are sought in,
// and which stored points belong to it.
//
// The guide runs along w = axis, and u = axis + 1, v = axis + 2 (mod 3). The section's E_u, E_v and
// H_w lie on edge `index` of w, E_w, H_u and H_v half a cell further. A position (a, b) of the
// section is the stored point (begin_u + a, begin_v + b); at the high side of a periodic section
// the copy of the first one, and nothing, where a wall or a cut holds the field at zero.
//
// The section is cut off by perfect conductors where it does not reach the faces of the grid.
// Absorbing layers count as the medium that is in them.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "solvers/cross_section.hpp"
#include "solvers/wave_context.hpp"

namespace wavesmith {

struct SectionPlane {
  int axis = 0;
  int index = 0;                      // the edge that it lies on
  std::array<int, 2> begin{}, end{};  // cells along u and v

  int u() const { return (axis + 1) % 3; }
  int v() const { return (axis + 2) % 3; }
};

// On the edge nearest to `position`, from `low` to `high` where they cut it [m]. Throws InputError
// where the plane is not inside of the grid, with a cell on each side.
SectionPlane section_plane(const WaveContext& context, int axis, double position, const Vec3& low,
                           const Vec3& high);
SectionPlane section_plane(const WaveContext& context, int axis, double position);

// Permittivities are those that the march has at `frequency` [Hz], poles and all, without loss:
// the real part. Light only. Throws InputError where permeability is not 1 on the plane.
CrossSection cross_section_at(const TimeDomainSetup& setup, const SectionPlane& plane,
                              double frequency);

// The stored points of a field that belong to the section: E_u, E_v, E_w, H_u, H_v, H_w at their
// own places along w.
GridBox section_points(const WaveContext& context, const SectionPlane& plane,
                       const StoredField& field);

// Number within `points`, as TimeSource counts them, of position (a, b) of the section; none where
// the field is zero there.
std::optional<std::size_t> number_of_position(const WaveContext& context, const SectionPlane& plane,
                                              const GridBox& points, int a, int b);

}  // namespace wavesmith
