// Whether a gap is sampled well enough for its method, before anything is computed.
//
// All numbers come from the geometry and from the power budget of solvers/power_budget.hpp; nothing
// is propagated. A verdict is a matter of the predicted signal-to-noise ratio (power of the right
// field in the output window over the power of the error):
//
//   refuse   below 6 dB (error field above half of the field), unless allow_undersampled
//   warn     below 20 dB (error field above a tenth)
#pragma once

#include <string>
#include <vector>

#include "solvers/power_budget.hpp"
#include "solvers/transfer_function.hpp"

namespace wavesmith {

struct AuditOptions {
  PowerSpectrum spectrum;           // what the input looks like; default: a random-phase layer
  bool allow_undersampled = false;  // warn where the audit would refuse
};

enum class Verdict { ok, warn, refuse };

struct SamplingAudit {
  double fresnel_number = 0.0;  // (half width)^2 / (lambda z) of the input, wider axis
  // Nyquist rate over the fastest phase rate, worse axis: sampled where >= 1.
  double transfer_sampling = 0.0;  // of exp(i k_z z) on the DFT grid, over the band of the samples
  double kernel_sampling = 0.0;    // of the Rayleigh-Sommerfeld kernel on the samples

  double propagating_fraction = 0.0;  // of the input's power
  double landing_fraction = 0.0;      // of the propagating power: reaches the output window
  double wrapped_fraction = 0.0;  // of the propagating power: the angular spectrum brings back in
  double paraxial_error = 0.0;    // [rad] pi/4 theta^4 z / lambda at the widest angle that lands

  // Predicted signal-to-noise [dB], at most 150.
  double angular_spectrum_snr = 0.0, band_limited_snr = 0.0, rayleigh_sommerfeld_snr = 0.0,
         fresnel_snr = 0.0;

  PropagationMethod method = PropagationMethod::angular_spectrum;  // the one asked for, or chosen
  double snr = 0.0;                                                // of that one
  PropagationMethod recommended = PropagationMethod::angular_spectrum;
  double recommended_padding = 2.0;
  std::string reason;  // of the recommendation, one sentence

  Verdict verdict = Verdict::ok;
  std::vector<std::string> messages;  // what, why, what to do; empty when ok
};

SamplingAudit audit(const Gap& gap, const AuditOptions& options = {});

// The method that `automatic` stands for: the highest predicted signal-to-noise of the three exact
// ones at the gap's padding; where several are beyond 60 dB, the angular spectrum.
PropagationMethod choose_method(const Gap& gap, const PowerSpectrum& spectrum = {});

// Throws InputError with the audit's messages when it refuses.
void require_sampled(const SamplingAudit& audit);

}  // namespace wavesmith
