// Amplitudes of a guide's modes in a cross-section, forward and backward, at every frequency.
//
// The modes are sought on the march's own grid and time step at each frequency, and the projection
// of solvers/waveguide_modes.hpp picks their amplitudes exactly out of E on the plane and H half a
// cell beyond: forward runs along +axis. An amplitude squared is a power [W] (per metre in two
// dimensions), and its phase is that on the plane; from frequency to frequency the sign of a mode
// is free, as its largest transverse E is real and positive.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "solvers/frequency_monitor.hpp"
#include "solvers/section_plane.hpp"
#include "solvers/waveguide_modes.hpp"

namespace wavesmith {

struct ModeChoice {
  int count = 1;             // modes 1 .. count, by falling effective index
  double index_guess = 0.0;  // 0: from the fundamental on
  ModeFamily family = ModeFamily::all;
};

class ModeOverlap final : public FrequencyMonitor {
 public:
  // The medium is that of `setup` when this is made. Light: the Maxwell system, or Ez as the scalar
  // (then with the family that has E along z). Throws InputError where the plane has no modes,
  // where the cells on both sides of it differ or where it is not in the grid.
  ModeOverlap(TimeDomainSetup& setup, std::string name, const SectionPlane& plane,
              const ModeChoice& choice, const std::vector<double>& frequencies, int every = 1);

  // "mode 1 forward", "mode 1 backward", "mode 2 forward", ...
  std::vector<MonitorNumber> numbers() const override;
  MonitorValues evaluate(const Spectra& spectra) const override;
  void pull_back(const Spectra& spectra, const MonitorValues& cotangent,
                 Spectra& cotangents) const override;

  int mode_count() const { return count_; }
  // Rows of evaluate().
  static std::size_t forward_row(int mode) { return 2 * static_cast<std::size_t>(mode); }
  static std::size_t backward_row(int mode) { return forward_row(mode) + 1; }
  // [frequency][mode]
  const std::vector<std::vector<WaveguideMode>>& modes() const { return modes_; }
  // The highest index at the section's rim, at each frequency. A mode with no higher effective
  // index is not guided: it fills the section up to the walls that cut it off.
  std::span<const double> rim_index() const { return rim_index_; }

 private:
  // A component of the section: its SpectrumMonitor and the weights of every number.
  struct Part {
    int monitor = 0;
    std::size_t points = 0;
    std::vector<std::vector<std::vector<std::complex<double>>>>
        weights;  // [number][frequency][point]
  };

  int count_;
  std::vector<Part> parts_;
  std::vector<std::vector<WaveguideMode>> modes_;
  std::vector<double> rim_index_;
};

}  // namespace wavesmith
