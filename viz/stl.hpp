// Height maps as closed solids for printing and milling, and any other mesh, in binary STL.
//
// Shape     Each pixel is a flat-topped column on a common base. Walls between columns lean by
//           `wall_fraction` of a pitch: exactly vertical walls would make columns that touch along
//           an edge share that edge four times, which slicers refuse as non-manifold. So the top is
//           a function of (x, y): its corners are shared, no edge is met by a corner of a
//           neighbour, and the volume stays that of the columns.
// Units     Metres in, millimetres in the file (what printers assume). z = 0 is the base's
// underside.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace wavesmith {

struct HeightMap {
  int nx = 0, ny = 0;           // pixels
  double dx = 0.0, dy = 0.0;    // pitch [m]
  double base = 0.0;            // thickness under height 0, > 0 [m]
  std::vector<double> heights;  // above the base, >= 0, x fastest [m]
};

struct Mesh {
  std::vector<std::array<float, 3>> vertices;           // [mm]
  std::vector<std::array<std::uint32_t, 3>> triangles;  // anticlockwise seen from outside
};

// A mesh whose vertices are given in metres.
Mesh in_millimetres(std::span<const std::array<double, 3>> vertices,
                    std::vector<std::array<std::uint32_t, 3>> triangles);

inline constexpr double wall_fraction = 1e-3;  // width of a wall over the pitch

// Throws InputError for a height, pitch or base that no solid has.
Mesh height_map_mesh(const HeightMap& map);

// Every edge is used by exactly two triangles, in opposite directions.
bool is_watertight(const Mesh& mesh);
// Enclosed volume by the divergence theorem [mm^3].
double volume(const Mesh& mesh);

// Throws InputError for a triangle of vertices that are not there.
void write_stl(const Mesh& mesh, const std::filesystem::path& path, const std::string& name);
void write_stl(const HeightMap& map, const std::filesystem::path& path, const std::string& name);

// A binary STL file, with vertices at the same place merged. Throws UnavailableError where there is
// no such file, InputError where it is not binary STL.
Mesh read_stl(const std::filesystem::path& path);

}  // namespace wavesmith
