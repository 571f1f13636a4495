#include "physics/geometry.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "kernels/parallel.hpp"

namespace wavesmith {

Geometry::Geometry(int background) : background_(background) {
  WAVESMITH_VALIDATE(background >= 0, "geometry: materials are numbered from 0");
}

void Geometry::add(SolidPointer solid, int material) {
  WAVESMITH_VALIDATE(solid != nullptr, "geometry: there is no solid to add");
  WAVESMITH_VALIDATE(material >= 0, "geometry: materials are numbered from 0");
  bounds_.push_back(solid->bounds());
  solids_.push_back({std::move(solid), material});
}

int Geometry::material_at(const Vec3& p) const {
  for (std::size_t s = solids_.size(); s-- > 0;)
    if (bounds_[s].overlaps({p, p}) && solids_[s].solid->contains(p)) return solids_[s].material;
  return background_;
}

int Geometry::material_count() const {
  int most = background_;
  for (const PlacedSolid& s : solids_) most = std::max(most, s.material);
  return most + 1;
}

Places electric_places(int component) {
  Places places = pressure_places();
  places[static_cast<std::size_t>(component)] = Place::centre;
  return places;
}

Places magnetic_places(int component) {
  Places places = centre_places();
  places[static_cast<std::size_t>(component)] = Place::edge;
  return places;
}

Places velocity_places(int component) {
  return electric_places(component);
}

double position(const Axis& axis, Place place, int i) {
  return place == Place::edge ? axis.edge(i) : axis.centre(i);
}

Stack whole_stack(const Geometry& geometry) {
  Stack stack;
  stack.base = geometry.background();
  const auto solids = geometry.solids();
  for (std::size_t s = solids.size(); s-- > 0;) stack.crossing.push_back(&solids[s]);
  return stack;
}

Stack narrowed(const Stack& stack, std::span<const Bounds> boxes) {
  Stack result;
  result.base = stack.base;
  for (const PlacedSolid* placed : stack.crossing) {
    std::size_t inside = 0, outside = 0;
    for (const Bounds& box : boxes) {
      const Side side = placed->solid->side_of(box);
      inside += side == Side::inside ? 1 : 0;
      outside += side == Side::outside ? 1 : 0;
      if (side == Side::crossing) break;
    }
    if (outside == boxes.size()) continue;
    if (inside == boxes.size()) {
      result.base = placed->material;
      break;
    }
    result.crossing.push_back(placed);
  }
  // What has the material of everything below it makes no difference.
  while (!result.crossing.empty() && result.crossing.back()->material == result.base)
    result.crossing.pop_back();
  return result;
}

std::size_t IndexRange::size() const {
  std::size_t count = 1;
  for (std::size_t a = 0; a < 3; ++a) count *= static_cast<std::size_t>(end[a] - begin[a]);
  return count;
}

std::vector<IndexRange> row_ranges(const YeeGrid& grid, int first, int last) {
  std::vector<IndexRange> ranges;
  const int nx = grid.cells(0), ny = grid.cells(1);
  while (first < last) {
    const int j = first % ny, k = first / ny;
    if (j == 0 && last - first >= ny) {
      const int layers = (last - first) / ny;
      ranges.push_back({{0, 0, k}, {nx, ny, k + layers}});
      first += layers * ny;
    } else {
      const int rows = std::min(ny - j, last - first);
      ranges.push_back({{0, j, k}, {nx, j + rows, k + 1}});
      first += rows;
    }
  }
  return ranges;
}

void GridSweep::operator()(const IndexRange& range, const Stack& stack) const {
  const std::vector<Bounds> boxes = boxes_of(range);
  const Stack here = narrowed(stack, boxes);
  if (here.crossing.empty()) {
    uniform(range, here.base);
    return;
  }
  if (range.size() == 1) {
    point(range.begin[0], range.begin[1], range.begin[2], here);
    return;
  }
  std::size_t longest = 0;
  for (std::size_t a = 1; a < 3; ++a)
    if (range.end[a] - range.begin[a] > range.end[longest] - range.begin[longest]) longest = a;
  const int middle = (range.begin[longest] + range.end[longest]) / 2;
  IndexRange low = range, high = range;
  low.end[longest] = high.begin[longest] = middle;
  (*this)(low, here);
  (*this)(high, here);
}

std::vector<std::int32_t> materials_on_grid(const Geometry& geometry, const YeeGrid& grid,
                                            const Places& places, int threads) {
  std::vector<std::int32_t> materials(grid.size());
  const auto nx = static_cast<std::size_t>(grid.cells(0));
  const auto ny = static_cast<std::size_t>(grid.cells(1));
  const auto row = [&](int j, int k) {
    return materials.begin() +
           static_cast<std::ptrdiff_t>(
               (static_cast<std::size_t>(k) * ny + static_cast<std::size_t>(j)) * nx);
  };
  GridSweep sweep;
  sweep.boxes_of = [&](const IndexRange& range) {
    Bounds box;
    for (std::size_t a = 0; a < 3; ++a) {
      box.lo[a] = position(grid.axes[a], places[a], range.begin[a]);
      box.hi[a] = position(grid.axes[a], places[a], range.end[a] - 1);
    }
    return std::vector<Bounds>{box};
  };
  sweep.uniform = [&](const IndexRange& range, int material) {
    for (int k = range.begin[2]; k < range.end[2]; ++k)
      for (int j = range.begin[1]; j < range.end[1]; ++j)
        std::fill(row(j, k) + range.begin[0], row(j, k) + range.end[0], material);
  };
  sweep.point = [&](int i, int j, int k, const Stack& stack) {
    const Vec3 p{position(grid.axes[0], places[0], i), position(grid.axes[1], places[1], j),
                 position(grid.axes[2], places[2], k)};
    int material = stack.base;
    for (const PlacedSolid* placed : stack.crossing)
      if (placed->solid->contains(p)) {
        material = placed->material;
        break;
      }
    row(j, k)[i] = material;
  };
  const Stack all = whole_stack(geometry);
  // Shared out by whole rows (over y and z together), each thread a contiguous part.
  const int rows = grid.cells(1) * grid.cells(2);
  parallel_ranges(grid.size(), threads, [&](std::size_t begin, std::size_t end) {
    const auto first = static_cast<int>((begin + nx - 1) / nx);
    const auto last = std::min(static_cast<int>((end + nx - 1) / nx), rows);
    for (const IndexRange& range : row_ranges(grid, first, last)) sweep(range, all);
  });
  return materials;
}

}  // namespace wavesmith
