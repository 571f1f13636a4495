#include "physics/distance_transform.hpp"

#include <algorithm>

namespace wavesmith {
namespace {

// out[q] = min over p of (q - p)^2 + f[p]; the envelope's parabolas stand at `at` and meet where
// the next one's reign `from` begins.
class Envelope {
 public:
  explicit Envelope(int n)
      : at_(static_cast<std::size_t>(n)), from_(static_cast<std::size_t>(n) + 1) {}

  void transform(const std::vector<std::int64_t>& f, std::vector<std::int64_t>& out) {
    const auto n = static_cast<std::int64_t>(f.size());
    std::size_t last = 0;
    at_[0] = 0;
    from_[0] = 0;
    for (std::int64_t q = 1; q < n; ++q) {
      // The first whole place at which the parabola at q is not above the one at p.
      const auto start = [&](std::int64_t p) {
        const std::int64_t up =
            f[static_cast<std::size_t>(q)] + q * q - f[static_cast<std::size_t>(p)] - p * p;
        const std::int64_t down = 2 * (q - p);
        return up <= 0 ? std::int64_t{0} : (up + down - 1) / down;
      };
      std::int64_t begins = start(at_[last]);
      while (last > 0 && begins <= from_[last]) begins = start(at_[--last]);
      if (last == 0 && begins <= from_[0]) {
        at_[0] = q;
        from_[0] = 0;
        continue;
      }
      if (begins >= n) continue;
      at_[++last] = q;
      from_[last] = begins;
    }
    std::size_t k = 0;
    for (std::int64_t q = 0; q < n; ++q) {
      while (k < last && from_[k + 1] <= q) ++k;
      const std::int64_t d = q - at_[k];
      out[static_cast<std::size_t>(q)] = d * d + f[static_cast<std::size_t>(at_[k])];
    }
  }

 private:
  std::vector<std::int64_t> at_, from_;
};

}  // namespace

std::vector<std::int32_t> squared_distances(std::span<const char> marked, int nx, int ny) {
  const auto width = static_cast<std::size_t>(nx), height = static_cast<std::size_t>(ny);
  const std::int64_t none = static_cast<std::int64_t>(nx) * nx + static_cast<std::int64_t>(ny) * ny;
  std::vector<std::int32_t> distance(width * height);
  // Along rows there and back.
  for (std::size_t j = 0; j < height; ++j) {
    std::int32_t* const row = distance.data() + j * width;
    std::int64_t steps = nx + ny;  // more than any distance
    const auto visit = [&](std::size_t i, bool first) {
      steps = marked[j * width + i] != 0 ? 0 : steps + 1;
      const auto square = static_cast<std::int32_t>(std::min(steps * steps, none));
      row[i] = first ? square : std::min(row[i], square);
    };
    for (std::size_t i = 0; i < width; ++i) visit(i, true);
    steps = nx + ny;
    for (std::size_t i = width; i-- > 0;) visit(i, false);
  }
  Envelope column(ny);
  std::vector<std::int64_t> f(height), out(height);
  for (std::size_t i = 0; i < width; ++i) {
    for (std::size_t j = 0; j < height; ++j) f[j] = distance[j * width + i];
    column.transform(f, out);
    for (std::size_t j = 0; j < height; ++j)
      distance[j * width + i] = static_cast<std::int32_t>(std::min(out[j], none));
  }
  return distance;
}

}  // namespace wavesmith
