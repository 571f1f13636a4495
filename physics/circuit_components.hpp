// Every kind of component by its name: the one place to look one up, and the one list to add to.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "physics/circuit_component.hpp"

namespace wavesmith {

// One per file <name>_component.cpp.
extern const ComponentKind coupler_component;
extern const ComponentKind phase_shifter_component;
extern const ComponentKind mzi_component;
extern const ComponentKind waveguide_component;
extern const ComponentKind ring_component;
extern const ComponentKind crossing_component;
extern const ComponentKind attenuator_component;
extern const ComponentKind mirror_component;
extern const ComponentKind terminator_component;
extern const ComponentKind device_component;

std::vector<const ComponentKind*> list_circuit_components();

// Throws InputError listing the names.
const ComponentKind& find_circuit_component(const std::string& kind);

// Throws InputError naming the component where a setting is unknown, out of its range or missing,
// and UnavailableError where a file is.
std::unique_ptr<CircuitComponent> make_circuit_component(const std::string& kind,
                                                         const ComponentSettings& settings);

}  // namespace wavesmith
