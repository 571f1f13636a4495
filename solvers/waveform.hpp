// Signals of sources in time: pulses, tones, samples.
//
// Every waveform is zero before t = 0 and begins below 1e-10 of its peak, so that it switches
// nothing on. Spectra are S(f) = integral of value(t) exp(+2 pi i f t) dt.
//
//   gaussian   d/dt [a sin(b)] / w0, a = exp(-(t - t0)^2 / (2 s^2)), b = w0 (t - t0) + phase: about
//              a cos(b), with nothing at f = 0
//   ricker     (1 - 2 q) exp(-q),  q = (pi f (t - t0))^2
//   tone       r(t) sin(2 pi f t + phase), r = (1 + erf) / 2 rising over `ramp`
//   sampled    a cubic spline through samples, zero outside of them
#pragma once

#include <array>
#include <complex>
#include <functional>
#include <vector>

namespace wavesmith {

struct Waveform {
  std::function<double(double time)> value;                        // time [s]
  std::function<std::complex<double>(double frequency)> spectrum;  // none for an endless tone
  double frequency = 0.0;  // that it is made for: the centre of its band [Hz]
  double end = 0.0;        // after it the value is below 1e-10 of the peak [s], or
  double period = 0.0;     // repeats with this period, where not zero [s]: an endless tone
  // The tone stopped as it began, some time after `end` [s]; only for an endless tone.
  std::function<Waveform(double longer)> stopped;
};

// All throw InputError where a number makes no signal.
//
// width: of the amplitude spectrum at half of its maximum [Hz], for narrow pulses.
Waveform gaussian_pulse(double frequency, double width, double phase = 0.0);
Waveform ricker_pulse(double frequency);  // the peak of its spectrum [Hz]
Waveform endless_tone(double frequency, double ramp, double phase = 0.0);
// Lasts `length` [s], both ramps included, which must fit into it.
Waveform tone_burst(double frequency, double ramp, double length, double phase = 0.0);
// Times rise from 0 on [s].
Waveform sampled_waveform(const std::vector<double>& times, const std::vector<double>& values);

// The derivative of a loss by a waveform's spectrum, dL = sum of Re(conj(values[i]) dS(frequencies
// [i])).
struct WaveformGradient {
  std::vector<double> frequencies;  // [Hz]
  std::vector<std::complex<double>> values;
  double stopped_after = 0.0;  // of an endless tone, whose spectrum it is when it stops so [s]
  // By a factor of the waveform `change` that is added to it; by that of the waveform itself it is
  // the derivative by the logarithm of its amplitude.
  double along(const Waveform& change) const;
};

// By the values of a sampled waveform: the transpose of what its samples make of its spectrum.
std::vector<double> pull_back_samples(const std::vector<double>& times,
                                      const WaveformGradient& gradient);

// Where |S| is above `level` of its peak, the lowest and the highest frequency [Hz]; of an endless
// tone its frequency, twice.
std::array<double, 2> band_of(const Waveform& waveform, double level = 1e-3);

// The same some seconds later.
Waveform delayed(const Waveform& waveform, double delay);

}  // namespace wavesmith
