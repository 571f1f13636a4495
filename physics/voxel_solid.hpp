// A solid from an array of values: inside where their trilinear interpolation exceeds a threshold.
//
// Values belong to the centres of nx x ny x nz equal cells of a box; beyond the outermost centres
// they are constant up to the box, and outside the box is outside the solid. An axis with one cell
// is constant along it and may be endless. With values 0 and 1 and a threshold of 1/2 plane faces
// lie on the cells' faces, and corners are cut within half a cell.
#pragma once

#include <cstddef>
#include <vector>

#include "physics/solid.hpp"

namespace wavesmith {

class VoxelSolid final : public Solid {
 public:
  // `values`: row-major, x fastest; finite.
  VoxelSolid(const Bounds& box, const std::array<int, 3>& n, std::vector<float> values,
             double threshold = 0.5);

  double value(const Vec3& p) const;  // interpolated
  bool contains(const Vec3& p) const override;
  // Second order within a cell of the surface; farther away a bound, see clearance().
  double signed_distance(const Vec3& p) const override;
  double clearance(const Vec3& p) const override;
  Vec3 normal(const Vec3& p) const override;
  Bounds bounds() const override { return box_; }
  Cover cover(const Bounds& box, double tolerance,
              std::vector<HalfSpace>& half_spaces) const override;

 private:
  struct Place {
    std::array<std::size_t, 3> low{}, high{};
    Vec3 share{};
  };
  Place place(const Vec3& p) const;
  double at(std::size_t i, std::size_t j, std::size_t k) const;
  Vec3 gradient(const Vec3& p) const;         // of the value [1/m]
  double surface_bound(const Vec3& p) const;  // distance to the level surface, at least [m]
  double level_distance(const Vec3& p) const;

  Bounds box_;
  std::array<int, 3> n_;
  std::array<int, 3> blocks_{};  // between the centres: n - 1, at least 1
  std::vector<float> values_;
  double threshold_;
  Vec3 pitch_{};
  double step_ = 0.0;       // the smallest pitch [m]
  std::vector<int> rings_;  // blocks to the nearest one that the surface passes
};

}  // namespace wavesmith
