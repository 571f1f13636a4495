// Pictures of fields in time and of materials, with the outlines of what stands in the domain.
#pragma once

#include <string>
#include <vector>

#include "apps/wave_problem.hpp"
#include "core/frame.hpp"
#include "viz/chart.hpp"
#include "viz/pictures.hpp"

namespace wavesmith {

// A picture of an array of a frame of cells, finer than its points so that outlines are thin.
Picture outlined(const WaveProblem& problem, const Frame& frame, Picture picture);

// The materials as pictures: of the domain in two dimensions, of its three middle planes in three.
// `frequency`: where dispersive media show their index [Hz].
std::vector<Picture> material_pictures(const WaveProblem& problem, double frequency);
void write_material_pictures(const WaveProblem& problem, double frequency,
                             const std::filesystem::path& path);

}  // namespace wavesmith
