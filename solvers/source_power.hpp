// Power that a source puts into the fields, from the fields at the source's own points: what it
// radiates and what is absorbed around it, and with that the local density of states.
//
// With exp(-i omega t) and the source's density j S(omega) (S the spectrum of its waveform), the
// complex power per |S|^2 is
//   light: -(E j + H m) V / (2 S) summed over its points,    sound: (p q + v f) V / (2 S),
// V the volume of a point's cell as in solvers/flux.hpp, and its real part what flows out of a box
// around the source, to rounding where nothing absorbs: sources add half a step before the field
// that they meet, as waveform_spectrum takes them. At a mirror it is that of the part modelled. The
// imaginary part of a point's power holds its near field, which depends on the cell.
//
// Of a source at a point, in the field's own directions, there is also the enhancement: power over
// what the same source radiates in the endless uniform medium of its place, with the impedance
// eta, k = omega / c, and g = eta for E, 1 / eta for H:
//   light, per moment squared: 3D g k^2 / (12 pi); 2D g k / 8 along the axis on which nothing
//     varies, g k / 16 across it; 1D g / 4
//   sound, from a volume flow: eta k^2 / (8 pi), eta k / 8, eta / 4; from a force: k^2 / (24 pi
//     eta), k / (16 eta), 1 / (4 eta).
// (J. D. Jackson, Classical Electrodynamics, sections 9.2 and 9.3; P. M. Morse and K. U. Ingard,
// Theoretical Acoustics, sections 7.1 and 7.3; half of Im G at the source's point.) Its real part
// is the local density of states along the source over that of the uniform medium.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "solvers/frequency_monitor.hpp"
#include "solvers/wave_context.hpp"

namespace wavesmith {

class SourcePower final : public FrequencyMonitor {
 public:
  // Of sources with one waveform, as current_source and point_source make them: densities that do
  // not change with the medium. The numbers "power" (complex power) and, where the source is a
  // point, "enhancement" are linear in the fields: they mean what they say once divided by the
  // waveform's spectrum, divide_by_waveform. `every`: steps from record to record. Throws
  // InputError for no source, or sources of several ranks.
  SourcePower(TimeDomainSetup& setup, const WaveContext& context, std::string name,
              std::span<const TimeSource> sources, const std::vector<double>& frequencies,
              int every = 1);

  std::vector<MonitorNumber> numbers() const override;
  MonitorValues evaluate(const Spectra& spectra) const override;
  void pull_back(const Spectra& spectra, const MonitorValues& cotangent,
                 Spectra& cotangents) const override;

 private:
  struct Part {
    int monitor = 0;
    std::vector<double> weights;  // of the points' spectra
  };
  std::vector<Part> parts_;
  // What divides the power at each frequency; empty where the source is no point.
  std::vector<double> uniform_;
  std::string unit_;
};

}  // namespace wavesmith
