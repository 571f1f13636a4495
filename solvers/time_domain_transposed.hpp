// Behind TimeDomain: the transposed march, from the last step to the first, and the derivatives
// that it leaves behind.
//
// Transposed step m undoes step n = steps - 1 - m. What the first group's monitors saw after step n
// enters after the transposed first half-step; what the second group's saw, one transposed step
// earlier, so that of the last step enters before everything. The engine carries cotangents times
// C / V, those of the second group times -C / V (kernels/leapfrog.hpp).
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "solvers/tensor_gradient.hpp"
#include "solvers/time_domain_march.hpp"

namespace wavesmith {

template <class T>
class TransposedMarch {
 public:
  // cotangents: of what all monitors have after `steps` steps.
  TransposedMarch(const TimeDomainSetup& setup, const GridLines& lines, long steps,
                  const GridBox& design, const TensorGradient& tensor,
                  const TimeDomainData& cotangents, TimeDomainGradient& gradient);

  // Undoes the steps before those that are undone already, down to step `first`. history: the
  // design's fields after step first - 1 and after each of these steps.
  void undo(long first, const FieldHistory<T>& history);

  // After step 0 is undone: from what the engine carries to derivatives.
  void finish();

 private:
  // What a monitor's cotangent adds to the engine: `add` to what it is given for all points of the
  // box, of the records of a step.
  struct Entry {
    int component = 0;
    GridBox box;
    std::vector<double> scales;
    std::function<void(long step, std::span<T> to)> add;
    int drive = 0;
  };

  void add_entries(const TimeDomainData& cotangents);
  void start_from_last_step();
  double cotangent_scale(int component, const std::array<int, 3>& p, std::size_t point) const;
  std::vector<double> cotangent_scales(int component, const GridBox& box) const;
  void add_scaled(const Entry& entry, long step, std::span<T> to) const;
  template <class Values>
  void set_signal_gradient(std::size_t source, long step, const Values& back);

  const TimeDomainSetup& setup_;
  const GridLines& lines_;
  long steps_, next_;  // steps in all; those not undone yet
  GridBox design_;
  TimeDomainGradient& gradient_;
  int split_;
  std::unique_ptr<LeapfrogEngine<T>> engine_;
  std::vector<Entry> entries_;
  std::vector<std::vector<double>> source_scales_;
  std::vector<int> source_taps_, design_taps_;
  TensorGradient tensor_;
  std::vector<std::vector<double>> decays_;  // in the design region; empty: 1
};

}  // namespace wavesmith
