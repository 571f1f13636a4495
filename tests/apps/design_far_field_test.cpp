// Goals in the far field: the exact derivative of what a design sends in a direction, and the same
// number told by goals and by metrics.
#include <gtest/gtest.h>

#include <cstdio>

#include "tests/apps/design_fixture.hpp"

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

TEST(DesignFarField, DerivativesAreThoseOfDifferences) {
  EXPECT_TRUE(test::gradient_holds(antenna));
}

TEST(DesignFarField, SendsMoreWhereItIsAskedTo) {
  const test::DesignRun run = test::run_design(antenna, {"ahead", "aside"});
  const double first = run.first[0], verified = run.metrics["verified_ahead"];
  std::printf("ahead: %.4g at first, %.4g of the part\n", first, verified);
  EXPECT_GT(verified, first);
  const double metric = run.metrics["ahead_as_metric"];
  EXPECT_NEAR(metric / verified, 1.0, 1e-12);
}

}  // namespace
}  // namespace wavesmith
