#include "solvers/time_domain.hpp"

#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/memory.hpp"
#include "kernels/spectral_sums.hpp"
#include "solvers/tensor_links.hpp"
#include "solvers/time_domain_march.hpp"

namespace wavesmith {
namespace {

// Looks of the watchdog. The end of a run is looked at unless it follows the last look closely: a
// caller may step one by one.
constexpr int steps_between_looks = 256, fewest_steps_between_looks = 16;

}  // namespace

std::array<int, 3> TimeMonitor::counts() const {
  std::array<int, 3> counts{};
  for (std::size_t d = 0; d < 3; ++d)
    counts[d] = (box.end[d] - box.begin[d] + stride[d] - 1) / stride[d];
  return counts;
}

std::size_t TimeMonitor::points() const {
  const std::array<int, 3> n = counts();
  return static_cast<std::size_t>(n[0]) * static_cast<std::size_t>(n[1]) *
         static_cast<std::size_t>(n[2]);
}

std::vector<std::size_t> recorded_points(const TimeMonitor& monitor) {
  LeapfrogSize size;
  for (std::size_t d = 0; d < 3; ++d) size.points[d] = monitor.box.end[d] - monitor.box.begin[d];
  std::vector<std::size_t> points;
  for_points({{}, size.points}, size, monitor.stride,
             [&](const std::array<int, 3>&, std::size_t point) { points.push_back(point); });
  return points;
}

std::vector<double> values_in(const GridBox& box, const LeapfrogSize& size,
                              const std::vector<double>& values, double otherwise) {
  std::vector<double> inside;
  inside.reserve(box.count());
  for_points(box, size, [&](const std::array<int, 3>&, std::size_t point) {
    inside.push_back(values.empty() ? otherwise : values[values.size() == 1 ? 0 : point]);
  });
  return inside;
}

double time_of(const TimeDomainSetup& setup, int component, long step) {
  const bool first = component < first_group_size(setup.system);
  return (static_cast<double>(step) + (first ? 1.0 : 1.5)) * setup.dt;
}

double drive_time(const TimeDomainSetup& setup, int component, long step) {
  const bool first = component < first_group_size(setup.system);
  return (static_cast<double>(step) + (first ? 0.5 : 1.0)) * setup.dt;
}

double metric_product(const GridLines& lines, int component, const std::array<int, 3>& p) {
  double product = 1.0;
  for (int d = 0; d < 3; ++d) {
    const std::size_t axis = static_cast<std::size_t>(d);
    if (lines.size.points[axis] == 1) continue;
    const bool centre = lines.size.system == WaveSystem::maxwell
                            ? (component < 3 ? component == d : component - 3 != d)
                            : component == d + 1;
    const bool first = component < first_group_size(lines.size.system);
    if (first && !centre && lines.size.wall_low[axis] && p[axis] == 0) return 0.0;
    const LineMetric& metric = lines.metrics[axis];
    product *= (centre ? metric.centre : metric.node)[static_cast<std::size_t>(p[axis])];
  }
  return product;
}

std::vector<double> initial_field(const TimeDomainSetup& setup, const GridLines& lines,
                                  int component, const GridBox& box) {
  std::vector<double> values =
      values_in(box, lines.size, setup.initial[static_cast<std::size_t>(component)], 0.0);
  std::size_t i = 0;
  for_points(box, lines.size, [&](const std::array<int, 3>& p, std::size_t) {
    if (metric_product(lines, component, p) == 0.0) values[i] = 0.0;
    ++i;
  });
  return values;
}

template <class T>
SpectrumPhases<T>::SpectrumPhases(const TimeDomainSetup& setup, const SpectrumMonitor& monitor,
                                  long first, long steps) {
  const double weight = setup.dt * monitor.every;
  for (const double f : monitor.frequencies)
    for (long n = first; n < first + steps; ++n) {
      if (n % monitor.every != 0) continue;
      const double angle = 2.0 * std::numbers::pi * f * time_of(setup, monitor.component, n);
      cosine.push_back(static_cast<T>(weight * std::cos(angle)));
      sine.push_back(static_cast<T>(weight * std::sin(angle)));
    }
}
template struct SpectrumPhases<float>;
template struct SpectrumPhases<double>;

namespace {

// Coefficients and links of a setup, in place of those that the engine has.
template <class T>
void give_medium(const TimeDomainSetup& setup, const std::vector<TensorLink>& links,
                 LeapfrogEngine<T>& engine) {
  constexpr double one = 1.0;
  for (int c = 0; c < component_count(setup.system); ++c) {
    const std::vector<double>& values = setup.coefficient[static_cast<std::size_t>(c)];
    engine.set_coefficient(c, values.empty() ? std::span(&one, 1) : std::span(values));
  }
  engine.set_links(links);
}

}  // namespace

template <class T>
std::unique_ptr<LeapfrogEngine<T>> make_engine(const TimeDomainSetup& setup,
                                               const GridLines& lines) {
  auto engine = make_leapfrog<T>(lines.size, setup.schedule, setup.device);
  for (int d = 0; d < 3; ++d) engine->set_metric(d, lines.metrics[static_cast<std::size_t>(d)]);
  for (int c = 0; c < component_count(setup.system); ++c) {
    const std::vector<double>& decay = setup.decay[static_cast<std::size_t>(c)];
    if (!decay.empty()) engine->set_decay(c, decay);
  }
  for (const PoleField& pole : setup.poles) engine->add_pole(pole);
  for (const NonlinearField& field : setup.nonlinear) engine->add_nonlinearity(field);
  give_medium(setup, tensor_links(lines, tensor_rows(setup)), *engine);
  return engine;
}
template std::unique_ptr<LeapfrogEngine<float>> make_engine(const TimeDomainSetup&,
                                                            const GridLines&);
template std::unique_ptr<LeapfrogEngine<double>> make_engine(const TimeDomainSetup&,
                                                             const GridLines&);

template <class T>
TimeDomain::MarchOf<T>::MarchOf(TimeDomain& owner)
    : owner_(owner), block_(block_length(setup())), watchdog_(setup(), owner.lines_) {
  for (const TimeMonitor& monitor : setup().time_monitors)
    recorded_.push_back(recorded_points(monitor));
  restart();
}

template <class T>
const LeapfrogEngine<T>& TimeDomain::MarchOf<T>::engine() const {
  WAVESMITH_VALIDATE(marching_,
                     "after a derivative there are no fields of a march; restart it first");
  return *engine_;
}

// An engine before step 0, with sources and taps.
template <class T>
void TimeDomain::MarchOf<T>::start_engine() {
  if (engine_ == nullptr)
    engine_ = make_engine<T>(setup(), owner_.lines_);
  else
    engine_->start_over();
  marching_ = true;
  state_size_ = engine_->state_size();
  drives_.clear();
  spectrum_taps_.clear();
  time_taps_.clear();
  history_taps_.clear();
  nowhere_.clear();
  for (const TimeSource& source : setup().sources) {
    // Nothing is added where the component does not live.
    std::vector<double> weights = source.weights;
    std::vector<std::size_t>& nowhere = nowhere_.emplace_back();
    std::size_t i = 0;
    for_points(source.box, owner_.lines_.size, [&](const std::array<int, 3>& p, std::size_t) {
      if (metric_product(owner_.lines_, source.component, p) == 0.0) nowhere.push_back(i);
      ++i;
    });
    for (const std::size_t point : nowhere)
      for (std::size_t at = point; at < weights.size(); at += source.box.count()) weights[at] = 0.0;
    drives_.push_back(engine_->add_drive(source.component, source.box, source.rank, weights));
  }
  for (const SpectrumMonitor& monitor : setup().monitors)
    spectrum_taps_.push_back(engine_->add_tap(monitor.component, monitor.box, monitor.every));
  for (const TimeMonitor& monitor : setup().time_monitors)
    time_taps_.push_back(engine_->add_tap(monitor.component, monitor.box, monitor.every));
  write_initial();
}

// The engine, with its drives and taps, before step 0 again.
template <class T>
void TimeDomain::MarchOf<T>::clear_engine() {
  engine_->set_transposed(false);
  write_initial();
}

template <class T>
void TimeDomain::MarchOf<T>::write_initial() {
  const GridBox all{{}, owner_.lines_.size.points};
  const auto& initial = setup().initial;
  if (std::all_of(initial.begin(), initial.end(), [](const auto& f) { return f.empty(); })) return;
  for (int c = 0; c < component_count(setup().system); ++c)
    engine_->write_field(c, initial_field(setup(), owner_.lines_, c, all));
}

template <class T>
void TimeDomain::MarchOf<T>::restart() {
  start_engine();
  owner_.step_ = watched_ = 0;
  double initial = 0.0;
  for (const std::vector<double>& values : setup().initial)
    for (const double value : values)
      initial += value * value *
                 (values.size() == 1 ? static_cast<double>(owner_.lines_.size.count()) : 1.0);
  watchdog_.set_input(std::sqrt(initial));
  owner_.data_ = {};
  whole_blocks_.clear();
  for (const SpectrumMonitor& monitor : setup().monitors)
    owner_.data_.spectra.emplace_back(monitor.frequencies.size() * monitor.box.count());
  waiting_.assign(setup().monitors.size(), {});
  owner_.data_.records.resize(setup().time_monitors.size());
  owner_.dropped_.assign(setup().time_monitors.size(), 0);
}

template <class T>
void TimeDomain::MarchOf<T>::take_medium() {
  const std::vector<TensorLink> links = tensor_links(owner_.lines_, tensor_rows(setup()));
  for (LeapfrogEngine<T>* engine : {engine_.get(), back_engine_.get()})
    if (engine != nullptr) give_medium(setup(), links, *engine);
  watchdog_.take_medium();
  restart();
}

template <class T>
void TimeDomain::MarchOf<T>::run(long steps) {
  if (!marching_) restart();
  require_room_for_records(steps);
  hide_unfinished_block();
  const long end = owner_.step_ + steps;
  while (owner_.step_ < end) {
    const long first = owner_.step_;
    const int now = static_cast<int>(std::min(block_ - first % block_, end - first));
    run_block(now);
    watch(owner_.step_ == end);
  }
  show_unfinished_block();
}

template <class T>
void TimeDomain::MarchOf<T>::require_room_for_records(long steps) const {
  std::uint64_t bytes = 0;
  for (const TimeMonitor& monitor : setup().time_monitors) {
    const long records = records_before(owner_.step_ + steps, monitor.every) -
                         records_before(owner_.step_, monitor.every);
    bytes = add_sizes({bytes, multiply_sizes({static_cast<std::uint64_t>(records), monitor.points(),
                                              sizeof(double)})});
  }
  if (bytes > 0) require_memory(bytes, "what the time monitors record in these steps");
}

// Steps of one block, or of a part of one.
template <class T>
void TimeDomain::MarchOf<T>::run_block(int steps) {
  const long first = owner_.step_;
  set_signals(first, steps, true);
  engine_->run(first, steps);
  collect_records(first, steps);
  collect_spectra(first, steps);
  owner_.step_ += steps;
}

template <class T>
void TimeDomain::MarchOf<T>::set_signals(long first, int steps, bool watched) {
  for (std::size_t s = 0; s < drives_.size(); ++s) {
    const TimeSource& source = setup().sources[s];
    const std::span<T> signals = engine_->drive_signals(drives_[s], steps);
    std::vector<double> values(source.rank == 0 ? source.box.count() : 0);
    for (int n = 0; n < steps; ++n) {
      const double time = drive_time(setup(), source.component, first + n);
      for (int r = 0; r < source.rank; ++r)
        signals[static_cast<std::size_t>(n * source.rank + r)] =
            static_cast<T>(source.signal(r, time));
      if (source.rank > 0) continue;
      source.fill(time, values);
      for (const std::size_t point : nowhere_[s]) values[point] = 0.0;
      std::transform(values.begin(), values.end(),
                     signals.begin() + n * static_cast<std::ptrdiff_t>(values.size()),
                     [](double value) { return static_cast<T>(value); });
    }
    if (watched) watchdog_.add_input<T>(s, first, signals);
  }
}

template <class T>
void TimeDomain::MarchOf<T>::collect_records(long first, int steps) {
  for (std::size_t m = 0; m < time_taps_.size(); ++m) {
    const TimeMonitor& monitor = setup().time_monitors[m];
    const std::span<const T> seen = engine_->tap_record(time_taps_[m]);
    const long records =
        records_before(first + steps, monitor.every) - records_before(first, monitor.every);
    std::vector<double>& to = owner_.data_.records[m];
    for (long r = 0; r < records; ++r) {
      const T* const from = seen.data() + static_cast<std::size_t>(r) * monitor.box.count();
      for (const std::size_t point : recorded_[m]) to.push_back(static_cast<double>(from[point]));
    }
  }
}

template <class T>
void TimeDomain::MarchOf<T>::collect_spectra(long first, int steps) {
  const long end = first + steps;
  for (std::size_t m = 0; m < waiting_.size(); ++m) {
    const std::span<const T> seen = engine_->tap_record(spectrum_taps_[m]);
    waiting_[m].insert(waiting_[m].end(), seen.begin(), seen.end());
  }
  if (end % block_ != 0) return;
  add_waiting(end - block_, end);
  for (std::vector<T>& records : waiting_) records.clear();
}

template <class T>
void TimeDomain::MarchOf<T>::add_waiting(long block, long end) {
  for (std::size_t m = 0; m < waiting_.size(); ++m) {
    const SpectrumMonitor& monitor = setup().monitors[m];
    const SpectrumPhases<T> phase(setup(), monitor, block, end - block);
    add_spectrum<T>(waiting_[m], monitor.box.count(), phase.cosine, phase.sine,
                    owner_.data_.spectra[m], setup().schedule.threads);
  }
}

template <class T>
void TimeDomain::MarchOf<T>::show_unfinished_block() {
  if (owner_.step_ % block_ == 0) return;
  whole_blocks_ = owner_.data_.spectra;
  add_waiting(owner_.step_ / block_ * block_, owner_.step_);
}

template <class T>
void TimeDomain::MarchOf<T>::hide_unfinished_block() {
  if (!whole_blocks_.empty()) owner_.data_.spectra = std::move(whole_blocks_);
  whole_blocks_.clear();
}

template <class T>
std::vector<double> TimeDomain::MarchOf<T>::field(int component) const {
  std::vector<double> values(owner_.lines_.size.count());
  engine().read_field(component, values);
  return values;
}

template <class T>
void TimeDomain::MarchOf<T>::watch(bool last) {
  const long unseen = owner_.step_ - watched_;
  if (unseen < (last ? fewest_steps_between_looks : steps_between_looks)) return;
  watched_ = owner_.step_;
  const double sum = engine_->square_sum();
  if (watchdog_.calm(sum)) return;
  Watchdog::Finding finding;
  finding.step = owner_.step_;
  for (int c = 0; c < component_count(setup().system); ++c) {
    const auto peak = engine_->peak(c);
    if (peak.value > finding.value || c == 0) {
      finding.component = c;
      finding.value = peak.value;
      finding.at = peak.at;
    }
  }
  throw NumericsError(watchdog_.explain(finding));
}

template class TimeDomain::MarchOf<float>;
template class TimeDomain::MarchOf<double>;

TimeDomain::TimeDomain(TimeDomainSetup setup) : setup_(std::move(setup)) {
  lines_ = make_grid_lines(setup_.system, setup_.grid, setup_.boundaries, setup_.nodes,
                           setup_.speed, setup_.dt);
  if (setup_.paired) lines_ = pair_grid_lines(lines_, setup_.boundaries.bloch_phase);
  validate_setup(setup_, lines_);
  require_memory(estimate_march_bytes(setup_, lines_.size),
                 "the grid of " + std::to_string(lines_.size.points[0]) + " x " +
                     std::to_string(lines_.size.points[1]) + " x " +
                     std::to_string(lines_.size.points[2]) + " points");
  if (setup_.precision == Precision::f32)
    march_ = std::make_unique<MarchOf<float>>(*this);
  else
    march_ = std::make_unique<MarchOf<double>>(*this);
}

TimeDomain::~TimeDomain() = default;

void TimeDomain::run(long steps) {
  march_->run(steps);
}

void TimeDomain::restart() {
  march_->restart();
}

void TimeDomain::set_medium(std::array<std::vector<double>, 6> coefficient,
                            std::array<std::vector<OffDiagonal>, 3> off_diagonal,
                            std::vector<std::vector<double>> weights) {
  WAVESMITH_VALIDATE(weights.empty() || weights.size() == setup_.sources.size(),
                     "another medium comes with weights of " + std::to_string(weights.size()) +
                         " sources; there are " + std::to_string(setup_.sources.size()));
  const auto exchange = [&] {
    std::swap(setup_.coefficient, coefficient);
    std::swap(setup_.off_diagonal, off_diagonal);
    for (std::size_t s = 0; s < weights.size(); ++s) setup_.sources[s].weights.swap(weights[s]);
  };
  const std::uint64_t held = estimate_march_bytes(setup_, lines_.size);
  exchange();
  try {
    validate_setup(setup_, lines_);
    const std::uint64_t needed = estimate_march_bytes(setup_, lines_.size);
    require_memory(needed - std::min(needed, held), "the coefficients of another medium");
  } catch (...) {
    exchange();
    throw;
  }
  march_->take_medium();
}

std::span<const TimeDomain::Complex> TimeDomain::spectrum(int monitor) const {
  return data_.spectra[static_cast<std::size_t>(monitor)];
}

std::span<const double> TimeDomain::record(int time_monitor) const {
  return data_.records[static_cast<std::size_t>(time_monitor)];
}

std::vector<double> TimeDomain::record_times(int time_monitor) const {
  const std::size_t at = static_cast<std::size_t>(time_monitor);
  const TimeMonitor& monitor = setup_.time_monitors[at];
  std::vector<double> times;
  const long records = static_cast<long>(data_.records[at].size() / monitor.points());
  for (long r = dropped_[at]; r < dropped_[at] + records; ++r)
    times.push_back(time_of(setup_, monitor.component, r * monitor.every));
  return times;
}

void TimeDomain::drop_records() {
  for (std::size_t m = 0; m < data_.records.size(); ++m) {
    dropped_[m] += static_cast<long>(data_.records[m].size() / setup_.time_monitors[m].points());
    data_.records[m].clear();
  }
}

std::vector<double> TimeDomain::field(int component) const {
  return march_->field(component);
}

std::vector<std::byte> TimeDomain::save_state() const {
  return march_->save_state();
}

void TimeDomain::load_state(std::span<const std::byte> state) {
  march_->load_state(state);
}

TimeDomainGradient TimeDomain::pull_back(long steps, const GridBox& design, const Loss& loss,
                                         const GradientMemory& memory, const GradientWants& wants) {
  return march_->pull_back(steps, design, loss, memory, wants);
}

TimeDomainGradient TimeDomain::pull_back(long steps, const GridBox& design,
                                         const SpectrumLoss& loss, const GradientMemory& memory,
                                         const GradientWants& wants) {
  const Loss of_data = [&](const TimeDomainData& data) {
    return TimeDomainData{loss(data.spectra), {}};
  };
  return pull_back(steps, design, of_data, memory, wants);
}

GradientPlan TimeDomain::plan_gradient(long steps, const GridBox& design,
                                       const GradientMemory& memory,
                                       const GradientWants& wants) const {
  return march_->plan_gradient(steps, design, memory, wants);
}

}  // namespace wavesmith
