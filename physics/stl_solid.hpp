// A closed surface of triangles as a solid, from binary or text STL files.
//
// Inside is where a ray crosses the surface an odd number of times, so the order of a triangle's
// corners does not matter. Distances are exact.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "physics/solid.hpp"
#include "physics/spatial_bins.hpp"

namespace wavesmith {

struct TriangleMesh {
  std::vector<Vec3> vertices;  // no two alike
  std::vector<std::array<std::uint32_t, 3>> triangles;
};

// Corners are taken times `scale` (STL files have no unit; 1e-3: they are in millimetres) and then
// moved by `shift` [m]. Corners at the same place become one vertex; triangles without area are
// dropped. Throws InputError where the bytes are no STL; `name` stands for the file in messages.
TriangleMesh parse_stl(std::span<const std::uint8_t> bytes, const std::string& name,
                       double scale = 1e-3, const Vec3& shift = {});
TriangleMesh load_stl(const std::filesystem::path& path, double scale = 1e-3,
                      const Vec3& shift = {});

class MeshSolid final : public Solid {
 public:
  // Throws InputError unless every edge belongs to an even number of triangles, naming how many do
  // not and where the first one is. `name` stands for the mesh in messages.
  MeshSolid(TriangleMesh mesh, const std::string& name);

  bool contains(const Vec3& p) const override;
  double signed_distance(const Vec3& p) const override;
  double clearance(const Vec3& p) const override;
  Vec3 normal(const Vec3& p) const override;
  Bounds bounds() const override { return bounds_; }

 private:
  std::array<Vec3, 3> corners(std::size_t triangle) const;
  SpatialBins::Nearest nearest(const Vec3& p) const;

  TriangleMesh mesh_;
  Bounds bounds_;
  std::vector<SpatialBins> bins_;  // [0]: in space; [1]: in y and z, for rays along x
};

}  // namespace wavesmith
