// Cross-sections taken out of a march: media, walls and stored points.
#include "solvers/section_plane.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <cstdio>

#include "core/error.hpp"
#include "solvers/place_medium.hpp"

namespace wavesmith {
namespace {

TimeDomainSetup box_setup() {
  TimeDomainSetup setup;
  setup.grid.axes = {uniform_axis(0.0, 6e-7, 6), uniform_axis(0.0, 5e-7, 5),
                     uniform_axis(0.0, 4e-7, 4)};
  setup.boundaries.faces = {{{Boundary::wall, Boundary::wall},
                             {Boundary::periodic, Boundary::periodic},
                             {Boundary::mirror, Boundary::mirror}}};
  setup.dt = 0.9 * courant_limit(setup.grid, speed_of_light);
  return setup;
}

TEST(SectionPlane, SidesAndPermittivitiesAreThoseOfTheGrid) {
  TimeDomainSetup setup = box_setup();
  const WaveContext context = context_of(setup, Equations::maxwell);
  for (std::size_t c = 0; c < 3; ++c) {
    setup.coefficient[c].resize(context.size.count());
    for (int k = 0; k < context.size.points[2]; ++k)
      for (int j = 0; j < context.size.points[1]; ++j)
        for (int i = 0; i < context.size.points[0]; ++i)
          setup.coefficient[c][context.size.index(i, j, k)] =
              1.0 / (1.0 + static_cast<double>(c) + 0.1 * i + 0.01 * j + 0.001 * k);
  }
  for (int axis = 0; axis < 3; ++axis) {
    const SectionPlane plane = section_plane(context, axis, 2.1e-7);
    const CrossSection section = cross_section_at(setup, plane, 1e13);
    validate_cross_section(section);
    EXPECT_EQ(plane.index, 2);
    const int axes[] = {plane.u(), plane.v(), axis};
    for (int c = 0; c < 3; ++c) {
      const auto shape = electric_shape(section, c);
      for (int b = 0; b < shape[1]; ++b)
        for (int a = 0; a < shape[0]; ++a) {
          int p[3] = {};
          p[plane.u()] = a;
          p[plane.v()] = b;
          p[axis] = 2;
          if (p[1] == 5) p[1] = 0;  // periodic along y
          if (p[0] == 6) p[0] = 5;  // in the wall: any medium
          EXPECT_NEAR(section.permittivity[static_cast<std::size_t>(c)]
                                          [static_cast<std::size_t>(b * shape[0] + a)],
                      1.0 + axes[c] + 0.1 * p[0] + 0.01 * p[1] + 0.001 * p[2], 1e-12);
        }
    }
  }
  const CrossSection across_x = cross_section_at(setup, section_plane(context, 0, 2.1e-7), 1e13);
  EXPECT_EQ(across_x.u_low, SectionWall::periodic);
  EXPECT_EQ(across_x.v_high, SectionWall::magnetic);
  const SectionPlane cut =
      section_plane(context, 0, 2.1e-7, {0.0, 1.1e-7, 0.0}, {0.0, 1.0, 2.9e-7});
  const CrossSection part = cross_section_at(setup, cut, 1e13);
  EXPECT_EQ(part.u.cells(), 4);
  EXPECT_EQ(part.v.cells(), 3);
  EXPECT_EQ(part.u_low, SectionWall::electric);
  EXPECT_EQ(part.u_high, SectionWall::electric);
  EXPECT_EQ(part.v_low, SectionWall::magnetic);
  EXPECT_EQ(part.v_high, SectionWall::electric);
}

TEST(SectionPlane, PolesCountWithTheirPermittivity) {
  TimeDomainSetup setup = box_setup();
  DispersiveMedium medium;
  medium.name = "dye";
  medium.eps_inf = 2.0;
  medium.lorentz = {{3.2e15, 2e13, 3e30}, {0.0, 1e13, 1e29}};
  medium.debye = {{1.5, 3e-16}};
  medium.conductivity = 1e3;
  place_medium(setup, {{0, 0, 0}, {6, 3, 5}}, medium);
  const WaveContext context = context_of(setup, Equations::maxwell);
  const double frequency = 3e14;
  const CrossSection section = cross_section_at(setup, section_plane(context, 0, 2e-7), frequency);
  const double expected = discrete_permittivity(medium, 2.0 * pi * frequency, setup.dt).real();
  std::printf("permittivity %.15g, of the recursion %.15g\n", section.permittivity[0][0], expected);
  EXPECT_NEAR(section.permittivity[0][0], expected, 1e-11 * std::abs(expected));
  EXPECT_NEAR(section.permittivity[0][4], 1.0, 1e-12);
}

TEST(SectionPlane, PositionsFindTheirPoints) {
  const TimeDomainSetup setup = box_setup();
  const WaveContext context = context_of(setup, Equations::maxwell);
  const SectionPlane plane = section_plane(context, 1, 2e-7);   // u = z, v = x
  const StoredField ex = find_field(Equations::maxwell, "Ex");  // E_v: edge z, centre x
  const GridBox points = section_points(context, plane, ex);
  EXPECT_EQ(points, (GridBox{{0, 2, 0}, {6, 3, 5}}));
  EXPECT_EQ(number_of_position(context, plane, points, 4, 3), 4U * 6U + 3U);
  const StoredField ez = find_field(Equations::maxwell, "Ez");  // E_u: centre z, edge x
  const GridBox others = section_points(context, plane, ez);
  EXPECT_EQ(others, (GridBox{{0, 2, 0}, {6, 3, 4}}));
  EXPECT_FALSE(number_of_position(context, plane, others, 1, 6).has_value());
  EXPECT_THROW(section_plane(context, 1, 0.0), InputError);
}

}  // namespace
}  // namespace wavesmith
