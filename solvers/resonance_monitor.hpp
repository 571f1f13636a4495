// Resonances seen by a field at one point: frequency, quality, amplitude and error of each, by
// harmonic inversion (solvers/harmonic_inversion.hpp) of what rings on after the sources have
// ended.
//
// The record starts with the first sample after the end of the sources and is as long as the run
// goes on; a resonance is told apart from another 1 / (length of the record) away. Put the point
// where no symmetry of the modes sought makes the field zero.
#pragma once

#include <string>
#include <vector>

#include "solvers/harmonic_inversion.hpp"
#include "solvers/wave_context.hpp"

namespace wavesmith {

struct ResonanceBand {
  double low = 0.0, high = 0.0;  // [Hz]
};

class ResonanceMonitor {
 public:
  // Adds a TimeMonitor to the setup, at the point of the field next to `position`, that records at
  // least 8 times in a period of the band's upper end. Throws InputError for a band that is not
  // positive and rising, or beyond what the step can hold.
  ResonanceMonitor(TimeDomainSetup& setup, const WaveContext& context, std::string name,
                   const std::string& field, const Vec3& position, const ResonanceBand& band);

  // By rising frequency. `sources_end` [s]. An amplitude is that of the field at the first sample,
  // 2 |amplitude| the height of its oscillation. Throws InputError where fewer than 8 samples
  // follow.
  std::vector<Resonance> find(const TimeDomain& march, double sources_end,
                              const HarmonicOptions& options = {}) const;

  const std::string& name() const { return name_; }
  const std::string& unit() const { return field_.unit; }  // of amplitudes
  Vec3 position() const { return position_; }              // of the point recorded [m]

 private:
  std::string name_;
  StoredField field_;
  Vec3 position_{};
  ResonanceBand band_;
  int monitor_ = 0;
};

}  // namespace wavesmith
