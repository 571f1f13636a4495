#include "physics/acoustic_absorption.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/units.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

TEST(AcousticAbsorption, PowerLawInDecibelsAndNepers) {
  EXPECT_NEAR(power_law_decibels({0.5, 1.1}, 10e6), 6.29463, 5e-6);
  EXPECT_NEAR(power_law_decibels({0.1, 1.9}, 10e6), 7.94328, 5e-6);
  EXPECT_NEAR(power_law_attenuation({1.0, 1.5}, 1e6), 100.0 * std::log(10.0) / 20.0, 1e-9);
}

// The Kramers-Kronig relation with one subtraction, integrated numerically from the law itself:
// 1/c(w) - 1/c(w0) = (2/pi) P int alpha(v) (w^2 - w0^2) / ((v^2 - w^2)(v^2 - w0^2)) dv, 1 < y < 3.
TEST(AcousticAbsorption, SpeedObeysKramersKronig) {
  for (const PowerLaw law : {PowerLaw{0.5, 1.1}, PowerLaw{0.1, 1.9}, PowerLaw{0.3, 1.5}}) {
    const double c0 = 1500.0, f0 = 1e6, f = 5e6;
    // In units of 1 MHz; the poles at f0 and f are taken out by subtracting their residues, whose
    // own principal values over (0, infinity) vanish: P int dv / (v^2 - a^2) = 0.
    const double a = f * 1e-6, b = f0 * 1e-6;
    const auto alpha = [&](double v) { return std::pow(v, law.y); };
    double integral = 0.0;
    const int steps = 400000;
    const double low = std::log(1e-6), high = std::log(1e9);
    for (int i = 0; i < steps; ++i) {
      const double v = std::exp(low + (high - low) * (i + 0.5) / steps);
      const double regular =
          (alpha(v) - alpha(a)) / (v * v - a * a) - (alpha(v) - alpha(b)) / (v * v - b * b);
      integral += regular * v * (high - low) / steps;
    }
    const double per_mhz = power_law_attenuation(law, 1e6) / (2.0 * pi * 1e6);
    const double slowness = 1.0 / c0 + 2.0 / pi * per_mhz * integral;
    const double change = 1.0 / power_law_speed(law, c0, f0, f) - 1.0 / c0;
    EXPECT_NEAR((slowness - 1.0 / c0) / change, 1.0, 5e-3) << law.y;
  }
  // y = 1 is the limit of its neighbours.
  EXPECT_NEAR(power_law_speed({0.5, 1.0}, 1500.0, 1e6, 5e6),
              power_law_speed({0.5, 1.0 + 1e-6}, 1500.0, 1e6, 5e6), 1e-4);
}

TEST(AcousticAbsorption, RelaxationsFollowTheLawAndItsSpeed) {
  struct Case {
    PowerLaw law;
    double low, high;
    int count;
    double error;
  };
  const Case cases[] = {{{0.5, 1.1}, 1e6, 10e6, 3, 0.02},    {{0.1, 1.9}, 1e6, 10e6, 3, 0.01},
                        {{0.5, 1.1}, 0.5e6, 12e6, 4, 0.01},  {{0.75, 1.5}, 0.3e6, 3e6, 3, 0.02},
                        {{0.0022, 2.0}, 1e6, 10e6, 2, 0.01}, {{0.3, 1.0}, 1e6, 10e6, 4, 0.005}};
  for (const Case& c : cases) {
    const double reference = std::sqrt(c.low * c.high);
    const AbsorbingFluid fluid = fit_absorption(c.law, 1540.0, reference, c.low, c.high, c.count);
    EXPECT_LE(fluid.max_error, c.error) << c.law.alpha0 << " " << c.law.y;
    EXPECT_LE(fluid.max_speed_error, 2e-5) << c.law.alpha0 << " " << c.law.y;
    EXPECT_LE(fluid.relaxations.size(), static_cast<std::size_t>(c.count));
    for (const DebyePole& relaxation : fluid.relaxations) {
      EXPECT_GT(relaxation.step, 0.0);
      EXPECT_GT(relaxation.time, 0.0);
    }
    // Independent of the fields max_error: between the samples of the fit, and the speed exactly
    // at the reference.
    for (int i = 1; i < 20; ++i) {
      const double f = c.low * std::pow(c.high / c.low, i / 20.0 + 0.013);
      EXPECT_NEAR(fluid.wavenumber(2.0 * pi * f).imag() / power_law_attenuation(c.law, f), 1.0,
                  1.1 * c.error);
    }
    const double omega = 2.0 * pi * reference;
    EXPECT_NEAR(omega / fluid.wavenumber(omega).real(), 1540.0, 1540.0 * 1e-5);
  }
}

TEST(AcousticAbsorption, MoreRelaxationsFollowMoreClosely) {
  double before = 1.0, speed_before = 1.0;
  for (const int count : {1, 2, 3, 4}) {
    const AbsorbingFluid fluid = fit_absorption({0.5, 1.1}, 1540.0, 3e6, 1e6, 10e6, count);
    EXPECT_LT(fluid.max_error, 0.6 * before) << count;
    EXPECT_LT(fluid.max_speed_error, 0.8 * speed_before) << count;
    before = fluid.max_error;
    speed_before = fluid.max_speed_error;
  }
}

// The recursion driven by a tone: its compressibility must be that of discrete_wavenumber.
TEST(AcousticAbsorption, DiscreteWavenumberIsThatOfTheRecursion) {
  const AbsorbingFluid fluid = fit_absorption({0.5, 1.1}, 1540.0, 3e6, 1e6, 10e6, 3);
  const double density = 1000.0, dt = 2e-9, omega = 2.0 * pi * 4e6;
  const FluidUpdate update = fluid_update(fluid, density, dt);
  const Complex step = std::exp(Complex(0.0, -omega * dt));
  std::vector<Complex> r(update.relaxations.size());
  Complex pressure = 1.0, divergence, before;
  for (int n = 0; n < 20000; ++n) {
    const Complex next = pressure * step;
    Complex memory = 0.0;
    for (std::size_t l = 0; l < r.size(); ++l) memory += update.relaxations[l].decay * r[l];
    divergence = (update.keep * pressure + update.pole * memory - next) / update.divergence;
    for (std::size_t l = 0; l < r.size(); ++l)
      r[l] = update.relaxations[l].b1 * r[l] + update.relaxations[l].b2 * (next + pressure);
    before = pressure;
    pressure = next;
  }
  // -div v = kappa (p_new - p) / dt, and k^2 = rho kappa Omega^2 with Omega the leapfrog frequency.
  const Complex kappa = -divergence * dt / (pressure - before);
  const double leapfrog = 2.0 / dt * std::sin(0.5 * omega * dt);
  const Complex k = leapfrog * std::sqrt(density * kappa);
  const Complex expected = fluid.discrete_wavenumber(omega, dt);
  EXPECT_LT(std::abs(k - expected), 1e-10 * std::abs(expected));
  EXPECT_NEAR(std::abs(fluid.discrete_wavenumber(omega, 1e-13) / fluid.wavenumber(omega)), 1.0,
              1e-10);
}

TEST(AcousticAbsorption, BadInputIsRefused) {
  EXPECT_THROW(fit_absorption({-0.5, 1.1}, 1540.0, 1e6, 1e6, 2e6), InputError);
  EXPECT_THROW(fit_absorption({0.5, 3.1}, 1540.0, 1e6, 1e6, 2e6), InputError);
  EXPECT_THROW(fit_absorption({0.5, 1.1}, 0.0, 1e6, 1e6, 2e6), InputError);
  EXPECT_THROW(fit_absorption({0.5, 1.1}, 1540.0, 3e6, 1e6, 2e6), InputError);
  EXPECT_THROW(fit_absorption({0.5, 1.1}, 1540.0, 1e6, 2e6, 1e6), InputError);
  EXPECT_THROW(fit_absorption({0.5, 1.1}, 1540.0, 1e6, 1e6, 2e6, 20), InputError);
  EXPECT_THROW(fit_absorption({1e7, 1.1}, 1540.0, 1e6, 1e6, 2e6), InputError);
  const AbsorbingFluid lossless = fit_absorption({0.0, 1.5}, 1540.0, 1e6, 1e6, 2e6);
  EXPECT_TRUE(lossless.relaxations.empty());
  EXPECT_EQ(lossless.speed_inf, 1540.0);
}

}  // namespace
}  // namespace wavesmith
