// Random deviations of a device, for robust training and for devices that are not as designed.
#pragma once

#include <cstdint>

#include "solvers/diffractive_stack.hpp"

namespace wavesmith {

// Half-widths of uniform distributions; phase noise is normal. 0: exact.
struct MisalignmentSpread {
  double shift = 0.0;        // lateral, each axis, each layer and the detector [m]
  double gap = 0.0;          // [m]
  double tilt = 0.0;         // each axis [rad]
  double wavelength = 0.0;   // relative
  double phase_noise = 0.0;  // standard deviation per sample [rad]

  bool any() const { return shift > 0 || gap > 0 || tilt > 0 || wavelength > 0 || phase_noise > 0; }
};

// Draw number `n`: a function of (spread, seed, n) alone.
Misalignment draw_misalignment(const StackDescription& description,
                               const MisalignmentSpread& spread, std::uint64_t seed,
                               std::uint64_t n);

}  // namespace wavesmith
