// Samples of a field on a closed surface, each with its own place: what the maps to the far field
// read. On a staggered grid every component is given where it lies.
#pragma once

#include <cmath>
#include <complex>
#include <string>

#include "core/error.hpp"
#include "core/yee_grid.hpp"
#include "solvers/free_space_green.hpp"

namespace wavesmith {

struct SurfaceSample {
  Vec3 position{};    // [m]
  Vec3 normal{};      // outward, of length one
  double area = 0.0;  // [m^2]; in 2D a length [m]
  int component = 0;  // of a vector field: 0, 1, 2 = x, y, z; of a scalar field 0
};

struct FarDirection {
  double theta = 0.0;  // from the z axis [rad]; pi / 2 in 2D
  double phi = 0.0;    // from the x axis [rad]
};

inline double dot_product(const Vec3& a, const Vec3& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

inline Vec3 cross_product(const Vec3& a, const Vec3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

inline Vec3 separation(const Vec3& a, const Vec3& b) {
  return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}

inline Vec3 unit_vector(const FarDirection& direction) {
  const double across = std::sin(direction.theta);
  return {across * std::cos(direction.phi), across * std::sin(direction.phi),
          std::cos(direction.theta)};
}

inline void validate_surface_sample(const SurfaceSample& sample, SpaceDimension dimension) {
  bool finite = std::isfinite(sample.area);
  for (std::size_t c = 0; c < 3; ++c)
    finite = finite && std::isfinite(sample.position[c]) && std::isfinite(sample.normal[c]);
  WAVESMITH_VALIDATE(finite && sample.area >= 0.0,
                     "near to far: a sample's position, normal or area is not finite, or its area "
                     "is negative; correct the surface");
  WAVESMITH_VALIDATE(std::abs(dot_product(sample.normal, sample.normal) - 1.0) < 1e-6,
                     "near to far: a sample's normal is not of length one; normalise it");
  WAVESMITH_VALIDATE(sample.component >= 0 && sample.component <= 2,
                     "near to far: component " + std::to_string(sample.component) +
                         " of a sample; it must be 0, 1 or 2");
  WAVESMITH_VALIDATE(
      dimension == SpaceDimension::three || (sample.normal[2] == 0.0 && sample.position[2] == 0.0),
      "near to far: a sample of a 2D surface lies, or points, out of the plane z = "
      "0; leave out the faces across z");
}

}  // namespace wavesmith
