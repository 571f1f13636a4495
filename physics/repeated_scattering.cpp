#include "physics/repeated_scattering.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/random.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

void validate_modes(int modes) {
  WAVESMITH_VALIDATE(
      modes >= 1 && modes <= max_scattering_modes,
      fmt::format("a scattering medium of {} modes; give 1 to {}", modes, max_scattering_modes));
}

}  // namespace

void validate(const RepeatedScattering& network) {
  validate_modes(network.modes);
  WAVESMITH_VALIDATE(network.features >= 1 && network.features <= network.modes,
                     fmt::format("{} features for {} modes; give 1 to {}, so that each is written",
                                 network.features, network.modes, network.modes));
  WAVESMITH_VALIDATE(network.repetitions >= 1 && network.repetitions <= max_repetitions,
                     fmt::format("{} repetitions of the input; give 1 to {}", network.repetitions,
                                 max_repetitions));
  const std::size_t modes = static_cast<std::size_t>(network.modes);
  validate_count(network.medium.size(), modes * modes, "the medium's matrix");
  for (std::size_t i = 0; i < network.medium.size(); ++i)
    WAVESMITH_VALIDATE(
        std::isfinite(network.medium[i].real()) && std::isfinite(network.medium[i].imag()),
        fmt::format("the medium from mode {} to mode {} is not finite", i % modes, i / modes));
}

std::vector<Complex> random_medium(int modes, std::uint64_t seed) {
  validate_modes(modes);
  const std::size_t count = static_cast<std::size_t>(modes) * static_cast<std::size_t>(modes);
  const Random random(seed, 0x6d656469);
  const double spread = std::sqrt(0.5 / modes);
  std::vector<Complex> medium(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto draw = random.normal_pair(i);
    medium[i] = {spread * draw[0], spread * draw[1]};
  }
  return medium;
}

std::vector<Complex> free_space_medium(int modes, double pitch, double wavelength,
                                       double distance) {
  validate_modes(modes);
  validate_positive(pitch, "pitch of the modes [m]");
  validate_positive(wavelength, "wavelength [m]");
  validate_not_negative(distance, "distance between masks [m]");
  const std::size_t n = static_cast<std::size_t>(modes);
  const double k = 2.0 * std::numbers::pi / wavelength;
  // Of one pixel's light: the matrix depends on the difference of the places alone.
  std::vector<Complex> kernel(n);
  for (int m = 0; m < modes; ++m) {
    const int order = m <= modes / 2 ? m : m - modes;
    const double kx = 2.0 * std::numbers::pi * order / (modes * pitch);
    const Complex kz = std::sqrt(Complex{k * k - kx * kx, 0.0});
    const Complex passed = std::exp(Complex{0.0, 1.0} * kz * distance) / static_cast<double>(modes);
    for (int j = 0; j < modes; ++j) {
      const double turns = static_cast<double>(static_cast<long>(order) * j % modes) / modes;
      kernel[static_cast<std::size_t>(j)] +=
          passed * std::polar(1.0, 2.0 * std::numbers::pi * turns);
    }
  }
  std::vector<Complex> medium(n * n);
  for (std::size_t to = 0; to < n; ++to)
    for (std::size_t from = 0; from < n; ++from)
      medium[to * n + from] = kernel[(to + n - from) % n];
  return medium;
}

}  // namespace wavesmith
