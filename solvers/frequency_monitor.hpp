// What a run in time is asked for at chosen frequencies: numbers made of recorded spectra, and the
// exact derivative of them.
//
// A monitor adds the SpectrumMonitors that it needs to a setup when it is made. After the run it
// turns their spectra into numbers; `pull_back` takes a loss's cotangents of the numbers back to
// cotangents of the spectra, where TimeDomain::pull_back goes on. Cotangents g of complex and of
// real numbers alike are told by dL = sum Re(conj(g) dV).
//
// Spectra are those of a pulse, F(omega) = sum f(t) exp(i omega t) dt. An amplitude per unit of
// the pulse is number / S(omega), a power number / |S(omega)|^2, with S the pulse's own spectrum:
// divide_by_waveform.
#pragma once

#include <complex>
#include <span>
#include <string>
#include <vector>

#include "solvers/time_domain.hpp"

namespace wavesmith {

// [SpectrumMonitor of the setup][frequency][point], as TimeDomain gives them to a loss.
using Spectra = std::vector<std::vector<std::complex<double>>>;

// All spectra of a march so far.
Spectra spectra_of(const TimeDomain& march);

// Zeros of the same shapes, for cotangents to be added to.
Spectra zeros_like(const Spectra& spectra);

enum class FieldPower { linear, quadratic };  // in the fields

struct MonitorNumber {
  std::string name;  // "flux"
  std::string unit;  // of the number divided by the waveform's spectrum
  FieldPower power = FieldPower::linear;
  int mode = 0;  // whose amplitude it is, from 1 on; 0: of none
};

// [number][frequency], or [number][frequency][point] of monitors that give whole fields.
using MonitorValues = std::vector<std::vector<std::complex<double>>>;

class FrequencyMonitor {
 public:
  virtual ~FrequencyMonitor() = default;

  const std::string& name() const { return name_; }
  const std::vector<double>& frequencies() const { return frequencies_; }  // [Hz]

  virtual std::vector<MonitorNumber> numbers() const = 0;
  // One row for each of numbers().
  virtual MonitorValues evaluate(const Spectra& spectra) const = 0;
  // Adds to the spectra's cotangents, which have the shapes of the spectra.
  virtual void pull_back(const Spectra& spectra, const MonitorValues& cotangent,
                         Spectra& cotangents) const = 0;

 protected:
  // Throws InputError for frequencies that are not positive.
  FrequencyMonitor(std::string name, std::vector<double> frequencies);

  // Zeros, [number][frequency].
  MonitorValues zero_values() const;

 private:
  std::string name_;
  std::vector<double> frequencies_;
};

// Adds a SpectrumMonitor to the setup and returns its number.
int add_spectrum(TimeDomainSetup& setup, int component, const GridBox& box,
                 const std::vector<double>& frequencies, int every);

// Numbers per unit of the waveform, whose spectrum is given at each frequency; and the transpose:
// cotangents of the numbers from those of what they were divided into. Throws InputError where the
// waveform holds nothing of a frequency.
MonitorValues divide_by_waveform(const MonitorValues& values,
                                 std::span<const MonitorNumber> numbers,
                                 std::span<const std::complex<double>> waveform);
MonitorValues divide_by_waveform_transpose(const MonitorValues& cotangent,
                                           std::span<const MonitorNumber> numbers,
                                           std::span<const std::complex<double>> waveform);

// The spectrum of a waveform as the march samples it, sum f(t) exp(i omega t) dt at the times
// (n + 1/2) dt of n < steps at which sources add to the first group.
std::vector<std::complex<double>> waveform_spectrum(const std::function<double(double)>& waveform,
                                                    std::span<const double> frequencies, double dt,
                                                    long steps);

}  // namespace wavesmith
