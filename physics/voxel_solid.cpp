#include "physics/voxel_solid.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "physics/spatial_bins.hpp"
#include "physics/validate.hpp"

namespace wavesmith {

VoxelSolid::VoxelSolid(const Bounds& box, const std::array<int, 3>& n, std::vector<float> values,
                       double threshold)
    : box_(box), n_(n), values_(std::move(values)), threshold_(threshold) {
  validate_finite(threshold, "voxels: threshold");
  double count = 1.0;
  for (std::size_t a = 0; a < 3; ++a) {
    WAVESMITH_VALIDATE(n[a] >= 1, "voxels: each axis needs one cell or more");
    const bool finite = std::isfinite(box.lo[a]) && std::isfinite(box.hi[a]);
    WAVESMITH_VALIDATE(box.lo[a] < box.hi[a] && (finite || n[a] == 1),
                       std::string("voxels: along ") + "xyz"[a] +
                           " the box must be finite (endless with one cell only), low side first");
    count *= n[a];
    pitch_[a] = (box.hi[a] - box.lo[a]) / n[a];
    blocks_[a] = std::max(n[a] - 1, 1);
  }
  WAVESMITH_VALIDATE(count == static_cast<double>(values_.size()),
                     "voxels: " + std::to_string(values_.size()) + " values for " +
                         std::to_string(n[0]) + " x " + std::to_string(n[1]) + " x " +
                         std::to_string(n[2]) + " cells");
  for (const float v : values_)
    WAVESMITH_VALIDATE(std::isfinite(v), "voxels: every value must be finite");
  step_ = endless;
  for (std::size_t a = 0; a < 3; ++a)
    if (n[a] > 1) step_ = std::min(step_, pitch_[a]);

  std::vector<char> passed;
  passed.reserve(values_.size());
  for (int k = 0; k < blocks_[2]; ++k)
    for (int j = 0; j < blocks_[1]; ++j)
      for (int i = 0; i < blocks_[0]; ++i) {
        int above = 0;
        for (int corner = 0; corner < 8; ++corner) {
          const auto a = static_cast<std::size_t>(std::min(i + (corner & 1), n[0] - 1));
          const auto b = static_cast<std::size_t>(std::min(j + (corner >> 1 & 1), n[1] - 1));
          const auto c = static_cast<std::size_t>(std::min(k + (corner >> 2 & 1), n[2] - 1));
          above += at(a, b, c) > threshold_ ? 1 : 0;
        }
        passed.push_back(above != 0 && above != 8);
      }
  rings_ = chebyshev_distance(passed, blocks_, 1 << 20);
}

double VoxelSolid::at(std::size_t i, std::size_t j, std::size_t k) const {
  const auto nx = static_cast<std::size_t>(n_[0]), ny = static_cast<std::size_t>(n_[1]);
  return static_cast<double>(values_[(k * ny + j) * nx + i]);
}

VoxelSolid::Place VoxelSolid::place(const Vec3& p) const {
  Place result;
  for (std::size_t a = 0; a < 3; ++a) {
    if (n_[a] == 1) continue;
    const double position =
        std::clamp((p[a] - box_.lo[a]) / pitch_[a] - 0.5, 0.0, static_cast<double>(n_[a] - 1));
    result.low[a] =
        std::min(static_cast<std::size_t>(position), static_cast<std::size_t>(n_[a] - 2));
    result.high[a] = result.low[a] + 1;
    result.share[a] = position - static_cast<double>(result.low[a]);
  }
  return result;
}

double VoxelSolid::value(const Vec3& p) const {
  const Place c = place(p);
  const auto row = [&](std::size_t j, std::size_t k) {
    return std::lerp(at(c.low[0], j, k), at(c.high[0], j, k), c.share[0]);
  };
  const auto layer = [&](std::size_t k) {
    return std::lerp(row(c.low[1], k), row(c.high[1], k), c.share[1]);
  };
  return std::lerp(layer(c.low[2]), layer(c.high[2]), c.share[2]);
}

Vec3 VoxelSolid::gradient(const Vec3& p) const {
  // Differences over a cell, which see a surface that the value at p itself is too flat to show.
  Vec3 result{};
  for (std::size_t a = 0; a < 3; ++a) {
    if (n_[a] == 1) continue;
    Vec3 before = p, after = p;
    before[a] -= 0.5 * pitch_[a];
    after[a] += 0.5 * pitch_[a];
    result[a] = (value(after) - value(before)) / pitch_[a];
  }
  return result;
}

double VoxelSolid::surface_bound(const Vec3& p) const {
  const Place c = place(p);
  const auto block = (c.low[2] * static_cast<std::size_t>(blocks_[1]) + c.low[1]) *
                         static_cast<std::size_t>(blocks_[0]) +
                     c.low[0];
  const int ring = rings_[block];
  return ring > 1 ? (ring - 1) * step_ : 0.0;
}

double VoxelSolid::level_distance(const Vec3& p) const {
  const double depth = value(p) - threshold_;
  const double sign = depth > 0.0 ? -1.0 : 1.0;
  const double bound = surface_bound(p);
  if (bound > 0.0 || step_ == endless) return sign * (step_ == endless ? endless : bound);
  const double slope = length(gradient(p));
  // Where the values are flat the surface is about a cell away.
  return sign * std::min(slope > 0.0 ? std::abs(depth) / slope : endless, 2.0 * step_);
}

bool VoxelSolid::contains(const Vec3& p) const {
  return box_distance(box_, p) < 0.0 && value(p) > threshold_;
}

double VoxelSolid::signed_distance(const Vec3& p) const {
  return std::max(level_distance(p), box_distance(box_, p));
}

double VoxelSolid::clearance(const Vec3& p) const {
  const double box = box_distance(box_, p);
  if (box > 0.0) return box;
  const double level = step_ == endless ? endless : surface_bound(p);
  return value(p) > threshold_ ? std::min(level, -box) : level;
}

Vec3 VoxelSolid::normal(const Vec3& p) const {
  const double level = level_distance(p);
  if (box_distance(box_, p) > level) return box_normal(box_, p);
  return unit_vector(-1.0 * gradient(p));
}

Cover VoxelSolid::cover(const Bounds& box, double tolerance,
                        std::vector<HalfSpace>& half_spaces) const {
  CoverBuilder builder(box, tolerance, half_spaces);
  builder.sides(box_);
  if (surface_bound(box.centre()) <= box.radius())
    builder.surface([this](const Vec3& p) { return threshold_ - value(p); });
  else if (value(box.centre()) <= threshold_)
    builder.plane({{1.0, 0.0, 0.0}, -endless});
  return builder.result();
}

}  // namespace wavesmith
