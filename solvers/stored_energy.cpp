#include "solvers/stored_energy.hpp"

#include <utility>

#include "physics/vacuum.hpp"
#include "solvers/grid_shares.hpp"

namespace wavesmith {
namespace {

bool of_first_group(const WaveContext& context, const StoredField& field) {
  return field.component < first_group_size(context.size.system);
}

// eps / 2, mu / 2, 1 / (2 rho c^2) or rho / 2 where the coefficient is 1.
double half_stiffness(const WaveContext& context, bool first) {
  if (context.equations == Equations::sound)
    return first ? 0.5 / (context.impedance * context.speed)
                 : 0.5 * context.impedance / context.speed;
  return 0.5 * (first ? vacuum_permittivity : vacuum_permeability);
}

std::string energy_unit(const WaveContext& context) {
  int axes = 0;
  for (int d = 0; d < 3; ++d) axes += varies(context, d) ? 1 : 0;
  return axes == 3 ? "J" : axes == 2 ? "J/m" : "J/m^2";
}

}  // namespace

std::vector<EnergyPart> energy_parts(const WaveContext& context, const Vec3& low,
                                     const Vec3& high) {
  std::vector<EnergyPart> parts;
  for (const StoredField& field : fields_of(context.equations, context.impedance)) {
    std::array<PointShares, 3> shares;
    for (std::size_t d = 0; d < 3; ++d)
      shares[d] = point_shares(context, static_cast<int>(d), field.places[d], low[d], high[d]);
    EnergyPart part{field, box_of(shares), products_of(shares), {}};
    const double scale =
        half_stiffness(context, of_first_group(context, field)) * field.factor * field.factor;
    for_each_point(part.box, [&](const std::array<int, 3>& p, std::size_t number) {
      const double c = coefficient_at(context, field.component, p);
      part.weights[number] *= c != 0.0 ? scale / c : 0.0;
      part.coefficients.push_back(c);
    });
    parts.push_back(std::move(part));
  }
  return parts;
}

EnergySpectrum::EnergySpectrum(TimeDomainSetup& setup, const WaveContext& context, std::string name,
                               const Vec3& low, const Vec3& high,
                               const std::vector<double>& frequencies, int every)
    : FrequencyMonitor(std::move(name), frequencies),
      sound_(context.equations == Equations::sound),
      unit_(energy_unit(context)),
      parts_(energy_parts(context, low, high)),
      first_monitor_(static_cast<int>(setup.monitors.size())) {
  for (EnergyPart& part : parts_) {
    add_spectrum(setup, part.field.component, part.box, frequencies, every);
    rows_.push_back(of_first_group(context, part.field) ? 0 : 1);
    for (double& weight : part.weights) weight *= 0.5;  // the mean over a period
  }
}

std::vector<MonitorNumber> EnergySpectrum::numbers() const {
  return {{sound_ ? "potential" : "electric", unit_, FieldPower::quadratic},
          {sound_ ? "kinetic" : "magnetic", unit_, FieldPower::quadratic}};
}

MonitorValues EnergySpectrum::evaluate(const Spectra& spectra) const {
  MonitorValues values = zero_values();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const auto& spectrum = spectra[static_cast<std::size_t>(first_monitor_) + i];
    const std::vector<double>& weights = parts_[i].weights;
    for (std::size_t f = 0; f < frequencies().size(); ++f)
      for (std::size_t p = 0; p < weights.size(); ++p)
        values[rows_[i]][f] += weights[p] * std::norm(spectrum[f * weights.size() + p]);
  }
  return values;
}

void EnergySpectrum::pull_back(const Spectra& spectra, const MonitorValues& cotangent,
                               Spectra& cotangents) const {
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const std::size_t monitor = static_cast<std::size_t>(first_monitor_) + i;
    const std::vector<double>& weights = parts_[i].weights;
    for (std::size_t f = 0; f < frequencies().size(); ++f)
      for (std::size_t p = 0; p < weights.size(); ++p) {
        const std::size_t at = f * weights.size() + p;
        cotangents[monitor][at] +=
            2.0 * cotangent[rows_[i]][f].real() * weights[p] * spectra[monitor][at];
      }
  }
}

std::vector<EnergySpectrum::CoefficientGradient> EnergySpectrum::coefficient_gradient(
    const Spectra& spectra, const MonitorValues& cotangent) const {
  std::vector<CoefficientGradient> gradients;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const auto& spectrum = spectra[static_cast<std::size_t>(first_monitor_) + i];
    const EnergyPart& part = parts_[i];
    const std::size_t points = part.weights.size();
    CoefficientGradient gradient{part.field.component, part.box, std::vector<double>(points)};
    for (std::size_t f = 0; f < frequencies().size(); ++f)
      for (std::size_t p = 0; p < points; ++p)
        if (part.coefficients[p] != 0.0)
          gradient.values[p] -= cotangent[rows_[i]][f].real() * part.weights[p] *
                                std::norm(spectrum[f * points + p]) / part.coefficients[p];
    gradients.push_back(std::move(gradient));
  }
  return gradients;
}

EnergyRecord::EnergyRecord(TimeDomainSetup& setup, const WaveContext& context, const Vec3& low,
                           const Vec3& high, int every)
    : parts_(energy_parts(context, low, high)), first_monitor_(setup.time_monitors.size()) {
  for (const EnergyPart& part : parts_) {
    TimeMonitor monitor;
    monitor.component = part.field.component;
    monitor.box = part.box;
    monitor.every = every;
    setup.time_monitors.push_back(monitor);
  }
}

std::vector<double> EnergyRecord::evaluate(const Records& records) const {
  std::vector<double> energy(records[first_monitor_].size() / parts_[0].weights.size());
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const std::vector<double>& weights = parts_[i].weights;
    const std::vector<double>& record = records[first_monitor_ + i];
    for (std::size_t r = 0; r < energy.size(); ++r)
      for (std::size_t p = 0; p < weights.size(); ++p) {
        const double value = record[r * weights.size() + p];
        energy[r] += weights[p] * value * value;
      }
  }
  return energy;
}

void EnergyRecord::pull_back(const Records& records, const std::vector<double>& cotangent,
                             Records& cotangents) const {
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const std::vector<double>& weights = parts_[i].weights;
    for (std::size_t r = 0; r < cotangent.size(); ++r)
      for (std::size_t p = 0; p < weights.size(); ++p) {
        const std::size_t at = r * weights.size() + p;
        cotangents[first_monitor_ + i][at] +=
            2.0 * cotangent[r] * weights[p] * records[first_monitor_ + i][at];
      }
  }
}

}  // namespace wavesmith
