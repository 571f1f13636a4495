// A pattern of pixels, filtered and projected, whose derivatives stay right up to full
// binarisation.
//
//   parameters -> pixels (symmetries, fixed pixels) -> conic filter -> rho
//
// At a point, rho is interpolated bilinearly, and so is its gradient g, by central differences on
// the pixels. Beyond the edge pixels rho is continued evenly about the pattern's edges. With the
// distance d = (eta - rho) / |g| to the level eta and R the smoothing radius, where |d| < R
//
//   fill = (1 - F) p(rho - R |g| F) + F p(rho + R |g| (1 - F)),   F = smoothed_step(d / R),
//
// and p(rho) elsewhere; p: the tanh projection of physics/conic_filter.hpp, a step at beta =
// infinity, where the fill is F: the smoothed subpixel projection of A. M. Hammond, A. Oskooi,
// I. M. Hammond, M. Chen, S. E. Ralph and S. G. Johnson, "Unifying and accelerating level-set and
// density-based topology optimization by subpixel-smoothed projection", Opt. Express 33 (2025).
//
// The interface's projector is g g^T / (|g|^2 + delta^2), delta^2 = delta_0^2 + 1 / (beta R)^2: a
// grey slope that the projection does not turn into an interface within R has no direction.
//
// Where there is no derivative: at beta = infinity, at points where g is zero and rho exactly eta,
// as in a uniform design at the threshold; nor is the fill continuous there. With finite beta there
// is one everywhere. Start grey designs at a finite beta.
#pragma once

#include <cstdint>

#include "core/plane.hpp"
#include "physics/conic_filter.hpp"
#include "physics/design_pattern.hpp"

namespace wavesmith {

enum class PixelRule : std::uint8_t { free, solid, empty };

// Mirrors that leave the pattern as it is, about lines through its middle: x -> -x, y -> -y,
// (x, y) -> (y, x), (x, y) -> (-y, -x).
struct PatternSymmetry {
  bool x = false, y = false, diagonal = false, antidiagonal = false;
};

struct DensityOptions {
  double filter_radius = 0.0;  // [m]; 0: none
  double threshold = 0.5;      // eta, between 0 and 1
  PatternSymmetry symmetry;
  std::vector<PixelRule> rules;       // of each pixel; empty: all free
  std::vector<double> start = {0.5};  // of each pixel, or one number for all; 0 to 1
};

class DensityPattern final : public DesignPattern {
 public:
  // Throws InputError where the plane or an option is not valid, where a diagonal mirror does not
  // fit the pixels, where a pixel and its mirror image have to be different, or where no pixel is
  // free.
  DensityPattern(const Plane& pixels, const DensityOptions& options);

  // The same pixels at another threshold: above 0.5 eroded, below it dilated.
  DensityPattern with_threshold(double threshold) const;

  std::size_t parameter_count() const override { return start_.size(); }
  std::vector<double> lower() const override;
  std::vector<double> upper() const override;
  std::vector<double> start() const override { return start_; }
  PatternSamples sample(std::span<const double> parameters, std::span<const Point2> points,
                        double radius, double beta) const override;
  void pull_back(std::span<const double> parameters, std::span<const Point2> points, double radius,
                 double beta, const PatternSamples& cotangent,
                 std::span<double> gradient) const override;
  // Of rho at the threshold (physics/contour.hpp): what fill is smoothed from at beta = infinity.
  std::vector<std::vector<Point2>> outline(std::span<const double> parameters) const override;

  const Plane& pixels() const { return pixels_; }
  double threshold() const { return threshold_; }
  double filter_radius() const { return filter_radius_; }

  // rho at the pixels, row-major; the transpose adds to `gradient`.
  std::vector<double> filtered(std::span<const double> parameters) const;
  void pull_back_filtered(std::span<const double> cotangent, std::span<double> gradient) const;

  // p(rho) at the pixels; 1/2 at the threshold where beta is infinite.
  std::vector<double> projected(std::span<const double> parameters, double beta) const;

  // The mean of 4 f (1 - f) over the pixels, f = p(rho): 0 where all is solid or void.
  double grayness(std::span<const double> parameters, double beta) const;

 private:
  // rho and g at a point: the pixels around it and their weights.
  struct Stencil {
    std::array<std::size_t, 4> columns{}, rows{};  // from one before the point's cell on
    std::array<double, 4> value_x{}, value_y{}, slope_x{}, slope_y{};
  };
  struct Local {
    double rho = 0.0, gx = 0.0, gy = 0.0;
  };
  struct LocalSample {
    double fill = 0.0, xx = 0.0, xy = 0.0, yy = 0.0;
  };

  Stencil stencil_at(const Point2& point) const;
  Local local_at(const Stencil& stencil, std::span<const double> rho) const;
  LocalSample sample_at(const Local& at, double radius, double beta) const;
  Local pull_back_at(const Local& at, double radius, double beta,
                     const LocalSample& cotangent) const;
  void validate(std::span<const double> parameters, double radius, double beta) const;
  double least_slope() const;  // delta_0 [1/m]

  Plane pixels_;
  double threshold_, filter_radius_;
  ConicFilter filter_;
  std::vector<std::int32_t> owner_;  // of each pixel: its parameter, or -1 empty, -2 solid
  std::vector<double> start_;
};

}  // namespace wavesmith
