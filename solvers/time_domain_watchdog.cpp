#include "solvers/time_domain_watchdog.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/error.hpp"
#include "solvers/time_domain_march.hpp"

namespace wavesmith {
namespace {

constexpr double far_above = 1e6;  // what is possible

std::string short_number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g", value);
  return text.data();
}

std::string in_brackets(const std::array<int, 3>& p) {
  return "(" + std::to_string(p[0]) + ", " + std::to_string(p[1]) + ", " + std::to_string(p[2]) +
         ")";
}

// "Ez", where the equations are told, or the march's own name.
std::string field_name(const TimeDomainSetup& setup, int component) {
  if (setup.equations.has_value())
    for (const auto& field : fields_of(*setup.equations))
      if (field.component == component) return field.name;
  return component_name(setup.system, component);
}

double value_at(const std::vector<double>& values, std::size_t point) {
  return values.empty() ? 1.0 : values[values.size() == 1 ? 0 : point];
}

bool inside(const GridBox& box, const std::array<int, 3>& p) {
  return overlap(box, {p, {p[0] + 1, p[1] + 1, p[2] + 1}});
}

}  // namespace

Watchdog::Watchdog(const TimeDomainSetup& setup, const GridLines& lines)
    : setup_(setup), lines_(lines) {
  take_medium();
}

void Watchdog::take_medium() {
  weight_norms_.clear();
  for (const TimeSource& source : setup_.sources) {
    std::vector<double> norms;
    const std::size_t count = source.box.count();
    for (std::size_t r = 0; r < static_cast<std::size_t>(source.rank); ++r) {
      double sum = 0.0;
      for (std::size_t p = 0; p < count; ++p)
        sum += source.weights[r * count + p] * source.weights[r * count + p];
      norms.push_back(std::sqrt(sum));
    }
    weight_norms_.push_back(norms);
  }
  double lowest = 1.0, highest = 1.0;
  for (const auto& values : setup_.coefficient)
    for (const double c : values)
      if (c > 0.0) {
        lowest = std::min(lowest, c);
        highest = std::max(highest, c);
      }
  double volumes = 1.0;
  for (const Axis& axis : setup_.grid.axes) {
    double narrow = axis.width(0), wide = narrow;
    for (int i = 0; i < axis.cells(); ++i) {
      narrow = std::min(narrow, axis.width(i));
      wide = std::max(wide, axis.width(i));
    }
    volumes *= wide / narrow;
  }
  spread_ = std::sqrt(highest / lowest * volumes);
}

template <class T>
void Watchdog::add_input(std::size_t s, long first, std::span<const T> signals) {
  const TimeSource& source = setup_.sources[s];
  const std::size_t width =
      source.rank == 0 ? source.box.count() : static_cast<std::size_t>(source.rank);
  double sum = 0.0;
  for (std::size_t at = 0; at < signals.size(); at += width) {
    double step = 0.0;
    for (std::size_t r = 0; r < width; ++r) {
      const double value = static_cast<double>(signals[at + r]);
      step += source.rank == 0 ? value * value : std::abs(value) * weight_norms_[s][r];
    }
    if (!std::isfinite(step))
      throw NumericsError("source " + std::to_string(s) + ", on " +
                          field_name(setup_, source.component) +
                          ", gives a signal that is not a finite number in step " +
                          std::to_string(first + static_cast<long>(at / width)) + ", at " +
                          position(source.component, source.box.begin) + "; look at its signal");
    sum += source.rank == 0 ? std::sqrt(step) : step;
  }
  input_ += sum;
}
template void Watchdog::add_input(std::size_t, long, std::span<const float>);
template void Watchdog::add_input(std::size_t, long, std::span<const double>);

bool Watchdog::calm(double square_sum) const {
  return std::isfinite(square_sum) && std::sqrt(square_sum) <= far_above * spread_ * input_;
}

// dt over the limit of an even grid with the cells and coefficients of this point.
double Watchdog::courant_at(const std::array<int, 3>& p) const {
  const std::size_t point = lines_.size.index(p[0], p[1], p[2]);
  const int split = first_group_size(setup_.system);
  std::array<double, 2> largest{};
  for (int c = 0; c < component_count(setup_.system); ++c) {
    double& of_group = largest[c < split ? 0 : 1];
    of_group = std::max(of_group, value_at(setup_.coefficient[static_cast<std::size_t>(c)], point));
  }
  double sum = 0.0;
  for (std::size_t d = 0; d < 3; ++d) {
    if (lines_.size.points[d] == 1) continue;
    const Axis& axis = setup_.grid.axes[d];
    const int cell = std::min(lines_.size.in_part(p)[d], axis.cells() - 1);
    sum += std::pow(setup_.speed * setup_.dt / axis.width(cell), 2);
  }
  return std::sqrt(sum * largest[0] * largest[1]);
}

Watchdog::Place Watchdog::largest_courant() const {
  Place place;
  std::array<int, 3> p{};
  for (p[2] = 0; p[2] < lines_.size.points[2]; ++p[2])
    for (p[1] = 0; p[1] < lines_.size.points[1]; ++p[1])
      for (p[0] = 0; p[0] < lines_.size.points[0]; ++p[0]) {
        const double courant = courant_at(p);
        if (courant > place.courant) place = {courant, p};
      }
  return place;
}

std::string Watchdog::position(int component, const std::array<int, 3>& point) const {
  const std::array<int, 3> p = lines_.size.in_part(point);
  std::string text = "point " + in_brackets(p) + " (";
  for (int d = 0; d < 3; ++d) {
    const std::size_t axis = static_cast<std::size_t>(d);
    bool centre = setup_.system == WaveSystem::maxwell
                      ? (component < 3 ? component == d : component - 3 != d)
                      : component == d + 1;
    const Axis& line = setup_.grid.axes[axis];
    int i = p[axis];
    // With the first group on the centres, the second lies on the edges between them.
    if (setup_.nodes == Nodes::on_centres && lines_.size.points[axis] > 1) {
      i += centre ? 1 : 0;
      centre = !centre;
    }
    const double x = lines_.size.points[axis] == 1 || (centre && i < line.cells())
                         ? line.centre(std::min(i, line.cells() - 1))
                         : line.edge(std::min(i, line.cells()));
    text += std::string(d > 0 ? ", " : "") + "xyz"[d] + " = " + short_number(x);
  }
  return text + " m)";
}

std::string Watchdog::likely_cause(const Finding& finding) const {
  const Place worst = largest_courant();
  if (worst.courant > 1.0 + 1e-9)
    return "the largest Courant number of the grid is " + short_number(worst.courant) + ", at " +
           position(0, worst.at) +
           ": coefficients above 1 (a relative permittivity or "
           "permeability below 1, a stiffer or lighter medium than the reference) need a step "
           "shorter by that factor";
  for (std::size_t c = 0; c < setup_.decay.size(); ++c)
    for (const double decay : setup_.decay[c])
      if (std::abs(decay) > 1.0)
        return "a decay of " + field_name(setup_, static_cast<int>(c)) + " is " +
               short_number(decay) +
               ", which amplifies in every step: a negative conductivity, "
               "or one too large for the step";
  for (const PoleField& pole : setup_.poles) {
    // Roots of z^2 - a1 z - a2 (z - a1 where it relaxes) outside of the unit circle.
    for (std::size_t i = 0; i < pole.a1.size(); ++i)
      if (std::abs(pole.relaxing ? 0.0 : pole.a2[i]) > 1.0 ||
          std::abs(pole.a1[i]) > 1.0 - (pole.relaxing ? 0.0 : pole.a2[i]))
        return "a pole of the medium of " + field_name(setup_, pole.component) +
               " grows by itself; its resonance is too fast for the step, or its damping negative";
    if (inside(pole.box, finding.at))
      return "the place lies in a medium with poles: a resonance too fast for the step, or a "
             "strength or damping that is negative; shorten the step, or look at the fit";
  }
  for (std::size_t d = 0; d < 3; ++d)
    if (finding.at[d] < lines_.size.shell_low[d] ||
        finding.at[d] >= lines_.size.points[d] - lines_.size.shell_high[d])
      return "the place lies in the absorbing layer along " + std::string(1, "xyz"[d]) +
             ": let every medium run through the layer unchanged, or put a wall there";
  return "shorten the step, and look at the medium there";
}

std::string Watchdog::explain(const Finding& finding) const {
  std::string text = field_name(setup_, finding.component) + " ";
  text += std::isfinite(finding.value) ? "has grown to " + short_number(finding.value) +
                                             ", far beyond what the sources can have put in,"
                                       : "is not finite";
  text += " at " + position(finding.component, finding.at);
  if (setup_.describe) text += ", in " + setup_.describe(finding.component, finding.at) + ",";
  text += " after step " + std::to_string(finding.step) + "; the Courant number there is " +
          short_number(courant_at(finding.at)) + "; ";
  return text + likely_cause(finding);
}

}  // namespace wavesmith
