// Words of a scene for the values of an enumeration.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/suggest.hpp"

namespace wavesmith {

template <class Value>
struct NamedValue {
  const char* name;
  Value value;
};

// Throws InputError listing the names: there is no <what> "<name>"; known are a, b, c.
template <class Value>
Value value_from_name(std::span<const NamedValue<Value>> values, const std::string& name,
                      const std::string& what) {
  std::vector<std::string> names;
  for (const NamedValue<Value>& known : values) {
    if (name == known.name) return known.value;
    names.emplace_back(known.name);
  }
  throw InputError("there is no " + what + " \"" + name + "\"; known are " + join_names(names) +
                   suggestion(name, names));
}

}  // namespace wavesmith
