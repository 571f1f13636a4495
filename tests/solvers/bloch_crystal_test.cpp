// Bloch waves with closed answers: the bands of a Bragg stack, and Fresnel's reflection at a fixed
// tangential wave number.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "core/units.hpp"
#include "solvers/bloch_march.hpp"
#include "solvers/harmonic_inversion.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

// Two layers a period of 1, speed of light 1.
constexpr double n1 = 1.5, n2 = 2.5, d1 = 0.6, d2 = 0.4;

// cos(K L) of a wave of angular frequency w (P. Yeh, A. Yariv and C.-S. Hong, J. Opt. Soc. Am. 67,
// 423 (1977)).
double cosine_of_bloch_phase(double w) {
  const double a = n1 * w * d1, b = n2 * w * d2;
  return std::cos(a) * std::cos(b) - 0.5 * (n1 / n2 + n2 / n1) * std::sin(a) * std::sin(b);
}

// The lowest frequencies of a phase, by bisection.
std::vector<double> band_frequencies(double phase, std::size_t count) {
  std::vector<double> found;
  const double step = 1e-3, wanted = std::cos(phase);
  for (double w = step; found.size() < count; w += step) {
    double low = w, high = w + step;
    const bool sign = cosine_of_bloch_phase(low) > wanted;
    if ((cosine_of_bloch_phase(high) > wanted) == sign) continue;
    for (int i = 0; i < 60; ++i) {
      const double middle = 0.5 * (low + high);
      ((cosine_of_bloch_phase(middle) > wanted) == sign ? low : high) = middle;
    }
    found.push_back(low / (2.0 * pi));
  }
  return found;
}

// The frequency of the march nearest to one, n cells a period.
double marched_frequency(double phase, double near, int n) {
  BlochSetup setup;
  TimeDomainSetup& real = setup.real;
  real.system = WaveSystem::scalar;
  real.grid.axes[0] = uniform_axis(0.0, 1.0, n);
  real.boundaries.faces[0] = {Boundary::periodic, Boundary::periodic};
  real.boundaries.bloch_phase[0] = phase;
  real.speed = 1.0;
  real.dt = 0.9 / n;
  real.schedule.threads = 1;
  const int interface = static_cast<int>(std::lround(d1 * n));
  for (int i = 0; i < n; ++i) {
    const double mean = 0.5 * (n1 * n1 + n2 * n2);
    const double eps = i == 0 || i == interface ? mean : i < interface ? n1 * n1 : n2 * n2;
    real.coefficient[0].push_back(1.0 / eps);
    const double x = static_cast<double>(i) / n;
    const Complex start = std::polar(1.0, phase * x) +
                          std::polar(0.7, (phase - 2.0 * pi) * x + 1.0) +
                          std::polar(0.5, (phase + 2.0 * pi) * x);
    real.initial[0].push_back(start.real());
    setup.initial_imaginary[0].push_back(start.imag());
  }
  real.time_monitors.push_back({0, {{n / 5, 0, 0}, {n / 5 + 1, 1, 1}}, n / 20});
  BlochMarch march(setup);
  march.run(60L * n);
  const std::vector<Complex> signal = march.record(0);
  const std::vector<Resonance> found =
      find_resonances(signal, real.dt * (n / 20), near - 0.1, near + 0.1);
  double nearest = 0.0;
  for (const Resonance& resonance : found)
    if (std::abs(resonance.frequency - near) < std::abs(nearest - near))
      nearest = resonance.frequency;
  return nearest;
}

TEST(BlochCrystal, BraggStackHasTheBandsOfItsTransferMatrix) {
  // Edges of the first gap, at pi, and of the second, at 0; and the middles of the bands.
  for (const double phase : {pi, 0.0, 0.5 * pi, -0.25 * pi})
    for (const double exact : band_frequencies(phase, 3)) {
      std::array<double, 3> errors{};
      for (std::size_t level = 0; level < 3; ++level)
        errors[level] = marched_frequency(phase, exact, 40 << level) / exact - 1.0;
      const double order = std::log2(std::abs(errors[1] / errors[2]));
      std::printf("phase %+.3f: f = %.6f, errors %.1e %.1e %.1e, order %.2f\n", phase, exact,
                  errors[0], errors[1], errors[2], order);
      EXPECT_NEAR(order, 2.0, 0.1) << phase;
      EXPECT_LT(std::abs(errors[2]), 5e-4) << phase;
      // What is left after the second order.
      EXPECT_LT(std::abs(4.0 * errors[2] - errors[1]) / 3.0, 5e-6) << phase;
    }
}

// Power reflected by a half space of index 3.5 from one of 1.4 at 20.6 degrees, wavelength 1, n
// cells a wavelength in vacuum. s: Ez, p: Hz.
double reflectance(bool s, int n) {
  const double index = 1.4, other = 3.5, angle = 20.6 * pi / 180.0, h = 1.0 / n;
  const double along = 2.0 * pi * index * std::sin(angle);
  const int cells = 5 * n, interface = 5 * n / 2, across = 2;
  const auto spectrum = [&](bool with) {
    BlochSetup setup;
    TimeDomainSetup& real = setup.real;
    real.system = WaveSystem::scalar;
    real.nodes = s ? Nodes::on_edges : Nodes::on_centres;
    real.grid.axes = {uniform_axis(0.0, across * h, across), uniform_axis(0.0, cells * h, cells),
                      Axis{}};
    real.boundaries.faces = {
        {{Boundary::periodic, Boundary::periodic}, {Boundary::absorbing, Boundary::absorbing}, {}}};
    real.boundaries.layer.cells = n;
    real.boundaries.bloch_phase[0] = along * across * h;
    real.speed = 1.0;
    real.dt = 0.95 * courant_limit(real.grid, 1.0);
    real.schedule.threads = 1;
    const double eps1 = index * index, eps2 = with ? other * other : eps1;
    for (int j = 0; j < cells; ++j)
      for (int i = 0; i < across; ++i) {
        const double cell = j < interface ? eps1 : eps2;
        const auto at_edge = [&](int edge) {
          return edge < interface ? eps1 : edge > interface ? eps2 : 0.5 * (eps1 + eps2);
        };
        if (s) {
          real.coefficient[0].push_back(1.0 / at_edge(j));
        } else {  // -Ey in the cells, Ex on the edges above them
          real.coefficient[1].push_back(1.0 / cell);
          real.coefficient[2].push_back(1.0 / at_edge(j + 1));
        }
      }
    ComplexSource source{0, {{0, 3 * n / 2, 0}, {across, 3 * n / 2 + 1, 1}}, 1, {}, {}};
    for (int i = 0; i < across; ++i) source.weights.push_back(std::polar(1.0, along * h * i));
    source.signal = [](int, double t) {
      const double u = (t - 8.5) / 2.0;
      return std::exp(-u * u) * std::polar(1.0, -2.0 * pi * t);
    };
    setup.sources.push_back(source);
    real.monitors.push_back({0, {{0, 2 * n, 0}, {1, 2 * n + 1, 1}}, {1.0}, 1});
    BlochMarch march(setup);
    march.run(std::lround(32.0 / real.dt));
    return march.spectrum(0)[0];
  };
  const Complex incident = spectrum(false);
  return std::norm((spectrum(true) - incident) / incident);
}

TEST(BlochCrystal, ObliqueReflectionIsFresnels) {
  for (const bool s : {true, false}) {
    const double exact = s ? 0.2035642388 : 0.1643589850;
    const double coarse = reflectance(s, 28), middle = reflectance(s, 56);
    const double fine = reflectance(s, 112);
    const double order = std::log2((middle - exact) / (fine - exact));
    // The errors of second and of fourth order taken away.
    const double limit = (64.0 * fine - 20.0 * middle + coarse) / 45.0;
    std::printf("R%s: %.6f %.6f %.6f, order %.2f, limit %.7f, Fresnel %.7f\n", s ? "s" : "p",
                coarse, middle, fine, order, limit, exact);
    EXPECT_NEAR(order, 2.0, 0.1);
    EXPECT_NEAR(limit, exact, 1e-4 * exact);
  }
}

}  // namespace
}  // namespace wavesmith
