#include "solvers/flux.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "core/error.hpp"
#include "solvers/grid_shares.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

// Fields whose product, with a sign, is the flux density along an axis.
struct FieldPair {
  StoredField first, second;
  double factor = 1.0;
};

std::vector<FieldPair> pairs_along(const WaveContext& context, int axis) {
  const auto pair = [&](const std::string& first, const std::string& second, double sign) {
    const StoredField a = find_field(context.equations, first, context.impedance);
    const StoredField b = find_field(context.equations, second, context.impedance);
    return FieldPair{a, b, 0.5 * sign * a.factor * b.factor};
  };
  const std::string u(1, "xyz"[(axis + 1) % 3]), v(1, "xyz"[(axis + 2) % 3]);
  switch (context.equations) {
    case Equations::maxwell:
      return {pair("E" + u, "H" + v, 1.0), pair("E" + v, "H" + u, -1.0)};
    case Equations::tm:
      if (axis == 0) return {pair("Ez", "Hy", -1.0)};
      if (axis == 1) return {pair("Ez", "Hx", 1.0)};
      return {};
    case Equations::sound:
      return {pair("p", std::string("v") + "xyz"[axis], 1.0)};
  }
  return {};
}

std::string power_unit(const WaveContext& context) {
  int across = -1;
  for (int d = 0; d < 3; ++d) across += varies(context, d) ? 1 : 0;
  return across == 2 ? "W" : across == 1 ? "W/m" : "W/m^2";
}

}  // namespace

Flux::Flux(TimeDomainSetup& setup, const WaveContext& context, std::string name,
           const PlaneRectangle& rectangle, const std::vector<double>& frequencies, int every)
    : FrequencyMonitor(std::move(name), frequencies), number_("flux"), unit_(power_unit(context)) {
  WAVESMITH_VALIDATE(rectangle.axis >= 0 && rectangle.axis <= 2,
                     "the axis of a flux plane is 0, 1 or 2 for x, y or z");
  add_rectangle(setup, context, rectangle, 1.0, every);
}

Flux::Flux(TimeDomainSetup& setup, const WaveContext& context, std::string name, const Vec3& low,
           const Vec3& high, Sign sign, const std::vector<double>& frequencies, int every)
    : FrequencyMonitor(std::move(name), frequencies),
      number_(sign == Sign::outward ? "flux" : "absorbed"),
      unit_(power_unit(context)) {
  const double outward = sign == Sign::outward ? 1.0 : -1.0;
  for (int axis = 0; axis < 3; ++axis) {
    if (!varies(context, axis)) continue;
    const std::size_t d = static_cast<std::size_t>(axis);
    const Axis& line = context.grid.axis(axis);
    // All the way round a periodic axis the two faces are one and the same.
    const bool periodic = context.size.periodic[d];
    if (periodic && low[d] <= line.low() && high[d] >= line.high()) continue;
    if (periodic || low[d] > line.low())
      add_rectangle(setup, context, {axis, std::max(low[d], line.low()), low, high}, -outward,
                    every);
    if (periodic || high[d] < line.high())
      add_rectangle(setup, context, {axis, std::min(high[d], line.high()), low, high}, outward,
                    every);
  }
  WAVESMITH_VALIDATE(!terms_.empty(), "monitor " + this->name() +
                                          ": the box fills the whole grid and has no face through "
                                          "which power could flow; make it smaller");
}

void Flux::add_rectangle(TimeDomainSetup& setup, const WaveContext& context,
                         const PlaneRectangle& rectangle, double sign, int every) {
  const std::size_t across = static_cast<std::size_t>(rectangle.axis);
  const std::vector<PlaneLink> links = plane_links(context, rectangle.axis, rectangle.position);
  for (const FieldPair& pair : pairs_along(context, rectangle.axis)) {
    std::array<PointShares, 3> shares;
    for (std::size_t d = 0; d < 3; ++d)
      if (d != across)
        shares[d] = point_shares(context, static_cast<int>(d), pair.first.places[d],
                                 rectangle.low[d], rectangle.high[d]);
    std::map<int, int> first, second;  // SpectrumMonitor of each plane of points
    const auto monitor_at = [&](std::map<int, int>& known, int component, int index) {
      const auto found = known.find(index);
      if (found != known.end()) return found->second;
      shares[across] = {index, {1.0}};
      return known[index] =
                 wavesmith::add_spectrum(setup, component, box_of(shares), frequencies(), every);
    };
    for (const PlaneLink& link : links) {
      Term term;
      term.first = monitor_at(first, pair.first.component, link.edge);
      term.second = monitor_at(second, pair.second.component, link.centre);
      term.weights = products_of(shares);
      for (double& weight : term.weights) weight *= sign * link.weight * pair.factor;
      terms_.push_back(std::move(term));
    }
  }
}

std::vector<MonitorNumber> Flux::numbers() const {
  return {{number_, unit_, FieldPower::quadratic}};
}

MonitorValues Flux::evaluate(const Spectra& spectra) const {
  MonitorValues values = zero_values();
  for (const Term& term : terms_) {
    const auto& first = spectra[static_cast<std::size_t>(term.first)];
    const auto& second = spectra[static_cast<std::size_t>(term.second)];
    const std::size_t points = term.weights.size();
    for (std::size_t f = 0; f < frequencies().size(); ++f)
      for (std::size_t p = 0; p < points; ++p)
        values[0][f] +=
            term.weights[p] * (first[f * points + p] * std::conj(second[f * points + p])).real();
  }
  return values;
}

// d Re(a conj(b)) = Re(conj(b) da) + Re(conj(a) db).
void Flux::pull_back(const Spectra& spectra, const MonitorValues& cotangent,
                     Spectra& cotangents) const {
  for (const Term& term : terms_) {
    const std::size_t a = static_cast<std::size_t>(term.first);
    const std::size_t b = static_cast<std::size_t>(term.second);
    const std::size_t points = term.weights.size();
    for (std::size_t f = 0; f < frequencies().size(); ++f) {
      const double g = cotangent[0][f].real();
      for (std::size_t p = 0; p < points; ++p) {
        const std::size_t at = f * points + p;
        cotangents[a][at] += g * term.weights[p] * spectra[b][at];
        cotangents[b][at] += g * term.weights[p] * spectra[a][at];
      }
    }
  }
}

}  // namespace wavesmith
