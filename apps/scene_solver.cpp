#include "apps/scene_solver.hpp"

namespace wavesmith {

std::string solver_of(const Scene& scene) {
  return scene.root().choice(
      "solver",
      {"angular_spectrum", "time_domain", "network", "circuit", "unit_cells", "ridge_lens"},
      "angular_spectrum");
}

}  // namespace wavesmith
