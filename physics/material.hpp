// Dispersive materials: the complex refractive index n + i kappa against the vacuum wavelength.
//
// With exp(-i omega t) a wave in the material goes as exp(i k0 (n + i kappa) z), so kappa > 0
// absorbs. Every formula is a published fit with the range it was fitted over; outside of it a
// material has no index here, and asking is an error, because extrapolated dispersion is wrong
// without a warning. Isotropic, linear, at room temperature; kappa is 0 where the source gives
// none.
#pragma once

#include <complex>
#include <functional>
#include <string>
#include <vector>

namespace wavesmith {

struct Material {
  std::string name;
  std::string sentence;  // for people: "Fused silica"
  std::string citation;
  double min_wavelength = 0.0, max_wavelength = 0.0;    // valid range, in vacuum [m]
  std::function<std::complex<double>(double)> formula;  // of the wavelength [um]

  // n + i kappa. Throws InputError outside the valid range, naming it. wavelength: in vacuum [m].
  std::complex<double> index(double wavelength) const;
};

// Throws InputError listing the names when there is no such material.
Material find_material(const std::string& name);

// The same n + i kappa at every wavelength.
Material constant_material(double n, double kappa);

std::vector<Material> list_materials();

}  // namespace wavesmith
