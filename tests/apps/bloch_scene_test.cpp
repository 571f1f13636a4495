// [domain.bloch] of a scene: what it means, and what is refused with the place in the file.
#include <gtest/gtest.h>

#include "apps/scene_solver.hpp"
#include "apps/wave_problem.hpp"
#include "core/error.hpp"
#include "core/scene.hpp"
#include "core/units.hpp"

namespace wavesmith {
namespace {

WaveProblem read(const std::string& domain, const std::string& glass = "",
                 const std::string& monitor = "kind = \"point\"\nfield = \"Ez\"") {
  const Scene scene = Scene::parse(R"(solver = "time_domain"
[domain]
equations = "tm"
size = ["4 um", "2 um"]
cell = "50 nm"
absorbing_cells = 10
)" + domain + R"(
[material.glass]
index = 1.5
)" + glass + R"(
[[solid]]
kind = "cylinder"
material = "glass"
radius = "0.5 um"
[[source]]
kind = "current"
field = "Ez"
waveform = { kind = "pulse", wavelength = "1 um", relative_bandwidth = 0.3 }
[[monitor]]
position = ["1 um", "0 um"]
)" + monitor + R"(
[run]
time = "80 fs"
)",
                                   "scene.toml");
  EXPECT_EQ(solver_of(scene), "time_domain");
  return read_wave_problem(scene);
}

const std::string along_y = "boundaries = { y = \"periodic\" }\n";

TEST(BlochScene, PhasesAreAnglesOrWaveNumbers) {
  EXPECT_FALSE(read(along_y).bloch);
  for (const auto& [text, phase] :
       {std::pair("\"30 deg\"", pi / 6.0), {"0.25", 0.25}, {"\"2.1 1/um\"", 4.2}}) {
    const WaveProblem problem = read(along_y + "bloch = { y = " + text + " }");
    EXPECT_TRUE(problem.bloch);
    EXPECT_NEAR(problem.setup.boundaries.bloch_phase[1], phase, 1e-12) << text;
    EXPECT_EQ(problem.setup.boundaries.bloch_phase[0], 0.0);
  }
  EXPECT_TRUE(read(along_y + "bloch = {}").bloch);
}

TEST(BlochScene, WhatCannotBeIsTold) {
  const auto says = [](const std::string& part, const auto& reading) {
    try {
      reading();
      ADD_FAILURE() << "was read as if it were in order: " << part;
    } catch (const InputError& error) {
      const std::string message = error.what();
      EXPECT_NE(message.find(part), std::string::npos) << part << " is not in: " << message;
      EXPECT_TRUE(message.starts_with("scene.toml:")) << message;
    }
  };
  const std::string phase = along_y + "bloch = { y = \"3 deg\" }";
  says("bloch.x = \"3 deg\" is a phase along an axis that is not periodic",
       [] { read("bloch = { x = \"3 deg\" }"); });
  says("needs a periodic axis", [] { read("bloch = {}"); });
  says("bloch.z", [] { read(along_y + "bloch = { z = \"3 deg\" }"); });
  says("an angle is expected", [] { read(along_y + "bloch = { y = \"3 nm\" }"); });
  says("nonlinear", [&] { read(phase, "chi3 = 1e-20"); });
  says("not for a domain with Bloch phases",
       [&] { read(phase, "", "kind = \"snapshots\"\nfields = [\"Ez\"]\nevery = \"5 fs\""); });
}

}  // namespace
}  // namespace wavesmith
