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

#include "solvers/seam_gradient.hpp"
#include "solvers/tensor_gradient.hpp"
#include "solvers/time_domain_march.hpp"
#include "solvers/time_domain_nonlinear.hpp"
#include "solvers/time_domain_poles.hpp"

namespace wavesmith {

// The factors between cotangents at the points of a box and what the transposed march carries.
std::vector<double> cotangent_scales(const TimeDomainSetup& setup, const GridLines& lines,
                                     int component, const GridBox& box);

// Throws InputError where cotangents do not have the shape of what the monitors have.
void validate_cotangents(const TimeDomainData& cotangents, const TimeDomainData& data);

template <class T>
class TransposedMarch {
 public:
  // cotangents: of what all monitors have after `steps` steps. engine: of the setup, to march in;
  // none: its own.
  TransposedMarch(const TimeDomainSetup& setup, const GridLines& lines, long steps,
                  const GridBox& design, const GradientWants& wants, const TensorGradient& tensor,
                  const TimeDomainData& cotangents, TimeDomainGradient& gradient,
                  LeapfrogEngine<T>* engine = nullptr);

  // Undoes the steps before those that are undone already, down to step `first`. history: the
  // kept fields after step first - 1 and after each of these steps; poles: before step `first`.
  void undo(long first, const FieldHistory<T>& history, const typename LocalPoles<T>::State& poles);

  // After step 0 is undone: from what the engine carries to derivatives.
  void finish();

 private:
  // What a monitor's cotangent adds to the engine: `add`, to what it is given for all points of the
  // box, [record][point], that of its records in steps first .. first + steps - 1.
  struct Entry {
    int component = 0;
    GridBox box;
    std::vector<double> scales;
    int every = 1;
    std::function<void(long first, long steps, std::span<T> to)> add;
    int drive = 0;
  };

  void add_entries(const TimeDomainData& cotangents);
  void start_from_last_step();
  std::vector<double> cotangent_scales(int component, const GridBox& box) const {
    return wavesmith::cotangent_scales(setup_, lines_, component, box);
  }
  // To `to`, [i][point], what the records in steps last - i add, i = 0 .. steps - 1.
  void add_scaled(const Entry& entry, long last, long steps, std::span<T> to) const;
  template <class Values>
  void set_signal_gradient(std::size_t source, long step, const Values& back);
  // From what the transposed steps of the last run showed, steps next_ - 1 .. next_ - steps undone.
  void add_products(long first, int steps, const FieldHistory<T>& history,
                    const std::vector<std::vector<double>>& traces);
  void add_tensor_products(int steps, std::size_t start, const FieldHistory<T>& history);
  void add_seam_products(int steps, std::size_t start, const FieldHistory<T>& history);
  // Of a field that is kept for the design region or for the seams.
  std::span<const T> carried_at(std::size_t field, std::size_t i) const;
  const KeptField& followed(std::size_t field) const {
    return field < kept_.size() ? kept_[field] : seams_.fields()[field - kept_.size()];
  }
  // From the record of a step of the last run, n the step undone.
  void add_pole_products(long n, long first, std::size_t record,
                         const std::vector<std::vector<double>>& traces,
                         const FieldHistory<T>& history);
  void finish_initial();
  std::vector<double>& of_coefficient(int component) {
    return component < split_
               ? gradient_.coefficient[static_cast<std::size_t>(component)]
               : gradient_.second_coefficient[static_cast<std::size_t>(component - split_)];
  }

  const TimeDomainSetup& setup_;
  const GridLines& lines_;
  long steps_, next_;  // steps in all; those not undone yet
  GridBox design_;
  TimeDomainGradient& gradient_;
  int split_;
  std::unique_ptr<LeapfrogEngine<T>> own_engine_;
  LeapfrogEngine<T>* engine_;
  std::vector<Entry> entries_;
  std::vector<std::vector<double>> source_scales_;
  TensorGradient tensor_;
  SeamGradient seams_;
  GradientWants wants_;
  LocalPoles<T> poles_;
  LocalNonlinearity<T> nonlinear_;
  std::vector<KeptField> kept_;
  std::vector<int> source_taps_, kept_taps_, pole_taps_;
  std::vector<std::vector<double>> decays_;  // of the kept fields; empty: 1
  // Of the second group's fields, the design region's and the seams', the cotangents after the step
  // that is undone next.
  std::vector<std::vector<T>> second_back_;
  std::vector<PoleCotangents> pole_cotangents_;
};

}  // namespace wavesmith
