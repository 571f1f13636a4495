// Derivatives by the transposed march, with the forward fields stored or marched again from
// checkpoints.
#include "core/error.hpp"
#include "core/memory.hpp"
#include "kernels/host_memory.hpp"
#include "solvers/time_domain_dft.hpp"
#include "solvers/time_domain_transposed.hpp"

namespace wavesmith {
void validate_cotangents(const TimeDomainData& cotangents, const TimeDomainData& data) {
  const auto check = [](const auto& given, const auto& shown, const std::string& what) {
    if (given.empty()) return;
    WAVESMITH_VALIDATE(
        given.size() == shown.size(),
        "a loss must return one array of cotangents for each " + what + " monitor, or none at all");
    for (std::size_t m = 0; m < shown.size(); ++m)
      WAVESMITH_VALIDATE(
          given[m].size() == shown[m].size(),
          "the cotangents of a " + what + " monitor must have the shape of what it recorded");
  };
  check(cotangents.spectra, data.spectra, "spectrum");
  check(cotangents.records, data.records, "time");
}

std::vector<KeptField> kept_fields(const TimeDomainSetup& setup, const GridBox& design,
                                   const GradientWants& wants) {
  const int split = first_group_size(setup.system);
  std::vector<KeptField> fields;
  for (int c = 0; c < (wants.second_group ? component_count(setup.system) : split); ++c)
    fields.push_back({c, design});
  return fields;
}

// Segments of steps, undone one after the other from the last to the first.
template <class T>
class TimeDomain::MarchOf<T>::Checkpoints {
 public:
  Checkpoints(MarchOf& march, const GradientPlan& plan, const GridBox& design,
              const GradientWants& wants, const Loss& loss, TimeDomainGradient& gradient)
      : march_(march),
        plan_(plan),
        design_(design),
        wants_(wants),
        loss_(loss),
        gradient_(gradient),
        fields_(kept_fields(march.setup(), design, wants)),
        tensor_(march.setup(), march.owner_.lines_, design, wants),
        poles_(march.setup(), march.owner_.lines_, design) {
    const SeamGradient seams(march.setup(), march.owner_.lines_, wants);
    followed_by_poles_ = fields_.size();
    fields_.insert(fields_.end(), seams.fields().begin(), seams.fields().end());
    const std::size_t step_bytes = march.step_bytes(design, wants);
    constexpr std::size_t largest_piece = std::size_t{1} << 28;
    longest_piece_ =
        std::clamp<long>(static_cast<long>(largest_piece / step_bytes), 1, march.block_);
  }

  void run() {
    start();
    march_.restart();
    add_taps();
    undo_steps(0, plan_.steps);
    back_->finish();
  }

 private:
  void add_taps() {
    for (const KeptField& field : fields_)
      march_.history_taps_.push_back(march_.engine_->add_tap(field.component, field.box, 1));
    difference_tap_ = march_.engine_->add_difference_tap(tensor_.sources());
    nonlinear_taps_.clear();
    for (const NonlinearField& field : march_.setup().nonlinear)
      nonlinear_taps_.push_back(march_.engine_->add_tap(field.component, field.box, 1));
  }
  // Before step 0.
  void start() {
    at_ = 0;
    last_values_.clear();
    for (const KeptField& field : fields_) {
      const std::vector<double> values =
          initial_field(march_.setup(), march_.owner_.lines_, field.component, field.box);
      last_values_.emplace_back(values.begin(), values.end());
    }
    pole_state_ = poles_.rest();
  }

  // Marches on to a step; keeps the fields of all steps on the way where `history` is given.
  void go_to(long step, FieldHistory<T>* history) {
    const long begin = at_;
    while (at_ < step) {
      const long left = std::min(step - at_, march_.block_ - at_ % march_.block_);
      int now = static_cast<int>(std::min(left, longest_piece_));
      // Of steps on the way to a state, poles want all fields, and others the last ones.
      const bool seen = history != nullptr || !poles_.shared().empty() || step - at_ == 1;
      if (!seen) now = static_cast<int>(std::min<long>(now, step - 1 - at_));
      for (std::size_t f = 0; f < fields_.size(); ++f) {
        const std::size_t count = fields_[f].box.count();
        if (history != nullptr)
          march_.engine_->record_to(
              march_.history_taps_[f],
              {march_.history_memory_[f].data() + static_cast<std::size_t>(at_ - begin + 1) * count,
               static_cast<std::size_t>(now) * count});
        else if (!seen)
          march_.engine_->record_to(march_.history_taps_[f], {});
      }
      if (at_ == march_.owner_.step_) {  // for the first time
        march_.run_block(now);
        march_.watch(march_.owner_.step_ == plan_.steps);
      } else {
        march_.set_signals(at_, now, false);
        march_.engine_->run(at_, now);
      }
      at_ += now;
      if (seen) collect(now, history);
    }
  }

  void collect(int steps, FieldHistory<T>* history) {
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      const std::span<const T> record = march_.engine_->tap_record(march_.history_taps_[f]);
      const std::size_t count = fields_[f].box.count();
      if (f < followed_by_poles_)
        poles_.follow(fields_[f].component, last_values_[f], record, steps, pole_state_);
      last_values_[f].assign(record.end() - static_cast<std::ptrdiff_t>(count), record.end());
    }
    if (history == nullptr) return;
    append(history->differences, march_.engine_->difference_record(difference_tap_));
    for (std::size_t m = 0; m < nonlinear_taps_.size(); ++m)
      append(history->trajectories[m], march_.engine_->tap_record(nonlinear_taps_[m]));
  }
  static void append(std::vector<T>& to, std::span<const T> record) {
    to.insert(to.end(), record.begin(), record.end());
  }

  struct Kept {
    std::vector<T> engine;
    std::vector<std::vector<T>> last_values;
    typename LocalPoles<T>::State poles;
  };

  // To step `begin`: the newest state that is kept, or the start where none is.
  void restore(long begin) {
    if (at_ == begin) return;
    if (kept_.empty()) {
      march_.clear_engine();
      start();
      return;
    }
    march_.engine_->load_state(kept_.back().engine);
    last_values_ = kept_.back().last_values;
    pole_state_ = kept_.back().poles;
    at_ = begin;
  }

  // Undoes steps end - 1 .. begin, the state before `begin` being the newest kept.
  void undo_steps(long begin, long end) {
    const long held = static_cast<long>(kept_.size());
    while (end > begin) {
      restore(begin);
      const long longest = plan_.longest_segment(held);
      const long next = end - begin > longest ? plan_.next_state(end - begin, held) : 0;
      if (next == 0) {
        const long middle = std::max(begin, end - longest);
        go_to(middle, nullptr);
        undo_segment(middle, end);
        end = middle;
        continue;
      }
      go_to(begin + next, nullptr);
      history_ = {};  // the state takes its place
      march_.history_memory_.clear();
      kept_.push_back({std::vector<T>(march_.engine_->state_size()), last_values_, pole_state_});
      march_.engine_->save_state(kept_.back().engine);
      undo_steps(begin + next, end);
      kept_.pop_back();
      end = begin + next;
    }
  }

  void undo_segment(long begin, long end) {
    const std::size_t records = static_cast<std::size_t>(end - begin + 1);
    // In the memory of the segment before.
    FieldHistory<T>& history = history_;
    history.fields.resize(fields_.size());
    march_.history_memory_.resize(fields_.size());
    history.trajectories.resize(march_.setup().nonlinear.size());
    history.differences.clear();
    for (std::vector<T>& trajectory : history.trajectories) trajectory.clear();
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      const std::size_t numbers = records * fields_[f].box.count();
      host::HostArray<T>& memory = march_.history_memory_[f];
      if (memory.size() < numbers) {
        memory = {};
        memory = host::HostArray<T>::unset(numbers);
      }
      std::copy(last_values_[f].begin(), last_values_[f].end(), memory.data());
      history.fields[f] = {memory.data(), numbers};
    }
    const typename LocalPoles<T>::State before = pole_state_;
    go_to(end, &history);
    if (back_ == nullptr) take_loss();
    back_->undo(begin, history, before);
  }

  void take_loss() {
    march_.show_unfinished_block();
    cotangents_ = loss_(march_.owner_.data_);
    validate_cotangents(cotangents_, march_.owner_.data_);
    // The forward march has come to its end where there is one segment.
    std::unique_ptr<LeapfrogEngine<T>>& engine =
        plan_.segments == 1 ? march_.engine_ : march_.back_engine_;
    if (engine == nullptr) engine = make_engine<T>(march_.setup(), march_.owner_.lines_);
    back_ = std::make_unique<TransposedMarch<T>>(march_.setup(), march_.owner_.lines_, plan_.steps,
                                                 design_, wants_, tensor_, cotangents_, gradient_,
                                                 engine.get());
  }

  MarchOf& march_;
  const GradientPlan& plan_;
  GridBox design_;
  const GradientWants& wants_;
  const Loss& loss_;
  TimeDomainGradient& gradient_;
  std::vector<KeptField> fields_;  // the design region's, then the seams'
  std::size_t followed_by_poles_ = 0;
  TensorGradient tensor_;
  LocalPoles<T> poles_;
  int difference_tap_ = 0;
  std::vector<int> nonlinear_taps_;
  long longest_piece_ = 1, at_ = 0;
  std::vector<std::vector<T>> last_values_;  // after step at_ - 1
  typename LocalPoles<T>::State pole_state_;
  std::vector<Kept> kept_;
  FieldHistory<T> history_;
  TimeDomainData cotangents_;
  std::unique_ptr<TransposedMarch<T>> back_;
};

template <class T>
GradientPlan TimeDomain::MarchOf<T>::plan_gradient(long steps, const GridBox& design,
                                                   const GradientMemory& memory,
                                                   const GradientWants& wants) const {
  WAVESMITH_VALIDATE(steps >= 1, "a derivative needs at least one step");
  const LeapfrogSize& size = owner_.lines_.size;
  for (int c = 0; c < component_count(size.system); ++c)
    validate_box(design, c, size, "the design region");
  WAVESMITH_VALIDATE(!wants.bloch_phase || setup().paired,
                     "real fields have no Bloch phase to be derived by; leave it out, or march "
                     "complex fields with BlochMarch");
  if (memory.mode == MemoryMode::dft) return plan_dft(steps, design, wants);
  GradientMemory given = memory;
  if (given.budget_bytes == 0) given.budget_bytes = (available_memory() + held_bytes()) / 2;
  if (memory.mode == MemoryMode::reverse) return plan_reverse(steps, design, given, wants);
  return plan_storage(steps, step_bytes(design, wants), state_size_ * sizeof(T), given);
}

template <class T>
GradientPlan TimeDomain::MarchOf<T>::plan_dft(long steps, const GridBox& design,
                                              const GradientWants& wants) const {
  WAVESMITH_VALIDATE(
      !wants.second_group && !wants.decay && !wants.poles && !wants.initial && !wants.bloch_phase,
      "from spectra there are the derivatives with respect to the first group's "
      "coefficients and to signals; keep checkpoints for the others");
  WAVESMITH_VALIDATE(setup().nonlinear.empty(),
                     "spectra do not tell the derivative of a nonlinear march; keep checkpoints "
                     "instead");
  const std::vector<double> frequencies = loss_frequencies(setup());
  WAVESMITH_VALIDATE(!frequencies.empty(),
                     "a derivative from spectra needs a monitor with a frequency");
  GradientPlan plan;
  plan.mode = MemoryMode::dft;
  plan.steps = plan.segment_steps = steps;
  plan.bytes = multiply_sizes({2 * sizeof(Complex), frequencies.size(), design.count(),
                               static_cast<std::uint64_t>(first_group_size(setup().system))});
  plan.bytes = add_sizes(
      {plan.bytes,
       multiply_sizes({sizeof(Complex), frequencies.size(),
                       TensorGradient(setup(), owner_.lines_, design, wants).sources().size()})});
  const long window = tone_window_steps(frequencies, setup().dt, std::max<long>(steps / 4, 2));
  plan.forward_runs = 1.0 + static_cast<double>(most_transposed_steps(setup(), steps, window)) /
                                static_cast<double>(steps);
  return plan;
}

template <class T>
std::uint64_t TimeDomain::MarchOf<T>::held_bytes() const {
  std::uint64_t bytes = 0;
  if (setup().device.kind == Device::Kind::cpu)
    for (const auto* engine : {engine_.get(), back_engine_.get()})
      if (engine != nullptr) bytes += engine->bytes();
  for (const auto& memory : history_memory_) bytes += memory.size() * sizeof(T);
  return bytes;
}

// What is kept of a step.
template <class T>
std::size_t TimeDomain::MarchOf<T>::step_bytes(const GridBox& design,
                                               const GradientWants& wants) const {
  std::size_t numbers = TensorGradient(setup(), owner_.lines_, design, wants).sources().size();
  for (const KeptField& field : kept_fields(setup(), design, wants)) numbers += field.box.count();
  const SeamGradient seams(setup(), owner_.lines_, wants);
  for (const KeptField& field : seams.fields()) numbers += field.box.count();
  for (const NonlinearField& field : setup().nonlinear) numbers += field.box.count();
  return numbers * sizeof(T);
}

template <class T>
TimeDomainGradient TimeDomain::MarchOf<T>::pull_back(long steps, const GridBox& design,
                                                     const Loss& loss, const GradientMemory& memory,
                                                     const GradientWants& wants) {
  TimeDomainGradient gradient;
  gradient.plan = plan_gradient(steps, design, memory, wants);
  marching_ = false;
  owner_.step_ = 0;
  owner_.data_.records.clear();
  require_room_for_records(steps);
  std::uint64_t history = 0;
  for (const auto& memory : history_memory_) history += memory.size() * sizeof(T);
  if (history > gradient.plan.bytes) history_memory_.clear();
  const std::uint64_t needed =
      add_sizes({gradient.plan.bytes, 2 * estimate_march_bytes(setup(), owner_.lines_.size)});
  require_memory(needed - std::min(needed, held_bytes()),
                 "a derivative (" + gradient.plan.text() + ", and the transposed march)");
  try {
    if (gradient.plan.mode == MemoryMode::dft)
      gradient = pull_back_dft(gradient.plan, design, loss);
    else if (gradient.plan.mode == MemoryMode::reverse)
      gradient = pull_back_reverse(gradient.plan, design, loss, wants);
    else
      Checkpoints(*this, gradient.plan, design, wants, loss, gradient).run();
  } catch (...) {
    marching_ = false;  // it may be anywhere
    throw;
  }
  marching_ = false;
  return gradient;
}

template class TimeDomain::MarchOf<float>;
template class TimeDomain::MarchOf<double>;

}  // namespace wavesmith
