#include "physics/density_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.hpp"
#include "physics/contour.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

constexpr std::int32_t owner_empty = -1, owner_solid = -2;

// Index i of n pixels that are continued evenly about their edges.
std::size_t reflected(int i, int n) {
  const int period = 2 * n;
  const int at = ((i % period) + period) % period;
  return static_cast<std::size_t>(at < n ? at : period - 1 - at);
}

// p and its slope; beta may be infinite.
class Projection {
 public:
  Projection(double beta, double eta)
      : step_(std::isinf(beta)), eta_(eta), smooth_(step_ ? 0.0 : beta, eta) {}
  double value(double v) const {
    if (!step_) return smooth_.value(v);
    return v > eta_ ? 1.0 : (v < eta_ ? 0.0 : 0.5);
  }
  double slope(double v) const { return step_ ? 0.0 : smooth_.slope(v); }

 private:
  bool step_;
  double eta_;
  TanhProjection smooth_;
};

// The pixels that have to be alike, by union of each with its mirror images.
class Orbits {
 public:
  explicit Orbits(std::size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }
  std::size_t find(std::size_t p) {
    while (parent_[p] != p) p = parent_[p] = parent_[parent_[p]];
    return p;
  }
  void join(std::size_t a, std::size_t b) {
    a = find(a);
    b = find(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::size_t> parent_;
};

Orbits orbits_of(const Plane& pixels, const PatternSymmetry& symmetry) {
  Orbits orbits(pixels.size());
  const auto index = [&](int i, int j) {
    return static_cast<std::size_t>(j) * static_cast<std::size_t>(pixels.nx) +
           static_cast<std::size_t>(i);
  };
  const int nx = pixels.nx, ny = pixels.ny;
  for (int j = 0; j < ny; ++j)
    for (int i = 0; i < nx; ++i) {
      if (symmetry.x) orbits.join(index(i, j), index(nx - 1 - i, j));
      if (symmetry.y) orbits.join(index(i, j), index(i, ny - 1 - j));
      if (symmetry.diagonal) orbits.join(index(i, j), index(j, i));
      if (symmetry.antidiagonal) orbits.join(index(i, j), index(nx - 1 - j, ny - 1 - i));
    }
  return orbits;
}

Plane validated(const Plane& pixels, const DensityOptions& options) {
  validate_plane(pixels, "the pattern's pixels");
  WAVESMITH_VALIDATE(
      options.threshold > 0.0 && options.threshold < 1.0,
      fmt::format("the pattern's threshold is {}; it must lie between 0 and 1", options.threshold));
  const bool turned = options.symmetry.diagonal || options.symmetry.antidiagonal;
  WAVESMITH_VALIDATE(
      !turned || (pixels.nx == pixels.ny && std::abs(pixels.dx - pixels.dy) <= 1e-9 * pixels.dx),
      fmt::format("a pattern of {} x {} pixels of {} m x {} m is no square of square "
                  "pixels, which a mirror along a diagonal needs",
                  pixels.nx, pixels.ny, pixels.dx, pixels.dy));
  if (!options.rules.empty())
    validate_count(options.rules.size(), pixels.size(), "rules for the pattern's pixels");
  if (options.start.size() != 1)
    validate_count(options.start.size(), pixels.size(), "start values of the pattern's pixels");
  for (const double value : options.start) validate_between(value, 0.0, 1.0, "a pixel's start");
  return pixels;
}

}  // namespace

DensityPattern::DensityPattern(const Plane& pixels, const DensityOptions& options)
    : pixels_(validated(pixels, options)),
      threshold_(options.threshold),
      filter_radius_(options.filter_radius),
      filter_(pixels, options.filter_radius),
      owner_(pixels.size(), 0) {
  Orbits orbits = orbits_of(pixels, options.symmetry);

  // What each orbit has to be, at its first pixel.
  std::vector<PixelRule> rule(pixels.size(), PixelRule::free);
  for (std::size_t p = 0; p < options.rules.size(); ++p) {
    if (options.rules[p] == PixelRule::free) continue;
    PixelRule& own = rule[orbits.find(p)];
    WAVESMITH_VALIDATE(
        own == PixelRule::free || own == options.rules[p],
        fmt::format("pixel ({}, {}) of the pattern is fixed {}, its mirror image {}; fix both "
                    "alike, or leave the symmetry out",
                    p % static_cast<std::size_t>(pixels.nx),
                    p / static_cast<std::size_t>(pixels.nx),
                    options.rules[p] == PixelRule::solid ? "solid" : "empty",
                    own == PixelRule::solid ? "solid" : "empty"));
    own = options.rules[p];
  }

  std::vector<double> sum;
  std::vector<double> count;
  for (std::size_t p = 0; p < pixels.size(); ++p) {
    const std::size_t first = orbits.find(p);
    if (rule[first] != PixelRule::free) {
      owner_[p] = rule[first] == PixelRule::solid ? owner_solid : owner_empty;
      continue;
    }
    if (first == p) {
      owner_[p] = static_cast<std::int32_t>(sum.size());
      sum.push_back(0.0);
      count.push_back(0.0);
    } else {
      owner_[p] = owner_[first];
    }
    const auto own = static_cast<std::size_t>(owner_[p]);
    sum[own] += options.start[options.start.size() == 1 ? 0 : p];
    count[own] += 1.0;
  }
  WAVESMITH_VALIDATE(!sum.empty(), "all pixels of the pattern are fixed; leave some free");
  for (std::size_t i = 0; i < sum.size(); ++i) start_.push_back(sum[i] / count[i]);
}

DensityPattern DensityPattern::with_threshold(double threshold) const {
  WAVESMITH_VALIDATE(
      threshold > 0.0 && threshold < 1.0,
      fmt::format("the pattern's threshold is {}; it must lie between 0 and 1", threshold));
  DensityPattern other = *this;
  other.threshold_ = threshold;
  return other;
}

std::vector<double> DensityPattern::lower() const {
  return std::vector<double>(start_.size(), 0.0);
}
std::vector<double> DensityPattern::upper() const {
  return std::vector<double>(start_.size(), 1.0);
}

std::vector<double> DensityPattern::filtered(std::span<const double> parameters) const {
  validate_count(parameters.size(), start_.size(), "parameters of the pattern");
  std::vector<double> values(pixels_.size()), rho(pixels_.size());
  for (std::size_t p = 0; p < values.size(); ++p)
    values[p] = owner_[p] >= 0 ? parameters[static_cast<std::size_t>(owner_[p])]
                               : (owner_[p] == owner_solid ? 1.0 : 0.0);
  filter_.apply(values, rho);
  return rho;
}

void DensityPattern::pull_back_filtered(std::span<const double> cotangent,
                                        std::span<double> gradient) const {
  std::vector<double> values(pixels_.size());
  filter_.apply_transpose(cotangent, values);
  for (std::size_t p = 0; p < values.size(); ++p)
    if (owner_[p] >= 0) gradient[static_cast<std::size_t>(owner_[p])] += values[p];
}

std::vector<double> DensityPattern::projected(std::span<const double> parameters,
                                              double beta) const {
  validate(parameters, 1.0, beta);
  const Projection projection(beta, threshold_);
  std::vector<double> values = filtered(parameters);
  for (double& value : values) value = projection.value(value);
  return values;
}

double DensityPattern::grayness(std::span<const double> parameters, double beta) const {
  double sum = 0.0;
  for (const double f : projected(parameters, beta)) sum += 4.0 * f * (1.0 - f);
  return sum / static_cast<double>(pixels_.size());
}

DensityPattern::Stencil DensityPattern::stencil_at(const Point2& point) const {
  Stencil stencil;
  const auto along = [](double x, double first, double spacing, int n,
                        std::array<std::size_t, 4>& pixels, std::array<double, 4>& value,
                        std::array<double, 4>& slope) {
    const double u = std::clamp((x - first) / spacing, -0.5, n - 0.5);
    const int cell = static_cast<int>(std::floor(u));
    const double share = u - cell, half = 0.5 / spacing;
    for (int a = 0; a < 4; ++a) pixels[static_cast<std::size_t>(a)] = reflected(cell - 1 + a, n);
    value = {0.0, 1.0 - share, share, 0.0};
    slope = {-half * (1.0 - share), -half * share, half * (1.0 - share), half * share};
  };
  along(point[0], pixels_.x(0), pixels_.dx, pixels_.nx, stencil.columns, stencil.value_x,
        stencil.slope_x);
  along(point[1], pixels_.y(0), pixels_.dy, pixels_.ny, stencil.rows, stencil.value_y,
        stencil.slope_y);
  return stencil;
}

DensityPattern::Local DensityPattern::local_at(const Stencil& stencil,
                                               std::span<const double> rho) const {
  Local at;
  for (std::size_t b = 0; b < 4; ++b) {
    const std::size_t row = stencil.rows[b] * static_cast<std::size_t>(pixels_.nx);
    double value = 0.0, slope = 0.0;
    for (std::size_t a = 0; a < 4; ++a) {
      const double pixel = rho[row + stencil.columns[a]];
      value += stencil.value_x[a] * pixel;
      slope += stencil.slope_x[a] * pixel;
    }
    at.rho += stencil.value_y[b] * value;
    at.gx += stencil.value_y[b] * slope;
    at.gy += stencil.slope_y[b] * value;
  }
  return at;
}

double DensityPattern::least_slope() const {
  return 1e-4 / std::max(pixels_.dx, pixels_.dy);
}

namespace {

// Within a smoothed interface: slopes that the projection cannot tell from none are left out.
bool smooths(double distance_rho, double reach, double beta) {
  if (std::abs(distance_rho) >= reach) return false;
  return std::isinf(beta) || beta * reach > 1e-6;
}

double squared_floor(double least, double radius, double beta) {
  const double grey = 1.0 / (beta * radius);
  return least * least + grey * grey;
}

}  // namespace

DensityPattern::LocalSample DensityPattern::sample_at(const Local& at, double radius,
                                                      double beta) const {
  const Projection p(beta, threshold_);
  const double square = at.gx * at.gx + at.gy * at.gy;
  const double from_level = threshold_ - at.rho, reach = radius * std::sqrt(square);
  LocalSample sample;
  if (!smooths(from_level, reach, beta)) {
    sample.fill = p.value(at.rho);
  } else {
    const double f = smoothed_step(from_level / reach).value;
    sample.fill = std::isinf(beta) ? f
                                   : (1.0 - f) * p.value(at.rho - reach * f) +
                                         f * p.value(at.rho + reach * (1.0 - f));
  }
  if (beta == 0.0) return sample;
  const double whole = square + squared_floor(least_slope(), radius, beta);
  sample.xx = at.gx * at.gx / whole;
  sample.xy = at.gx * at.gy / whole;
  sample.yy = at.gy * at.gy / whole;
  return sample;
}

DensityPattern::Local DensityPattern::pull_back_at(const Local& at, double radius, double beta,
                                                   const LocalSample& cotangent) const {
  const Projection p(beta, threshold_);
  const double square = at.gx * at.gx + at.gy * at.gy, slope = std::sqrt(square);
  const double from_level = threshold_ - at.rho, reach = radius * slope;
  Local result;
  if (!smooths(from_level, reach, beta)) {
    result.rho = cotangent.fill * p.slope(at.rho);
  } else {
    const double t = from_level / reach;
    const SmoothedStep step = smoothed_step(t);
    const double f = step.value, low = at.rho - reach * f, high = at.rho + reach * (1.0 - f);
    const double slope_low = p.slope(low), slope_high = p.slope(high);
    const double by_rho = (1.0 - f) * slope_low + f * slope_high;
    const double by_f = std::isinf(beta) ? 1.0 : p.value(high) - p.value(low) - reach * by_rho;
    const double by_reach =
        f * (1.0 - f) * (slope_high - slope_low) - by_f * step.slope * t / reach;
    result.rho = cotangent.fill * (by_rho - by_f * step.slope / reach);
    const double by_slope = cotangent.fill * radius * by_reach / slope;
    result.gx = by_slope * at.gx;
    result.gy = by_slope * at.gy;
  }
  if (beta == 0.0) return result;
  const double whole = square + squared_floor(least_slope(), radius, beta);
  const double ux = at.gx / whole, uy = at.gy / whole;
  const double common =
      2.0 * (cotangent.xx * ux * ux + cotangent.xy * ux * uy + cotangent.yy * uy * uy);
  result.gx += 2.0 * cotangent.xx * ux + cotangent.xy * uy - common * at.gx;
  result.gy += 2.0 * cotangent.yy * uy + cotangent.xy * ux - common * at.gy;
  return result;
}

void DensityPattern::validate(std::span<const double> parameters, double radius,
                              double beta) const {
  validate_count(parameters.size(), start_.size(), "parameters of the pattern");
  validate_positive(radius, "the smoothing radius [m]");
  WAVESMITH_VALIDATE(beta >= 0.0,
                     fmt::format("the projection's beta is {}; it must be 0 or above", beta));
}

PatternSamples DensityPattern::sample(std::span<const double> parameters,
                                      std::span<const Point2> points, double radius,
                                      double beta) const {
  validate(parameters, radius, beta);
  const std::vector<double> rho = filtered(parameters);
  PatternSamples samples = PatternSamples::zeros(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const LocalSample one = sample_at(local_at(stencil_at(points[i]), rho), radius, beta);
    samples.fill[i] = one.fill;
    samples.xx[i] = one.xx;
    samples.xy[i] = one.xy;
    samples.yy[i] = one.yy;
  }
  return samples;
}

void DensityPattern::pull_back(std::span<const double> parameters, std::span<const Point2> points,
                               double radius, double beta, const PatternSamples& cotangent,
                               std::span<double> gradient) const {
  validate(parameters, radius, beta);
  const std::vector<double> rho = filtered(parameters);
  std::vector<double> of_rho(rho.size(), 0.0);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Stencil stencil = stencil_at(points[i]);
    const Local one =
        pull_back_at(local_at(stencil, rho), radius, beta,
                     {cotangent.fill[i], cotangent.xx[i], cotangent.xy[i], cotangent.yy[i]});
    for (std::size_t b = 0; b < 4; ++b) {
      const std::size_t row = stencil.rows[b] * static_cast<std::size_t>(pixels_.nx);
      for (std::size_t a = 0; a < 4; ++a)
        of_rho[row + stencil.columns[a]] +=
            stencil.value_y[b] * (one.rho * stencil.value_x[a] + one.gx * stencil.slope_x[a]) +
            one.gy * stencil.slope_y[b] * stencil.value_x[a];
    }
  }
  pull_back_filtered(of_rho, gradient);
}

std::vector<std::vector<Point2>> DensityPattern::outline(std::span<const double> parameters) const {
  return contour(pixels_, filtered(parameters), threshold_);
}

}  // namespace wavesmith
