#include "apps/scene_solver.hpp"

#include "apps/lens_kinds.hpp"

namespace wavesmith {

std::string solver_of(const Scene& scene) {
  std::vector<std::string> solvers = {"angular_spectrum", "time_domain", "network", "circuit",
                                      "unit_cells"};
  for (const LensKind* kind : list_lens_kinds()) solvers.push_back(kind->solver());
  return scene.root().choice("solver", solvers, "angular_spectrum");
}

}  // namespace wavesmith
