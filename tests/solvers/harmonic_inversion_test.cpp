// Sums of decaying exponentials with known terms.
#include "solvers/harmonic_inversion.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <limits>
#include <random>
#include <vector>

#include "core/error.hpp"
#include "core/units.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

struct Term {
  double frequency;  // [Hz]
  double quality;    // of the decay
  Complex amplitude;
  double decay() const { return pi * std::abs(frequency) / quality; }
};

std::vector<Complex> make_signal(const std::vector<Term>& terms, int samples, double dt,
                                 double noise = 0.0, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0.0, noise > 0.0 ? noise : 1.0);
  std::vector<Complex> signal;
  for (int n = 0; n < samples; ++n) {
    Complex value = 0.0;
    for (const Term& term : terms)
      value += term.amplitude * std::exp(-term.decay() * n * dt) *
               std::polar(1.0, -2.0 * pi * term.frequency * n * dt);
    if (noise > 0.0) value += Complex(normal(random), normal(random));
    signal.push_back(value);
  }
  return signal;
}

std::vector<double> real_part(const std::vector<Complex>& signal) {
  std::vector<double> real;
  for (const Complex& value : signal) real.push_back(value.real());
  return real;
}

TEST(HarmonicInversion, RecoversOneTermOfAnyQuality) {
  for (const double quality : {10.0, 100.0, 1e4, 1e6})
    for (const double frequency : {0.23, 1.0, 1.37})
      for (const bool real : {false, true}) {
        const Term term{frequency, quality, {0.3, -0.8}};
        const double dt = 0.1;
        const auto signal = make_signal({term}, 1200, dt);
        const auto found = real ? find_resonances(real_part(signal), dt, 0.1, 2.0)
                                : find_resonances(signal, dt, 0.1, 2.0);
        ASSERT_EQ(found.size(), 1u) << "Q = " << quality << ", f = " << frequency;
        EXPECT_NEAR(found[0].frequency / frequency, 1.0, 1e-9);
        EXPECT_NEAR(found[0].decay / (2.0 * pi * frequency), 0.5 / quality, 1e-11);
        EXPECT_NEAR(found[0].quality / quality, 1.0, 1e-4);
        const Complex amplitude = (real ? 0.5 : 1.0) * term.amplitude;
        EXPECT_LT(std::abs(found[0].amplitude - amplitude), 1e-7);
        EXPECT_LT(found[0].error, 1e-9);
      }
}

TEST(HarmonicInversion, RecoversManyTermsOfUnequalStrength) {
  const std::vector<Term> terms = {{0.35, 30.0, 1.0},          {0.61, 400.0, {0.02, 0.01}},
                                   {0.83, 1e5, {0.0, -0.3}},   {0.95, 90.0, 0.7},
                                   {1.40, 2e3, {1e-5, -1e-5}}, {2.10, 55.0, 0.4}};
  const auto signal = make_signal(terms, 1500, 0.12);
  const auto found = find_resonances(signal, 0.12, 0.2, 2.5);
  ASSERT_EQ(found.size(), terms.size());
  for (std::size_t k = 0; k < terms.size(); ++k) {
    EXPECT_NEAR(found[k].frequency / terms[k].frequency, 1.0, 1e-8);
    EXPECT_NEAR(found[k].decay / terms[k].decay(), 1.0, 1e-3);
    EXPECT_LT(std::abs(found[k].amplitude - terms[k].amplitude), 1e-6);
  }
}

TEST(HarmonicInversion, TellsLinesApartBelowTheFourierLimit) {
  // 50 periods; the Fourier limit is 0.02, the lines are 0.002 apart.
  const std::vector<Term> terms = {{1.000, 1000.0, 1.0}, {1.002, 300.0, {0.0, 0.5}}};
  const auto found = find_resonances(make_signal(terms, 500, 0.1), 0.1, 0.9, 1.1);
  ASSERT_EQ(found.size(), 2u);
  for (std::size_t k = 0; k < 2; ++k) {
    EXPECT_NEAR(found[k].frequency, terms[k].frequency, 1e-6);
    EXPECT_NEAR(found[k].quality / terms[k].quality, 1.0, 1e-2);
    EXPECT_LT(std::abs(found[k].amplitude - terms[k].amplitude), 1e-2);
  }
}

TEST(HarmonicInversion, NoiseIsReportedByTheError) {
  const Term term{1.0, 200.0, 1.0};
  for (unsigned seed = 1; seed <= 10; ++seed) {
    const auto signal = make_signal({term}, 800, 0.1, 1e-3, seed);
    const auto found = find_resonances(signal, 0.1, 0.8, 1.2, {.least_amplitude = 0.05});
    ASSERT_EQ(found.size(), 1u);
    // Cramer-Rao: about noise / amplitude / (duration of the decay)^1.5, here below 1e-5.
    EXPECT_NEAR(found[0].frequency, 1.0, 3e-5);
    EXPECT_NEAR(found[0].quality / 200.0, 1.0, 2e-2);
    EXPECT_LT(std::abs(found[0].frequency - 1.0), 30.0 * found[0].error + 1e-6);
  }
}

TEST(HarmonicInversion, BandEdgesDecideWhatIsReturned) {
  const std::vector<Term> terms = {{0.50, 100.0, 1.0}, {1.00, 100.0, 1.0}, {1.50, 100.0, 1.0}};
  const auto signal = make_signal(terms, 800, 0.1);
  EXPECT_EQ(find_resonances(signal, 0.1, 0.999, 1.001).size(), 1u);
  EXPECT_EQ(find_resonances(signal, 0.1, 0.9, 1.0 + 1e-6).size(), 1u);
  EXPECT_EQ(find_resonances(signal, 0.1, 1.0 - 1e-6, 1.6).size(), 2u);
  EXPECT_EQ(find_resonances(signal, 0.1, 1.0 + 1e-6, 1.4).size(), 0u);
  EXPECT_EQ(find_resonances(signal, 0.1, 0.6, 0.9).size(), 0u);
  EXPECT_EQ(find_resonances(signal, 0.1, -2.0, -0.1).size(), 0u);
  EXPECT_EQ(find_resonances(signal, 0.1, 0.1, 4.9).size(), 3u);
}

TEST(HarmonicInversion, NegativeFrequenciesOfAComplexSignal) {
  const Term term{-0.7, 50.0, {0.5, 0.5}};
  const auto found = find_resonances(make_signal({term}, 600, 0.1), 0.1, -1.0, -0.5);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NEAR(found[0].frequency, -0.7, 1e-9);
  EXPECT_NEAR(found[0].quality, 50.0, 1e-5);
}

// A wide band is cut into windows: the comb must come out whole, each line once.
TEST(HarmonicInversion, WideBandsAreCutIntoWindows) {
  std::vector<Term> terms;
  for (int k = 0; k < 60; ++k)
    terms.push_back({0.5 + 0.06 * k, 300.0 + 20.0 * k, std::polar(1.0 + 0.01 * k, 0.5 * k)});
  const auto signal = make_signal(terms, 2400, 0.1);
  const auto found = find_resonances(signal, 0.1, 0.45, 4.5);
  ASSERT_EQ(found.size(), terms.size());
  for (std::size_t k = 0; k < terms.size(); ++k) {
    EXPECT_NEAR(found[k].frequency, terms[k].frequency, 1e-7);
    EXPECT_NEAR(found[k].quality / terms[k].quality, 1.0, 1e-4);
  }
}

TEST(HarmonicInversion, SilenceAndBadInput) {
  EXPECT_TRUE(find_resonances(std::vector<double>(100, 0.0), 0.1, 0.1, 1.0).empty());
  std::vector<double> signal(100, 1.0);
  EXPECT_THROW(find_resonances(signal, 0.0, 0.1, 1.0), InputError);
  EXPECT_THROW(find_resonances(signal, 0.1, 1.0, 0.5), InputError);
  EXPECT_THROW(find_resonances(signal, 0.1, 1.0, 9.0), InputError);
  EXPECT_THROW(find_resonances(std::vector<double>(5, 1.0), 0.1, 0.1, 1.0), InputError);
  signal[7] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(find_resonances(signal, 0.1, 0.1, 1.0), InputError);
}

}  // namespace
}  // namespace wavesmith
