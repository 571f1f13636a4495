// Gaussian beams of light and sound from a sheet that radiates to one side.
//
// The beam is the sum of plane waves exp(i q . x + i k_w w) with the amplitudes
//   exp(-w0^2 k_t^2 / 4),   k_t: the part of the wave vector across the beam's axis,
// of the paraxial beam with waist w0 in the focus, continued without the paraxial approximation;
// waves that are evanescent across the sheet are left out. Each of them obeys the dispersion of the
// grid, and its polarisation is the one wanted less the part along the (discrete) wave vector, of
// unit length. On the sheet,
//   J = n x H / d, M = -n x E / d;   q = n . v / d, f = n p / d,
// with H and v half a cell behind, so that every plane wave goes one way only (solvers/
// mode_source.hpp). Between Chebyshev points of the band profiles are interpolated in frequency.
//
// The medium is one along the sheet, its cells of one width; the sheet reaches from face to face of
// the grid, less the absorbing layers, which should be a few widths of the beam away.
#pragma once

#include <vector>

#include "solvers/wave_context.hpp"
#include "solvers/waveform.hpp"

namespace wavesmith {

struct GaussianBeam {
  int axis = 2;            // across which the sheet lies
  double plane = 0.0;      // where, taken to the nearest edge [m]
  Vec3 direction{};        // of travel, of any length; its part along `axis` is not zero
  Vec3 focus{};            // any point, in front of the sheet or behind it [m]
  double waist = 0.0;      // radius where |E| or |p| has fallen to 1 / e [m]
  Vec3 polarisation{};     // of E; not used by Equations::tm and sound
  double amplitude = 1.0;  // in the focus, of the paraxial beam [V/m], [Pa]
  Waveform waveform;
};

struct BeamSource {
  std::vector<TimeSource> sources;
  Vec3 crossing{};                  // of beam axis and sheet [m]
  double delay = 0.0;               // after which the waveform reaches the crossing [s]
  std::vector<double> frequencies;  // at which the profile is exact [Hz]
};

// Throws InputError where the sheet lies in a layer, in graded cells or in several media, the waist
// is below a third of a wavelength, or the beam runs along the sheet.
BeamSource gaussian_beam_source(const WaveContext& context, const GaussianBeam& beam);

}  // namespace wavesmith
