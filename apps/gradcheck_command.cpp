// wavesmith gradcheck: the gradients of this very scene against the passes that they come from.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "apps/cells_run.hpp"
#include "apps/circuit_run.hpp"
#include "apps/commands.hpp"
#include "apps/gradcheck_parts.hpp"
#include "apps/lens_kinds.hpp"
#include "apps/lens_run.hpp"
#include "apps/network_run.hpp"
#include "apps/run_scene.hpp"
#include "apps/scene_solver.hpp"
#include "apps/wave_run.hpp"
#include "core/error.hpp"
#include "core/random.hpp"
#include "training/gradient_check.hpp"

namespace wavesmith {
namespace {

constexpr std::size_t checked_samples = 2;
constexpr int directions = 3;

}  // namespace

int gradcheck_command(const SceneOptions& options) {
  const Scene scene = Scene::load(options.scene, options.overrides);
  const std::string solver = solver_of(scene);
  if (solver == "time_domain") return static_cast<int>(gradcheck_wave_scene(scene, options));
  if (solver == "network") return static_cast<int>(gradcheck_network_scene(scene, options));
  if (solver == "circuit") return static_cast<int>(gradcheck_circuit_scene(scene, options));
  if (solver == "unit_cells") return static_cast<int>(gradcheck_cells_scene(scene, options));
  if (find_lens_kind(solver)) return static_cast<int>(gradcheck_lens_scene(scene, options));
  DiffractiveProblem problem = read_problem(scene, options.seed);
  const Device device = parse_device(options.device);
  fmt::print("{}\n", problem.title);
  if (problem.layers.empty()) {
    fmt::print("  no layers, so there is no gradient to check\n");
    return static_cast<int>(Status::done);
  }
  // Rounding to levels has no derivative, and a clamp none at its ends: what is checked is the
  // layer without levels, with smooth ends.
  bool quantised = false, clamped = false;
  for (std::size_t l = 0; l < problem.layers.size(); ++l) {
    LayerSpec& spec = problem.layers[l].spec;
    if (spec.design.levels == 0 && spec.bound != Bound::clamp) continue;
    quantised |= spec.design.levels > 0;
    clamped |= spec.bound == Bound::clamp;
    spec.design.levels = 0;
    spec.bound = Bound::sigmoid;
    problem.description.layers[l].layer = make_layer(spec, problem.layers[l].plane);
  }
  if (quantised) fmt::print("  quantised layers are checked without their levels\n");
  if (clamped) fmt::print("  clamped layers are checked with a sigmoid\n");

  const ProblemInputs all = make_inputs(problem, options.data_dir);
  const FewInputs inputs(*all.training, checked_samples);
  bool holds = report_check(
      "transpose of the passes, every layer",
      transpose_error(problem.description, inputs, device, options.threads, options.seed),
      transpose_bound);
  DiffractiveSystemOptions in_double = system_options(options, device);
  in_double.precision = Precision::f64;
  const auto system = make_system(problem, problem.description.propagation, in_double);
  if (problem.loss && system->parameter_count() > 0) {
    const auto loss = make_loss(*problem.loss);
    std::vector<double> parameters = starting_parameters(problem, options.seed);
    // A step away from the start, which is often a symmetric point where slopes vanish.
    const Random random(options.seed, 0);
    for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i] += random.normal(i);
    holds &= report_check(
        "loss against finite differences",
        finite_difference_error(*system, inputs, *loss, parameters, directions, options.seed),
        difference_bound);
    const bool volumes =
        std::any_of(problem.description.layers.begin(), problem.description.layers.end(),
                    [](const StackLayer& layer) { return layer.slices > 0; });
    if (volumes) return static_cast<int>(holds ? Status::done : Status::expectation_failed);
    holds &=
        report_check("in situ without noise against exact",
                     method_error(*system, *make_method("in_situ", {}), inputs, *loss, parameters),
                     transpose_bound);
  }
  return static_cast<int>(holds ? Status::done : Status::expectation_failed);
}

}  // namespace wavesmith
