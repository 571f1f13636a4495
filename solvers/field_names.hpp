// The physical fields behind the components that the time march stores.
//
// Equations::maxwell stores all six fields. With nothing along z it holds both polarisations of two
// dimensions. Equations::tm is the scalar system with Ez, Hx and Hy, in two dimensions and, along
// x, in one. Equations::sound stores pressure and velocity relative to the reference medium.
#pragma once

#include <string>
#include <vector>

#include "kernels/leapfrog.hpp"
#include "physics/geometry.hpp"

namespace wavesmith {

enum class Equations { maxwell, tm, sound };

inline WaveSystem system_of(Equations equations) {
  return equations == Equations::maxwell ? WaveSystem::maxwell : WaveSystem::scalar;
}

// field = factor * stored component. With E in V/m, H is in A/m; with p in Pa, velocity is in m/s.
struct StoredField {
  std::string name;  // "Ez"
  int component = 0;
  double factor = 1.0;
  Places places{};  // of its points along x, y, z
  std::string unit;
};

// impedance: of sound in the reference medium, density times speed [Pa s/m]; not used by light.
std::vector<StoredField> fields_of(Equations equations, double impedance = 1.0);

// Throws InputError naming the fields that there are.
StoredField find_field(Equations equations, const std::string& name, double impedance = 1.0);

}  // namespace wavesmith
