// wavesmith gradcheck: the gradients of this very scene against the passes that they come from.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "apps/commands.hpp"
#include "apps/run_scene.hpp"
#include "apps/wave_run.hpp"
#include "core/error.hpp"
#include "core/random.hpp"
#include "training/gradient_check.hpp"

namespace wavesmith {
namespace {

constexpr double transpose_bound = 1e-12;
constexpr double difference_bound = 1e-6;
constexpr std::size_t checked_samples = 2;
constexpr int directions = 3;

// The first samples of a set.
class FewInputs final : public InputSet {
 public:
  FewInputs(std::shared_ptr<const InputSet> all, std::size_t count)
      : all_(std::move(all)), count_(std::min(count, all_->count())) {}
  std::size_t count() const override { return count_; }
  void fill(std::size_t index, int channel,
            std::span<std::complex<double>> amplitudes) const override {
    all_->fill(index, channel, amplitudes);
  }
  double power(std::size_t index) const override { return all_->power(index); }
  Target target(std::size_t index) const override { return all_->target(index); }

 private:
  std::shared_ptr<const InputSet> all_;
  std::size_t count_;
};

bool report(const std::string& what, double error, double bound) {
  const bool holds = error <= bound;
  fmt::print("{}  {:<44} {:.2e}  (bound {:.0e})\n", holds ? "holds" : "FAILS", what, error, bound);
  return holds;
}

}  // namespace

int gradcheck_command(const SceneOptions& options) {
  const Scene scene = Scene::load(options.scene, options.overrides);
  if (is_wave_scene(scene)) return static_cast<int>(gradcheck_wave_scene(scene, options));
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
  const FewInputs inputs(all.training, checked_samples);
  bool holds =
      report("transpose of the passes, every layer",
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
    holds &= report(
        "loss against finite differences",
        finite_difference_error(*system, inputs, *loss, parameters, directions, options.seed),
        difference_bound);
    holds &= report("in situ without noise against exact",
                    in_situ_error(*system, inputs, *loss, parameters), transpose_bound);
  }
  return static_cast<int>(holds ? Status::done : Status::expectation_failed);
}

}  // namespace wavesmith
