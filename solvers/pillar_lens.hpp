// A whole lens of round pillars in three dimensions by full waves, and the derivative of its focus
// with respect to the radius of each pillar.
//
// Pillars of one height stand on a substrate across z, one a pitch, where the middles of their
// cells lie within the diameter; light comes along z, E along x, on these cells alone. The lens is
// the same mirrored in x = 0 and in y = 0, so a quarter of it is marched, x, y >= 0, and a radius
// is that of all mirror images. Behind the pillars E_x and E_y on a plane say everything about the
// air beyond (solvers/quarter_plane.hpp). Light that leaves beside the plane is not in it.
//
// Power through the focal plane is that of Poynting's vector. |E|^2 is of all three components. The
// width of a focus, which is longer along E than across it, is the geometric mean of both.
#pragma once

#include <complex>
#include <cstdint>
#include <memory>
#include <vector>

#include "solvers/cell_lens.hpp"
#include "solvers/quarter_plane.hpp"

namespace wavesmith {

// Throws InputError for what cannot be.
void validate_pillar_lens(const CellLens& lens);

// What its march takes, without what a derivative keeps [bytes].
std::uint64_t pillar_lens_bytes(const CellLens& lens);

// The middles of the pillars of a quarter, those in the planes of symmetry included [m]. Throws as
// validate_pillar_lens does.
std::vector<Point2> pillar_places(const CellLens& lens);
double lit_area(const CellLens& lens);  // of all four [m^2]

// E on a plane across the axis.
struct PlaneField {
  std::vector<QuarterSample> samples;
  std::vector<std::complex<double>> e;
};

// The lens that there ought to be: exp(-i k (sqrt(x^2 + y^2 + f^2) - f)) along x over all cells,
// all light passing.
PlaneField ideal_pillar_lens_field(const CellLens& lens);

// The field behind pillars of these transmissions, each uniform over its cell; of a quarter.
PlaneField thin_pillar_lens_field(const CellLens& lens, const std::vector<std::complex<double>>& t);

// `distance`: from the plane of the field to the focus [m].
Focus focus_of(const CellLens& lens, const PlaneField& field, double distance);

class PillarLensMarch final : public CellLensMarch {
 public:
  // Throws as validate_pillar_lens does, and for a window wider than three diameters;
  // UnavailableError where the march does not fit into memory.
  explicit PillarLensMarch(const CellLens& lens, const FocusGoal& goal = {});
  ~PillarLensMarch() override;

  // radii: of each pillar of pillar_places, within the lens's bounds [m].
  PlaneField field(const std::vector<double>& radii) const;
  double plane_to_focus() const;  // [m]

  Focus focus(const std::vector<double>& radii) const override;
  double goal(const PlaneField& field) const;
  double goal(const std::vector<double>& radii) const override;
  double goal(const std::vector<double>& radii, std::vector<double>& gradient,
              const GradientMemory& memory = {}) const override;

 private:
  struct Parts;
  CellLens lens_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace wavesmith
