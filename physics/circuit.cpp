#include "physics/circuit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "core/suggest.hpp"
#include "core/units.hpp"

namespace wavesmith {
namespace {

void validate_name(const std::string& name, const char* what) {
  const bool good = !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '-';
  });
  WAVESMITH_VALIDATE(
      good, fmt::format("\"{}\" is no name of a {}: it has letters, digits, _ and -", name, what));
}

}  // namespace

void Circuit::add(const std::string& name, std::unique_ptr<CircuitComponent> component) {
  validate_name(name, "component");
  for (const Part& part : parts_)
    WAVESMITH_VALIDATE(part.name != name, "there are two components of the name \"" + name +
                                              "\"; each needs one of its own");
  const std::size_t ports = component->ports().size();
  for (std::size_t i = 0; i < ports; ++i)
    for (std::size_t j = 0; j < i; ++j)
      WAVESMITH_VALIDATE(component->ports()[i] != component->ports()[j],
                         fmt::format("component {} has two ports of the name \"{}\"; each needs "
                                     "one of its own",
                                     name, component->ports()[i]));
  const std::size_t first_port = port_count(), first_parameter = parameter_count();
  partner_.resize(first_port + ports, none);
  part_of_.resize(first_port + ports, parts_.size());
  for (const ComponentParameter& parameter : component->parameters())
    parameter_names_.push_back(name + "." + parameter.name);
  parts_.push_back({name, std::move(component), first_port, first_parameter});
}

std::size_t Circuit::find_port(const std::string& port) const {
  const std::size_t dot = port.find('.');
  WAVESMITH_VALIDATE(dot != std::string::npos,
                     "\"" + port + "\" is no port; write one as component.port");
  const std::string name = port.substr(0, dot), at = port.substr(dot + 1);
  std::vector<std::string> names;
  for (const Part& part : parts_) {
    names.push_back(part.name);
    if (part.name != name) continue;
    const std::vector<std::string>& ports = part.component->ports();
    const auto found = std::ranges::find(ports, at);
    WAVESMITH_VALIDATE(found != ports.end(),
                       fmt::format("component {} has no port \"{}\"; it has {}{}", name, at,
                                   join_names(ports), suggestion(at, ports)));
    return part.first_port + static_cast<std::size_t>(found - ports.begin());
  }
  throw InputError(fmt::format("there is no component \"{}\" for the port {}; there are {}{}", name,
                               port, join_names(names), suggestion(name, names)));
}

std::string Circuit::port_name(std::size_t port) const {
  const Part& part = parts_[part_of_[port]];
  return part.name + "." + part.component->ports()[port - part.first_port];
}

void Circuit::join(const std::string& one, const std::string& other) {
  const std::size_t a = find_port(one), b = find_port(other);
  WAVESMITH_VALIDATE(a != b, fmt::format("port {} is joined to itself; join it to another", one));
  for (const auto& [port, next] : {std::pair(a, b), std::pair(b, a)}) {
    WAVESMITH_VALIDATE(
        partner_[port] == none,
        fmt::format("port {} is joined twice: to {} and to {}; a port has one partner",
                    port_name(port), partner_[port] == none ? "" : port_name(partner_[port]),
                    port_name(next)));
    const auto named = std::ranges::find(external_ports_, port);
    WAVESMITH_VALIDATE(
        named == external_ports_.end(),
        fmt::format(
            "port {} is joined to {}, but it is the external port {} already", port_name(port),
            port_name(next),
            named == external_ports_.end()
                ? ""
                : external_names_[static_cast<std::size_t>(named - external_ports_.begin())]));
  }
  partner_[a] = b;
  partner_[b] = a;
}

void Circuit::expose(const std::string& name, const std::string& port) {
  validate_name(name, "port");
  const std::size_t at = find_port(port);
  WAVESMITH_VALIDATE(partner_[at] == none,
                     fmt::format("port {} cannot be the external port {}: it is joined to {}", port,
                                 name, partner_[at] == none ? "" : port_name(partner_[at])));
  for (std::size_t e = 0; e < external_ports_.size(); ++e) {
    WAVESMITH_VALIDATE(
        external_names_[e] != name,
        fmt::format("two external ports have the name {}: {} and {}; each needs one of its own",
                    name, port_name(external_ports_[e]), port));
    WAVESMITH_VALIDATE(external_ports_[e] != at,
                       fmt::format("port {} has two names, {} and {}; one is enough", port,
                                   external_names_[e], name));
  }
  external_names_.push_back(name);
  external_ports_.push_back(at);
}

std::vector<std::string> Circuit::open_ports() const {
  std::vector<std::string> open;
  for (std::size_t port = 0; port < port_count(); ++port)
    if (partner_[port] == none && std::ranges::find(external_ports_, port) == external_ports_.end())
      open.push_back(port_name(port));
  return open;
}

std::vector<double> Circuit::parameters() const {
  std::vector<double> values;
  for (const Part& part : parts_)
    for (const ComponentParameter& parameter : part.component->parameters())
      values.push_back(parameter.value);
  return values;
}

void Circuit::validate(std::span<const double> frequencies) const {
  WAVESMITH_VALIDATE(!external_ports_.empty(),
                     "the circuit has no external port; name one to look at it from outside");
  WAVESMITH_VALIDATE(!frequencies.empty(), "a circuit is solved at one frequency at least");
  for (const double frequency : frequencies)
    WAVESMITH_VALIDATE(std::isfinite(frequency) && frequency > 0.0,
                       fmt::format("a frequency of {} Hz is not above 0", frequency));
  const auto [low, high] = std::ranges::minmax(frequencies);
  const auto text = [](double from, double to) {
    return fmt::format("{} to {}", format_quantity(from, Dimension::frequency, 7),
                       format_quantity(to, Dimension::frequency, 7));
  };
  for (const Part& part : parts_) {
    const std::array<double, 2> band = part.component->band();
    // Files round their frequencies.
    const double slack = 1e-9;
    WAVESMITH_VALIDATE(
        low >= band[0] * (1.0 - slack) && high <= band[1] * (1.0 + slack),
        fmt::format("component {} is known from {}, and the circuit is to be solved from {}; "
                    "choose frequencies within, or another file",
                    part.name, text(band[0], band[1]), text(low, high)));
  }
}

}  // namespace wavesmith
