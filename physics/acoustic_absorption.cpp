#include "physics/acoustic_absorption.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/constrained_fit.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

constexpr int band_samples = 60;

const double decibels_per_neper = 20.0 / std::log(10.0);

void validate_law(const PowerLaw& law) {
  validate_not_negative(law.alpha0, "absorption alpha0 [dB/(MHz^y cm)]");
  WAVESMITH_VALIDATE(law.y > 0.0 && law.y < 3.0,
                     fmt::format("absorption exponent y is {}; it must lie between 0 and 3 (most "
                                 "fluids and tissues have 1 to 2)",
                                 law.y));
}

// 1 + sum weight / (1 - i omega tau), for any "omega" of a difference scheme.
std::complex<double> relative_compressibility(const std::vector<DebyePole>& relaxations,
                                              double omega) {
  std::complex<double> sum = 1.0;
  for (const DebyePole& relaxation : relaxations)
    sum += relaxation.step / std::complex<double>(1.0, -omega * relaxation.time);
  return sum;
}

// k^2 / omega^2 of the law over the band [s^2/m^2]: its imaginary part, and its real part without
// that at the reference. Both are fitted, relative to the first: a band has no attenuation outside
// of it, so the speed is a condition of its own.
struct Target {
  double omega0;
  std::vector<double> omega, loss, change;
};

// Weights (times rho kappa_inf) for relaxation times exp(log_times) / scale; fills the relative
// misfit of the loss.
std::vector<double> project(const Target& target, std::span<const double> log_times, double scale,
                            std::vector<double>* misfit) {
  const auto real_part = [](double phase) { return 1.0 / (1.0 + phase * phase); };
  std::vector<std::vector<double>> columns;
  for (const double log_time : log_times) {
    columns.emplace_back();
    const double time = std::exp(log_time) / scale;
    for (std::size_t i = 0; i < target.omega.size(); ++i) {
      const double phase = target.omega[i] * time;
      columns.back().push_back(phase * real_part(phase) / target.loss[i]);
      columns.back().push_back((real_part(phase) - real_part(target.omega0 * time)) /
                               target.loss[i]);
    }
  }
  std::vector<double> right;
  for (std::size_t i = 0; i < target.omega.size(); ++i)
    right.insert(right.end(), {1.0, target.change[i] / target.loss[i]});
  const std::vector<double> weights = nonnegative_least_squares(columns, right);
  if (misfit != nullptr) {
    for (std::size_t i = 0; i < right.size(); ++i)
      for (std::size_t l = 0; l < columns.size(); ++l) right[i] -= columns[l][i] * weights[l];
    *misfit = right;
  }
  return weights;
}

}  // namespace

double power_law_decibels(const PowerLaw& law, double frequency) {
  validate_law(law);
  validate_positive(frequency, "frequency [Hz]");
  return law.alpha0 * std::pow(frequency * 1e-6, law.y);
}

double power_law_attenuation(const PowerLaw& law, double frequency) {
  return power_law_decibels(law, frequency) * 100.0 / decibels_per_neper;
}

double power_law_speed(const PowerLaw& law, double speed, double reference, double frequency) {
  validate_positive(speed, "sound speed [m/s]");
  validate_positive(reference, "reference frequency [Hz]");
  const double omega = 2.0 * pi * frequency, omega0 = 2.0 * pi * reference;
  // alpha0 omega^y in Np/m, and each term below of the order of alpha / omega.
  const double here = power_law_attenuation(law, frequency) / omega;
  const double there = power_law_attenuation(law, reference) / omega0;
  const double slowness =
      1.0 / speed + (std::abs(law.y - 1.0) < 1e-9 ? -2.0 / pi * here * std::log(omega / omega0)
                                                  : std::tan(0.5 * pi * law.y) * (here - there));
  WAVESMITH_VALIDATE(
      slowness > 0.0,
      fmt::format(
          "absorption {} dB/(MHz^{} cm) leaves no sound speed at {:.4g} Hz; the law does not "
          "hold over so wide a band",
          law.alpha0, law.y, frequency));
  return 1.0 / slowness;
}

std::complex<double> AbsorbingFluid::wavenumber(double omega) const {
  return omega / speed_inf * std::sqrt(relative_compressibility(relaxations, omega));
}

std::complex<double> AbsorbingFluid::discrete_wavenumber(double omega, double dt) const {
  const double half = 0.5 * omega * dt;
  return 2.0 / dt * std::sin(half) / speed_inf *
         std::sqrt(relative_compressibility(relaxations, 2.0 / dt * std::tan(half)));
}

AbsorbingFluid fit_absorption(const PowerLaw& law, double speed, double reference,
                              double min_frequency, double max_frequency, int count) {
  validate_law(law);
  validate_positive(speed, "sound speed [m/s]");
  validate_positive(min_frequency, "lowest frequency of the absorption [Hz]");
  WAVESMITH_VALIDATE(
      std::isfinite(max_frequency) && min_frequency < max_frequency && reference >= min_frequency &&
          reference <= max_frequency,
      fmt::format("absorption from {:.4g} to {:.4g} Hz with its speed given at {:.4g} Hz; the band "
                  "must not be empty and the reference must lie in it",
                  min_frequency, max_frequency, reference));
  WAVESMITH_VALIDATE(law.y <= 2.0,
                     fmt::format("absorption exponent y is {}; relaxations, whose speed rises with "
                                 "frequency, hold up to 2",
                                 law.y));
  WAVESMITH_VALIDATE(count >= 1 && count <= 8,
                     fmt::format("{} relaxations were asked for; give 1 to 8", count));
  AbsorbingFluid fluid;
  fluid.speed_inf = speed;
  if (law.alpha0 == 0.0) return fluid;

  const auto slowness_squared = [&](double frequency) {
    const double slowness = 1.0 / power_law_speed(law, speed, reference, frequency);
    const double loss = power_law_attenuation(law, frequency) / (2.0 * pi * frequency);
    return slowness * slowness - loss * loss;
  };
  Target target;
  target.omega0 = 2.0 * pi * reference;
  for (int i = 0; i < band_samples; ++i) {
    const double frequency =
        min_frequency * std::pow(max_frequency / min_frequency, i / (band_samples - 1.0));
    target.omega.push_back(2.0 * pi * frequency);
    target.loss.push_back(
        2.0 * power_law_attenuation(law, frequency) /
        (power_law_speed(law, speed, reference, frequency) * target.omega.back()));
    target.change.push_back(slowness_squared(frequency) - slowness_squared(reference));
  }
  // Relaxation times in units of the middle of the band, spread over it to start with.
  const double scale = std::sqrt(target.omega.front() * target.omega.back());
  const double half_width = 0.5 * std::log(target.omega.back() / target.omega.front());
  std::vector<double> start;
  for (int l = 0; l < count; ++l)
    start.push_back(1.2 * half_width * (2.0 * (l + 0.5) / count - 1.0));
  const std::vector<double> low(start.size(), -half_width - 7.0),
      high(start.size(), half_width + 7.0);
  const BoundedFit best = fit_bounded(
      [&](std::span<const double> log_times) {
        std::vector<double> misfit;
        project(target, log_times, scale, &misfit);
        return misfit;
      },
      start, low, high);

  // The unrelaxed speed that gives `speed` at the reference: Re k^2 / omega^2 must match there.
  const std::vector<double> weights = project(target, best.parameters, scale, nullptr);
  double compressibility = slowness_squared(reference);
  for (std::size_t l = 0; l < weights.size(); ++l) {
    const double phase = target.omega0 * std::exp(best.parameters[l]) / scale;
    compressibility -= weights[l] / (1.0 + phase * phase);
  }
  WAVESMITH_VALIDATE(
      compressibility > 0.0,
      fmt::format("absorption {} dB/(MHz^{} cm) is too strong for relaxations at a speed of {:.6g} "
                  "m/s; use a narrower band or a weaker absorption",
                  law.alpha0, law.y, speed));
  fluid.speed_inf = 1.0 / std::sqrt(compressibility);
  for (std::size_t l = 0; l < weights.size(); ++l)
    if (weights[l] > 0.0)
      fluid.relaxations.push_back(
          {weights[l] / compressibility, std::exp(best.parameters[l]) / scale});
  for (const double omega : target.omega) {
    const std::complex<double> k = fluid.wavenumber(omega);
    const double frequency = omega / (2.0 * pi);
    const double wanted = power_law_speed(law, speed, reference, frequency);
    fluid.max_error =
        std::max(fluid.max_error, std::abs(k.imag() / power_law_attenuation(law, frequency) - 1.0));
    fluid.max_speed_error =
        std::max(fluid.max_speed_error, std::abs(omega / k.real() / wanted - 1.0));
  }
  return fluid;
}

FluidUpdate fluid_update(const AbsorbingFluid& fluid, double density, double dt) {
  validate_positive(fluid.speed_inf, "unrelaxed sound speed [m/s]");
  validate_positive(density, "density [kg/m^3]");
  validate_positive(dt, "time step [s]");
  FluidUpdate update;
  double loss = 0.0;
  for (const DebyePole& relaxation : fluid.relaxations) {
    validate_not_negative(relaxation.step, "weight of a relaxation");
    validate_positive(relaxation.time, "time of a relaxation [s]");
    update.relaxations.push_back(debye_update(relaxation, dt));
    loss += update.relaxations.back().b2;
  }
  update.pole = 1.0 / (1.0 + loss);
  update.keep = (1.0 - loss) * update.pole;
  update.divergence = dt * density * fluid.speed_inf * fluid.speed_inf * update.pole;
  return update;
}

}  // namespace wavesmith
