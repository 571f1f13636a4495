// A network as the writers of files take it: nodes in space, bonds between them, values on both.
#pragma once

#include <array>
#include <complex>
#include <span>
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

enum class NetworkPart { nodes, bonds };

// One value per node or bond. Throws std::logic_error where their number is another.
void add_real(NetworkFigure& figure, NetworkPart part, const std::string& name,
              const std::string& unit, std::span<const double> values);
// Adds "<name>_real", "<name>_imaginary", "<name>_amplitude" and "<name>_phase" [rad].
void add_complex(NetworkFigure& figure, NetworkPart part, const std::string& name,
                 const std::string& unit, std::span<const std::complex<double>> values);
// x, y and z of each node next to each other.
void add_vector(NetworkFigure& figure, const std::string& name, const std::string& unit,
                std::span<const double> values);

// Throws InputError for a figure that no file or picture can show: no nodes, a place that is not
// finite, a bond to a node that is not there, an array of the wrong size or without a name of its
// own. `where` begins the message.
void validate(const NetworkFigure& figure, const std::string& where);

}  // namespace wavesmith
