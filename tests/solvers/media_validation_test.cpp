// Waves inside of conductors, metals and resonant media, in absorbing fluids, and the third
// harmonic of a weak Kerr medium: against the continuum, to second order in the cell.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <cstdio>

#include "physics/optical_media.hpp"
#include "solvers/place_fluid.hpp"
#include "solvers/place_medium.hpp"
#include "solvers/waveform.hpp"
#include "tests/solvers/validation_fixtures.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

// A line with absorbing ends; a pulse into vacuum or fluid at `from`.
TimeDomainSetup line(double cell, int points, int layer, double speed, double courant) {
  TimeDomainSetup setup;
  setup.system = WaveSystem::scalar;
  setup.speed = speed;
  setup.grid.axes[0] = uniform_axis(0.0, points * cell, points);
  setup.boundaries.faces[0] = {Boundary::absorbing, Boundary::absorbing};
  setup.boundaries.layer.cells = layer;
  setup.dt = courant * courant_limit(setup.grid, speed);
  setup.schedule.threads = 1;
  return setup;
}

GridBox at(int i) {
  return {{i, 0, 0}, {i + 1, 1, 1}};
}

// k between two points from the spectra there, on the branch next to `near` [1/m].
Complex wavenumber(const TimeDomain& march, double distance, Complex near) {
  const Complex ratio = march.spectrum(1)[0] / march.spectrum(0)[0];
  const Complex k = Complex(0.0, -1.0) * std::log(ratio) / distance;
  return k + 2.0 * pi * std::round((near - k).real() * distance / (2.0 * pi)) / distance;
}

struct Absorber {
  DispersiveMedium medium;
  double wavelength;       // in vacuum [m]
  double published = 0.0;  // attenuation of the amplitude, where known [1/m]
};

TEST(MediaValidation, LightDecaysInConductorsMetalsAndDyes) {
  std::vector<Absorber> cases;
  const auto add = [&](const char* name, double wavelength) -> DispersiveMedium& {
    cases.push_back({{}, wavelength});
    cases.back().medium.name = name;
    return cases.back().medium;
  };
  add("10 kS/m", 1e-6).conductivity = 1e4;
  cases.back().published = 1.8100420e6;
  DispersiveMedium& doped = add("glass of 2 kS/m", 1.5e-6);
  doped.eps_inf = 2.25;
  doped.conductivity = 2e3;
  add("Drude metal", 0.7e-6).lorentz = {{0.0, 2e14, 4e31}};
  DispersiveMedium& dye = add("dye", 0.6e-6);
  dye.eps_inf = 2.0;
  dye.lorentz = {{3.2e15, 3e14, 3e30}};
  DispersiveMedium& liquid = add("liquid", 1.2e-6);
  liquid.eps_inf = 1.8;
  liquid.debye = {{2.0, 1.5e-15}};
  for (const char* name : {"gold", "silver"}) cases.push_back({find_optical_medium(name), 0.8e-6});
  for (const Absorber& one : cases) {
    const double frequency = speed_of_light / one.wavelength, omega = 2.0 * pi * frequency;
    const Complex exact =
        omega / speed_of_light * std::sqrt(one.medium.permittivity_at(one.wavelength));
    if (one.published > 0.0) {
      EXPECT_NEAR(exact.imag(), one.published, 0.5);
    }
    std::array<double, 2> error{};
    for (const int level : {0, 1}) {
      // Cells and distances follow the wave inside.
      const int per_radian = 12 << level, distance = 2 * per_radian;
      const double h = 1.0 / (per_radian * std::abs(exact));
      const int wave = static_cast<int>(std::ceil(one.wavelength / h)), layer = wave / 2;
      const int source = layer + 4, face = source + wave / 4;
      const int first = face + per_radian;
      const int points = first + distance + static_cast<int>(12.0 / (exact.imag() * h)) + layer;
      TimeDomainSetup setup = line(h, points, layer, speed_of_light, 0.7);
      place_medium(setup, {{face, 0, 0}, {points, 1, 1}}, one.medium);
      const Waveform pulse = gaussian_pulse(frequency, 0.4 * frequency);
      setup.sources.push_back(
          {0, at(source), 1, {1.0}, [&](int, double t) { return pulse.value(t); }});
      for (const int i : {first, first + distance})
        setup.monitors.push_back({0, at(i), {frequency}, 1});
      TimeDomain march(setup);
      march.run(static_cast<long>((pulse.end + 60.0 / frequency) / setup.dt));
      const Complex found = wavenumber(march, distance * h, exact);
      error[static_cast<std::size_t>(level)] = std::abs(found - exact) / std::abs(exact);
      // 2 / h sin(k h / 2) is the wavenumber with exact derivatives.
      const Complex eps = discrete_permittivity(one.medium, omega, setup.dt);
      const Complex of_scheme = 2.0 / h *
                                std::asin(h / (speed_of_light * setup.dt) *
                                          std::sin(0.5 * omega * setup.dt) * std::sqrt(eps));
      EXPECT_LT(std::abs(found / of_scheme - 1.0), 1e-6) << one.medium.name;
      if (level == 1)
        std::printf("%s: attenuation %.6e /m, exact %.6e\n", one.medium.name.c_str(), found.imag(),
                    exact.imag());
    }
    EXPECT_NEAR(validation::report(one.medium.name.c_str(), error[0], error[1]), 2.0, 0.15);
    EXPECT_LT(error[1], 2e-3) << one.medium.name;
  }
}

// Against the wavenumber of the relaxations, which the power law's fit made.
TEST(MediaValidation, SoundIsAbsorbedToSecondOrder) {
  const double density = 1000.0;
  for (const PowerLaw& law : {PowerLaw{0.5, 1.1}, PowerLaw{0.1, 1.9}, PowerLaw{0.75, 1.5}})
    for (const double frequency : {3e6, 10e6}) {
      const AbsorbingFluid fluid =
          fit_absorption(law, 1540.0, frequency, 0.5 * frequency, 2.0 * frequency, 4);
      const Complex exact = fluid.wavenumber(2.0 * pi * frequency);
      std::array<double, 2> error{};
      double decibels = 0.0;
      for (const int level : {0, 1}) {
        const int cells = 20 << level, distance = 12 * cells, layer = 2 * cells;
        const int source = layer + cells, first = source + cells;
        const double h = 1540.0 / frequency / cells;
        const int points = first + distance + cells + layer;
        TimeDomainSetup setup = line(h, points, layer, fluid.speed_inf, 0.9);
        place_fluid(setup, {{0, 0, 0}, {points, 1, 1}}, {"tissue", fluid, density, 0.0}, density);
        const Waveform pulse = gaussian_pulse(frequency, 0.5 * frequency);
        setup.sources.push_back(
            {0, at(source), 1, {1.0}, [&](int, double t) { return pulse.value(t); }});
        for (const int i : {first, first + distance})
          setup.monitors.push_back({0, at(i), {frequency}, 1});
        TimeDomain march(setup);
        march.run(static_cast<long>((pulse.end + 20.0 / frequency) / setup.dt));
        const Complex found = wavenumber(march, distance * h, exact);
        error[static_cast<std::size_t>(level)] = std::abs(found - exact) / std::abs(exact);
        decibels = found.imag() * 20.0 / std::log(10.0) / 100.0;
      }
      const std::string name = fmt::format("{} MHz, y = {}", frequency / 1e6, law.y);
      EXPECT_NEAR(validation::report(name.c_str(), error[0], error[1]), 2.0, 0.15);
      EXPECT_LT(error[1], 2e-3) << name;
      const double expected = power_law_decibels(law, frequency);
      std::printf("  %.5f dB/cm, law %.5f, fitted to %.1e\n", decibels, expected, fluid.max_error);
      EXPECT_NEAR(decibels / expected, 1.0, fluid.max_error + 0.005);
    }
}

// The third harmonic of an undepleted pulse grows with the length: where the pulse has amplitude A,
// E3 = 3 omega chi3 A^3 L / (8 n c), so that with a Gaussian pulse the spectrum at 3 omega is that
// over sqrt(3) times the spectrum's own at omega. On the grid the two waves slip past one another
// by the difference of their speeds: R. W. Boyd, Nonlinear Optics, section 2.7.
TEST(MediaValidation, ThirdHarmonicGrowsAsTheUndepletedWaveSays) {
  for (const double chi3 : {1e-5, 4e-5})
    for (const double index : {1.0, 1.5}) {
      std::array<double, 2> error{};
      const double amplitude = 0.5, length = 3.0, f = 1.0;
      const double exact = 3.0 * 2.0 * pi * f * chi3 * amplitude * amplitude * length /
                           (8.0 * index * std::sqrt(3.0));
      for (const int level : {0, 1}) {
        const int cells = static_cast<int>(80.0 * index) << level;
        TimeDomainSetup setup = line(1.0 / cells, 6 * cells, cells, 1.0, 0.6);
        const GridBox medium{{2 * cells, 0, 0}, {5 * cells, 1, 1}};
        setup.coefficient[0] = {1.0 / (index * index)};
        setup.nonlinear.push_back({0, medium, std::vector<double>(medium.count(), 0.0),
                                   std::vector<double>(medium.count(), chi3 / (index * index))});
        const double width = 6.0 / f, middle = 6.5 * width;
        setup.sources.push_back({0,
                                 at(cells + cells / 2),
                                 1,
                                 {2.0 * amplitude / index * setup.dt * cells},
                                 [=](int, double t) {
                                   const double x = (t - middle) / width;
                                   return std::exp(-0.5 * x * x) *
                                          std::cos(2.0 * pi * f * (t - middle));
                                 }});
        setup.monitors.push_back({0, at(5 * cells + 2), {f, 3.0 * f}, 1});
        TimeDomain march(std::move(setup));
        march.run(static_cast<long>((2.0 * middle + 20.0) * cells / 0.6));
        const double found = std::abs(march.spectrum(0)[1] / march.spectrum(0)[0]);
        error[static_cast<std::size_t>(level)] = std::abs(found / exact - 1.0);
      }
      const std::string name = fmt::format("chi3 {}, index {}", chi3, index);
      EXPECT_GT(validation::report(name.c_str(), error[0], error[1]), 1.8) << name;
      EXPECT_LT(error[1], 3e-3) << name;
    }
}

}  // namespace
}  // namespace wavesmith
