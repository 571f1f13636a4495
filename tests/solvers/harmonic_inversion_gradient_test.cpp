// The derivative of found resonances by the samples: against differences, and against signals whose
// terms move in a known way.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <complex>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/units.hpp"
#include "solvers/harmonic_inversion.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;
using Signal = std::vector<Complex>;

constexpr double dt = 0.1;

struct Term {
  double frequency, decay;
  Complex amplitude;
};

Complex exponent(const Term& term) {
  return {-term.decay, -2.0 * pi * term.frequency};
}

Signal make_signal(const std::vector<Term>& terms, int samples) {
  Signal signal(static_cast<std::size_t>(samples));
  for (int n = 0; n < samples; ++n)
    for (const Term& term : terms)
      signal[static_cast<std::size_t>(n)] += term.amplitude * std::exp(exponent(term) * (n * dt));
  return signal;
}

std::vector<double> real_part(const Signal& signal) {
  std::vector<double> real;
  for (const Complex& value : signal) real.push_back(value.real());
  return real;
}

Signal random_signal(int samples, double size, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0.0, size);
  Signal signal;
  for (int n = 0; n < samples; ++n) {
    const double real = normal(random);
    signal.emplace_back(real, normal(random));
  }
  return signal;
}

double along(const Signal& gradient, const Signal& change) {
  double sum = 0.0;
  for (std::size_t n = 0; n < gradient.size(); ++n)
    sum += (std::conj(gradient[n]) * change[n]).real();
  return sum;
}

// A cotangent for one number of the terms at a time: frequency, decay, both parts of the amplitude.
constexpr int numbers = 4;
ResonanceCotangent cotangent_of(int number) {
  ResonanceCotangent cotangent;
  if (number == 0) cotangent.frequency = 1.0;
  if (number == 1) cotangent.decay = 1.0;
  if (number == 2) cotangent.amplitude = 1.0;
  if (number == 3) cotangent.amplitude = Complex(0.0, 1.0);
  return cotangent;
}
double number_of(const Resonance& resonance, int number) {
  if (number == 0) return resonance.frequency;
  if (number == 1) return resonance.decay;
  return number == 2 ? resonance.amplitude.real() : resonance.amplitude.imag();
}

// The derivative of one number of term k, and what is said of its error.
Signal gradient_of(const Signal& signal, double low, double high, const HarmonicOptions& options,
                   std::size_t k, int number, double* error = nullptr) {
  const auto found = find_resonances(signal, dt, low, high, options);
  std::vector<ResonanceCotangent> cotangents(found.size());
  cotangents.at(k) = cotangent_of(number);
  Signal gradient(signal.size());
  const double left =
      pull_back_resonances(signal, dt, low, high, found, cotangents, gradient, options);
  if (error) *error = left;
  return gradient;
}

struct Case {
  const char* name;
  std::vector<Term> terms;
  double low, high, noise, rank_tolerance, step;
  double spectral_density = 1.2;
};

// Where the numbers are smooth in every sample: silent functions stay dropped at every step (a
// tolerance above the step), or all are kept (functions that differ, noise above the step).
const std::vector<Case> cases = {
    {"one term, silence dropped", {{1.0, 0.02, {0.3, -0.8}}}, 0.8, 1.2, 0.0, 1e-4, 1e-6},
    {"three terms, silence dropped",
     {{0.85, 0.02, 1.0}, {1.0, 0.01, {0.5, 0.6}}, {1.14, 0.015, {0.0, -0.9}}},
     0.7,
     1.3,
     0.0,
     1e-3,
     1e-5},
    {"three terms in noise, all kept",
     {{0.85, 0.02, 1.0}, {1.0, 0.01, {0.5, 0.6}}, {1.14, 0.015, {0.0, -0.9}}},
     0.8,
     1.2,
     1e-2,
     1e-14,
     1e-5,
     0.3},
    {"negative frequencies",
     {{-0.9, 0.02, 1.0}, {-1.1, 0.03, {0.0, 1.0}}},
     -1.3,
     -0.7,
     0.0,
     1e-4,
     1e-6}};

TEST(HarmonicInversionGradient, AgreesWithDifferencesOfEverySample) {
  double worst = 0.0;
  for (const Case& c : cases)
    for (const bool real : {false, true}) {
      // The same terms at -f are neither silent nor well kept.
      if (real && c.noise == 0.0) continue;
      Signal signal = make_signal(c.terms, 601);
      const Signal noise = random_signal(601, c.noise > 0.0 ? c.noise : 1.0, 3);
      Signal change = random_signal(601, 1.0, 7);
      for (std::size_t n = 0; n < signal.size(); ++n) {
        if (c.noise > 0.0) signal[n] += noise[n];
        if (real) signal[n] = signal[n].real(), change[n] = change[n].real();
      }
      HarmonicOptions options;
      options.rank_tolerance = c.rank_tolerance;
      options.least_amplitude = 0.1;
      options.spectral_density = c.spectral_density;
      const auto numbers_at = [&](double step) {
        Signal moved = signal;
        for (std::size_t n = 0; n < moved.size(); ++n) moved[n] += step * change[n];
        return find_resonances(moved, dt, c.low, c.high, options);
      };
      const double h = c.step;
      const auto up = numbers_at(h), down = numbers_at(-h), far_up = numbers_at(2.0 * h),
                 far_down = numbers_at(-2.0 * h);
      ASSERT_EQ(up.size(), c.terms.size()) << c.name;
      for (std::size_t k = 0; k < c.terms.size(); ++k)
        for (int number = 0; number < numbers; ++number) {
          const auto value = [&](const std::vector<Resonance>& of) {
            return number_of(of.at(k), number);
          };
          const double difference =
              (8.0 * (value(up) - value(down)) - (value(far_up) - value(far_down))) / (12.0 * h);
          double left = 0.0;
          const Signal gradient = gradient_of(signal, c.low, c.high, options, k, number, &left);
          const double exact = along(gradient, change);
          // Against the size of the derivative, in the same units, along any such direction.
          double size = 0.0;
          for (const Complex& g : gradient) size += std::norm(g);
          const double off = std::abs(exact - difference) / std::sqrt(size);
          worst = std::max(worst, off);
          EXPECT_LT(off, 1e-6) << c.name << (real ? ", real" : "") << ", term " << k << ", number "
                               << number << ": " << exact << " and " << difference;
          EXPECT_LT(left, 1e-6) << c.name;
        }
    }
  std::printf("differences: %.1e\n", worst);
}

// ds of a signal whose terms move: the chain rule gives back each number's cotangent.
TEST(HarmonicInversionGradient, GivesBackHowTheTermsMove) {
  const std::vector<Term> terms = {
      {0.35, 0.03, 1.0}, {0.61, 0.005, {0.02, 0.01}}, {0.83, 0.0, {0.0, -0.3}}, {0.95, 0.03, 0.7}};
  const int samples = 800;
  std::mt19937 random(5);
  std::uniform_real_distribution<double> draw(-1.0, 1.0);
  double worst = 0.0, left = 0.0;
  for (const bool real : {false, true}) {
    Signal signal = make_signal(terms, samples);
    if (real)
      for (Complex& value : signal) value = 2.0 * value.real();
    const auto found = find_resonances(signal, dt, 0.2, 1.2);
    ASSERT_EQ(found.size(), terms.size());
    // In units of what moves f by a line's resolution: 1 / T for f and the decay, the term's
    // amplitude.
    const auto scale = [&](std::size_t term, int number) {
      return number < 2 ? 1.0 / (samples * dt) : std::abs(terms[term].amplitude);
    };
    std::vector<std::array<double, numbers>> shares(terms.size());
    std::vector<ResonanceCotangent> cotangents(terms.size());
    for (std::size_t k = 0; k < terms.size(); ++k) {
      for (double& share : shares[k]) share = draw(random);
      cotangents[k] = {shares[k][0] / scale(k, 0), shares[k][1] / scale(k, 1),
                       Complex(shares[k][2], shares[k][3]) / scale(k, 2)};
    }
    Signal gradient(signal.size());
    left = std::max(left, pull_back_resonances(signal, dt, 0.2, 1.2, found, cotangents, gradient));
    for (std::size_t k = 0; k < terms.size(); ++k)
      for (int number = 0; number < numbers; ++number) {
        Signal change(signal.size());
        for (std::size_t n = 0; n < change.size(); ++n) {
          const double t = static_cast<double>(n) * dt;
          const Complex unit = std::exp(exponent(terms[k]) * t);
          const Complex value = terms[k].amplitude * unit;
          change[n] = number == 0   ? Complex(0.0, -2.0 * pi * t) * value
                      : number == 1 ? -t * value
                      : number == 2 ? unit
                                    : Complex(0.0, 1.0) * unit;
          if (real) change[n] = 2.0 * change[n].real();
        }
        const double off = std::abs(along(gradient, change) * scale(k, number) -
                                    shares[k][static_cast<std::size_t>(number)]);
        worst = std::max(worst, off);
        EXPECT_LT(off, 1e-6) << (real ? "real, " : "") << "number " << number << " of term " << k;
      }
  }
  std::printf("chain rule: %.1e, left out at most %.1e\n", worst, left);
}

// A loss of all terms of a comb that is cut into windows.
TEST(HarmonicInversionGradient, WideBandsAreCutIntoWindows) {
  std::vector<Term> terms;
  for (int k = 0; k < 30; ++k)
    terms.push_back({0.5 + 0.06 * k, 0.005 + 1e-4 * k, std::polar(1.0 + 0.01 * k, 0.5 * k)});
  const Signal signal = make_signal(terms, 1200);
  const auto found = find_resonances(signal, dt, 0.45, 2.4);
  ASSERT_EQ(found.size(), terms.size());
  std::vector<ResonanceCotangent> cotangents(found.size());
  Signal change(signal.size());
  double expected = 0.0;
  for (std::size_t k = 0; k < terms.size(); ++k) {
    const double df = std::cos(1.0 * static_cast<double>(k)),
                 dg = std::sin(3.0 + 2.0 * static_cast<double>(k));
    cotangents[k] = {
        std::sin(1.0 + static_cast<double>(k)), std::cos(0.3 * static_cast<double>(k)), {}};
    expected += cotangents[k].frequency * df + cotangents[k].decay * dg;
    for (std::size_t n = 0; n < change.size(); ++n) {
      const double t = static_cast<double>(n) * dt;
      change[n] +=
          Complex(-dg, -2.0 * pi * df) * t * terms[k].amplitude * std::exp(exponent(terms[k]) * t);
    }
  }
  // It adds.
  Signal gradient = change;
  const double before = along(gradient, change);
  pull_back_resonances(signal, dt, 0.45, 2.4, found, cotangents, gradient);
  EXPECT_NEAR((along(gradient, change) - before) / expected, 1.0, 1e-6);
}

// Where functions that are not silent are dropped, what is left out is told.
TEST(HarmonicInversionGradient, TellsWhatDroppingLeavesOut) {
  const std::vector<Term> terms = {{0.85, 0.02, 1.0}, {1.0, 0.01, {0.5, 0.6}}, {1.05, 0.05, 0.02}};
  const Signal signal = make_signal(terms, 601);
  double kept = 0.0, dropped = 0.0;
  HarmonicOptions options;
  options.rank_tolerance = 1e-10;
  options.least_amplitude = 0.1;
  gradient_of(signal, 0.7, 1.3, options, 0, 0, &kept);
  options.rank_tolerance = 2e-2;
  options.largest_error = 1e3;
  gradient_of(signal, 0.7, 1.3, options, 0, 0, &dropped);
  std::printf("left out: %.1e of silence, %.1e of a term\n", kept, dropped);
  EXPECT_LT(kept, 1e-6);
  EXPECT_GT(dropped, 1e-5);
}

TEST(HarmonicInversionGradient, OfARealSignalIsTheRealPart) {
  const Signal complex_signal = make_signal({{1.0, 0.02, {0.3, -0.8}}, {1.1, 0.01, 1.0}}, 500);
  const std::vector<double> signal = real_part(complex_signal);
  const Signal same(signal.begin(), signal.end());
  const auto found = find_resonances(signal, dt, 0.8, 1.2);
  ASSERT_EQ(found.size(), 2u);
  const std::vector<ResonanceCotangent> cotangents = {{0.3, -0.7, {0.2, 0.4}}, {1.0, 0.5, {}}};
  std::vector<double> real_gradient(signal.size());
  Signal gradient(signal.size());
  pull_back_resonances(signal, dt, 0.8, 1.2, found, cotangents, real_gradient);
  pull_back_resonances(same, dt, 0.8, 1.2, found, cotangents, gradient);
  EXPECT_EQ(real_gradient, real_part(gradient));
}

TEST(HarmonicInversionGradient, BadInputIsNamed) {
  const Signal signal = make_signal({{1.0, 0.02, 1.0}}, 400);
  const auto found = find_resonances(signal, dt, 0.8, 1.2);
  ASSERT_EQ(found.size(), 1u);
  const std::vector<ResonanceCotangent> one(1, cotangent_of(0)), two(2);
  Signal gradient(signal.size()), brief(10);
  const auto message = [&](std::span<const Resonance> of, std::span<const ResonanceCotangent> by,
                           Signal& into, double high) -> std::string {
    try {
      pull_back_resonances(signal, dt, 0.8, high, of, by, into);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message(found, one, gradient, 1.2), "");
  EXPECT_NE(message(found, two, gradient, 1.2).find("cotangents of 2 of 1 terms"),
            std::string::npos);
  EXPECT_NE(message(found, one, brief, 1.2).find("10 of 400 samples"), std::string::npos);
  EXPECT_NE(message(found, one, gradient, 9.0).find("the band"), std::string::npos);
  std::vector<Resonance> other = found;
  other[0].frequency *= 1.01;
  EXPECT_NE(message(other, one, gradient, 1.2).find("was not found"), std::string::npos);
}

}  // namespace
}  // namespace wavesmith
