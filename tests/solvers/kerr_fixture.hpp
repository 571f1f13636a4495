// Small Kerr networks of all kinds for the tests.
#pragma once

#include <complex>
#include <span>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "physics/kerr_network.hpp"

namespace wavesmith::test {

using KerrFields = std::vector<std::complex<double>>;

// `modes` modes, each joined to about three others; losses and Kerr strengths differ where
// `mixed`, and g has both signs then.
inline KerrNetwork random_kerr_network(int modes, double kerr, bool mixed, std::uint64_t seed) {
  const Random random(seed, 1);
  KerrNetwork network;
  for (int j = 0; j < modes; ++j) {
    const std::uint64_t n = 4 * static_cast<std::uint64_t>(j);
    KerrMode mode{1.0, 1.0, kerr};
    if (mixed)
      mode = {random.uniform(n, 0.4, 1.5), random.uniform(n + 1, 0.0, 0.8),
              kerr * random.uniform(n + 2, -1.0, 1.0)};
    network.modes.push_back(mode);
  }
  for (int j = 0; j < modes; ++j)
    for (int l = j + 1; l < modes; ++l)
      if (l == j + 1 || random.uniform(static_cast<std::uint64_t>(100000 + j * modes + l)) < 0.3)
        network.bonds.push_back({j, l, network.coupling_count++});
  // Two bonds share a coupling.
  if (mixed && network.coupling_count > 2) {
    network.bonds.back().coupling = 0;
    --network.coupling_count;
  }
  network.inputs = {0, 1};
  network.outputs = {modes - 2, modes - 1};
  return network;
}

inline std::vector<double> normal_draws(std::size_t count, double spread, std::uint64_t seed) {
  const Random random(seed, 2);
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = spread * random.normal(i);
  return values;
}

inline KerrFields complex_draws(std::size_t count, double spread, std::uint64_t seed) {
  const Random random(seed, 3);
  KerrFields values(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto pair = random.normal_pair(i);
    values[i] = {spread * pair[0], spread * pair[1]};
  }
  return values;
}

}  // namespace wavesmith::test
