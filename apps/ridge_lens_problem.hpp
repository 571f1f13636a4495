// A scene of a lens of ridges by full waves, read whole: solver = "ridge_lens".
// docs/metasurfaces.md describes every key.
#pragma once

#include <complex>
#include <string>
#include <vector>

#include "apps/expectations.hpp"
#include "core/scene.hpp"
#include "solvers/ridge_lens.hpp"

namespace wavesmith {

struct RidgeLensProblem {
  std::string title, stem, scene_text;
  RidgeLens lens;
  std::vector<double> widths;              // as designed [m]
  std::vector<std::complex<double>> thin;  // what the table says of them
  int steps = 0;                           // evaluations with the derivative
  bool of_peak = false;                    // what they make large: the peak, or the efficiency
  int refine = 1;                          // cells of the verification for each of the grid's
  std::vector<Expectation> expectations;
};

// Throws InputError for anything wrong in the scene, misspelt keys included.
RidgeLensProblem read_ridge_lens_problem(const Scene& scene);

}  // namespace wavesmith
