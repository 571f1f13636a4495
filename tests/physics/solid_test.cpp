// Every solid: volume by counting, distances and normals against each other, bounds, and covers.
#include "physics/solid.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "core/error.hpp"
#include "physics/convex_piece.hpp"
#include "physics/geometry.hpp"
#include "physics/prism_solid.hpp"
#include "physics/solids.hpp"
#include "physics/stl_solid.hpp"
#include "physics/voxel_solid.hpp"

namespace wavesmith {
namespace {

constexpr double pi = std::numbers::pi;

// A closed mesh: a tetrahedron with corners at the origin and 1 along each axis.
TriangleMesh tetrahedron() {
  return {{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
          {{0, 2, 1}, {0, 1, 3}, {0, 3, 2}, {1, 2, 3}}};
}

SolidPointer plane_voxels() {
  // A linear ramp along x + 2 y: its level surface is a plane whatever the resolution.
  std::vector<float> values;
  for (int k = 0; k < 3; ++k)
    for (int j = 0; j < 8; ++j)
      for (int i = 0; i < 10; ++i)
        values.push_back(static_cast<float>((i + 0.5) / 10 + 2 * (j + 0.5) / 8));
  return std::make_shared<VoxelSolid>(Bounds{{0, 0, 0}, {1, 1, 1}}, std::array<int, 3>{10, 8, 3},
                                      std::move(values), 1.5);
}

struct Case {
  std::string name;
  SolidPointer solid;
  double volume;
  double volume_tolerance = 1e-3;
  double distance_tolerance = 1e-9;  // endless where distances are approximate
};

std::vector<Case> cases() {
  const std::vector<Point2> l_shape{{0, 0}, {1, 0}, {1, 0.4}, {0.4, 0.4}, {0.4, 1}, {0, 1}};
  std::vector<Point2> clockwise(l_shape.rbegin(), l_shape.rend());
  // A unit square with a square hole of 0.5, joined by a slit.
  const std::vector<Point2> keyhole{{0, 0},       {1, 0},       {1, 1},       {0, 1},
                                    {0, 0},       {0.25, 0.25}, {0.25, 0.75}, {0.75, 0.75},
                                    {0.75, 0.25}, {0.25, 0.25}};
  const double t = std::tan(0.2);
  std::vector<double> ramp;
  for (int j = 0; j < 3; ++j)
    for (int i = 0; i < 5; ++i) ramp.push_back(0.3 + 0.1 * i + 0.05 * j);
  return {
      {"box", std::make_shared<BoxSolid>(Vec3{0.1, 0.2, 0.3}, Vec3{1, 0.5, 0.7}), 0.35},
      {"turned box", std::make_shared<BoxSolid>(Vec3{0.1, 0.2, 0.3}, Vec3{1, 0.5, 0.7}, 0.6), 0.35},
      {"corners", box_between({-1, 0, 0.2}, {0, 0.7, 1}), 0.56},
      {"ball", std::make_shared<BallSolid>(Vec3{0.3, -0.2, 0}, 0.6), 4 * pi / 3 * 0.216},
      {"cylinder x", std::make_shared<CylinderSolid>(Vec3{0, 0.1, 0}, 0, 0.5, 0.8), pi * 0.2},
      {"cylinder y", std::make_shared<CylinderSolid>(Vec3{0, 0.1, 0}, 1, 0.5, 0.8), pi * 0.2},
      {"ring", std::make_shared<CylinderSolid>(Vec3{0.2, 0.1, 0}, 2, 0.7, 0.5, 0.4),
       pi * 0.33 * 0.5},
      {"L", std::make_shared<PrismSolid>(l_shape, -0.2, 0.6), 0.64 * 0.8},
      {"L clockwise", std::make_shared<PrismSolid>(clockwise, -0.2, 0.6), 0.64 * 0.8},
      {"keyhole", std::make_shared<PrismSolid>(keyhole, 0, 1), 0.75},
      // A frustum: each side of the square shrinks by 2 h tan(slant).
      {"frustum",
       std::make_shared<PrismSolid>(std::vector<Point2>{{0, 0}, {1, 0}, {1, 1}, {0, 1}}, 0, 1, 0.2),
       (1 - std::pow(1 - 2 * t, 3)) / (6 * t), 1e-3, endless},
      {"slanted L", std::make_shared<PrismSolid>(l_shape, 0, 0.5, 0.2, SlantReference::middle),
       // area(s) = 0.64 - 4 s + 4 s^2 for an inset s (perimeter 4, five convex corners, one
       // concave)
       0.5 * 0.64 + 4.0 * t * t * std::pow(0.5, 3) / 12.0, 1e-3, endless},
      {"heights",
       std::make_shared<HeightSolid>(std::array{0.0, 0.0}, std::array{1.0, 0.8}, 0.0, 5, 3, ramp),
       0.55 * 0.8, 1e-3, endless},
      {"voxels", plane_voxels(), 0.5, 2e-2, endless},
      {"mesh", std::make_shared<MeshSolid>(tetrahedron(), "tetrahedron"), 1.0 / 6.0},
  };
}

double counted_volume(const Solid& solid, int n) {
  const Bounds b = solid.bounds();
  std::mt19937 random(3);
  std::uniform_real_distribution<double> share(0.0, 1.0);
  long inside = 0;
  // One random point in each of n^3 cells.
  for (int k = 0; k < n; ++k)
    for (int j = 0; j < n; ++j)
      for (int i = 0; i < n; ++i) {
        const Vec3 u{(i + share(random)) / n, (j + share(random)) / n, (k + share(random)) / n};
        Vec3 p;
        for (std::size_t a = 0; a < 3; ++a) p[a] = b.lo[a] + u[a] * (b.hi[a] - b.lo[a]);
        inside += solid.contains(p) ? 1 : 0;
      }
  const Vec3 size = b.hi - b.lo;
  return size[0] * size[1] * size[2] * static_cast<double>(inside) / std::pow(n, 3);
}

TEST(Solid, CountedVolumesConverge) {
  for (const Case& c : cases()) {
    const double coarse = counted_volume(*c.solid, 12), fine = counted_volume(*c.solid, 60);
    // 60^3 random points, one a cell: the spread of the count is about 1e-3 at most.
    EXPECT_NEAR(fine / c.volume, 1.0, 2.0 * std::max(c.volume_tolerance, 1e-3)) << c.name;
    EXPECT_NEAR(coarse / c.volume, 1.0, 0.05) << c.name;
  }
}

TEST(Solid, DistancesBoundsAndNormalsAgree) {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> share(-0.3, 1.3);
  for (const Case& c : cases()) {
    const Bounds b = c.solid->bounds();
    const bool exact = c.distance_tolerance < 1.0;
    for (int n = 0; n < 1500; ++n) {
      Vec3 p;
      for (std::size_t a = 0; a < 3; ++a) p[a] = b.lo[a] + share(random) * (b.hi[a] - b.lo[a]);
      const double d = c.solid->signed_distance(p);
      if (std::abs(d) > 1e-9) {
        ASSERT_EQ(d < 0.0, c.solid->contains(p)) << c.name;
      }
      if (c.solid->contains(p)) {
        ASSERT_TRUE(b.overlaps({p, p})) << c.name;
      }
      const Vec3 normal = c.solid->normal(p);
      ASSERT_NEAR(length(normal), 1.0, 1e-9) << c.name;
      // The clearance is no larger than the distance, so nothing changes within it.
      const double clear = c.solid->clearance(p);
      ASSERT_GE(clear, 0.0) << c.name;
      Vec3 direction{share(random) - 0.5, share(random) - 0.5, share(random) - 0.5};
      direction = unit_vector(direction);
      const Vec3 q = p + (0.999 * clear) * direction;
      if (clear > 1e-9) {
        ASSERT_EQ(c.solid->contains(q), c.solid->contains(p)) << c.name << " " << n;
      }
      if (!exact) continue;
      ASSERT_LE(clear, std::abs(d) * (1.0 + 1e-9)) << c.name;
      // The distance changes by at most the step, and stepping along the normal leads to the
      // surface.
      ASSERT_LE(std::abs(c.solid->signed_distance(q) - d), length(q - p) + 1e-12) << c.name;
      const Vec3 foot = p - d * normal;
      ASSERT_NEAR(c.solid->signed_distance(foot), 0.0, 1e-9) << c.name << " " << n;
    }
  }
}

// Near smooth parts of approximate solids, the distance is of second order and the normal its
// gradient.
TEST(Solid, NormalsAreGradientsNearTheSurface) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> share(0.0, 1.0);
  for (const Case& c : cases()) {
    const Bounds b = c.solid->bounds();
    int seen = 0, off = 0;
    for (int n = 0; n < 20000 && seen < 100; ++n) {
      Vec3 p;
      for (std::size_t a = 0; a < 3; ++a) p[a] = b.lo[a] + share(random) * (b.hi[a] - b.lo[a]);
      if (std::abs(c.solid->signed_distance(p)) > 0.01) continue;
      ++seen;
      constexpr double h = 1e-5;
      Vec3 gradient;
      for (std::size_t a = 0; a < 3; ++a) {
        Vec3 before = p, after = p;
        before[a] -= h;
        after[a] += h;
        gradient[a] =
            (c.solid->signed_distance(after) - c.solid->signed_distance(before)) / (2 * h);
      }
      off += length(gradient - c.solid->normal(p)) > 1e-2 ? 1 : 0;
    }
    EXPECT_EQ(seen, 100) << c.name;
    // Points right at an edge have two normals; there are few of them. Values in the outermost half
    // cell of voxels are constant, so the surface bends there.
    EXPECT_LE(off, c.name == "voxels" ? 25 : 6) << c.name;
  }
}

// Shares of random small boxes from covers against counting.
TEST(Solid, CoversFillBoxesAsCountingDoes) {
  std::mt19937 random(9);
  std::uniform_real_distribution<double> share(0.0, 1.0);
  std::vector<HalfSpace> planes;
  for (const Case& c : cases()) {
    const Bounds b = c.solid->bounds();
    int seen = 0;
    for (int n = 0; n < 20000 && seen < 40; ++n) {
      Bounds box;
      for (std::size_t a = 0; a < 3; ++a) {
        const double centre = b.lo[a] + share(random) * (b.hi[a] - b.lo[a]);
        box.lo[a] = centre - 0.02;
        box.hi[a] = centre + 0.03;
      }
      if (c.solid->side_of(box) != Side::crossing) continue;
      if (c.solid->cover(box, plane_tolerance, planes) != Cover::planes) continue;
      ++seen;
      ConvexPiece inside(box.half());
      for (const HalfSpace& h : planes)
        inside = inside.split({h.normal, h.offset - dot(h.normal, box.centre())}).inside;
      int hits = 0;
      constexpr int m = 12;
      for (int s = 0; s < m * m * m; ++s) {
        const Vec3 u{(s % m + share(random)) / m, (s / m % m + share(random)) / m,
                     (s / m / m + share(random)) / m};
        Vec3 p;
        for (std::size_t a = 0; a < 3; ++a) p[a] = box.lo[a] + u[a] * 0.05;
        hits += c.solid->contains(p) ? 1 : 0;
      }
      // One random point in each of 1728 cells: the count's spread is below 1 %.
      ASSERT_NEAR(inside.volume() / 1.25e-4, hits / 1728.0, 0.05) << c.name;
    }
    EXPECT_EQ(seen, 40) << c.name;
  }
}

TEST(Solid, HasNoEndWhereItsSizeIsEndless) {
  const BoxSolid slab({0, 0, 0}, {endless, endless, 0.5});
  const CylinderSolid rod({0, 0, 0}, 2, 0.5, endless);
  const PrismSolid guide({{-1, -0.1}, {1, -0.1}, {1, 0.1}, {-1, 0.1}}, -endless, endless);
  EXPECT_TRUE(slab.contains({1e6, -1e6, 0.2}));
  EXPECT_DOUBLE_EQ(slab.signed_distance({3, 4, 1}), 0.75);
  EXPECT_DOUBLE_EQ(rod.signed_distance({3, 4, -1e9}), 4.5);
  EXPECT_NEAR(guide.signed_distance({0, 0.3, 1e9}), 0.2, 1e-15);
  const auto half = box_between({-endless, -endless, -endless}, {endless, endless, 0});
  EXPECT_DOUBLE_EQ(half->signed_distance({5, 5, -2}), -2);
  EXPECT_EQ(half->side_of({{0, 0, -2}, {1, 1, -1}}), Side::inside);
}

TEST(Solid, RefusesWhatIsNoSolid) {
  const std::vector<Point2> square{{0, 0}, {1, 0}, {1, 1}, {0, 1}};
  EXPECT_THROW(BoxSolid({0, 0, 0}, {1, 0, 1}), InputError);
  EXPECT_THROW(BoxSolid({0, 0, 0}, {endless, 1, 1}, 0.1), InputError);
  EXPECT_THROW(BallSolid({0, 0, 0}, -1), InputError);
  EXPECT_THROW(CylinderSolid({0, 0, 0}, 2, 1, 1, 1), InputError);
  EXPECT_THROW(PrismSolid({{0, 0}, {1, 0}}, 0, 1), InputError);
  EXPECT_THROW(PrismSolid({{0, 0}, {1, 0}, {2, 0}}, 0, 1), InputError);
  EXPECT_THROW(PrismSolid(square, 1, 0), InputError);
  EXPECT_THROW(PrismSolid({{0, 0}, {1, 1}, {1, 0}, {0, 1.1}}, 0, 1), InputError);
  // Walls at 45 degrees meet at half the width.
  EXPECT_NO_THROW(PrismSolid(square, 0, 0.49, pi / 4));
  EXPECT_THROW(PrismSolid(square, 0, 0.51, pi / 4), InputError);
  EXPECT_THROW(HeightSolid({0, 0}, {1, 1}, 0.5, 1, 1, {0.4}), InputError);
  EXPECT_THROW(VoxelSolid({{0, 0, 0}, {1, 1, 1}}, {2, 2, 2}, std::vector<float>(7)), InputError);
}

TEST(Geometry, LaterSolidsLieOverEarlierOnes) {
  Geometry geometry(3);
  geometry.add(std::make_shared<BallSolid>(Vec3{0, 0, 0}, 1.0), 1);
  geometry.add(std::make_shared<BallSolid>(Vec3{0, 0, 0}, 0.5), 0);
  geometry.add(box_between({0, -2, -2}, {2, 2, 2}), 2);
  EXPECT_EQ(geometry.material_at({-2, 0, 0}), 3);
  EXPECT_EQ(geometry.material_at({-0.7, 0, 0}), 1);
  EXPECT_EQ(geometry.material_at({-0.2, 0, 0}), 0);
  EXPECT_EQ(geometry.material_at({0.2, 0, 0}), 2);
  EXPECT_EQ(geometry.material_count(), 4);
}

TEST(Geometry, GridHasTheMaterialOfEveryPoint) {
  Geometry geometry;
  int material = 0;
  for (const Case& c : cases()) geometry.add(c.solid, ++material % 4);
  YeeGrid grid{{uniform_axis(-1.2, 1.3, 23), uniform_axis(-0.9, 1.1, 17), uniform_axis(-1, 1, 19)}};
  grid.axes[0].edges[5] += 0.02;  // graded
  for (const Places& places : {centre_places(), electric_places(1), magnetic_places(2)})
    for (const int threads : {1, 2}) {
      const auto map = materials_on_grid(geometry, grid, places, threads);
      std::size_t at = 0;
      for (int k = 0; k < 19; ++k)
        for (int j = 0; j < 17; ++j)
          for (int i = 0; i < 23; ++i, ++at)
            ASSERT_EQ(map[at], geometry.material_at({position(grid.axes[0], places[0], i),
                                                     position(grid.axes[1], places[1], j),
                                                     position(grid.axes[2], places[2], k)}));
    }
}

// Walls on one line with a gap between them cross nothing, whatever rounding makes of them: of two
// chamfers their products have either sign.
TEST(PrismSolid, WallsOnOneLineDoNotCross) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> somewhere(-2e-6, 2e-6);
  for (int trial = 0; trial < 500; ++trial) {
    const Point2 shift = {somewhere(random), somewhere(random)};
    const auto at = [&](int u, int v) { return Point2{1e-9 * u + shift[0], 1e-9 * v + shift[1]}; };
    const std::vector<Point2> corners = {at(890, 847),   at(887, 850),     at(870, 866),
                                         at(866, 870),   at(850, 887),     at(847, 890),
                                         at(-2000, 890), at(-2000, -2000), at(890, -2000)};
    EXPECT_NO_THROW(PrismSolid(corners, -endless, endless)) << trial;
  }
  EXPECT_THROW(PrismSolid({{0, 0}, {1, 1}, {1, 0}, {0, 1.5}}, -endless, endless), InputError);
}

}  // namespace
}  // namespace wavesmith
