// A surface relief: a material of complex index n + i kappa, h high, in air,
//
//   t(wavelength) = exp(i k0 (n(wavelength) - 1 + i kappa(wavelength)) h),   k0 = 2 pi / wavelength
//
// relative to the same thickness of air: the thin-element approximation, with no refraction inside
// the relief and no reflection. Dispersion comes from the material, so one height map serves
// several wavelengths. Bounds and levels of h are those of physics/design_variable.hpp.
#pragma once

#include <vector>

#include "physics/design_variable.hpp"
#include "physics/material.hpp"

namespace wavesmith {

class HeightLayer final : public Layer, public Relief {
 public:
  // h_min, h_max [m]; bound: sigmoid or clamp. start: heights per pixel [m], or empty.
  HeightLayer(const Plane& plane, const DesignOptions& options, Material material, double h_min,
              double h_max, Bound bound, std::vector<double> start);

  const Plane& plane() const override { return grid_.plane(); }
  std::size_t parameter_count() const override { return height_.size(); }
  void initial_parameters(std::uint64_t seed, double spread,
                          std::span<double> parameters) const override;
  void transmission(std::span<const double> parameters, double wavelength,
                    std::span<Complex> t) const override;
  void pull_back(std::span<const double> parameters, double wavelength, std::span<const Complex> g,
                 std::span<double> gradient) const override;

  // A body where no dead space surrounds the pixels.
  const Relief* relief() const override { return solid_ ? this : nullptr; }
  double thickness() const override { return h_max_; }
  Complex index(double wavelength) const override { return material_.index(wavelength); }
  void sample_heights(std::span<const double> parameters, std::span<double> heights) const override;
  void pull_back_heights(std::span<const double> parameters, std::span<const double> g,
                         std::span<double> gradient) const override;

  const DesignGrid& grid() const { return grid_; }
  const Material& material() const { return material_; }
  // Height per design pixel as fabricated: filtered, projected, quantised [m].
  std::vector<double> heights(std::span<const double> parameters) const;

 private:
  // d(log t)/dh [1/m].
  Complex exponent(double wavelength) const;

  DesignGrid grid_;
  Material material_;
  DesignVariable height_;
  double h_max_;
  bool solid_;
};

}  // namespace wavesmith
