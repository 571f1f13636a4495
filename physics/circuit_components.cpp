#include "physics/circuit_components.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/suggest.hpp"

namespace wavesmith {

std::vector<const ComponentKind*> list_circuit_components() {
  return {&coupler_component,    &phase_shifter_component, &mzi_component,
          &waveguide_component,  &ring_component,          &crossing_component,
          &attenuator_component, &mirror_component,        &terminator_component,
          &device_component};
}

const ComponentKind& find_circuit_component(const std::string& kind) {
  std::vector<std::string> names;
  for (const ComponentKind* known : list_circuit_components()) {
    if (known->name == kind) return *known;
    names.push_back(known->name);
  }
  throw InputError("there is no component \"" + kind + "\"; known are " + join_names(names) +
                   suggestion(kind, names));
}

std::unique_ptr<CircuitComponent> make_circuit_component(const std::string& kind,
                                                         const ComponentSettings& settings) {
  const ComponentKind& found = find_circuit_component(kind);
  std::vector<std::string> names;
  for (const ComponentKey& key : found.keys) names.push_back(key.name);
  const auto key_of = [&](const std::string& name, bool is_text) -> const ComponentKey& {
    const auto key = std::find_if(found.keys.begin(), found.keys.end(),
                                  [&](const ComponentKey& k) { return k.name == name; });
    if (key == found.keys.end() || key->is_text != is_text)
      throw settings.error(fmt::format("has no {} of the kind that is given{}; a {} has {}", name,
                                       suggestion(name, names), kind, join_names(names)));
    return *key;
  };
  for (const auto& [name, value] : settings.texts) key_of(name, true);
  for (const auto& [name, value] : settings.numbers)
    if (!std::isfinite(value) || !key_of(name, false).range.contains(value))
      throw settings.error(fmt::format("has {} = {:g}, which is out of its range", name, value));
  return found.make(settings);
}

}  // namespace wavesmith
