#include "physics/contour.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/error.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

// The pixel centres, the border (with the values of the edge pixels) and, beyond it at no distance,
// a frame that is void: lines 0 and n + 3 are the frame, 1 and n + 2 the border.
class Nodes {
 public:
  Nodes(const Plane& pixels, std::span<const double> values, double level, double gap)
      : pixels_(pixels), values_(values), level_(level), gap_(gap) {}

  std::int64_t nx() const { return pixels_.nx + 4; }
  std::int64_t ny() const { return pixels_.ny + 4; }
  bool in_frame(std::int64_t i, std::int64_t j) const {
    return i == 0 || j == 0 || i == nx() - 1 || j == ny() - 1;
  }
  double excess(std::int64_t i, std::int64_t j) const {
    const auto pi = std::clamp<std::int64_t>(i - 2, 0, pixels_.nx - 1);
    const auto pj = std::clamp<std::int64_t>(j - 2, 0, pixels_.ny - 1);
    return values_[static_cast<std::size_t>(pj * pixels_.nx + pi)] - level_;
  }
  bool solid(std::int64_t i, std::int64_t j) const { return !in_frame(i, j) && excess(i, j) > 0.0; }

  Point2 place(std::int64_t i, std::int64_t j) const {
    return {line(i, pixels_.nx, pixels_.dx, pixels_.x0),
            line(j, pixels_.ny, pixels_.dy, pixels_.y0)};
  }

  // Where the field has the level between two neighbours, one of them solid.
  Point2 crossing(std::int64_t i, std::int64_t j, std::int64_t k, std::int64_t l) const {
    if (!solid(i, j)) return crossing(k, l, i, j);
    const Point2 a = place(i, j), b = place(k, l);
    if (in_frame(k, l)) return a;
    const double da = excess(i, j), length = std::hypot(b[0] - a[0], b[1] - a[1]);
    const double t = std::clamp(da / (da - excess(k, l)), gap_ / length, 1.0 - gap_ / length);
    return {a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])};
  }

  // Whether the two solid corners of a cell that lie across from each other are joined.
  bool joined(std::int64_t i, std::int64_t j) const {
    const double a = excess(i, j), b = excess(i + 1, j), c = excess(i + 1, j + 1),
                 d = excess(i, j + 1);
    // Value at the saddle point: (ac - bd) / (a + c - b - d).
    return (a * c - b * d) * (a + c - b - d) > 0.0;
  }

 private:
  static double line(std::int64_t i, int n, double step, double centre) {
    const double at = std::clamp(static_cast<double>(i) - 2.0, -0.5, n - 0.5);
    return centre + (at - 0.5 * (n - 1)) * step;
  }

  const Plane& pixels_;
  std::span<const double> values_;
  double level_, gap_;
};

void validate(const Plane& pixels, std::span<const double> values, double level,
              const ContourSettings& settings) {
  validate_plane(pixels, "contour");
  validate_count(values.size(), pixels.size(), "contour: values");
  validate_all_finite(values, "contour: values");
  validate_finite(level, "contour: level");
  validate_between(settings.gap, 0.0, 0.45 * std::min(pixels.dx, pixels.dy), "contour: gap");
  validate_not_negative(settings.tolerance, "contour: tolerance");
}

// The lines between neighbouring nodes: 2 n of them along x and y from node n.
constexpr std::uint32_t no_line = 0xffffffffu;

// For each line that the level crosses, the one that follows on its ring, solid on the left.
std::vector<std::uint32_t> link_lines(const Nodes& nodes) {
  std::vector<std::uint32_t> next(static_cast<std::size_t>(2 * nodes.nx() * nodes.ny()), no_line);
  for (std::int64_t j = 0; j + 1 < nodes.ny(); ++j)
    for (std::int64_t i = 0; i + 1 < nodes.nx(); ++i) {
      const std::int64_t n = j * nodes.nx() + i;
      // Corners and sides anticlockwise from the lower left corner.
      const bool solid[4] = {nodes.solid(i, j), nodes.solid(i + 1, j), nodes.solid(i + 1, j + 1),
                             nodes.solid(i, j + 1)};
      const std::int64_t side[4] = {2 * n, 2 * (n + 1) + 1, 2 * (n + nodes.nx()), 2 * n + 1};
      const int changes = (solid[0] != solid[1]) + (solid[1] != solid[2]) + (solid[2] != solid[3]) +
                          (solid[3] != solid[0]);
      if (changes == 0) continue;
      // From a side where the solid ends to one where it begins. Going round after the former is
      // the void: where it alone is cut off, the next crossing; where the solid is, the one before.
      const std::size_t step = changes == 2 || nodes.joined(i, j) ? 1 : 3;
      for (std::size_t s = 0; s < 4; ++s) {
        if (!solid[s] || solid[(s + 1) % 4]) continue;
        std::size_t to = (s + step) % 4;
        while (solid[to] == solid[(to + 1) % 4]) to = (to + step) % 4;
        next[static_cast<std::size_t>(side[s])] = static_cast<std::uint32_t>(side[to]);
      }
    }
  return next;
}

void drop_repeated(Ring& ring) {
  ring.erase(std::unique(ring.begin(), ring.end()), ring.end());
  while (ring.size() > 1 && ring.front() == ring.back()) ring.pop_back();
}

}  // namespace

std::vector<Ring> contour(const Plane& pixels, std::span<const double> values, double level,
                          const ContourSettings& settings) {
  validate(pixels, values, level, settings);
  const double pitch = std::min(pixels.dx, pixels.dy);
  const Nodes nodes(pixels, values, level, settings.gap > 0.0 ? settings.gap : 1e-3 * pitch);
  std::vector<std::uint32_t> next = link_lines(nodes);
  std::vector<Ring> rings;
  for (std::uint32_t start = 0; start < next.size(); ++start) {
    if (next[start] == no_line) continue;
    Ring ring;
    for (std::uint32_t line = start; next[line] != no_line;) {
      const std::int64_t n = line / 2, i = n % nodes.nx(), j = n / nodes.nx();
      ring.push_back(line % 2 == 0 ? nodes.crossing(i, j, i + 1, j)
                                   : nodes.crossing(i, j, i, j + 1));
      const std::uint32_t following = next[line];
      next[line] = no_line;
      line = following;
    }
    drop_repeated(ring);
    rings.push_back(std::move(ring));
  }
  return simplified(rings, std::max(settings.tolerance, 1e-9 * pitch));
}

}  // namespace wavesmith
