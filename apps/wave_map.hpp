// The materials of a scene of waves in time as pictures and arrays, before anything is run.
#pragma once

#include <string>
#include <vector>

#include "apps/wave_problem.hpp"
#include "core/frame.hpp"

namespace wavesmith {

// A rectangle or a volume of the domain, sampled at the middles of `points` equal cells.
struct MapWindow {
  Vec3 low{}, high{};
  std::array<int, 3> points = {1, 1, 1};
};

// The whole domain in two dimensions, the three planes through its middle in three, a strip in one;
// at most `most` points across.
std::vector<MapWindow> map_windows(const WaveProblem& problem, int most = 700);

// The whole domain in three dimensions, at most `most` points across.
MapWindow map_volume(const WaveProblem& problem, int most);

// Arrays "material" (number) and what waves feel: "index" of light at `frequency` [Hz], "speed" and
// "density" of sound.
Frame map_materials(const WaveProblem& problem, const MapWindow& window, double frequency);

}  // namespace wavesmith
