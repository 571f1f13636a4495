#include "physics/source.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

#include "core/error.hpp"
#include "kernels/fft.hpp"
#include "physics/image_metrics.hpp"

namespace wavesmith {
namespace {

constexpr double pi = std::numbers::pi;

std::vector<double> intensity(const std::vector<Complex>& field) {
  std::vector<double> result;
  for (const Complex& u : field) result.push_back(std::norm(u));
  return result;
}

// He-Ne beam of 200 um: z_R = 198.583606 mm, widths at z_R / 2 and z_R.
TEST(Source, GaussianBeamHasUnitPowerAndTheTextbookWidth) {
  const double rayleigh = 198.583606e-3;
  const double widths[] = {200e-6, 223.60680e-6, 282.84271e-6};
  for (int step = -2; step <= 2; ++step) {
    const Plane plane{160, 150, 14e-6, 15e-6, 0.05e-3, -0.02e-3};
    GaussianBeam beam;
    beam.waist = 200e-6;
    beam.distance = 0.5 * step * rayleigh;
    beam.x = 0.07e-3;
    beam.y = -0.03e-3;
    const auto u = gaussian_beam(plane, 632.8e-9, beam);
    EXPECT_NEAR(power(plane, u), 1.0, 1e-10);
    const Widths width = second_moment_radius(plane, intensity(u));
    EXPECT_NEAR(width.x, widths[std::abs(step)], 1e-11);
    EXPECT_NEAR(width.y, widths[std::abs(step)], 1e-11);
    EXPECT_NEAR(centroid(plane, intensity(u)).x, beam.x, 1e-11);
  }
}

// The paraxial transfer function exp(i k z - i k_t^2 z / 2k), applied to the beam at one plane,
// gives the beam at another: width, curvature and Gouy phase at once.
TEST(Source, GaussianBeamsSolveTheParaxialWaveEquation) {
  const int n = 128;
  const Plane plane{n, n, 10e-6, 10e-6};
  const double wavelength = 800e-9, k = 2.0 * pi / wavelength, z = 30e-3;
  for (const double from : {-40e-3, 0.0, 15e-3}) {
    GaussianBeam beam;
    beam.waist = 100e-6;
    beam.distance = from;
    beam.tilt_x = 0.6e-3;
    std::vector<Complex> u = gaussian_beam(plane, wavelength, beam);
    fft_2d(u, n, n, false);
    for (int q = 0; q < n; ++q)
      for (int p = 0; p < n; ++p) {
        const double fx = (p < n / 2 ? p : p - n) / plane.width();
        const double fy = (q < n / 2 ? q : q - n) / plane.height();
        const double kt2 = 4.0 * pi * pi * (fx * fx + fy * fy);
        u[static_cast<std::size_t>(q * n + p)] *= std::polar(1.0, k * z - kt2 * z / (2.0 * k));
      }
    fft_2d(u, n, n, true);
    // A tilted beam arrives shifted by z sin(tilt), with the phase of its slanted path.
    const double slope = std::sin(beam.tilt_x);
    beam.distance = from + z;
    beam.x = z * slope;
    auto expected = gaussian_beam(plane, wavelength, beam);
    for (Complex& value : expected) value *= std::polar(1.0, 0.5 * k * z * slope * slope);
    for (std::size_t i = 0; i < u.size(); ++i)
      EXPECT_LT(std::abs(u[i] - expected[i]), 1e-7 * std::abs(expected[n * n / 2 + n / 2]));
  }
}

TEST(Source, PlaneWaveHasItsDirection) {
  const Plane plane{9, 7, 0.3e-6, 0.2e-6, 1e-6, 2e-6};
  const auto u = plane_wave(plane, 532e-9, 0.2, -0.1);
  for (int j = 0; j + 1 < 7; ++j)
    for (int i = 0; i + 1 < 9; ++i) {
      const auto at = [&](int a, int b) { return u[static_cast<std::size_t>(b * 9 + a)]; };
      EXPECT_NEAR(std::arg(at(i + 1, j) / at(i, j)), 2 * pi / 532e-9 * std::sin(0.2) * 0.3e-6,
                  1e-9);
      EXPECT_NEAR(std::arg(at(i, j + 1) / at(i, j)), -2 * pi / 532e-9 * std::sin(0.1) * 0.2e-6,
                  1e-9);
      EXPECT_NEAR(std::abs(at(i, j)), 1.0, 1e-15);
    }
  EXPECT_THROW(plane_wave(plane, 532e-9, 1.2, 1.2), InputError);
  EXPECT_THROW(plane_wave(plane, 532e-9, 2.0, 0.0), InputError);
  EXPECT_THROW(plane_wave(plane, 0.0), InputError);
}

TEST(Source, PointSourceObeysTheInverseSquareLaw) {
  const Plane plane{21, 21, 1e-3, 1e-3};
  const auto diverging = point_source(plane, 0.75e-3, 12e-3, 1e-3, -2e-3);
  const auto converging = point_source(plane, 0.75e-3, -12e-3, 1e-3, -2e-3);
  for (int j = 0; j < 21; ++j)
    for (int i = 0; i < 21; ++i) {
      const auto at = static_cast<std::size_t>(j * 21 + i);
      const double r = std::sqrt(std::pow(12e-3, 2) + std::pow(plane.x(i) - 1e-3, 2) +
                                 std::pow(plane.y(j) + 2e-3, 2));
      EXPECT_NEAR(std::norm(diverging[at]), std::pow(12e-3 / r, 2), 1e-14);
      EXPECT_LT(std::abs(diverging[at] - 12e-3 / r * std::polar(1.0, 2 * pi / 0.75e-3 * r)), 1e-12);
      EXPECT_LT(std::abs(converging[at] - std::conj(diverging[at])), 1e-15);
    }
}

TEST(Source, UniformSourcesHaveTheirArea) {
  const Plane plane{50, 40, 0.1, 0.1};
  const Shape disk = circle_at(0.1, 0.2, 1.9);
  double sum = 0.0;
  for (const Complex& u : uniform_source(plane, disk)) sum += u.real() * plane.cell_area();
  EXPECT_NEAR(sum, area(disk), 1e-12);
}

TEST(Source, EveryKindCanBeScaledToItsPower) {
  const Plane plane{40, 30, 10e-6, 12e-6};
  for (const SourceKind& kind : list_sources()) {
    SourceSpec spec;
    spec.kind = kind.name;
    spec.waist = 60e-6;
    spec.distance = 10e-3;
    spec.shape = rectangle_at(0, 0, 100e-6, 50e-6);
    spec.width = 40e-6;
    spec.coherence = 30e-6;
    spec.modes = 5;
    spec.power = 0.25;
    const auto modes = make_source(spec, plane, 532e-9);
    EXPECT_NEAR(power(plane, modes), 0.25, 1e-14) << kind.name;
    double weights = 0.0;
    for (const SourceMode& mode : modes) weights += mode.weight;
    EXPECT_LE(weights, 1.0 + 1e-12);
    spec.power = -1.0;
    EXPECT_THROW(make_source(spec, plane, 532e-9), InputError);
  }
  SourceSpec spec;
  spec.kind = "gausian";
  EXPECT_THROW(make_source(spec, plane, 532e-9), InputError);
  // A shape beside the plane has no power to scale.
  spec.kind = "uniform";
  spec.shape = circle_at(1.0, 1.0, 1e-3);
  spec.power = 1.0;
  EXPECT_THROW(make_source(spec, plane, 532e-9), InputError);
}

}  // namespace
}  // namespace wavesmith
