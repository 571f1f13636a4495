// A layer that turns the phase: t = exp(i phi), the same at every wavelength.
//
// phi is the parameter itself (free), or lies between 0 and max_phase. For a real surface, whose
// phase goes as 1/wavelength, use a height layer. Quantised, phi is a multiple of 2 pi / levels.
#pragma once

#include <vector>

#include "physics/design_variable.hpp"

namespace wavesmith {

class PhaseLayer final : public Layer {
 public:
  // max_phase [rad]; 0: free. `bound` is then ignored. start: phases per pixel [rad], or empty.
  PhaseLayer(const Plane& plane, const DesignOptions& options, double max_phase, Bound bound,
             std::vector<double> start);

  const Plane& plane() const override { return grid_.plane(); }
  std::size_t parameter_count() const override { return phase_.size(); }
  void initial_parameters(std::uint64_t seed, double spread,
                          std::span<double> parameters) const override;
  void transmission(std::span<const double> parameters, double wavelength,
                    std::span<Complex> t) const override;
  void pull_back(std::span<const double> parameters, double wavelength, std::span<const Complex> g,
                 std::span<double> gradient) const override;
  bool is_plain_phase() const override { return grid_.is_identity() && phase_.is_identity(); }

  const DesignGrid& grid() const { return grid_; }
  // Phase per design pixel as fabricated: filtered, projected, quantised [rad].
  std::vector<double> phases(std::span<const double> parameters) const;

 private:
  DesignGrid grid_;
  DesignVariable phase_;
};

}  // namespace wavesmith
