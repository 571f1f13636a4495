#include "physics/stl_solid.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <map>
#include <string_view>

#include "core/error.hpp"
#include "physics/input_file.hpp"

namespace wavesmith {
namespace {

static_assert(std::endian::native == std::endian::little, "STL files are little-endian");

constexpr std::size_t header_bytes = 84, triangle_bytes = 50;
constexpr std::uint64_t largest_file = 4ull << 30;

// Collects corners, three a triangle.
class MeshBuilder {
 public:
  MeshBuilder(const std::string& name, double scale, const Vec3& shift)
      : name_(name), scale_(scale), shift_(shift) {}

  void corner(const Vec3& raw) {
    for (const double v : raw)
      WAVESMITH_VALIDATE(std::isfinite(v), name_ + ": triangle " + std::to_string(count_ / 3 + 1) +
                                               " has a corner that is not finite");
    Vec3 p = scale_ * raw + shift_;
    for (double& v : p) v += 0.0;  // -0 and 0 are one place
    const auto [entry, fresh] =
        known_.try_emplace(p, static_cast<std::uint32_t>(mesh_.vertices.size()));
    if (fresh) mesh_.vertices.push_back(p);
    triangle_[count_ % 3] = entry->second;
    if (++count_ % 3 != 0) return;
    const auto [a, b, c] = triangle_;
    if (a != b && b != c && c != a) mesh_.triangles.push_back(triangle_);
  }
  std::size_t count() const { return count_; }
  TriangleMesh take() {
    WAVESMITH_VALIDATE(!mesh_.triangles.empty(), name_ + ": it has no triangles");
    return std::move(mesh_);
  }

 private:
  std::string name_;
  double scale_;
  Vec3 shift_;
  TriangleMesh mesh_;
  std::map<Vec3, std::uint32_t> known_;
  std::array<std::uint32_t, 3> triangle_{};
  std::size_t count_ = 0;
};

// "vertex x y z" is all that counts of the text form; the words around it are not looked at.
void parse_text(std::string_view text, const std::string& name, MeshBuilder& builder) {
  std::size_t line = 1, at = 0;
  const auto next_word = [&]() {
    while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at])) != 0)
      if (text[at++] == '\n') ++line;
    const std::size_t begin = at;
    while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at])) == 0) ++at;
    return text.substr(begin, at - begin);
  };
  for (std::string_view word = next_word(); !word.empty(); word = next_word()) {
    const bool ends = word == "endfacet" || word == "endsolid";
    WAVESMITH_VALIDATE(!ends || builder.count() % 3 == 0,
                       name + ":" + std::to_string(line) + ": a facet without three vertices");
    if (word != "vertex") continue;
    Vec3 p{};
    for (double& value : p) {
      std::string_view number = next_word();
      if (number.starts_with('+')) number.remove_prefix(1);
      const auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), value);
      WAVESMITH_VALIDATE(code == std::errc() && end == number.data() + number.size(),
                         name + ":" + std::to_string(line) + ": \"" +
                             std::string(number.substr(0, 40)) +
                             "\" is no coordinate; a vertex has three numbers");
    }
    builder.corner(p);
  }
  WAVESMITH_VALIDATE(builder.count() % 3 == 0, name + ": it ends within a facet");
}

// Consistent to the last bit for an edge seen from both of its triangles: ends in a fixed order.
bool ray_side_crosses(const Vec3& p, const Vec3& a, const Vec3& b) {
  if ((a[2] > p[2]) == (b[2] > p[2])) return false;
  const bool ordered = a < b;
  const Vec3 &first = ordered ? a : b, &second = ordered ? b : a;
  return first[1] + (p[2] - first[2]) / (second[2] - first[2]) * (second[1] - first[1]) > p[1];
}

Vec3 nearest_on_edge(const Vec3& p, const Vec3& a, const Vec3& b) {
  const Vec3 ab = b - a;
  const double t = std::clamp(dot(p - a, ab) / dot(ab, ab), 0.0, 1.0);
  return a + t * ab;
}

Vec3 nearest_on_triangle(const Vec3& p, const std::array<Vec3, 3>& t) {
  const Vec3 n = cross(t[1] - t[0], t[2] - t[0]);
  bool above = dot(n, n) > 0.0;
  for (std::size_t e = 0; e < 3 && above; ++e)
    above = dot(cross(t[(e + 1) % 3] - t[e], p - t[e]), n) >= 0.0;
  if (above) return p - (dot(p - t[0], n) / dot(n, n)) * n;
  Vec3 best{};
  double least = endless;
  for (std::size_t e = 0; e < 3; ++e) {
    const Vec3 q = nearest_on_edge(p, t[e], t[(e + 1) % 3]);
    if (length(p - q) < least) {
      least = length(p - q);
      best = q;
    }
  }
  return best;
}

void expect_closed(const TriangleMesh& mesh, const std::string& name) {
  std::vector<std::uint64_t> edges;
  edges.reserve(3 * mesh.triangles.size());
  for (const auto& t : mesh.triangles)
    for (std::size_t e = 0; e < 3; ++e) {
      const std::uint64_t a = std::min(t[e], t[(e + 1) % 3]), b = std::max(t[e], t[(e + 1) % 3]);
      edges.push_back(a << 32 | b);
    }
  std::sort(edges.begin(), edges.end());
  std::size_t open = 0, first = 0;
  for (std::size_t i = 0; i < edges.size();) {
    std::size_t end = i;
    while (end < edges.size() && edges[end] == edges[i]) ++end;
    if ((end - i) % 2 != 0 && open++ == 0) first = i;
    i = end;
  }
  if (open == 0) return;
  const Vec3& p = mesh.vertices[edges[first] >> 32];
  throw InputError(name + ": its surface is open: " + std::to_string(open) +
                   " edges belong to an odd number of triangles, the first at (" +
                   std::to_string(1e3 * p[0]) + ", " + std::to_string(1e3 * p[1]) + ", " +
                   std::to_string(1e3 * p[2]) +
                   ") mm; inside and outside are not defined, so close it in the program that "
                   "made it");
}

}  // namespace

TriangleMesh parse_stl(std::span<const std::uint8_t> bytes, const std::string& name, double scale,
                       const Vec3& shift) {
  WAVESMITH_VALIDATE(std::isfinite(scale) && scale > 0.0, name + ": its scale must be above 0");
  MeshBuilder builder(name, scale, shift);
  std::uint32_t count = 0;
  if (bytes.size() >= header_bytes) std::memcpy(&count, bytes.data() + 80, sizeof count);
  if (bytes.size() >= header_bytes &&
      bytes.size() == header_bytes + std::uint64_t{triangle_bytes} * count) {
    for (std::size_t n = 0; n < count; ++n)
      for (std::size_t k = 1; k <= 3; ++k) {
        std::array<float, 3> p{};
        std::memcpy(p.data(), bytes.data() + header_bytes + triangle_bytes * n + 12 * k, sizeof p);
        builder.corner({p[0], p[1], p[2]});
      }
    return builder.take();
  }
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  WAVESMITH_VALIDATE(text.starts_with("solid"),
                     name + ": it is neither text STL (which begins with \"solid\") nor binary (" +
                         std::to_string(bytes.size()) + " bytes do not match " +
                         std::to_string(count) + " triangles); is it cut short?");
  parse_text(text, name, builder);
  return builder.take();
}

TriangleMesh load_stl(const std::filesystem::path& path, double scale, const Vec3& shift) {
  return parse_stl(read_input_file(path, largest_file), path.string(), scale, shift);
}

MeshSolid::MeshSolid(TriangleMesh mesh, const std::string& name) : mesh_(std::move(mesh)) {
  WAVESMITH_VALIDATE(!mesh_.triangles.empty(), name + ": it has no triangles");
  for (const auto& t : mesh_.triangles)
    for (const std::uint32_t v : t)
      WAVESMITH_VALIDATE(v < mesh_.vertices.size(), name + ": a triangle has no such vertex");
  expect_closed(mesh_, name);
  std::vector<Bounds> boxes;
  boxes.reserve(mesh_.triangles.size());
  bounds_ = {{endless, endless, endless}, {-endless, -endless, -endless}};
  for (std::size_t t = 0; t < mesh_.triangles.size(); ++t) {
    const auto p = corners(t);
    Bounds box{p[0], p[0]};
    for (const Vec3& v : p)
      for (std::size_t a = 0; a < 3; ++a) {
        box.lo[a] = std::min(box.lo[a], v[a]);
        box.hi[a] = std::max(box.hi[a], v[a]);
      }
    for (std::size_t a = 0; a < 3; ++a) {
      bounds_.lo[a] = std::min(bounds_.lo[a], box.lo[a]);
      bounds_.hi[a] = std::max(bounds_.hi[a], box.hi[a]);
    }
    boxes.push_back(box);
  }
  bins_.emplace_back(boxes, bin_counts(bounds_, boxes.size(), {true, true, true}));
  bins_.emplace_back(boxes, bin_counts(bounds_, boxes.size(), {false, true, true}));
}

std::array<Vec3, 3> MeshSolid::corners(std::size_t triangle) const {
  const auto& t = mesh_.triangles[triangle];
  return {mesh_.vertices[t[0]], mesh_.vertices[t[1]], mesh_.vertices[t[2]]};
}

bool MeshSolid::contains(const Vec3& p) const {
  if (box_distance(bounds_, p) > 0.0) return false;
  bool inside = false;
  for (const std::uint32_t t : bins_[1].at(p)) {
    const auto [a, b, c] = corners(t);
    const bool under =
        ray_side_crosses(p, a, b) ^ ray_side_crosses(p, b, c) ^ ray_side_crosses(p, c, a);
    if (!under) continue;
    const Vec3 n = cross(b - a, c - a);
    // Where the ray meets the triangle's plane; edge-on triangles are never `under`.
    const double x = a[0] - (n[1] * (p[1] - a[1]) + n[2] * (p[2] - a[2])) / n[0];
    inside ^= x > p[0];
  }
  return inside;
}

SpatialBins::Nearest MeshSolid::nearest(const Vec3& p) const {
  return bins_[0].nearest(
      p, [&](std::size_t t) { return length(p - nearest_on_triangle(p, corners(t))); });
}

double MeshSolid::signed_distance(const Vec3& p) const {
  const double distance = nearest(p).distance;
  return contains(p) ? -distance : distance;
}

double MeshSolid::clearance(const Vec3& p) const {
  const double bound = bins_[0].distance_bound(p);
  return bound > 0.0 ? bound : nearest(p).distance;
}

Vec3 MeshSolid::normal(const Vec3& p) const {
  const auto found = nearest(p);
  const auto t = corners(found.item);
  const Vec3 away = p - nearest_on_triangle(p, t);
  const double sign = contains(p) ? -1.0 : 1.0;
  if (found.distance > 1e-12 * bounds_.radius()) return unit_vector(sign * away);
  // On the surface: the triangle's own normal, towards the side that is outside.
  const Vec3 n = unit_vector(cross(t[1] - t[0], t[2] - t[0]));
  return contains(p + (1e-9 * bounds_.radius()) * n) ? -1.0 * n : n;
}

}  // namespace wavesmith
