// Launching a mode of a waveguide in one direction.
//
// Equivalent currents on a plane, n the unit vector along the direction of travel,
//   J = n x H / d at the plane's E,   M = - n x E / d at the H half a cell behind it,
// with the fields of a mode of this very grid and time step at their own places and times: a
// division into total and scattered field for one mode, so that nothing travels back at the
// frequencies at which the mode is known. Between them - Chebyshev points of the waveform's band -
// profiles are interpolated by polynomials, and so is the phase constant.
//
// At every frequency the mode carries the power |amplitude S(f)|^2 (J per Hz^2 of a pulse, W of a
// tone of amplitude 1).
#pragma once

#include <vector>

#include "solvers/section_plane.hpp"
#include "solvers/waveform.hpp"
#include "solvers/waveguide_modes.hpp"

namespace wavesmith {

enum class Travel { forward, backward };  // along the axis, against it

struct OneMode {
  int number = 0;            // by falling index, from 0 on
  double index_guess = 0.0;  // modes are counted from here down; 0: from the largest index
  ModeFamily family = ModeFamily::all;
};

struct ModeSource {
  std::vector<TimeSource> sources;
  std::vector<double> frequencies;   // at which the mode is known exactly [Hz]
  std::vector<WaveguideMode> modes;  // there, with signs that follow each other
};

// amplitude: in sqrt(W); points: how many frequencies (1: the centre only; odd numbers have the
// centre of the band among them). Throws InputError where there is no such mode, it does not
// propagate within the band, or the cells at the plane differ in width along the axis.
ModeSource mode_source(const TimeDomainSetup& setup, const WaveContext& context,
                       const SectionPlane& plane, Travel travel, const OneMode& choice,
                       double amplitude, const Waveform& waveform, int points = 5);

// The mode at a frequency on the setup's grid, as `mode_source` finds it.
WaveguideMode find_mode(const WaveguideModes& modes, const OneMode& choice);

// The family that Equations::tm stands for in a plane across this axis.
ModeFamily family_of_ez(const SectionPlane& plane);

}  // namespace wavesmith
