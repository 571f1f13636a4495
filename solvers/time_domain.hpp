// Waves in time on a staggered grid: sources in, spectra out, and the exact derivative of anything
// computed from the spectra.
//
// The march is kernels/leapfrog.hpp; a medium is its coefficients, point by point: for Maxwell
// C_E = 1 / permittivity, C_H = 1 / permeability (H times Z0); for sound C_p = the bulk modulus
// and C_v = 1 / density, both relative to the reference medium (rho c^2, rho), v = -rho c velocity.
// Electric conductivity is a decay.
//
// Step n takes the first group from n dt to (n + 1) dt and the second from (n + 1/2) dt to
// (n + 3/2) dt. Sources add to a component: first group at (n + 1/2) dt, second at (n + 1) dt.
//
// Spectra: F(omega) = sum over recorded steps of f(t) exp(i omega t) dt_record, t the time of the
// component. A loss L(F) is told by its cotangent g, dL = sum Re(conj(g) dF).
#pragma once

#include <array>
#include <complex>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/units.hpp"
#include "kernels/device.hpp"
#include "solvers/grid_lines.hpp"

namespace wavesmith {

// Adds sum over ranks of weights[rank][point] signal(rank, t) to a component in each step. A
// current density J is the weight -C dt / eps0 J (C of the point, the factor dt / eps0 in SI).
struct TimeSource {
  int component = 0;
  GridBox box;
  int rank = 1;
  std::vector<double> weights;                          // [rank][point]
  std::function<double(int rank, double time)> signal;  // time [s]
  // With rank 0, instead of both: sets what is added at each point of the box.
  std::function<void(double time, std::span<double> values)> fill = {};
};

struct SpectrumMonitor {
  int component = 0;
  GridBox box;
  std::vector<double> frequencies;  // [Hz]
  int every = 1;                    // steps from record to record
};

struct TimeDomainSetup {
  WaveSystem system = WaveSystem::maxwell;
  YeeGrid grid;
  GridBoundaries boundaries;
  Nodes nodes = Nodes::on_edges;
  double speed = speed_of_light;  // of the reference medium [m/s]
  double dt = 0.0;                // [s]
  // Of each component, at every stored point or one number for all; empty: 1.
  std::array<std::vector<double>, 6> coefficient, decay;
  std::vector<PoleField> poles;  // solvers/place_medium.hpp makes them of a medium
  std::vector<TimeSource> sources;
  std::vector<SpectrumMonitor> monitors;
  Precision precision = Precision::f64;
  LeapfrogSchedule schedule;
};

// Derivatives of a loss: with respect to C of the first group at the points of the design region
// ([component][point]), and to the signals of the sources, [source][step][rank]; none for sources
// of rank 0.
struct TimeDomainGradient {
  std::array<std::vector<double>, 3> coefficient;
  std::vector<std::vector<double>> signals;
};

class TimeDomain {
 public:
  using Complex = std::complex<double>;

  // Throws InputError where the setup contradicts itself, UnavailableError where it does not fit
  // into memory, before anything is allocated.
  explicit TimeDomain(TimeDomainSetup setup);
  ~TimeDomain();
  TimeDomain(const TimeDomain&) = delete;
  TimeDomain& operator=(const TimeDomain&) = delete;

  const TimeDomainSetup& setup() const { return setup_; }
  const LeapfrogSize& size() const { return lines_.size; }
  long step() const { return step_; }

  // Steps on. Throws NumericsError, naming step, component and place, once a field is not finite.
  void run(long steps);

  // [frequency][point] of a monitor, so far.
  std::span<const Complex> spectrum(int monitor) const;

  // A component now, row-major over the stored points.
  std::vector<double> field(int component) const;

  // Runs `steps` steps from rest, calls `loss` with the spectra for their cotangents (the same
  // shapes), and marches back through the transposed steps. The fields of `design` are kept for
  // every step: 3 x points x steps numbers. Sources inside of it are taken for currents, whose
  // weights are proportional to C. Throws InputError where poles reach into it.
  using SpectrumLoss = std::function<std::vector<std::vector<Complex>>(
      const std::vector<std::vector<Complex>>& spectra)>;
  TimeDomainGradient pull_back(long steps, const GridBox& design, const SpectrumLoss& loss);

 private:
  class March;
  template <class T>
  class MarchOf;

  double time_of(int component, long step) const;

  TimeDomainSetup setup_;
  GridLines lines_;
  std::unique_ptr<March> march_;
  long step_ = 0;
};

}  // namespace wavesmith
