// [[solid]] of a scene of waves in time.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "apps/scene_place.hpp"
#include "apps/wave_problem.hpp"
#include "core/error.hpp"
#include "physics/gds_layout.hpp"
#include "physics/gdsii.hpp"
#include "physics/prism_solid.hpp"
#include "physics/solids.hpp"
#include "physics/stl_solid.hpp"
#include "physics/voxel_solid.hpp"
#include "training/npy_file.hpp"
#ifdef WAVESMITH_HAS_VTK
#include "viz/canvas.hpp"
#endif

namespace wavesmith {
namespace {

// From `from` to `to` along an axis; either may be missing, and is then without end.
std::array<double, 2> read_span(const SceneTable& table, const std::string& from,
                                const std::string& to) {
  const std::array<double, 2> span = {table.length(from, -endless), table.length(to, endless)};
  if (!(span[0] < span[1])) throw table.error(to, "does not lie above " + from);
  return span;
}

// A size along each axis; "inf" and missing ones are endless.
Vec3 read_size(const SceneTable& table, const std::string& key) {
  Vec3 size = {endless, endless, endless};
  const std::vector<double> given = table.lengths(key, Range::above(0), Count::between(1, 3));
  std::copy(given.begin(), given.end(), size.begin());
  return size;
}

std::vector<Point2> read_corners(const SceneTable& table) {
  const std::vector<double> x = table.lengths("x", {}, Count::at_least(3));
  const std::vector<double> y = table.lengths("y", {}, Count::exactly(x.size()));
  std::vector<Point2> corners;
  for (std::size_t i = 0; i < x.size(); ++i) corners.push_back({x[i], y[i]});
  return corners;
}

SlantReference read_slant_reference(const SceneTable& table) {
  const std::string name = table.choice("slant_at", {"floor", "middle", "top"}, "floor");
  return name == "floor"    ? SlantReference::floor
         : name == "middle" ? SlantReference::middle
                            : SlantReference::top;
}

std::filesystem::path file_of(const SceneTable& table, const std::string& folder) {
  return std::filesystem::path(folder) / table.string("file");
}

std::vector<SolidPointer> read_layout(const SceneTable& table, const std::string& folder) {
  const std::filesystem::path file = file_of(table, folder);
  const GdsLibrary library = read_gdsii(file);
  const std::vector<std::string> tops = top_cells(library);
  if (tops.empty()) throw table.error("file", "holds no cell");
  const std::string cell = table.string("cell", tops.front());
  if (library.find(cell) == nullptr) throw table.error("cell", "is not in the file");
  const int layer = table.integer("layer", IntegerRange::between(0, 32767));
  const int datatype = table.integer("datatype", -1, IntegerRange::between(-1, 32767));
  const std::array<double, 2> z = read_span(table, "floor", "top");
  const double slant = table.angle("slant", 0.0);
  const SlantReference reference = read_slant_reference(table);
  const Vec3 shift = read_position(table, "shift", 2);
  validate_polygons(library, cell, layer, datatype, file.string());
  std::vector<SolidPointer> solids;
  for (GdsPolygon& polygon : flattened(library, cell)) {
    if (polygon.layer != layer || (datatype >= 0 && polygon.datatype != datatype)) continue;
    for (Point2& p : polygon.points) p = {p[0] + shift[0], p[1] + shift[1]};
    solids.push_back(
        std::make_shared<PrismSolid>(std::move(polygon.points), z[0], z[1], slant, reference));
  }
  if (solids.empty())
    throw table.error("layer", "has no polygons in cell " + cell + " of this file");
  return solids;
}

// Values of a .npy file, last index fastest: [z][y][x], [y][x] or [x].
SolidPointer read_voxels(const SceneTable& table, const std::string& folder) {
  const NpyArray array = read_npy(file_of(table, folder));
  if (array.shape.empty() || array.shape.size() > 3)
    throw table.error("file", "has " + std::to_string(array.shape.size()) +
                                  " dimensions; voxels have one to three");
  std::array<int, 3> n = {1, 1, 1};
  for (std::size_t d = 0; d < array.shape.size(); ++d)
    n[array.shape.size() - 1 - d] = static_cast<int>(array.shape[d]);
  std::vector<float> values(array.count());
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(array.value(i).real());
  const Vec3 centre = read_position(table, "centre", 3), half = 0.5 * read_size(table, "size");
  return std::make_shared<VoxelSolid>(Bounds{centre - half, centre + half}, n, std::move(values),
                                      table.number("threshold", 0.5));
}

// Dark is solid: a picture drawn in ink on paper.
SolidPointer read_image_solid(const SceneTable& table, const std::string& folder) {
#ifndef WAVESMITH_HAS_VTK
  static_cast<void>(folder);
  throw UnavailableError(table.where("kind") +
                         ": pictures are read with VTK, without which this program was built");
#else
  const Canvas image = read_png(file_of(table, folder));
  const std::array<int, 3> n = {image.width(), image.height(), 1};
  const bool light_is_solid = table.boolean("light_is_solid", false);
  std::vector<float> values(static_cast<std::size_t>(n[0]) * static_cast<std::size_t>(n[1]));
  for (int y = 0; y < n[1]; ++y)
    for (int x = 0; x < n[0]; ++x) {
      const Rgb pixel = image.pixel(x, n[1] - 1 - y);
      const float light = static_cast<float>(pixel.r + pixel.g + pixel.b) / 765.0f;
      values[static_cast<std::size_t>(y) * static_cast<std::size_t>(n[0]) +
             static_cast<std::size_t>(x)] = light_is_solid ? light : 1.0f - light;
    }
  const Vec3 centre = read_position(table, "centre", 3), half = 0.5 * read_size(table, "size");
  return std::make_shared<VoxelSolid>(Bounds{centre - half, centre + half}, n, std::move(values),
                                      table.number("threshold", 0.5));
#endif
}

SolidPointer read_box(const SceneTable& table) {
  const Vec3 centre = read_position(table, "centre", 3), size = read_size(table, "size");
  return std::make_shared<BoxSolid>(centre, size, table.angle("angle", 0.0));
}

SolidPointer read_ball(const SceneTable& table) {
  return std::make_shared<BallSolid>(read_position(table, "centre", 3),
                                     table.length("radius", Range::above(0)));
}

SolidPointer read_cylinder(const SceneTable& table) {
  const std::string axis = table.choice("axis", {"x", "y", "z"}, "z");
  return std::make_shared<CylinderSolid>(read_position(table, "centre", 3), axis[0] - 'x',
                                         table.length("radius", Range::above(0)),
                                         table.length("length", endless, Range::above(0)),
                                         table.length("inner_radius", 0.0, Range::at_least(0)));
}

SolidPointer read_prism(const SceneTable& table) {
  const std::array<double, 2> z = read_span(table, "floor", "top");
  return std::make_shared<PrismSolid>(read_corners(table), z[0], z[1], table.angle("slant", 0.0),
                                      read_slant_reference(table));
}

SolidPointer read_mesh(const SceneTable& table, const std::string& folder) {
  const std::filesystem::path file = file_of(table, folder);
  return std::make_shared<MeshSolid>(
      load_stl(file, table.length("unit", 1e-3, Range::above(0)), read_position(table, "shift", 3)),
      file.string());
}

using Solids = std::vector<SolidPointer>;
using Folder = const std::string&;
struct SolidKind {
  WaveKind kind;
  Solids (*read)(const SceneTable& table, Folder folder);
};
constexpr SolidKind solid_kinds[] = {
    {{"box", "A box, perhaps turned about z"},
     [](const SceneTable& t, Folder) -> Solids { return {read_box(t)}; }},
    {{"ball", "A ball"}, [](const SceneTable& t, Folder) -> Solids { return {read_ball(t)}; }},
    {{"cylinder", "A cylinder along an axis, or a pipe"},
     [](const SceneTable& t, Folder) -> Solids { return {read_cylinder(t)}; }},
    {{"prism", "A polygon in x and y with upright or slanted walls"},
     [](const SceneTable& t, Folder) -> Solids { return {read_prism(t)}; }},
    {{"layout", "The polygons of a layer of a GDSII file, as prisms"}, read_layout},
    {{"stl", "A closed surface of triangles"},
     [](const SceneTable& t, Folder folder) -> Solids { return {read_mesh(t, folder)}; }},
    {{"voxels", "Where the numbers of a .npy file are above a threshold"},
     [](const SceneTable& t, Folder folder) -> Solids { return {read_voxels(t, folder)}; }},
    {{"image", "Where a .png picture is dark, or light"},
     [](const SceneTable& t, Folder folder) -> Solids { return {read_image_solid(t, folder)}; }}};

Solids read_solid(const SceneTable& table, Folder folder) {
  std::vector<std::string> names;
  for (const WaveKind& kind : list_wave_solids()) names.emplace_back(kind.name);
  const std::string name = table.choice("kind", names);
  return std::find_if(std::begin(solid_kinds), std::end(solid_kinds),
                      [&](const SolidKind& entry) { return name == entry.kind.name; })
      ->read(table, folder);
}

}  // namespace

std::vector<WaveKind> list_wave_solids() {
  std::vector<WaveKind> kinds;
  for (const SolidKind& entry : solid_kinds) kinds.push_back(entry.kind);
  return kinds;
}

Vec3 read_position(const SceneTable& table, const std::string& key, int dimensions) {
  Vec3 position{};
  if (!table.has(key)) return position;
  const std::vector<double> given =
      table.lengths(key, {}, Count::between(1, static_cast<std::size_t>(dimensions)));
  std::copy(given.begin(), given.end(), position.begin());
  return position;
}

Geometry read_solids(const SceneTable& root, const WaveMaterials& materials, const YeeGrid& grid,
                     const std::string& scene_folder) {
  Geometry geometry(0);
  Bounds domain;
  for (std::size_t d = 0; d < 3; ++d) {
    domain.lo[d] = grid.axes[d].low();
    domain.hi[d] = grid.axes[d].high();
  }
  for (const SceneTable& table : root.tables("solid")) {
    const int material = materials.find(table, "material");
    std::vector<SolidPointer> solids =
        at_place(table, "file", [&] { return read_solid(table, scene_folder); });
    const bool touches = std::any_of(solids.begin(), solids.end(), [&](const SolidPointer& solid) {
      return solid->bounds().overlaps(domain);
    });
    if (!touches)
      throw table.error(
          "lies outside of the domain altogether; the domain is centred on the origin");
    for (SolidPointer& solid : solids) geometry.add(std::move(solid), material);
  }
  return geometry;
}

}  // namespace wavesmith
