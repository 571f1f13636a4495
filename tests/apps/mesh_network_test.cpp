// What a scene of interferometer meshes can get wrong, and what it makes of what is right.
#include <gtest/gtest.h>

#include "apps/network_problem.hpp"
#include "core/error.hpp"

namespace wavesmith {
namespace {

const char* const whole = R"(title = "Trial"
solver = "network"
[network]
kind = "mesh"
layout = "triangular"
ports = 4
layers = 2
activation = "resonator"
gain = 2
features = 2
bias_power = 9
ports_per_reading = 2
[device]
loss = "0.1 dB"
tap_noise = 0.01
[data]
name = "moons"
points = 40
[training]
method = "in_situ"
loss = "cross_entropy"
normalise = "none"
scale = 1
learning_rate = 0.01
batch = 10
epochs = 1
)";

NetworkProblem read(const std::string& text) {
  return read_network_problem(Scene::parse(text, "mesh.toml"), {});
}

TEST(MeshNetworkScene, MakesTheNetworkThatItSays) {
  const NetworkProblem problem = read(whole);
  const NetworkDescription& network = *problem.network;
  EXPECT_EQ(network.input_count(), 2);
  EXPECT_EQ(network.reading_names(), (std::vector<std::string>{"port_0_1", "port_2_3"}));
  EXPECT_EQ(network.starting_parameters(1).size(), 24u);
  EXPECT_TRUE(network.has_imperfections());
  EXPECT_GT(network.bytes(10, Precision::f64), 0u);
  const auto figure = network.figure(network.starting_parameters(1));
  ASSERT_TRUE(figure.has_value());
  EXPECT_EQ(figure->nodes.size(), 12u);
  // Every guide between two interferometers: two ports of 12, less the four first ones.
  EXPECT_EQ(figure->bonds.size(), 20u);
  const auto built = network.make_system({}, true);
  EXPECT_EQ(built->parameter_count(), 24u);
}

TEST(MeshNetworkScene, MistakesAreSentencesWithTheirPlace) {
  const struct {
    std::string from, to;
    std::vector<std::string> parts;
  } mistakes[] = {
      {"ports = 4", "ports = 1", {"mesh.toml:6:9", "network.ports"}},
      {"ports = 4", "ports = 5000", {"mesh.toml:6:9", "network.ports"}},
      {"layers = 2", "layers = 0", {"mesh.toml:7:10", "network.layers"}},
      {"\"triangular\"", "\"triangle\"", {"mesh.toml:5:10", "one of rectangular, triangular"}},
      {"\"resonator\"", "\"ring\"", {"mesh.toml:8:14", "network.activation"}},
      {"gain = 2", "", {"network.gain"}},
      {"gain = 2", "gain = 2\ntap = 1.0", {"mesh.toml:10:7", "network.tap"}},
      {"features = 2", "features = 5", {"mesh.toml:10:12", "network.features"}},
      {"ports_per_reading = 2", "ports_per_reading = 3", {"mesh.toml:12:21", "does not divide"}},
      {"ports_per_reading = 2", "read = [1, 1]", {"mesh.toml:12", "port 1 twice"}},
      {"ports_per_reading = 2", "read = [4]", {"mesh.toml:12", "network.read"}},
      {"\"0.1 dB\"", "\"0.1 m\"", {"mesh.toml:14:8", "device.loss"}},
      {"\"0.1 dB\"", "\"-1 dB\"", {"mesh.toml:14:8", "device.loss"}},
      {"tap_noise = 0.01", "tap_nose = 0.01", {"mesh.toml:15", "device.tap_nose", "tap_noise"}},
  };
  for (const auto& mistake : mistakes) {
    std::string text = whole;
    text.replace(text.find(mistake.from), mistake.from.size(), mistake.to);
    try {
      read(text);
      ADD_FAILURE() << mistake.to;
    } catch (const InputError& error) {
      for (const std::string& part : mistake.parts)
        EXPECT_NE(std::string(error.what()).find(part), std::string::npos)
            << part << " in: " << error.what();
    }
  }
}

}  // namespace
}  // namespace wavesmith
