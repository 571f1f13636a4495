#include "solvers/time_domain_dft.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "kernels/spectral_sums.hpp"
#include "solvers/decimation.hpp"
#include "solvers/time_domain_transposed.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

// Sums records of every so many steps to sum over n of x_n exp(2 pi i f n dt).
template <class T>
class StepSpectrum {
 public:
  StepSpectrum(const std::vector<double>& frequencies, double dt, std::size_t points, int every = 1)
      : sums(frequencies.size() * points),
        frequencies_(frequencies),
        dt_(dt),
        points_(points),
        every_(every) {}

  // record: of the steps from `first` on that are recorded; shift: the number of its steps less
  // that which the march counts.
  void add(std::span<const T> record, long first, int threads, long shift = 0) {
    if (record.empty()) return;
    look_at(record, threads);
    add_to_sums(record, records_before(first, every_), threads, shift);
  }

  // The same for many points, whose sums are as long as several records: records wait until there
  // are enough of them. `room`: where the next steps are to be recorded; `take`: they have been;
  // `finish`: no more will be.
  std::span<T> room(host::HostArray<T>& memory, long first, long steps, int threads) {
    const std::size_t records = static_cast<std::size_t>(records_before(first + steps, every_) -
                                                         records_before(first, every_));
    const std::size_t most =
        std::max(records, std::min(most_waiting, waiting_bytes / (points_ * sizeof(T))));
    if (waiting_ + records > most) finish(threads);
    if (memory.size() < most * points_) {
      finish(threads);
      memory = {};
      memory = host::HostArray<T>::unset(most * points_);
    }
    memory_ = memory.data();
    if (waiting_ == 0) first_waiting_ = records_before(first, every_);
    return room_ = {memory_ + waiting_ * points_, records * points_};
  }
  void take(int threads) {
    if (room_.empty()) return;
    look_at(room_, threads);
    waiting_ += room_.size() / points_;
  }
  void finish(int threads) {
    if (waiting_ > 0) add_to_sums({memory_, waiting_ * points_}, first_waiting_, threads, 0);
    waiting_ = 0;
  }

  double last() const { return magnitudes_.empty() ? 0.0 : magnitudes_.back(); }
  double largest() const { return largest_; }
  // Largest magnitude in each of the times that it was looked at, one after the other.
  const std::vector<double>& magnitudes() const { return magnitudes_; }

  std::vector<Complex> sums;  // [f][point]

 private:
  // As many as a sum in T may have terms, in memory that stays in the caches if it can.
  static constexpr std::size_t most_waiting = 64, waiting_bytes = std::size_t{16} << 20;

  void add_to_sums(std::span<const T> record, long first_record, int threads, long shift) {
    const long records = static_cast<long>(record.size() / points_);
    std::vector<T> cosine, sine;
    for (const double f : frequencies_)
      for (long r = 0; r < records; ++r) {
        const long n = (first_record + r) * every_ + shift;
        const Complex phase = static_cast<double>(every_) * turn(f * dt_ * static_cast<double>(n));
        cosine.push_back(static_cast<T>(phase.real()));
        sine.push_back(static_cast<T>(phase.imag()));
      }
    add_spectrum<T>(record, points_, cosine, sine, sums, threads);
  }

  void look_at(std::span<const T> record, int threads) {
    const long records = static_cast<long>(record.size() / points_);
    // Fields change little from a step to the next, and differ in phase from point to point.
    const long records_between_looks = std::max(1, 8 / every_);
    double magnitude = 0.0;
    for (long n = records - 1; n >= 0; n -= records_between_looks)
      magnitude = std::max(
          magnitude, static_cast<double>(largest_magnitude<T>(
                         record.subspan(static_cast<std::size_t>(n) * points_, points_), threads)));
    magnitudes_.push_back(magnitude);
    largest_ = std::max(largest_, magnitude);
  }

  const std::vector<double>& frequencies_;
  double dt_;
  std::size_t points_;
  int every_;
  std::vector<double> magnitudes_;
  double largest_ = 0.0;  // of them
  T* memory_ = nullptr;
  std::span<T> room_;
  std::size_t waiting_ = 0;  // records, the first of them being first_waiting_
  long first_waiting_ = 0;
};

// What remains of fields at the end of a march.
template <class T>
double level(const std::vector<StepSpectrum<T>>& spectra) {
  double last = 0.0, largest = 0.0;
  for (const StepSpectrum<T>& s : spectra) {
    last = std::max(last, s.last());
    largest = std::max(largest, s.largest());
  }
  return largest > 0.0 ? last / largest : 0.0;
}

// The largest magnitudes of all of them, look by look.
template <class T>
std::vector<double> magnitudes_of(const std::vector<StepSpectrum<T>>& spectra) {
  std::vector<double> all;
  for (const StepSpectrum<T>& s : spectra) {
    all.resize(std::max(all.size(), s.magnitudes().size()));
    for (std::size_t i = 0; i < s.magnitudes().size(); ++i)
      all[i] = std::max(all[i], s.magnitudes()[i]);
  }
  return all;
}

// The root of the mean square over frequencies of the largest sum of a point.
template <class T>
double size_of(const std::vector<StepSpectrum<T>>& spectra, std::size_t frequencies) {
  double squares = 0.0;
  for (std::size_t k = 0; k < frequencies; ++k) {
    double largest = 0.0;
    for (const StepSpectrum<T>& s : spectra) {
      const std::size_t points = s.sums.size() / frequencies;
      for (std::size_t p = 0; p < points; ++p)
        largest = std::max(largest, std::norm(s.sums[k * points + p]));
    }
    squares += largest;
  }
  return std::sqrt(squares / static_cast<double>(frequencies));
}

// What a spectrum of so many steps misses of fields that would have gone on, relative: if they fall
// as they did in the last quarter of the march, where the slowest resonances are what is left, for
// a march's length at most, and are in phase with the tones.
template <class T>
double missing_tail(const std::vector<StepSpectrum<T>>& spectra, std::size_t frequencies,
                    long steps) {
  const std::vector<double> all = magnitudes_of(spectra);
  const double size = size_of(spectra, frequencies);
  if (all.empty() || !(size > 0.0)) return 0.0;
  const std::size_t few = std::max<std::size_t>(1, all.size() / 8);
  const std::size_t quarter = all.size() - all.size() / 4;
  const auto largest = [&](std::size_t begin) {
    return *std::max_element(all.begin() + static_cast<std::ptrdiff_t>(begin),
                             all.begin() + static_cast<std::ptrdiff_t>(begin + few));
  };
  const double then = largest(quarter - std::min(quarter, few)), now = largest(all.size() - few);
  if (now == 0.0) return 0.0;
  const double whole = static_cast<double>(steps);
  const double fall = std::log(then / now);
  return now * (fall > 0.0 ? std::min(whole, 0.25 * whole / fall) : whole) / size;
}

// Of what a derivative may be wrong by for fields being recorded seldom: a tenth of what rounding
// makes of the tones' fit.
template <class T>
double alias_tolerance(const ToneFit& tones) {
  return std::max(sizeof(T) == sizeof(float) ? 1e-7 : 1e-12,
                  0.1 * tones.condition() * static_cast<double>(std::numeric_limits<T>::epsilon()));
}

// How seldom the forward march's fields may be recorded. Initial fields and values that are set
// point by point may have any frequency.
Decimation forward_decimation(const TimeDomainSetup& setup, const std::vector<double>& frequencies,
                              long steps, double tolerance) {
  const bool known = std::all_of(setup.sources.begin(), setup.sources.end(),
                                 [](const TimeSource& source) { return source.rank > 0; }) &&
                     std::all_of(setup.initial.begin(), setup.initial.end(),
                                 [](const auto& field) { return field.empty(); });
  if (!known || steps > std::numeric_limits<int>::max() / 4) return {};
  SampledMagnitude magnitude(setup.dt, static_cast<std::size_t>(steps));
  std::vector<double> signal(static_cast<std::size_t>(steps));
  for (const TimeSource& source : setup.sources)
    for (int r = 0; r < source.rank; ++r) {
      for (std::size_t n = 0; n < signal.size(); ++n)
        signal[n] = source.signal(r, time_of(setup, source.component, static_cast<long>(n)));
      double weight = 0.0;
      const std::size_t points = source.box.count();
      for (std::size_t p = 0; p < points; ++p)
        weight =
            std::max(weight, std::abs(source.weights[static_cast<std::size_t>(r) * points + p]));
      magnitude.add(signal, weight);
    }
  const std::function<double(double)> of_sources = [&](double f) { return magnitude(f); };
  for (const double f : frequencies)
    if (!(f > 0.0 && f * setup.dt < 0.5 && of_sources(f) > 0.0)) return {};
  return choose_decimation(of_sources, frequencies, setup.dt, tolerance);
}

double norm_of(std::span<const Complex> values) {
  double sum = 0.0;
  for (const Complex value : values) sum += std::norm(value);
  return std::sqrt(sum);
}

// How seldom those of the transposed march: of tones of amplitudes `tones`, that meet forward
// fields of spectra `forward`.
Decimation backward_decimation(const ToneFit& fit, const std::vector<double>& frequencies,
                               const std::vector<double>& tones, const std::vector<double>& forward,
                               double dt, double tolerance) {
  std::vector<double> window;
  for (long m = 0; m < fit.steps(); ++m) window.push_back(fit.window(m));
  SampledMagnitude magnitude(dt, 2 * window.size());  // it is as sharp as its lobes are narrow
  magnitude.add(window, 0.5);
  const std::function<double(double)> of_drives = [&](double f) {
    double sum = 0.0;
    for (std::size_t k = 0; k < frequencies.size(); ++k)
      sum += tones[k] * (magnitude(f - frequencies[k]) + magnitude(f + frequencies[k]));
    return sum;
  };
  return choose_decimation_of_sum(of_drives, frequencies, forward, dt, tolerance);
}

}  // namespace

std::vector<double> loss_frequencies(const TimeDomainSetup& setup) {
  std::vector<double> all;
  for (const SpectrumMonitor& monitor : setup.monitors)
    all.insert(all.end(), monitor.frequencies.begin(), monitor.frequencies.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

long most_transposed_steps(const TimeDomainSetup& setup, long steps, long window) {
  long driven = 0;
  for (const TimeSource& source : setup.sources) {
    if (source.rank == 0) return window + steps;
    for (int r = 0; r < source.rank; ++r) {
      const auto size = [&](long n) {
        return std::abs(source.signal(r, time_of(setup, source.component, n)));
      };
      double greatest = 0.0;
      for (long n = 0; n < steps; ++n) greatest = std::max(greatest, size(n));
      long last = steps;
      while (last > driven && size(last - 1) <= 1e-6 * greatest) --last;
      driven = last;
    }
  }
  return window + std::max(steps - driven, steps / 2);
}

template <class T>
TimeDomainGradient TimeDomain::MarchOf<T>::pull_back_dft(const GradientPlan& plan,
                                                         const GridBox& design, const Loss& loss) {
  const GridLines& lines = owner_.lines_;
  const int split = first_group_size(lines.size.system), threads = setup().schedule.threads;
  const double dt = setup().dt;
  const std::vector<double> frequencies = loss_frequencies(setup());
  const std::size_t points = design.count(), count = frequencies.size();
  const ToneFit tones(frequencies, dt, std::max<long>(plan.steps / 4, 2));
  TimeDomainGradient gradient;
  gradient.plan = plan;

  // Forward: spectra of the design region.
  restart();
  if (!forward_decimation_ || decimated_steps_ != plan.steps) {
    forward_decimation_ =
        forward_decimation(setup(), frequencies, plan.steps, alias_tolerance<T>(tones));
    most_transposed_steps_ = most_transposed_steps(setup(), plan.steps, tones.steps());
    decimated_steps_ = plan.steps;
  }
  const Decimation ahead = *forward_decimation_;
  record_memory_.resize(static_cast<std::size_t>(split));
  std::vector<StepSpectrum<T>> fields;
  for (int c = 0; c < split; ++c) {
    history_taps_.push_back(engine_->add_tap(c, design, ahead.every));
    fields.emplace_back(frequencies, dt, points, ahead.every);
  }
  TensorGradient tensor(setup(), lines, design, {});
  const std::size_t linked = tensor.sources().size();
  StepSpectrum<T> differences(frequencies, dt, linked);
  const int difference_tap = linked > 0 ? engine_->add_difference_tap(tensor.sources()) : -1;
  while (owner_.step_ < plan.steps) {
    const long first = owner_.step_;
    const int now = static_cast<int>(std::min(block_ - first % block_, plan.steps - first));
    for (std::size_t c = 0; c < fields.size(); ++c)
      engine_->record_to(history_taps_[c], fields[c].room(record_memory_[c], first, now, threads));
    run_block(now);
    watch(owner_.step_ == plan.steps);
    for (StepSpectrum<T>& field : fields) field.take(threads);
    if (linked > 0) differences.add(engine_->difference_record(difference_tap), first, threads);
  }
  for (StepSpectrum<T>& field : fields) field.finish(threads);
  show_unfinished_block();
  const TimeDomainData cotangents = loss(owner_.data_);
  validate_cotangents(cotangents, owner_.data_);
  WAVESMITH_VALIDATE(cotangents.records.empty(),
                     "a loss of records in time has no derivative from spectra; keep checkpoints "
                     "instead");

  // Backward. Steps are counted as if the last forward step were undone in step 0; what a drive or
  // a tap of the second group does belongs to one step earlier.
  LeapfrogEngine<T>* const engine = engine_.get();
  engine->start_over();
  engine->set_transposed(true);
  const auto shift = [&](int component) { return component < split ? 0L : 1L; };
  std::vector<int> drives;
  std::vector<std::vector<Complex>> signals;  // of the monitors, [k][point]
  for (std::size_t m = 0; m < cotangents.spectra.size(); ++m) {
    const SpectrumMonitor& monitor = setup().monitors[m];
    const std::size_t there = monitor.box.count();
    const std::vector<double> scale =
        cotangent_scales(setup(), lines, monitor.component, monitor.box);
    std::vector<Complex> wanted(count * there);
    for (std::size_t f = 0; f < monitor.frequencies.size(); ++f) {
      const std::size_t k = static_cast<std::size_t>(
          std::lower_bound(frequencies.begin(), frequencies.end(), monitor.frequencies[f]) -
          frequencies.begin());
      const Complex phase =
          dt * turn(monitor.frequencies[f] * time_of(setup(), monitor.component, 0));
      for (std::size_t p = 0; p < there; ++p)
        wanted[k * there + p] += std::conj(cotangents.spectra[m][f * there + p]) * phase * scale[p];
    }
    signals.push_back(tones.fit(wanted, there));
    drives.push_back(engine->add_drive(monitor.component, monitor.box, 0, {}));
  }
  std::vector<double> of_tones(count), of_fields(count);
  for (std::size_t k = 0; k < count; ++k) {
    for (std::size_t m = 0; m < signals.size(); ++m) {
      const std::size_t there = setup().monitors[m].box.count();
      of_tones[k] = std::hypot(
          of_tones[k], norm_of(std::span<const Complex>(signals[m]).subspan(k * there, there)));
    }
    for (const StepSpectrum<T>& field : fields)
      of_fields[k] = std::hypot(
          of_fields[k], norm_of(std::span<const Complex>(field.sums).subspan(k * points, points)));
  }
  const Decimation back =
      backward_decimation(tones, frequencies, of_tones, of_fields, dt, alias_tolerance<T>(tones));
  std::vector<int> design_taps, source_taps;
  std::vector<StepSpectrum<T>> backs, at_sources;
  for (int c = 0; c < split; ++c) {
    design_taps.push_back(engine->add_tap(c, design, back.every));
    backs.emplace_back(frequencies, dt, points, back.every);
  }
  for (const TimeSource& source : setup().sources) {
    source_taps.push_back(engine->add_tap(source.component, source.box, 1));
    at_sources.emplace_back(frequencies, dt, source.box.count());
  }
  // What the forward march has cut off cannot be had back by going on.
  const double decayed = std::max(sizeof(T) == sizeof(float) ? 1e-7 : 1e-12, level(fields) / 2.0);
  long step = 0;
  while (step < most_transposed_steps_) {
    for (std::size_t m = 0; m < drives.size(); ++m) {
      const std::span<T> to = engine->drive_signals(drives[m], block_);
      if (step > tones.steps()) continue;
      const SpectrumMonitor& monitor = setup().monitors[m];
      std::vector<T> cosine, sine;
      for (const double f : frequencies)
        for (long n = step; n < step + block_; ++n) {
          const long at = n + shift(monitor.component);
          const Complex tone = tones.window(at) * turn(f * dt * static_cast<double>(at));
          cosine.push_back(static_cast<T>(tone.real()));
          sine.push_back(static_cast<T>(tone.imag()));
        }
      add_spectrum_transpose<T>(signals[m], monitor.box.count(), cosine, sine, to, threads);
    }
    for (std::size_t c = 0; c < backs.size(); ++c)
      engine->record_to(design_taps[c], backs[c].room(record_memory_[c], step, block_, threads));
    engine->run(step, block_);
    for (StepSpectrum<T>& field : backs) field.take(threads);
    for (std::size_t s = 0; s < at_sources.size(); ++s)
      at_sources[s].add(engine->tap_record(source_taps[s]), step, threads,
                        shift(setup().sources[s].component));
    step += block_;
    if (step > tones.steps() && level(backs) < decayed && level(at_sources) < decayed) break;
  }
  for (StepSpectrum<T>& field : backs) field.finish(threads);
  gradient.plan.forward_runs = 1.0 + static_cast<double>(step) / static_cast<double>(plan.steps);
  gradient.error_estimate =
      missing_tail(fields, count, plan.steps) + missing_tail(backs, count, step) + ahead.alias +
      back.alias + tones.condition() * static_cast<double>(std::numeric_limits<T>::epsilon());

  // What C has added, from the field: less decay and poles, and what both make of the field before
  // the first step.
  for (int c = 0; c < split; ++c) {
    const std::size_t at = static_cast<std::size_t>(c);
    const std::vector<double> scale = cotangent_scales(setup(), lines, c, design);
    const std::vector<double> coefficient = values_in(design, lines.size, setup().coefficient[at]);
    const std::vector<double> decay = values_in(design, lines.size, setup().decay[at]);
    const std::vector<double> initial = initial_field(setup(), lines, c, design);
    const LocalPoles<T> poles(setup(), lines, design);
    gradient.coefficient[at].assign(points, 0.0);
    for (std::size_t k = 0; k < count; ++k) {
      const Complex z = turn(frequencies[k] * dt);
      std::vector<Complex> part(points), of_initial(points);
      for (std::size_t p = 0; p < points; ++p) {
        part[p] = 1.0 - decay[p] * z;
        of_initial[p] = -decay[p];
      }
      poles.remove_parts(c, z, part, of_initial);
      for (std::size_t p = 0; p < points; ++p) {
        const double both = scale[p] * coefficient[p];
        if (both == 0.0) continue;
        const Complex added =
            part[p] * fields[at].sums[k * points + p] + of_initial[p] * initial[p];
        gradient.coefficient[at][p] += (backs[at].sums[k * points + p] * added).real() / both;
      }
    }
  }
  if (setup().system == WaveSystem::maxwell) {
    for (std::size_t k = 0; k < count && linked > 0; ++k) {
      std::array<std::span<const Complex>, 3> back;
      for (std::size_t c = 0; c < 3; ++c)
        back[c] = std::span<const Complex>(backs[c].sums).subspan(k * points, points);
      tensor.add_frequency(back,
                           std::span<const Complex>(differences.sums).subspan(k * linked, linked));
    }
    tensor.finish(setup(), lines, design, gradient);
  }
  for (std::size_t s = 0; s < setup().sources.size(); ++s) {
    const TimeSource& source = setup().sources[s];
    const std::size_t rank = static_cast<std::size_t>(source.rank), there = source.box.count();
    const std::vector<double> scale =
        cotangent_scales(setup(), lines, source.component, source.box);
    std::vector<double>& to = gradient.signals.emplace_back();
    to.assign(static_cast<std::size_t>(plan.steps) * rank, 0.0);
    for (std::size_t r = 0; r < rank; ++r)
      for (std::size_t k = 0; k < count; ++k) {
        Complex sum = 0.0;
        for (std::size_t p = 0; p < there; ++p)
          if (scale[p] != 0.0)
            sum += source.weights[r * there + p] / scale[p] * at_sources[s].sums[k * there + p];
        for (long n = 0; n < plan.steps; ++n)
          to[static_cast<std::size_t>(n) * rank + r] +=
              (sum * turn(frequencies[k] * dt * static_cast<double>(n))).real();
      }
    if (!source.pull_back) continue;
    std::vector<double> at_points(rank == 0 ? there : 0);
    for (long n = 0; n < plan.steps; ++n) {
      std::fill(at_points.begin(), at_points.end(), 0.0);
      for (std::size_t k = 0; k < count && rank == 0; ++k) {
        const Complex phase = turn(frequencies[k] * dt * static_cast<double>(n));
        const Complex* const sums = at_sources[s].sums.data() + k * there;
        for (std::size_t p = 0; p < there; ++p)
          if (scale[p] != 0.0) at_points[p] += (sums[p] * phase).real() / scale[p];
      }
      source.pull_back(drive_time(setup(), source.component, n),
                       rank == 0 ? std::span<const double>(at_points)
                                 : std::span<const double>(to).subspan(
                                       static_cast<std::size_t>(n) * rank, rank));
    }
  }
  return gradient;
}

template class TimeDomain::MarchOf<float>;
template class TimeDomain::MarchOf<double>;

}  // namespace wavesmith
