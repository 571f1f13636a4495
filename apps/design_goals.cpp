#include "apps/design_goals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/units.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

std::size_t frequency_index(const FrequencyMonitor& monitor, double frequency) {
  const std::vector<double>& known = monitor.frequencies();
  return static_cast<std::size_t>(std::min_element(known.begin(), known.end(),
                                                   [&](double a, double b) {
                                                     return std::abs(a - frequency) <
                                                            std::abs(b - frequency);
                                                   }) -
                                  known.begin());
}

// What is asked of a goal's number: of the number itself, or its logarithm.
double asked_of(const GoalPart& goal, double value) {
  return goal.point.empty() ? value : std::log(value);
}
double loss_of(const GoalPart& goal, double value) {
  const double v = asked_of(goal, value);
  if (goal.sense == GoalPart::Sense::maximize) return -v;
  if (goal.sense == GoalPart::Sense::minimize) return v;
  return std::pow(v - asked_of(goal, goal.target), 2);
}
double loss_slope(const GoalPart& goal, double value) {
  const double slope = goal.point.empty() ? 1.0 : 1.0 / value;
  if (goal.sense == GoalPart::Sense::maximize) return -slope;
  if (goal.sense == GoalPart::Sense::minimize) return slope;
  return 2.0 * (asked_of(goal, value) - asked_of(goal, goal.target)) * slope;
}

}  // namespace

// The place of a goal's monitor among those that are watched.
std::size_t DesignGoals::watch(const GoalPart& goal) {
  Watched found;
  for (std::size_t m = 0; m < problem_.monitors.size(); ++m)
    if (problem_.monitors[m].name == goal.monitor)
      found = {simulation_.monitors()[m].get(), problem_.monitors[m].per_waveform};
  for (const auto& scattering : simulation_.scattering())
    if (scattering->name() == goal.monitor) found = {scattering.get(), false};
  for (std::size_t w = 0; w < watched_.size(); ++w)
    if (watched_[w].monitor == found.monitor) return w;
  watched_.push_back(found);
  return watched_.size() - 1;
}

DesignGoals::DesignGoals(const WaveProblem& problem, const WaveSimulation& simulation)
    : problem_(problem), simulation_(simulation) {
  for (const GoalPart& goal : problem.design->goals)
    places_.push_back(goal.point.empty() ? place_of(goal) : point_of(goal));
}

DesignGoals::GoalPlace DesignGoals::place_of(const GoalPart& goal) {
  GoalPlace place;
  place.watched = watch(goal);
  const std::vector<MonitorNumber> numbers = watched_[place.watched].monitor->numbers();
  std::string known;
  for (; place.row < numbers.size(); ++place.row) {
    if (goal.number.empty() || numbers[place.row].name == goal.number) break;
    known += (known.empty() ? "\"" : ", \"") + numbers[place.row].name + "\"";
  }
  WAVESMITH_VALIDATE(place.row < numbers.size(), goal.place + " asks for the number \"" +
                                                     goal.number + "\" of monitor " + goal.monitor +
                                                     ", which gives " + known);
  place.number = numbers[place.row];
  for (const SourcePart& source : problem_.sources)
    if (!goal.over.empty() && source.name == goal.over) {
      const bool power = goal.part == "power" || place.number.power == FieldPower::quadratic;
      place.over = power ? source.power : std::sqrt(source.power);
    }
  return place;
}

DesignGoals::GoalPlace DesignGoals::point_of(const GoalPart& goal) const {
  const auto point = std::find_if(problem_.points.begin(), problem_.points.end(),
                                  [&](const PointPart& p) { return p.name == goal.point; });
  GoalPlace place;
  place.point = static_cast<std::size_t>(point - problem_.points.begin());
  return place;
}

void DesignGoals::require_guided() const {
  for (std::size_t g = 0; g < places_.size(); ++g)
    if (places_[g].point == none && places_[g].number.mode > 0)
      require_guided(problem_.design->goals[g], places_[g].number.mode);
}

void DesignGoals::require_guided(const GoalPart& goal, int mode) const {
  std::vector<std::size_t> overlaps;
  for (std::size_t m = 0; m < problem_.monitors.size(); ++m)
    if (problem_.monitors[m].name == goal.monitor) overlaps.push_back(m);
  for (const ScatteringPart& scattering : problem_.scattering)
    if (scattering.name == goal.monitor) overlaps = scattering.monitors;
  for (const std::size_t m : overlaps) {
    const auto* overlap = dynamic_cast<const ModeOverlap*>(simulation_.monitors()[m].get());
    if (overlap == nullptr || mode < 1 || mode > overlap->mode_count()) continue;
    for (std::size_t f = 0; f < overlap->frequencies().size(); ++f) {
      const double index = overlap->modes()[f][static_cast<std::size_t>(mode - 1)].n_eff.real();
      const double around = overlap->rim_index()[f];
      WAVESMITH_VALIDATE(
          index > around,
          goal.place + fmt::format(" needs mode {} of monitor {}, which is not guided at {}: its "
                                   "effective index is {:.4g}, and {:.4g} lies around the guide; "
                                   "take a mode that is there, a wider guide, or look at where "
                                   "the monitor lies",
                                   mode, overlap->name(),
                                   format_quantity(overlap->frequencies()[f], Dimension::frequency),
                                   index, around));
    }
  }
}

DesignGoals::GoalNumber DesignGoals::number_of(const GoalPart& goal, const GoalPlace& place,
                                               Complex v) {
  const double unit = 1.0 / place.over;
  if (goal.part == "imaginary") return {unit * v.imag(), Complex(0.0, unit)};
  if (goal.part == "real" || place.number.power == FieldPower::quadratic)
    return {unit * v.real(), unit};
  if (goal.part == "power") return {unit * std::norm(v), 2.0 * unit * v};
  const double size = std::abs(v);
  return {unit * size, size > 0.0 ? unit * v / size : Complex()};
}

ResonanceNumber DesignGoals::number_of_resonance(const GoalPart& goal, const GoalPlace& place,
                                                 const Seen& seen, std::size_t& which) const {
  const std::vector<Resonance>& resonances = seen.resonances[place.point];
  if (resonances.empty())
    throw NumericsError(goal.place + " found no resonance at " + goal.point +
                        "; widen its band, lower its least_amplitude, or let the run last longer");
  which = nearest_resonance(resonances, goal.frequencies.front());
  const ResonanceNumber number = resonance_number(resonances[which], goal.number);
  if (!(number.value > 0.0))
    throw NumericsError(goal.place +
                        fmt::format(" has a {} of {:.3g} at {}, whose decay could not be told; let "
                                    "the run last longer",
                                    goal.number, number.value, goal.point));
  return number;
}

DesignGoals::Seen DesignGoals::look(long steps) const {
  Seen seen;
  const TimeDomain& march = simulation_.march();
  const Spectra& spectra = march.data().spectra;
  seen.resonances.resize(problem_.points.size());
  for (std::size_t p = 0; p < problem_.points.size(); ++p)
    if (std::any_of(places_.begin(), places_.end(),
                    [&](const GoalPlace& place) { return place.point == p; }))
      seen.resonances[p] =
          resonances_at(problem_, problem_.points[p], march, simulation_.point_monitors()[p]);
  for (const Watched& watched : watched_) {
    const FrequencyMonitor& monitor = *watched.monitor;
    seen.numbers.push_back(monitor.evaluate(spectra));
    seen.waveforms.emplace_back();
    if (!watched.per_waveform) continue;
    seen.waveforms.back() = waveform_spectrum(problem_.sources.front().waveform.value,
                                              monitor.frequencies(), problem_.setup.dt, steps);
    seen.numbers.back() =
        divide_by_waveform(seen.numbers.back(), monitor.numbers(), seen.waveforms.back());
  }
  for (std::size_t g = 0; g < places_.size(); ++g) {
    const GoalPart& goal = problem_.design->goals[g];
    const GoalPlace& place = places_[g];
    seen.values.emplace_back();
    if (place.point != none) {
      std::size_t which = 0;
      seen.values.back().push_back(number_of_resonance(goal, place, seen, which).value);
      const Resonance& resonance = seen.resonances[place.point][which];
      seen.error_estimate = std::max(
          seen.error_estimate, resonance.error * std::abs(resonance.quality) / resonance.frequency);
      continue;
    }
    const auto& row = seen.numbers[place.watched][place.row];
    for (const double frequency : goal.frequencies) {
      const std::size_t f = frequency_index(*watched_[place.watched].monitor, frequency);
      seen.values.back().push_back(number_of(goal, place, row[f]).value);
    }
  }
  return seen;
}

TimeDomainData DesignGoals::pull_back(const Seen& seen, std::span<const double> slopes) const {
  const TimeDomain& march = simulation_.march();
  const Spectra& spectra = march.data().spectra;
  std::vector<std::vector<ResonanceCotangent>> of_resonances;
  for (const auto& resonances : seen.resonances) of_resonances.emplace_back(resonances.size());
  std::vector<MonitorValues> of_numbers;
  for (const MonitorValues& numbers : seen.numbers) of_numbers.push_back(zeros_like(numbers));
  std::size_t entry = 0;
  for (std::size_t g = 0; g < places_.size(); ++g) {
    const GoalPart& goal = problem_.design->goals[g];
    const GoalPlace& place = places_[g];
    if (place.point != none) {
      std::size_t which = 0;
      const ResonanceNumber number = number_of_resonance(goal, place, seen, which);
      const double slope = slopes[entry++] * loss_slope(goal, number.value);
      ResonanceCotangent& cotangent = of_resonances[place.point][which];
      cotangent.frequency += slope * number.slope.frequency;
      cotangent.decay += slope * number.slope.decay;
      cotangent.amplitude += slope * number.slope.amplitude;
      continue;
    }
    for (const double frequency : goal.frequencies) {
      const std::size_t f = frequency_index(*watched_[place.watched].monitor, frequency);
      const GoalNumber number = number_of(goal, place, seen.numbers[place.watched][place.row][f]);
      of_numbers[place.watched][place.row][f] +=
          slopes[entry++] * loss_slope(goal, number.value) * number.slope;
    }
  }
  TimeDomainData cotangents;
  cotangents.spectra = zeros_like(spectra);
  for (const std::vector<double>& record : march.data().records)
    cotangents.records.emplace_back(record.size());
  for (std::size_t w = 0; w < watched_.size(); ++w) {
    const FrequencyMonitor& monitor = *watched_[w].monitor;
    if (watched_[w].per_waveform)
      of_numbers[w] =
          divide_by_waveform_transpose(of_numbers[w], monitor.numbers(), seen.waveforms[w]);
    monitor.pull_back(spectra, of_numbers[w], cotangents.spectra);
  }
  for (std::size_t p = 0; p < of_resonances.size(); ++p) {
    if (of_resonances[p].empty()) continue;
    const int monitor = simulation_.point_monitors()[p];
    pull_back_resonances_at(problem_, problem_.points[p], march, monitor, seen.resonances[p],
                            of_resonances[p],
                            cotangents.records[static_cast<std::size_t>(monitor)]);
  }
  return cotangents;
}

double worst_value(const GoalPart& goal, std::span<const double> values) {
  return *std::max_element(values.begin(), values.end(),
                           [&](double a, double b) { return loss_of(goal, a) < loss_of(goal, b); });
}

void append_losses(const std::vector<GoalPart>& goals, const GoalValues& values,
                   std::vector<double>& losses, std::vector<double>& weights) {
  for (std::size_t g = 0; g < goals.size(); ++g)
    for (const double value : values[g]) {
      losses.push_back(loss_of(goals[g], value));
      weights.push_back(goals[g].weight / static_cast<double>(values[g].size()));
    }
}

double combine_losses(std::span<const double> losses, std::span<const double> weights,
                      double sharpness, std::vector<double>& slopes) {
  double all = 0.0;
  for (const double w : weights) all += w;
  slopes.assign(losses.size(), 0.0);
  if (sharpness == 0.0) {
    double sum = 0.0;
    for (std::size_t i = 0; i < losses.size(); ++i) {
      slopes[i] = weights[i] / all;
      sum += slopes[i] * losses[i];
    }
    return sum;
  }
  const double highest = *std::max_element(losses.begin(), losses.end());
  double sum = 0.0;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    slopes[i] = weights[i] / all * std::exp(sharpness * (losses[i] - highest));
    sum += slopes[i];
  }
  for (double& slope : slopes) slope /= sum;
  return highest + std::log(sum) / sharpness;
}

}  // namespace wavesmith
