#include "solvers/sampling_audit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/error.hpp"
#include "solvers/plane_wave.hpp"

namespace wavesmith {
namespace {

constexpr double refuse_below = 6.0;   // [dB]
constexpr double warn_below = 20.0;    // [dB]
constexpr double beyond_doubt = 60.0;  // [dB] differences above this decide nothing
constexpr std::array paddings{2.0, 3.0, 4.0, 6.0, 8.0};
constexpr std::array exact_methods{PropagationMethod::angular_spectrum,
                                   PropagationMethod::band_limited,
                                   PropagationMethod::rayleigh_sommerfeld};

PropagationMethod best_method(const PowerBudget& budget, bool periodic) {
  PropagationMethod best = PropagationMethod::angular_spectrum;
  for (const PropagationMethod method : exact_methods) {
    if (periodic && method == PropagationMethod::rayleigh_sommerfeld) continue;
    if (std::min(budget.signal_to_noise(method), beyond_doubt) >
        std::min(budget.signal_to_noise(best), beyond_doubt))
      best = method;
  }
  return best;
}

// Largest lateral walk of the waves in the band of the samples, over half of the DFT window.
double transfer_sampling(double spacing, double wavelength, double distance, double window) {
  const double sine = 0.5 * wavelength / spacing;
  if (distance == 0.0) return std::numeric_limits<double>::infinity();
  if (sine >= 1.0) return 0.0;  // grazing waves walk without end
  return 0.5 * window * std::sqrt(1.0 - sine * sine) / (distance * sine);
}

// Nyquist frequency of the samples over the kernel's frequency sin(theta) / lambda at its edge.
double kernel_sampling(double spacing, double wavelength, double distance, double reach) {
  return 0.5 * wavelength / spacing * std::hypot(reach, distance) / reach;
}

std::string decibel(double value) {
  return format_short(std::round(10.0 * value) / 10.0) + " dB";
}

std::string percent(double value) {
  return format_short(std::round(1000.0 * value) / 10.0) + " %";
}

void describe_sampling(const Gap& gap, SamplingAudit& result) {
  const GridSize grid = convolution_grid(gap);
  const Plane &in = gap.in, &out = gap.out;
  const double reach_x = 0.5 * (in.width() + out.width()) + std::abs(out.x0 - in.x0);
  const double reach_y = 0.5 * (in.height() + out.height()) + std::abs(out.y0 - in.y0);
  const double half = 0.5 * std::max(in.width(), in.height());
  result.fresnel_number = gap.distance > 0.0 ? half * half / (gap.wavelength * gap.distance)
                                             : std::numeric_limits<double>::infinity();
  result.transfer_sampling =
      std::min(transfer_sampling(in.dx, gap.wavelength, gap.distance, grid.nx * in.dx),
               transfer_sampling(in.dy, gap.wavelength, gap.distance, grid.ny * in.dy));
  result.kernel_sampling = std::min(kernel_sampling(in.dx, gap.wavelength, gap.distance, reach_x),
                                    kernel_sampling(in.dy, gap.wavelength, gap.distance, reach_y));

  // The widest angle that the samples carry and that reaches the window.
  const double band = std::hypot(0.5 / in.dx, 0.5 / in.dy) * gap.wavelength;
  const double carried = std::asin(std::min(1.0, band));
  const double lands = std::atan2(std::hypot(reach_x, reach_y), gap.distance);
  const double theta = gap.periodic ? carried : std::min(carried, lands);
  result.paraxial_error =
      0.25 * std::numbers::pi * std::pow(theta, 4) * gap.distance / gap.wavelength;
}

void recommend(const Gap& gap, const PowerSpectrum& spectrum, SamplingAudit& result) {
  Gap trial = gap;
  result.recommended_padding = gap.periodic ? 1.0 : std::max(2.0, gap.padding);
  PowerBudget budget;
  for (const double padding : paddings) {
    if (!gap.periodic && padding < result.recommended_padding) continue;
    trial.padding = padding;
    budget = power_budget(trial, spectrum);
    result.recommended = best_method(budget, gap.periodic);
    if (!gap.periodic) result.recommended_padding = padding;
    if (gap.periodic || budget.signal_to_noise(result.recommended) >= warn_below) break;
  }
  const double snr = budget.signal_to_noise(result.recommended);
  const std::string name = method_name(result.recommended);
  if (gap.periodic)
    result.reason = "periodic planes: " + name + " is exact, nothing leaves the period";
  else
    result.reason = name + " at padding " + format_short(result.recommended_padding) +
                    ": predicted signal-to-noise " + decibel(snr) + "; " +
                    percent(result.landing_fraction) +
                    " of the propagating power lands on the output, transfer function sampled at " +
                    format_short(result.transfer_sampling) + " and kernel at " +
                    format_short(result.kernel_sampling) + " of their Nyquist rates";
}

std::string why(PropagationMethod method, const SamplingAudit& result) {
  switch (method) {
    case PropagationMethod::rayleigh_sommerfeld:
      return "its kernel, sampled at " + format_short(result.kernel_sampling) +
             " of its Nyquist rate, aliases: it sends waves in directions that the field does not "
             "have, or the window is shorter than the linear convolution";
    case PropagationMethod::fresnel:
      return "its paraxial phase is off by up to " + format_short(result.paraxial_error) +
             " rad at the widest angle that lands, besides what wraps round";
    case PropagationMethod::band_limited:
      return "waves that should land are cut off or wrap round in a window this small";
    default:
      return percent(result.wrapped_fraction) +
             " of the propagating power leaves the DFT window and wraps back into the output";
  }
}

void judge(const AuditOptions& options, double padding, SamplingAudit& result) {
  if (result.snr >= warn_below) return;
  const bool refuse = result.snr < refuse_below && !options.allow_undersampled;
  result.verdict = refuse ? Verdict::refuse : Verdict::warn;
  std::string message = std::string("propagation by ") + method_name(result.method) +
                        " has a predicted signal-to-noise of only " + decibel(result.snr) + " (" +
                        why(result.method, result) + ")";
  if (result.recommended != result.method || result.recommended_padding != padding)
    message += "; use " + std::string(method_name(result.recommended)) + " with padding " +
               format_short(result.recommended_padding);
  else
    message += "; sample finer, shorten the gap or widen the output window";
  if (refuse) message += ", or set allow_undersampled = true to run it all the same";
  result.messages.push_back(message);
}

}  // namespace

PropagationMethod choose_method(const Gap& gap, const PowerSpectrum& spectrum) {
  return best_method(power_budget(gap, spectrum), gap.periodic);
}

SamplingAudit audit(const Gap& gap, const AuditOptions& options) {
  const PowerBudget budget = power_budget(gap, options.spectrum);
  SamplingAudit result;
  describe_sampling(gap, result);
  result.propagating_fraction = budget.propagating;
  if (budget.propagating > 0.0) {
    result.landing_fraction = budget.landed / budget.propagating;
    result.wrapped_fraction = budget.angular_spectrum / budget.propagating;
  }
  result.angular_spectrum_snr = budget.signal_to_noise(PropagationMethod::angular_spectrum);
  result.band_limited_snr = budget.signal_to_noise(PropagationMethod::band_limited);
  result.rayleigh_sommerfeld_snr = budget.signal_to_noise(PropagationMethod::rayleigh_sommerfeld);
  result.fresnel_snr = budget.signal_to_noise(PropagationMethod::fresnel);

  result.method =
      gap.method == PropagationMethod::automatic ? best_method(budget, gap.periodic) : gap.method;
  result.snr = budget.signal_to_noise(result.method);
  recommend(gap, options.spectrum, result);
  judge(options, gap.padding, result);
  return result;
}

void require_sampled(const SamplingAudit& audit) {
  if (audit.verdict != Verdict::refuse) return;
  std::string text;
  for (const std::string& message : audit.messages) text += (text.empty() ? "" : "\n") + message;
  throw InputError(text);
}

}  // namespace wavesmith
