// Behind TimeDomain: what the forward march leaves on the faces of the design region, and the
// march back through the region from it (solvers/reversed_region.hpp).
//
// Errors of rounding neither grow nor decay on the way back, since the reversed march is as stable
// as the march: they add up like random steps, to about the root of the number of steps times the
// rounding of the largest field. What the fields before the first step are is known, and is what
// the march back is measured by.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "solvers/reversed_region.hpp"
#include "solvers/tensor_gradient.hpp"
#include "solvers/time_domain_march.hpp"

namespace wavesmith {

// Expected of fields marched backward over some steps, relative to the largest.
double reversal_error(long steps, Precision precision);

template <class T>
class FieldReversal {
 public:
  // Throws InputError where the region cannot be marched backward.
  FieldReversal(const TimeDomainSetup& setup, const GridLines& lines, const GridBox& design,
                const GradientWants& wants, const TensorGradient& tensor);

  // Kept of each step of the forward march [bytes], and points that are marched backward.
  std::size_t step_bytes() const;
  std::size_t points() const { return region_.lines.size.count(); }

  // Forward, from before the first step. After each run of the engine: collect. The second group is
  // taken before the last step, the first one after it.
  void start_forward(LeapfrogEngine<T>& engine, long steps);
  void collect(const LeapfrogEngine<T>& engine);
  void take_group(const LeapfrogEngine<T>& engine, bool first_group);

  // Backward: undo gives the history of as many steps, the last of those not undone yet.
  void start_backward();
  const FieldHistory<T>& undo(int steps);
  // Once all are undone: the largest difference from the fields before the first step, relative to
  // the largest field.
  double error() const;

 private:
  struct Record {
    int tap = 0;
    std::vector<T> values;  // [step][point]
    std::span<const T> step(long n, std::size_t points) const {
      return std::span(values).subspan(static_cast<std::size_t>(n) * points, points);
    }
  };

  void set_planes(long next, int steps);
  void set_drives(long next, int steps);
  void gather_fields(int steps);
  void gather_trajectories(long next, int steps);
  void gather_differences(long next, int steps);
  // Whether differences are seen for the second group's tensor.
  bool second_tensor() const { return split_ == 1 && !seen_.empty(); }

  const TimeDomainSetup& setup_;
  const GridLines& lines_;
  GridBox design_;
  int split_;
  ReversedRegion region_;
  std::vector<KeptField> kept_;
  // Recorded forward: imposed planes (before the first step too), nonlinear media that are not in
  // the region, and differences that the region does not see.
  std::vector<Record> planes_, trajectories_;
  std::vector<std::size_t> recorded_media_;
  Record differences_;
  std::vector<std::size_t> seen_, unseen_;  // of the tensor's sources
  std::vector<FieldPoint> seen_points_, seen_there_, unseen_points_;
  Record last_differences_;  // of those seen, in the step that is undone next: of the second group
  std::array<std::vector<double>, 6> last_;  // of the engine of the region, at all of its points

  std::unique_ptr<LeapfrogEngine<T>> engine_;
  std::vector<int> plane_drives_, source_drives_, taps_;
  int difference_tap_ = -1;
  long steps_ = 0, next_ = 0;
  // Of the kept fields: after step next_ - 1, and of the second group after step next_ - 2.
  std::vector<std::vector<T>> now_, before_;
  std::vector<std::vector<T>> initial_;
  double largest_ = 0.0;
  std::vector<std::vector<T>> fields_;  // of the history
  FieldHistory<T> history_;
};

}  // namespace wavesmith
