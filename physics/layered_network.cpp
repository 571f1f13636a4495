#include "physics/layered_network.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "core/error.hpp"

namespace wavesmith {

int LayeredNetwork::size() const {
  return std::accumulate(sizes.begin(), sizes.end(), 0);
}

int LayeredNetwork::first(int layer) const {
  return std::accumulate(sizes.begin(), sizes.begin() + layer, 0);
}

std::size_t LayeredNetwork::coupling_start(int layer) const {
  auto start = static_cast<std::size_t>(size());
  for (std::size_t l = 0; l < static_cast<std::size_t>(layer); ++l)
    start += static_cast<std::size_t>(sizes[l]) * static_cast<std::size_t>(sizes[l + 1]);
  return start;
}

std::size_t LayeredNetwork::parameter_count() const {
  return coupling_start(layers() - 1);
}

std::string LayeredNetwork::mode_name(int mode) const {
  int layer = 0;
  while (layer + 1 < layers() && mode >= sizes[static_cast<std::size_t>(layer)])
    mode -= sizes[static_cast<std::size_t>(layer++)];
  return fmt::format("layer {}, mode {}", layer, mode);
}

LayeredNetwork uniform_layers(std::vector<int> sizes, double port_loss, double intrinsic_loss) {
  LayeredNetwork network;
  network.sizes = std::move(sizes);
  for (const int size : network.sizes)
    WAVESMITH_VALIDATE(size >= 1, fmt::format("a layer has {} modes; use 1 or more", size));
  const auto modes = static_cast<std::size_t>(network.size());
  network.port_loss.assign(modes, port_loss);
  network.intrinsic_loss.assign(modes, intrinsic_loss);
  return network;
}

void validate(const LayeredNetwork& network) {
  constexpr int most = 20000;  // a dense matrix of so many modes has 6 GB
  WAVESMITH_VALIDATE(network.layers() >= 2,
                     fmt::format("a layered network needs two layers or more (one that takes the "
                                 "input, one that is read), and has {}",
                                 network.layers()));
  double sum = 0.0;
  for (const int size : network.sizes) {
    WAVESMITH_VALIDATE(size >= 1, fmt::format("a layer has {} modes; use 1 or more", size));
    sum += size;
  }
  WAVESMITH_VALIDATE(sum <= most, fmt::format("{} modes are more than the {} that fit dense "
                                              "matrices; use smaller layers",
                                              sum, most));
  const auto modes = static_cast<std::size_t>(network.size());
  WAVESMITH_VALIDATE(
      network.port_loss.size() == modes && network.intrinsic_loss.size() == modes,
      fmt::format("{} port losses and {} intrinsic losses are given for {} modes; give one a mode",
                  network.port_loss.size(), network.intrinsic_loss.size(), modes));
  WAVESMITH_VALIDATE(std::isfinite(network.frequency), "the frequency is not a finite number");
  const int last = network.first(network.layers() - 1);
  for (int j = 0; j < network.size(); ++j) {
    const double port = network.port_loss[static_cast<std::size_t>(j)];
    const double intrinsic = network.intrinsic_loss[static_cast<std::size_t>(j)];
    const std::string name = network.mode_name(j);
    WAVESMITH_VALIDATE(
        std::isfinite(port) && port >= 0.0,
        fmt::format("{}: the port loss kappa = {} must be finite and 0 or more", name, port));
    WAVESMITH_VALIDATE(
        std::isfinite(intrinsic) && intrinsic >= 0.0,
        fmt::format("{}: the intrinsic loss kappa' = {} must be finite and 0 or more", name,
                    intrinsic));
    WAVESMITH_VALIDATE(j >= network.sizes.front() || port + intrinsic > 0.0,
                       fmt::format("{} has no loss at all, so that an input can hit its resonance "
                                   "exactly; give it kappa or kappa' > 0",
                                   name));
    WAVESMITH_VALIDATE(j < last || port > 0.0,
                       fmt::format("{} is read, but its port loss kappa is zero: nothing leaves "
                                   "there; give it kappa > 0",
                                   name));
  }
  bool any = network.readout == ScatteringReadout::reflection;
  for (std::size_t j = 0; j < static_cast<std::size_t>(network.sizes.front()); ++j)
    any |= network.port_loss[j] > 0.0;
  WAVESMITH_VALIDATE(any, "layer 0 is driven, but none of its modes has a port; give it kappa > 0");
}

ResonatorNetwork general_network(const LayeredNetwork& network, std::span<const double> parameters,
                                 std::span<const double> input) {
  WAVESMITH_VALIDATE(parameters.size() == network.parameter_count() &&
                         input.size() == static_cast<std::size_t>(network.input_count()),
                     fmt::format("{} parameters and {} inputs are given; the network has {} and {}",
                                 parameters.size(), input.size(), network.parameter_count(),
                                 network.input_count()));
  ResonatorNetwork result;
  for (int j = 0; j < network.size(); ++j) {
    const auto at = static_cast<std::size_t>(j);
    const double added = j < network.input_count() ? input[at] : 0.0;
    result.modes.push_back({network.mode_name(j), parameters[at] + added, network.port_loss[at],
                            network.intrinsic_loss[at]});
  }
  std::size_t n = static_cast<std::size_t>(network.size());
  for (int layer = 0; layer + 1 < network.layers(); ++layer)
    for (int a = network.first(layer); a < network.first(layer + 1); ++a)
      for (int b = network.first(layer + 1); b < network.first(layer + 2); ++b)
        result.couplings.push_back({a, b, parameters[n++], CouplingKind::reciprocal});
  return result;
}

}  // namespace wavesmith
