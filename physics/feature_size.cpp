#include "physics/feature_size.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <tuple>
#include <vector>

#include "core/error.hpp"
#include "physics/distance_transform.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

constexpr double most_pixels = 4e7;

// Pixels of a window, with a margin of `pad` on every side.
struct Raster {
  Point2 lo{};         // of the window [m]
  double pixel = 0.0;  // [m]
  int nx = 0, ny = 0;  // with the margin
  int pad = 0;
  std::vector<char> solid;

  std::size_t at(int i, int j) const {
    return static_cast<std::size_t>(j) * static_cast<std::size_t>(nx) + static_cast<std::size_t>(i);
  }
  bool in_window(std::size_t n) const {
    const auto i = static_cast<int>(n % static_cast<std::size_t>(nx)),
               j = static_cast<int>(n / static_cast<std::size_t>(nx));
    return i >= pad && j >= pad && i < nx - pad && j < ny - pad;
  }
  Point2 place(std::size_t n) const {
    const auto i = static_cast<double>(n % static_cast<std::size_t>(nx)),
               j = static_cast<double>(n / static_cast<std::size_t>(nx));
    return {lo[0] + (i - pad + 0.5) * pixel, lo[1] + (j - pad + 0.5) * pixel};
  }
};

// Winding numbers at pixel centres, row by row.
void draw(std::span<const Ring> rings, Raster& raster) {
  std::vector<std::vector<std::pair<double, int>>> rows(static_cast<std::size_t>(raster.ny));
  const double y0 = raster.lo[1] - raster.pad * raster.pixel, p = raster.pixel;
  for (const Ring& ring : rings)
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const Point2 &a = ring[i], &b = ring[(i + 1) % ring.size()];
      const Point2 &low = a[1] < b[1] ? a : b, &high = a[1] < b[1] ? b : a;
      const auto row = [&](double y) {
        return static_cast<int>(
            std::clamp(std::ceil((y - y0) / p - 0.5), 0.0, static_cast<double>(raster.ny)));
      };
      for (int j = row(low[1]); j < row(high[1]); ++j) {
        const double y = y0 + (j + 0.5) * p;
        rows[static_cast<std::size_t>(j)].push_back(
            {low[0] + (y - low[1]) / (high[1] - low[1]) * (high[0] - low[0]),
             b[1] < a[1] ? 1 : -1});
      }
    }
  const double x0 = raster.lo[0] - raster.pad * raster.pixel;
  for (int j = 0; j < raster.ny; ++j) {
    auto& row = rows[static_cast<std::size_t>(j)];
    std::sort(row.begin(), row.end());
    std::size_t next = 0;
    int winding = 0;
    for (int i = 0; i < raster.nx; ++i) {
      while (next < row.size() && row[next].first <= x0 + (i + 0.5) * p)
        winding += row[next++].second;
      raster.solid[raster.at(i, j)] = winding > 0;
    }
  }
}

Raster rasterised(std::span<const Ring> rings, const FeatureSettings& settings, double& largest) {
  WAVESMITH_VALIDATE(
      std::any_of(rings.begin(), rings.end(), [](const Ring& r) { return r.size() >= 3; }),
      "feature size: there are no polygons to measure");
  Point2 lo{HUGE_VAL, HUGE_VAL}, hi{-HUGE_VAL, -HUGE_VAL};
  for (const Ring& ring : rings)
    for (const Point2& q : ring)
      for (std::size_t a = 0; a < 2; ++a) {
        validate_finite(q[a], "feature size: a corner");
        lo[a] = std::min(lo[a], q[a]);
        hi[a] = std::max(hi[a], q[a]);
      }
  if (settings.region) std::tie(lo, hi) = std::tie((*settings.region)[0], (*settings.region)[1]);
  const double extent = std::max(hi[0] - lo[0], hi[1] - lo[1]);
  WAVESMITH_VALIDATE(hi[0] > lo[0] && hi[1] > lo[1] && std::isfinite(extent),
                     "feature size: the region to measure has no area");
  validate_not_negative(settings.accuracy, "feature size: accuracy");
  validate_not_negative(settings.largest, "feature size: largest width");
  const double accuracy = settings.accuracy > 0.0 ? settings.accuracy : extent / 500.0;
  largest = settings.largest > 0.0 ? settings.largest : 0.25 * extent;

  const double pixel = 0.5 * accuracy;
  // Discs up to the largest width find room beyond the window, corners included.
  const double pad = std::ceil(0.5 * std::numbers::sqrt2 * largest / pixel) + 4.0;
  const double nx = std::ceil((hi[0] - lo[0]) / pixel) + 2.0 * pad,
               ny = std::ceil((hi[1] - lo[1]) / pixel) + 2.0 * pad;
  WAVESMITH_VALIDATE(
      nx * ny <= most_pixels,
      fmt::format("feature size: {:.3g} x {:.3g} pixels are too many to measure; "
                  "take a coarser accuracy than {:.3g} nm or a smaller largest width",
                  nx, ny, 1e9 * accuracy));
  Raster raster;
  raster.pixel = pixel;
  raster.nx = static_cast<int>(nx);
  raster.ny = static_cast<int>(ny);
  raster.pad = static_cast<int>(pad);
  // The window's middle stays where it is; its pixels reach a little farther.
  for (std::size_t a = 0; a < 2; ++a)
    raster.lo[a] = 0.5 * (lo[a] + hi[a]) - 0.5 * ((a == 0 ? nx : ny) - 2.0 * pad) * pixel;
  raster.solid.resize(raster.at(0, raster.ny));
  draw(rings, raster);
  if (settings.region) {
    const std::vector<char> drawn = raster.solid;
    const int p = raster.pad;
    for (int j = 0; j < raster.ny; ++j)
      for (int i = 0; i < raster.nx; ++i)
        raster.solid[raster.at(i, j)] = drawn[raster.at(std::clamp(i, p, raster.nx - p - 1),
                                                        std::clamp(j, p, raster.ny - p - 1))];
  }
  return raster;
}

// Sets of pixels that grow together.
class Unions {
 public:
  explicit Unions(std::size_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), 0u); }
  std::uint32_t find(std::size_t n) {
    auto i = static_cast<std::uint32_t>(n);
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(std::uint32_t under, std::uint32_t top) { parent_[under] = top; }

 private:
  std::vector<std::uint32_t> parent_;
};

// One of the two sets, S, on the raster. Distances in pixels.
class Measure {
 public:
  Measure(const Raster& raster, bool of_solid) : raster_(raster), in_(raster.solid) {
    if (!of_solid)
      for (char& v : in_) v = !v;
    std::vector<char> out(in_.size());
    for (std::size_t n = 0; n < in_.size(); ++n) out[n] = !in_[n];
    empty_ = std::find(in_.begin(), in_.end(), 1) == in_.end() ||
             std::find(out.begin(), out.end(), 1) == out.end();
    if (empty_) return;
    square_ = squared_distances(out, raster.nx, raster.ny);
    for (std::size_t n = 0; n < in_.size(); ++n)
      if (in_[n]) order_.push_back(static_cast<std::uint32_t>(n));
    std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
      return square_[a] != square_[b] ? square_[a] < square_[b] : a < b;
    });
  }

  Feature least(double largest) const {
    Feature best{false, largest, {}};
    if (empty_) return best;
    for (const auto& [width, pixel] : {by_necks(), by_walls(), by_discs(largest)}) {
      const double metres = width * raster_.pixel;
      if (metres < best.width) best = {true, metres, raster_.place(pixel)};
    }
    return best;
  }

 private:
  struct Found {
    double width = HUGE_VAL;  // [pixels]
    std::size_t pixel = 0;
  };

  // A ridge of distance v between pixel centres is 2 v - 1 pixels wide, or 2 v where the middle
  // lies between two pixels.
  static double width_of(double v) { return 2.0 * v - 0.5; }
  double distance(std::size_t n) const { return std::sqrt(static_cast<double>(square_[n])); }

  template <class Visit>
  void each_neighbour(std::size_t n, int reach, const Visit& visit) const {
    const auto i = static_cast<int>(n % static_cast<std::size_t>(raster_.nx)),
               j = static_cast<int>(n / static_cast<std::size_t>(raster_.nx));
    for (int b = std::max(j - 1, 0); b <= std::min(j + 1, raster_.ny - 1); ++b)
      for (int a = std::max(i - 1, 0); a <= std::min(i + 1, raster_.nx - 1); ++a)
        if (std::abs(a - i) + std::abs(b - j) <= reach) visit(raster_.at(a, b));
  }

  // Pixels of S from the deepest up: where two hills meet is the neck between them. Hills that rise
  // above it by less than the raster's roughness are none.
  Found by_necks() const {
    constexpr double roughness = 1.5;
    Unions hills(in_.size());
    std::vector<char> there(in_.size(), 0);
    Found found;
    for (auto it = order_.rbegin(); it != order_.rend(); ++it) {
      there[*it] = 1;
      const double level = distance(*it);
      each_neighbour(*it, 2, [&](std::size_t other) {
        if (!there[other]) return;
        std::uint32_t a = hills.find(*it), b = hills.find(other);
        if (a == b) return;
        if (square_[a] > square_[b]) std::swap(a, b);
        if (a != *it && distance(a) >= level + roughness && raster_.in_window(*it))
          found = {width_of(level), *it};  // levels fall: the last is the least
        hills.join(a, b);                  // a hill is called after its top
      });
    }
    return found;
  }

  // The complement grows into S: where two of its parts meet is a wall.
  Found by_walls() const {
    Unions parts(in_.size());
    std::vector<char> there(in_.size());
    for (std::size_t n = 0; n < in_.size(); ++n) there[n] = !in_[n];
    for (std::size_t n = 0; n < in_.size(); ++n)
      if (there[n])
        each_neighbour(n, 1, [&](std::size_t other) {
          if (there[other]) parts.join(parts.find(n), parts.find(other));
        });
    for (const std::uint32_t n : order_) {
      // A pixel of S that joins is no part of its own.
      std::uint32_t first = n;
      bool wall = false;
      there[n] = 1;
      each_neighbour(n, 1, [&](std::size_t other) {
        if (!there[other] || other == n) return;
        const std::uint32_t part = parts.find(other);
        if (part == parts.find(n)) return;
        wall = wall || first != n;
        first = part;
        parts.join(parts.find(n), part);
      });
      if (wall && raster_.in_window(n)) return {width_of(distance(n)), n};
    }
    return {};
  }

  // The point of S that lies farthest from where discs of the width may be, if too far.
  std::optional<std::size_t> without_disc(double width) const {
    constexpr double roughness = 2.0;
    const double centre = 0.5 * (width + 0.5),
                 reach = std::numbers::sqrt2 * 0.5 * width + roughness;
    std::vector<char> centres(in_.size());
    for (std::size_t n = 0; n < in_.size(); ++n)
      centres[n] = in_[n] && static_cast<double>(square_[n]) >= centre * centre;
    const std::vector<std::int32_t> away = squared_distances(centres, raster_.nx, raster_.ny);
    std::optional<std::size_t> worst;
    double least = reach * reach;
    for (const std::uint32_t n : order_)
      if (static_cast<double>(away[n]) > least && raster_.in_window(n)) {
        least = static_cast<double>(away[n]);
        worst = n;
      }
    return worst;
  }

  // A bar of width w at a distance g of other parts is found by discs of w to some 4.8 (w + g);
  // beyond, those of other parts come near enough. Steps by 1.4 do not jump over that.
  Found by_discs(double largest) const {
    const double most = largest / raster_.pixel;
    double good = 1.0;
    for (double width = 2.0; good < most; width = std::min(1.4 * width, most)) {
      std::optional<std::size_t> worst = without_disc(width);
      if (!worst) {
        good = width;
        continue;
      }
      double bad = width;
      while (bad - good > 0.25) {
        const double middle = 0.5 * (good + bad);
        const std::optional<std::size_t> there = without_disc(middle);
        if (there) worst = there;
        (there ? bad : good) = middle;
      }
      return {0.5 * (good + bad), *worst};
    }
    return {};
  }

  const Raster& raster_;
  std::vector<char> in_;
  bool empty_ = false;
  std::vector<std::int32_t> square_;  // of the distance to the complement
  std::vector<std::uint32_t> order_;  // the pixels of S, the shallowest first
};

}  // namespace

FeatureSizes minimum_feature(std::span<const Ring> rings, const FeatureSettings& settings) {
  double largest = 0.0;
  const Raster raster = rasterised(rings, settings, largest);
  return {Measure(raster, true).least(largest), Measure(raster, false).least(largest)};
}

}  // namespace wavesmith
