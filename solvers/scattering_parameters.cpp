#include "solvers/scattering_parameters.hpp"

#include <cmath>
#include <utility>

#include "core/error.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

std::size_t incident_row(const Port& port, int mode) {
  return port.device_ahead ? ModeOverlap::forward_row(mode) : ModeOverlap::backward_row(mode);
}
std::size_t outgoing_row(const Port& port, int mode) {
  return port.device_ahead ? ModeOverlap::backward_row(mode) : ModeOverlap::forward_row(mode);
}

const std::vector<double>& frequencies_of(const std::vector<Port>& ports, int excited) {
  WAVESMITH_VALIDATE(
      excited >= 0 && static_cast<std::size_t>(excited) < ports.size(),
      "scattering parameters: there is no port " + std::to_string(excited + 1) + " to be excited");
  for (const Port& port : ports)
    WAVESMITH_VALIDATE(
        port.overlap != nullptr && port.overlap->frequencies() == ports[0].overlap->frequencies(),
        "scattering parameters: all ports need a mode monitor at the same frequencies");
  return ports[0].overlap->frequencies();
}

}  // namespace

ScatteringParameters::ScatteringParameters(std::string name, std::vector<Port> ports,
                                           int excited_port, int excited_mode)
    : FrequencyMonitor(std::move(name), frequencies_of(ports, excited_port)),
      ports_(std::move(ports)),
      excited_(static_cast<std::size_t>(excited_port)),
      mode_(excited_mode) {
  WAVESMITH_VALIDATE(excited_mode >= 0 && excited_mode < ports_[excited_].overlap->mode_count(),
                     "scattering parameters: port " + std::to_string(excited_port + 1) +
                         " has no mode " + std::to_string(excited_mode + 1));
}

std::vector<MonitorNumber> ScatteringParameters::numbers() const {
  std::vector<MonitorNumber> numbers;
  for (std::size_t p = 0; p < ports_.size(); ++p)
    for (int m = 0; m < ports_[p].overlap->mode_count(); ++m)
      numbers.push_back({"S " + std::to_string(p + 1) + "," + std::to_string(excited_ + 1) +
                             " | mode " + std::to_string(m + 1),
                         "", FieldPower::linear, m + 1});
  return numbers;
}

MonitorValues ScatteringParameters::evaluate(const Spectra& spectra) const {
  const std::vector<Complex> incident =
      ports_[excited_].overlap->evaluate(spectra)[incident_row(ports_[excited_], mode_)];
  for (const Complex& a : incident)
    if (!(std::norm(a) > 0.0))
      throw NumericsError("scattering parameters " + name() +
                          ": nothing goes into the excited port; put the source behind its plane "
                          "and the frequencies inside of the source's band");
  MonitorValues values;
  for (const Port& port : ports_) {
    const MonitorValues amplitudes = port.overlap->evaluate(spectra);
    for (int m = 0; m < port.overlap->mode_count(); ++m) {
      values.push_back(amplitudes[outgoing_row(port, m)]);
      for (std::size_t f = 0; f < incident.size(); ++f) values.back()[f] /= incident[f];
    }
  }
  return values;
}

// dS = (db - S da) / a: cotangents g / conj(a) of b, and -g conj(S) / conj(a), summed, of a.
void ScatteringParameters::pull_back(const Spectra& spectra, const MonitorValues& cotangent,
                                     Spectra& cotangents) const {
  const Port& excited = ports_[excited_];
  const MonitorValues values = evaluate(spectra);
  const MonitorValues at_excited = excited.overlap->evaluate(spectra);
  const std::vector<Complex>& incident = at_excited[incident_row(excited, mode_)];
  std::vector<Complex> back_incident(incident.size());
  std::size_t row = 0;
  for (std::size_t p = 0; p < ports_.size(); ++p) {
    const ModeOverlap& overlap = *ports_[p].overlap;
    MonitorValues back(overlap.numbers().size(), std::vector<Complex>(incident.size()));
    for (int m = 0; m < overlap.mode_count(); ++m, ++row)
      for (std::size_t f = 0; f < incident.size(); ++f) {
        const Complex g = cotangent[row][f] / std::conj(incident[f]);
        back[outgoing_row(ports_[p], m)][f] += g;
        back_incident[f] -= std::conj(values[row][f]) * g;
      }
    overlap.pull_back(spectra, back, cotangents);
  }
  MonitorValues back(at_excited.size(), std::vector<Complex>(incident.size()));
  back[incident_row(excited, mode_)] = back_incident;
  excited.overlap->pull_back(spectra, back, cotangents);
}

}  // namespace wavesmith
