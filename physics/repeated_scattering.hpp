// Linear scattering that the input enters several times. N modes (pixels of a line, or speckles)
// pass R times through a medium G, each time behind a mask that the input and trained numbers
// write:
//   E_{r+1} = G (t_r E_r),   t_r,j = bias_r,j + scale_r,j x_{j mod F},   E_0 = 1,
// with the F features x of a sample tiled over the modes. Fields are polynomials of order R in x
// and intensities of order 2 R, though all optics is linear: data repetition or structural
// nonlinearity, Yildirim et al., Nature Photonics 18, 1076 (2024); Xia et al., Nature Photonics 18,
// 1067 (2024). t is an amplitude transmission in units of one's own choice, and may be negative.
//
// Parameters: bias[r][j], then scale[r][j].
#pragma once

#include <complex>
#include <cstdint>
#include <vector>

namespace wavesmith {

struct RepeatedScattering {
  int modes = 0, features = 0, repetitions = 1;
  std::vector<std::complex<double>> medium;  // G, modes x modes: [to][from]

  std::size_t parameter_count() const {
    return 2 * static_cast<std::size_t>(repetitions) * static_cast<std::size_t>(modes);
  }
};

// Largest that are accepted: G is dense.
constexpr int max_scattering_modes = 8192, max_repetitions = 1000;

// Throws InputError naming what is wrong.
void validate(const RepeatedScattering& network);

// A diffuser: independent complex normal entries of variance 1 / modes, as deep in a medium that
// scatters many times.
std::vector<std::complex<double>> random_medium(int modes, std::uint64_t seed);
// Free space between lines of pixels: the angular spectrum of a periodic line, exp(i k_z distance)
// with k_z = sqrt(k^2 - k_x^2), evanescent waves included. Lengths in [m].
std::vector<std::complex<double>> free_space_medium(int modes, double pitch, double wavelength,
                                                    double distance);

}  // namespace wavesmith
