// wavesmith check: what a run would do and need, without running.
#include <fmt/format.h>

#include "apps/cells_run.hpp"
#include "apps/circuit_run.hpp"
#include "apps/commands.hpp"
#include "apps/lens_kinds.hpp"
#include "apps/lens_run.hpp"
#include "apps/network_run.hpp"
#include "apps/run_scene.hpp"
#include "apps/scene_solver.hpp"
#include "apps/wave_run.hpp"
#include "core/error.hpp"
#include "core/memory.hpp"

namespace wavesmith {

int check_command(const SceneOptions& options) {
  const Scene scene = Scene::load(options.scene, options.overrides);
  const std::string solver = solver_of(scene);
  if (solver == "time_domain") return static_cast<int>(check_wave_scene(scene, options));
  if (solver == "network") return static_cast<int>(check_network_scene(scene, options));
  if (solver == "circuit") return static_cast<int>(check_circuit_scene(scene, options));
  if (solver == "unit_cells") return static_cast<int>(check_cells_scene(scene, options));
  if (find_lens_kind(solver)) return static_cast<int>(check_lens_scene(scene, options));
  const DiffractiveProblem problem = read_problem(scene, options.seed);
  const Device device = parse_device(options.device);
  fmt::print("{}\n", problem.title);
  for (const std::string& line : audit_problem(problem)) fmt::print("  {}\n", line);

  const auto system =
      make_system(problem, problem.description.propagation, system_options(options, device));
  fmt::print("  parameters: {}\n", system->parameter_count());
  fmt::print("  memory on {}: {}\n", device.name(), format_bytes(system->stack().bytes()));
  if (problem.data) fmt::print("  data: {} (not read by check)\n", problem.data->name);
  fmt::print("the scene is in order\n");
  return static_cast<int>(Status::done);
}

}  // namespace wavesmith
