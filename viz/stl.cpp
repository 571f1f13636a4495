#include "viz/stl.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <unordered_map>

#include "core/atomic_file.hpp"
#include "core/error.hpp"

namespace wavesmith {
namespace {

static_assert(std::endian::native == std::endian::little, "STL files are little-endian");

constexpr double per_metre = 1e3;  // the file's millimetres
constexpr std::size_t header_bytes = 84, triangle_bytes = 50;
constexpr double largest_pixel_count = 1.5e7;  // 6 GB of triangles

using Point = std::array<float, 3>;

void validate(const HeightMap& map) {
  WAVESMITH_VALIDATE(map.nx >= 1 && map.ny >= 1, "height map: it has no pixels");
  const double count = static_cast<double>(map.nx) * map.ny;
  WAVESMITH_VALIDATE(count <= largest_pixel_count,
                     "height map: " + std::to_string(map.nx) + " x " + std::to_string(map.ny) +
                         " pixels make an STL file of " +
                         std::to_string(static_cast<long>(count * 400.0 / 1e9)) +
                         " GB; write it as .csv or cut it into parts");
  WAVESMITH_VALIDATE(map.heights.size() == static_cast<std::size_t>(count),
                     "height map: " + std::to_string(map.heights.size()) + " heights for " +
                         std::to_string(map.nx) + " x " + std::to_string(map.ny) + " pixels");
  const auto positive = [](double v) { return std::isfinite(v) && v > 0.0; };
  WAVESMITH_VALIDATE(positive(map.dx) && positive(map.dy), "height map: the pitch must be above 0");
  WAVESMITH_VALIDATE(positive(map.base),
                     "height map: the base must be thicker than 0 to hold the columns together");
  WAVESMITH_VALIDATE(std::all_of(map.heights.begin(), map.heights.end(),
                                 [](double h) { return std::isfinite(h) && h >= 0.0; }),
                     "height map: every height must be finite and not below 0");
}

// The two edges of each column along one axis, centred on 0; outer edges reach the solid's side.
std::vector<float> column_edges(int n, double pitch) {
  std::vector<float> edges;
  edges.reserve(2 * static_cast<std::size_t>(n));
  const double half_wall = 0.5 * wall_fraction;
  for (int i = 0; i < n; ++i) {
    const double left = i == 0 ? 0.0 : half_wall, right = i == n - 1 ? 0.0 : half_wall;
    edges.push_back(static_cast<float>(per_metre * pitch * (i - 0.5 * n + left)));
    edges.push_back(static_cast<float>(per_metre * pitch * (i + 1 - 0.5 * n - right)));
  }
  return edges;
}

struct PointHash {
  std::size_t operator()(const Point& p) const {
    std::uint64_t hash = 0x9e3779b97f4a7c15u;
    for (float v : p) {
      hash = (hash ^ std::bit_cast<std::uint32_t>(v + 0.0f)) * 0xbf58476d1ce4e5b9u;
      hash ^= hash >> 29;
    }
    return static_cast<std::size_t>(hash);
  }
};

Point normal(const Point& a, const Point& b, const Point& c) {
  std::array<double, 3> u, v;
  for (std::size_t i = 0; i < 3; ++i) {
    u[i] = static_cast<double>(b[i]) - static_cast<double>(a[i]);
    v[i] = static_cast<double>(c[i]) - static_cast<double>(a[i]);
  }
  const std::array<double, 3> n{u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2],
                                u[0] * v[1] - u[1] * v[0]};
  const double length = std::hypot(n[0], n[1], n[2]);
  if (length == 0.0) return {0.0f, 0.0f, 0.0f};
  return {static_cast<float>(n[0] / length), static_cast<float>(n[1] / length),
          static_cast<float>(n[2] / length)};
}

}  // namespace

Mesh height_map_mesh(const HeightMap& map) {
  validate(map);
  const std::vector<float> xs = column_edges(map.nx, map.dx), ys = column_edges(map.ny, map.dy);
  const auto columns = static_cast<std::uint32_t>(xs.size());
  const auto rows = static_cast<std::uint32_t>(ys.size());

  // The top: a grid of 2 nx by 2 ny corners, whose cells are in turn tops of columns and walls.
  Mesh mesh;
  mesh.vertices.reserve(static_cast<std::size_t>(columns) * rows + 2u * (columns + rows));
  for (std::uint32_t j = 0; j < rows; ++j)
    for (std::uint32_t i = 0; i < columns; ++i) {
      const std::size_t pixel =
          static_cast<std::size_t>(j / 2) * static_cast<std::size_t>(map.nx) + i / 2;
      mesh.vertices.push_back(
          {xs[i], ys[j], static_cast<float>(per_metre * (map.base + map.heights[pixel]))});
    }
  mesh.triangles.reserve(2u * static_cast<std::size_t>(columns - 1) * (rows - 1) +
                         6u * (columns + rows));
  const auto top = [&](std::uint32_t i, std::uint32_t j) { return j * columns + i; };
  for (std::uint32_t j = 0; j + 1 < rows; ++j)
    for (std::uint32_t i = 0; i + 1 < columns; ++i) {
      mesh.triangles.push_back({top(i, j), top(i + 1, j), top(i + 1, j + 1)});
      mesh.triangles.push_back({top(i, j), top(i + 1, j + 1), top(i, j + 1)});
    }

  // The sides, anticlockwise seen from above, and the underside as a fan around its centre.
  std::vector<std::uint32_t> rim;
  for (std::uint32_t i = 0; i + 1 < columns; ++i) rim.push_back(top(i, 0));
  for (std::uint32_t j = 0; j + 1 < rows; ++j) rim.push_back(top(columns - 1, j));
  for (std::uint32_t i = columns - 1; i > 0; --i) rim.push_back(top(i, rows - 1));
  for (std::uint32_t j = rows - 1; j > 0; --j) rim.push_back(top(0, j));
  const auto below = static_cast<std::uint32_t>(mesh.vertices.size());
  for (std::uint32_t corner : rim)
    mesh.vertices.push_back({mesh.vertices[corner][0], mesh.vertices[corner][1], 0.0f});
  const auto centre = static_cast<std::uint32_t>(mesh.vertices.size());
  mesh.vertices.push_back({0.0f, 0.0f, 0.0f});
  const auto count = static_cast<std::uint32_t>(rim.size());
  for (std::uint32_t n = 0; n < count; ++n) {
    const std::uint32_t next = (n + 1) % count;
    mesh.triangles.push_back({below + n, below + next, rim[next]});
    mesh.triangles.push_back({below + n, rim[next], rim[n]});
    mesh.triangles.push_back({centre, below + next, below + n});
  }
  return mesh;
}

Mesh in_millimetres(std::span<const std::array<double, 3>> vertices,
                    std::vector<std::array<std::uint32_t, 3>> triangles) {
  Mesh mesh;
  mesh.vertices.reserve(vertices.size());
  for (const std::array<double, 3>& v : vertices)
    mesh.vertices.push_back({static_cast<float>(per_metre * v[0]),
                             static_cast<float>(per_metre * v[1]),
                             static_cast<float>(per_metre * v[2])});
  mesh.triangles = std::move(triangles);
  return mesh;
}

bool is_watertight(const Mesh& mesh) {
  if (mesh.triangles.empty()) return false;
  // Directed edges sorted by their undirected name: each must be there once in either direction.
  std::vector<std::uint64_t> forward, backward;
  forward.reserve(mesh.triangles.size() * 3 / 2);
  backward.reserve(mesh.triangles.size() * 3 / 2);
  for (const auto& t : mesh.triangles)
    for (std::size_t n = 0; n < 3; ++n) {
      const std::uint64_t a = t[n], b = t[(n + 1) % 3];
      if (a == b) return false;
      if (a < b)
        forward.push_back(a << 32 | b);
      else
        backward.push_back(b << 32 | a);
    }
  std::sort(forward.begin(), forward.end());
  std::sort(backward.begin(), backward.end());
  return forward == backward && std::adjacent_find(forward.begin(), forward.end()) == forward.end();
}

double volume(const Mesh& mesh) {
  double six_volumes = 0.0;
  for (const auto& t : mesh.triangles) {
    std::array<std::array<double, 3>, 3> p;
    for (std::size_t n = 0; n < 3; ++n)
      std::copy(mesh.vertices[t[n]].begin(), mesh.vertices[t[n]].end(), p[n].begin());
    six_volumes += p[0][0] * (p[1][1] * p[2][2] - p[1][2] * p[2][1]) +
                   p[0][1] * (p[1][2] * p[2][0] - p[1][0] * p[2][2]) +
                   p[0][2] * (p[1][0] * p[2][1] - p[1][1] * p[2][0]);
  }
  return six_volumes / 6.0;
}

void write_stl(const HeightMap& map, const std::filesystem::path& path, const std::string& name) {
  write_stl(height_map_mesh(map), path, name);
}

void write_stl(const Mesh& mesh, const std::filesystem::path& path, const std::string& name) {
  for (const auto& t : mesh.triangles)
    WAVESMITH_VALIDATE(std::max({t[0], t[1], t[2]}) < mesh.vertices.size(),
                       path.string() + ": a triangle names a vertex that the mesh of " +
                           std::to_string(mesh.vertices.size()) + " vertices does not have");
  std::string bytes(header_bytes + triangle_bytes * mesh.triangles.size(), '\0');
  // A header that begins with "solid" would pass for the text form of STL.
  const std::string header = "binary STL, mm: " + name;
  std::copy_n(header.begin(), std::min<std::size_t>(header.size(), 79), bytes.begin());
  const auto count = static_cast<std::uint32_t>(mesh.triangles.size());
  std::memcpy(bytes.data() + 80, &count, sizeof count);
  char* at = bytes.data() + header_bytes;
  for (const auto& t : mesh.triangles) {
    const Point &a = mesh.vertices[t[0]], &b = mesh.vertices[t[1]], &c = mesh.vertices[t[2]];
    for (const Point& point : {normal(a, b, c), a, b, c}) {
      std::memcpy(at, point.data(), sizeof point);
      at += sizeof point;
    }
    at += 2;  // attribute, unused
  }
  write_file(path, bytes);
}

Mesh read_stl(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!std::filesystem::is_regular_file(path) || !file)
    throw UnavailableError(path.string() + ": there is no such file, or it cannot be read");
  const auto size = static_cast<std::size_t>(std::filesystem::file_size(path));
  std::array<char, header_bytes> header{};
  file.read(header.data(), header.size());
  std::uint32_t count = 0;
  std::memcpy(&count, header.data() + 80, sizeof count);
  WAVESMITH_VALIDATE(size >= header_bytes && size == header_bytes + triangle_bytes * count,
                     path.string() + ": it is not binary STL (" + std::to_string(size) +
                         " bytes do not match " + std::to_string(count) +
                         " triangles); is it the text form, or cut short?");
  Mesh mesh;
  std::unordered_map<Point, std::uint32_t, PointHash> known;
  std::array<char, triangle_bytes> record{};
  for (std::uint32_t n = 0; n < count && file.read(record.data(), record.size()); ++n) {
    std::array<std::uint32_t, 3> triangle{};
    for (std::size_t k = 0; k < 3; ++k) {
      Point point{};
      std::memcpy(point.data(), record.data() + 12 * (k + 1), sizeof point);
      WAVESMITH_VALIDATE(
          std::isfinite(point[0]) && std::isfinite(point[1]) && std::isfinite(point[2]),
          path.string() + ": triangle " + std::to_string(n) + " has a corner that is not finite");
      const auto [entry, fresh] =
          known.try_emplace(point, static_cast<std::uint32_t>(mesh.vertices.size()));
      if (fresh) mesh.vertices.push_back(point);
      triangle[k] = entry->second;
    }
    mesh.triangles.push_back(triangle);
  }
  return mesh;
}

}  // namespace wavesmith
