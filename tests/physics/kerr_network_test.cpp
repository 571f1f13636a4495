#include "physics/kerr_network.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <set>

#include "core/error.hpp"

namespace wavesmith {
namespace {

KerrLayers published() {
  KerrLayers layers;
  layers.rows = layers.columns = 28;
  layers.links = {{KerrLink::Kind::window, 0, 6, 2, false},
                  {KerrLink::Kind::window, 0, 4, 2, false},
                  {KerrLink::Kind::dense, 10, 0, 0, false}};
  layers.mode = {1.0, 1.0, 0.2};
  return layers;
}

// arXiv 2508.11750: 784-144-25-10 with kernels 6 and 4 at stride 2.
TEST(KerrNetwork, ThePublishedNetworkHasItsLayers) {
  std::vector<int> sizes;
  for (const KerrGrid& grid : layer_grids(published())) sizes.push_back(grid.size());
  EXPECT_EQ(sizes, (std::vector<int>{784, 144, 25, 10}));
  const KerrNetwork network = make_layered_network(published());
  EXPECT_EQ(network.mode_count(), 963);
  EXPECT_EQ(network.bonds.size(), 144u * 36 + 25 * 16 + 25 * 10);
  EXPECT_EQ(network.parameter_count(), 963u + 5834u);
  EXPECT_EQ(initial_parameters(published(), 0.2, 1.0, 3).size(), network.parameter_count());
  EXPECT_EQ(network.inputs.size(), 784u);
  EXPECT_EQ(network.outputs.front(), 953);
}

// Every mode of a window's layer sees the kernel x kernel modes that start at stride times its
// place.
TEST(KerrNetwork, WindowsSeeTheirNeighbourhood) {
  for (const bool shared : {false, true}) {
    KerrLayers layers;
    layers.rows = 7;
    layers.columns = 9;
    layers.links = {{KerrLink::Kind::window, 0, 3, 2, shared}};
    const KerrNetwork network = make_layered_network(layers);
    ASSERT_EQ(network.mode_count(), 63 + 3 * 4);
    EXPECT_EQ(network.coupling_count, shared ? 9 : 9 * 12);
    std::set<std::pair<int, int>> expected, found;
    for (int row = 0; row < 3; ++row)
      for (int column = 0; column < 4; ++column)
        for (int k = 0; k < 3; ++k)
          for (int l = 0; l < 3; ++l)
            expected.insert({(2 * row + k) * 9 + 2 * column + l, 63 + row * 4 + column});
    for (const KerrBond& bond : network.bonds) {
      found.insert({bond.first, bond.second});
      if (!shared) continue;
      const int place = bond.second - 63, row = bond.first / 9 - 2 * (place / 4),
                column = bond.first % 9 - 2 * (place % 4);
      EXPECT_EQ(bond.coupling, row * 3 + column);
    }
    EXPECT_EQ(found, expected);
    EXPECT_EQ(initial_parameters(layers, 0.1, 1.0, 1).size(), network.parameter_count());
  }
}

TEST(KerrNetwork, MistakesAreNamed) {
  const auto good = [] {
    KerrNetwork network;
    network.modes.assign(3, {1.0, 0.5, 0.1});
    network.bonds = {{0, 1, 0}, {1, 2, 1}};
    network.coupling_count = 2;
    network.inputs = {0};
    network.outputs = {2};
    return network;
  };
  EXPECT_NO_THROW(validate(good()));
  const std::vector<std::pair<std::function<void(KerrNetwork&)>, std::string>> mistakes{
      {[](KerrNetwork& n) { n.modes.clear(); }, "0 Kerr modes"},
      {[](KerrNetwork& n) { n.modes[1].port_loss = -1.0; }, "kappa of mode 1"},
      {[](KerrNetwork& n) { n.modes[2].internal_loss = -1.0; }, "kappa' of mode 2"},
      {[](KerrNetwork& n) { n.modes[0].kerr = std::nan(""); }, "g of mode 0"},
      {[](KerrNetwork& n) {
         n.modes[1] = {0.0, 0.0, 0.0};
       },
       "mode 1 loses nothing"},
      {[](KerrNetwork& n) { n.modes[0].port_loss = 0.0; }, "input mode 0 has no probe"},
      {[](KerrNetwork& n) { n.bonds[1].second = 3; }, "bond 1 ends at mode 3"},
      {[](KerrNetwork& n) { n.bonds[1].second = 1; }, "bond 1 joins mode 1 to itself"},
      {[](KerrNetwork& n) { n.bonds[0].coupling = 2; }, "coupling number 2"},
      {[](KerrNetwork& n) {
         n.bonds[1] = {1, 0, 1};
       },
       "modes 0 and 1 are joined by two bonds"},
      {[](KerrNetwork& n) { n.inputs = {}; }, "no input modes"},
      {[](KerrNetwork& n) {
         n.outputs = {2, 2};
       },
       "output mode 2 is given twice"},
      {[](KerrNetwork& n) { n.outputs = {-1}; }, "output mode -1 is not there"},
  };
  for (const auto& [make, words] : mistakes) {
    KerrNetwork network = good();
    make(network);
    try {
      validate(network);
      ADD_FAILURE() << "accepted: " << words;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
    }
  }
}

TEST(KerrNetwork, LayersThatDoNotFitAreNamed) {
  const std::vector<std::pair<std::function<void(KerrLayers&)>, std::string>> mistakes{
      {[](KerrLayers& l) { l.rows = 0; }, "0 x 28"},
      {[](KerrLayers& l) { l.rows = 1 << 30; }, "1073741824 x 28"},
      {[](KerrLayers& l) { l.links[1].kernel = 13; }, "link 2: a window of 13 x 13"},
      {[](KerrLayers& l) { l.links[0].stride = 0; }, "link 1"},
      {[](KerrLayers& l) { l.links[2].size = 0; }, "link 3"},
      {[](KerrLayers& l) { l.links[2].size = 2'000'000'000; }, "link 3"},
      {[](KerrLayers& l) {
         l.rows = l.columns = 600;
         l.links = {{KerrLink::Kind::dense, 500'000, 0, 0, false}};
       },
       "bonds"},
  };
  for (const auto& [make, words] : mistakes) {
    KerrLayers layers = published();
    make(layers);
    try {
      make_layered_network(layers);
      ADD_FAILURE() << "accepted: " << words;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace wavesmith
