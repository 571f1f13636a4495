#include "apps/networks.hpp"

namespace wavesmith {

const std::vector<NetworkEntry>& list_networks() {
  static const std::vector<NetworkEntry> networks{
      {"kerr", "layers of coupled Kerr resonators, read at rest (Dal Cin et al. 2025)",
       read_kerr_network},
  };
  return networks;
}

}  // namespace wavesmith
