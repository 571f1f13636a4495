// The part of a grid whose fields are marched backward in time, for derivatives that do not keep
// them.
//
// A leapfrog step without loss is undone by the same step with -C in place of C: with e, h the two
// groups after step n,
//   e(n - 1) = e(n) - C d(h(n - 1)) - drive,   h(n - 2) = h(n - 1) - C d(e(n - 1)) - drive,
// and a nonlinearity N(e_new) = N(e) + ... by solving the same equation with e and e_new exchanged.
// So the reversed march is a march, from e after the last step and h after the one before. It
// covers the design region alone: what its differences take from outside is imposed plane by plane,
// from records of the forward march, on points whose C and decay are 0 and whose drive is the
// value. Those planes are of the second group in front of the region, of the first group behind
// it, and only of the components whose difference is taken across the plane; none where a wall, a
// mirror or the period closes the region. A row with off-diagonal elements that reach further is
// imposed, with the plane that it lies in.
//
// A region is two of them where the grid holds the real and the imaginary part of complex fields.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "solvers/time_domain.hpp"

namespace wavesmith {

struct ReversedRegion {
  // Imposed values of a component: a plane of the whole grid, the same in the region, and which of
  // its points they are for (the others are of another plane, too).
  struct Plane {
    int component = 0;
    GridBox box, local;
    std::vector<std::uint8_t> counts;
  };
  // What a source of the setup adds to points that are marched backward, in a box of the region:
  // of each its place in the source's box, or none where it adds nothing.
  struct Driven {
    std::size_t source = 0;
    GridBox local;
    std::vector<std::size_t> places;
    static constexpr std::size_t none = static_cast<std::size_t>(-1);
  };

  std::vector<GridBox> parts;   // of the design region, in the whole grid
  std::array<int, 3> origin{};  // of the region's first point in the grid; may be -1
  GridLines lines;              // the region's own, without absorbing shells
  std::array<std::vector<double>, 6> coefficient, decay;  // at the region's points
  std::vector<NonlinearField> nonlinear;
  std::vector<TensorLink> links;
  std::vector<Plane> planes;
  std::vector<Driven> driven;
  GridBox design;  // in the region

  // Numbers that a step of the forward march leaves behind.
  std::size_t record_numbers() const;
  // Whether the differences that C of a component multiplies at a point of the grid can be taken
  // in the region, and that point there.
  bool sees_differences(const FieldPoint& of_grid, FieldPoint& of_region) const;

  std::array<int, 3> grid_points{};
  std::array<bool, 3> repeats{};  // axes of the grid, with period grid_points
  std::array<std::vector<std::uint8_t>, 6>
      knowledge;  // at the region's points: none, by march, imposed
};

// Throws InputError, saying why, where the design region cannot be marched backward: in absorbing
// layers, lossy or dispersive media, across the seam of a Bloch phase.
ReversedRegion reversed_region(const TimeDomainSetup& setup, const GridLines& lines,
                               const GridBox& design);

}  // namespace wavesmith
