// Coupled resonators in layers: every mode of a layer couples to every mode of the next.
//
// The input of a sample is added to the detunings of layer 0, the last layer is read. Couplings are
// real and reciprocal, so that H (physics/resonator_network.hpp) is complex symmetric, S = S^T.
// Wanjura and Marquardt, Nature Physics 20, 1434 (2024).
//
// Read-outs, for each mode c of the last layer:
//   reflection:   a quadrature of S_cc;
//   transmission: a quadrature of the wave that leaves c, sum_j S_cj, when the ports of layer 0 are
//                 all driven with amplitude 1.
//
// Parameters in one array: detunings of layer 0, 1, ..., then couplings of layer 0 with 1, of 1
// with 2, ..., each row-major with the lower layer's mode as the row.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "physics/resonator_network.hpp"

namespace wavesmith {

enum class ScatteringReadout { reflection, transmission };
enum class Quadrature { real, imaginary };

struct LayeredNetwork {
  std::vector<int> sizes;  // modes of each layer, two layers at least
  // One a mode, layer after layer [the unit of angular frequency that everything shares]:
  std::vector<double> port_loss;       // kappa
  std::vector<double> intrinsic_loss;  // kappa'
  double frequency = 0.0;              // w at which the network is driven
  ScatteringReadout readout = ScatteringReadout::reflection;
  Quadrature quadrature = Quadrature::imaginary;

  int layers() const { return static_cast<int>(sizes.size()); }
  int size() const;            // modes in all
  int first(int layer) const;  // the layer's first mode
  int input_count() const { return sizes.front(); }
  int output_count() const { return sizes.back(); }
  std::size_t coupling_start(int layer) const;  // in the parameters, of `layer` with the next
  std::size_t parameter_count() const;
  std::string mode_name(int mode) const;  // "layer 1, mode 12"
};

// A network of these layers with the same losses everywhere.
LayeredNetwork uniform_layers(std::vector<int> sizes, double port_loss, double intrinsic_loss);

// InputError, naming the mode, where there are fewer than two layers or a layer is empty, a loss is
// missing, negative or not finite, a mode of layer 0 has no loss at all (its resonance could be hit
// exactly), or a port that is driven or read has kappa = 0.
void validate(const LayeredNetwork& network);

// The same network for any solver: parameters as above, `input` one a mode of layer 0.
ResonatorNetwork general_network(const LayeredNetwork& network, std::span<const double> parameters,
                                 std::span<const double> input);

}  // namespace wavesmith
