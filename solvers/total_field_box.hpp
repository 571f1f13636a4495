// Plane waves by the division into a total and a scattered field.
//
// Inside of a box the march has the total field, outside the scattered one only. Differences that
// reach across a face are given what the other side lacks: the incident field, which is the exact
// solution on the grid (solvers/grid_plane_wave.hpp), so that without a scatterer nothing leaks out
// but rounding (K. Umashankar and A. Taflove, IEEE Trans. Electromagn. Compat. 24, 397 (1982)).
//
// The medium at the faces is one, without loss; its cells have one width along every axis along
// which the wave travels. A box that covers a periodic axis from end to end has no faces there;
// the wave must not travel along it. The same holds at a mirror or wall that the wave does not see.
#pragma once

#include <memory>
#include <vector>

#include "solvers/grid_plane_wave.hpp"
#include "solvers/wave_context.hpp"

namespace wavesmith {

struct PlaneWaveBox {
  Vec3 low{}, high{};          // corners, taken to the nearest edges [m]
  Vec3 direction{0, 0, 1};     // of travel, of any length
  Vec3 polarisation{1, 0, 0};  // of E; not used by Equations::tm and sound
  double amplitude = 1.0;      // of E [V/m] or p [Pa]
  Waveform waveform;           // at the corner that the wave reaches first
};

// Whether derivatives of a march gather what they are by the waveform; that takes the time of the
// sources again.
enum class WaveformDerivative { none, gathered };

struct PlaneWaveSource {
  std::vector<TimeSource> sources;
  GridBox box;  // its edges, as indices: begin and end both lie in faces
  Vec3 entry;   // the corner that the wave reaches first [m]
  // Shared by all copies of the sources; take() after a pull_back gives its derivative, and before
  // one drops what is left of another that was broken off. None where it is not asked for.
  std::shared_ptr<GridPlaneWave::Gradient> gradient;
};

// `setup` gives the medium at the faces. Throws InputError where a face lies in an absorbing layer,
// in graded cells or another medium, or the wave does not fit the boundaries.
PlaneWaveSource plane_wave_source(const TimeDomainSetup& setup, const WaveContext& context,
                                  const PlaneWaveBox& wave,
                                  WaveformDerivative derivative = WaveformDerivative::none);

}  // namespace wavesmith
