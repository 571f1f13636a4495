// What a small box holds: the share of each material, and how the surfaces between them lie.
//
// Found once from the geometry; averages of any quantity follow from it (physics/subpixel.hpp).
// Every solid is, within the box, an intersection of half-spaces (Solid::cover), so shares and
// areas are exact volumes of cut boxes however many surfaces meet, and second order for curved
// surfaces. Where a surface is no plane on the scale of the box, the box is cut in eight, at most
// twice.
#pragma once

#include <array>
#include <vector>

#include "physics/geometry.hpp"

namespace wavesmith {

// A symmetric 3 x 3 tensor: xx, yy, zz, xy, xz, yz.
using SymmetricTensor = std::array<double, 6>;

// The place of element (row, column) in a SymmetricTensor.
constexpr std::size_t tensor_place(std::size_t row, std::size_t column) {
  return row == column ? row : row + column + 2;
}

struct MaterialShare {
  int material = 0;
  double share = 0.0;  // of the volume, 0 to 1
};

struct Interface {
  int first = 0, second = 0;      // materials, first < second
  SymmetricTensor orientation{};  // sum of area times n n^T; its trace is the area, up to a unit
                                  // that is common to all interfaces of a box
};

struct Mixture {
  std::vector<MaterialShare> materials;  // by number; the shares sum to 1
  std::vector<Interface> interfaces;

  bool uniform() const { return materials.size() == 1; }
};

// `parts`: boxes whose contents are taken together (a box that wraps around a periodic domain).
// A size of 0 along an axis stands for a very thin box, and a point for what is there.
Mixture mixture_of(const Stack& stack, std::span<const Bounds> parts);
Mixture mixture_of(const Geometry& geometry, const Vec3& lo, const Vec3& hi);

}  // namespace wavesmith
