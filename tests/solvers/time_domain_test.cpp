// Spectra against exact discrete solutions; what is refused.
#include "solvers/time_domain.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "core/error.hpp"
#include "solvers/place_medium.hpp"
#include "tests/solvers/time_domain_scenes.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;
using namespace time_domain_scenes;

Axis cells(int n) {
  return uniform_axis(0.0, n, n);
}

// Amplitude behind a slab of nodes begin .. end - 1 in one dimension per incident one, exactly:
// with p ~ exp(-i omega t) the difference equations are, width the cells',
//   p_{i+1} + p_{i-1} - 2 p_i = -4 s^2 eps_i p_i,   s = sin(omega dt / 2) width / (c dt),
// solved from a unit wave behind the slab to the front.
Complex exact_transmission(int begin, int end, Complex eps, double s) {
  const double k = 2.0 * std::asin(s);  // times the width
  Complex right = std::polar(1.0, k * (end + 1)), here = std::polar(1.0, k * end);
  for (int i = end; i >= begin - 1; --i) {
    const Complex left = (2.0 - 4.0 * s * s * (i >= begin && i < end ? eps : 1.0)) * here - right;
    right = here;
    here = left;
  }
  // Nodes begin - 2 and begin - 1 hold a e^{ikx} + b e^{-ikx}.
  const double x = begin - 2;
  const Complex a = (right - here * std::polar(1.0, -k)) /
                    (std::polar(1.0, k * (x + 1)) - std::polar(1.0, k * (x - 1)));
  return 1.0 / a;
}

// p = Ez, C = 1 / permittivity, unit cells.
TEST(TimeDomain, SlabTransmissionIsThatOfTheDifferenceEquations) {
  const int n = 300, begin = 140, end = 157;
  const double dt = 0.9, eps = 6.25;
  const std::vector<double> frequencies = {0.015, 0.025, 0.04};
  const auto spectrum = [&](bool slab) {
    TimeDomainSetup setup;
    setup.system = WaveSystem::scalar;
    setup.grid.axes = {cells(n), Axis{}, Axis{}};
    setup.boundaries.faces[0] = {Boundary::absorbing, Boundary::absorbing};
    setup.boundaries.layer.cells = 60;
    setup.speed = 1.0;
    setup.dt = dt;
    if (slab) {
      setup.coefficient[0].assign(n, 1.0);
      for (int i = begin; i < end; ++i)
        setup.coefficient[0][static_cast<std::size_t>(i)] = 1.0 / eps;
    }
    setup.sources.push_back({0, {{70, 0, 0}, {71, 1, 1}}, 1, {1.0}, burst(0.025)});
    setup.monitors.push_back({0, {{220, 0, 0}, {221, 1, 1}}, frequencies, 2});
    TimeDomain march(std::move(setup));
    march.run(6000);
    return std::vector<Complex>(march.spectrum(0).begin(), march.spectrum(0).end());
  };
  const std::vector<Complex> with = spectrum(true), without = spectrum(false);
  for (std::size_t f = 0; f < frequencies.size(); ++f) {
    const double s = std::sin(pi * frequencies[f] * dt) / dt;
    const Complex expected = exact_transmission(begin, end, eps, s);
    const Complex found = with[f] / without[f];
    std::printf("f = %.3f: transmission %.8f, exact %.8f\n", frequencies[f], std::norm(found),
                std::norm(expected));
    EXPECT_LT(std::abs(found - expected), 1e-6) << frequencies[f];
  }
}

// A slab of metal, glass or water in one dimension, in SI units, against the difference equations
// with the permittivity that the recursion has exactly.
TEST(TimeDomain, DispersiveSlabTransmitsWhatItsRecursionSays) {
  const int n = 320, begin = 150, end = 157;
  const double width = 10e-9, speed = 299792458.0;
  const auto medium_named = [](const char* name, double eps_inf) {
    DispersiveMedium medium;
    medium.name = name;
    medium.eps_inf = eps_inf;
    return medium;
  };
  DispersiveMedium drude = medium_named("metal", 3.0);
  drude.lorentz = {{0.0, 1e14, 1.5e31}};
  DispersiveMedium lorentz = medium_named("dye", 2.0);
  lorentz.conductivity = 2e3;
  lorentz.lorentz = {{3.2e15, 2e14, 3e30}, {5e15, 1e14, 4e30}};
  DispersiveMedium debye = medium_named("liquid", 1.8);
  debye.debye = {{2.0, 3e-16}, {0.5, 2e-15}};
  for (const DispersiveMedium& medium : {drude, lorentz, debye}) {
    const std::vector<double> frequencies = {3.5e14, 5e14, 6.5e14};
    double dt = 0.0;
    const auto spectrum = [&](bool slab) {
      TimeDomainSetup setup;
      setup.system = WaveSystem::scalar;
      setup.grid.axes = {uniform_axis(0.0, n * width, n), Axis{}, Axis{}};
      setup.boundaries.faces[0] = {Boundary::absorbing, Boundary::absorbing};
      setup.boundaries.layer.cells = 60;
      setup.dt = dt = 0.7 * courant_limit(setup.grid, speed);
      if (slab) place_medium(setup, {{begin, 0, 0}, {end, 1, 1}}, medium);
      setup.sources.push_back({0, {{80, 0, 0}, {81, 1, 1}}, 1, {1.0}, burst(5e14)});
      setup.monitors.push_back({0, {{220, 0, 0}, {221, 1, 1}}, frequencies, 1});
      TimeDomain march(std::move(setup));
      march.run(20000);
      return std::vector<Complex>(march.spectrum(0).begin(), march.spectrum(0).end());
    };
    const std::vector<Complex> with = spectrum(true), without = spectrum(false);
    for (std::size_t f = 0; f < frequencies.size(); ++f) {
      const double s = std::sin(pi * frequencies[f] * dt) * width / (speed * dt);
      const Complex eps = discrete_permittivity(medium, 2.0 * pi * frequencies[f], dt);
      const Complex expected = exact_transmission(begin, end, eps, s);
      const Complex found = with[f] / without[f];
      std::printf("%s, %.0f THz: transmission %.8f, exact %.8f\n", medium.name.c_str(),
                  frequencies[f] / 1e12, std::norm(found), std::norm(expected));
      EXPECT_LT(std::abs(found - expected), 1e-6) << medium.name;
    }
  }
}

TEST(TimeDomain, MediaThatCannotBePlacedAreErrors) {
  TimeDomainSetup setup;
  setup.grid.axes = {uniform_axis(0.0, 1e-7, 10), uniform_axis(0.0, 1e-7, 10),
                     uniform_axis(0.0, 1e-7, 10)};
  setup.dt = 0.9 * courant_limit(setup.grid, 299792458.0);
  DispersiveMedium medium;
  medium.name = "metal";
  medium.lorentz = {{0.0, 1e14, 1e30}};
  place_medium(setup, {{2, 2, 2}, {5, 5, 5}}, medium);
  EXPECT_EQ(setup.poles.size(), 3U);
  EXPECT_THROW(place_medium(setup, {{4, 4, 4}, {6, 6, 6}}, medium), InputError);
  EXPECT_THROW(place_medium(setup, {{7, 7, 7}, {11, 8, 8}}, medium), InputError);
  medium.lorentz = {{1e18, 1e14, 1e30}};
  EXPECT_THROW(place_medium(setup, {{7, 7, 7}, {8, 8, 8}}, medium), InputError);
}

TEST(TimeDomain, SinglePrecisionFollowsDouble) {
  TimeDomainSetup setup = setup_of(scenes()[0], 5);
  const double exact = loss_of(setup, 200);
  setup.precision = Precision::f32;
  EXPECT_NEAR(loss_of(setup, 200), exact, 1e-4 * std::abs(exact));
}

TEST(TimeDomain, GrowthStopsTheRunAndSaysWhere) {
  TimeDomainSetup setup = setup_of(scenes()[2], 9);
  setup.coefficient[0].assign(setup.coefficient[0].size(), 4.0);
  setup.coefficient[1] = setup.coefficient[2] = setup.coefficient[0];
  TimeDomain march(std::move(setup));
  try {
    march.run(20000);
    FAIL();
  } catch (const NumericsError& error) {
    EXPECT_NE(std::string(error.what()).find("after step"), std::string::npos);
  }
}

TEST(TimeDomain, SetupsThatCannotWorkAreErrors) {
  const TimeDomainSetup good = setup_of(scenes()[0], 1);
  const auto fails = [](const TimeDomainSetup& setup) {
    EXPECT_THROW(TimeDomain march(setup), InputError);
  };
  TimeDomainSetup late = good;
  late.dt *= 1.2;
  fails(late);
  TimeDomainSetup outside = good;
  outside.monitors[0].box.end[1] = 99;
  fails(outside);
  TimeDomainSetup coarse = good;
  coarse.monitors[0].every = 40;
  fails(coarse);
  TimeDomainSetup few = good;
  few.coefficient[0].resize(7);
  fails(few);
  TimeDomainSetup weightless = good;
  weightless.sources[0].weights.clear();
  fails(weightless);
}

}  // namespace
}  // namespace wavesmith
