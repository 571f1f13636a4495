// A scene of waves in time on its grid: media placed, sources and monitors made, ready to march.
#pragma once

#include <complex>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "apps/commands.hpp"
#include "apps/metrics.hpp"
#include "apps/wave_problem.hpp"
#include "core/frame.hpp"
#include "solvers/bloch_march.hpp"
#include "solvers/frequency_monitor.hpp"
#include "solvers/harmonic_inversion.hpp"
#include "solvers/scattering_parameters.hpp"
#include "solvers/surface_samples.hpp"
#include "solvers/time_domain.hpp"
#include "solvers/wave_context.hpp"

namespace wavesmith {

// What a frequency monitor found, but for fields, in units of the waveform of the scene's first
// source.
struct MonitorCurves {
  std::string name, kind;
  std::vector<double> frequencies;  // [Hz]
  std::vector<MonitorNumber> numbers;
  MonitorValues values;  // [number][frequency]
  // Of a far field, whose numbers are the intensities in these directions.
  std::vector<FarDirection> directions;
};

// Whether the media make no frequencies that the sources do not have.
bool is_linear(const WaveProblem& problem);

class WaveSimulation {
 public:
  // Throws UnavailableError where it does not fit into memory, before the media are placed.
  WaveSimulation(const WaveProblem& problem, const Device& device, Precision precision,
                 int threads);
  WaveSimulation(const WaveSimulation&) = delete;  // the march asks the media what is where
  WaveSimulation& operator=(const WaveSimulation&) = delete;

  // With Bloch phases that of both parts; the numbers of monitors are those of the real one.
  TimeDomain& march() { return bloch_ ? bloch_->parts() : *march_; }
  const TimeDomain& march() const { return bloch_ ? bloch_->parts() : *march_; }
  const WaveContext& context() const { return context_; }
  const GeometryOnGrid& media() const { return *media_; }
  const std::vector<std::unique_ptr<FrequencyMonitor>>& monitors() const { return monitors_; }
  const std::vector<std::unique_ptr<ScatteringParameters>>& scattering() const {
    return scattering_;
  }
  // Of each monitor, the SpectrumMonitors of the setup that are its own, from the first on.
  std::span<const std::size_t> first_spectra() const { return first_spectra_; }
  std::vector<MonitorCurves> curves(const WaveProblem& problem) const;
  // The fields of the monitors of kind "spectrum", a frame a frequency.
  std::vector<Frame> spectra(const WaveProblem& problem) const;
  // TimeMonitor of the setup for each of the problem's points.
  const std::vector<int>& point_monitors() const { return point_monitors_; }

 private:
  Spectra all_spectra() const;
  std::vector<std::complex<double>> waveform_at(const WaveProblem& problem,
                                                std::span<const double> frequencies) const;

  std::unique_ptr<GeometryOnGrid> media_;
  std::unique_ptr<TimeDomain> march_;  // one of the two
  std::unique_ptr<BlochMarch> bloch_;
  WaveContext context_;
  std::vector<std::unique_ptr<FrequencyMonitor>> monitors_;
  std::vector<std::unique_ptr<ScatteringParameters>> scattering_;
  std::vector<std::size_t> first_spectra_;
  std::vector<int> point_monitors_;
};

// A field at a place in time, and what was found in it.
struct PointTrace {
  std::string name, field, unit;
  std::vector<double> times, values;  // [s], in the field's unit
  std::vector<Resonance> resonances;  // the strongest first
};

// The numbers of [[metric]]. Throws InputError where one names what a monitor does not give,
// NumericsError where no resonance was found.
void add_wave_metrics(const WaveProblem& problem, const std::vector<MonitorCurves>& curves,
                      const std::vector<PointTrace>& traces, Metrics& metrics);

}  // namespace wavesmith
