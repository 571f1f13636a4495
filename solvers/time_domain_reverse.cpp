#include "solvers/time_domain_reverse.hpp"

#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/memory.hpp"
#include "kernels/spectral_sums.hpp"
#include "solvers/time_domain_transposed.hpp"

namespace wavesmith {
namespace {

template <class T>
std::vector<T> in_march_precision(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

bool contains(const GridBox& outer, const GridBox& inner) {
  for (std::size_t d = 0; d < 3; ++d)
    if (inner.begin[d] < outer.begin[d] || inner.end[d] > outer.end[d]) return false;
  return true;
}

}  // namespace

double reversal_error(long steps, Precision precision) {
  const double rounding = precision == Precision::f32 ? std::numeric_limits<float>::epsilon()
                                                      : std::numeric_limits<double>::epsilon();
  return rounding * std::sqrt(static_cast<double>(steps));
}

template <class T>
FieldReversal<T>::FieldReversal(const TimeDomainSetup& setup, const GridLines& lines,
                                const GridBox& design, const GradientWants& wants,
                                const TensorGradient& tensor)
    : setup_(setup),
      lines_(lines),
      design_(design),
      split_(first_group_size(setup.system)),
      region_(reversed_region(setup, lines, design)),
      kept_(kept_fields(setup, design, wants)),
      planes_(region_.planes.size()) {
  for (std::size_t m = 0; m < setup.nonlinear.size(); ++m)
    if (!contains(design, setup.nonlinear[m].box)) recorded_media_.push_back(m);
  trajectories_.resize(recorded_media_.size());
  for (std::size_t s = 0; s < tensor.sources().size(); ++s) {
    FieldPoint there;
    if (region_.sees_differences(tensor.sources()[s], there)) {
      seen_.push_back(s);
      seen_points_.push_back(tensor.sources()[s]);
      seen_there_.push_back(there);
    } else {
      unseen_.push_back(s);
      unseen_points_.push_back(tensor.sources()[s]);
    }
  }
}

template <class T>
std::size_t FieldReversal<T>::step_bytes() const {
  std::size_t numbers = region_.record_numbers() + unseen_.size();
  for (const std::size_t m : recorded_media_) numbers += setup_.nonlinear[m].box.count();
  return numbers * sizeof(T);
}

template <class T>
void FieldReversal<T>::start_forward(LeapfrogEngine<T>& engine, long steps) {
  steps_ = next_ = steps;
  const std::size_t count = static_cast<std::size_t>(steps);
  for (std::size_t p = 0; p < planes_.size(); ++p) {
    const ReversedRegion::Plane& plane = region_.planes[p];
    planes_[p].tap = engine.add_tap(plane.component, plane.box, 1);
    planes_[p].values =
        in_march_precision<T>(initial_field(setup_, lines_, plane.component, plane.box));
    planes_[p].values.reserve((count + 1) * plane.box.count());
  }
  for (std::size_t m = 0; m < recorded_media_.size(); ++m) {
    const NonlinearField& field = setup_.nonlinear[recorded_media_[m]];
    trajectories_[m].tap = engine.add_tap(field.component, field.box, 1);
    trajectories_[m].values.reserve(count * field.box.count());
  }
  if (!unseen_.empty()) {
    differences_.tap = engine.add_difference_tap(unseen_points_);
    differences_.values.reserve(count * unseen_.size());
  }
  if (second_tensor()) last_differences_.tap = engine.add_difference_tap(seen_points_);
  for (const KeptField& field : kept_)
    initial_.push_back(
        in_march_precision<T>(initial_field(setup_, lines_, field.component, field.box)));
}

template <class T>
void FieldReversal<T>::collect(const LeapfrogEngine<T>& engine) {
  const auto append = [](Record& to, std::span<const T> seen) {
    to.values.insert(to.values.end(), seen.begin(), seen.end());
  };
  for (Record& plane : planes_) append(plane, engine.tap_record(plane.tap));
  for (Record& trajectory : trajectories_) append(trajectory, engine.tap_record(trajectory.tap));
  if (!unseen_.empty()) append(differences_, engine.difference_record(differences_.tap));
  if (!second_tensor()) return;
  const std::span<const T> seen = engine.difference_record(last_differences_.tap);
  last_differences_.values.assign(seen.end() - static_cast<std::ptrdiff_t>(seen_.size()),
                                  seen.end());
}

template <class T>
void FieldReversal<T>::take_group(const LeapfrogEngine<T>& engine, bool first_group) {
  const int components = component_count(setup_.system);
  std::vector<double> all(lines_.size.count());
  const GridBox region{{}, region_.lines.size.points};
  for (int c = first_group ? 0 : split_; c < (first_group ? split_ : components); ++c) {
    engine.read_field(c, all);
    std::vector<double>& to = last_[static_cast<std::size_t>(c)];
    for_points(region, region_.lines.size, [&](const std::array<int, 3>& p, std::size_t) {
      std::array<int, 3> at{};
      for (std::size_t d = 0; d < 3; ++d)
        at[d] = (p[d] + region_.origin[d] + lines_.size.points[d]) % lines_.size.points[d];
      to.push_back(all[lines_.size.index(at[0], at[1], at[2])]);
    });
  }
  // now_ holds all kept fields after the last step; before_ the second group's before it.
  auto& kept = first_group ? now_ : before_;
  for (const KeptField& field : kept_) {
    kept.emplace_back();
    if (!first_group && field.component < split_) continue;
    engine.read_field(field.component, all);
    kept.back() = in_march_precision<T>(values_in(field.box, lines_.size, all));
  }
}

template <class T>
void FieldReversal<T>::start_backward() {
  const LeapfrogSize& size = region_.lines.size;
  engine_ = make_leapfrog<T>(size, setup_.schedule, setup_.device);
  for (int d = 0; d < 3; ++d)
    engine_->set_metric(d, region_.lines.metrics[static_cast<std::size_t>(d)]);
  for (int c = 0; c < component_count(setup_.system); ++c) {
    const std::size_t at = static_cast<std::size_t>(c);
    engine_->set_coefficient(c, region_.coefficient[at]);
    engine_->set_decay(c, region_.decay[at]);
  }
  for (const NonlinearField& field : region_.nonlinear) engine_->add_nonlinearity(field);
  engine_->set_links(region_.links);
  for (const ReversedRegion::Plane& plane : region_.planes)
    plane_drives_.push_back(engine_->add_drive(plane.component, plane.local, 0, {}));
  for (const ReversedRegion::Driven& driven : region_.driven) {
    const TimeSource& source = setup_.sources[driven.source];
    std::vector<double> weights;
    for (int r = 0; r < source.rank; ++r)
      for (const std::size_t place : driven.places)
        weights.push_back(
            place == ReversedRegion::Driven::none
                ? 0.0
                : -source.weights[static_cast<std::size_t>(r) * source.box.count() + place]);
    source_drives_.push_back(
        engine_->add_drive(source.component, driven.local, source.rank, weights));
  }
  for (const KeptField& field : kept_)
    taps_.push_back(engine_->add_tap(field.component, region_.design, 1));
  if (!seen_.empty()) difference_tap_ = engine_->add_difference_tap(seen_there_);
  for (int c = 0; c < component_count(setup_.system); ++c) {
    engine_->write_field(c, last_[static_cast<std::size_t>(c)]);
    last_[static_cast<std::size_t>(c)] = {};
  }
  fields_.resize(kept_.size());
  history_.fields.resize(kept_.size());
  history_.trajectories.resize(setup_.nonlinear.size());
}

// The values of the planes after each step of the run that undoes steps next - 1 .. next - steps.
template <class T>
void FieldReversal<T>::set_planes(long next, int steps) {
  for (std::size_t p = 0; p < planes_.size(); ++p) {
    const ReversedRegion::Plane& plane = region_.planes[p];
    const std::size_t count = plane.box.count();
    const std::span<T> signals = engine_->drive_signals(plane_drives_[p], steps);
    for (int i = 0; i < steps; ++i) {
      // Of record n: after step n - 1.
      const long n = std::max(next - 1 - i - (plane.component < split_ ? 0 : 1), 0L);
      const std::span<const T> values = planes_[p].step(n, count);
      T* const to = signals.data() + static_cast<std::size_t>(i) * count;
      for (std::size_t q = 0; q < count; ++q) to[q] = plane.counts[q] != 0 ? values[q] : T(0);
    }
  }
}

template <class T>
void FieldReversal<T>::set_drives(long next, int steps) {
  for (std::size_t s = 0; s < source_drives_.size(); ++s) {
    const ReversedRegion::Driven& driven = region_.driven[s];
    const TimeSource& source = setup_.sources[driven.source];
    const std::size_t count = driven.local.count(), rank = static_cast<std::size_t>(source.rank);
    const std::span<T> signals = engine_->drive_signals(source_drives_[s], steps);
    const bool first = source.component < split_;
    std::vector<double> values(rank == 0 ? source.box.count() : 0);
    for (int i = 0; i < steps; ++i) {
      const long n = next - 1 - i - (first ? 0 : 1);
      if (n < 0) continue;
      const double time = drive_time(setup_, source.component, n);
      T* const to = signals.data() + static_cast<std::size_t>(i) * (rank == 0 ? count : rank);
      for (std::size_t r = 0; r < rank; ++r)
        to[r] = static_cast<T>(source.signal(static_cast<int>(r), time));
      if (rank > 0) continue;
      source.fill(time, values);
      for (std::size_t q = 0; q < count; ++q)
        to[q] = driven.places[q] == ReversedRegion::Driven::none
                    ? T(0)
                    : -static_cast<T>(values[driven.places[q]]);
    }
  }
}

template <class T>
const FieldHistory<T>& FieldReversal<T>::undo(int steps) {
  set_planes(next_, steps);
  set_drives(next_, steps);
  engine_->run(steps_ - next_, steps);
  gather_differences(next_, steps);
  gather_fields(steps);
  gather_trajectories(next_, steps);
  next_ -= steps;
  return history_;
}

template <class T>
void FieldReversal<T>::gather_fields(int steps) {
  const std::size_t count = design_.count();
  const auto at = [&](auto&& values, long n) {
    return values.begin() + static_cast<std::ptrdiff_t>(n) * static_cast<std::ptrdiff_t>(count);
  };
  for (std::size_t f = 0; f < kept_.size(); ++f) {
    std::vector<T>& to = fields_[f];
    to.resize(static_cast<std::size_t>(steps + 1) * count);
    std::copy(now_[f].begin(), now_[f].end(), at(to, steps));
    const std::span<const T> seen = engine_->tap_record(taps_[f]);
    const bool second = kept_[f].component >= split_;
    // A tap of the second group shows one step earlier.
    if (second) std::copy(before_[f].begin(), before_[f].end(), at(to, steps - 1));
    for (int i = 0; i < steps - (second ? 1 : 0); ++i)
      std::copy(at(seen, i), at(seen, i + 1), at(to, steps - 1 - i - (second ? 1 : 0)));
    if (second) before_[f].assign(at(seen, steps - 1), at(seen, steps));
    now_[f].assign(to.begin(), at(to, 1));
    history_.fields[f] = to;
    largest_ =
        std::max(largest_, static_cast<double>(largest_magnitude<T>(to, setup_.schedule.threads)));
  }
}

template <class T>
void FieldReversal<T>::gather_trajectories(long next, int steps) {
  std::size_t recorded = 0;
  LeapfrogSize inside;
  for (std::size_t d = 0; d < 3; ++d) inside.points[d] = design_.end[d] - design_.begin[d];
  for (std::size_t m = 0; m < setup_.nonlinear.size(); ++m) {
    const NonlinearField& field = setup_.nonlinear[m];
    std::vector<T>& to = history_.trajectories[m];
    to.clear();
    if (recorded < recorded_media_.size() && recorded_media_[recorded] == m) {
      for (long n = next - steps; n < next; ++n) {
        const std::span<const T> values = trajectories_[recorded].step(n, field.box.count());
        to.insert(to.end(), values.begin(), values.end());
      }
      ++recorded;
      continue;
    }
    GridBox box = field.box;
    for (std::size_t d = 0; d < 3; ++d) {
      box.begin[d] -= design_.begin[d];
      box.end[d] -= design_.begin[d];
    }
    const std::span<const T> fields = history_.fields[static_cast<std::size_t>(field.component)];
    for (int i = 1; i <= steps; ++i)
      for_points(box, inside, [&](const std::array<int, 3>&, std::size_t p) {
        to.push_back(fields[static_cast<std::size_t>(i) * design_.count() + p]);
      });
  }
}

template <class T>
void FieldReversal<T>::gather_differences(long next, int steps) {
  const std::size_t all = seen_.size() + unseen_.size();
  history_.differences.resize(static_cast<std::size_t>(steps) * all);
  for (int i = 0; i < steps; ++i) {  // steps next - steps + i
    T* const to = history_.differences.data() + static_cast<std::size_t>(i) * all;
    if (!seen_.empty()) {
      // Those of the second group, of the first one's fields, are one step earlier.
      const int undone = steps - 1 - i - (second_tensor() ? 1 : 0);
      const T* const from = undone < 0 ? last_differences_.values.data()
                                       : engine_->difference_record(difference_tap_).data() +
                                             static_cast<std::size_t>(undone) * seen_.size();
      for (std::size_t s = 0; s < seen_.size(); ++s) to[seen_[s]] = from[s];
    }
    if (unseen_.empty()) continue;
    const std::span<const T> recorded = differences_.step(next - steps + i, unseen_.size());
    for (std::size_t s = 0; s < unseen_.size(); ++s) to[unseen_[s]] = recorded[s];
  }
  if (!second_tensor()) return;
  const std::span<const T> earlier =
      engine_->difference_record(difference_tap_)
          .subspan(static_cast<std::size_t>(steps - 1) * seen_.size());
  last_differences_.values.assign(earlier.begin(),
                                  earlier.begin() + static_cast<std::ptrdiff_t>(seen_.size()));
}

template <class T>
double FieldReversal<T>::error() const {
  double error = 0.0;
  LeapfrogSize inside;
  for (std::size_t d = 0; d < 3; ++d) inside.points[d] = design_.end[d] - design_.begin[d];
  for (std::size_t f = 0; f < kept_.size(); ++f)
    for (const GridBox& part : region_.parts) {
      GridBox box = part;
      for (std::size_t d = 0; d < 3; ++d) {
        box.begin[d] -= design_.begin[d];
        box.end[d] -= design_.begin[d];
      }
      for_points(box, inside, [&](const std::array<int, 3>&, std::size_t p) {
        const double off = static_cast<double>(now_[f][p]) - static_cast<double>(initial_[f][p]);
        error = std::max(
            error, std::isfinite(off) ? std::abs(off) : std::numeric_limits<double>::infinity());
      });
    }
  return largest_ > 0.0 ? error / largest_ : error;
}

template class FieldReversal<float>;
template class FieldReversal<double>;

template <class T>
int TimeDomain::MarchOf<T>::reversal_piece(const GridBox& design,
                                           const GradientWants& wants) const {
  // Enough to keep the skewed march busy.
  constexpr std::size_t largest_piece = std::size_t{1} << 27, fewest = 4, most = 16;
  const std::size_t longest = std::min(most, static_cast<std::size_t>(block_));
  return static_cast<int>(
      std::clamp(largest_piece / step_bytes(design, wants), std::min(fewest, longest), longest));
}

template <class T>
GradientPlan TimeDomain::MarchOf<T>::plan_reverse(long steps, const GridBox& design,
                                                  const GradientMemory& memory,
                                                  const GradientWants& wants) const {
  const TensorGradient tensor(setup(), owner_.lines_, design, wants);
  const FieldReversal<T> reversal(setup(), owner_.lines_, design, wants, tensor);
  WAVESMITH_VALIDATE(!wants.bloch_phase,
                     "the derivative by a Bloch phase needs fields at the seams, which a march "
                     "backward in time does not have; keep checkpoints instead");
  WAVESMITH_VALIDATE(
      !wants.poles || LocalPoles<T>(setup(), owner_.lines_, design).shared().empty(),
      "the derivative by the poles of the design region needs what a march backward in time does "
      "not have; keep checkpoints instead");
  GradientPlan plan;
  plan.mode = MemoryMode::reverse;
  plan.steps = steps;
  plan.segment_steps = std::min<long>(reversal_piece(design, wants), steps);
  plan.segments = (steps + plan.segment_steps - 1) / plan.segment_steps;
  // The records, and the fields of the steps that are undone at a time: as marched, and in order.
  const std::uint64_t piece = static_cast<std::uint64_t>(plan.segment_steps) + 1;
  plan.bytes =
      add_sizes({multiply_sizes({static_cast<std::uint64_t>(steps) + 1, reversal.step_bytes()}),
                 multiply_sizes({2, piece, step_bytes(design, wants)})});
  plan.forward_runs = 2.0 + static_cast<double>(reversal.points()) /
                                static_cast<double>(owner_.lines_.size.count());
  plan.field_error = reversal_error(steps, setup().precision);
  const std::uint64_t budget =
      memory.budget_bytes > 0 ? memory.budget_bytes : available_memory() / 2;
  if (plan.bytes > budget)
    throw UnavailableError("the fields on the faces of the design region at every step take " +
                           format_bytes(plan.bytes) + ", more than the " + format_bytes(budget) +
                           " for them; raise the budget, or keep checkpoints instead");
  return plan;
}

template <class T>
TimeDomainGradient TimeDomain::MarchOf<T>::pull_back_reverse(const GradientPlan& plan,
                                                             const GridBox& design,
                                                             const Loss& loss,
                                                             const GradientWants& wants) {
  // A field that is off by this share of the largest tells nothing of the early ones.
  constexpr double most = 1e-3;
  const GridLines& lines = owner_.lines_;
  const TensorGradient tensor(setup(), lines, design, wants);
  FieldReversal<T> reversal(setup(), lines, design, wants, tensor);
  TimeDomainGradient gradient;
  gradient.plan = plan;
  restart();
  reversal.start_forward(*engine_, plan.steps);
  while (owner_.step_ < plan.steps) {
    const long first = owner_.step_;
    if (first == plan.steps - 1) reversal.take_group(*engine_, false);
    const long left = first < plan.steps - 1 ? plan.steps - 1 - first : 1;
    run_block(static_cast<int>(std::min(block_ - first % block_, left)));
    watch(owner_.step_ == plan.steps);
    reversal.collect(*engine_);
  }
  reversal.take_group(*engine_, true);
  show_unfinished_block();
  const TimeDomainData cotangents = loss(owner_.data_);
  validate_cotangents(cotangents, owner_.data_);
  TransposedMarch<T> back(setup(), lines, plan.steps, design, wants, tensor, cotangents, gradient,
                          engine_.get());
  reversal.start_backward();
  const auto poles = LocalPoles<T>(setup(), lines, design).rest();
  for (long next = plan.steps; next > 0;) {
    const int now = static_cast<int>(std::min(plan.segment_steps, next));
    const FieldHistory<T>& history = reversal.undo(now);
    next -= now;
    back.undo(next, history, poles);
  }
  gradient.error_estimate = reversal.error();
  if (!(gradient.error_estimate <= most))
    throw NumericsError(
        "marched backward in time, the fields of the design region differ from those before the "
        "first step by " +
        std::to_string(gradient.error_estimate) +
        " of the largest field, which is too much for a derivative; take double precision or "
        "fewer steps, or keep checkpoints instead");
  back.finish();
  return gradient;
}

template class TimeDomain::MarchOf<float>;
template class TimeDomain::MarchOf<double>;

}  // namespace wavesmith
