// Waves in time in one period of a periodic medium: complex fields with a Bloch phase.
//
//   f(r + L) = f(r) exp(i k L)
//
// along periodic axes, k L the phases of GridBoundaries::bloch_phase: the bands of crystals and
// gratings, and oblique incidence with a fixed tangential wave vector. The real and the imaginary
// part are two real marches, coupled where the seam of a period is crossed (kernels/leapfrog.hpp);
// everything else is that of solvers/time_domain.hpp, which marches both as one.
//
// The march is linear in the complex field, with real coefficients but for the phases. A field
// driven by real signals is complex; spectra
//   F(omega) = sum over recorded steps of f(t) exp(i omega t) dt_record
// at -omega are not the conjugates of those at omega: they are those of the wave vector -k,
// conjugated. A loss is told by its cotangents g, dL = sum Re(conj(g) df), of spectra and records.
//
// Media: coefficients, decay and poles (linear). Off-diagonal elements of the tensor and
// nonlinearities are refused. CPU only.
#pragma once

#include <array>
#include <complex>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "solvers/time_domain.hpp"

namespace wavesmith {

// Adds sum over ranks of weights[rank][point] signal(rank, t), both complex, to a component.
struct ComplexSource {
  int component = 0;
  GridBox box;
  int rank = 1;
  std::vector<std::complex<double>> weights;                          // [rank][point]
  std::function<std::complex<double>(int rank, double time)> signal;  // time [s]
};

// One period: grid, boundaries with their phases, media, monitors, precision and schedule as for
// real fields. `real.sources` and `real.initial` are those of the real part.
struct BlochSetup {
  TimeDomainSetup real;
  std::vector<ComplexSource> sources;
  std::array<std::vector<double>, 6> initial_imaginary;  // like real.initial; empty: 0
};

// What the monitors have, or the cotangents of a loss of it: spectra [monitor][frequency][point],
// records [time monitor][record][point].
struct BlochData {
  std::vector<std::vector<std::complex<double>>> spectra, records;
};

// As TimeDomainGradient, of the numbers of one period; those of complex numbers z are g with
// dL = Re(conj(g) dz).
struct BlochGradient {
  std::array<std::vector<double>, 3> coefficient, second_coefficient;
  std::array<std::vector<double>, 6> decay;
  std::array<std::vector<std::complex<double>>, 6> initial;
  std::vector<std::vector<double>> real_signals;           // of real.sources, [step][rank]
  std::vector<std::vector<std::complex<double>>> signals;  // of the complex ones, likewise
  std::vector<PoleField> poles;
  // By the components of the wave vector k at fixed sources and media, [1 / (rad/m)]: with
  // GradientWants::bloch_phase. Sources that depend on k have the rest of it in their signals.
  std::array<double, 3> wave_vector{};
  GradientPlan plan;
  double error_estimate = 0.0;
};

class BlochMarch {
 public:
  using Complex = std::complex<double>;

  // Throws InputError where the setup contradicts itself, has no periodic axis or a medium that is
  // refused, UnavailableError where it does not fit into memory or is to run on a GPU.
  explicit BlochMarch(BlochSetup setup);

  const BlochSetup& setup() const { return setup_; }
  const LeapfrogSize& size() const { return period_; }  // of one period
  long step() const { return march_->step(); }

  // Both parts as the one march of real fields that they are, to be run, watched and saved. Its
  // records are those of the real part first, by the same numbers, and then of the imaginary one.
  TimeDomain& parts() { return *march_; }
  const TimeDomain& parts() const { return *march_; }

  // These are as in TimeDomain, with complex numbers.
  void run(long steps) { march_->run(steps); }
  void restart() { march_->restart(); }
  std::vector<Complex> spectrum(int monitor) const;     // [frequency][point]
  std::vector<Complex> record(int time_monitor) const;  // [record][point]
  std::vector<double> record_times(int time_monitor) const;
  void drop_records() { march_->drop_records(); }
  std::vector<Complex> field(int component) const;
  std::vector<std::byte> save_state() const { return march_->save_state(); }
  void load_state(std::span<const std::byte> state) { march_->load_state(state); }

  // The design region lies in the period. What is kept of the forward march reaches, along the axis
  // of TimeDomain's pairs, from the design in the real part to that in the imaginary one.
  using Loss = std::function<BlochData(const BlochData& data)>;
  BlochGradient pull_back(long steps, const GridBox& design, const Loss& loss,
                          const GradientMemory& memory = {}, const GradientWants& wants = {});
  GradientPlan plan_gradient(long steps, const GridBox& design, const GradientMemory& memory = {},
                             const GradientWants& wants = {}) const;

 private:
  GridBox part(GridBox box, bool imaginary) const;
  GridBox both_parts(const GridBox& box) const;
  std::vector<double> in_both(const std::vector<double>& real,
                              const std::vector<double>& imaginary) const;
  TimeDomainSetup paired_setup() const;
  BlochData data_of(const TimeDomainData& data) const;
  TimeDomainData parts_of(const BlochData& cotangents, const BlochData& shown) const;
  BlochGradient gradient_of(const TimeDomainGradient& both, const GridBox& design) const;

  BlochSetup setup_;
  LeapfrogSize period_, pair_;  // of one part, and of both
  std::unique_ptr<TimeDomain> march_;
};

}  // namespace wavesmith
