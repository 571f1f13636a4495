// Surfaces of voxel maps: closed, of the right volume and at the right place.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <numbers>
#include <random>

#include "core/error.hpp"
#include "tests/temporary_folder.hpp"
#include "viz/surfaces.hpp"

namespace wavesmith {
namespace {

template <typename Material>
Frame map_of(std::array<int, 3> points, double spacing, const Material& material) {
  Frame map;
  map.name = "map";
  map.points = points;
  map.spacing = {spacing, spacing, spacing};
  FrameArray array{"material", "1", {}};
  for (int k = 0; k < points[2]; ++k)
    for (int j = 0; j < points[1]; ++j)
      for (int i = 0; i < points[0]; ++i)
        array.values.push_back(static_cast<float>(material(i, j, k)));
  map.arrays.push_back(array);
  return map;
}

std::array<std::array<float, 2>, 3> bounds(const Mesh& mesh) {
  std::array<std::array<float, 2>, 3> box;
  box.fill({std::numeric_limits<float>::max(), std::numeric_limits<float>::lowest()});
  for (const auto& v : mesh.vertices)
    for (std::size_t axis = 0; axis < 3; ++axis) {
      box[axis][0] = std::min(box[axis][0], v[axis]);
      box[axis][1] = std::max(box[axis][1], v[axis]);
    }
  return box;
}

// A box of a x b x c voxels loses a triangle of area 1/8 along its edges, and of each corner's
// eighth all but the pyramid of volume 1/48 is cut off.
TEST(Surfaces, ABoxHasItsFacesAndItsVolume) {
  for (const auto& [a, b, c] : {std::array{1, 1, 1}, {3, 2, 5}, {10, 12, 7}}) {
    // Without a rim in the map: the box touches the frame on all sides.
    const Frame map = map_of({a, b, c}, 1e-3, [](int, int, int) { return 2; });
    const Mesh mesh = solid_surface(map, "material", 2);
    EXPECT_TRUE(is_watertight(mesh));
    const double expected =
        a * b * c - (a - 1 + b - 1 + c - 1) * 4 / 8.0 - 8 * (1.0 / 8.0 - 1.0 / 48.0);
    EXPECT_NEAR(volume(mesh), expected, 1e-5 * expected) << a << " " << b << " " << c;
    const auto box = bounds(mesh);
    EXPECT_FLOAT_EQ(box[0][0], -0.5f);
    EXPECT_FLOAT_EQ(box[1][1], static_cast<float>(b) - 0.5f);
    EXPECT_FLOAT_EQ(box[2][1], static_cast<float>(c) - 0.5f);
  }
}

TEST(Surfaces, ABallHasTheVolumeOfABall) {
  const double radius = 15.3;
  const Frame map = map_of({34, 34, 34}, 1e-3, [&](int i, int j, int k) {
    return std::hypot(i - 16.5, j - 16.5, k - 16.5) < radius ? 1 : 0;
  });
  const Mesh mesh = solid_surface(map, "material", 1);
  EXPECT_TRUE(is_watertight(mesh));
  const double ball = 4.0 / 3.0 * std::numbers::pi * radius * radius * radius;
  EXPECT_NEAR(volume(mesh) / ball, 1.0, 0.02);
}

TEST(Surfaces, EveryMaterialOfARandomMapIsClosed) {
  std::mt19937 random(5);
  const Frame map = map_of({11, 9, 8}, 1e-3, [&](int, int, int) { return random() % 4; });
  double sum = 0.0;
  for (int material = 1; material <= 3; ++material) {
    const Mesh mesh = solid_surface(map, "material", material);
    EXPECT_TRUE(is_watertight(mesh)) << material;
    EXPECT_GT(volume(mesh), 0.0);
    sum += volume(mesh);
  }
  EXPECT_LT(sum, 11 * 9 * 8);
  EXPECT_TRUE(solid_surface(map, "material", 9).triangles.empty());
}

TEST(Surfaces, FollowsGradedCoordinates) {
  test::TemporaryFolder folder;
  Frame map = map_of({4, 3, 1}, 1e-3, [](int i, int, int) { return i == 1 || i == 2 ? 1 : 0; });
  map.coordinates[0] = {0.0, 1.0, 4.0, 5.0};
  const Mesh mesh = solid_surface(map, "material", 1);
  const auto box = bounds(mesh);
  EXPECT_FLOAT_EQ(box[0][0], 500.0f);  // [mm]
  EXPECT_FLOAT_EQ(box[0][1], 4500.0f);
  EXPECT_FLOAT_EQ(box[2][0], -0.5f);
  write_stl(mesh, folder / "a.stl", "a");
  const Mesh back = read_stl(folder / "a.stl");
  EXPECT_TRUE(is_watertight(back));
  EXPECT_EQ(back.triangles.size(), mesh.triangles.size());
  EXPECT_NEAR(volume(back), volume(mesh), 1e-5 * volume(mesh));
}

TEST(Surfaces, VtkReadsTheSurfaceOfAllMaterials) {
  test::TemporaryFolder folder;
  const Frame map = map_of({6, 5, 4}, 2e-6, [](int i, int, int) { return i / 2; });
  write_vtp(map, "material", folder / "map.vtp");
  const std::string python = WAVESMITH_PYTHON;
  if (std::system((python + " -c 'import vtk' 2>/dev/null").c_str()) != 0)
    GTEST_SKIP() << python << " has no module vtk";
  const std::string command = python + " " + WAVESMITH_SOURCE_DIR + "/tests/viz/read_with_vtk.py " +
                              (folder / "map.vtp").string() + " > " + (folder / "facts").string();
  ASSERT_EQ(std::system(command.c_str()), 0);
  std::ifstream file(folder / "facts");
  const std::string facts{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_NE(facts.find("materials 1 2\n"), std::string::npos) << facts;
  EXPECT_NE(facts.find("bounds 3e-06 1.1e-05 -1e-06 9e-06 -1e-06 7e-06\n"), std::string::npos)
      << facts;
  const std::size_t triangles = solid_surface(map, "material", 1).triangles.size() +
                                solid_surface(map, "material", 2).triangles.size();
  EXPECT_NE(facts.find("triangles " + std::to_string(triangles) + "\n"), std::string::npos)
      << facts;
}

TEST(Surfaces, WhatIsNoMapOfMaterialsIsRefused) {
  test::TemporaryFolder folder;
  Frame map = map_of({3, 3, 1}, 1e-3, [](int i, int, int) { return i; });
  EXPECT_THROW(solid_surface(map, "epsilon", 1), InputError);
  for (float bad : {0.5f, -1.0f, std::nanf(""), 1e30f}) {
    Frame wrong = map;
    wrong.arrays[0].values[4] = bad;
    EXPECT_THROW(solid_surface(wrong, "material", 1), InputError) << bad;
    EXPECT_THROW(write_vtp(wrong, "material", folder / "a.vtp"), InputError) << bad;
  }
  map = map_of({40, 40, 1}, 1e-3, [](int i, int j, int) { return 40 * j + i; });
  EXPECT_THROW(write_vtp(map, "material", folder / "a.vtp"), InputError);
  EXPECT_FALSE(std::filesystem::exists(folder / "a.vtp"));
  Mesh mesh = solid_surface(map, "material", 7);
  mesh.triangles[0][1] = 1000000;
  EXPECT_THROW(write_stl(mesh, folder / "a.stl", "a"), InputError);
}

}  // namespace
}  // namespace wavesmith
