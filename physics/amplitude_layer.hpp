// A layer that attenuates: t = a, real, between 0 and 1; bounds and levels are those of
// physics/design_variable.hpp.
#pragma once

#include <vector>

#include "physics/design_variable.hpp"

namespace wavesmith {

class AmplitudeLayer final : public Layer {
 public:
  // bound: sigmoid or clamp. start: amplitudes per pixel, or empty.
  AmplitudeLayer(const Plane& plane, const DesignOptions& options, Bound bound,
                 std::vector<double> start);

  const Plane& plane() const override { return grid_.plane(); }
  std::size_t parameter_count() const override { return amplitude_.size(); }
  void initial_parameters(std::uint64_t seed, double spread,
                          std::span<double> parameters) const override;
  void transmission(std::span<const double> parameters, double wavelength,
                    std::span<Complex> t) const override;
  void pull_back(std::span<const double> parameters, double wavelength, std::span<const Complex> g,
                 std::span<double> gradient) const override;

  const DesignGrid& grid() const { return grid_; }
  // Amplitude per design pixel as fabricated: filtered, projected, quantised.
  std::vector<double> amplitudes(std::span<const double> parameters) const;

 private:
  DesignGrid grid_;
  DesignVariable amplitude_;
};

}  // namespace wavesmith
