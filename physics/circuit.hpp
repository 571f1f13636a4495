// A circuit: components whose ports are joined in pairs, some of them named for the outside.
//
// A port that is neither joined nor named is matched: nothing comes in, and what goes out is lost.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "physics/circuit_component.hpp"

namespace wavesmith {

class Circuit {
 public:
  struct Part {
    std::string name;
    std::unique_ptr<CircuitComponent> component;
    std::size_t first_port = 0, first_parameter = 0;  // among those of the circuit
  };
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  // Names have letters, digits, '_' and '-'. Throws InputError where a name is taken or no name.
  void add(const std::string& name, std::unique_ptr<CircuitComponent> component);
  // Ports as "component.port". Throws InputError naming the component where a port is not there, is
  // joined or named already, or is joined to itself.
  void join(const std::string& one, const std::string& other);
  // Names a port for the outside; external ports are numbered in this order.
  void expose(const std::string& name, const std::string& port);

  const std::vector<Part>& parts() const { return parts_; }
  std::size_t port_count() const { return partner_.size(); }
  const std::vector<std::string>& external_names() const { return external_names_; }
  std::span<const std::size_t> external_ports() const { return external_ports_; }
  // The port that a port is joined to, or none.
  std::size_t partner(std::size_t port) const { return partner_[port]; }
  std::string port_name(std::size_t port) const;  // "component.port"
  std::size_t part_of(std::size_t port) const { return part_of_[port]; }
  std::size_t find_port(const std::string& port) const;
  std::vector<std::string> open_ports() const;  // neither joined nor named

  std::size_t parameter_count() const { return parameter_names_.size(); }
  const std::vector<std::string>& parameter_names() const { return parameter_names_; }
  std::vector<double> parameters() const;  // as the components were made

  // Throws InputError where there is no external port, and naming the component where one of the
  // frequencies [Hz] lies out of its band.
  void validate(std::span<const double> frequencies) const;

 private:
  std::vector<Part> parts_;
  std::vector<std::size_t> partner_, part_of_, external_ports_;
  std::vector<std::string> external_names_, parameter_names_;
};

}  // namespace wavesmith
