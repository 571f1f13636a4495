#include "viz/stl.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <limits>
#include <numeric>
#include <random>
#include <set>

#include "core/error.hpp"
#include "tests/temporary_folder.hpp"

namespace wavesmith {
namespace {

HeightMap random_map(int nx, int ny, int levels, unsigned seed) {
  HeightMap map{nx, ny, 0.4e-3, 0.3e-3, 0.5e-3, {}};
  std::mt19937 random(seed);
  for (int i = 0; i < nx * ny; ++i)
    map.heights.push_back(1e-3 * static_cast<double>(random() % static_cast<unsigned>(levels)) /
                          (levels - 1));
  return map;
}

// Sum of the columns, base included [mm^3].
double column_volume(const HeightMap& map) {
  const double sum = std::accumulate(map.heights.begin(), map.heights.end(), 0.0);
  return 1e9 * map.dx * map.dy *
         (sum + map.base * static_cast<double>(map.nx) * static_cast<double>(map.ny));
}

TEST(Stl, IsAClosedSolidOfTheColumnsVolume) {
  test::TemporaryFolder folder;
  for (const auto& [nx, ny, levels] :
       {std::tuple{1, 1, 2}, {1, 7, 3}, {2, 2, 2}, {9, 1, 5}, {40, 31, 2}, {64, 64, 256}}) {
    const HeightMap map = random_map(nx, ny, levels, 11);
    write_stl(map, folder / "layer.stl", "layer");
    const Mesh mesh = read_stl(folder / "layer.stl");
    EXPECT_TRUE(is_watertight(mesh)) << nx << " x " << ny;
    EXPECT_NEAR(volume(mesh) / column_volume(map), 1.0, 1e-6) << nx << " x " << ny;
    // A sphere's topology: vertices - edges + triangles = 2, with 3/2 edges a triangle.
    EXPECT_EQ(2 * mesh.vertices.size(), mesh.triangles.size() + 4);
  }
}

// Two high columns that touch along an edge only, where vertical walls share an edge four times.
TEST(Stl, ChequerboardIsManifold) {
  HeightMap map{6, 6, 1e-3, 1e-3, 1e-3, {}};
  for (int j = 0; j < 6; ++j)
    for (int i = 0; i < 6; ++i) map.heights.push_back((i + j) % 2 == 0 ? 2e-3 : 0.0);
  const Mesh mesh = height_map_mesh(map);
  EXPECT_TRUE(is_watertight(mesh));
  EXPECT_NEAR(volume(mesh) / column_volume(map), 1.0, 1e-6);
}

TEST(Stl, IsInMillimetresOnItsBase) {
  HeightMap map{3, 2, 0.4e-3, 0.5e-3, 1e-3, {0, 1e-3, 0, 2e-3, 0, 0}};
  const Mesh mesh = height_map_mesh(map);
  std::array<float, 3> low = mesh.vertices[0], high = low;
  for (const auto& v : mesh.vertices)
    for (std::size_t axis = 0; axis < 3; ++axis) {
      low[axis] = std::min(low[axis], v[axis]);
      high[axis] = std::max(high[axis], v[axis]);
    }
  EXPECT_FLOAT_EQ(high[0] - low[0], 1.2f);
  EXPECT_FLOAT_EQ(high[1] - low[1], 1.0f);
  EXPECT_FLOAT_EQ(low[2], 0.0f);
  EXPECT_FLOAT_EQ(high[2], 3.0f);
  // The highest column is the first of the second row: left, and above the middle.
  for (const auto& v : mesh.vertices)
    if (v[2] == high[2]) {
      EXPECT_LT(v[0], -0.19f);
      EXPECT_GT(v[1], -0.01f);
    }
}

TEST(Stl, WatertightnessSeesEveryDamage) {
  const Mesh whole = height_map_mesh(random_map(5, 4, 3, 2));
  ASSERT_TRUE(is_watertight(whole));
  Mesh hole = whole;
  hole.triangles.pop_back();
  EXPECT_FALSE(is_watertight(hole));
  Mesh flipped = whole;
  std::swap(flipped.triangles[3][0], flipped.triangles[3][1]);
  EXPECT_FALSE(is_watertight(flipped));
  Mesh doubled = whole;
  doubled.triangles.insert(doubled.triangles.end(), whole.triangles.begin(), whole.triangles.end());
  EXPECT_FALSE(is_watertight(doubled));
  EXPECT_FALSE(is_watertight({}));
}

TEST(Stl, LargeLayerIsQuick) {
  test::TemporaryFolder folder;
  const HeightMap map = random_map(400, 400, 256, 5);
  const auto start = std::chrono::steady_clock::now();
  write_stl(map, folder / "large.stl", "large");
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  RecordProperty("seconds", std::to_string(seconds));
  std::printf("400 x 400 pixels: %.2f s, %.1f MB\n", seconds,
              static_cast<double>(std::filesystem::file_size(folder / "large.stl")) / 1e6);
  const Mesh mesh = height_map_mesh(map);
  EXPECT_TRUE(is_watertight(mesh));
  EXPECT_NEAR(volume(mesh) / column_volume(map), 1.0, 1e-6);
  EXPECT_LT(seconds, 20.0);  // generous: the machine may be busy, the build unoptimised
}

TEST(Stl, RefusesWhatIsNoSolid) {
  test::TemporaryFolder folder;
  const HeightMap good{1, 1, 1e-3, 1e-3, 1e-3, {0.0}};
  HeightMap bad = good;
  bad.base = 0.0;
  EXPECT_THROW(height_map_mesh(bad), InputError);
  bad = good;
  bad.heights[0] = -1e-6;
  EXPECT_THROW(height_map_mesh(bad), InputError);
  bad.heights[0] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(height_map_mesh(bad), InputError);
  bad = good;
  bad.nx = 2;
  EXPECT_THROW(height_map_mesh(bad), InputError);
  bad.nx = bad.ny = 1000000;  // must be refused before anything is allocated
  EXPECT_THROW(height_map_mesh(bad), InputError);
  EXPECT_THROW(read_stl(folder / "none.stl"), UnavailableError);
  write_stl(good, folder / "cut.stl", "cut");
  std::filesystem::resize_file(folder / "cut.stl", 200);
  EXPECT_THROW(read_stl(folder / "cut.stl"), InputError);
  std::ofstream(folder / "text.stl") << "solid text\nendsolid\n";
  EXPECT_THROW(read_stl(folder / "text.stl"), InputError);
}

}  // namespace
}  // namespace wavesmith
