// Scattering parameters of a run in time as Touchstone files.
#pragma once

#include <vector>

#include "apps/outputs.hpp"
#include "apps/wave_problem.hpp"
#include "apps/wave_simulation.hpp"

namespace wavesmith {

// A run excites one port and so finds one column of S. A file is written where the scene's
// symmetries and reciprocity give the others; otherwise the column is in curves/ only.
void write_scattering_files(const WaveProblem& problem, const std::vector<MonitorCurves>& curves,
                            OutputFolder& folder);

}  // namespace wavesmith
