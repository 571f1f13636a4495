#include "solvers/plane_wave.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <numbers>

#include "core/error.hpp"
#include "solvers/phasor.hpp"

namespace wavesmith {
namespace {

// Below this an evanescent wave is lost in the rounding of the others; kept out so that tables in
// float hold no denormal numbers, which are slow.
constexpr double negligible_amplitude = 1e-20;

constexpr std::size_t most_plane_waves = 1U << 26;  // 1 GiB as complex<double>
constexpr double most_frequencies = 65536.0;        // of a dense plane-wave sum, along one axis

bool positive(double value) {
  return std::isfinite(value) && value > 0.0;
}

}  // namespace

std::string format_short(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

void validate_wave(double wavelength, double distance) {
  WAVESMITH_VALIDATE(positive(wavelength),
                     "wavelength = " + format_short(wavelength) +
                         " m (must be positive); give the wavelength in the medium of the gap");
  WAVESMITH_VALIDATE(std::isfinite(distance) && distance >= 0.0,
                     "distance = " + format_short(distance) +
                         " m (must be zero or positive); exchange the planes to go back");
  WAVESMITH_VALIDATE(distance / wavelength < 1e12,
                     "distance = " + format_short(distance) + " m is " +
                         format_short(distance / wavelength) +
                         " wavelengths (beyond 1e12 no phase is left in double precision); check "
                         "the units of distance and wavelength");
}

double fractional_turns(double wavelength, double distance) {
  const long double turns = static_cast<long double>(distance) / wavelength;
  return static_cast<double>(turns - std::floor(turns));
}

PlaneWaveFactor::PlaneWaveFactor(double wavelength, double distance, Evanescent evanescent,
                                 bool paraxial)
    : distance_(distance),
      k_(1.0 / wavelength),
      wavelength_(wavelength),
      keep_evanescent_(evanescent == Evanescent::keep),
      paraxial_(paraxial),
      common_turns_(fractional_turns(wavelength, distance)) {}

std::complex<double> PlaneWaveFactor::operator()(double transverse_squared) const {
  if (paraxial_) return phasor(common_turns_ - 0.5 * wavelength_ * distance_ * transverse_squared);
  const double w_squared = k_ * k_ - transverse_squared;
  if (w_squared >= 0.0)
    return phasor(common_turns_ - transverse_squared * distance_ / (k_ + std::sqrt(w_squared)));
  if (!keep_evanescent_) return 0.0;
  const double amplitude = std::exp(-2.0 * std::numbers::pi * distance_ * std::sqrt(-w_squared));
  return amplitude < negligible_amplitude ? 0.0 : amplitude;
}

bool walk_inside(double u, double w_squared, double distance, double low, double high) {
  if (w_squared < 0.0) return low <= 0.0 && 0.0 <= high;
  if (u < 0.0) return walk_inside(-u, w_squared, distance, -high, -low);
  const double walk = distance * distance * u * u;  // compared as squares times w^2: no division
  const bool below_high = high >= 0.0 && walk <= high * high * w_squared;
  const bool above_low = low <= 0.0 || walk >= low * low * w_squared;
  return below_high && above_low;
}

std::vector<double> frequency_comb(double spacing, double window, int at_least) {
  const double needed = std::max(std::ceil(window / spacing - 1e-9), static_cast<double>(at_least));
  WAVESMITH_VALIDATE(needed < most_frequencies,
                     "a plane-wave sum over a window of " + format_short(window) + " m at " +
                         format_short(spacing) + " m spacing needs " + format_short(needed) +
                         " frequencies along one axis (at most " + format_short(most_frequencies) +
                         "); use a smaller output window, less offset or less padding");
  const int count = static_cast<int>(needed) | 1;
  std::vector<double> frequencies;
  for (int p = -(count / 2); p <= count / 2; ++p) frequencies.push_back(p / (count * spacing));
  return frequencies;
}

void validate_spectrum(std::size_t frequencies_x, std::size_t frequencies_y) {
  WAVESMITH_VALIDATE(frequencies_x * frequencies_y <= most_plane_waves,
                     "a sum over " + std::to_string(frequencies_x) + " x " +
                         std::to_string(frequencies_y) + " plane waves needs " +
                         format_short(16.0 * static_cast<double>(frequencies_x) *
                                      static_cast<double>(frequencies_y) / 1073741824.0) +
                         " GiB (at most 1 GiB is allowed); use smaller windows or less padding");
}

std::vector<double> positions_x(const Plane& plane) {
  std::vector<double> x;
  for (int i = 0; i < plane.nx; ++i) x.push_back(plane.x(i));
  return x;
}

std::vector<double> positions_y(const Plane& plane) {
  std::vector<double> y;
  for (int j = 0; j < plane.ny; ++j) y.push_back(plane.y(j));
  return y;
}

std::vector<std::complex<double>> fourier_matrix(const std::vector<double>& frequencies,
                                                 const std::vector<double>& positions, int sign,
                                                 double scale) {
  std::vector<std::complex<double>> matrix;
  matrix.reserve(frequencies.size() * positions.size());
  for (const double f : frequencies)
    for (const double x : positions) matrix.push_back(scale * phasor(sign * f * x));
  return matrix;
}

}  // namespace wavesmith
