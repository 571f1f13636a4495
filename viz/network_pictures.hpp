// A network as a PNG picture: bonds as lines and nodes as discs, coloured by their values.
#pragma once

#include <filesystem>
#include <string>

#include "core/network_figure.hpp"

namespace wavesmith {

struct NetworkPictureOptions {
  std::string node_array, bond_array;  // names of scalars; empty: one colour
  // A vector of the nodes, in the unit of their places: nodes are drawn where it moves them, and
  // the network at rest in grey behind. Empty: at rest.
  std::string displacement;
  // So many times larger than it is; 0: so that the largest is a third of the typical bond.
  double magnification = 0.0;
};

// Seen along z; where nodes differ in z, obliquely from above. Numbers stand at the nodes of small
// networks. Throws InputError as validate, and where there is no such array.
void write_network_png(const NetworkFigure& figure, const NetworkPictureOptions& options,
                       const std::filesystem::path& path);

}  // namespace wavesmith
