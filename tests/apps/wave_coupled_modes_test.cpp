// [[coupled_modes]]: mistakes, and a network whose numbers are known.
#include "apps/wave_coupled_modes.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "apps/scene_solver.hpp"
#include "apps/wave_problem.hpp"
#include "core/error.hpp"
#include "core/units.hpp"
#include "tests/temporary_folder.hpp"

namespace wavesmith {
namespace {

const std::string whole = R"(title = "Trial"
solver = "time_domain"
[domain]
equations = "tm"
size = ["6 um", "6 um"]
cell = "50 nm"
absorbing_cells = 10
[material.core]
index = 2.0
[[solid]]
kind = "box"
material = "core"
size = ["20 um", "0.4 um"]
[[source]]
kind = "mode"
axis = "x"
position = "-2 um"
waveform = { kind = "pulse", frequency = "190 THz", relative_bandwidth = 0.1 }
PORTS
[[s_parameters]]
name = "S"
excited = 1
[[s_parameters.port]]
monitor = "m1"
device = "ahead"
[[s_parameters.port]]
monitor = "m2"
device = "behind"
[[s_parameters.port]]
monitor = "m3"
device = "ahead"
[[s_parameters.port]]
monitor = "m4"
device = "behind"
[[coupled_modes]]
name = "ring"
through = 2
drop = 3
add = 4
[run]
time = "80 fs"
[expect]
ring_frequency = [1, 2e15]
ring_backscatter_imaginary_error = [0, 1e30]
)";

Scene scene_with(const std::string& from, const std::string& to) {
  std::string ports;
  for (int p = 1; p <= 4; ++p)
    ports += "[[monitor]]\nkind = \"modes\"\nname = \"m" + std::to_string(p) +
             "\"\naxis = \"x\"\nposition = \"" + (p % 2 == 1 ? "-1.5" : "1.5") +
             " um\"\nfrequencies = [\"189 THz\", \"191 THz\"]\ncount = 81\n";
  std::string text = whole;
  text.replace(text.find("PORTS\n"), 6, ports);
  if (!from.empty()) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
  }
  Scene scene = Scene::parse(text, "trial.toml");
  EXPECT_EQ(solver_of(scene), "time_domain");
  return scene;
}

TEST(WaveCoupledModes, MistakesAreSentencesWithTheirPlace) {
  const std::vector<std::array<std::string, 3>> mistakes = {
      {"through = 2", "through = 1", "another one's already"},
      {"drop = 3", "drop = 2", "another one's already"},
      {"drop = 3", "drop = 5", "drop"},
      {"drop = 3\n", "", "drop"},
      {"add = 4", "add = 3", "another one's already"},
      {"add = 4", "ad = 4", "ad"},
      {"add = 4", "add = 4\ns_parameters = \"T\"", "must be one of S"},
      {"add = 4", "add = 4\nband = [\"190 THz\", \"190.1 THz\"]", "at least 8"},
      {"add = 4", "add = 4\nband = [\"191 THz\", \"190 THz\"]", "is not [lowest, highest]"},
      {"add = 4", "add = 4\nphase_order = 9", "phase_order"},
      {"name = \"ring\"", "name = \"m1\"", "two things"},
      {"name = \"ring\"", "name = \"a/b\"", "no spaces, slashes"},
      {"ring_frequency = [", "ring_frequenzy = [", "ring_frequency"},
  };
  for (const auto& [from, to, part] : mistakes) {
    std::string message;
    try {
      read_wave_problem(scene_with(from, to));
    } catch (const InputError& error) {
      message = error.what();
    }
    EXPECT_NE(message.find("trial.toml:"), std::string::npos) << to << ": " << message;
    EXPECT_NE(message.find(part), std::string::npos) << to << ": " << message;
  }
}

TEST(WaveCoupledModes, FindsAndWritesKnownNetwork) {
  const WaveProblem problem = read_wave_problem(scene_with("", ""));
  const AddDropRing ring = {190.1e12, 8e11, 6e11, 1e11, {2e11, -1e10}};
  const std::vector<double>& frequencies = problem.monitors.front().frequencies;
  const AddDropCurves network = add_drop_response(ring, frequencies);
  MonitorCurves curves;
  curves.name = "S";
  curves.frequencies = frequencies;
  for (int p = 1; p <= 4; ++p)
    curves.numbers.push_back({"S " + std::to_string(p) + ",1 | mode 1", "", FieldPower::linear});
  curves.values = {network.reflected, network.through, network.drop, network.added};
  Metrics metrics;
  const auto found = find_coupled_modes(problem, {curves}, metrics);
  EXPECT_NEAR(metrics.at("ring_frequency"), ring.frequency, 1e3);
  EXPECT_NEAR(metrics.at("ring_kappa_1"), 8e11, 1e4);
  EXPECT_NEAR(metrics.at("ring_kappa_2"), 6e11, 1e4);
  EXPECT_NEAR(metrics.at("ring_kappa_intrinsic"), 1e11, 1e4);
  EXPECT_NEAR(metrics.at("ring_backscatter"), 2e11, 1e4);
  EXPECT_NEAR(metrics.at("ring_backscatter_imaginary"), -1e10, 1e4);
  EXPECT_NEAR(metrics.at("ring_quality"), 2.0 * pi * 190.1e12 / 1.5e12, 1e-4);
  EXPECT_LT(metrics.at("ring_residual"), 1e-9);

  test::TemporaryFolder folder;
  OutputFolder out(folder / "run");
  std::vector<Chart> charts;
  write_coupled_modes(found.front(), false, out, charts);
  ASSERT_EQ(charts.size(), 2u);
  EXPECT_EQ(charts[0].curves.size(), 8u);
  EXPECT_EQ(charts[1].curves.size(), 4u);
  std::ifstream table(out.root() / "curves/ring.csv");
  std::string line;
  int lines = 0;
  while (std::getline(table, line)) ++lines;
  EXPECT_EQ(lines, 82);

  // Nothing goes over: no resonance.
  for (auto& value : curves.values[2]) value = 0.0;
  try {
    find_coupled_modes(problem, {curves}, metrics);
    ADD_FAILURE() << "found a resonance where there is none";
  } catch (const NumericsError& error) {
    EXPECT_NE(std::string(error.what()).find("trial.toml:"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace wavesmith
