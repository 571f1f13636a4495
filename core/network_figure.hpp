// A network as the writers of files take it: nodes in space, bonds between them, values on both.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/frame.hpp"

namespace wavesmith {

struct NetworkFigure {
  std::string name;               // file stem: "network"
  std::string title;              // for people
  std::string length_unit = "m";  // of the nodes; "1" where places are only a drawing
  std::vector<std::array<double, 3>> nodes;
  std::vector<std::array<int, 2>> bonds;  // of nodes
  std::vector<FrameArray> node_arrays;    // one value (or vector) per node
  std::vector<FrameArray> bond_arrays;    // one per bond
  double time = 0.0;                      // value on the series' axis
};

}  // namespace wavesmith
