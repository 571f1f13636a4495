// A scattering matrix from one of its columns: by reciprocity S_ij = S_ji, and by orders of the
// ports in which the device is the same, S_p(i)p(j) = S_ij.
#pragma once

#include <cstddef>
#include <vector>

#include "physics/scattering_table.hpp"

namespace wavesmith {

struct CompletedScattering {
  ScatteringTable table;      // entries that do not follow are 0
  std::size_t unknown = 0;    // how many do not follow
  double disagreement = 0.0;  // largest distance between two entries that ought to be the same
};

// `column`: [frequency][to], into port `from`; `orders`: each a permutation of 0 .. ports - 1. The
// frequencies rise or fall; those of the table rise.
CompletedScattering complete_scattering(
    const std::vector<double>& frequencies,
    const std::vector<std::vector<std::complex<double>>>& column, std::size_t from,
    const std::vector<std::vector<std::size_t>>& orders);

}  // namespace wavesmith
