// Averages of material constants over the box of a grid point, second order at smooth interfaces.
//
// Where a box holds an interface with unit normal n, the inverse permittivity that keeps the
// continuous components (normal D, tangential E) right is
//
//   eps^-1 = P <1/eps> + (1 - P) <eps>^-1,   P = n n^T,   <f> = mean of f over the box
//
// A. Farjadpour et al., Opt. Lett. 31, 2972 (2006); C. Kottke, A. Farjadpour, S. G. Johnson, Phys.
// Rev. E 77, 036611 (2008). In one dimension it is the harmonic or the arithmetic mean. Where
// several interfaces meet, P is the mean of n n^T over their areas, each weighted by the square of
// the step in the material constant; for parallel layers, however thin, that is exact.
//
// In acoustics the roles are turned around: normal velocity is continuous, so
//   rho^-1 = P <rho>^-1 + (1 - P) <1/rho>,
// and a pressure point sees the mean compressibility <1/K>. Where densities differ by more than
// steepest_density_step, as those of gas and liquid, rho^-1 = <rho>^-1 in all directions, of first
// order: densities and compressibilities then add up by volume, and no wave of the grid is faster
// than the fastest material's, while <1/rho> beside a cell of stiff liquid makes waves that are
// faster by the root of the step, and a march with a step for the materials unstable (in two
// dimensions from a step of 20 to 50 on).
//
// Constants are real and above 0, one a material, in any unit.
#pragma once

#include <span>
#include <vector>

#include "core/yee_grid.hpp"
#include "physics/geometry.hpp"
#include "physics/mixture.hpp"

namespace wavesmith {

enum class TensorLaw { permittivity, density };

inline constexpr double steepest_density_step = 10.0;
// Of two densities, or their inverses.
constexpr bool is_steep(double one, double other) {
  return one > steepest_density_step * other || other > steepest_density_step * one;
}

// The inverse tensor of a mixture for materials with these constants.
SymmetricTensor inverse_tensor(const Mixture& mixture, std::span<const double> constants,
                               TensorLaw law = TensorLaw::permittivity);

// Adds to gradient[m] the derivative of sum(cotangent * inverse_tensor) with respect to
// constants[m]. `cotangent` is taken element by element in the order of SymmetricTensor (the
// off-diagonal elements once).
void pull_back_inverse_tensor(const Mixture& mixture, std::span<const double> constants,
                              const SymmetricTensor& cotangent, std::span<double> gradient,
                              TensorLaw law = TensorLaw::permittivity);

// <f> and <1/f>; their transposes add cotangent times derivative to gradient[m].
double mean(const Mixture& mixture, std::span<const double> constants);
double mean_inverse(const Mixture& mixture, std::span<const double> constants);
void pull_back_mean(const Mixture& mixture, double cotangent, std::span<double> gradient);
void pull_back_mean_inverse(const Mixture& mixture, std::span<const double> constants,
                            double cotangent, std::span<double> gradient);

SymmetricTensor average_inverse_permittivity(const Geometry& geometry,
                                             std::span<const double> permittivity_of_material,
                                             const Vec3& lo, const Vec3& hi);

// What happens to the box of a point on the low face of the domain: cut off there, or continued at
// the opposite face.
enum class FaceRule { clip, periodic };
using FaceRules = std::array<FaceRule, 3>;

// What each point of one component sees: row-major, x fastest, cells(0) x cells(1) x cells(2).
// A point's box is one cell wide: from edge to edge about a centre, from centre to centre about an
// edge. Along an axis of one cell nothing varies, and the box has no width.
struct ComponentMixtures {
  std::vector<std::int32_t> entry;  // material >= 0 that fills the box, or -1 - index of a mixture
  std::vector<Mixture> mixtures;    // in the order of their points
};
ComponentMixtures mixtures_on_grid(const Geometry& geometry, const YeeGrid& grid,
                                   const Places& places, const FaceRules& rules, int threads = 0);

// The boxes, one or more where it wraps around, that the points of a range look at.
std::vector<Bounds> averaging_boxes(const YeeGrid& grid, const Places& places,
                                    const FaceRules& rules, const IndexRange& range);

// Row c of the inverse tensor at the points of component c, where it is not diagonal.
struct OffDiagonal {
  std::size_t point = 0;
  double next = 0.0;        // element (c, (c + 1) mod 3)
  double after_next = 0.0;  // element (c, (c + 2) mod 3)
};

struct TensorRow {
  std::vector<double> diagonal;           // element (c, c) for every point
  std::vector<OffDiagonal> off_diagonal;  // by point
};

// Elements of row `component` from the mixtures of that component's points.
TensorRow tensor_row(const ComponentMixtures& mixtures, std::span<const double> constants,
                     int component, TensorLaw law = TensorLaw::permittivity);

// The transpose: adds to gradient[m] what cotangents of the row's elements (diagonal for every
// point, off-diagonal in the order of tensor_row) amount to.
void pull_back_tensor_row(const ComponentMixtures& mixtures, std::span<const double> constants,
                          int component, const TensorRow& cotangent, std::span<double> gradient,
                          TensorLaw law = TensorLaw::permittivity);

// The mean of 1/f, or of f, at every point: compressibility from bulk moduli, density.
std::vector<double> mean_on_grid(const ComponentMixtures& mixtures,
                                 std::span<const double> constants);
std::vector<double> mean_inverse_on_grid(const ComponentMixtures& mixtures,
                                         std::span<const double> constants);

// The three rows for the electric field.
std::array<TensorRow, 3> inverse_permittivity_on_grid(const Geometry& geometry, const YeeGrid& grid,
                                                      std::span<const double> permittivity,
                                                      const FaceRules& rules, int threads = 0);

}  // namespace wavesmith
