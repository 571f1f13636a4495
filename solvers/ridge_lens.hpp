// A whole lens of ridges in two dimensions by full waves, and the derivative of its focus with
// respect to the width of each ridge.
//
// Ridges of one height stand on a substrate along x, one a pitch; light comes along y at normal
// incidence on as much of the substrate as has ridges, E along the ridges. Behind them Ez on a line
// says everything about the air beyond (Rayleigh and Sommerfeld, exact in two dimensions):
//
//   E(x, y) = (i k / 2) integral E(x') (y / r) H1(k r) dx',   r^2 = (x - x')^2 + y^2.
//
// Light that leaves beside the line is not in it. Fields are those per unit of sqrt(power over
// length) of the incident wave: E = 1 in air carries as much as the light that falls on the lens.
#pragma once

#include <complex>
#include <memory>
#include <vector>

#include "kernels/device.hpp"
#include "solvers/gradient_plan.hpp"

namespace wavesmith {

struct RidgeLens {
  double pitch = 0.0, height = 0.0;  // [m]
  double index = 0.0, substrate_index = 0.0;
  double wavelength = 0.0;         // in vacuum [m]
  double focal_length = 0.0;       // from the top of the ridges [m]
  double least = 0.0, most = 0.0;  // of a width [m]
  std::size_t count = 0;           // of ridges
  double cell = 0.0;               // of the grid, at most [m]
  double time = 250e-15;           // after the pulse [s]
  int threads = 0;
  Precision precision = Precision::f64;

  double diameter() const { return pitch * static_cast<double>(count); }  // [m]
};

// Throws InputError for what cannot be.
void validate_ridge_lens(const RidgeLens& lens);

// E on a line across the axis.
struct LineField {
  std::vector<double> x;  // evenly [m]
  std::vector<std::complex<double>> e;
};

// The lens that there ought to be: exp(-i k (sqrt(x^2 + f^2) - f)) over the diameter, all light
// passing.
LineField ideal_lens_field(const RidgeLens& lens);

// The field behind cells of these transmissions, each uniform over its pitch.
LineField thin_lens_field(const RidgeLens& lens, const std::vector<std::complex<double>>& t);

struct Focus {
  double peak = 0.0;        // |E|^2 in the focus, on the axis
  double width = 0.0;       // full, at half of the highest |E|^2 of the focal line [m]
  double efficiency = 0.0;  // power within three widths over that on the lens
  double passed = 0.0;      // power through the focal line (three diameters) over that on the lens
  std::vector<double> x, intensity;  // of the focal line
};
// `distance`: from the line of the field to the focus [m].
Focus focus_of(const RidgeLens& lens, const LineField& field, double distance);

// (peak / passed) over that of the ideal lens.
double strehl_ratio(const Focus& focus, const Focus& ideal);

// What is made large: |E|^2 in the focus, or, with a window, the power through the focal line
// within so far to either side of the axis, together, over that on the lens.
struct FocusGoal {
  double window = 0.0;  // full width [m]; 0: |E|^2 on the axis
};

class RidgeLensMarch {
 public:
  // Throws as validate_ridge_lens does, and for a window wider than the focal line.
  explicit RidgeLensMarch(const RidgeLens& lens, const FocusGoal& goal = {});
  ~RidgeLensMarch();

  // widths: of each ridge, within the lens's bounds [m].
  LineField field(const std::vector<double>& widths) const;
  double line_to_focus() const;  // [m]

  // The goal of a field of these points; and of widths, with its derivative [1/m]. memory:
  // MemoryMode::dft takes the least and is right as far as the fields have decayed; the others are
  // exact for the march as it is.
  double goal(const LineField& field) const;
  double goal(const std::vector<double>& widths, std::vector<double>& gradient,
              const GradientMemory& memory = {}) const;

 private:
  struct Parts;
  RidgeLens lens_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace wavesmith
