#include "physics/dispersive_medium.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

double highest_resonance(const DispersiveMedium& medium) {
  double highest = 0.0;
  for (const LorentzPole& pole : medium.lorentz) highest = std::max(highest, pole.resonance);
  return highest;
}

// X (eps_inf - sum strength / (X - w0^2)), rising with X above the highest resonance.
double limit_function(const DispersiveMedium& medium, double x) {
  double value = medium.eps_inf * x;
  for (const LorentzPole& pole : medium.lorentz)
    value -= pole.strength / (1.0 - pole.resonance * pole.resonance / x);
  return value;
}

}  // namespace

std::complex<double> DispersiveMedium::permittivity(double omega) const {
  std::complex<double> eps(eps_inf, conductivity / (vacuum_permittivity * omega));
  for (const LorentzPole& pole : lorentz)
    eps += pole.strength / std::complex<double>(pole.resonance * pole.resonance - omega * omega,
                                                -pole.damping * omega);
  for (const DebyePole& pole : debye)
    eps += pole.step / std::complex<double>(1.0, -omega * pole.time);
  return eps;
}

std::complex<double> DispersiveMedium::permittivity_at(double wavelength) const {
  validate_band(*this, wavelength, wavelength);
  return permittivity(2.0 * pi * speed_of_light / wavelength);
}

std::complex<double> DispersiveMedium::index(double wavelength) const {
  // The principal root of a permittivity with Im >= 0 has Im >= 0.
  return std::sqrt(permittivity_at(wavelength));
}

void validate_medium(const DispersiveMedium& medium) {
  const std::string& name = medium.name;
  validate_positive(medium.eps_inf, name + ": eps_inf");
  validate_not_negative(medium.conductivity, name + ": conductivity [S/m]");
  validate_finite(medium.chi2, name + ": chi2 [m/V]");
  validate_finite(medium.chi3, name + ": chi3 [m^2/V^2]");
  for (std::size_t i = 0; i < medium.lorentz.size(); ++i) {
    const std::string pole = fmt::format("{}: Lorentz pole {}: ", name, i + 1);
    validate_not_negative(medium.lorentz[i].resonance, pole + "resonance [rad/s]");
    validate_not_negative(medium.lorentz[i].damping, pole + "damping [rad/s]");
    validate_not_negative(medium.lorentz[i].strength,
                          pole + "strength [rad^2/s^2] (a negative one amplifies)");
  }
  for (std::size_t i = 0; i < medium.debye.size(); ++i) {
    const std::string pole = fmt::format("{}: Debye pole {}: ", name, i + 1);
    validate_not_negative(medium.debye[i].step, pole + "step (a negative one amplifies)");
    validate_positive(medium.debye[i].time, pole + "time [s]");
  }
}

void validate_band(const DispersiveMedium& medium, double min_wavelength, double max_wavelength) {
  WAVESMITH_VALIDATE(
      min_wavelength > 0.0 && min_wavelength <= max_wavelength &&
          min_wavelength >= medium.min_wavelength && max_wavelength <= medium.max_wavelength,
      fmt::format("medium {} has no permittivity for wavelengths from {:.6g} to {:.6g} m: it is "
                  "known from {:.6g} to {:.6g} m ({}); choose another medium, a narrower band, or "
                  "give eps",
                  medium.name, min_wavelength, max_wavelength, medium.min_wavelength,
                  medium.max_wavelength, medium.citation));
}

double kerr_susceptibility(double n, double n2) {
  validate_positive(n, "refractive index n");
  validate_finite(n2, "Kerr index n2 [m^2/W]");
  return 4.0 / 3.0 * n * n * vacuum_permittivity * speed_of_light * n2;
}

LorentzUpdate lorentz_update(const LorentzPole& pole, double dt) {
  const double half_loss = 0.5 * pole.damping * dt, phase = pole.resonance * dt;
  const double scale = 1.0 / (1.0 + half_loss);
  return {(2.0 - phase * phase) * scale, (half_loss - 1.0) * scale,
          pole.strength * dt * dt * scale};
}

DebyeUpdate debye_update(const DebyePole& pole, double dt) {
  const double scale = 1.0 / (2.0 * pole.time + dt);
  return {(2.0 * pole.time - dt) * scale, pole.step * dt * scale, 2.0 * dt * scale};
}

MediumUpdate medium_update(const DispersiveMedium& medium, double dt) {
  validate_medium(medium);
  validate_positive(dt, "time step [s]");
  MediumUpdate update;
  // What multiplies (E_new + E) / 2 and acts as a loss over the step.
  double loss = 0.5 * medium.conductivity * dt / vacuum_permittivity;
  for (const DebyePole& pole : medium.debye) {
    update.debye.push_back(debye_update(pole, dt));
    loss += update.debye.back().b2;
  }
  for (const LorentzPole& pole : medium.lorentz) update.lorentz.push_back(lorentz_update(pole, dt));
  update.pole = 1.0 / (medium.eps_inf + loss);
  update.keep = (medium.eps_inf - loss) * update.pole;
  update.curl = dt / vacuum_permittivity * update.pole;
  return update;
}

std::complex<double> discrete_permittivity(const DispersiveMedium& medium, double omega,
                                           double dt) {
  WAVESMITH_VALIDATE(omega > 0.0 && dt > 0.0 && omega * dt < pi,
                     fmt::format("omega = {:.6g} rad/s with a time step of {:.6g} s is beyond the "
                                 "sampling limit; omega dt must be between 0 and pi",
                                 omega, dt));
  const double half = 0.5 * omega * dt;
  // i omega, omega^2 and omega of the differences (E_new - E) / dt over the average,
  // (p_new - 2 p + p_old) / dt^2 and (p_new - p_old) / (2 dt).
  const double tangent = 2.0 / dt * std::tan(half);
  const double sine = 2.0 / dt * std::sin(half), twice = std::sin(2.0 * half) / dt;
  std::complex<double> eps(medium.eps_inf, medium.conductivity / (vacuum_permittivity * tangent));
  for (const LorentzPole& pole : medium.lorentz)
    eps += pole.strength / std::complex<double>(pole.resonance * pole.resonance - sine * sine,
                                                -pole.damping * twice);
  for (const DebyePole& pole : medium.debye)
    eps += pole.step / std::complex<double>(1.0, -pole.time * tangent);
  return eps;
}

double largest_time_step(const DispersiveMedium& medium, double inverse_spacing_squared,
                         double permeability) {
  validate_medium(medium);
  validate_positive(inverse_spacing_squared, "sum of 1 / spacing^2 [1/m^2]");
  validate_positive(permeability, "relative permeability");
  const double target =
      4.0 * speed_of_light * speed_of_light * inverse_spacing_squared / permeability;
  const double resonance = highest_resonance(medium);
  double low = resonance * resonance, high = std::max(low, target / medium.eps_inf);
  while (limit_function(medium, high) < target || high <= low) high *= 2.0;
  // Bisection to the last bit, kept on the stable side.
  for (int i = 0; i < 200; ++i) {
    const double middle = 0.5 * (low + high);
    if (middle <= low || middle >= high) break;
    (limit_function(medium, middle) < target ? low : high) = middle;
  }
  return 2.0 / std::sqrt(high);
}

void validate_time_step(const DispersiveMedium& medium, double dt, double inverse_spacing_squared,
                        double permeability) {
  validate_positive(dt, "time step [s]");
  const double limit = largest_time_step(medium, inverse_spacing_squared, permeability);
  if (dt <= limit * (1.0 + 1e-12)) return;
  const double resonance = highest_resonance(medium);
  const std::string cause =
      resonance * dt >= 1.0
          ? fmt::format(
                ": its pole at {:.4g} rad/s is too high for this grid; use a fit with "
                "poles nearer to the band, or a constant permittivity",
                resonance)
          : std::string();
  throw InputError(fmt::format(
      "a time step of {:.6g} s is unstable in medium {}, where at most {:.6g} s is stable ({:.4g} "
      "of the step asked for){}; use a smaller Courant number",
      dt, medium.name, limit, limit / dt, cause));
}

}  // namespace wavesmith
