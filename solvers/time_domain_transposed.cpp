#include "solvers/time_domain_transposed.hpp"

#include "kernels/spectral_sums.hpp"

namespace wavesmith {

template <class T>
TransposedMarch<T>::TransposedMarch(const TimeDomainSetup& setup, const GridLines& lines,
                                    long steps, const GridBox& design, const TensorGradient& tensor,
                                    const TimeDomainData& cotangents, TimeDomainGradient& gradient)
    : setup_(setup),
      lines_(lines),
      steps_(steps),
      next_(steps),
      design_(design),
      gradient_(gradient),
      split_(first_group_size(lines.size.system)),
      engine_(make_engine<T>(setup, lines)),
      tensor_(tensor) {
  engine_->set_transposed(true);
  add_entries(cotangents);
  for (const TimeSource& source : setup.sources) {
    source_taps_.push_back(engine_->add_tap(source.component, source.box, 1));
    source_scales_.push_back(cotangent_scales(source.component, source.box));
    gradient.signals.emplace_back(static_cast<std::size_t>(steps) *
                                  static_cast<std::size_t>(source.rank));
  }
  for (int c = 0; c < split_; ++c) {
    const std::size_t at = static_cast<std::size_t>(c);
    design_taps_.push_back(engine_->add_tap(c, design, 1));
    const std::vector<double>& decay = setup.decay[at];
    decays_.push_back(decay.empty() ? decay : values_in(design, lines.size, decay));
    gradient.coefficient[at].assign(design.count(), 0.0);
  }
  start_from_last_step();
}

template <class T>
void TransposedMarch<T>::add_entries(const TimeDomainData& cotangents) {
  for (std::size_t m = 0; m < cotangents.spectra.size(); ++m) {
    const SpectrumMonitor& monitor = setup_.monitors[m];
    const auto add = [this, &monitor, &cotangent = cotangents.spectra[m]](long n, std::span<T> to) {
      if (n % monitor.every != 0) return;
      const SpectrumPhases<T> phase(setup_, monitor, n, 1);
      add_spectrum_transpose<T>(cotangent, monitor.box.count(), phase.cosine, phase.sine, to,
                                setup_.schedule.threads);
    };
    entries_.push_back({monitor.component, monitor.box, {}, add, 0});
  }
  for (std::size_t m = 0; m < cotangents.records.size(); ++m) {
    const TimeMonitor& monitor = setup_.time_monitors[m];
    const auto add = [&monitor, points = recorded_points(monitor),
                      &cotangent = cotangents.records[m]](long n, std::span<T> to) {
      if (n % monitor.every != 0) return;
      const std::size_t record = static_cast<std::size_t>(n / monitor.every) * points.size();
      for (std::size_t p = 0; p < points.size(); ++p)
        to[points[p]] += static_cast<T>(cotangent[record + p]);
    };
    entries_.push_back({monitor.component, monitor.box, {}, add, 0});
  }
  for (Entry& entry : entries_) {
    entry.scales = cotangent_scales(entry.component, entry.box);
    entry.drive = engine_->add_drive(entry.component, entry.box, 0, {});
  }
}

// The factor between a cotangent and what the transposed march carries for it, C / V: V is the
// product of the three stretched widths, each c dt / metric.
template <class T>
double TransposedMarch<T>::cotangent_scale(int component, const std::array<int, 3>& p,
                                           std::size_t point) const {
  const LeapfrogSize& size = lines_.size;
  double scale = component < split_ ? 1.0 : -1.0;
  for (int d = 0; d < 3; ++d) {
    const std::size_t axis = static_cast<std::size_t>(d);
    if (size.points[axis] == 1) continue;
    const bool centre = size.system == WaveSystem::maxwell
                            ? (component < 3 ? component == d : component - 3 != d)
                            : component == d + 1;
    const LineMetric& metric = lines_.metrics[axis];
    scale *= (centre ? metric.centre : metric.node)[static_cast<std::size_t>(p[axis])];
  }
  const std::vector<double>& c = setup_.coefficient[static_cast<std::size_t>(component)];
  return scale * (c.empty() ? 1.0 : c[c.size() == 1 ? 0 : point]);
}

template <class T>
std::vector<double> TransposedMarch<T>::cotangent_scales(int component, const GridBox& box) const {
  std::vector<double> scales;
  scales.reserve(box.count());
  for_points(box, lines_.size, [&](const std::array<int, 3>& p, std::size_t point) {
    scales.push_back(cotangent_scale(component, p, point));
  });
  return scales;
}

template <class T>
void TransposedMarch<T>::add_scaled(const Entry& entry, long step, std::span<T> to) const {
  if (step < 0 || step >= steps_) return;
  entry.add(step, to);
  for (std::size_t i = 0; i < to.size(); ++i) to[i] *= static_cast<T>(entry.scales[i]);
}

// d loss / d signals of a source in a step, from the scaled cotangents at its points.
template <class T>
template <class Values>
void TransposedMarch<T>::set_signal_gradient(std::size_t s, long step, const Values& back) {
  const TimeSource& source = setup_.sources[s];
  const std::size_t rank = static_cast<std::size_t>(source.rank), count = source.box.count();
  for (std::size_t r = 0; r < rank; ++r) {
    double sum = 0.0;
    for (std::size_t p = 0; p < count; ++p)
      if (source_scales_[s][p] != 0.0)
        sum += source.weights[r * count + p] * static_cast<double>(back[p]) / source_scales_[s][p];
    gradient_.signals[s][static_cast<std::size_t>(step) * rank + r] = sum;
  }
}

template <class T>
void TransposedMarch<T>::start_from_last_step() {
  const int components = component_count(lines_.size.system);
  std::vector<std::vector<double>> fields(static_cast<std::size_t>(components));
  for (int c = split_; c < components; ++c)
    fields[static_cast<std::size_t>(c)].assign(lines_.size.count(), 0.0);
  for (const Entry& entry : entries_) {
    if (entry.component < split_) continue;
    std::vector<T> last(entry.box.count(), T(0));
    add_scaled(entry, steps_ - 1, last);
    std::size_t from = 0;
    for_points(entry.box, lines_.size, [&](const std::array<int, 3>&, std::size_t point) {
      fields[static_cast<std::size_t>(entry.component)][point] += static_cast<double>(last[from++]);
    });
  }
  const std::vector<double> rest(lines_.size.count(), 0.0);
  for (int c = 0; c < components; ++c)
    engine_->write_field(c, c < split_ ? rest : fields[static_cast<std::size_t>(c)]);
  for (std::size_t s = 0; s < setup_.sources.size(); ++s)
    if (setup_.sources[s].component >= split_)
      set_signal_gradient(s, steps_ - 1,
                          values_in(setup_.sources[s].box, lines_.size,
                                    fields[static_cast<std::size_t>(setup_.sources[s].component)]));
}

template <class T>
void TransposedMarch<T>::undo(long first, const FieldHistory<T>& history) {
  const std::size_t points = design_.count();
  const int block = block_length(setup_);
  while (next_ > first) {
    const int now = static_cast<int>(std::min<long>(block, next_ - first));
    for (const Entry& entry : entries_) {
      const std::span<T> signals = engine_->drive_signals(entry.drive, now);
      const std::size_t count = entry.box.count();
      for (int i = 0; i < now; ++i)
        add_scaled(entry, next_ - 1 - i - (entry.component < split_ ? 0 : 1),
                   signals.subspan(static_cast<std::size_t>(i) * count, count));
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
    for (int i = 0; i < now; ++i) {
      const long n = next_ - 1 - i;
      const std::size_t record = static_cast<std::size_t>(i);
      const std::size_t before = static_cast<std::size_t>(n - first) * points;
      std::array<std::span<const T>, 3> carried;
      // C's derivative: the cotangent after step n times what C multiplied, (f' - decay f) / C.
      for (int c = 0; c < split_; ++c) {
        const std::size_t at = static_cast<std::size_t>(c);
        const std::span<const T> all = history.fields[at];
        carried[at] = engine_->tap_record(design_taps_[at]).subspan(record * points, points);
        add_products_of_changes<T>(carried[at], all.subspan(before + points, points),
                                   all.subspan(before, points), decays_[at],
                                   gradient_.coefficient[at], setup_.schedule.threads);
      }
      const std::size_t linked = tensor_.sources().size();
      tensor_.add_step(carried, std::span<const T>(history.differences)
                                    .subspan(static_cast<std::size_t>(n - first) * linked, linked));
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

template <class T>
void TransposedMarch<T>::finish() {
  std::array<std::vector<double>, 3> scales;
  for (int c = 0; c < split_; ++c) {
    const std::size_t at = static_cast<std::size_t>(c);
    const std::vector<double>& scale = scales[at] = cotangent_scales(c, design_);
    const std::vector<double> coefficient = values_in(design_, lines_.size, setup_.coefficient[at]);
    for (std::size_t p = 0; p < design_.count(); ++p) {
      const double both = scale[p] * coefficient[p];
      double& value = gradient_.coefficient[at][p];
      value = both != 0.0 ? value / both : 0.0;
    }
  }
  tensor_.finish(setup_, lines_, design_, scales, gradient_);
}

template class TransposedMarch<float>;
template class TransposedMarch<double>;

}  // namespace wavesmith
