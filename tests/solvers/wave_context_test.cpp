// Positions, widths and weights of stored points.
#include "solvers/wave_context.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "physics/vacuum.hpp"

namespace wavesmith {
namespace {

YeeGrid small_grid() {
  YeeGrid grid;
  grid.axes = {Axis{{0.0, 1.0, 2.0, 4.0, 6.0}}, uniform_axis(0.0, 3.0, 6), Axis{}};
  return grid;
}

WaveContext small_context(Equations equations, Boundary high) {
  GridBoundaries boundaries;
  boundaries.faces[0] = {Boundary::mirror, high};
  boundaries.faces[1] = {Boundary::periodic, Boundary::periodic};
  return make_wave_context(equations, small_grid(), boundaries, 0.1, 1.0, 2.0);
}

TEST(WaveContext, PointsLieWhereTheirPlacesSay) {
  const WaveContext context = small_context(Equations::maxwell, Boundary::mirror);
  EXPECT_EQ(point_count(context, 0, Place::edge), 5);
  EXPECT_EQ(point_count(context, 0, Place::centre), 4);
  EXPECT_DOUBLE_EQ(point_position(context, 0, Place::centre, 2), 3.0);
  EXPECT_DOUBLE_EQ(point_width(context, 0, Place::edge, 0), 1.0);
  EXPECT_DOUBLE_EQ(point_width(context, 0, Place::edge, 2), 1.5);
  EXPECT_DOUBLE_EQ(point_width(context, 0, Place::edge, 4), 2.0);
  EXPECT_DOUBLE_EQ(point_width(context, 1, Place::edge, 0), 0.5);
  EXPECT_DOUBLE_EQ(point_width(context, 2, Place::edge, 0), 1.0);
  const StoredField hx = find_field(Equations::maxwell, "Hx");  // edge, centre, centre
  const std::array<int, 3> at = nearest_point(context, hx, {3.1, 0.8, 17.0});
  EXPECT_EQ(at, (std::array<int, 3>{3, 1, 0}));
  EXPECT_THROW(nearest_point(context, hx, {6.1, 0.8, 0.0}), InputError);
}

TEST(WaveContext, BoxesHoldThePointsBetweenTheirFaces) {
  const WaveContext context = small_context(Equations::maxwell, Boundary::mirror);
  const StoredField ex = find_field(Equations::maxwell, "Ex");  // centre, edge, edge
  const GridBox box = points_inside(context, ex, {1.0, 0.5, -1.0}, {5.0, 2.0, 1.0});
  EXPECT_EQ(box, (GridBox{{1, 1, 0}, {4, 5, 1}}));
  EXPECT_THROW(points_inside(context, ex, {1.1, 0.5, 0.0}, {1.4, 2.0, 1.0}), InputError);
}

TEST(WaveContext, DensitiesAddWhatTheEquationsSay) {
  WaveContext light = small_context(Equations::tm, Boundary::mirror);
  const double c = 0.25;
  light.coefficient[0] = std::span(&c, 1);
  EXPECT_DOUBLE_EQ(density_weight(light, find_field(Equations::tm, "Ez"), {1, 1, 0}),
                   -0.25 * 0.1 * vacuum_impedance);
  // d(H) = -dt / mu M in the units of the field, whatever the stored component.
  const StoredField hx = find_field(Equations::tm, "Hx");
  EXPECT_DOUBLE_EQ(density_weight(light, hx, {1, 1, 0}) * hx.factor, -0.1 / vacuum_impedance);
  const WaveContext sound = small_context(Equations::sound, Boundary::wall);
  const StoredField vx = find_field(Equations::sound, "vx", sound.impedance);
  // Speed 1 and impedance 2: density 2, bulk modulus 2.
  EXPECT_DOUBLE_EQ(density_weight(sound, find_field(Equations::sound, "p"), {1, 1, 0}), 0.2);
  EXPECT_DOUBLE_EQ(density_weight(sound, vx, {1, 1, 0}) * vx.factor, 0.05);
}

}  // namespace
}  // namespace wavesmith
