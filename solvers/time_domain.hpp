// Waves in time on a staggered grid: sources in, spectra and records in time out, and the exact
// derivative of anything computed from them.
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
// component. A loss of spectra and records is told by its cotangents g, dL = sum Re(conj(g) dF) +
// sum g df.
#pragma once

#include <array>
#include <complex>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/units.hpp"
#include "kernels/device.hpp"
#include "physics/subpixel.hpp"
#include "solvers/field_names.hpp"
#include "solvers/gradient_plan.hpp"
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
  // With rank 0, instead of both: sets what is added at each point of the box. Either is a function
  // of the time alone: steps are asked for again where a march is repeated.
  std::function<void(double time, std::span<double> values)> fill = {};
  // The transpose, where a derivative is wanted of what `signal` or `fill` is made of: is handed
  // the derivative of the loss by what either gave at a time, [rank] or [point], once for each step
  // of a pull_back, in any order.
  std::function<void(double time, std::span<const double> cotangents)> pull_back = {};
};

struct SpectrumMonitor {
  int component = 0;
  GridBox box;
  std::vector<double> frequencies;  // [Hz]
  int every = 1;                    // steps from record to record
};

// A component in time, at every stride-th point of a box along each axis.
struct TimeMonitor {
  int component = 0;
  GridBox box;
  int every = 1;  // steps from record to record
  std::array<int, 3> stride = {1, 1, 1};

  // Recorded points along each axis, and all of them, x fastest.
  std::array<int, 3> counts() const;
  std::size_t points() const;
};

struct TimeDomainSetup {
  WaveSystem system = WaveSystem::maxwell;
  YeeGrid grid;
  GridBoundaries boundaries;
  Nodes nodes = Nodes::on_edges;
  // Two marches in one, of the real and the imaginary part of complex fields, as BlochMarch makes
  // them (solvers/bloch_march.hpp): points and boxes are those of the engine's two parts.
  bool paired = false;
  double speed = speed_of_light;  // of the reference medium [m/s]
  double dt = 0.0;                // [s]
  // Of each component, at every stored point or one number for all; empty: 1.
  std::array<std::vector<double>, 6> coefficient, decay;
  // Off-diagonal elements of the inverse tensor, of rows E or v (solvers/tensor_links.hpp): the
  // diagonal is `coefficient`.
  std::array<std::vector<OffDiagonal>, 3> off_diagonal;
  std::array<std::vector<double>, 6> initial;  // fields before step 0, likewise; empty: 0
  std::vector<PoleField> poles;                // solvers/place_medium.hpp makes them of a medium
  std::vector<NonlinearField> nonlinear;
  std::vector<TimeSource> sources;
  std::vector<SpectrumMonitor> monitors;
  std::vector<TimeMonitor> time_monitors;
  Precision precision = Precision::f64;
  Device device;
  LeapfrogSchedule schedule;  // of the CPU
  // For what is said about a run that went wrong: what the components are, and what there is at a
  // point, "silicon".
  std::optional<Equations> equations;
  std::function<std::string(int component, const std::array<int, 3>& point)> describe;
};

// Which derivatives are taken. Those of the second group's C and of the poles need more memory.
struct GradientWants {
  bool second_group = false;  // C of the second group
  bool decay = false;         // of the components whose C is asked for
  bool poles = false;
  bool initial = false;
  bool nonlinear = false;
  bool bloch_phase = false;  // of paired setups
};

// Derivatives of a loss: with respect to C of the first group ([component][point]), of the second
// ([component of the group][point]) and to decay ([component][point]), at the points of the design
// region; to the signals of the sources, [source][step][rank], none for sources of rank 0, whose
// TimeSource::pull_back is handed theirs; to the
// numbers of the poles and of the nonlinear media, in the shape of the setup's, zero outside of the
// design region; to the initial fields, [component][stored point]. What was not asked for is empty.
//
// All numbers of the update count as independent: C at a point with conductivity or poles is what
// multiplies the differences, and a permittivity changes decay, a1 to a3 and gain with it. Sources
// alone change with C at their points, as given current densities do.
struct TimeDomainGradient {
  std::array<std::vector<double>, 3> coefficient, second_coefficient;
  // With respect to the setup's off_diagonal, (next, after_next) of each: what the points of the
  // design region contribute, so interfaces lie inside of it, or outside. Of v: with the second
  // group.
  std::array<std::vector<std::array<double, 2>>, 3> off_diagonal;
  std::array<std::vector<double>, 6> decay, initial;
  // With respect to the boundaries' bloch_phase, sources and media staying what they are.
  std::array<double, 3> bloch_phase{};
  std::vector<std::vector<double>> signals;
  std::vector<PoleField> poles;
  std::vector<NonlinearField> nonlinear;
  GradientPlan plan;  // what it took
  // Relative, of the mode dft: what would have come after the ends of both marches if the fields
  // had gone on to fall as in their second halves, over the sums of their largest magnitudes, and
  // rounding. Where a slow resonance carries the loss it is several times too low. Its signals'
  // derivatives are those of a run without end. Of the mode reverse: how far the fields marched
  // backward were off before the first step, per largest field.
  double error_estimate = 0.0;
};

// What the monitors have, or the cotangents of a loss of it: spectra [monitor][frequency][point],
// records [time monitor][record][point].
struct TimeDomainData {
  std::vector<std::vector<std::complex<double>>> spectra;
  std::vector<std::vector<double>> records;
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

  // Steps on. Throws NumericsError, naming step, field, place, Courant number there and the likely
  // cause, once a field is not finite or has grown beyond what the sources can have put in;
  // UnavailableError where the records of these steps would not fit into memory.
  void run(long steps);

  // Back to step 0, at rest, with nothing recorded.
  void restart();

  // Takes another medium, `coefficient` and `off_diagonal` of the setup, and restarts; all else
  // stays. What follows is that of a new TimeDomain of such a setup, bit for bit, in the memory
  // that this one has, of derivatives too. weights: of every source, as many as there were, since
  // those of current densities hold C; empty: all as they are. Throws as the constructor does, and
  // changes nothing then.
  void set_medium(std::array<std::vector<double>, 6> coefficient,
                  std::array<std::vector<OffDiagonal>, 3> off_diagonal,
                  std::vector<std::vector<double>> weights = {});

  // All that the monitors have so far.
  const TimeDomainData& data() const { return data_; }

  // [frequency][point] of a monitor, so far.
  std::span<const Complex> spectrum(int monitor) const;

  // [record][point] of a time monitor since the start or since they were last dropped, and the
  // times of these records [s].
  std::span<const double> record(int time_monitor) const;
  std::vector<double> record_times(int time_monitor) const;
  // Forgets all records, to keep memory bounded where they have been written elsewhere.
  void drop_records();

  // A component now, row-major over the stored points.
  std::vector<double> field(int component) const;

  // All that is needed to go on later, in another process: fields, absorbing layers, poles, sums
  // and records so far. Going on gives the same bits as never having stopped, with any schedule.
  // load_state throws InputError, and changes nothing, where the bytes are not a state, or one of
  // another setup (the signals of sources are compared at a few times).
  std::vector<std::byte> save_state() const;
  void load_state(std::span<const std::byte> state);

  // Runs `steps` steps from the start, calls `loss` with what the monitors have for its cotangents
  // (the same shapes; empty: none of that kind), and marches back through the transposed steps.
  // Sources inside of the design region are taken for currents, whose weights are proportional to
  // C. Afterwards the monitors have what the loss saw, the next run starts anew, and what the march
  // took of memory is kept for the next derivative. Throws NumericsError where fields marched
  // backward in time (MemoryMode::reverse) do not come back to those before the first step.
  using Loss = std::function<TimeDomainData(const TimeDomainData& data)>;
  TimeDomainGradient pull_back(long steps, const GridBox& design, const Loss& loss,
                               const GradientMemory& memory = {}, const GradientWants& wants = {});
  // A loss of spectra alone.
  using SpectrumLoss = std::function<std::vector<std::vector<Complex>>(
      const std::vector<std::vector<Complex>>& spectra)>;
  TimeDomainGradient pull_back(long steps, const GridBox& design, const SpectrumLoss& loss,
                               const GradientMemory& memory = {}, const GradientWants& wants = {});

  // What pull_back will do and take. Throws as it does: InputError where the mode cannot give what
  // is wanted, UnavailableError where it does not fit into the budget.
  GradientPlan plan_gradient(long steps, const GridBox& design, const GradientMemory& memory = {},
                             const GradientWants& wants = {}) const;

 private:
  class March;
  template <class T>
  class MarchOf;

  TimeDomainSetup setup_;
  GridLines lines_;
  TimeDomainData data_;
  std::vector<long> dropped_;  // records of each time monitor
  long step_ = 0;
  std::unique_ptr<March> march_;
};

}  // namespace wavesmith
