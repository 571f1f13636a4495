// What an iteration of an inverse design costs: the gradient of a goal by the pixels and the step
// that follows, against a march of the same design, one after the other.
#include <fmt/format.h>

#include "apps/bench_parts.hpp"
#include "apps/design_simulation.hpp"
#include "apps/scene_solver.hpp"
#include "core/random.hpp"
#include "training/moving_asymptotes.hpp"

namespace wavesmith {
namespace {

constexpr int iterations_of_a_design = 200;

// A grid of 400 x 400 cells, 300 x 300 of them the design.
constexpr const char* scene_text = R"(title = "A design to be timed"
solver = "time_domain"
[domain]
equations = "tm"
size = ["10 um", "10 um"]
cell = "25 nm"
background = "silica"
absorbing_cells = 20
[material.silica]
index = 1.444
[material.silicon]
index = 2.85
[[solid]]
kind = "box"
material = "silicon"
size = ["20 um", "0.4 um"]
[[source]]
kind = "mode"
name = "light"
axis = "x"
position = "-4.2 um"
size = ["0 um", "3 um"]
waveform = { kind = "pulse", frequency = "193.4 THz", bandwidth = "40 THz" }
[[monitor]]
kind = "modes"
name = "out"
axis = "x"
position = "4.1 um"
size = ["0 um", "3 um"]
wavelengths = ["1530 nm", "1550 nm", "1570 nm"]
[design]
size = ["7.5 um", "7.5 um"]
pixel = "25 nm"
solid = "silicon"
void = "silica"
filter_radius = "120 nm"
[[goal]]
name = "transmission"
monitor = "out"
number = "mode 1 forward"
over = "light"
[optimization]
beta = [8]
iterations = [200]
worst = 30
[gradient]
memory = "dft"
[run]
time = "0.4 ps"
)";

}  // namespace

void bench_design(const BenchOptions& options, const Device& device) {
  const Scene scene = Scene::parse(scene_text, "design");
  solver_of(scene);
  const WaveProblem problem = read_wave_problem(scene);
  DesignSimulation simulation(problem, device, options.precision, options.threads);
  const DensityPattern& pattern = simulation.pattern();
  MovingAsymptotesSettings settings;
  settings.threads = options.threads;
  MovingAsymptotes optimizer(pattern.lower(), pattern.upper(), 0, settings);
  const Random random(1, 0);
  std::vector<double> parameters = pattern.start();
  for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i] = random.uniform(i);
  simulation.evaluate(parameters, 8.0);
  std::vector<double> forward, iteration, ratios;
  for (int round = 0; round < 5; ++round) {
    forward.push_back(seconds_of([&] { simulation.evaluate(parameters, 8.0); }));
    iteration.push_back(seconds_of([&] {
      const DesignEvaluation found = simulation.evaluate_with_gradient(parameters, 8.0);
      parameters = optimizer.step(parameters, found.loss, found.gradient, {}, {});
    }));
    ratios.push_back(iteration.back() / forward.back());
  }
  nlohmann::ordered_json row;
  row["name"] = "design";
  fill_bench_row(row, options, device, iteration, {});
  row["size"] = fmt::format("400 x 400 cells, 300 x 300 pixels, {} steps", simulation.steps());
  row["unit"] = "iterations";
  row["plan"] = simulation.plan().text();
  row["seconds_against_forward"] = median(ratios);
  row["seconds_per_design"] = iterations_of_a_design * median(iteration);
  print_bench_row(options, row);
}

}  // namespace wavesmith
