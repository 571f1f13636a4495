// Joining components: what cannot be joined is an error that names the component.
#include "physics/circuit.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "core/error.hpp"
#include "physics/circuit_components.hpp"

namespace wavesmith {
namespace {

Circuit two_couplers() {
  Circuit circuit;
  for (const char* name : {"left", "right"})
    circuit.add(name, make_circuit_component(
                          "coupler",
                          {.name = name, .numbers = {{"ratio", 0.5}}, .texts = {}, .folder = {}}));
  return circuit;
}

std::string message_of(const std::function<void(Circuit&)>& work) {
  Circuit circuit = two_couplers();
  try {
    work(circuit);
  } catch (const InputError& error) {
    return error.what();
  }
  return "(no error)";
}

TEST(Circuit, MistakesOfJoining) {
  struct Mistake {
    std::function<void(Circuit&)> work;
    std::vector<std::string> parts;
  };
  const std::vector<Mistake> mistakes = {
      {[](Circuit& c) { c.join("left.out1", "right"); }, {"\"right\"", "component.port"}},
      {[](Circuit& c) { c.join("left.oot1", "right.in1"); },
       {"left", "\"oot1\"", "did you mean \"out1\""}},
      {[](Circuit& c) { c.join("left.out1", "rihgt.in1"); },
       {"\"rihgt\"", "did you mean \"right\""}},
      {[](Circuit& c) { c.join("left.out1", "left.out1"); }, {"left.out1", "itself"}},
      {[](Circuit& c) {
         c.join("left.out1", "right.in1");
         c.join("left.out1", "right.in2");
       },
       {"left.out1 is joined twice", "right.in1", "right.in2"}},
      {[](Circuit& c) {
         c.expose("in", "left.in1");
         c.join("left.in1", "right.in2");
       },
       {"left.in1", "external port in"}},
      {[](Circuit& c) {
         c.join("left.out1", "right.in1");
         c.expose("x", "right.in1");
       },
       {"right.in1", "joined to left.out1"}},
      {[](Circuit& c) {
         c.expose("in", "left.in1");
         c.expose("in", "left.in2");
       },
       {"two external ports have the name in", "left.in1", "left.in2"}},
      {[](Circuit& c) {
         c.expose("in", "left.in1");
         c.expose("also", "left.in1");
       },
       {"left.in1 has two names"}},
      {[](Circuit& c) { c.add("left", nullptr); }, {"two components", "left"}},
      {[](Circuit& c) { c.add("a.b", nullptr); }, {"\"a.b\"", "letters"}},
      {[](Circuit& c) { c.validate(std::vector<double>{1e14}); }, {"no external port"}},
      {[](Circuit& c) {
         c.expose("in", "left.in1");
         c.validate(std::vector<double>{-1e14});
       },
       {"above 0"}},
  };
  for (const Mistake& mistake : mistakes) {
    const std::string message = message_of(mistake.work);
    for (const std::string& part : mistake.parts)
      EXPECT_NE(message.find(part), std::string::npos) << part << " is not in: " << message;
  }
}

TEST(Circuit, NamesAndOpenPorts) {
  Circuit circuit = two_couplers();
  circuit.join("left.out1", "right.in1");
  circuit.expose("in", "left.in1");
  circuit.expose("out", "right.out2");
  EXPECT_EQ(circuit.open_ports(),
            (std::vector<std::string>{"left.in2", "left.out2", "right.in2", "right.out1"}));
  EXPECT_EQ(circuit.parameter_names(),
            (std::vector<std::string>{"left.angle", "left.loss", "right.angle", "right.loss"}));
  EXPECT_EQ(circuit.partner(circuit.find_port("left.out1")), circuit.find_port("right.in1"));
}

}  // namespace
}  // namespace wavesmith
