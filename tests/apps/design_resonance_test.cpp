// Goals about a resonance at a point: the exact derivative of its frequency, quality and height by
// the pixels, and a cavity that is tuned to a frequency while it holds its field for longer.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "tests/apps/design_fixture.hpp"
#include "tests/apps/scene_mistakes.hpp"

namespace wavesmith {
namespace {

// A box of three conducting walls and a mirror of high index, which lets some of the field out:
// around 150 THz it holds one mode between its nodes.
const char* const cavity = R"(title = "Cavity"
solver = "time_domain"
[domain]
equations = "tm"
size = ["3.2 um", "1.2 um"]
cell = "40 nm"
background = "air"
absorbing_cells = 12
boundaries = { x_low = "wall", y_low = "wall", y_high = "wall" }
[material.air]
index = 1
[material.mirror]
index = 3
[material.glass]
index = 1.5
[[solid]]
kind = "box"
material = "mirror"
centre = ["0.1 um", "0 um"]
size = ["0.2 um", "2 um"]
[[source]]
kind = "current"
name = "line"
field = "Ez"
centre = ["-1.12 um", "0.12 um"]
waveform = { kind = "pulse", frequency = "160 THz", bandwidth = "80 THz" }
[[monitor]]
kind = "point"
name = "inside"
field = "Ez"
position = ["-0.2 um", "-0.16 um"]
resonances = ["110 THz", "220 THz"]
least_amplitude = 0.01
[design]
centre = ["-0.72 um", "0 um"]
size = ["0.48 um", "0.72 um"]
pixel = "40 nm"
solid = "glass"
void = "air"
filter_radius = "100 nm"
[[design.fixed]]
as = "solid"
centre = ["-0.72 um", "-0.04 um"]
size = ["0.16 um", "0.2 um"]
[[goal]]
name = "tuned"
point = "inside"
number = "frequency"
near = "155 THz"
aim = "target"
target = "150 THz"
weight = 1000
[[goal]]
name = "holds"
point = "inside"
number = "quality"
near = "155 THz"
[[goal]]
name = "height"
point = "inside"
number = "amplitude"
near = "155 THz"
aim = "minimize"
weight = 0.1
[optimization]
beta = [4, 32]
iterations = [8, 12]
binary = 1
refine = 1
[run]
time = "500 fs"
[output]
fields = false
pictures = false
report = false
)";

// Mostly the frequency, and mostly the quality, then: with a field that is looked at for longer,
// since a decay is known less well than a frequency.
TEST(DesignResonance, DerivativesAreThoseOfDifferences) {
  using test::with;
  const std::string gentle = with(with(cavity, "[4, 32]", "[1, 8]"), "[8, 12]", "[1, 1]");
  EXPECT_TRUE(test::gradient_holds(gentle));
  EXPECT_TRUE(
      test::gradient_holds(with(with(gentle, "weight = 1000", "weight = 1"), "500 fs", "900 fs")));
}

TEST(DesignResonance, IsTunedAndHoldsItsField) {
  const test::DesignRun run = test::run_design(cavity, {"tuned", "holds", "height"});
  const double first = run.first[0], tuned = run.metrics["binary_tuned"];
  std::printf("%.2f THz at first, %.2f THz; quality %.1f at first, %.1f\n", first / 1e12,
              tuned / 1e12, run.first[1], double(run.metrics["binary_holds"]));
  EXPECT_LT(std::abs(tuned - 150e12), 0.2 * std::abs(first - 150e12));
}

TEST(DesignResonance, Mistakes) {
  test::check_mistakes(
      cavity, "trial.toml",
      {
          {"point = \"inside\"", "point = \"outside\"", {"goal[0].point", "inside"}},
          {"number = \"quality\"", "number = \"finesse\"", {"goal[1].number", "quality"}},
          {"near = \"155 THz\"", "near = \"300 THz\"", {"goal[0].near", "outside of the band"}},
          {"target = \"150 THz\"", "target = 0.5", {"goal[0].target", "outside of the band"}},
          {"[optimization]",
           "[gradient]\nmemory = \"dft\"\n[optimization]",
           {"goal[0].point", "needs the field in time", "automatic"}},
      },
      [](const std::string& text) { read_wave_problem(test::design_scene(text)); });
}

}  // namespace
}  // namespace wavesmith
