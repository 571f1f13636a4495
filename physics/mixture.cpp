#include "physics/mixture.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "physics/convex_piece.hpp"

namespace wavesmith {
namespace {

constexpr int deepest = 2;  // times that a box is cut in eight

// A solid's half-spaces within a box, in units where the box is about 1 long and centred on 0.
struct LocalSolid {
  int material = 0;
  std::vector<HalfSpace> half_spaces;
};

// A part of a solid's surface, under which nothing has been looked up yet.
struct Surface {
  int material = 0;
  Vec3 outward{};
  Polygon3 polygon;
};

class Collector {
 public:
  void add_box(const std::vector<const PlacedSolid*>& candidates, int base, const Bounds& box,
               int depth);
  Mixture result();

 private:
  void add_pieces(const std::vector<LocalSolid>& solids, int base, const Vec3& half, double unit);
  void add_volume(int material, double volume);
  void add_surface(int a, int b, const Vec3& normal, double area);

  std::vector<MaterialShare> materials_;
  std::vector<Interface> interfaces_;
};

void Collector::add_volume(int material, double volume) {
  if (!(volume > 0.0)) return;
  for (MaterialShare& m : materials_)
    if (m.material == material) {
      m.share += volume;
      return;
    }
  materials_.push_back({material, volume});
}

void Collector::add_surface(int a, int b, const Vec3& n, double area) {
  if (a == b || !(area > 0.0)) return;
  const int first = std::min(a, b), second = std::max(a, b);
  auto found = std::find_if(interfaces_.begin(), interfaces_.end(), [&](const Interface& i) {
    return i.first == first && i.second == second;
  });
  if (found == interfaces_.end()) found = interfaces_.insert(found, {first, second, {}});
  for (std::size_t r = 0; r < 3; ++r)
    for (std::size_t c = r; c < 3; ++c)
      found->orientation[tensor_place(r, c)] += area * n[r] * n[c];
}

// `unit`: metres of a local unit, for volumes and areas that parts of a box have in common.
void Collector::add_pieces(const std::vector<LocalSolid>& solids, int base, const Vec3& half,
                           double unit) {
  const double volume_unit = unit * unit * unit, area_unit = unit * unit;
  if (solids.size() == 1 && solids[0].half_spaces.size() == 1) {
    const HalfSpace& only = solids[0].half_spaces[0];
    const BoxCut cut = cut_box(half, only);
    add_volume(solids[0].material, volume_unit * cut.volume);
    add_volume(base, volume_unit * (8.0 * half[0] * half[1] * half[2] - cut.volume));
    add_surface(solids[0].material, base, only.normal, area_unit * cut.area);
    return;
  }
  std::vector<ConvexPiece> remaining{ConvexPiece(half)};
  std::vector<Surface> surfaces, next_surfaces;
  for (const LocalSolid& solid : solids) {
    // Surfaces above: where this solid lies on their other side, the pair is known.
    next_surfaces.clear();
    for (Surface& surface : surfaces) {
      // Looked at a little outside the surface, so that a face shared by two solids is seen.
      Polygon3 inside = std::move(surface.polygon);
      std::vector<Polygon3> others;
      for (const HalfSpace& h : solid.half_spaces) {
        const HalfSpace seen{h.normal, h.offset - 1e-9 * dot(h.normal, surface.outward)};
        SplitPolygon parts = split(inside, seen);
        if (!parts.outside.empty() && polygon_area(parts.outside) > 0.0)
          others.push_back(std::move(parts.outside));
        inside = std::move(parts.inside);
        if (inside.empty()) break;
      }
      if (!inside.empty())
        add_surface(surface.material, solid.material, surface.outward,
                    area_unit * polygon_area(inside));
      for (Polygon3& other : others)
        next_surfaces.push_back({surface.material, surface.outward, std::move(other)});
    }
    surfaces.swap(next_surfaces);

    // What is left of the box, less this solid. Each half-space cuts off a convex piece outside;
    // what all of them keep is inside.
    std::vector<ConvexPiece> left;
    for (ConvexPiece& piece : remaining) {
      ConvexPiece inside = std::move(piece);
      std::vector<Surface> faces;
      for (const HalfSpace& h : solid.half_spaces) {
        ConvexPiece::Parts parts = inside.split(h);
        // Faces cut so far lose what lies beyond this plane.
        for (Surface& face : faces) face.polygon = split(face.polygon, h).inside;
        if (!parts.cut.empty()) faces.push_back({solid.material, h.normal, std::move(parts.cut)});
        if (!parts.outside.empty()) left.push_back(std::move(parts.outside));
        inside = std::move(parts.inside);
        if (inside.empty()) break;
      }
      if (inside.empty()) continue;
      add_volume(solid.material, volume_unit * inside.volume());
      for (Surface& face : faces)
        if (!face.polygon.empty()) surfaces.push_back(std::move(face));
    }
    remaining = std::move(left);
  }
  for (const ConvexPiece& piece : remaining) add_volume(base, volume_unit * piece.volume());
  for (const Surface& s : surfaces)
    add_surface(s.material, base, s.outward, area_unit * polygon_area(s.polygon));
}

void Collector::add_box(const std::vector<const PlacedSolid*>& candidates, int base,
                        const Bounds& box, int depth) {
  const Vec3 centre = box.centre(), half = box.half();
  const double unit = 2.0 * std::max({half[0], half[1], half[2]});
  const double tolerance = depth < deepest ? plane_tolerance : endless;
  std::vector<const PlacedSolid*> here;
  std::vector<LocalSolid> solids;
  std::vector<HalfSpace> half_spaces;
  bool unresolved = false;
  for (const PlacedSolid* placed : candidates) {
    Side side = placed->solid->side_of(box);
    if (side == Side::crossing) {
      const Cover cover = placed->solid->cover(box, tolerance, half_spaces);
      if (cover == Cover::inside) side = Side::inside;
      if (cover == Cover::outside) side = Side::outside;
      unresolved = unresolved || cover == Cover::unresolved;
    }
    if (side == Side::outside) continue;
    if (side == Side::inside) {
      base = placed->material;
      break;
    }
    here.push_back(placed);
    LocalSolid local{placed->material, {}};
    for (const HalfSpace& h : half_spaces)
      local.half_spaces.push_back({h.normal, (h.offset - dot(h.normal, centre)) / unit});
    solids.push_back(std::move(local));
  }
  while (!here.empty() && here.back()->material == base) {
    here.pop_back();
    solids.pop_back();
  }
  if (here.empty()) {
    add_volume(base, 8.0 * half[0] * half[1] * half[2]);
    return;
  }
  if (!unresolved) {
    add_pieces(solids, base, (1.0 / unit) * half, unit);
    return;
  }
  for (unsigned corner = 0; corner < 8; ++corner) {
    Bounds part = box;
    bool skip = false;
    for (std::size_t a = 0; a < 3; ++a) {
      const bool upper = (corner >> a & 1u) != 0u;
      // Along a thin axis there is nothing to resolve.
      if (2.0 * half[a] < 0.01 * unit)
        skip = skip || upper;
      else
        (upper ? part.lo[a] : part.hi[a]) = centre[a];
    }
    if (!skip) add_box(here, base, part, depth + 1);
  }
}

Mixture Collector::result() {
  double total = 0.0;
  for (const MaterialShare& m : materials_) total += m.share;
  // Slivers that rounding leaves are no material.
  std::erase_if(materials_, [&](const MaterialShare& m) { return m.share < 1e-11 * total; });
  total = 0.0;
  for (const MaterialShare& m : materials_) total += m.share;
  for (MaterialShare& m : materials_) m.share /= total;
  std::sort(materials_.begin(), materials_.end(),
            [](const auto& a, const auto& b) { return a.material < b.material; });
  const auto present = [&](int material) {
    return std::any_of(materials_.begin(), materials_.end(),
                       [&](const MaterialShare& m) { return m.material == material; });
  };
  std::erase_if(interfaces_,
                [&](const Interface& i) { return !present(i.first) || !present(i.second); });
  // Areas in units of their sum, so that their size does not depend on the box's.
  double area = 0.0;
  for (const Interface& i : interfaces_)
    area += i.orientation[0] + i.orientation[1] + i.orientation[2];
  for (Interface& i : interfaces_)
    for (double& value : i.orientation) value /= area;
  std::sort(interfaces_.begin(), interfaces_.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first, a.second) < std::pair(b.first, b.second);
  });
  return {std::move(materials_), std::move(interfaces_)};
}

}  // namespace

Mixture mixture_of(const Stack& stack, std::span<const Bounds> parts) {
  Collector collector;
  double largest = 0.0;
  for (const Bounds& part : parts)
    for (std::size_t a = 0; a < 3; ++a) largest = std::max(largest, part.hi[a] - part.lo[a]);
  if (largest <= 0.0) {
    const Vec3 p = parts.front().lo;
    int material = stack.base;
    for (const PlacedSolid* placed : stack.crossing)
      if (placed->solid->contains(p)) {
        material = placed->material;
        break;
      }
    return {{{material, 1.0}}, {}};
  }
  for (Bounds part : parts) {
    for (std::size_t a = 0; a < 3; ++a) {
      const double thin = 1e-3 * largest - (part.hi[a] - part.lo[a]);
      if (thin <= 0.0) continue;
      part.lo[a] -= 0.5 * thin;
      part.hi[a] += 0.5 * thin;
    }
    collector.add_box(stack.crossing, stack.base, part, 0);
  }
  return collector.result();
}

Mixture mixture_of(const Geometry& geometry, const Vec3& lo, const Vec3& hi) {
  for (std::size_t a = 0; a < 3; ++a)
    WAVESMITH_VALIDATE(std::isfinite(lo[a]) && std::isfinite(hi[a]) && lo[a] <= hi[a],
                       "averaging box: its corners must be finite, the low one first");
  const Bounds box{lo, hi};
  const Stack stack = narrowed(whole_stack(geometry), {&box, 1});
  return mixture_of(stack, {&box, 1});
}

}  // namespace wavesmith
