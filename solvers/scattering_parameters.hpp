// Scattering parameters: what comes out of each port in each mode, per unit that goes into one mode
// of one port.
//
//   S_i = b_i / a,   a the incident amplitude of the excited port, b_i the outgoing one of port i,
// amplitudes of solvers/mode_overlap.hpp, |S|^2 a ratio of powers (D. M. Pozar, Microwave
// Engineering, section 4.3). Phases are between the ports' planes. The source's waveform cancels.
#pragma once

#include <string>
#include <vector>

#include "solvers/mode_overlap.hpp"

namespace wavesmith {

// A port: its amplitudes, and on which side of its plane the device lies.
struct Port {
  const ModeOverlap* overlap = nullptr;  // outlives the scattering parameters
  bool device_ahead = true;              // along +axis
};

class ScatteringParameters final : public FrequencyMonitor {
 public:
  // Modes are counted from 0. All ports have the same frequencies. Throws InputError otherwise.
  ScatteringParameters(std::string name, std::vector<Port> ports, int excited_port,
                       int excited_mode = 0);

  // "S 2,1 | mode 1" for each port (counted from 1, the excited one behind the comma) and mode.
  std::vector<MonitorNumber> numbers() const override;
  MonitorValues evaluate(const Spectra& spectra) const override;
  void pull_back(const Spectra& spectra, const MonitorValues& cotangent,
                 Spectra& cotangents) const override;

 private:
  std::vector<Port> ports_;
  std::size_t excited_;
  int mode_;
};

}  // namespace wavesmith
