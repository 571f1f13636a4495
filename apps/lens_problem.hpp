// A scene of a whole lens of cells by full waves, read whole: solver = "ridge_lens" or
// "pillar_lens". docs/metasurfaces.md describes every key.
#pragma once

#include <complex>
#include <string>
#include <vector>

#include "apps/expectations.hpp"
#include "apps/lens_kinds.hpp"
#include "core/scene.hpp"

namespace wavesmith {

struct LensProblem {
  std::string title, stem, scene_text;
  const LensKind* kind = nullptr;
  CellLens lens;
  std::vector<double> sizes;               // as designed [m]
  std::vector<std::complex<double>> thin;  // what the table says of them
  int steps = 0;                           // evaluations with the derivative
  bool of_peak = false;                    // what they make large: the peak, or the efficiency
  double refine = 1.0;  // cells of the verification for each of the grid's; 1: none
  std::vector<Expectation> expectations;
};

// Throws InputError for anything wrong in the scene, misspelt keys included.
LensProblem read_lens_problem(const Scene& scene);

}  // namespace wavesmith
