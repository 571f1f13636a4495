#include "physics/stl_solid.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <numbers>
#include <random>

#include "core/error.hpp"
#include "physics/mixture.hpp"

namespace wavesmith {
namespace {

std::vector<std::uint8_t> bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

// A ball of radius 1 as latitudes and longitudes, closed at the poles.
TriangleMesh ball_mesh(int latitudes, int longitudes) {
  TriangleMesh mesh;
  mesh.vertices = {{0, 0, 1}, {0, 0, -1}};
  const auto at = [&](int i, int j) {
    return static_cast<std::uint32_t>(2 + (i - 1) * longitudes + j % longitudes);
  };
  for (int i = 1; i < latitudes; ++i)
    for (int j = 0; j < longitudes; ++j) {
      const double t = std::numbers::pi * i / latitudes, p = 2 * std::numbers::pi * j / longitudes;
      mesh.vertices.push_back({std::sin(t) * std::cos(p), std::sin(t) * std::sin(p), std::cos(t)});
    }
  for (int j = 0; j < longitudes; ++j) {
    mesh.triangles.push_back({0, at(1, j), at(1, j + 1)});
    mesh.triangles.push_back({1, at(latitudes - 1, j + 1), at(latitudes - 1, j)});
    for (int i = 1; i + 1 < latitudes; ++i) {
      mesh.triangles.push_back({at(i, j), at(i + 1, j), at(i + 1, j + 1)});
      mesh.triangles.push_back({at(i, j), at(i + 1, j + 1), at(i, j + 1)});
    }
  }
  return mesh;
}

std::vector<std::uint8_t> binary_stl(const TriangleMesh& mesh) {
  std::vector<std::uint8_t> out(84 + 50 * mesh.triangles.size());
  const auto count = static_cast<std::uint32_t>(mesh.triangles.size());
  std::memcpy(out.data() + 80, &count, 4);
  for (std::size_t t = 0; t < mesh.triangles.size(); ++t)
    for (std::size_t k = 0; k < 3; ++k)
      for (std::size_t a = 0; a < 3; ++a) {
        const auto v = static_cast<float>(mesh.vertices[mesh.triangles[t][k]][a]);
        std::memcpy(out.data() + 84 + 50 * t + 12 * (k + 1) + 4 * a, &v, 4);
      }
  return out;
}

std::string text_stl(const TriangleMesh& mesh) {
  std::string out = "solid part\n";
  for (const auto& t : mesh.triangles) {
    out += "facet normal 0 0 0\n outer loop\n";
    for (const auto v : t)
      out += "  vertex " + std::to_string(mesh.vertices[v][0]) + " " +
             std::to_string(mesh.vertices[v][1]) + " " + std::to_string(mesh.vertices[v][2]) + "\n";
    out += " endloop\nendfacet\n";
  }
  return out + "endsolid part\n";
}

TEST(StlSolid, BinaryAndTextHoldTheSameBall) {
  const TriangleMesh ball = ball_mesh(24, 40);
  for (const auto& bytes : {binary_stl(ball), bytes_of(text_stl(ball))}) {
    const TriangleMesh read = parse_stl(bytes, "ball.stl", 1e-3, {0, 0, 2e-3});
    EXPECT_EQ(read.vertices.size(), ball.vertices.size());
    EXPECT_EQ(read.triangles.size(), ball.triangles.size());
    const MeshSolid solid(read, "ball.stl");
    EXPECT_NEAR(solid.bounds().lo[2], 1e-3, 1e-9);
    std::mt19937 random(1);
    std::uniform_real_distribution<double> share(-1.3e-3, 1.3e-3);
    for (int n = 0; n < 3000; ++n) {
      const Vec3 p{share(random), share(random), share(random) + 2e-3};
      const double d = length(p - Vec3{0, 0, 2e-3}) - 1e-3;
      // Facets lie within 1.2 % of the radius of the ball.
      ASSERT_NEAR(solid.signed_distance(p), d, 1.2e-5);
      if (std::abs(d) > 1.2e-5) {
        ASSERT_EQ(solid.contains(p), d < 0);
      }
    }
  }
}

// Rays through corners and along edges and faces count every crossing once.
TEST(StlSolid, RaysThroughCornersAndEdgesAreCountedOnce) {
  const MeshSolid ball(ball_mesh(8, 8), "ball");
  for (int k = -8; k <= 8; ++k)
    for (int j = -8; j <= 8; ++j) {
      const double y = std::sin(std::numbers::pi * j / 16), z = std::cos(std::numbers::pi * k / 8);
      EXPECT_FALSE(ball.contains({-1.5, y, z}));
      EXPECT_FALSE(ball.contains({1.5, y, z}));
      if (y * y + z * z < 0.6) {
        EXPECT_TRUE(ball.contains({0.0, y, z})) << y << " " << z;
      }
    }
}

TEST(StlSolid, FillsBoxesToSecondOrder) {
  Geometry geometry;
  geometry.add(std::make_shared<MeshSolid>(ball_mesh(64, 96), "ball"), 1);
  double sum = 0.0;
  const int n = 16;
  const double h = 2.2 / n;
  for (int k = 0; k < n; ++k)
    for (int j = 0; j < n; ++j)
      for (int i = 0; i < n; ++i) {
        const Vec3 lo{-1.1 + i * h, -1.1 + j * h, -1.1 + k * h};
        const Mixture m = mixture_of(geometry, lo, lo + Vec3{h, h, h});
        for (const MaterialShare& s : m.materials) sum += s.material == 1 ? s.share * h * h * h : 0;
      }
  // The mesh itself is 0.2 % smaller than the ball.
  EXPECT_NEAR(sum / (4 * std::numbers::pi / 3), 1.0, 5e-3);
}

TEST(StlSolid, RefusesOpenMeshesAndBrokenFiles) {
  TriangleMesh open = ball_mesh(6, 6);
  open.triangles.pop_back();
  try {
    MeshSolid solid(open, "part.stl");
    FAIL();
  } catch (const InputError& error) {
    const std::string what = error.what();
    EXPECT_NE(what.find("part.stl"), what.npos);
    EXPECT_NE(what.find("3 edges"), what.npos) << what;
  }
  auto bytes = binary_stl(ball_mesh(6, 6));
  bytes.pop_back();
  EXPECT_THROW(parse_stl(bytes, "cut.stl"), InputError);
  EXPECT_THROW(parse_stl({}, "empty.stl"), InputError);
  EXPECT_THROW(parse_stl(bytes_of("solid x\nendsolid x\n"), "none.stl"), InputError);
  EXPECT_THROW(parse_stl(bytes_of("solid x\nfacet\nvertex 1 2\nendfacet\n"), "a.stl"), InputError);
  EXPECT_THROW(parse_stl(bytes_of("solid x\nvertex 1 2 3\nvertex 1 2 4\n"), "b.stl"), InputError);
  EXPECT_THROW(load_stl("/nowhere/part.stl"), UnavailableError);
}

}  // namespace
}  // namespace wavesmith
