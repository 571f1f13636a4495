#include "solvers/time_domain.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/memory.hpp"
#include "kernels/spectral_sums.hpp"

namespace wavesmith {
namespace {

// Steps between the moments at which signals are set and records summed. Long enough for the
// skewed march to fill its pipeline, short enough for the records to stay small.
constexpr int chunk_steps = 64;
constexpr int steps_between_checks = 256;  // of whether fields are finite

const char* component_name(WaveSystem system, int component) {
  constexpr std::array<const char*, 6> maxwell = {"Ex", "Ey", "Ez", "Hx", "Hy", "Hz"};
  constexpr std::array<const char*, 4> scalar = {"p", "vx", "vy", "vz"};
  return system == WaveSystem::maxwell ? maxwell[static_cast<std::size_t>(component)]
                                       : scalar[static_cast<std::size_t>(component)];
}

void validate_box(const GridBox& box, int component, const LeapfrogSize& size,
                  const std::string& what) {
  WAVESMITH_VALIDATE(component >= 0 && component < component_count(size.system),
                     what + " names component " + std::to_string(component) + "; there are " +
                         std::to_string(component_count(size.system)));
  for (std::size_t d = 0; d < 3; ++d)
    WAVESMITH_VALIDATE(
        box.begin[d] >= 0 && box.end[d] > box.begin[d] && box.end[d] <= size.points[d],
        what + " reaches from point " + std::to_string(box.begin[d]) + " to " +
            std::to_string(box.end[d]) + " along " + "xyz"[d] + ", but the grid has " +
            std::to_string(size.points[d]) + " points there");
}

void validate_setup(const TimeDomainSetup& setup, const LeapfrogSize& size) {
  const double limit = courant_limit(setup.grid, setup.speed);
  WAVESMITH_VALIDATE(setup.dt > 0.0 && setup.dt <= limit * (1.0 + 1e-12),
                     "a time step of " + std::to_string(setup.dt * 1e15) +
                         " fs is not stable on this grid; it must be above 0 and at most " +
                         std::to_string(limit * 1e15) + " fs (Courant limit)");
  const auto check_values = [&](const std::vector<double>& values, const std::string& what) {
    WAVESMITH_VALIDATE(values.size() <= 1 || values.size() == size.count(),
                       what + " has " + std::to_string(values.size()) + " numbers for " +
                           std::to_string(size.count()) + " points; give one for all or one each");
  };
  for (int c = 0; c < component_count(size.system); ++c) {
    const std::string name = component_name(size.system, c);
    check_values(setup.coefficient[static_cast<std::size_t>(c)], "the coefficient of " + name);
    check_values(setup.decay[static_cast<std::size_t>(c)], "the decay of " + name);
  }
  for (const PoleField& pole : setup.poles) {
    validate_box(pole.box, pole.component, size, "a pole of a medium");
    const std::size_t count = pole.box.count();
    WAVESMITH_VALIDATE(pole.a1.size() == count && pole.a2.size() == count &&
                           pole.gain.size() == count && (pole.relaxing || pole.a3.size() == count),
                       "a pole of a medium needs its numbers at each of the " +
                           std::to_string(count) + " points of its box");
  }
  for (const TimeSource& source : setup.sources) {
    validate_box(source.box, source.component, size, "a source");
    WAVESMITH_VALIDATE(
        source.rank == 0 ? static_cast<bool>(source.fill)
                         : source.rank > 0 && source.signal &&
                               source.weights.size() ==
                                   source.box.count() * static_cast<std::size_t>(source.rank),
        "a source needs a signal, and a weight for every rank and point of its box; or rank 0 and "
        "a function that fills its box");
  }
  for (const SpectrumMonitor& monitor : setup.monitors) {
    validate_box(monitor.box, monitor.component, size, "a monitor");
    WAVESMITH_VALIDATE(monitor.every >= 1, "a monitor records every step or fewer");
    for (const double f : monitor.frequencies)
      WAVESMITH_VALIDATE(std::abs(f) * setup.dt * monitor.every < 0.5,
                         "a monitor that records every " + std::to_string(monitor.every) +
                             " steps cannot tell a frequency of " + std::to_string(f / 1e12) +
                             " THz from a lower one; record more often");
  }
}

// Calls work(position, index in a row-major array over all points) for the points of a box, in
// order.
template <class Work>
void for_points(const GridBox& box, const LeapfrogSize& size, const Work& work) {
  std::array<int, 3> p{};
  for (p[2] = box.begin[2]; p[2] < box.end[2]; ++p[2])
    for (p[1] = box.begin[1]; p[1] < box.end[1]; ++p[1])
      for (p[0] = box.begin[0]; p[0] < box.end[0]; ++p[0]) work(p, size.index(p[0], p[1], p[2]));
}

// What a coefficient or a decay is at the points of a box.
std::vector<double> values_in(const GridBox& box, const LeapfrogSize& size,
                              const std::vector<double>& values) {
  std::vector<double> inside;
  inside.reserve(box.count());
  for_points(box, size, [&](const std::array<int, 3>&, std::size_t point) {
    inside.push_back(values.empty() ? 1.0 : values[values.size() == 1 ? 0 : point]);
  });
  return inside;
}

}  // namespace

// The march in one precision.
class TimeDomain::March {
 public:
  virtual ~March() = default;
  virtual void run(long steps) = 0;
  virtual std::vector<double> field(int component) const = 0;
  virtual TimeDomainGradient pull_back(long steps, const GridBox& design,
                                       const SpectrumLoss& loss) = 0;
  std::vector<std::vector<Complex>> spectra;
};

template <class T>
class TimeDomain::MarchOf final : public TimeDomain::March {
 public:
  explicit MarchOf(TimeDomain& owner) : owner_(owner) { start(false); }

  void run(long steps) override {
    for (long done = 0; done < steps;) {
      const int now = static_cast<int>(std::min<long>(chunk_steps, steps - done));
      run_chunk(owner_.step_, now);
      owner_.step_ += now;
      done += now;
      if (owner_.step_ % steps_between_checks < now || done == steps) check_finite();
    }
  }

  std::vector<double> field(int component) const override {
    std::vector<double> values(owner_.lines_.size.count());
    engine_->read_field(component, values);
    return values;
  }

  TimeDomainGradient pull_back(long steps, const GridBox& design,
                               const SpectrumLoss& loss) override;

 private:
  const TimeDomainSetup& setup() const { return owner_.setup_; }

  // A fresh engine with the medium; forward with sources and monitors.
  void start(bool transposed) {
    const LeapfrogSize& size = owner_.lines_.size;
    engine_ = make_host_leapfrog<T>(size, setup().schedule);
    for (int d = 0; d < 3; ++d)
      engine_->set_metric(d, owner_.lines_.metrics[static_cast<std::size_t>(d)]);
    for (int c = 0; c < component_count(size.system); ++c) {
      const std::size_t at = static_cast<std::size_t>(c);
      if (!setup().coefficient[at].empty()) engine_->set_coefficient(c, setup().coefficient[at]);
      if (!setup().decay[at].empty()) engine_->set_decay(c, setup().decay[at]);
    }
    for (const PoleField& pole : setup().poles) engine_->add_pole(pole);
    drives_.clear();
    taps_.clear();
    design_taps_.clear();
    if (transposed) {
      engine_->set_transposed(true);
      return;
    }
    for (const TimeSource& source : setup().sources)
      drives_.push_back(
          engine_->add_drive(source.component, source.box, source.rank, source.weights));
    owner_.step_ = 0;
    spectra.clear();
    for (const SpectrumMonitor& monitor : setup().monitors) {
      taps_.push_back(engine_->add_tap(monitor.component, monitor.box, monitor.every));
      spectra.emplace_back(monitor.frequencies.size() * monitor.box.count());
    }
  }

  // exp(i omega t) dt_record of the records of steps first .. first + steps - 1, [f][r].
  struct Phases {
    std::vector<T> cosine, sine;
  };
  Phases phases(const SpectrumMonitor& monitor, long first, int steps) const {
    Phases phase;
    const double weight = setup().dt * monitor.every;
    for (const double f : monitor.frequencies)
      for (long n = first; n < first + steps; ++n) {
        if (n % monitor.every != 0) continue;
        const double angle = 2.0 * std::numbers::pi * f * owner_.time_of(monitor.component, n);
        phase.cosine.push_back(static_cast<T>(weight * std::cos(angle)));
        phase.sine.push_back(static_cast<T>(weight * std::sin(angle)));
      }
    return phase;
  }

  void run_chunk(long first, int steps) {
    const int split = first_group_size(owner_.lines_.size.system);
    for (std::size_t s = 0; s < drives_.size(); ++s) {
      const TimeSource& source = setup().sources[s];
      const std::span<T> signals = engine_->drive_signals(drives_[s], steps);
      const double offset = source.component < split ? 0.5 : 1.0;
      std::vector<double> values(source.rank == 0 ? source.box.count() : 0);
      for (int n = 0; n < steps; ++n) {
        const double time = (static_cast<double>(first + n) + offset) * setup().dt;
        for (int r = 0; r < source.rank; ++r)
          signals[static_cast<std::size_t>(n * source.rank + r)] =
              static_cast<T>(source.signal(r, time));
        if (source.rank > 0) continue;
        source.fill(time, values);
        std::transform(values.begin(), values.end(),
                       signals.begin() + n * static_cast<std::ptrdiff_t>(values.size()),
                       [](double value) { return static_cast<T>(value); });
      }
    }
    engine_->run(first, steps);
    for (std::size_t m = 0; m < taps_.size(); ++m) {
      const SpectrumMonitor& monitor = setup().monitors[m];
      const Phases phase = phases(monitor, first, steps);
      add_spectrum<T>(engine_->tap_record(taps_[m]), monitor.box.count(), phase.cosine, phase.sine,
                      spectra[m], setup().schedule.threads);
    }
  }

  void check_finite() const {
    if (engine_->finite()) return;
    const LeapfrogSize& size = owner_.lines_.size;
    for (int c = 0; c < component_count(size.system); ++c) {
      const auto peak = engine_->peak(c);
      if (std::isfinite(peak.value)) continue;
      throw NumericsError(
          std::string(component_name(size.system, c)) + " is not finite at point (" +
          std::to_string(peak.at[0]) + ", " + std::to_string(peak.at[1]) + ", " +
          std::to_string(peak.at[2]) + ") after step " + std::to_string(owner_.step_) +
          "; the step is " +
          std::to_string(setup().dt / courant_limit(setup().grid, setup().speed)) +
          " of the Courant limit for coefficients of 1; look for coefficients above 1 there, or "
          "shorten the step");
    }
  }

  // The factor between a cotangent and what the transposed march carries for it, C / V: V is the
  // product of the three stretched widths, each c dt / metric.
  double cotangent_scale(int component, const std::array<int, 3>& p, std::size_t point) const {
    const LeapfrogSize& size = owner_.lines_.size;
    const int split = first_group_size(size.system);
    double scale = component < split ? 1.0 : -1.0;
    for (int d = 0; d < 3; ++d) {
      const std::size_t axis = static_cast<std::size_t>(d);
      if (size.points[axis] == 1) continue;
      const bool centre = size.system == WaveSystem::maxwell
                              ? (component < 3 ? component == d : component - 3 != d)
                              : component == d + 1;
      const LineMetric& metric = owner_.lines_.metrics[axis];
      scale *= (centre ? metric.centre : metric.node)[static_cast<std::size_t>(p[axis])];
    }
    const std::vector<double>& c = setup().coefficient[static_cast<std::size_t>(component)];
    return scale * (c.empty() ? 1.0 : c[c.size() == 1 ? 0 : point]);
  }

  std::vector<double> cotangent_scales(int component, const GridBox& box) const {
    std::vector<double> scales;
    scales.reserve(box.count());
    for_points(box, owner_.lines_.size, [&](const std::array<int, 3>& p, std::size_t point) {
      scales.push_back(cotangent_scale(component, p, point));
    });
    return scales;
  }

  void march_back(long steps, const GridBox& design,
                  const std::vector<std::vector<Complex>>& cotangents,
                  const std::array<std::vector<T>, 3>& history, TimeDomainGradient& gradient);

  TimeDomain& owner_;
  std::unique_ptr<LeapfrogEngine<T>> engine_;
  std::vector<int> drives_, taps_, design_taps_;
};

template <class T>
TimeDomainGradient TimeDomain::MarchOf<T>::pull_back(long steps, const GridBox& design,
                                                     const SpectrumLoss& loss) {
  const int split = first_group_size(owner_.lines_.size.system);
  for (int c = 0; c < split; ++c) validate_box(design, c, owner_.lines_.size, "the design region");
  for (const PoleField& pole : setup().poles)
    WAVESMITH_VALIDATE(
        !overlap(pole.box, design),
        "a medium with poles reaches into the design region, where the derivative is "
        "that of media without; keep them apart");
  const std::size_t points = design.count();
  require_memory(multiply_sizes({static_cast<std::uint64_t>(split), points,
                                 static_cast<std::uint64_t>(steps), sizeof(T)}),
                 "the fields of the design region at every step");
  start(false);
  for (int c = 0; c < split; ++c) design_taps_.push_back(engine_->add_tap(c, design, 1));
  std::array<std::vector<T>, 3> history;  // [step][point] after each step
  while (owner_.step_ < steps) {
    const int now = static_cast<int>(std::min<long>(chunk_steps, steps - owner_.step_));
    run_chunk(owner_.step_, now);
    owner_.step_ += now;
    for (int c = 0; c < split; ++c) {
      const std::span<const T> record =
          engine_->tap_record(design_taps_[static_cast<std::size_t>(c)]);
      std::vector<T>& all = history[static_cast<std::size_t>(c)];
      all.insert(all.end(), record.begin(), record.end());
    }
    check_finite();
  }
  const std::vector<std::vector<Complex>> cotangents = loss(spectra);
  WAVESMITH_VALIDATE(cotangents.size() == spectra.size(),
                     "a loss must return one array of cotangents for each monitor");
  for (std::size_t m = 0; m < spectra.size(); ++m)
    WAVESMITH_VALIDATE(cotangents[m].size() == spectra[m].size(),
                       "the cotangent of a spectrum must have the shape of the spectrum");

  TimeDomainGradient gradient;
  for (int c = 0; c < split; ++c)
    gradient.coefficient[static_cast<std::size_t>(c)].assign(points, 0.0);
  for (const TimeSource& source : setup().sources)
    gradient.signals.emplace_back(static_cast<std::size_t>(steps) *
                                  static_cast<std::size_t>(source.rank));
  march_back(steps, design, cotangents, history, gradient);
  return gradient;
}

// Transposed step m undoes step n = steps - 1 - m. What the first group's monitors saw after step n
// enters after the transposed first half-step; what the second group's saw, one transposed step
// earlier, so that of the last step enters before everything.
template <class T>
void TimeDomain::MarchOf<T>::march_back(long steps, const GridBox& design,
                                        const std::vector<std::vector<Complex>>& cotangents,
                                        const std::array<std::vector<T>, 3>& history,
                                        TimeDomainGradient& gradient) {
  const int split = first_group_size(owner_.lines_.size.system);
  const int components = component_count(owner_.lines_.size.system);
  const int threads = setup().schedule.threads;
  start(true);
  std::vector<std::vector<double>> scales;
  for (const SpectrumMonitor& monitor : setup().monitors) {
    drives_.push_back(engine_->add_drive(monitor.component, monitor.box, 0, {}));
    scales.push_back(cotangent_scales(monitor.component, monitor.box));
  }
  for (const TimeSource& source : setup().sources)
    taps_.push_back(engine_->add_tap(source.component, source.box, 1));
  for (int c = 0; c < split; ++c) design_taps_.push_back(engine_->add_tap(c, design, 1));

  // Scaled cotangents of monitor m for the records of step n, added to `to`.
  const auto add_cotangent = [&](std::size_t m, long n, std::span<T> to) {
    const SpectrumMonitor& monitor = setup().monitors[m];
    if (n < 0 || n >= steps || n % monitor.every != 0) return;
    const Phases phase = phases(monitor, n, 1);
    add_spectrum_transpose<T>(cotangents[m], monitor.box.count(), phase.cosine, phase.sine, to,
                              threads);
    for (std::size_t i = 0; i < to.size(); ++i) to[i] *= static_cast<T>(scales[m][i]);
  };

  std::vector<std::vector<double>> last_fields(
      static_cast<std::size_t>(components), std::vector<double>(owner_.lines_.size.count(), 0.0));
  for (std::size_t m = 0; m < setup().monitors.size(); ++m) {
    const SpectrumMonitor& monitor = setup().monitors[m];
    if (monitor.component < split) continue;
    std::vector<T> last(monitor.box.count(), T(0));
    add_cotangent(m, steps - 1, last);
    std::size_t from = 0;
    for_points(monitor.box, owner_.lines_.size, [&](const std::array<int, 3>&, std::size_t point) {
      last_fields[static_cast<std::size_t>(monitor.component)][point] +=
          static_cast<double>(last[from++]);
    });
  }
  for (int c = 0; c < components; ++c)
    engine_->write_field(c, last_fields[static_cast<std::size_t>(c)]);

  // d loss / d signals of source s in step n, from the scaled cotangents at its points.
  std::vector<std::vector<double>> source_scales;
  for (const TimeSource& source : setup().sources)
    source_scales.push_back(cotangent_scales(source.component, source.box));
  const auto set_signal_gradient = [&](std::size_t s, long n, const auto& back) {
    const TimeSource& source = setup().sources[s];
    const std::size_t rank = static_cast<std::size_t>(source.rank), count = source.box.count();
    for (std::size_t r = 0; r < rank; ++r) {
      double sum = 0.0;
      for (std::size_t p = 0; p < count; ++p)
        if (source_scales[s][p] != 0.0)
          sum += source.weights[r * count + p] * static_cast<double>(back[p]) / source_scales[s][p];
      gradient.signals[s][static_cast<std::size_t>(n) * rank + r] = sum;
    }
  };
  for (std::size_t s = 0; s < setup().sources.size(); ++s)
    if (setup().sources[s].component >= split)
      set_signal_gradient(
          s, steps - 1,
          values_in(setup().sources[s].box, owner_.lines_.size,
                    last_fields[static_cast<std::size_t>(setup().sources[s].component)]));

  std::vector<std::vector<double>> decays;
  for (int c = 0; c < split; ++c) {
    const std::vector<double>& decay = setup().decay[static_cast<std::size_t>(c)];
    decays.push_back(decay.empty() ? decay : values_in(design, owner_.lines_.size, decay));
  }
  const std::size_t points = design.count();
  const std::vector<T> rest(points, T(0));
  for (long done = 0; done < steps;) {
    const int now = static_cast<int>(std::min<long>(chunk_steps, steps - done));
    for (std::size_t m = 0; m < drives_.size(); ++m) {
      const SpectrumMonitor& monitor = setup().monitors[m];
      const std::span<T> signals = engine_->drive_signals(drives_[m], now);
      for (int i = 0; i < now; ++i) {
        const long n = steps - 1 - (done + i) - (monitor.component < split ? 0 : 1);
        add_cotangent(m, n,
                      signals.subspan(static_cast<std::size_t>(i) * monitor.box.count(),
                                      monitor.box.count()));
      }
    }
    engine_->run(done, now);
    for (int i = 0; i < now; ++i) {
      const long n = steps - 1 - (done + i);
      const std::size_t record = static_cast<std::size_t>(i);
      // C's derivative: the cotangent after step n times what C multiplied, (f' - decay f) / C.
      for (int c = 0; c < split; ++c) {
        const std::size_t at = static_cast<std::size_t>(c);
        const std::span<const T> back =
            engine_->tap_record(design_taps_[at]).subspan(record * points, points);
        const std::span<const T> all = history[at];
        const std::span<const T> after = all.subspan(static_cast<std::size_t>(n) * points, points);
        const std::span<const T> before =
            n > 0 ? all.subspan(static_cast<std::size_t>(n - 1) * points, points)
                  : std::span<const T>(rest);
        add_products_of_changes<T>(back, after, before, decays[at], gradient.coefficient[at],
                                   threads);
      }
      for (std::size_t s = 0; s < taps_.size(); ++s) {
        const TimeSource& source = setup().sources[s];
        const std::size_t count = source.box.count();
        const long driven = source.component < split ? n : n - 1;
        if (driven >= 0)
          set_signal_gradient(s, driven,
                              engine_->tap_record(taps_[s]).subspan(record * count, count));
      }
    }
    done += now;
  }
  for (int c = 0; c < split; ++c) {
    const std::size_t at = static_cast<std::size_t>(c);
    const std::vector<double> scale = cotangent_scales(c, design);
    const std::vector<double> coefficient =
        values_in(design, owner_.lines_.size, setup().coefficient[at]);
    for (std::size_t p = 0; p < points; ++p) {
      const double both = scale[p] * coefficient[p];
      double& value = gradient.coefficient[at][p];
      value = both != 0.0 ? value / both : 0.0;
    }
  }
}

TimeDomain::TimeDomain(TimeDomainSetup setup) : setup_(std::move(setup)) {
  lines_ = make_grid_lines(setup_.system, setup_.grid, setup_.boundaries, setup_.nodes,
                           setup_.speed, setup_.dt);
  validate_setup(setup_, lines_.size);
  const std::size_t number = setup_.precision == Precision::f32 ? sizeof(float) : sizeof(double);
  // Beyond what every march holds: conductivity, the second group's coefficients, poles.
  std::uint64_t extra = 0;
  for (std::size_t c = 0; c < setup_.decay.size(); ++c) {
    extra += setup_.decay[c].empty() ? 0 : lines_.size.count();
    const bool second = c >= static_cast<std::size_t>(first_group_size(setup_.system));
    extra += second && setup_.coefficient[c].size() > 1 ? lines_.size.count() : 0;
  }
  for (const PoleField& pole : setup_.poles) extra += 6 * pole.box.count();
  require_memory(estimate_leapfrog_bytes(lines_.size, number) + extra * number,
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

std::span<const TimeDomain::Complex> TimeDomain::spectrum(int monitor) const {
  return march_->spectra[static_cast<std::size_t>(monitor)];
}

std::vector<double> TimeDomain::field(int component) const {
  return march_->field(component);
}

TimeDomainGradient TimeDomain::pull_back(long steps, const GridBox& design,
                                         const SpectrumLoss& loss) {
  return march_->pull_back(steps, design, loss);
}

double TimeDomain::time_of(int component, long step) const {
  const bool first = component < first_group_size(setup_.system);
  return (static_cast<double>(step) + (first ? 1.0 : 1.5)) * setup_.dt;
}

}  // namespace wavesmith
