// A measured modulator: a control value between 0 and 1 per pixel gives the amplitude and phase
// that a table of measurements says (physics/response_table.hpp), the same at every wavelength.
// Bounds and levels of the control are those of physics/design_variable.hpp.
#pragma once

#include <vector>

#include "physics/design_variable.hpp"
#include "physics/response_table.hpp"

namespace wavesmith {

class DeviceLayer final : public Layer {
 public:
  // bound: sigmoid or clamp. start: controls per pixel, or empty.
  DeviceLayer(const Plane& plane, const DesignOptions& options, ResponseTable table, Bound bound,
              std::vector<double> start);

  const Plane& plane() const override { return grid_.plane(); }
  std::size_t parameter_count() const override { return control_.size(); }
  void initial_parameters(std::uint64_t seed, double spread,
                          std::span<double> parameters) const override;
  void transmission(std::span<const double> parameters, double wavelength,
                    std::span<Complex> t) const override;
  void pull_back(std::span<const double> parameters, double wavelength, std::span<const Complex> g,
                 std::span<double> gradient) const override;

  const DesignGrid& grid() const { return grid_; }
  // Control per design pixel as driven: filtered, projected, quantised.
  std::vector<double> controls(std::span<const double> parameters) const;

 private:
  DesignGrid grid_;
  ResponseTable table_;
  DesignVariable control_;
};

}  // namespace wavesmith
