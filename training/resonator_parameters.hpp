// Where the parameters of a layered resonator network start, and published ones.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "physics/layered_network.hpp"

namespace wavesmith {

// Uniform draws between low and high.
struct DrawRange {
  double low = 0.0, high = 0.0;
};

// The defaults are those of Wanjura and Marquardt, Nature Physics 20, 1434 (2024), Fig. 2
// (handwritten digits, kappa = 0.5): couplings well above the losses, and resonances on both sides
// of a pixel's.
struct ResonatorStart {
  double alternating = 2.0;  // layer 0: +, -, +, - this, added to the draws
  DrawRange input_detuning{0.0, 1e-3}, detuning{0.0, 1e-3};  // layer 0, and all others
  DrawRange coupling{1.0, 1.1};
  bool coupling_by_fan = false;  // couplings times sqrt(6 / (modes below + modes above))
};

// Parameters in the order of physics/layered_network.hpp.
std::vector<double> starting_parameters(const LayeredNetwork& network, const ResonatorStart& start,
                                        std::uint64_t seed);

// Tables of comma-separated numbers, complex as Python writes them or real: one of couplings for
// each pair of layers (rows: modes of the lower one), one of detunings for each layer. upper_sign:
// -1 where detunings of the layers above 0 are counted the other way (as in the code of the
// reference above).
struct ResonatorFiles {
  std::vector<std::filesystem::path> couplings, detunings;
  double upper_sign = 1.0;
};
// InputError where a table has the wrong size or an imaginary part, naming the file.
std::vector<double> read_parameters(const LayeredNetwork& network, const ResonatorFiles& files);

}  // namespace wavesmith
