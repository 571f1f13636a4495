// Partially coherent light as an ensemble of coherent fields whose intensities add up.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/plane.hpp"
#include "physics/source.hpp"

namespace wavesmith {

// Gaussian Schell-model source: along each axis
//   W(x1, x2) = exp(-(x1^2 + x2^2) / (4 width^2)) exp(-(x1 - x2)^2 / (2 coherence^2))
// with unit power in all. Its coherent modes are Hermite-Gauss functions with geometric weights:
// Starikov and Wolf, J. Opt. Soc. Am. 72, 923 (1982). With a = 1/(4 width^2), b = 1/(2
// coherence^2), c = sqrt(a^2 + 2 a b), the share of mode n is (1 - q) q^n, q = b / (a + b + c).
struct SchellModel {
  double width = 0.0;       // rms radius of the intensity along an axis [m]
  double coherence = 0.0;   // [m]
  double x = 0.0, y = 0.0;  // centre [m]
  double captured = 0.99;   // share of the power that the modes must hold, below 1
  int max_modes = 64;       // stop there, even with less
};
struct CoherentModes {
  std::vector<SourceMode> modes;  // strongest first; each field has unit power on an endless plane
  double captured = 0.0;          // sum of the weights: share of the source's power they hold
};
CoherentModes gaussian_schell_modes(const Plane& plane, const SchellModel& model);

// Random thin diffuser: phase screens, Gaussian distributed with standard deviation `phase_rms` and
// correlation exp(-r^2 / coherence^2). The mean of u1 conj(u2) over the ensemble falls as
//   exp(-phase_rms^2 (1 - exp(-r^2 / coherence^2))).
struct Diffuser {
  double phase_rms = 0.0;  // [rad]
  double coherence = 0.0;  // correlation length of the screen [m]
  std::uint64_t seed = 0;
  int members = 1;
};
// Phase of one member [rad]: a function of seed and member alone.
std::vector<double> diffuser_phase(const Plane& plane, const Diffuser& diffuser, int member);
// `field` behind every member, each with the weight 1 / members.
std::vector<SourceMode> diffuser_ensemble(const Plane& plane, std::span<const Complex> field,
                                          const Diffuser& diffuser);

}  // namespace wavesmith
