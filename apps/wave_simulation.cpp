#include "apps/wave_simulation.hpp"

#include <algorithm>
#include <cmath>

#include "apps/point_resonances.hpp"
#include "apps/wave_memory.hpp"
#include "apps/wave_snapshots.hpp"
#include "apps/wave_validate.hpp"
#include "core/error.hpp"
#include "core/units.hpp"
#include "solvers/decimation.hpp"
#include "solvers/far_field.hpp"
#include "solvers/field_spectrum.hpp"

namespace wavesmith {

namespace {

// Of what a spectrum may be wrong by for being recorded seldom.
constexpr double alias_tolerance = 1e-7;

// Every step where the spectrum of a source is not known, or media make new frequencies.
int steps_between_records(const WaveProblem& problem, const FrequencyMonitorPart& part, double dt) {
  if (!is_linear(problem)) return 1;
  for (const SourcePart& source : problem.sources)
    if (!source.waveform.spectrum) return 1;
  const auto magnitude = [&](double frequency) {
    double sum = 0.0;
    for (const SourcePart& source : problem.sources)
      sum += std::abs(source.waveform.spectrum(frequency));
    return sum;
  };
  return choose_decimation(magnitude, part.frequencies, dt, alias_tolerance).every;
}

// A current within a period follows its Bloch phase, linearly from the low end.
ComplexSource follow_phase(const TimeSource& source, const WaveContext& context) {
  ComplexSource complex{source.component, source.box, source.rank, {}, source.signal};
  const std::vector<StoredField> fields = fields_of(context.equations, context.impedance);
  const auto field = std::find_if(fields.begin(), fields.end(), [&](const StoredField& f) {
    return f.component == source.component;
  });
  for (int rank = 0; rank < source.rank; ++rank)
    for_each_point(source.box, [&](const std::array<int, 3>& p, std::size_t) {
      const Vec3 place = point_position(context, *field, p);
      double angle = 0.0;
      for (std::size_t d = 0; d < 3; ++d) {
        const Axis& axis = context.grid.axes[d];
        angle += context.boundaries.bloch_phase[d] * (place[d] - axis.low()) /
                 (axis.high() - axis.low());
      }
      complex.weights.push_back(std::polar(1.0, angle) * source.weights[complex.weights.size()]);
    });
  return complex;
}

// Interfaces are averaged by the diagonal of the tensor alone.
BlochSetup bloch_setup(TimeDomainSetup setup, const WaveContext& context) {
  BlochSetup bloch;
  for (const TimeSource& source : setup.sources)
    bloch.sources.push_back(follow_phase(source, context));
  setup.sources.clear();
  setup.off_diagonal = {};
  bloch.real = std::move(setup);
  return bloch;
}

}  // namespace

bool is_linear(const WaveProblem& problem) {
  return std::none_of(problem.materials.light.begin(), problem.materials.light.end(),
                      [](const LightMaterial& material) {
                        return material.medium.chi2 != 0.0 || material.medium.chi3 != 0.0;
                      }) &&
         std::none_of(problem.materials.sound.begin(), problem.materials.sound.end(),
                      [](const SoundMaterial& material) { return material.beta != 0.0; });
}

WaveSimulation::WaveSimulation(const WaveProblem& problem, const Device& device,
                               Precision precision, int threads) {
  require_wave_memory(problem, precision);
  TimeDomainSetup setup = problem.setup;
  setup.precision = precision;
  setup.device = device;
  setup.schedule.threads = threads;
  setup.equations = problem.equations;
  media_ = std::make_unique<GeometryOnGrid>(setup, problem.equations, problem.geometry, threads);
  if (problem.equations == Equations::sound)
    media_->place(setup, problem.materials.sound, problem.reference);
  else
    media_->place(setup, problem.materials.light);
  const WaveContext context = context_of(setup, problem.equations, problem.impedance());
  for (const SourcePart& source : problem.sources)
    for (TimeSource& part : source.make(setup, context)) setup.sources.push_back(std::move(part));
  for (const FrequencyMonitorPart& part : problem.monitors) {
    first_spectra_.push_back(setup.monitors.size());
    monitors_.push_back(part.make(setup, context, steps_between_records(problem, part, setup.dt)));
  }
  for (const ScatteringPart& part : problem.scattering) {
    std::vector<Port> ports;
    for (std::size_t p = 0; p < part.monitors.size(); ++p)
      ports.push_back({dynamic_cast<const ModeOverlap*>(monitors_[part.monitors[p]].get()),
                       part.device_ahead[p]});
    scattering_.push_back(std::make_unique<ScatteringParameters>(part.name, std::move(ports),
                                                                 part.excited - 1, part.mode - 1));
  }
  std::vector<NumberNames> known;
  for (std::size_t m = 0; m < monitors_.size(); ++m)
    if (problem.monitors[m].gives_numbers)
      known.push_back({monitors_[m]->name(), monitors_[m]->numbers()});
  for (const auto& ratio : scattering_) known.push_back({ratio->name(), ratio->numbers()});
  validate_metric_numbers(problem, known);
  for (const PointPart& part : problem.points) {
    const StoredField field = find_field(problem.equations, part.field, problem.impedance());
    const std::array<int, 3> at = nearest_point(context, field, part.position);
    TimeMonitor monitor;
    monitor.component = field.component;
    monitor.box = {at, {at[0] + 1, at[1] + 1, at[2] + 1}};
    point_monitors_.push_back(static_cast<int>(setup.time_monitors.size()));
    setup.time_monitors.push_back(monitor);
  }
  setup.describe = [this, names = problem.materials.names, size = context.size](
                       int component, const std::array<int, 3>& point) {
    return names[static_cast<std::size_t>(
        media_->material_at(component, size.index(point[0], point[1], point[2])))];
  };
  if (problem.bloch)
    bloch_ = std::make_unique<BlochMarch>(bloch_setup(std::move(setup), context));
  else
    march_ = std::make_unique<TimeDomain>(std::move(setup));
  context_ = context_of(bloch_ ? bloch_->setup().real : march_->setup(), problem.equations,
                        problem.impedance());
}

std::vector<std::complex<double>> WaveSimulation::waveform_at(
    const WaveProblem& problem, std::span<const double> frequencies) const {
  return waveform_spectrum(problem.sources.front().waveform.value, frequencies, march().setup().dt,
                           march().step());
}

Spectra WaveSimulation::all_spectra() const {
  if (!bloch_) return spectra_of(*march_);
  Spectra spectra;
  for (std::size_t m = 0; m < bloch_->setup().real.monitors.size(); ++m)
    spectra.push_back(bloch_->spectrum(static_cast<int>(m)));
  return spectra;
}

std::vector<Frame> WaveSimulation::spectra(const WaveProblem& problem) const {
  std::vector<Frame> frames;
  const Spectra spectra = all_spectra();
  for (const auto& monitor : monitors_) {
    const auto* fields = dynamic_cast<const FieldSpectrum*>(monitor.get());
    if (fields == nullptr || fields->point_count() == 1) continue;
    const MonitorValues values = fields->evaluate(spectra);
    const std::vector<MonitorNumber> numbers = fields->numbers();
    const std::vector<std::complex<double>> unit = waveform_at(problem, fields->frequencies());
    const std::size_t points = fields->point_count();
    for (std::size_t f = 0; f < fields->frequencies().size(); ++f) {
      Frame frame = frame_at(fields->coordinates());
      frame.name = fields->name() + "_" + std::to_string(f + 1);
      frame.title = fields->name() + ", " +
                    format_quantity(fields->frequencies()[f], Dimension::frequency, 5);
      frame.time = fields->frequencies()[f];
      for (std::size_t n = 0; n < numbers.size(); ++n) {
        std::vector<std::complex<double>> field(points);
        for (std::size_t p = 0; p < points; ++p) field[p] = values[n][f * points + p] / unit[f];
        add_complex(frame, numbers[n].name, numbers[n].unit, field);
      }
      frames.push_back(std::move(frame));
    }
  }
  return frames;
}

std::vector<MonitorCurves> WaveSimulation::curves(const WaveProblem& problem) const {
  std::vector<MonitorCurves> curves;
  const Spectra spectra = all_spectra();
  const auto add = [&](const FrequencyMonitor& monitor, const std::string& kind) {
    curves.push_back({monitor.name(),
                      kind,
                      monitor.frequencies(),
                      monitor.numbers(),
                      monitor.evaluate(spectra),
                      {}});
  };
  for (std::size_t m = 0; m < monitors_.size(); ++m) {
    if (!problem.monitors[m].gives_numbers) continue;
    add(*monitors_[m], problem.monitors[m].kind);
    MonitorCurves& found = curves.back();
    if (const auto* far = dynamic_cast<const FarIntensity*>(monitors_[m].get()))
      found.directions = far->directions();
    if (!problem.monitors[m].per_waveform) {
      for (MonitorNumber& number : found.numbers)
        number.unit += number.power == FieldPower::linear ? " s" : " s^2";
      continue;
    }
    found.values =
        divide_by_waveform(found.values, found.numbers, waveform_at(problem, found.frequencies));
  }
  // Ratios already: the waveform cancels.
  for (const auto& ratio : scattering_) add(*ratio, "s_parameters");
  return curves;
}

namespace {

const MonitorCurves& find_curves(const std::vector<MonitorCurves>& curves,
                                 const std::string& name) {
  return *std::find_if(curves.begin(), curves.end(),
                       [&](const MonitorCurves& c) { return c.name == name; });
}

struct NumberAt {
  std::complex<double> value;
  FieldPower power = FieldPower::linear;
};

NumberAt value_at(const MonitorCurves& curves, const std::string& number, double frequency,
                  const std::string& metric) {
  std::size_t row = 0;
  std::string known;
  for (row = 0; row < curves.numbers.size(); ++row) {
    if (number.empty() || curves.numbers[row].name == number) break;
    known += (known.empty() ? "" : ", ") + curves.numbers[row].name;
  }
  WAVESMITH_VALIDATE(row < curves.numbers.size(), "metric " + metric + " asks for the number \"" +
                                                      number + "\" of monitor " + curves.name +
                                                      ", which gives " + known);
  for (std::size_t f = 0; f < curves.frequencies.size(); ++f)
    if (std::abs(curves.frequencies[f] - frequency) <= 1e-9 * frequency)
      return {curves.values[row][f], curves.numbers[row].power};
  throw InputError("metric " + metric + " asks monitor " + curves.name +
                   " for a frequency that it does not have");
}

double metric_of_resonance(const WaveMetricPart& part, const std::vector<PointTrace>& traces) {
  const PointTrace& trace = *std::find_if(
      traces.begin(), traces.end(), [&](const PointTrace& t) { return t.name == part.point; });
  if (trace.resonances.empty())
    throw NumericsError("metric " + part.name + ": no resonance was found at " + trace.name +
                        "; widen its band, or let the run last longer");
  const std::size_t nearest = nearest_resonance(trace.resonances, part.frequency);
  return resonance_number(trace.resonances[nearest], part.number).value;
}

double part_of(const std::string& part, std::complex<double> value, FieldPower power) {
  if (part == "abs") return std::abs(value);
  if (part == "phase") return std::arg(value);
  if (part == "imaginary") return value.imag();
  if (part == "decibels")
    return (power == FieldPower::linear ? 20.0 : 10.0) * std::log10(std::abs(value));
  return value.real();
}

}  // namespace

void add_wave_metrics(const WaveProblem& problem, const std::vector<MonitorCurves>& curves,
                      const std::vector<PointTrace>& traces, Metrics& metrics) {
  for (const WaveMetricPart& part : problem.metrics) {
    if (!part.point.empty()) {
      metrics.set(part.name, part.scale * metric_of_resonance(part, traces));
      continue;
    }
    auto [value, power] =
        value_at(find_curves(curves, part.monitor), part.number, part.frequency, part.name);
    const auto source =
        std::find_if(problem.sources.begin(), problem.sources.end(),
                     [&](const SourcePart& s) { return s.power > 0.0 && s.name == part.over; });
    if (source != problem.sources.end())
      value /= source->power;
    else if (!part.over.empty())
      value /= value_at(find_curves(curves, part.over),
                        part.over_number.empty() ? part.number : part.over_number,
                        part.over_frequency, part.name)
                   .value;
    metrics.set(part.name, part_of(part.part, value * part.scale, power));
  }
}

}  // namespace wavesmith
