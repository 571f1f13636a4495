#include "apps/networks.hpp"

namespace wavesmith {

const std::vector<NetworkEntry>& list_networks() {
  static const std::vector<NetworkEntry> networks{};
  return networks;
}

}  // namespace wavesmith
