// Complex fields by phase-shifting interferometry, as a camera sees them.
//
// Four exposures with a reference wave of amplitude r and phase 0, 90, 180, 270 degrees:
//   I_k = |u + r i^k|^2,   u = ((I_0 - I_2) + i (I_1 - I_3)) / (4 r)
// (Bruning et al., Applied Optics 13, 2693, 1974). Each exposure counts photons (Poisson) and is
// rounded to the camera's levels. The reference is as bright as the field is on average.
#pragma once

#include <cstdint>

#include "solvers/diffractive_stack.hpp"

namespace wavesmith {

struct InterferometerSettings {
  double photons = 0.0;  // mean signal photons per pixel and exposure; 0: no shot noise
  int bits = 0;          // of the camera, full scale at the brightest pixel; 0: not rounded
  std::uint64_t seed = 1;
};

class Interferometer final : public FieldInstrument {
 public:
  // `planes` and `channels` of the stack; `occasion` numbers the measurement (a batch): together
  // with place and pixel it selects the random numbers.
  Interferometer(const InterferometerSettings& settings, int planes, int channels,
                 std::uint64_t occasion);
  void read(const FieldPlace& place, std::span<Complex> field) const override;

  static constexpr int exposures = 4;

 private:
  InterferometerSettings settings_;
  int planes_, channels_;
  std::uint64_t occasion_;
};

}  // namespace wavesmith
