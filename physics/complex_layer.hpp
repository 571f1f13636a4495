// A layer that sets amplitude and phase independently: t = a exp(i phi), 0 <= a <= 1, phi free.
//
// Parameters: first one per pixel for the amplitude, then one per pixel for the phase. Quantised,
// a takes `levels` values from 0 to 1 and phi is a multiple of 2 pi / levels.
#pragma once

#include <vector>

#include "physics/design_variable.hpp"

namespace wavesmith {

class ComplexLayer final : public Layer {
 public:
  // bound: of the amplitude. start: amplitudes per pixel, then phases per pixel [rad], or empty.
  ComplexLayer(const Plane& plane, const DesignOptions& options, Bound bound,
               std::vector<double> start);

  const Plane& plane() const override { return grid_.plane(); }
  std::size_t parameter_count() const override { return 2 * phase_.size(); }
  void initial_parameters(std::uint64_t seed, double spread,
                          std::span<double> parameters) const override;
  void transmission(std::span<const double> parameters, double wavelength,
                    std::span<Complex> t) const override;
  void pull_back(std::span<const double> parameters, double wavelength, std::span<const Complex> g,
                 std::span<double> gradient) const override;

  const DesignGrid& grid() const { return grid_; }
  // Per design pixel as fabricated: filtered, projected, quantised; phases in [rad].
  std::vector<double> amplitudes(std::span<const double> parameters) const;
  std::vector<double> phases(std::span<const double> parameters) const;

 private:
  DesignGrid grid_;
  DesignVariable amplitude_, phase_;
};

}  // namespace wavesmith
