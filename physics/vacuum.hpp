// Constants of the electromagnetic vacuum, consistent with each other to rounding.
//
// CODATA 2022: the permeability is measured; the speed of light is exact; the rest follows.
#pragma once

#include "core/units.hpp"

namespace wavesmith {

inline constexpr double vacuum_permeability = 1.25663706127e-6;                           // [H/m]
inline constexpr double vacuum_impedance = vacuum_permeability * speed_of_light;          // [ohm]
inline constexpr double vacuum_permittivity = 1.0 / (vacuum_impedance * speed_of_light);  // [F/m]

}  // namespace wavesmith
