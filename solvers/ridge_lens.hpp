// A whole lens of ridges in two dimensions by full waves, and the derivative of its focus with
// respect to the width of each ridge.
//
// Ridges of one height stand on a substrate along x, one a pitch; light comes along y at normal
// incidence on as much of the substrate as has ridges, E along the ridges. Behind them Ez on a line
// says everything about the air beyond (Rayleigh and Sommerfeld, exact in two dimensions):
//
//   E(x, y) = (i k / 2) integral E(x') (y / r) H1(k r) dx',   r^2 = (x - x')^2 + y^2.
//
// Light that leaves beside the line is not in it. A size is the width of a ridge.
#pragma once

#include <complex>
#include <cstdint>
#include <memory>
#include <vector>

#include "solvers/cell_lens.hpp"

namespace wavesmith {

// Throws InputError for what cannot be.
void validate_ridge_lens(const CellLens& lens);

// What its march takes, without what a derivative keeps [bytes].
std::uint64_t ridge_lens_bytes(const CellLens& lens);

// E on a line across the axis.
struct LineField {
  std::vector<double> x;  // evenly [m]
  std::vector<std::complex<double>> e;
};

// The lens that there ought to be: exp(-i k (sqrt(x^2 + f^2) - f)) over the diameter, all light
// passing.
LineField ideal_lens_field(const CellLens& lens);

// The field behind cells of these transmissions, each uniform over its pitch.
LineField thin_lens_field(const CellLens& lens, const std::vector<std::complex<double>>& t);

// `distance`: from the line of the field to the focus [m].
Focus focus_of(const CellLens& lens, const LineField& field, double distance);

class RidgeLensMarch final : public CellLensMarch {
 public:
  // Throws as validate_ridge_lens does, and for a window wider than the focal line.
  explicit RidgeLensMarch(const CellLens& lens, const FocusGoal& goal = {});
  ~RidgeLensMarch() override;

  // widths: of each ridge, within the lens's bounds [m].
  LineField field(const std::vector<double>& widths) const;
  double line_to_focus() const;  // [m]

  Focus focus(const std::vector<double>& widths) const override;
  double goal(const LineField& field) const;
  double goal(const std::vector<double>& widths) const override;
  double goal(const std::vector<double>& widths, std::vector<double>& gradient,
              const GradientMemory& memory = {}) const override;

 private:
  struct Parts;
  CellLens lens_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace wavesmith
