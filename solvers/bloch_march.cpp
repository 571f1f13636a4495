#include "solvers/bloch_march.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "solvers/time_domain_march.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

std::vector<Complex> joined(std::span<const double> a, std::span<const double> b) {
  std::vector<Complex> values;
  values.reserve(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) values.emplace_back(a[i], b[i]);
  return values;
}

// Spectra of both parts: a + i b, each complex itself.
std::vector<Complex> joined(std::span<const Complex> a, std::span<const Complex> b) {
  std::vector<Complex> values;
  values.reserve(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) values.push_back(a[i] + Complex(0.0, 1.0) * b[i]);
  return values;
}

void validate_source(const ComplexSource& source, const LeapfrogSize& size) {
  validate_box(source.box, source.component, size, "a complex source");
  WAVESMITH_VALIDATE(
      source.rank > 0 && source.signal &&
          source.weights.size() == source.box.count() * static_cast<std::size_t>(source.rank),
      "a complex source needs a signal, and a weight for every rank and point of its box");
}

void validate_bloch(const BlochSetup& setup, const LeapfrogSize& period) {
  const TimeDomainSetup& real = setup.real;
  for (const auto& row : real.off_diagonal)
    WAVESMITH_VALIDATE(row.empty(),
                       "off-diagonal elements of the medium are not marched with a Bloch phase; "
                       "average interfaces by the diagonal alone");
  WAVESMITH_VALIDATE(real.nonlinear.empty(),
                     "a nonlinear medium mixes the parts of complex fields, so it is not marched "
                     "with a Bloch phase; leave it out, or march a whole crystal of real fields");
  // The boxes of one period; those of both parts lie in the engine's wherever these do here.
  for (const PoleField& pole : real.poles)
    validate_box(pole.box, pole.component, period, "a pole of a medium");
  for (const TimeSource& source : real.sources)
    validate_box(source.box, source.component, period, "a source");
  for (const SpectrumMonitor& monitor : real.monitors)
    validate_box(monitor.box, monitor.component, period, "a monitor");
  for (const TimeMonitor& monitor : real.time_monitors)
    validate_box(monitor.box, monitor.component, period, "a time monitor");
  for (const ComplexSource& source : setup.sources) validate_source(source, period);
  for (const auto* values :
       {&real.coefficient, &real.decay, &real.initial, &setup.initial_imaginary})
    for (const std::vector<double>& of_component : *values)
      WAVESMITH_VALIDATE(of_component.size() <= 1 || of_component.size() == period.count(),
                         "a coefficient, decay or initial field has " +
                             std::to_string(of_component.size()) + " numbers for the " +
                             std::to_string(period.count()) +
                             " points of a period; give one for all or one each");
}

// The two real sources of a complex one: (w s).real and (w s).imag, with the signals' parts as
// ranks of their own.
TimeSource real_source(const ComplexSource& source, const GridBox& box, bool imaginary) {
  TimeSource part;
  part.component = source.component;
  part.box = box;
  part.rank = 2 * source.rank;
  for (const bool of_signal_imaginary : {false, true})
    for (const Complex& w : source.weights)
      part.weights.push_back(of_signal_imaginary ? (imaginary ? w.real() : -w.imag())
                                                 : (imaginary ? w.imag() : w.real()));
  part.signal = [signal = source.signal, ranks = source.rank](int rank, double time) {
    const Complex value = signal(rank % ranks, time);
    return rank < ranks ? value.real() : value.imag();
  };
  return part;
}

}  // namespace

BlochMarch::BlochMarch(BlochSetup setup) : setup_(std::move(setup)) {
  const TimeDomainSetup& real = setup_.real;
  const GridLines lines =
      make_grid_lines(real.system, real.grid, real.boundaries, real.nodes, real.speed, real.dt);
  period_ = lines.size;
  pair_ = pair_grid_lines(lines, real.boundaries.bloch_phase).size;
  validate_bloch(setup_, period_);
  march_ = std::make_unique<TimeDomain>(paired_setup());
}

GridBox BlochMarch::part(GridBox box, bool imaginary) const {
  const std::size_t axis = static_cast<std::size_t>(pair_.pair_axis);
  if (!imaginary) return box;
  box.begin[axis] += pair_.part_offset();
  box.end[axis] += pair_.part_offset();
  return box;
}

// From the box in the real part to that in the imaginary one.
GridBox BlochMarch::both_parts(const GridBox& box) const {
  GridBox both = box;
  both.end = part(box, true).end;
  return both;
}

// Numbers at all points of the engine from those of one period, of each part. The points between
// are given those that they stand for.
std::vector<double> BlochMarch::in_both(const std::vector<double>& real,
                                        const std::vector<double>& imaginary) const {
  if (real.size() <= 1 && real == imaginary) return real;
  const auto value = [](const std::vector<double>& values, std::size_t point) {
    return values.empty() ? 0.0 : values[values.size() == 1 ? 0 : point];
  };
  const std::size_t axis = static_cast<std::size_t>(pair_.pair_axis);
  std::vector<double> values;
  values.reserve(pair_.count());
  for_points({{}, pair_.points}, pair_, [&](const std::array<int, 3>& p, std::size_t) {
    const std::array<int, 3> here = pair_.in_part(p);
    values.push_back(value(p[axis] < pair_.part_offset() - 1 ? real : imaginary,
                           period_.index(here[0], here[1], here[2])));
  });
  return values;
}

TimeDomainSetup BlochMarch::paired_setup() const {
  TimeDomainSetup both = setup_.real;
  both.paired = true;
  for (std::size_t c = 0; c < 6; ++c) {
    both.coefficient[c] = in_both(both.coefficient[c], both.coefficient[c]);
    both.decay[c] = in_both(both.decay[c], both.decay[c]);
    both.initial[c] = in_both(both.initial[c], setup_.initial_imaginary[c]);
  }
  // Of each, the real part's first, then the imaginary part's.
  const auto add_imaginary = [this](auto& things) {
    const std::size_t count = things.size();
    for (std::size_t i = 0; i < count; ++i) {
      things.push_back(things[i]);
      things.back().box = part(things[i].box, true);
    }
  };
  add_imaginary(both.poles);
  add_imaginary(both.monitors);
  add_imaginary(both.time_monitors);
  for (const bool imaginary : {false, true})
    for (const ComplexSource& source : setup_.sources)
      both.sources.push_back(real_source(source, part(source.box, imaginary), imaginary));
  if (both.describe)
    both.describe = [describe = both.describe, pair = pair_](int component,
                                                             const std::array<int, 3>& point) {
      return describe(component, pair.in_part(point));
    };
  return both;
}

std::vector<Complex> BlochMarch::spectrum(int monitor) const {
  const int count = static_cast<int>(setup_.real.monitors.size());
  return joined(march_->spectrum(monitor), march_->spectrum(monitor + count));
}

std::vector<Complex> BlochMarch::record(int time_monitor) const {
  const int count = static_cast<int>(setup_.real.time_monitors.size());
  return joined(march_->record(time_monitor), march_->record(time_monitor + count));
}

std::vector<double> BlochMarch::record_times(int time_monitor) const {
  return march_->record_times(time_monitor);
}

std::vector<Complex> BlochMarch::field(int component) const {
  const std::vector<double> both = march_->field(component);
  const GridBox all{{}, period_.points};
  return joined(values_in(part(all, false), pair_, both), values_in(part(all, true), pair_, both));
}

BlochData BlochMarch::data_of(const TimeDomainData& data) const {
  BlochData joint;
  const std::size_t spectra = setup_.real.monitors.size();
  const std::size_t records = setup_.real.time_monitors.size();
  for (std::size_t m = 0; m < spectra; ++m)
    joint.spectra.push_back(joined(data.spectra[m], data.spectra[m + spectra]));
  for (std::size_t m = 0; m < records; ++m)
    joint.records.push_back(joined(data.records[m], data.records[m + records]));
  return joint;
}

// The transpose of data_of: of F = F_a + i F_b, Re(conj(g) dF) = Re(conj(g) dF_a) +
// Re(conj(-i g) dF_b).
TimeDomainData BlochMarch::parts_of(const BlochData& cotangents, const BlochData& shown) const {
  const auto check = [](const auto& given, const auto& seen) {
    WAVESMITH_VALIDATE(given.empty() || given.size() == seen.size(),
                       "a loss must return one array of cotangents for each monitor, or none");
    for (std::size_t m = 0; m < given.size(); ++m)
      WAVESMITH_VALIDATE(given[m].size() == seen[m].size(),
                         "the cotangents of a monitor must have the shape of what it recorded");
  };
  check(cotangents.spectra, shown.spectra);
  check(cotangents.records, shown.records);
  TimeDomainData parts;
  for (const bool imaginary : {false, true}) {
    for (const std::vector<Complex>& spectrum : cotangents.spectra) {
      parts.spectra.push_back(spectrum);
      if (imaginary)
        for (Complex& g : parts.spectra.back()) g *= Complex(0.0, -1.0);
    }
    for (const std::vector<Complex>& record : cotangents.records) {
      parts.records.emplace_back();
      for (const Complex& g : record)
        parts.records.back().push_back(imaginary ? g.imag() : g.real());
    }
  }
  return parts;
}

BlochGradient BlochMarch::gradient_of(const TimeDomainGradient& both, const GridBox& design) const {
  BlochGradient gradient;
  gradient.plan = both.plan;
  gradient.error_estimate = both.error_estimate;
  for (std::size_t d = 0; d < 3; ++d)
    gradient.wave_vector[d] =
        both.bloch_phase[d] * (setup_.real.grid.axes[d].high() - setup_.real.grid.axes[d].low());
  // Both parts have the same medium: its derivative is the sum of theirs.
  LeapfrogSize kept;
  for (std::size_t d = 0; d < 3; ++d) kept.points[d] = both_parts(design).end[d] - design.begin[d];
  GridBox inside;
  for (std::size_t d = 0; d < 3; ++d) inside.end[d] = design.end[d] - design.begin[d];
  const auto sum = [&](const std::vector<double>& values) {
    if (values.empty()) return values;
    std::vector<double> total = values_in(inside, kept, values);
    const std::vector<double> other = values_in(part(inside, true), kept, values);
    std::transform(total.begin(), total.end(), other.begin(), total.begin(), std::plus<>());
    return total;
  };
  for (std::size_t c = 0; c < 3; ++c) {
    gradient.coefficient[c] = sum(both.coefficient[c]);
    gradient.second_coefficient[c] = sum(both.second_coefficient[c]);
  }
  for (std::size_t c = 0; c < 6; ++c) gradient.decay[c] = sum(both.decay[c]);
  const GridBox all{{}, period_.points};
  for (std::size_t c = 0; c < 6; ++c)
    if (!both.initial[c].empty())
      gradient.initial[c] = joined(values_in(all, pair_, both.initial[c]),
                                   values_in(part(all, true), pair_, both.initial[c]));
  const std::size_t poles = both.poles.size() / 2;
  gradient.poles.assign(both.poles.begin(),
                        both.poles.begin() + static_cast<std::ptrdiff_t>(poles));
  for (std::size_t p = 0; p < poles; ++p)
    for (const auto member : {&PoleField::a1, &PoleField::a2, &PoleField::a3, &PoleField::gain})
      for (std::size_t i = 0; i < (gradient.poles[p].*member).size(); ++i)
        (gradient.poles[p].*member)[i] += (both.poles[p + poles].*member)[i];
  const std::size_t real = setup_.real.sources.size(), complex = setup_.sources.size();
  gradient.real_signals.assign(both.signals.begin(),
                               both.signals.begin() + static_cast<std::ptrdiff_t>(real));
  for (std::size_t s = 0; s < complex; ++s) {
    const std::vector<double>& a = both.signals[real + s];
    const std::vector<double>& b = both.signals[real + complex + s];
    const std::size_t rank = static_cast<std::size_t>(setup_.sources[s].rank);
    gradient.signals.emplace_back();
    for (std::size_t at = 0; at < a.size(); at += 2 * rank)
      for (std::size_t r = at; r < at + rank; ++r)
        gradient.signals.back().emplace_back(a[r] + b[r], a[r + rank] + b[r + rank]);
  }
  return gradient;
}

BlochGradient BlochMarch::pull_back(long steps, const GridBox& design, const Loss& loss,
                                    const GradientMemory& memory, const GradientWants& wants) {
  validate_box(design, 0, period_, "the design region");
  const TimeDomain::Loss of_parts = [&](const TimeDomainData& data) {
    const BlochData shown = data_of(data);
    return parts_of(loss(shown), shown);
  };
  return gradient_of(march_->pull_back(steps, both_parts(design), of_parts, memory, wants), design);
}

GradientPlan BlochMarch::plan_gradient(long steps, const GridBox& design,
                                       const GradientMemory& memory,
                                       const GradientWants& wants) const {
  validate_box(design, 0, period_, "the design region");
  return march_->plan_gradient(steps, both_parts(design), memory, wants);
}

}  // namespace wavesmith
