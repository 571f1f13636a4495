#include "physics/fixed_layers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

#include "core/error.hpp"
#include "physics/validate.hpp"

namespace wavesmith {

LensLayer::LensLayer(const Plane& plane, double focal_length, LensModel model, double aperture,
                     double x, double y)
    : plane_(plane), focal_length_(focal_length), model_(model), x_(x), y_(y) {
  validate_plane(plane, "lens");
  WAVESMITH_VALIDATE(
      std::isfinite(focal_length) && focal_length != 0.0,
      fmt::format("focal_length is {} m; give a positive (converging) or negative (diverging) "
                  "length",
                  focal_length));
  validate_not_negative(aperture, "lens: aperture diameter [m]");
  validate_finite(x, "lens: centre x [m]");
  validate_finite(y, "lens: centre y [m]");
  if (aperture > 0.0) share_ = coverage(circle_at(x, y, aperture), plane);
}

void LensLayer::transmission(std::span<const double> /*parameters*/, double wavelength,
                             std::span<Complex> t) const {
  const double k = 2.0 * std::numbers::pi / wavelength, f = focal_length_;
  std::size_t sample = 0;
  for (int j = 0; j < plane_.ny; ++j) {
    const double y = plane_.y(j) - y_;
    for (int i = 0; i < plane_.nx; ++i, ++sample) {
      const double x = plane_.x(i) - x_, r2 = x * x + y * y;
      // The ideal path sqrt(r^2 + f^2) - |f| without its cancellation.
      const double path = model_ == LensModel::paraxial
                              ? r2 / (2.0 * f)
                              : std::copysign(r2 / (std::sqrt(r2 + f * f) + std::abs(f)), f);
      t[sample] = std::polar(share_.empty() ? 1.0 : share_[sample], -k * path);
    }
  }
}

ApertureLayer::ApertureLayer(const Plane& plane, const Shape& shape, Open open) : plane_(plane) {
  validate_plane(plane, "aperture");
  validate_shape(shape, "aperture");
  share_ = coverage(shape, plane);
  if (open == Open::outside)
    for (double& share : share_) share = 1.0 - share;
}

void ApertureLayer::transmission(std::span<const double> /*parameters*/, double /*wavelength*/,
                                 std::span<Complex> t) const {
  std::copy(share_.begin(), share_.end(), t.begin());
}

MaskLayer::MaskLayer(const Plane& plane, const DesignOptions& options,
                     std::vector<double> amplitude, std::vector<double> phase)
    : grid_(plane, options) {
  const std::size_t n = grid_.pixels().size();
  const std::string pixels = fmt::format(" ({} x {} pixels)", grid_.pixels().nx, grid_.pixels().ny);
  WAVESMITH_VALIDATE(!amplitude.empty() || !phase.empty(),
                     "a mask needs its amplitude or its phase values" + pixels);
  if (amplitude.empty()) amplitude.assign(n, 1.0);
  if (phase.empty()) phase.assign(n, 0.0);
  validate_count(amplitude.size(), n, "the mask's amplitude" + pixels);
  validate_count(phase.size(), n, "the mask's phase" + pixels);
  validate_all_finite(phase, "the mask's phase");
  std::vector<Complex> values(n);
  for (std::size_t p = 0; p < n; ++p) {
    validate_between(amplitude[p], 0.0, 1.0, fmt::format("the mask's amplitude, value {}", p));
    values[p] = std::polar(amplitude[p], phase[p]);
  }
  samples_.resize(plane.size());
  grid_.to_samples(values, samples_);
}

void MaskLayer::transmission(std::span<const double> /*parameters*/, double /*wavelength*/,
                             std::span<Complex> t) const {
  std::copy(samples_.begin(), samples_.end(), t.begin());
}

FrozenLayer::FrozenLayer(std::unique_ptr<Layer> layer, std::vector<double> parameters)
    : layer_(std::move(layer)), parameters_(std::move(parameters)) {
  validate_count(parameters_.size(), layer_->parameter_count(), "the frozen layer's parameters");
}

void FrozenLayer::transmission(std::span<const double> /*parameters*/, double wavelength,
                               std::span<Complex> t) const {
  layer_->transmission(parameters_, wavelength, t);
}

void FrozenLayer::sample_heights(std::span<const double> /*parameters*/,
                                 std::span<double> heights) const {
  layer_->relief()->sample_heights(parameters_, heights);
}

}  // namespace wavesmith
