// What the tests against published and analytic cases share.
#pragma once

#include <cmath>
#include <cstdio>

#include "solvers/place_geometry.hpp"

namespace wavesmith::validation {

inline LightMaterial dielectric(double permittivity) {
  LightMaterial material;
  material.medium.eps_inf = permittivity;
  return material;
}

// Errors on a grid and on one `finer` times as fine; returns the order of convergence.
inline double report(const char* name, double coarse, double fine, double finer = 2.0) {
  const double order = std::log(std::abs(coarse / fine)) / std::log(finer);
  std::printf("%s: errors %.2e, %.2e, order %.2f\n", name, coarse, fine, order);
  return order;
}

}  // namespace wavesmith::validation
