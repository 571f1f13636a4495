// What lies where: solids of numbered materials, later ones over earlier ones.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/yee_grid.hpp"
#include "physics/solid.hpp"

namespace wavesmith {

struct PlacedSolid {
  SolidPointer solid;
  int material = 0;
};

class Geometry {
 public:
  // `background`: the material where no solid is.
  explicit Geometry(int background = 0);

  // Over everything added before. Materials are numbered from 0.
  void add(SolidPointer solid, int material);

  int material_at(const Vec3& p) const;
  std::span<const PlacedSolid> solids() const { return solids_; }  // in the order added
  int background() const { return background_; }
  int material_count() const;  // the largest number in use, plus 1

 private:
  std::vector<PlacedSolid> solids_;
  std::vector<Bounds> bounds_;
  int background_;
};

// Where a component's points lie along each axis (core/yee_grid.hpp).
enum class Place { edge, centre };
using Places = std::array<Place, 3>;
Places electric_places(int component);  // Ex, Ey, Ez: 0, 1, 2
Places magnetic_places(int component);
Places velocity_places(int component);
inline Places pressure_places() {
  return {Place::edge, Place::edge, Place::edge};
}
inline Places centre_places() {
  return {Place::centre, Place::centre, Place::centre};
}

double position(const Axis& axis, Place place, int i);  // [m]

// The material at each point, row-major, x fastest, cells(0) x cells(1) x cells(2) of them: an axis
// with points at edges has none at its last edge. `threads` <= 0: all.
std::vector<std::int32_t> materials_on_grid(const Geometry& geometry, const YeeGrid& grid,
                                            const Places& places, int threads = 0);

// The solids that a region may touch, the topmost first, and what lies under all of them there.
struct Stack {
  std::vector<const PlacedSolid*> crossing;
  int base = 0;
};
Stack whole_stack(const Geometry& geometry);
// What of `stack` remains within `boxes` taken together; every material within them is then in it.
Stack narrowed(const Stack& stack, std::span<const Bounds> boxes);

// Points [begin, end) along each axis.
struct IndexRange {
  std::array<int, 3> begin{}, end{};
  std::size_t size() const;
};

// Rows [first, last), counted along y and then z, as at most three blocks of rows.
std::vector<IndexRange> row_ranges(const YeeGrid& grid, int first, int last);

// Halves `range` again and again until it is of one material or one point, and calls
// uniform(range, material) or point(i, j, k, stack) for each part. `boxes_of` gives the regions
// that a range's points look at.
struct GridSweep {
  std::function<std::vector<Bounds>(const IndexRange&)> boxes_of;
  std::function<void(const IndexRange&, int material)> uniform;
  std::function<void(int i, int j, int k, const Stack&)> point;

  void operator()(const IndexRange& range, const Stack& stack) const;
};

}  // namespace wavesmith
