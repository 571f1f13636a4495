#include "solvers/time_domain_transposed.hpp"

#include "kernels/spectral_sums.hpp"

namespace wavesmith {

// C / V: V is the product of the three stretched widths, each c dt / metric.
std::vector<double> cotangent_scales(const TimeDomainSetup& setup, const GridLines& lines,
                                     int component, const GridBox& box) {
  const double sign = component < first_group_size(setup.system) ? 1.0 : -1.0;
  std::vector<double> scales =
      values_in(box, lines.size, setup.coefficient[static_cast<std::size_t>(component)]);
  std::size_t i = 0;
  for_points(box, lines.size, [&](const std::array<int, 3>& p, std::size_t) {
    scales[i++] *= sign * metric_product(lines, component, p);
  });
  return scales;
}

template <class T>
TransposedMarch<T>::TransposedMarch(const TimeDomainSetup& setup, const GridLines& lines,
                                    long steps, const GridBox& design, const GradientWants& wants,
                                    const TensorGradient& tensor, const TimeDomainData& cotangents,
                                    TimeDomainGradient& gradient, LeapfrogEngine<T>* engine)
    : setup_(setup),
      lines_(lines),
      steps_(steps),
      next_(steps),
      design_(design),
      gradient_(gradient),
      split_(first_group_size(lines.size.system)),
      own_engine_(engine == nullptr ? make_engine<T>(setup, lines) : nullptr),
      engine_(engine == nullptr ? own_engine_.get() : engine),
      tensor_(tensor),
      seams_(setup, lines, wants),
      wants_(wants),
      poles_(setup, lines, design),
      nonlinear_(setup, lines, design),
      kept_(kept_fields(setup, design, wants)) {
  engine_->start_over();
  engine_->set_transposed(true);
  add_entries(cotangents);
  for (const TimeSource& source : setup.sources) {
    source_taps_.push_back(engine_->add_tap(source.component, source.box, 1));
    source_scales_.push_back(cotangent_scales(source.component, source.box));
    gradient.signals.emplace_back(static_cast<std::size_t>(steps) *
                                  static_cast<std::size_t>(source.rank));
  }
  for (const KeptField& field : kept_) {
    const std::size_t at = static_cast<std::size_t>(field.component);
    kept_taps_.push_back(engine_->add_tap(field.component, field.box, 1));
    const std::vector<double>& decay = setup.decay[at];
    decays_.push_back(decay.empty() ? decay : values_in(field.box, lines.size, decay));
    of_coefficient(field.component).assign(field.box.count(), 0.0);
    if (wants.decay) gradient.decay[at].assign(field.box.count(), 0.0);
  }
  for (const KeptField& field : seams_.fields())
    kept_taps_.push_back(engine_->add_tap(field.component, field.box, 1));
  if (wants.poles || wants.initial)
    for (const PoleField& pole : setup.poles) {
      pole_taps_.push_back(engine_->add_tap(pole.component, pole.box, 1));
      pole_cotangents_.emplace_back(pole);
    }
  if (wants.poles)
    for (const PoleField& pole : setup.poles) {
      const std::vector<double> none(pole.box.count());
      gradient.poles.push_back({pole.component, pole.box, pole.relaxing, none, none,
                                pole.relaxing ? std::vector<double>{} : none, none});
    }
  if (wants.nonlinear)
    for (const NonlinearField& field : setup.nonlinear) {
      const std::vector<double> none(field.box.count());
      gradient.nonlinear.push_back({field.component, field.box, none, none});
    }
  start_from_last_step();
}

template <class T>
void TransposedMarch<T>::add_entries(const TimeDomainData& cotangents) {
  for (std::size_t m = 0; m < cotangents.spectra.size(); ++m) {
    const SpectrumMonitor& monitor = setup_.monitors[m];
    const auto add = [this, &monitor, &cotangent = cotangents.spectra[m]](long first, long steps,
                                                                          std::span<T> to) {
      const SpectrumPhases<T> phase(setup_, monitor, first, steps);
      add_spectrum_transpose<T>(cotangent, monitor.box.count(), phase.cosine, phase.sine, to,
                                setup_.schedule.threads);
    };
    entries_.push_back({monitor.component, monitor.box, {}, monitor.every, add, 0});
  }
  for (std::size_t m = 0; m < cotangents.records.size(); ++m) {
    const TimeMonitor& monitor = setup_.time_monitors[m];
    const auto add = [&monitor, points = recorded_points(monitor),
                      &cotangent = cotangents.records[m]](long first, long, std::span<T> to) {
      const std::size_t box = monitor.box.count();
      const std::size_t begin =
          static_cast<std::size_t>((first + monitor.every - 1) / monitor.every);
      for (std::size_t r = 0; r < to.size() / box; ++r)
        for (std::size_t p = 0; p < points.size(); ++p)
          to[r * box + points[p]] += static_cast<T>(cotangent[(begin + r) * points.size() + p]);
    };
    entries_.push_back({monitor.component, monitor.box, {}, monitor.every, add, 0});
  }
  for (Entry& entry : entries_) {
    entry.scales = cotangent_scales(entry.component, entry.box);
    entry.drive = engine_->add_drive(entry.component, entry.box, 0, {});
  }
}

template <class T>
void TransposedMarch<T>::add_scaled(const Entry& entry, long last, long steps,
                                    std::span<T> to) const {
  const long begin = std::max(last - steps + 1, 0L), end = std::min(last + 1, steps_);
  if (begin >= end) return;
  const long from = (begin + entry.every - 1) / entry.every;
  const long until = (end + entry.every - 1) / entry.every;
  const std::size_t count = entry.box.count();
  std::vector<T> records(static_cast<std::size_t>(until - from) * count);
  entry.add(begin, end - begin, records);
  for (long r = from; r < until; ++r) {
    const T* const record = records.data() + static_cast<std::size_t>(r - from) * count;
    T* const at = to.data() + static_cast<std::size_t>(last - r * entry.every) * count;
    for (std::size_t i = 0; i < count; ++i) at[i] += record[i] * static_cast<T>(entry.scales[i]);
  }
}

// d loss / d signals of a source in a step, from the scaled cotangents at its points.
template <class T>
template <class Values>
void TransposedMarch<T>::set_signal_gradient(std::size_t s, long step, const Values& back) {
  const TimeSource& source = setup_.sources[s];
  const std::size_t rank = static_cast<std::size_t>(source.rank), count = source.box.count();
  if (rank == 0 && source.pull_back) {
    std::vector<double> cotangents(count, 0.0);
    for (std::size_t p = 0; p < count; ++p)
      if (source_scales_[s][p] != 0.0)
        cotangents[p] = static_cast<double>(back[p]) / source_scales_[s][p];
    source.pull_back(drive_time(setup_, source.component, step), cotangents);
  }
  for (std::size_t r = 0; r < rank; ++r) {
    double sum = 0.0;
    for (std::size_t p = 0; p < count; ++p)
      if (source_scales_[s][p] != 0.0)
        sum += source.weights[r * count + p] * static_cast<double>(back[p]) / source_scales_[s][p];
    gradient_.signals[s][static_cast<std::size_t>(step) * rank + r] = sum;
  }
  if (rank > 0 && source.pull_back)
    source.pull_back(drive_time(setup_, source.component, step),
                     std::span<const double>(gradient_.signals[s])
                         .subspan(static_cast<std::size_t>(step) * rank, rank));
}

template <class T>
void TransposedMarch<T>::start_from_last_step() {
  const int components = component_count(lines_.size.system);
  std::vector<std::vector<double>> fields(static_cast<std::size_t>(components));
  bool at_rest = true;
  for (const Entry& entry : entries_) {
    if (entry.component < split_ || (steps_ - 1) % entry.every != 0) continue;
    std::vector<T> last(entry.box.count(), T(0));
    add_scaled(entry, steps_ - 1, 1, last);
    std::vector<double>& field = fields[static_cast<std::size_t>(entry.component)];
    field.resize(lines_.size.count());
    std::size_t from = 0;
    for_points(entry.box, lines_.size, [&](const std::array<int, 3>&, std::size_t point) {
      field[point] += static_cast<double>(last[from++]);
    });
    at_rest = false;
  }
  if (!at_rest)
    for (int c = 0; c < components; ++c) {
      fields[static_cast<std::size_t>(c)].resize(lines_.size.count());
      engine_->write_field(c, fields[static_cast<std::size_t>(c)]);
    }
  for (std::size_t f = 0; f < kept_taps_.size(); ++f) {
    const KeptField& field = followed(f);
    second_back_.emplace_back();
    if (field.component < split_) continue;
    const std::vector<double> values =
        values_in(field.box, lines_.size, fields[static_cast<std::size_t>(field.component)], 0.0);
    second_back_.back().assign(values.begin(), values.end());
  }
  for (std::size_t s = 0; s < setup_.sources.size(); ++s)
    if (setup_.sources[s].component >= split_)
      set_signal_gradient(
          s, steps_ - 1,
          values_in(setup_.sources[s].box, lines_.size,
                    fields[static_cast<std::size_t>(setup_.sources[s].component)], 0.0));
}

template <class T>
void TransposedMarch<T>::undo(long first, const FieldHistory<T>& history,
                              const typename LocalPoles<T>::State& poles) {
  std::vector<std::vector<double>> traces;
  for (std::size_t s = 0; s < poles_.shared().size(); ++s) {
    const int component = setup_.poles[poles_.shared()[s].pole].component;
    traces.push_back(
        poles_.trace(s, poles, history.fields[static_cast<std::size_t>(component)], next_ - first));
  }
  const int block = block_length(setup_);
  while (next_ > first) {
    const int now = static_cast<int>(std::min<long>(block, next_ - first));
    for (const Entry& entry : entries_) {
      const std::span<T> signals = engine_->drive_signals(entry.drive, now);
      add_scaled(entry, next_ - 1 - (entry.component < split_ ? 0 : 1), now, signals);
    }
    for (std::size_t m = 0; m < history.trajectories.size(); ++m) {
      const std::span<T> reversed = engine_->trajectory(static_cast<int>(m), now);
      const std::size_t count = setup_.nonlinear[m].box.count();
      for (int i = 0; i < now; ++i)
        std::copy_n(
            history.trajectories[m].begin() +
                static_cast<std::ptrdiff_t>(static_cast<std::size_t>(next_ - 1 - i - first) *
                                            count),
            count,
            reversed.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(i) * count));
    }
    engine_->run(steps_ - next_, now);
    add_products(first, now, history, traces);
    for (int i = 0; i < now; ++i) {
      const long n = next_ - 1 - i;
      const std::size_t record = static_cast<std::size_t>(i);
      if (!pole_cotangents_.empty()) add_pole_products(n, first, record, traces, history);
      for (std::size_t s = 0; s < source_taps_.size(); ++s) {
        const TimeSource& source = setup_.sources[s];
        const std::size_t count = source.box.count();
        const long driven = source.component < split_ ? n : n - 1;
        if (driven >= 0)
          set_signal_gradient(s, driven,
                              engine_->tap_record(source_taps_[s]).subspan(record * count, count));
      }
    }
    next_ -= now;
  }
}

// C's derivative: the cotangent after step n times what C multiplied, (f' - decay f) / C, f' less
// what poles and nonlinearities have added; decay's: times f.
template <class T>
void TransposedMarch<T>::add_products(long first, int steps, const FieldHistory<T>& history,
                                      const std::vector<std::vector<double>>& traces) {
  const int threads = setup_.schedule.threads;
  const std::size_t start = static_cast<std::size_t>(next_ - steps - first);
  add_tensor_products(steps, start, history);
  add_seam_products(steps, start, history);
  for (std::size_t f = 0; f < kept_.size(); ++f) {
    const std::size_t points = kept_[f].box.count(), all = static_cast<std::size_t>(steps) * points;
    const std::size_t at = static_cast<std::size_t>(kept_[f].component);
    const std::span<const T> fields = history.fields[f].subspan(start * points, all + points);
    const std::span<const T> before = fields.first(all);
    std::span<const T> after = fields.subspan(points);
    std::vector<T> linear;
    for (std::size_t s = 0; s < traces.size(); ++s) {
      const auto& shared = poles_.shared()[s];
      if (setup_.poles[shared.pole].component != kept_[f].component) continue;
      if (linear.empty()) linear.assign(after.begin(), after.end());
      const std::size_t count = shared.in_pole.size();
      for (std::size_t i = 0; i < static_cast<std::size_t>(steps); ++i) {
        const std::span<const double> states =
            std::span(traces[s]).subspan((start + i + 1) * count, 2 * count);
        poles_.remove_part(s, states.subspan(count), states.first(count),
                           std::span(linear).subspan(i * points, points));
      }
    }
    if (nonlinear_.reaches(kept_[f].component)) {
      std::vector<T> change(after.begin(), after.end());
      nonlinear_.add_change(kept_[f].component, before, change);
      if (wants_.nonlinear)
        nonlinear_.add_products(kept_[f].component, engine_->tap_record(kept_taps_[f]).first(all),
                                before, after, gradient_.nonlinear);
      for (std::size_t i = 0; i < linear.size(); ++i) change[i] += linear[i] - after[i];
      linear = std::move(change);
    }
    if (!linear.empty()) after = linear;
    const auto add = [&](std::span<const T> back, std::size_t from) {
      const std::size_t size = back.size();
      add_products_of_changes<T>(back, after.subspan(from, size), before.subspan(from, size),
                                 decays_[f], of_coefficient(kept_[f].component), threads);
      if (!wants_.decay) return;
      const std::vector<double> nothing(points, 0.0);
      add_products_of_changes<T>(back, before.subspan(from, size), before.subspan(from, size),
                                 nothing, gradient_.decay[at], threads);
    };
    const std::span<const T> tap = engine_->tap_record(kept_taps_[f]).first(all);
    if (kept_[f].component < split_) {
      add(tap, 0);
    } else {
      // What a tap of the second group shows belongs to the step before.
      add(second_back_[f], all - points);
      add(tap.first(all - points), 0);
      second_back_[f].assign(tap.end() - static_cast<std::ptrdiff_t>(points), tap.end());
    }
  }
}

// start: of the last run's steps in the history. Before second_back_ is that of the next run.
template <class T>
void TransposedMarch<T>::add_tensor_products(int steps, std::size_t start,
                                             const FieldHistory<T>& history) {
  const std::size_t linked = tensor_.sources().size();
  if (linked == 0) return;
  for (std::size_t i = 0; i < static_cast<std::size_t>(steps); ++i) {
    std::array<std::span<const T>, 3> carried;
    for (std::size_t f = 0; f < kept_.size(); ++f) {
      const int row = kept_[f].component - tensor_.first_component();
      if (row < 0 || row >= 3) continue;
      carried[static_cast<std::size_t>(row)] = carried_at(f, i);
    }
    tensor_.add_step(
        carried, std::span<const T>(history.differences)
                     .subspan((start + static_cast<std::size_t>(steps) - 1 - i) * linked, linked));
  }
}

template <class T>
void TransposedMarch<T>::add_seam_products(int steps, std::size_t start,
                                           const FieldHistory<T>& history) {
  const std::vector<KeptField>& fields = seams_.fields();
  std::vector<std::span<const T>> before(fields.size()), after(fields.size()),
      carried(fields.size());
  for (std::size_t i = 0; i < static_cast<std::size_t>(steps) && !fields.empty(); ++i) {
    const std::size_t record = start + static_cast<std::size_t>(steps) - 1 - i;
    for (std::size_t f = 0; f < fields.size(); ++f) {
      const std::size_t points = fields[f].box.count();
      before[f] = history.fields[kept_.size() + f].subspan(record * points, points);
      after[f] = history.fields[kept_.size() + f].subspan((record + 1) * points, points);
      carried[f] = carried_at(kept_.size() + f, i);
    }
    seams_.add_step(before, after, carried);
  }
  for (std::size_t f = 0; f < fields.size(); ++f) {
    if (fields[f].component < split_) continue;
    const std::span<const T> last = carried_at(kept_.size() + f, static_cast<std::size_t>(steps));
    second_back_[kept_.size() + f].assign(last.begin(), last.end());
  }
}

// What is carried of a kept field after the step that transposed step i of the last run undid: what
// a tap of the second group shows belongs to the step before.
template <class T>
std::span<const T> TransposedMarch<T>::carried_at(std::size_t field, std::size_t i) const {
  const std::size_t points = followed(field).box.count();
  const bool second = followed(field).component >= split_;
  if (second && i == 0) return second_back_[field];
  return engine_->tap_record(kept_taps_[field]).subspan((second ? i - 1 : i) * points, points);
}

template <class T>
void TransposedMarch<T>::add_pole_products(long n, long first, std::size_t record,
                                           const std::vector<std::vector<double>>& traces,
                                           const FieldHistory<T>& history) {
  for (std::size_t pole = 0; pole < pole_cotangents_.size(); ++pole) {
    const std::size_t count = setup_.poles[pole].box.count();
    pole_cotangents_[pole].undo(
        engine_->tap_record(pole_taps_[pole]).subspan(record * count, count));
  }
  if (!wants_.poles) return;
  for (std::size_t s = 0; s < traces.size(); ++s) {
    const auto& shared = poles_.shared()[s];
    const PoleField& pole = setup_.poles[shared.pole];
    PoleField& to = gradient_.poles[shared.pole];
    const PoleCotangents& cotangents = pole_cotangents_[shared.pole];
    const std::size_t count = shared.in_pole.size();
    const double* const p_old = traces[s].data() + static_cast<std::size_t>(n - first) * count;
    const double* const p = p_old + count;
    const double* const p_new = p + count;
    const std::size_t points = design_.count();
    const T* const e = history.fields[static_cast<std::size_t>(pole.component)].data() +
                       static_cast<std::size_t>(n - first) * points;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = shared.in_pole[i], in = shared.in_design[i];
      const double before = static_cast<double>(e[in]), after = static_cast<double>(e[in + points]);
      const double of_state = cotangents.state()[at], of_field = cotangents.field()[at];
      to.a1[at] += of_state * p[i];
      to.a2[at] += of_state * (pole.relaxing ? after + before : p_old[i]);
      if (!pole.relaxing) to.a3[at] += of_state * before;
      to.gain[at] += of_field * (pole.relaxing ? p[i] : p[i] - p_new[i]);
    }
  }
}

template <class T>
void TransposedMarch<T>::finish() {
  const auto divide = [](double& value, double by) { value = by != 0.0 ? value / by : 0.0; };
  for (const KeptField& field : kept_) {
    const std::size_t at = static_cast<std::size_t>(field.component);
    const std::vector<double> scale = cotangent_scales(field.component, field.box);
    const std::vector<double> coefficient =
        values_in(field.box, lines_.size, setup_.coefficient[at]);
    for (std::size_t p = 0; p < scale.size(); ++p) {
      divide(of_coefficient(field.component)[p], scale[p] * coefficient[p]);
      if (wants_.decay) divide(gradient_.decay[at][p], scale[p]);
    }
  }
  tensor_.finish(setup_, lines_, design_, gradient_);
  seams_.finish(gradient_);
  for (PoleField& pole : gradient_.poles) {
    const std::vector<double> scale = cotangent_scales(pole.component, pole.box);
    for (std::vector<double>* values : {&pole.a1, &pole.a2, &pole.a3, &pole.gain})
      for (std::size_t p = 0; p < values->size(); ++p) divide((*values)[p], scale[p]);
  }
  for (NonlinearField& field : gradient_.nonlinear) {
    const std::vector<double> scale = cotangent_scales(field.component, field.box);
    for (std::vector<double>* values : {&field.square, &field.cube})
      for (std::size_t p = 0; p < values->size(); ++p) divide((*values)[p], scale[p]);
  }
  if (wants_.initial) finish_initial();
}

// The second group's cotangents are those before step 0 already; the first group's are those after
// it, and what was there before it came in through decay and poles.
template <class T>
void TransposedMarch<T>::finish_initial() {
  const GridBox all{{}, lines_.size.points};
  for (int c = 0; c < component_count(setup_.system); ++c) {
    const std::size_t at = static_cast<std::size_t>(c);
    std::vector<double>& values = gradient_.initial[at];
    values.resize(lines_.size.count());
    engine_->read_field(c, values);
    if (c < split_) {
      const std::vector<double> decay = values_in(all, lines_.size, setup_.decay[at]);
      for (std::size_t p = 0; p < values.size(); ++p) values[p] *= decay[p];
      for (std::size_t pole = 0; pole < setup_.poles.size(); ++pole) {
        if (setup_.poles[pole].component != c) continue;
        std::size_t i = 0;
        for_points(setup_.poles[pole].box, lines_.size,
                   [&](const std::array<int, 3>&, std::size_t point) {
                     values[point] += pole_cotangents_[pole].of_field_before(i++);
                   });
      }
    }
    for (const NonlinearField& field : setup_.nonlinear) {
      if (field.component != c) continue;
      const std::vector<double> start = initial_field(setup_, lines_, c, field.box);
      std::vector<double> after(lines_.size.count());
      engine_->read_field(c, after);
      std::size_t i = 0;
      for_points(field.box, lines_.size, [&](const std::array<int, 3>&, std::size_t point) {
        const double e = start[i];
        values[point] += after[point] * e * (2.0 * field.square[i] + 3.0 * field.cube[i] * e);
        ++i;
      });
    }
    const std::vector<double> scale = cotangent_scales(c, all);
    for (std::size_t p = 0; p < values.size(); ++p)
      values[p] = scale[p] != 0.0 ? values[p] / scale[p] : 0.0;
  }
}

template class TransposedMarch<float>;
template class TransposedMarch<double>;

}  // namespace wavesmith
