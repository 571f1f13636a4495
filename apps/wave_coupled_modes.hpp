// [[coupled_modes]] of a scene of waves in time: the parameters of the network that a ring between
// two guides is taken for, as metrics, curves and a picture of both.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "apps/metrics.hpp"
#include "apps/outputs.hpp"
#include "apps/wave_parts.hpp"
#include "apps/wave_simulation.hpp"
#include "solvers/coupled_mode_fit.hpp"
#include "viz/chart.hpp"

namespace wavesmith {

struct CoupledModesFound {
  std::string name;
  AddDropCurves curves;  // out of the fields
  CoupledModeFit fit;
};

// Needs the S-parameters of the problem.
std::vector<CoupledModesPart> read_coupled_modes(const SceneTable& root,
                                                 const WaveProblem& problem);

// "NAME_frequency", ... with the numbers of a fit.
std::vector<std::pair<std::string, double>> coupled_mode_metrics(const CoupledModesPart& part,
                                                                 const CoupledModeFit& fit);

// Fits each part and tells its metrics. Throws NumericsError, with the part's place, where no
// resonance is in the band.
std::vector<CoupledModesFound> find_coupled_modes(const WaveProblem& problem,
                                                  const std::vector<MonitorCurves>& curves,
                                                  Metrics& metrics);

// curves/NAME.csv, images/NAME.png (with what is left below), and charts for the report.
void write_coupled_modes(const CoupledModesFound& found, bool pictures, OutputFolder& folder,
                         std::vector<Chart>& charts);

}  // namespace wavesmith
