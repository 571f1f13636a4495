// Behind TimeDomain: the march in one precision, forward. The transposed march is in
// time_domain_transposed.hpp.
//
// Steps are taken in blocks that begin at multiples of the block's length. Signals are set before,
// and spectra summed after a whole block, so that the bits do not depend on where runs begin and
// end; the records of an unfinished block wait for its end.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/host_memory.hpp"
#include "solvers/decimation.hpp"
#include "solvers/tensor_links.hpp"
#include "solvers/time_domain.hpp"
#include "solvers/time_domain_watchdog.hpp"

namespace wavesmith {

// Calls work(position, index in a row-major array over all points) for the points of a box, in
// order, at every stride-th point along each axis.
template <class Work>
void for_points(const GridBox& box, const LeapfrogSize& size, const std::array<int, 3>& stride,
                const Work& work) {
  std::array<int, 3> p{};
  for (p[2] = box.begin[2]; p[2] < box.end[2]; p[2] += stride[2])
    for (p[1] = box.begin[1]; p[1] < box.end[1]; p[1] += stride[1])
      for (p[0] = box.begin[0]; p[0] < box.end[0]; p[0] += stride[0])
        work(p, size.index(p[0], p[1], p[2]));
}
template <class Work>
void for_points(const GridBox& box, const LeapfrogSize& size, const Work& work) {
  for_points(box, size, {1, 1, 1}, work);
}

// The points that a time monitor records, as indices in its box.
std::vector<std::size_t> recorded_points(const TimeMonitor& monitor);

// What a coefficient, a decay or a field is at the points of a box; otherwise: where none is given.
std::vector<double> values_in(const GridBox& box, const LeapfrogSize& size,
                              const std::vector<double>& values, double otherwise = 1.0);

const char* component_name(WaveSystem system, int component);

// Time of a component after a step [s].
double time_of(const TimeDomainSetup& setup, int component, long step);

// Time at which a source adds to a component in a step [s].
double drive_time(const TimeDomainSetup& setup, int component, long step);

// Product of the metrics at a component's point, c dt / width for each axis; zero where the
// component does not live: in a wall, beyond a mirror.
double metric_product(const GridLines& lines, int component, const std::array<int, 3>& p);

// Before step 0, at the points of a box; zero where the component does not live.
std::vector<double> initial_field(const TimeDomainSetup& setup, const GridLines& lines,
                                  int component, const GridBox& box);

// Multiples of `every` below n.
inline long records_before(long n, int every) {
  return (n + every - 1) / every;
}

void validate_box(const GridBox& box, int component, const LeapfrogSize& size,
                  const std::string& what);
void validate_setup(const TimeDomainSetup& setup, const GridLines& lines);
void validate_nonlinear(const TimeDomainSetup& setup, const LeapfrogSize& size);
void validate_tensor(const TimeDomainSetup& setup, const GridLines& lines);

// The tensor of the setup's medium.
TensorRows tensor_rows(const TimeDomainSetup& setup);

// Steps of a block: 64, or fewer where what sources and monitors hold for a block is large.
int block_length(const TimeDomainSetup& setup);
// What a march of this setup holds before its first step [bytes].
std::uint64_t estimate_march_bytes(const TimeDomainSetup& setup, const LeapfrogSize& size);

// exp(i omega t) dt_record of the records of steps first .. first + steps - 1, [f][r].
template <class T>
struct SpectrumPhases {
  SpectrumPhases(const TimeDomainSetup& setup, const SpectrumMonitor& monitor, long first,
                 long steps);
  std::vector<T> cosine, sine;
};

// An engine with the medium of a setup, without drives and taps.
template <class T>
std::unique_ptr<LeapfrogEngine<T>> make_engine(const TimeDomainSetup& setup,
                                               const GridLines& lines);

// What a derivative needs of the forward march: components in boxes.
struct KeptField {
  int component = 0;
  GridBox box;
};
// Of the design region; the first group's come first.
std::vector<KeptField> kept_fields(const TimeDomainSetup& setup, const GridBox& design,
                                   const GradientWants& wants);

// What consecutive forward steps leave for the transposed ones, [step][point].
template <class T>
struct FieldHistory {
  std::vector<std::span<const T>> fields;    // kept, before the first of these steps and after each
  std::vector<T> differences;                // that the design region's links pick up
  std::vector<std::vector<T>> trajectories;  // of each nonlinear medium
};

class TimeDomain::March {
 public:
  virtual ~March() = default;
  virtual void restart() = 0;
  // Takes the setup's coefficients and off-diagonal elements anew, and restarts.
  virtual void take_medium() = 0;
  virtual void run(long steps) = 0;
  virtual std::vector<double> field(int component) const = 0;
  virtual std::vector<std::byte> save_state() const = 0;
  virtual void load_state(std::span<const std::byte> state) = 0;
  virtual TimeDomainGradient pull_back(long steps, const GridBox& design, const Loss& loss,
                                       const GradientMemory& memory,
                                       const GradientWants& wants) = 0;
  virtual GradientPlan plan_gradient(long steps, const GridBox& design,
                                     const GradientMemory& memory,
                                     const GradientWants& wants) const = 0;
};

template <class T>
class TimeDomain::MarchOf final : public TimeDomain::March {
 public:
  explicit MarchOf(TimeDomain& owner);

  void restart() override;
  void take_medium() override;
  void run(long steps) override;
  std::vector<double> field(int component) const override;
  std::vector<std::byte> save_state() const override;
  void load_state(std::span<const std::byte> state) override;
  TimeDomainGradient pull_back(long steps, const GridBox& design, const Loss& loss,
                               const GradientMemory& memory, const GradientWants& wants) override;
  GradientPlan plan_gradient(long steps, const GridBox& design, const GradientMemory& memory,
                             const GradientWants& wants) const override;

 private:
  const TimeDomainSetup& setup() const { return owner_.setup_; }
  const LeapfrogEngine<T>& engine() const;

  class Checkpoints;  // time_domain_gradient.cpp

  GradientPlan plan_dft(long steps, const GridBox& design, const GradientWants& wants) const;
  TimeDomainGradient pull_back_dft(const GradientPlan& plan, const GridBox& design,
                                   const Loss& loss);
  GradientPlan plan_reverse(long steps, const GridBox& design, const GradientMemory& memory,
                            const GradientWants& wants) const;
  TimeDomainGradient pull_back_reverse(const GradientPlan& plan, const GridBox& design,
                                       const Loss& loss, const GradientWants& wants);
  // Steps that a march back undoes at a time.
  int reversal_piece(const GridBox& design, const GradientWants& wants) const;
  std::size_t step_bytes(const GridBox& design, const GradientWants& wants) const;
  // Of engines and history [bytes].
  std::uint64_t held_bytes() const;
  void start_engine();
  void clear_engine();
  void write_initial();
  void require_room_for_records(long steps) const;
  void set_signals(long first, int steps, bool watched);
  void run_block(int steps);
  void collect_records(long first, int steps);
  void collect_spectra(long first, int steps);
  // Adds the waiting records, of steps block .. end - 1, to the spectra.
  void add_waiting(long block, long end);
  // So that `data_` has what has been recorded so far, and back.
  void show_unfinished_block();
  void hide_unfinished_block();
  // Throws what the watchdog finds, if it is time to look; last: of a run.
  void watch(bool last);

  TimeDomain& owner_;
  // What was taken for a derivative stays for the next one.
  std::unique_ptr<LeapfrogEngine<T>> engine_, back_engine_;
  std::vector<host::HostArray<T>> history_memory_;
  std::vector<host::HostArray<T>> record_memory_;  // of each component, waiting for their spectra
  // Of the sources, as a derivative from spectra after so many steps takes it.
  std::optional<Decimation> forward_decimation_;
  long most_transposed_steps_ = 0;
  long decimated_steps_ = 0;  // of the forward march that both were found for
  bool marching_ = false;     // not after a pull_back
  std::vector<int> drives_, spectrum_taps_, time_taps_, history_taps_;
  std::vector<std::vector<std::size_t>> nowhere_;   // points of each source without its component
  std::vector<std::vector<std::size_t>> recorded_;  // of each time monitor
  std::size_t state_size_ = 0;                      // numbers of an engine's state
  int block_;
  std::vector<std::vector<T>> waiting_;             // of each monitor, [record][point]
  std::vector<std::vector<Complex>> whole_blocks_;  // spectra; empty where nothing waits
  Watchdog watchdog_;
  long watched_ = 0;  // step of the last look
};

}  // namespace wavesmith
