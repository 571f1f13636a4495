#include "apps/networks.hpp"

namespace wavesmith {

const std::vector<NetworkEntry>& list_networks() {
  static const std::vector<NetworkEntry> networks{
      {"kerr", "layers of coupled Kerr resonators, read at rest (Dal Cin et al. 2025)",
       read_kerr_network},
      {"resonators", "layers of linear resonators, read by scattering (Wanjura and Marquardt 2024)",
       read_resonators_network},
      {"repetition",
       "linear scattering that the input enters several times (Yildirim 2024, Xia 2024)",
       read_repetition_network},
      {"mesh", "meshes of Mach-Zehnder interferometers with an activation between them (Pai 2023)",
       read_mesh_network},
      {"lattice", "springs between nodes that are pulled or shaken (Li and Mao 2024)",
       read_lattice_network},
  };
  return networks;
}

}  // namespace wavesmith
