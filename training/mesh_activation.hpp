// What happens to the light between two meshes, port by port: z = f(y).
//
//   none         z = y
//   magnitude    z = |y|: powers are read and new light with their roots is sent on
//   power        z = |y|^2, in the same way
//   electro_optic  a share `tap` of the power goes to a detector that drives the phase of one arm
//   of
//                an interferometer with the rest:
//                  z = i sqrt(1 - tap) (1 + e^{i a}) / 2 y,  a = bias + gain tap |y|^2
//                (Williamson et al., IEEE J. Sel. Top. Quantum Electron. 26, 7700412 (2020))
//   resonator    the detector tunes a ring beside the waveguide:
//                  z = sqrt(1 - tap) (1 - coupling / (1 - i a)) y,  a = bias + gain tap |y|^2,
//                a the detuning in half linewidths, coupling 1 critical, 2 a ring without loss of
//                its own (Bandyopadhyay et al., Nature Photonics 18, 1335 (2024))
// magnitude and power are digital: light is measured and sent anew; the others stay light.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "kernels/lanes.hpp"

namespace wavesmith {

struct MeshActivation {
  enum class Kind { none, magnitude, power, electro_optic, resonator } kind = Kind::magnitude;
  double tap = 0.1;       // share of the power, 0 to below 1
  double gain = 1.0;      // [rad, or half linewidths, per unit of tapped power]
  double bias = 0.0;      // [rad], [half linewidths]
  double coupling = 1.0;  // 0 to 2

  bool digital() const { return kind == Kind::magnitude || kind == Kind::power; }
  // Throws InputError naming what is out of range.
  void validate() const;
};

// Words of the scene language.
struct MeshActivationEntry {
  std::string name, sentence;
  MeshActivation::Kind kind;
};
const std::vector<MeshActivationEntry>& list_mesh_activations();

// z = f(y) for `count` numbers.
template <class T>
void activate(const MeshActivation& activation, LaneField<const T> y, LaneField<T> z,
              std::size_t count);
// The transpose: with dL = Re(sum g dz), g becomes the same for y, in place. Where y is 0 the
// derivative of |y| is taken as 0.
template <class T>
void pull_back_activation(const MeshActivation& activation, LaneField<const T> y, LaneField<T> g,
                          std::size_t count);

}  // namespace wavesmith
