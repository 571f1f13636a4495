// A whole lens of unit cells by full waves: what lenses of ridges in two dimensions
// (solvers/ridge_lens.hpp) and of pillars in three (solvers/pillar_lens.hpp) have in common.
//
// Cells of one height stand on a substrate, one a pitch; light comes at normal incidence on as much
// of the substrate as has cells. Fields are those per unit of sqrt(power over length or area) of
// the incident wave: E = 1 in air carries as much as the light that falls on the lens.
#pragma once

#include <cstddef>
#include <vector>

#include "kernels/device.hpp"
#include "solvers/gradient_plan.hpp"

namespace wavesmith {

struct CellLens {
  double pitch = 0.0, height = 0.0;  // [m]
  double index = 0.0, substrate_index = 0.0;
  double wavelength = 0.0;         // in vacuum [m]
  double focal_length = 0.0;       // from the top of the cells [m]
  double least = 0.0, most = 0.0;  // of a size: the width of a ridge, the radius of a pillar [m]
  std::size_t count = 0;           // of cells within the diameter
  double cell = 0.0;               // of the grid, at most [m]
  double time = 250e-15;           // after the pulse [s]
  int threads = 0;
  Precision precision = Precision::f64;

  double diameter() const { return pitch * static_cast<double>(count); }  // [m]
};

// widest: of what stands on the largest cell [m]. Throws InputError for what cannot be.
void validate_cell_lens(const CellLens& lens, double widest);

// Throws InputError where there are not `count` sizes, or one is beyond the lens's bounds.
void validate_sizes(const CellLens& lens, const std::vector<double>& sizes, std::size_t count);

struct Focus {
  double peak = 0.0;        // |E|^2 in the focus, on the axis
  double width = 0.0;       // full, at half of the highest |E|^2 [m]
  double efficiency = 0.0;  // power within three widths over that on the lens
  double passed = 0.0;      // power through the focal plane within three diameters, likewise
  std::vector<double> x, intensity;  // of the focal line: through the axis, along E in 3D
  // Of the middle of the focal plane, in 3D: side x side samples, x fastest, `step` apart [m].
  std::size_t side = 0;
  double step = 0.0;
  std::vector<double> plane;
};

// (peak / passed) over that of the ideal lens.
double strehl_ratio(const Focus& focus, const Focus& ideal);

// Full width at half of the highest value of a line of evenly spaced samples, 0 at the middle one.
double width_at_half(const std::vector<double>& x, const std::vector<double>& values);

// What is made large: |E|^2 in the focus, or, with a window, the power through the focal plane
// within so far to either side of the axis, together, over that on the lens.
struct FocusGoal {
  double window = 0.0;  // full width, or diameter [m]; 0: |E|^2 on the axis
};

class CellLensMarch {
 public:
  virtual ~CellLensMarch() = default;

  // What lies in the focal plane behind cells of these sizes, within the lens's bounds [m].
  virtual Focus focus(const std::vector<double>& sizes) const = 0;

  // The goal, and its derivative [1/m]. memory: MemoryMode::dft takes the least and is right as far
  // as the fields have decayed; the others are exact for the march as it is.
  virtual double goal(const std::vector<double>& sizes) const = 0;
  virtual double goal(const std::vector<double>& sizes, std::vector<double>& gradient,
                      const GradientMemory& memory) const = 0;
};

}  // namespace wavesmith
