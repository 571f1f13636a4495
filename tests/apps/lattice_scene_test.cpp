// Scenes of lattices: quantities with units and in plain SI numbers are the same lattice, and what
// is wrong with one is told with its key, its place and the units meant.
#include <gtest/gtest.h>

#include <cmath>

#include "apps/network_problem.hpp"
#include "tests/apps/scene_mistakes.hpp"
#include "training/physical_system.hpp"

namespace wavesmith {
namespace {

const char* const whole = R"(title = "Trial"
solver = "network"
[network]
kind = "lattice"
shape = "square"
size = [3, 2]
spacing = "16 mm"
fixed = [1, 3]
young = "0.55 MPa"
thickness = "2 mm"
width = ["1.5 mm", "2.5 mm"]
inputs = [4, 6]
force = ["-49 mN", "20 uN"]
readings = [2, 5]
frequency = "2 Hz"
mass = "0.2 g"
damping = "5 mN s/m"
node_damping = "1 g/s"
[data]
name = "moons"
points = 40
[training]
method = "in_situ"
loss = "cross_entropy"
normalise = "none"
scale = 80
learning_rate = 0.01
batch = 10
epochs = 1
)";

NetworkProblem read(const std::string& text) {
  return read_network_problem(Scene::parse(text, "lattice.toml"), {});
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// What the readings are to three samples.
std::vector<double> readings_of(const std::string& text) {
  class Samples final : public InputSet {
   public:
    std::size_t count() const override { return 3; }
    void fill(std::size_t index, int, std::span<std::complex<double>> values) const override {
      values[0] = index == 1 ? 0.0 : 1.0;
      values[1] = index == 0 ? 0.0 : 700.0;
    }
    double power(std::size_t) const override { return 1.0; }
    Target target(std::size_t) const override { return {}; }
  } const samples;
  const NetworkProblem problem = read(text);
  const auto system = problem.network->make_system({}, false);
  system->set_parameters(problem.network->starting_parameters(1));
  const std::vector<std::size_t> all{0, 1, 2};
  std::vector<double> readings(all.size() * static_cast<std::size_t>(system->reading_count()));
  system->respond({&samples, all}, readings);
  return readings;
}

TEST(LatticeScene, UnitsAndPlainNumbersAreTheSameLattice) {
  const std::vector<double> with_units = readings_of(whole);
  ASSERT_EQ(with_units.size(), 6u);
  const struct {
    std::string from, same, other;
  } rows[] = {
      {"\"16 mm\"", "0.016", "\"17 mm\""},
      {"\"0.55 MPa\"", "0.55e6", "\"0.55 kPa\""},
      {"[\"-49 mN\", \"20 uN\"]", "[-0.049, 2e-5]", "\"-49 mN\""},
      {"\"0.2 g\"", "0.2e-3", "\"0.2 kg\""},
      {"\"5 mN s/m\"", "\"5 g/s\"", "\"5 N s/m\""},
      {"\"1 g/s\"", "1e-3", "\"1 kg/s\""},
      {"\"2 Hz\"", "2", "\"3 Hz\""},
  };
  for (const auto& row : rows) {
    const std::vector<double> same = readings_of(with(whole, row.from, row.same)),
                              other = readings_of(with(whole, row.from, row.other));
    EXPECT_EQ(same, with_units) << row.from;
    EXPECT_NE(other, with_units) << row.from;
  }
  // Strips as springs: k = Y w t / spacing.
  const char* const strips =
      "young = \"0.55 MPa\"\nthickness = \"2 mm\"\nwidth = [\"1.5 mm\", \"2.5 mm\"]\n";
  const std::vector<double> springs =
      readings_of(with(whole, strips, "stiffness = [\"103.125 N/m\", \"0.171875 kN/m\"]\n"));
  for (std::size_t i = 0; i < springs.size(); ++i)
    EXPECT_NEAR(springs[i], with_units[i], 1e-12 * std::abs(with_units[i]));
}

TEST(LatticeScene, MistakesNameKeyPlaceAndUnits) {
  const std::vector<test::SceneMistake> mistakes{
      {"\"0.55 MPa\"",
       "\"0.55 MP\"",
       {":9:9", "network.young", "did you mean \"MPa\"?", "GPa, MPa, kPa, Pa"}},
      {"\"0.55 MPa\"",
       "\"0.55\"",
       {":9:9", "network.young", "no unit", "a pressure is expected", "plain number in Pa"}},
      {"\"0.55 MPa\"", "0", {":9:9", "network.young", "above 0 Pa"}},
      {"\"-49 mN\"",
       "\"-5 g\"",
       {":13:", "network.force", "is a mass where a force is expected", "mN, uN", "in N"}},
      {"[\"-49 mN\", \"20 uN\"]", "[1, 2, 3]", {":13:", "network.force", "3 values for 2 inputs"}},
      {"\"0.2 g\"", "\"0.2 mN\"", {":16:", "network.mass", "kg, g, mg, ug, ng"}},
      {"\"0.2 g\"", "\"-0.2 g\"", {":16:", "network.mass", "at least 0 kg"}},
      {"\"5 mN s/m\"", "\"5 mN/m\"", {":17:", "network.damping", "is a stiffness", "N s/m"}},
      {"\"1 g/s\"", "true", {":18:", "network.node_damping", "\"5 mN s/m\""}},
      {"\"2 Hz\"", "\"2 ms\"", {":15:", "network.frequency", "is a time", "kHz, Hz"}},
      {"young = \"0.55 MPa\"",
       "stiffness = [\"100 N\", \"200 N/m\"]",
       {":9:", "network.stiffness[0]", "a stiffness is expected", "kN/m, N/m, mN/m"}},
      {"young = \"0.55 MPa\"",
       "stiffness = [\"200 N/m\", \"100 N/m\"]",
       {":9:", "network.stiffness", "must rise"}},
  };
  test::check_mistakes(whole, "lattice.toml", mistakes, read);
}

}  // namespace
}  // namespace wavesmith
