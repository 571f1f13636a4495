// The local density of states as a goal: its exact derivative, what a design gains, and the same
// number told by a metric and by a flux.
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "core/error.hpp"
#include "tests/apps/design_fixture.hpp"

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

using test::with;

std::string message_of(const std::string& text) {
  try {
    read_wave_problem(test::design_scene(text));
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
  const auto holds = test::gradient_holds;
  EXPECT_TRUE(holds(emitter));
  EXPECT_TRUE(holds(with(emitter, beside, inside)));
  EXPECT_TRUE(holds(with(with(emitter, beside, inside), "[run]", spectra)));
  // A flux's goal is of whatever the source radiates.
  std::string flux = with(with(emitter, beside, half), "monitor = \"given\"", "monitor = \"box\"");
  flux = with(flux, "number = \"enhancement\"\npart = \"real\"\n", "");
  EXPECT_TRUE(holds(flux));
  std::string tensor = with(flux, "equations = \"tm\"", "equations = \"te\"");
  EXPECT_TRUE(holds(with(tensor, "field = \"Ez\"", "field = \"Ey\"")));
}

TEST(DesignSourcePower, RadiatesMoreWhereItIsAskedTo) {
  const test::DesignRun run = test::run_design(emitter, {"density"});
  const double first = run.first[0], verified = run.metrics["verified_density"];
  const double power = run.metrics["power"], flux = run.metrics["flux"];
  std::printf("density of states: %.4f at first, %.4f of the part; power over flux - 1: %.1e\n",
              first, verified, power / flux - 1.0);
  EXPECT_GT(verified, first);
  // As far as the fields have decayed when the run ends.
  EXPECT_NEAR(power / flux, 1.0, 1e-4);
}

TEST(DesignSourcePower, SourcesThatCannotBeMeasuredAreNamed) {
  const std::string second = with(emitter, "[[monitor]]", R"([[source]]
kind = "current"
name = "other"
field = "Ez"
waveform = { kind = "pulse", frequency = "193.4 THz", bandwidth = "60 THz" }
[[monitor]])");
  EXPECT_EQ(message_of(second), "");
  EXPECT_NE(message_of(with(second, "source = \"line\"", "source = \"other\""))
                .find("not the first source"),
            std::string::npos);
  EXPECT_NE(message_of(with(emitter, "source = \"line\"", "source = \"lime\"")), "");
  EXPECT_NE(
      message_of(with(emitter, "source = \"line\"", "source = \"line\"\nper_waveform = false"))
          .find("only known per unit"),
      std::string::npos);
}

}  // namespace
}  // namespace wavesmith
