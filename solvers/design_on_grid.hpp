// A pattern of solid and void (physics/design_pattern.hpp) on the grid of the time march, and the
// derivative with respect to its parameters.
//
// Two geometries that differ in the design region alone, all void and all solid, say what the
// pattern chooses between, height by height. At a point with the inverse permittivities a0 (void)
// and a1 (solid), the share f of solid and the projector P on the interface's normal,
//
//   eps^-1 = P <1/eps> + (1 - P) <eps>^-1,
//   <1/eps> = (1 - f) a0 + f a1,   <eps>^-1 = 1 / ((1 - f) / a0 + f / a1),
//
// the averages of physics/subpixel.hpp for walls that stand upright; TM (Ez) sees <eps>^-1 alone.
// Where a point averages over floor or top of the region too, a0 and a1 are the diagonal elements
// of its own component, and off-diagonal ones of either geometry are interpolated. At f = 0 and
// f = 1 all numbers are those of the two geometries.
//
// Off-diagonal elements that a steep contrast shortens (solvers/tensor_links.hpp) are
// differentiated as shortened, in the march's derivative.
//
// Sound. Pressure sees the mean compressibility, velocity
//   rho^-1 = P <rho>^-1 + (1 - P) <1/rho>.
#pragma once

#include "physics/design_pattern.hpp"
#include "solvers/place_geometry.hpp"

namespace wavesmith {

class DesignOnGrid {
 public:
  // `empty`, `filled`: the geometry with the region all void and all solid; where they differ is
  // the design, plain dielectrics of the same permeability. Of `setup` as in GeometryOnGrid. Throws
  // InputError where they do not differ, or differ in anything else; as GeometryOnGrid does.
  DesignOnGrid(const TimeDomainSetup& setup, Equations equations, const Geometry& empty,
               const Geometry& filled, std::span<const LightMaterial> materials, int threads = 0);

  // Sound; without absorption or nonlinearity in the design. reference: as in GeometryOnGrid.
  DesignOnGrid(const TimeDomainSetup& setup, const Geometry& empty, const Geometry& filled,
               std::span<const SoundMaterial> materials, const SoundMaterial& reference,
               int threads = 0);

  // All points that the pattern has a part in: the region whose derivative pull_back needs. Where
  // there is a tensor it is one point wider than where coefficients change, for what off-diagonal
  // elements reach.
  const GridBox& box() const { return box_; }

  // Over which a pattern's interfaces are smoothed: 0.917 of the widest cell of the region [m]. The
  // transform of the kernel of smoothed_step is zero at the frequency of points so far apart, as
  // that of a cell's box is: sums over points then do not depend on where between them an interface
  // lies. (At 0.55 of a cell it would seem up to 0.12 cells off.)
  double radius() const { return radius_; }

  // Overwrites coefficient and off_diagonal at the design's points. setup: as GeometryOnGrid::place
  // of `empty` left it, or this function. Returns what it saw of the pattern, for pull_back.
  PatternSamples place(TimeDomainSetup& setup, const DesignPattern& pattern,
                       std::span<const double> parameters, double beta) const;

  // Weights of the setup's sources, which were made in `empty`, for the same densities of current
  // (or force, or flow) in the medium that `place` left: what pull_back takes them for. Empty where
  // no source lies in the design.
  std::vector<std::vector<double>> weights_of_sources(const TimeDomainSetup& setup) const;

  // d loss / d parameters from the derivative at the points of box(), for a setup that `place` left
  // with the same pattern, parameters and beta, and saw as `samples`. Sound: with
  // GradientWants::second_group.
  std::vector<double> pull_back(const DesignPattern& pattern, std::span<const double> parameters,
                                double beta, const PatternSamples& samples,
                                const TimeDomainGradient& gradient) const;

 private:
  // A point of one component that the pattern has a part in.
  struct DesignPoint {
    std::size_t point = 0;   // stored
    std::size_t column = 0;  // of samples
    std::size_t in_box = 0;
    double empty = 1.0, filled = 1.0;                 // C
    std::array<double, 2> empty_off{}, filled_off{};  // next, after next
  };
  struct Row {
    int component = 0;
    int axis = 2;  // of the field; 2 also for pressure
    TensorLaw law = TensorLaw::permittivity;
    int tensor = -1;                      // row of the setup's off_diagonal; -1: a scalar
    std::vector<DesignPoint> points;      // by point
    std::vector<std::size_t> static_off;  // points of off-diagonal elements elsewhere, by point
  };
  // What a point sees, and the derivatives of its elements.
  struct Averages;

  void compare(const TimeDomainSetup& empty, const TimeDomainSetup& filled, Equations equations);
  Row compare_row(const StoredField& field, const TimeDomainSetup& empty,
                  const TimeDomainSetup& filled);
  void find_box();
  static Averages averages(const Row& row, const DesignPoint& at, const PatternSamples& samples);
  static bool has_off_diagonal(const Row& row, const DesignPoint& at, const Averages& seen);
  static void replace_off_diagonal(std::vector<OffDiagonal>& entries, const Row& row,
                                   const std::vector<OffDiagonal>& own);

  LeapfrogSize size_;
  YeeGrid grid_;
  std::vector<Row> rows_;
  std::vector<Point2> columns_;  // where the pattern is sampled
  GridBox box_;
  double radius_ = 0.0;
  bool tensor_ = false;  // whether any row is one
};

}  // namespace wavesmith
