// A scene of unit cells, read whole: solver = "unit_cells". docs/metasurfaces.md describes every
// key.
#pragma once

#include <string>
#include <vector>

#include "apps/expectations.hpp"
#include "core/scene.hpp"
#include "solvers/unit_cell.hpp"

namespace wavesmith {

// A number of the table: at a size and a wavelength, between the sizes interpolated.
struct CellMetricPart {
  std::string name;
  std::string kind;                     // "power", "phase", "real", "imaginary"
  double size = 0.0, wavelength = 0.0;  // [m]
};

struct CellsProblem {
  std::string title, stem, scene_text;
  UnitCell cell;
  std::vector<double> sizes, wavelengths;  // rising [m]
  std::vector<CellMetricPart> metrics;
  bool pictures = true, report = true;
  std::vector<Expectation> expectations;
  std::vector<std::string> warnings;
};

// Throws InputError for anything wrong in the scene, misspelt keys included.
CellsProblem read_cells_problem(const Scene& scene);

}  // namespace wavesmith
