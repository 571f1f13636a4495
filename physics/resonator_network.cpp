#include "physics/resonator_network.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <set>

#include "core/error.hpp"
#include "core/suggest.hpp"

namespace wavesmith {
namespace {

void check_mode(const ResonatorMode& mode) {
  const auto check = [&](double value, const char* what) {
    WAVESMITH_VALIDATE(std::isfinite(value),
                       fmt::format("mode \"{}\": its {} is not a finite number", mode.name, what));
  };
  check(mode.detuning, "detuning");
  check(mode.port_loss, "port loss kappa");
  check(mode.intrinsic_loss, "intrinsic loss kappa'");
  WAVESMITH_VALIDATE(
      mode.port_loss >= 0.0,
      fmt::format("mode \"{}\": the port loss kappa = {} is negative (energy would come out of "
                  "nowhere); use 0 for no port",
                  mode.name, mode.port_loss));
  WAVESMITH_VALIDATE(mode.intrinsic_loss >= 0.0,
                     fmt::format("mode \"{}\": the intrinsic loss kappa' = {} is negative (that is "
                                 "gain, and gain has no steady state of its own); use 0 or more",
                                 mode.name, mode.intrinsic_loss));
}

}  // namespace

std::string coupling_name(const ResonatorNetwork& network, const ResonatorCoupling& coupling) {
  const auto name = [&](int mode) {
    return mode >= 0 && mode < network.size() ? network.modes[static_cast<std::size_t>(mode)].name
                                              : fmt::format("(mode number {})", mode);
  };
  return fmt::format("the coupling \"{}\" -> \"{}\"", name(coupling.from), name(coupling.to));
}

void validate(const ResonatorNetwork& network) {
  WAVESMITH_VALIDATE(!network.modes.empty(), "a resonator network needs at least one mode");
  std::set<std::string> names;
  for (std::size_t j = 0; j < network.modes.size(); ++j) {
    const ResonatorMode& mode = network.modes[j];
    WAVESMITH_VALIDATE(!mode.name.empty(), fmt::format("mode number {} has no name", j));
    WAVESMITH_VALIDATE(names.insert(mode.name).second,
                       fmt::format("two modes are called \"{}\", so its port would be joined "
                                   "twice; give each mode a name of its own",
                                   mode.name));
    check_mode(mode);
  }
  std::set<std::pair<int, int>> joined;  // (row, column) of H
  for (const ResonatorCoupling& coupling : network.couplings) {
    const std::string name = coupling_name(network, coupling);
    for (const int end : {coupling.from, coupling.to})
      WAVESMITH_VALIDATE(end >= 0 && end < network.size(),
                         fmt::format("{} names mode number {}, but there are {} modes", name, end,
                                     network.size()));
    WAVESMITH_VALIDATE(
        coupling.from != coupling.to,
        name + " joins a mode to itself; that is a detuning: set the mode's detuning instead");
    WAVESMITH_VALIDATE(
        std::isfinite(coupling.strength.real()) && std::isfinite(coupling.strength.imag()),
        name + " is not a finite number");
    bool is_new = joined.insert({coupling.to, coupling.from}).second;
    if (coupling.kind != CouplingKind::one_way)
      is_new &= joined.insert({coupling.from, coupling.to}).second;
    WAVESMITH_VALIDATE(is_new, name + " is given twice; add the strengths and give it once");
  }
}

std::vector<int> port_modes(const ResonatorNetwork& network) {
  std::vector<int> ports;
  for (int j = 0; j < network.size(); ++j)
    if (network.modes[static_cast<std::size_t>(j)].port_loss > 0.0) ports.push_back(j);
  return ports;
}

int find_mode(const ResonatorNetwork& network, const std::string& name) {
  std::vector<std::string> names;
  for (int j = 0; j < network.size(); ++j) {
    names.push_back(network.modes[static_cast<std::size_t>(j)].name);
    if (names.back() == name) return j;
  }
  throw InputError(fmt::format("there is no mode \"{}\"{}", name, suggestion(name, names)));
}

void require_port(const ResonatorNetwork& network, int mode) {
  WAVESMITH_VALIDATE(
      mode >= 0 && mode < network.size(),
      fmt::format("mode number {} is probed, but there are {} modes", mode, network.size()));
  const ResonatorMode& probed = network.modes[static_cast<std::size_t>(mode)];
  WAVESMITH_VALIDATE(
      probed.port_loss > 0.0,
      fmt::format("mode \"{}\" is probed, but its port loss kappa is zero: nothing enters or "
                  "leaves there; give it a port (kappa > 0) or probe another mode",
                  probed.name));
}

void require_ports(const ResonatorNetwork& network, const std::vector<int>& modes) {
  std::set<int> seen;
  for (const int mode : modes) {
    require_port(network, mode);
    WAVESMITH_VALIDATE(seen.insert(mode).second,
                       fmt::format("the port of mode \"{}\" is named twice; name each port once",
                                   network.modes[static_cast<std::size_t>(mode)].name));
  }
}

void require_reciprocal(const ResonatorNetwork& network, const std::string& method) {
  // One-way couplings in both directions with the same strength are reciprocal together.
  std::map<std::pair<int, int>, std::complex<double>> one_way;
  for (const ResonatorCoupling& coupling : network.couplings)
    if (coupling.kind == CouplingKind::one_way)
      one_way[{coupling.from, coupling.to}] = coupling.strength;
  for (const ResonatorCoupling& coupling : network.couplings) {
    bool reciprocal = true;
    if (coupling.kind == CouplingKind::hermitian) {
      reciprocal = coupling.strength.imag() == 0.0;
    } else if (coupling.kind == CouplingKind::one_way) {
      const auto back = one_way.find({coupling.to, coupling.from});
      const std::complex<double> strength =
          back == one_way.end() ? std::complex<double>{} : back->second;
      reciprocal = strength == coupling.strength;
    }
    WAVESMITH_VALIDATE(
        reciprocal,
        fmt::format("{} is not reciprocal, but {} needs the same strength both ways (S = S^T); "
                    "make it reciprocal or use the exact derivative",
                    coupling_name(network, coupling), method));
  }
}

}  // namespace wavesmith
