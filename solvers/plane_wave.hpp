// One plane wave between two parallel planes, and what every propagator must check first.
#pragma once

#include <complex>
#include <cstddef>
#include <string>
#include <vector>

#include "core/plane.hpp"
#include "physics/validate.hpp"
#include "solvers/transfer_function.hpp"

namespace wavesmith {

// Six significant digits, for messages.
std::string format_short(double value);

// Throws InputError naming the quantity.
void validate_wave(double wavelength, double distance);  // [m]

// The transfer function of a centred gap as a function of u^2 + v^2 [1/m^2]:
//   exp(2 pi i w z), w = sqrt(1/lambda^2 - u^2 - v^2), or its paraxial form.
// The phase is split as z/lambda - (u^2 + v^2) z / (1/lambda + w) turns; the first part is the same
// for all waves and reduced to less than a turn in extended precision.
class PlaneWaveFactor {
 public:
  PlaneWaveFactor(double wavelength, double distance, Evanescent evanescent, bool paraxial);
  std::complex<double> operator()(double transverse_squared) const;

 private:
  double distance_, k_, wavelength_;  // k_ = 1 / wavelength
  bool keep_evanescent_, paraxial_;
  double common_turns_;
};

// z / lambda less its whole turns.
double fractional_turns(double wavelength, double distance);

// Whether the lateral walk z u / w of a plane wave lies in [low, high]; w_squared = w^2. Evanescent
// waves (w_squared < 0) do not walk.
bool walk_inside(double u, double w_squared, double distance, double low, double high);

// Frequencies [1/m] of a plane-wave sum over one period 1/spacing, symmetric about zero and odd in
// number, so dense that the sum repeats only after `window` metres.
std::vector<double> frequency_comb(double spacing, double window, int at_least);

// Throws InputError when a dense table of that many plane waves is too large to hold.
void validate_spectrum(std::size_t frequencies_x, std::size_t frequencies_y);

// Coordinates of the samples of a plane along each axis.
std::vector<double> positions_x(const Plane& plane);
std::vector<double> positions_y(const Plane& plane);

// exp(sign 2 pi i f_p x_i) * scale, row-major: one row per frequency, one column per position.
std::vector<std::complex<double>> fourier_matrix(const std::vector<double>& frequencies,
                                                 const std::vector<double>& positions, int sign,
                                                 double scale);

}  // namespace wavesmith
