// The local density of states as a goal: its exact derivative, what a design gains, and the same
// number told by a metric and by a flux.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/design_run.hpp"
#include "apps/scene_solver.hpp"
#include "apps/wave_run.hpp"
#include "core/error.hpp"
#include "core/scene.hpp"
#include "tests/temporary_folder.hpp"

namespace wavesmith {
namespace {

const char* const emitter = R"(title = "Emitter"
solver = "time_domain"
[domain]
equations = "tm"
size = ["3 um", "3 um"]
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
centre = ["-0.6 um", "0.1 um"]
waveform = { kind = "pulse", frequency = "193.4 THz", bandwidth = "60 THz" }
[[monitor]]
kind = "source_power"
name = "given"
source = "line"
wavelengths = ["1550 nm"]
[[monitor]]
kind = "box_flux"
name = "box"
size = ["1.9 um", "1.9 um"]
wavelengths = ["1550 nm"]
[design]
centre = ["0.2 um", "0 um"]
size = ["0.8 um", "1.6 um"]
pixel = "40 nm"
solid = "glass"
void = "air"
filter_radius = "150 nm"
[[goal]]
name = "density"
monitor = "given"
number = "enhancement"
part = "real"
[[metric]]
name = "power"
monitor = "given"
[[metric]]
name = "flux"
monitor = "box"
[optimization]
beta = [4]
iterations = 6
binary = 1
refine = 1
[run]
time = "110 fs"
[output]
fields = false
pictures = false
report = false
)";

Scene scene_of(const std::string& text) {
  Scene scene = Scene::parse(text, "emitter.toml", {});
  EXPECT_EQ(solver_of(scene), "time_domain");
  return scene;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  text.replace(text.find(what), what.size(), by);
  return text;
}

std::string message_of(const std::string& text) {
  try {
    read_wave_problem(scene_of(text));
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

// The line beside the design, inside of it, and half in it; where it is inside, its weights follow
// the pattern.
TEST(DesignSourcePower, DerivativesAreThoseOfDifferences) {
  const std::string beside = "[\"-0.6 um\", \"0.1 um\"]", inside = "[\"0.3 um\", \"0.1 um\"]";
  const std::string half = "[\"-0.2 um\", \"0.1 um\"]\nsize = [\"0.3 um\", \"0.2 um\"]";
  const std::string spectra = "[gradient]\nmemory = \"dft\"\n[run]";
  const auto holds = [](const std::string& text) {
    return gradcheck_design_scene(read_wave_problem(scene_of(text)), SceneOptions{}) ==
           Status::done;
  };
  EXPECT_TRUE(holds(emitter));
  EXPECT_TRUE(holds(replaced(emitter, beside, inside)));
  EXPECT_TRUE(holds(replaced(replaced(emitter, beside, inside), "[run]", spectra)));
  // A flux's goal is of whatever the source radiates.
  std::string flux =
      replaced(replaced(emitter, beside, half), "monitor = \"given\"", "monitor = \"box\"");
  flux = replaced(flux, "number = \"enhancement\"\npart = \"real\"\n", "");
  EXPECT_TRUE(holds(flux));
  std::string tensor = replaced(flux, "equations = \"tm\"", "equations = \"te\"");
  EXPECT_TRUE(holds(replaced(tensor, "field = \"Ez\"", "field = \"Ey\"")));
}

TEST(DesignSourcePower, RadiatesMoreWhereItIsAskedTo) {
  const test::TemporaryFolder folder;
  RunOptions options;
  options.out = folder.path();
  options.quiet = true;
  options.precision = Precision::f64;
  options.scene = "emitter.toml";
  ASSERT_EQ(run_wave_scene(scene_of(emitter), options), Status::done);
  std::ifstream file(folder.path() / "result.json");
  const nlohmann::json metrics = nlohmann::json::parse(file)["metrics"];
  History history({"iteration", "beta", "loss", "grayness", "violation", "density",
                   "gradient_error", "seconds"});
  history.read(folder.path() / "history.csv", 1000);
  const double first = history.column("density").front(), verified = metrics["verified_density"];
  const double power = metrics["power"], flux = metrics["flux"];
  std::printf("density of states: %.4f at first, %.4f of the part; power over flux - 1: %.1e\n",
              first, verified, power / flux - 1.0);
  EXPECT_GT(verified, first);
  // As far as the fields have decayed when the run ends.
  EXPECT_NEAR(power / flux, 1.0, 1e-4);
}

TEST(DesignSourcePower, SourcesThatCannotBeMeasuredAreNamed) {
  const std::string second = replaced(emitter, "[[monitor]]", R"([[source]]
kind = "current"
name = "other"
field = "Ez"
waveform = { kind = "pulse", frequency = "193.4 THz", bandwidth = "60 THz" }
[[monitor]])");
  EXPECT_EQ(message_of(second), "");
  EXPECT_NE(message_of(replaced(second, "source = \"line\"", "source = \"other\""))
                .find("not the first source"),
            std::string::npos);
  EXPECT_NE(message_of(replaced(emitter, "source = \"line\"", "source = \"lime\"")), "");
  EXPECT_NE(
      message_of(replaced(emitter, "source = \"line\"", "source = \"line\"\nper_waveform = false"))
          .find("only known per unit"),
      std::string::npos);
}

}  // namespace
}  // namespace wavesmith
