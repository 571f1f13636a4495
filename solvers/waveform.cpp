#include "solvers/waveform.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

#include "core/error.hpp"
#include "core/units.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;
constexpr Complex imaginary_unit{0.0, 1.0};

// exp(-half_length^2 / 2) = 1e-10, and (1 - erf(ramp_half)) / 2 = 1e-10.
constexpr double gaussian_half_length = 6.786;
constexpr double ramp_half = 4.4982;

void require_positive(double value, const char* what) {
  WAVESMITH_VALIDATE(value > 0.0 && std::isfinite(value), std::string(what) + " of a waveform is " +
                                                              std::to_string(value) +
                                                              "; it must be positive and finite");
}

// Natural cubic spline: second derivatives at the samples by the tridiagonal system.
std::vector<double> spline_curvatures(const std::vector<double>& t, const std::vector<double>& y) {
  const std::size_t n = t.size();
  std::vector<double> curvature(n, 0.0), upper(n, 0.0), right(n, 0.0);
  for (std::size_t i = 1; i + 1 < n; ++i) {
    const double before = t[i] - t[i - 1], after = t[i + 1] - t[i];
    const double slope_change = (y[i + 1] - y[i]) / after - (y[i] - y[i - 1]) / before;
    const double pivot = 2.0 * (before + after) - before * upper[i - 1];
    upper[i] = after / pivot;
    right[i] = (6.0 * slope_change - before * right[i - 1]) / pivot;
  }
  for (std::size_t i = n - 1; i-- > 1;) curvature[i] = right[i] - upper[i] * curvature[i + 1];
  return curvature;
}

// Its transpose: adds to the cotangents of y what those of the curvatures, which it takes, are.
void pull_back_curvatures(const std::vector<double>& t, std::vector<double> curvature,
                          std::vector<double>& y) {
  const std::size_t n = t.size();
  std::vector<double> upper(n, 0.0), right(n, 0.0);
  for (std::size_t i = 1; i + 1 < n; ++i) {
    const double before = t[i] - t[i - 1], after = t[i + 1] - t[i];
    upper[i] = after / (2.0 * (before + after) - before * upper[i - 1]);
    right[i] = curvature[i];
    curvature[i + 1] -= upper[i] * curvature[i];
  }
  for (std::size_t i = n - 1; i-- > 1;) {
    const double before = t[i] - t[i - 1], after = t[i + 1] - t[i];
    const double pulled = right[i] / (2.0 * (before + after) - before * upper[i - 1]);
    right[i - 1] -= before * pulled;
    y[i + 1] += 6.0 * pulled / after;
    y[i] -= 6.0 * pulled * (1.0 / after + 1.0 / before);
    y[i - 1] += 6.0 * pulled / before;
  }
}

struct Samples {
  std::vector<double> times, values, curvatures;

  // Of the piece between samples j - 1 and j: what they and their curvatures count at t.
  struct Weights {
    double before, after, curvature_before, curvature_after;
  };
  Weights weights(std::size_t j, double t) const {
    const double h = times[j] - times[j - 1];
    const double b = (t - times[j - 1]) / h, a = 1.0 - b;
    return {a, b, a * (a * a - 1.0) * h * h / 6.0, b * (b * b - 1.0) * h * h / 6.0};
  }

  double at(double t) const {
    if (t < times.front() || t > times.back()) return 0.0;
    const auto after = std::upper_bound(times.begin() + 1, times.end() - 1, t);
    return in_piece(static_cast<std::size_t>(after - times.begin()), t);
  }
  double in_piece(std::size_t j, double t) const {
    const Weights w = weights(j, t);
    return w.before * values[j - 1] + w.after * values[j] + w.curvature_before * curvatures[j - 1] +
           w.curvature_after * curvatures[j];
  }

  // Calls work(j, t, factor): the spectrum is the sum of factors times the values at t, in piece j.
  // Of each cubic piece by Gauss's rule with as many points as the angle over it needs.
  template <class Work>
  void integrate(double f, const Work& work) const {
    constexpr std::array<double, 4> node = {0.1834346424956498, 0.5255324099163290,
                                            0.7966664774136267, 0.9602898564975363};
    constexpr std::array<double, 4> weight = {0.3626837833783620, 0.3137066458778873,
                                              0.2223810344533745, 0.1012285362903763};
    for (std::size_t j = 1; j < times.size(); ++j) {
      const double angle = 2.0 * pi * f * (times[j] - times[j - 1]);
      const int pieces = 1 + static_cast<int>(std::min(std::abs(angle) / 3.0, 1000.0));
      const double half = 0.5 * (times[j] - times[j - 1]) / pieces;
      for (int p = 0; p < pieces; ++p) {
        const double middle = times[j - 1] + (2.0 * p + 1.0) * half;
        for (std::size_t g = 0; g < node.size(); ++g)
          for (const double side : {-1.0, 1.0}) {
            const double t = middle + side * node[g] * half;
            work(j, t, half * weight[g] * std::polar(1.0, 2.0 * pi * f * t));
          }
      }
    }
  }

  Complex spectrum(double f) const {
    Complex sum = 0.0;
    integrate(f, [&](std::size_t j, double t, Complex factor) { sum += factor * in_piece(j, t); });
    return sum;
  }
  // The transpose: adds to the cotangents of values and curvatures, in place of both.
  void add_transpose(double f, Complex cotangent) {
    integrate(f, [&](std::size_t j, double t, Complex factor) {
      const double back = (std::conj(cotangent) * factor).real();
      const Weights w = weights(j, t);
      values[j - 1] += w.before * back;
      values[j] += w.after * back;
      curvatures[j - 1] += w.curvature_before * back;
      curvatures[j] += w.curvature_after * back;
    });
  }
};

double ramp_at(double t, double ramp) {
  return 0.5 * (1.0 + std::erf(ramp_half * (2.0 * t / ramp - 1.0)));
}

}  // namespace

Waveform gaussian_pulse(double frequency, double width, double phase) {
  require_positive(frequency, "the frequency");
  require_positive(width, "the width");
  const double w0 = 2.0 * pi * frequency;
  const double s = std::sqrt(2.0 * std::log(2.0)) / (pi * width);  // half maximum at width / 2
  const double t0 = gaussian_half_length * s;
  Waveform pulse;
  pulse.frequency = frequency;
  pulse.end = 2.0 * t0;
  pulse.value = [=](double t) {
    const double x = t - t0;
    if (std::abs(x) > t0) return 0.0;
    const double angle = w0 * x + phase;
    return std::exp(-0.5 * x * x / (s * s)) *
           (std::cos(angle) - x / (s * s * w0) * std::sin(angle));
  };
  pulse.spectrum = [=](double f) {
    const double w = 2.0 * pi * f;
    const auto lobe = [&](double centre) {
      return std::exp(-0.5 * s * s * (w - centre) * (w - centre));
    };
    const Complex turn = std::polar(1.0, phase);
    return -0.5 * w / w0 * s * std::sqrt(2.0 * pi) * std::polar(1.0, w * t0) *
           (turn * lobe(-w0) - std::conj(turn) * lobe(w0));
  };
  return pulse;
}

Waveform ricker_pulse(double frequency) {
  require_positive(frequency, "the frequency");
  const double half = 5.2;  // (1 - 2 q) exp(-q) = -1e-10 at q = 5.2^2
  const double t0 = half / (pi * frequency);
  Waveform pulse;
  pulse.frequency = frequency;
  pulse.end = 2.0 * t0;
  pulse.value = [=](double t) {
    if (t < 0.0 || t > 2.0 * t0) return 0.0;
    const double q = std::pow(pi * frequency * (t - t0), 2);
    return (1.0 - 2.0 * q) * std::exp(-q);
  };
  pulse.spectrum = [=](double f) {
    const double x = f / frequency;
    return 2.0 * x * x / (std::sqrt(pi) * frequency) * std::exp(-x * x) *
           std::polar(1.0, 2.0 * pi * f * t0);
  };
  return pulse;
}

Waveform endless_tone(double frequency, double ramp, double phase) {
  require_positive(frequency, "the frequency");
  require_positive(ramp, "the ramp");
  Waveform tone;
  tone.frequency = frequency;
  tone.end = ramp;
  tone.period = 1.0 / frequency;
  tone.value = [=](double t) {
    return t < 0.0 ? 0.0 : ramp_at(t, ramp) * std::sin(2.0 * pi * frequency * t + phase);
  };
  tone.stopped = [=](double longer) {
    return tone_burst(frequency, ramp, 2.0 * ramp + longer, phase);
  };
  return tone;
}

Waveform tone_burst(double frequency, double ramp, double length, double phase) {
  require_positive(frequency, "the frequency");
  require_positive(ramp, "the ramp");
  WAVESMITH_VALIDATE(length >= 2.0 * ramp * (1.0 - 1e-12) && std::isfinite(length),
                     "a tone of " + format_quantity(length, Dimension::time) +
                         " has no room for two ramps of " + format_quantity(ramp, Dimension::time) +
                         "; make it longer");
  Waveform tone;
  tone.frequency = frequency;
  tone.end = length;
  tone.value = [=](double t) {
    if (t < 0.0 || t > length) return 0.0;
    return (ramp_at(t, ramp) - ramp_at(t - length + ramp, ramp)) *
           std::sin(2.0 * pi * frequency * t + phase);
  };
  tone.spectrum = [=](double f) {
    // Of the envelope: a box convolved with a Gaussian of width ramp / (2 ramp_half).
    const auto envelope = [&](double w) {
      const double box = length - ramp, x = 0.5 * w * box;
      const double smooth = 0.25 * w * ramp / ramp_half;
      return box * (std::abs(x) < 1e-8 ? 1.0 : std::sin(x) / x) * std::exp(-smooth * smooth) *
             std::polar(1.0, 0.5 * w * length);
    };
    const double w = 2.0 * pi * f, w0 = 2.0 * pi * frequency;
    const Complex turn = std::polar(1.0, phase);
    return (turn * envelope(w + w0) - std::conj(turn) * envelope(w - w0)) / (2.0 * imaginary_unit);
  };
  return tone;
}

Waveform sampled_waveform(const std::vector<double>& times, const std::vector<double>& values) {
  WAVESMITH_VALIDATE(times.size() == values.size() && times.size() >= 3,
                     "a sampled waveform has " + std::to_string(times.size()) + " times and " +
                         std::to_string(values.size()) + " values; give at least three of each");
  for (std::size_t i = 0; i < times.size(); ++i)
    WAVESMITH_VALIDATE(std::isfinite(times[i]) && std::isfinite(values[i]) &&
                           (i == 0 ? times[i] >= 0.0 : times[i] > times[i - 1]),
                       "sample " + std::to_string(i + 1) +
                           " of a waveform is not finite, before time 0, or not later than the "
                           "sample before; sort the samples by time");
  auto samples =
      std::make_shared<const Samples>(Samples{times, values, spline_curvatures(times, values)});
  Waveform waveform;
  waveform.end = times.back();
  waveform.value = [samples](double t) { return samples->at(t); };
  waveform.spectrum = [samples](double f) { return samples->spectrum(f); };
  // The centre of the power spectrum below the Nyquist frequency of the samples on average.
  const double highest = 0.5 * static_cast<double>(times.size() - 1) / (times.back() - times[0]);
  double sum = 0.0, moment = 0.0;
  const int bins = static_cast<int>(std::clamp<std::size_t>(2 * times.size(), 64, 1024));
  for (int i = 1; i <= bins; ++i) {
    const double f = highest * i / bins, power = std::norm(samples->spectrum(f));
    sum += power;
    moment += f * power;
  }
  WAVESMITH_VALIDATE(sum > 0.0, "a sampled waveform is zero throughout");
  waveform.frequency = moment / sum;
  return waveform;
}

double WaveformGradient::along(const Waveform& change) const {
  WAVESMITH_VALIDATE(change.period == 0.0 || stopped_after > 0.0,
                     "a waveform that ends does not change by a tone that does not");
  const Waveform finite = change.period > 0.0 ? change.stopped(stopped_after) : change;
  double sum = 0.0;
  for (std::size_t i = 0; i < frequencies.size(); ++i)
    sum += (std::conj(values[i]) * finite.spectrum(frequencies[i])).real();
  return sum;
}

std::vector<double> pull_back_samples(const std::vector<double>& times,
                                      const WaveformGradient& gradient) {
  const std::vector<double> none(times.size(), 0.0);
  Samples cotangents{times, none, none};
  for (std::size_t i = 0; i < gradient.frequencies.size(); ++i)
    cotangents.add_transpose(gradient.frequencies[i], gradient.values[i]);
  pull_back_curvatures(times, cotangents.curvatures, cotangents.values);
  return cotangents.values;
}

std::array<double, 2> band_of(const Waveform& waveform, double level) {
  if (waveform.period > 0.0) return {waveform.frequency, waveform.frequency};
  // Samples close enough for the structure of a signal of this length, as far as there is anything.
  constexpr double most_samples = 20000.0, farthest = 64.0;
  for (double top = 4.0;; top *= 2.0) {
    const double highest = top * waveform.frequency;
    const double step = std::max(0.125 / waveform.end, highest / most_samples);
    const auto count = static_cast<std::size_t>(highest / step);
    std::vector<double> size(count + 1);
    for (std::size_t i = 0; i <= count; ++i)
      size[i] = std::abs(waveform.spectrum(static_cast<double>(i) * step));
    const double least = level * *std::max_element(size.begin(), size.end());
    std::size_t first = 0, last = count;
    while (first < count && size[first] < least) ++first;
    while (last > first && size[last] < least) --last;
    if (last > count * 3 / 4 && top < farthest) continue;
    // The sample beyond, so that nothing above the level is left out.
    return {static_cast<double>(first > 0 ? first - 1 : 0) * step,
            static_cast<double>(last + 1) * step};
  }
}

Waveform delayed(const Waveform& waveform, double delay) {
  WAVESMITH_VALIDATE(delay >= 0.0 && std::isfinite(delay),
                     "a waveform can only be delayed by a time that is not negative");
  Waveform later = waveform;
  later.end += delay;
  later.value = [value = waveform.value, delay](double t) { return value(t - delay); };
  if (waveform.spectrum)
    later.spectrum = [spectrum = waveform.spectrum, delay](double f) {
      return spectrum(f) * std::polar(1.0, 2.0 * pi * f * delay);
    };
  if (waveform.stopped)
    later.stopped = [stopped = waveform.stopped, delay](double longer) {
      return delayed(stopped(longer), delay);
    };
  return later;
}

}  // namespace wavesmith
