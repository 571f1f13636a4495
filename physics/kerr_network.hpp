// Coupled Kerr resonators in the frame of the drive (fields go as e^{-i omega t}), a = x + i p:
//   da_j/dt = -i (Delta_j + g_j/2 |a_j|^2) a_j - (kappa_j + kappa'_j)/2 a_j - i sum_l J_jl a_l
//             - sqrt(kappa_j) a_in,j.
// The factor 1/2 of g is that of Dal Cin, Marquardt and Wanjura, arXiv 2508.11750 (2025), whose
// n = x^2 + p^2 is |a|^2 here; with <a> = (x + i p)/2 it would be 2 g |<a>|^2. J is real and
// symmetric: the linear network is reciprocal, which their training rule needs. Rates in units of
// one's own choice, all the same. g > 0 shifts a resonance as a larger Delta does.
//
// Parameters: the detunings of all modes, then the couplings. Several bonds may share a coupling.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace wavesmith {

struct KerrMode {
  double port_loss = 1.0;      // kappa, through the probe; 0: no probe
  double internal_loss = 0.0;  // kappa'
  double kerr = 0.0;           // g
};

struct KerrBond {
  int first = 0, second = 0;  // modes
  int coupling = 0;           // its number among the couplings
};

struct KerrNetwork {
  std::vector<KerrMode> modes;
  std::vector<KerrBond> bonds;
  int coupling_count = 0;
  std::vector<int> inputs, outputs;  // modes

  int mode_count() const { return static_cast<int>(modes.size()); }
  std::size_t parameter_count() const {
    return modes.size() + static_cast<std::size_t>(coupling_count);
  }
};

// Largest networks that are accepted.
constexpr int max_kerr_modes = 1'000'000;
constexpr long max_kerr_bonds = 100'000'000;

// Throws InputError naming the mode or the bond: a loss that is negative, a mode without any loss,
// a bond from a mode to itself or given twice, a mode or coupling that is not there, an input or
// output that is not there, given twice, or without a probe.
void validate(const KerrNetwork& network);

// Modes in layers, each a grid (a plain layer is one row), each joined to the next.
struct KerrLink {
  enum class Kind { dense, window } kind = Kind::dense;
  int size = 10;        // dense: modes of the next layer
  int kernel = 3;       // window: each mode of the next layer sees kernel x kernel modes,
  int stride = 1;       //   `stride` apart from those of its neighbour
  bool shared = false;  // window: the same couplings everywhere
};
struct KerrLayers {
  int rows = 1, columns = 1;  // of the first layer, which has the inputs; the last has the outputs
  std::vector<KerrLink> links;
  KerrMode mode;  // all are alike
};

// Layer after layer, row by row. Throws InputError naming the link that does not fit.
KerrNetwork make_layered_network(const KerrLayers& layers);
struct KerrGrid {
  int rows = 1, columns = 1;
  int size() const { return rows * columns; }
};
std::vector<KerrGrid> layer_grids(const KerrLayers& layers);

// Random parameters: detunings of standard deviation `detuning_spread`; couplings of a window
// normal / kernel, of a dense link 2 / (modes at both ends) normal, times `coupling_scale`: the
// start of arXiv 2508.11750 for 0.2 and 1.
std::vector<double> initial_parameters(const KerrLayers& layers, double detuning_spread,
                                       double coupling_scale, std::uint64_t seed);

}  // namespace wavesmith
