// What the tests of patterns on the grid begin with.
#pragma once

#include <limits>

#include "core/units.hpp"
#include "solvers/place_geometry.hpp"
#include "tests/solvers/monitor_fixtures.hpp"

namespace wavesmith::testing {

inline constexpr double infinite = std::numeric_limits<double>::infinity();  // a binary pattern
inline constexpr double middle = speed_of_light / 1.55e-6;                   // [Hz]

inline LightMaterial dielectric(double permittivity) {
  LightMaterial material;
  material.medium.eps_inf = permittivity;
  return material;
}

// A setup in a plane, or in space where it has a third axis, that absorbs all around.
inline TimeDomainSetup absorbing_setup(Equations equations, const YeeGrid& grid, int layer_cells) {
  TimeDomainSetup setup;
  setup.system = system_of(equations);
  setup.grid = grid;
  for (std::size_t d = 0; d < 3; ++d)
    if (grid.cells(static_cast<int>(d)) > 1)
      setup.boundaries.faces[d] = {Boundary::absorbing, Boundary::absorbing};
  setup.boundaries.layer.cells = layer_cells;
  setup.schedule.threads = 1;
  setup.dt = 0.9 * courant_limit(setup.grid, speed_of_light);
  return setup;
}

}  // namespace wavesmith::testing
