// The cross-section of a waveguide on the Yee grid, and the discrete operators of it.
//
// The guide runs along w; u and v are the transverse axes, u x v = w. Positions in the section,
// n_u by n_v cells (edges count from 0 to n, centres from 0 to n - 1; u is the fast index):
//
//   E_u: centre u, edge v     H_v: the same place, half a cell further along w
//   E_v: edge u, centre v     H_u: the same place, half a cell further along w
//   H_w: centre u, centre v   E_w: edge u, edge v, half a cell further along w
//
// Sides: an electric wall lies on the outermost edges and makes the tangential E zero there; a
// magnetic wall (a mirror) makes the tangential H zero, and halves the dual cells that it cuts;
// periodic sides are one and the same edge: of the two, the values at edge n are copies and their
// weight is zero. One periodic cell is a direction along which nothing varies, as in 2D.
//
// Discrete differences, with sums weighted by the (dual) cells' areas, obey exactly
//   <grad a, b> = -<a, div b>,   <curl a, c> = <a, curl_dual c>,   curl grad = 0
// which is what makes the modes biorthogonal to rounding (solvers/waveguide_modes.hpp).
#pragma once

#include <array>
#include <complex>
#include <cstddef>
#include <vector>

#include "core/yee_grid.hpp"

namespace wavesmith {

enum class SectionWall { electric, magnetic, periodic };

struct CrossSection {
  Axis u, v;  // [m]
  SectionWall u_low = SectionWall::electric, u_high = SectionWall::electric;
  SectionWall v_low = SectionWall::electric, v_high = SectionWall::electric;
  // Relative permittivity where E_u, E_v and E_w lie (the diagonal of a subpixel average).
  std::array<std::vector<double>, 3> permittivity;
};

// The six components over a section, each at its own positions; components in the order u, v, w.
struct SectionField {
  std::array<std::vector<std::complex<double>>, 3> e;  // [V/m]
  std::array<std::vector<std::complex<double>>, 3> h;  // [A/m]
};

// Counts along u and v, and number of values, of component 0, 1, 2 = u, v, w.
std::array<int, 2> electric_shape(const CrossSection& section, int component);
std::array<int, 2> magnetic_shape(const CrossSection& section, int component);
std::size_t electric_size(const CrossSection& section, int component);
std::size_t magnetic_size(const CrossSection& section, int component);

// A section filled with one permittivity, to be painted on.
CrossSection make_cross_section(const Axis& u, const Axis& v, double permittivity = 1.0);

// A field of zeros of the section's shapes.
SectionField make_section_field(const CrossSection& section);

// Throws InputError where sizes, edges, walls or permittivities make no section.
void validate_cross_section(const CrossSection& section);

// Areas that belong to the positions of each component of E [m^2]: width times width of the cell or
// of the dual cell. Those of H_v and H_u are the areas of E_u and E_v.
std::array<std::vector<double>, 3> electric_areas(const CrossSection& section);

}  // namespace wavesmith
