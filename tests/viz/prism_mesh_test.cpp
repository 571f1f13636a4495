#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numbers>
#include <random>
#include <string>

#include "core/error.hpp"
#include "physics/contour.hpp"
#include "physics/polygon_mesh.hpp"
#include "tests/temporary_folder.hpp"
#include "viz/stl.hpp"

namespace wavesmith {
namespace {

Mesh printed(const TriangleMesh& mesh) {
  return in_millimetres(mesh.vertices, mesh.triangles);
}

std::vector<Ring> random_rings(int n, unsigned seed) {
  const Plane p{n, n, 2e-3, 2e-3, 0.0, 0.0};
  std::mt19937 random(seed);
  std::vector<double> v(p.size());
  for (double& x : v) x = static_cast<double>(random()) / 4294967296.0;
  return contour(p, v, 0.5, {2e-4, 0.0});
}

TEST(PrismMesh, IsClosedWithTheVolumeOfTheRegion) {
  for (const int n : {1, 3, 12, 40})
    for (unsigned seed = 0; seed < 6; ++seed) {
      const std::vector<Ring> rings = random_rings(n, seed);
      if (rings.empty()) {
        EXPECT_THROW(prism_mesh(rings, 0.0, 1.0), InputError);
        continue;
      }
      const Mesh mesh = printed(prism_mesh(rings, -1e-3, 4e-3));
      EXPECT_TRUE(is_watertight(mesh)) << n << " " << seed;
      EXPECT_NEAR(volume(mesh) / (1e9 * 5e-3 * polygon_area(rings)), 1.0, 1e-5);
      // A sphere for each outline with a handle for each hole: V - E + F = 2 (outlines - holes).
      int number = 0;
      for (const Ring& ring : rings) number += signed_area(ring) > 0 ? 2 : -2;
      EXPECT_EQ(
          static_cast<int>(mesh.vertices.size()) - static_cast<int>(mesh.triangles.size()) / 2,
          number);
    }
}

TEST(PrismMesh, PointsOfTheSolidAreThoseOfTheRegion) {
  const std::vector<Ring> rings = random_rings(10, 3);
  const MeshSolid solid(prism_mesh(rings, 0.0, 5e-3), "prism");
  const InsideTest inside(rings);
  std::mt19937 random(1);
  std::uniform_real_distribution<double> u(-0.01, 0.01);
  for (int k = 0; k < 500; ++k) {
    const Point2 p{u(random), u(random)};
    EXPECT_EQ(solid.contains({p[0], p[1], 2e-3}), inside(p));
    EXPECT_FALSE(solid.contains({p[0], p[1], 6e-3}));
  }
}

TEST(PrismMesh, VtkReadsTheFile) {
  if (std::system((std::string(WAVESMITH_PYTHON) + " -c 'import vtk' 2>/dev/null").c_str()) != 0)
    GTEST_SKIP() << WAVESMITH_PYTHON << " has no module vtk";
  const test::TemporaryFolder folder;
  const std::vector<Ring> rings = random_rings(20, 4);
  const Mesh mesh = printed(prism_mesh(rings, 0.0, 3e-3));
  write_stl(mesh, folder / "prism.stl", "prism");
  const std::string command = std::string(WAVESMITH_PYTHON) + " " + WAVESMITH_SOURCE_DIR +
                              "/tests/viz/read_with_vtk.py " + (folder / "prism.stl").string();
  FILE* pipe = popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  long triangles = 0, open = -1;
  double found = 0.0;
  EXPECT_EQ(std::fscanf(pipe, "triangles %ld open edges %ld volume %lf", &triangles, &open, &found),
            3);
  EXPECT_EQ(pclose(pipe), 0);
  EXPECT_EQ(static_cast<std::size_t>(triangles), mesh.triangles.size());
  EXPECT_EQ(open, 0);
  EXPECT_NEAR(found / (1e9 * 3e-3 * polygon_area(rings)), 1.0, 1e-5);
}

TEST(PrismMesh, LargeOutlinesAreQuickAndBadOnesRefused) {
  Ring star;
  const int n = 8000;
  for (int i = 0; i < n; ++i) {
    const double a = 2 * std::numbers::pi * i / n, r = 1e-2 * (1 + 0.3 * std::cos(40 * a));
    star.push_back({r * std::cos(a), r * std::sin(a)});
  }
  const std::vector<Ring> rings{star};
  const auto start = std::chrono::steady_clock::now();
  const Mesh mesh = printed(prism_mesh(rings, 0.0, 1e-3));
  std::printf("%d corners: %.2f s\n", n,
              std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  EXPECT_TRUE(is_watertight(mesh));
  EXPECT_THROW(prism_mesh(rings, 1.0, 1.0), InputError);
  const std::vector<Ring> tie{{{0, 0}, {1, 1}, {1, 0}, {0, 1}}};
  EXPECT_THROW(prism_mesh(tie, 0.0, 1.0), InputError);
  EXPECT_THROW(triangulated(std::vector<Point2>(100000)), InputError);
}

}  // namespace
}  // namespace wavesmith
