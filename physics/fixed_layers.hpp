// Layers without parameters: a lens, an aperture, a mask from numbers, and any other layer frozen
// at given parameters.
#pragma once

#include <memory>
#include <vector>

#include "physics/design_grid.hpp"
#include "physics/shape.hpp"

namespace wavesmith {

// What the layers below share: nothing to train.
class FixedLayer : public Layer {
 public:
  std::size_t parameter_count() const final { return 0; }
  void initial_parameters(std::uint64_t, double, std::span<double>) const final {}
  void pull_back(std::span<const double>, double, std::span<const Complex>,
                 std::span<double>) const final {}
};

enum class LensModel {
  ideal,     // a plane wave becomes the spherical wave of the focus, at every wavelength
  paraxial,  // its parabola: phase -k r^2 / (2 f)
};

// ideal:    t = exp(-i k s (sqrt(r^2 + f^2) - |f|)), s the sign of f (f < 0: diverging)
// paraxial: t = exp(-i k r^2 / (2 f))
// inside the aperture, which has area-weighted edges. Thin, without aberration but the model's own.
class LensLayer final : public FixedLayer {
 public:
  // focal_length [m], not 0; aperture: diameter [m], 0: the whole plane; (x, y): centre [m].
  LensLayer(const Plane& plane, double focal_length, LensModel model, double aperture,
            double x = 0.0, double y = 0.0);

  const Plane& plane() const override { return plane_; }
  void transmission(std::span<const double> parameters, double wavelength,
                    std::span<Complex> t) const override;

 private:
  Plane plane_;
  double focal_length_;
  LensModel model_;
  double x_, y_;
  std::vector<double> share_;  // empty: open
};

// t = share of the sample inside the shape, or outside of it for a stop.
class ApertureLayer final : public FixedLayer {
 public:
  enum class Open { inside, outside };
  ApertureLayer(const Plane& plane, const Shape& shape, Open open);

  const Plane& plane() const override { return plane_; }
  void transmission(std::span<const double> parameters, double wavelength,
                    std::span<Complex> t) const override;

 private:
  Plane plane_;
  std::vector<double> share_;
};

// t = amplitude exp(i phase), given per design pixel. Either may be empty: 1, or 0.
class MaskLayer final : public FixedLayer {
 public:
  MaskLayer(const Plane& plane, const DesignOptions& options, std::vector<double> amplitude,
            std::vector<double> phase);

  const Plane& plane() const override { return grid_.plane(); }
  void transmission(std::span<const double> parameters, double wavelength,
                    std::span<Complex> t) const override;

 private:
  DesignGrid grid_;
  std::vector<Complex> samples_;
};

class FrozenLayer final : public FixedLayer, public Relief {
 public:
  FrozenLayer(std::unique_ptr<Layer> layer, std::vector<double> parameters);

  const Plane& plane() const override { return layer_->plane(); }
  void transmission(std::span<const double> parameters, double wavelength,
                    std::span<Complex> t) const override;

  // That of the frozen layer.
  const Relief* relief() const override { return layer_->relief() != nullptr ? this : nullptr; }
  double thickness() const override { return layer_->relief()->thickness(); }
  Complex index(double wavelength) const override { return layer_->relief()->index(wavelength); }
  void sample_heights(std::span<const double> parameters, std::span<double> heights) const override;
  void pull_back_heights(std::span<const double>, std::span<const double>,
                         std::span<double>) const override {}

  const Layer& layer() const { return *layer_; }
  const std::vector<double>& parameters() const { return parameters_; }

 private:
  std::unique_ptr<Layer> layer_;
  std::vector<double> parameters_;
};

}  // namespace wavesmith
