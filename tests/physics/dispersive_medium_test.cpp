#include "physics/dispersive_medium.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "core/error.hpp"
#include "core/units.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

constexpr double optical = 2.0e15;  // [rad/s]: the scale of the examples

DispersiveMedium medium_of(const char* name, double eps_inf, double conductivity,
                           std::vector<LorentzPole> lorentz, std::vector<DebyePole> debye) {
  DispersiveMedium medium;
  medium.name = name;
  medium.eps_inf = eps_inf;
  medium.conductivity = conductivity;
  medium.lorentz = std::move(lorentz);
  medium.debye = std::move(debye);
  return medium;
}

std::vector<DispersiveMedium> examples() {
  const double w = optical, s = optical * optical;
  return {medium_of("plain", 2.25, 0.0, {}, {}),
          medium_of("conductor", 3.0, 2e4, {}, {}),
          medium_of("drude", 1.0, 0.0, {{0.0, 0.1 * w, 20.0 * s}}, {}),
          medium_of("lorentz", 1.5, 0.0, {{2.0 * w, 0.15 * w, 3.0 * s}}, {}),
          medium_of("debye", 4.9, 0.0, {}, {{30.0, 2.0 / w}}),
          medium_of("all", 1.2, 1e4,
                    {{0.0, 0.2 * w, 9.0 * s}, {1.5 * w, 0.3 * w, 2.0 * s}, {4.0 * w, w, 5.0 * s}},
                    {{2.0, 1.0 / w}, {5.0, 4.0 / w}})};
}

// The state of one cell and the three steps of the header, for real or complex fields.
template <class T>
struct Cell {
  T field{};
  std::vector<T> now, before, debye;

  explicit Cell(const MediumUpdate& update)
      : now(update.lorentz.size()), before(update.lorentz.size()), debye(update.debye.size()) {}

  // Everything that step 2 adds to `keep E + curl (curl H)`, after step 1.
  T polarise(const MediumUpdate& update) {
    T sum{};
    for (std::size_t i = 0; i < now.size(); ++i) {
      const LorentzUpdate& l = update.lorentz[i];
      const T next = l.a1 * now[i] + l.a2 * before[i] + l.a3 * field;
      sum -= update.pole * (next - now[i]);
      before[i] = now[i];
      now[i] = next;
    }
    for (std::size_t i = 0; i < debye.size(); ++i)
      sum += update.pole * update.debye[i].decay * debye[i];
    return sum;
  }
  void relax(const MediumUpdate& update, T next_field) {
    for (std::size_t i = 0; i < debye.size(); ++i)
      debye[i] = update.debye[i].b1 * debye[i] + update.debye[i].b2 * (next_field + field);
    field = next_field;
  }
};

// curl H that makes E a tone, from the recursion itself, once the transient has died.
TEST(DispersiveMedium, DiscretePermittivityIsThatOfTheRecursion) {
  for (const DispersiveMedium& medium : examples())
    for (const double omega : {0.3 * optical, optical, 2.7 * optical}) {
      const double dt = 0.11 / optical;
      const MediumUpdate update = medium_update(medium, dt);
      const Complex step = std::exp(Complex(0.0, -omega * dt));
      Cell<Complex> cell(update);
      cell.field = 1.0;
      Complex eps;
      for (int n = 0; n < 8000; ++n) {
        const Complex poles = cell.polarise(update);
        const Complex next = cell.field * step;
        const Complex curl = (next - update.keep * cell.field - poles) / update.curl;
        eps = curl * dt / (vacuum_permittivity * (next - cell.field));
        cell.relax(update, next);
      }
      const Complex expected = discrete_permittivity(medium, omega, dt);
      EXPECT_LT(std::abs(eps - expected), 1e-11 * std::abs(expected)) << medium.name;
    }
}

TEST(DispersiveMedium, DiscretePermittivityConvergesAtSecondOrder) {
  for (const DispersiveMedium& medium : examples()) {
    if (medium.name == "plain") continue;
    const double omega = 0.9 * optical;
    const auto error = [&](double dt) {
      return std::abs(discrete_permittivity(medium, omega, dt) - medium.permittivity(omega));
    };
    EXPECT_NEAR(std::log2(error(0.02 / optical) / error(0.01 / optical)), 2.0, 0.01) << medium.name;
  }
}

TEST(DispersiveMedium, IsPassiveAndSoIsItsRecursion) {
  for (const DispersiveMedium& medium : examples())
    for (double omega = 0.01 * optical; omega < 30.0 * optical; omega *= 1.3) {
      EXPECT_GE(medium.permittivity(omega).imag(), 0.0);
      const double dt = 0.1 / optical;
      EXPECT_GE(discrete_permittivity(medium, std::min(omega, 3.0 / dt), dt).imag(), 0.0);
    }
}

// Growth of random fields in a periodic 1D grid with the shortest wave (two cells) in it.
double growth(const DispersiveMedium& medium, double dx, double dt) {
  constexpr std::size_t cells = 8;
  const double permeability = 4e-7 * pi;
  const MediumUpdate update = medium_update(medium, dt);
  std::vector<Cell<double>> e(cells, Cell<double>(update));
  std::vector<double> h(cells);
  std::mt19937 random(1);
  for (Cell<double>& cell : e) cell.field = std::uniform_real_distribution<>(-1.0, 1.0)(random);
  double largest = 0.0;
  for (int n = 0; n < 40000; ++n) {
    for (std::size_t i = 0; i < cells; ++i)
      h[i] += dt / (permeability * dx) * (e[(i + 1) % cells].field - e[i].field);
    for (std::size_t i = 0; i < cells; ++i) {
      const double curl = (h[i] - h[(i + cells - 1) % cells]) / dx;
      const double poles = e[i].polarise(update);
      e[i].relax(update, update.keep * e[i].field + update.curl * curl + poles);
      if (n >= 39000) largest = std::max(largest, std::abs(e[i].field));
    }
    if (!(std::abs(e[0].field) < 1e100)) return 1e100;
  }
  return largest;
}

TEST(DispersiveMedium, LargestTimeStepSeparatesStableFromUnstable) {
  const double dx = speed_of_light / optical;
  for (const double scale : {0.2, 1.0})
    for (const DispersiveMedium& medium : examples()) {
      const double spacing = scale * dx;
      const double limit = largest_time_step(medium, 1.0 / (spacing * spacing));
      EXPECT_LT(growth(medium, spacing, 0.998 * limit), 50.0) << medium.name << " " << scale;
      EXPECT_GT(growth(medium, spacing, 1.002 * limit), 1e6) << medium.name << " " << scale;
      EXPECT_NO_THROW(validate_time_step(medium, limit, 1.0 / (spacing * spacing)));
      EXPECT_THROW(validate_time_step(medium, 1.001 * limit, 1.0 / (spacing * spacing)),
                   InputError);
    }
}

TEST(DispersiveMedium, LimitsInClosedForm) {
  const double k = 3e14;  // sum of 1 / dx^2 [1/m^2]
  const double target = 4.0 * speed_of_light * speed_of_light * k;
  EXPECT_NEAR(
      largest_time_step(medium_of("eps", 2.25, 0.0, {}, {}), k) * std::sqrt(target / 2.25) / 2.0,
      1.0, 1e-12);
  const double plasma = 1.4e16;
  const DispersiveMedium drude = medium_of("drude", 1.0, 0.0, {{0.0, 1e14, plasma * plasma}}, {});
  EXPECT_NEAR(largest_time_step(drude, k) * std::sqrt(target + plasma * plasma) / 2.0, 1.0, 1e-12);
}

// A good conductor absorbs as the skin depth says.
TEST(DispersiveMedium, SkinDepth) {
  const DispersiveMedium medium = medium_of("conductor", 1.0, 1e4, {}, {});
  const double k0 = 2.0 * pi / 1e-6;
  EXPECT_NEAR(k0 * medium.index(1e-6).imag(), 1.8100420e6, 1.0);
}

TEST(DispersiveMedium, KerrSusceptibility) {
  // n + n2 I with I = n eps0 c |E|^2 / 2 (peak E) against n^2 + (3/4) chi3 |E|^2.
  const double n = 1.45, n2 = 2.6e-20, peak = 1e9;
  const double change = 0.75 * kerr_susceptibility(n, n2) * peak * peak / (2.0 * n);
  EXPECT_NEAR(change / (n2 * 0.5 * n * vacuum_permittivity * speed_of_light * peak * peak), 1.0,
              1e-12);
}

TEST(DispersiveMedium, BadMediaAreRefusedWithTheirName) {
  const auto message = [](const DispersiveMedium& medium) {
    try {
      validate_medium(medium);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  const double inf = std::numeric_limits<double>::infinity();
  for (const DispersiveMedium& medium :
       {medium_of("bad", 0.0, 0.0, {}, {}), medium_of("bad", 1.0, -1.0, {}, {}),
        medium_of("bad", std::nan(""), 0.0, {}, {}), medium_of("bad", 1.0, 0.0, {{1, 1, -1}}, {}),
        medium_of("bad", 1.0, 0.0, {{1, -1, 1}}, {}), medium_of("bad", 1.0, 0.0, {{inf, 1, 1}}, {}),
        medium_of("bad", 1.0, 0.0, {}, {{1, 0}}), medium_of("bad", 1.0, 0.0, {}, {{-1, 1}})})
    EXPECT_EQ(message(medium).find("bad: "), 0u) << message(medium);
  DispersiveMedium narrow = medium_of("narrow", 2.0, 0.0, {}, {});
  narrow.min_wavelength = 1e-6;
  narrow.max_wavelength = 2e-6;
  EXPECT_NO_THROW(validate_band(narrow, 1e-6, 2e-6));
  EXPECT_THROW(narrow.permittivity_at(0.99e-6), InputError);
  EXPECT_THROW(narrow.permittivity_at(std::nan("")), InputError);
  EXPECT_THROW(validate_band(narrow, 1e-6, 2.1e-6), InputError);
  EXPECT_THROW(medium_update(narrow, 0.0), InputError);
  EXPECT_THROW(discrete_permittivity(narrow, 4.0, 1.0), InputError);
}

}  // namespace
}  // namespace wavesmith
