// Goals in the far field: the exact derivative of what a design sends in a direction, and the same
// number told by goals and by metrics.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "apps/design_run.hpp"
#include "apps/scene_solver.hpp"
#include "apps/wave_run.hpp"
#include "core/scene.hpp"
#include "tests/temporary_folder.hpp"

namespace wavesmith {
namespace {

const char* const antenna = R"(title = "Antenna"
solver = "time_domain"
[domain]
equations = "tm"
size = ["3.4 um", "3 um"]
cell = "50 nm"
background = "air"
absorbing_cells = 10
[material.air]
index = 1
[material.glass]
index = 1.5
[[source]]
kind = "current"
name = "line"
field = "Ez"
centre = ["-0.8 um", "0.1 um"]
waveform = { kind = "pulse", frequency = "193.4 THz", bandwidth = "60 THz" }
[[monitor]]
kind = "far_field"
name = "far"
size = ["2.2 um", "1.9 um"]
directions = 12
wavelengths = ["1550 nm"]
[design]
size = ["0.8 um", "1.6 um"]
pixel = "40 nm"
solid = "glass"
void = "air"
filter_radius = "150 nm"
[[goal]]
name = "ahead"
monitor = "far"
number = "intensity 1"
[[goal]]
name = "aside"
monitor = "far"
number = "intensity 4"
aim = "minimize"
weight = 0.5
[[metric]]
name = "ahead_as_metric"
monitor = "far"
number = "intensity 1"
[optimization]
beta = [4]
iterations = 6
binary = 1
refine = 1
[run]
time = "90 fs"
[output]
fields = false
pictures = false
report = false
)";

Scene scene_of(const std::string& text) {
  Scene scene = Scene::parse(text, "antenna.toml", {});
  EXPECT_EQ(solver_of(scene), "time_domain");
  return scene;
}

TEST(DesignFarField, DerivativesAreThoseOfDifferences) {
  EXPECT_EQ(gradcheck_design_scene(read_wave_problem(scene_of(antenna)), SceneOptions{}),
            Status::done);
}

TEST(DesignFarField, SendsMoreWhereItIsAskedTo) {
  const test::TemporaryFolder folder;
  RunOptions options;
  options.out = folder.path();
  options.quiet = true;
  options.precision = Precision::f64;
  options.scene = "antenna.toml";
  ASSERT_EQ(run_wave_scene(scene_of(antenna), options), Status::done);
  std::ifstream file(folder.path() / "result.json");
  const nlohmann::json metrics = nlohmann::json::parse(file)["metrics"];
  History history({"iteration", "beta", "loss", "grayness", "violation", "ahead", "aside",
                   "gradient_error", "seconds"});
  history.read(folder.path() / "history.csv", 1000);
  const double first = history.column("ahead").front(), verified = metrics["verified_ahead"];
  std::printf("ahead: %.4g at first, %.4g of the part\n", first, verified);
  EXPECT_GT(verified, first);
  const double metric = metrics["ahead_as_metric"];
  EXPECT_NEAR(metric / verified, 1.0, 1e-12);
}

}  // namespace
}  // namespace wavesmith
