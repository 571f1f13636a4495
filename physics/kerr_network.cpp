#include "physics/kerr_network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/random.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

void validate_ends(const KerrNetwork& network) {
  const int modes = network.mode_count();
  std::vector<std::pair<int, int>> seen;
  seen.reserve(network.bonds.size());
  for (std::size_t b = 0; b < network.bonds.size(); ++b) {
    const KerrBond& bond = network.bonds[b];
    for (const int end : {bond.first, bond.second})
      WAVESMITH_VALIDATE(
          end >= 0 && end < modes,
          fmt::format("bond {} ends at mode {}; the network has modes 0 to {}", b, end, modes - 1));
    WAVESMITH_VALIDATE(
        bond.first != bond.second,
        fmt::format("bond {} joins mode {} to itself; that is its detuning", b, bond.first));
    WAVESMITH_VALIDATE(
        bond.coupling >= 0 && bond.coupling < network.coupling_count,
        fmt::format("bond {} between modes {} and {} has coupling number {}; there "
                    "are {} couplings",
                    b, bond.first, bond.second, bond.coupling, network.coupling_count));
    seen.push_back(std::minmax(bond.first, bond.second));
  }
  std::sort(seen.begin(), seen.end());
  const auto twice = std::adjacent_find(seen.begin(), seen.end());
  if (twice != seen.end())
    throw InputError(fmt::format("modes {} and {} are joined by two bonds; give one", twice->first,
                                 twice->second));
}

void validate_probes(const KerrNetwork& network, const std::vector<int>& probes,
                     const std::string& what) {
  WAVESMITH_VALIDATE(!probes.empty(), fmt::format("the network has no {} modes", what));
  std::vector<char> taken(network.modes.size(), 0);
  for (const int mode : probes) {
    WAVESMITH_VALIDATE(mode >= 0 && mode < network.mode_count(),
                       fmt::format("{} mode {} is not there; the network has modes 0 to {}", what,
                                   mode, network.mode_count() - 1));
    const std::size_t m = static_cast<std::size_t>(mode);
    WAVESMITH_VALIDATE(!taken[m], fmt::format("{} mode {} is given twice", what, mode));
    taken[m] = 1;
    WAVESMITH_VALIDATE(network.modes[m].port_loss > 0.0,
                       fmt::format("{} mode {} has no probe: its port loss kappa is 0; give one "
                                   "above 0",
                                   what, mode));
  }
}

// The layer behind a link. Sizes stay below max_kerr_modes, so products of two fit in a long.
KerrGrid behind(const KerrGrid& before, const KerrLink& link, std::size_t number) {
  if (link.kind == KerrLink::Kind::dense) {
    WAVESMITH_VALIDATE(link.size >= 1 && link.size <= max_kerr_modes,
                       fmt::format("link {} leads to {} modes; give 1 to {}", number + 1, link.size,
                                   max_kerr_modes));
    return {1, link.size};
  }
  WAVESMITH_VALIDATE(
      link.kernel >= 1 && link.stride >= 1,
      fmt::format("link {}: a window of {} modes at steps of {}; give at least 1 for "
                  "both",
                  number + 1, link.kernel, link.stride));
  WAVESMITH_VALIDATE(
      link.kernel <= before.rows && link.kernel <= before.columns,
      fmt::format("link {}: a window of {} x {} modes does not fit into the layer of "
                  "{} x {} before it",
                  number + 1, link.kernel, link.kernel, before.rows, before.columns));
  return {(before.rows - link.kernel) / link.stride + 1,
          (before.columns - link.kernel) / link.stride + 1};
}

// Calls bond(first, second, coupling, link) for all of them, in their order.
template <class Bond>
int for_bonds(const KerrLayers& layers, const Bond& bond) {
  const std::vector<KerrGrid> all = layer_grids(layers);
  int before = 0, couplings = 0;
  for (std::size_t l = 0; l < layers.links.size(); ++l) {
    const KerrLink& link = layers.links[l];
    const KerrGrid from = all[l], to = all[l + 1];
    const int next = before + from.size();
    if (link.kind == KerrLink::Kind::dense) {
      for (int j = 0; j < to.size(); ++j)
        for (int i = 0; i < from.size(); ++i) bond(before + i, next + j, couplings++, l);
    } else {
      const int area = link.kernel * link.kernel;
      for (int j = 0; j < to.size(); ++j)
        for (int k = 0; k < area; ++k) {
          const int row = j / to.columns * link.stride + k / link.kernel;
          const int column = j % to.columns * link.stride + k % link.kernel;
          bond(before + row * from.columns + column, next + j,
               couplings + (link.shared ? k : j * area + k), l);
        }
      couplings += link.shared ? area : area * to.size();
    }
    before = next;
  }
  return couplings;
}

}  // namespace

void validate(const KerrNetwork& network) {
  WAVESMITH_VALIDATE(network.mode_count() >= 1 && network.mode_count() <= max_kerr_modes,
                     fmt::format("a network of {} Kerr modes; give 1 to {}", network.modes.size(),
                                 max_kerr_modes));
  for (int j = 0; j < network.mode_count(); ++j) {
    const KerrMode& mode = network.modes[static_cast<std::size_t>(j)];
    validate_not_negative(mode.port_loss, fmt::format("port loss kappa of mode {}", j));
    validate_not_negative(mode.internal_loss, fmt::format("internal loss kappa' of mode {}", j));
    validate_finite(mode.kerr, fmt::format("Kerr strength g of mode {}", j));
    WAVESMITH_VALIDATE(mode.port_loss + mode.internal_loss > 0.0,
                       fmt::format("mode {} loses nothing (kappa = kappa' = 0), so it never comes "
                                   "to rest; give it a loss",
                                   j));
  }
  validate_ends(network);
  validate_probes(network, network.inputs, "input");
  validate_probes(network, network.outputs, "output");
}

std::vector<KerrGrid> layer_grids(const KerrLayers& layers) {
  WAVESMITH_VALIDATE(layers.rows >= 1 && layers.columns >= 1 &&
                         static_cast<double>(layers.rows) * layers.columns <= max_kerr_modes,
                     fmt::format("the first layer has {} x {} modes; give at least 1 x 1 and at "
                                 "most {} in all",
                                 layers.rows, layers.columns, max_kerr_modes));
  std::vector<KerrGrid> all{{layers.rows, layers.columns}};
  long modes = all[0].size();
  double bonds = 0.0;
  for (std::size_t l = 0; l < layers.links.size(); ++l) {
    const KerrLink& link = layers.links[l];
    const KerrGrid next = behind(all.back(), link, l);
    bonds += static_cast<double>(next.size()) *
             (link.kind == KerrLink::Kind::dense ? static_cast<double>(all.back().size())
                                                 : static_cast<double>(link.kernel) * link.kernel);
    modes += next.size();
    WAVESMITH_VALIDATE(modes <= max_kerr_modes && bonds <= static_cast<double>(max_kerr_bonds),
                       fmt::format("link {} brings the network to {} modes and {:.3g} bonds; at "
                                   "most {} and {} are accepted",
                                   l + 1, modes, bonds, max_kerr_modes, max_kerr_bonds));
    all.push_back(next);
  }
  return all;
}

KerrNetwork make_layered_network(const KerrLayers& layers) {
  const std::vector<KerrGrid> all = layer_grids(layers);
  KerrNetwork network;
  int modes = 0;
  for (const KerrGrid& grid : all) modes += grid.size();
  network.modes.assign(static_cast<std::size_t>(modes), layers.mode);
  network.coupling_count = for_bonds(layers, [&](int first, int second, int coupling, std::size_t) {
    network.bonds.push_back({first, second, coupling});
  });
  for (int i = 0; i < all.front().size(); ++i) network.inputs.push_back(i);
  for (int i = modes - all.back().size(); i < modes; ++i) network.outputs.push_back(i);
  validate(network);
  return network;
}

std::vector<double> initial_parameters(const KerrLayers& layers, double detuning_spread,
                                       double coupling_scale, std::uint64_t seed) {
  const std::vector<KerrGrid> all = layer_grids(layers);
  std::size_t modes = 0;
  for (const KerrGrid& grid : all) modes += static_cast<std::size_t>(grid.size());
  const Random random(seed, 0x4b657272);
  std::vector<double> parameters(modes);
  for (std::size_t j = 0; j < modes; ++j) parameters[j] = detuning_spread * random.normal(j);
  for_bonds(layers, [&](int, int, int coupling, std::size_t l) {
    const std::size_t at = modes + static_cast<std::size_t>(coupling);
    if (at < parameters.size()) return;  // shared, and drawn already
    const KerrLink& link = layers.links[l];
    const double spread = link.kind == KerrLink::Kind::window
                              ? 1.0 / link.kernel
                              : 2.0 / (all[l].size() + all[l + 1].size());
    parameters.push_back(coupling_scale * spread * random.normal(at));
  });
  return parameters;
}

}  // namespace wavesmith
