// The references of the tests, each against published numbers or an identity of its own.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "tests/analytic/bessel.hpp"
#include "tests/analytic/layers.hpp"
#include "tests/analytic/mie_sphere.hpp"
#include "tests/analytic/ring_resonance.hpp"
#include "tests/analytic/scalar_scattering.hpp"
#include "tests/analytic/sources.hpp"
#include "tests/analytic/yee.hpp"

namespace wavesmith::analytic {
namespace {

constexpr double pi = std::numbers::pi;

TEST(Analytic, BesselFunctionsOfRealArgumentsAreThoseOfTheStandardLibrary) {
  for (const double x : {0.01, 0.7, 2.404825557695773, 3.8, 17.0, 80.0}) {
    const CylinderFunctions f = cylinder_functions(20, x);
    const SphereFunctions s = sphere_functions(20, x);
    for (unsigned n = 0; n <= 20; ++n) {
      const double j = std::cyl_bessel_j(n, x), y = std::cyl_neumann(n, x);
      const double size = std::hypot(j, y);
      EXPECT_LT(std::abs(f.j[n] - j), 1e-12 * std::min(1.0, size)) << n << " " << x;
      EXPECT_LT(std::abs(f.y[n] - y), 1e-11 * size) << n << " " << x;
      const Complex h(std::sph_bessel(n, x), std::sph_neumann(n, x));
      EXPECT_LT(std::abs(s.j[n] - h.real()), 1e-12) << n << " " << x;
      EXPECT_LT(std::abs(s.h[n] - h), 1e-11 * std::abs(h)) << n << " " << x;
    }
  }
}

// I_n and K_n of the standard library are J_n and H_n on the imaginary axis.
TEST(Analytic, BesselFunctionsOfImaginaryArguments) {
  for (const double x : {0.1, 1.0, 5.0, 30.0})
    for (unsigned n = 0; n <= 8; ++n) {
      const Complex turn = std::pow(imaginary_unit, static_cast<double>(n));
      const CylinderFunctions f = cylinder_functions(8, Complex(0.0, x));
      const double i = std::cyl_bessel_i(n, x);
      EXPECT_LT(std::abs(f.j[n] - turn * i), 1e-12 * i) << n << " " << x;
      if (x > 1.0) continue;  // H decays and J grows: see the header
      const double k = std::cyl_bessel_k(n, x);
      EXPECT_LT(std::abs(f.h(n) * turn * imaginary_unit * (pi / 2.0) - k), 1e-11 * k)
          << n << " " << x;
    }
}

TEST(Analytic, WronskiansHoldInTheComplexPlane) {
  for (const Complex z :
       {Complex(3.0, -1.0), Complex(0.4, 0.3), Complex(12.0, 2.0), Complex(50.0, -6.0)}) {
    const CylinderFunctions f = cylinder_functions(6, z);
    const SphereFunctions s = sphere_functions(6, z);
    for (std::size_t n = 0; n <= 6; ++n) {
      const Complex cylinder = f.j[n + 1] * f.y[n] - f.j[n] * f.y[n + 1];
      EXPECT_LT(std::abs(cylinder * pi * z / 2.0 - 1.0), 1e-7) << z << n;
      const Complex sphere = s.j[n] * sphere_slope(s.h, n, z) - s.h[n] * sphere_slope(s.j, n, z);
      EXPECT_LT(std::abs(sphere * z * z / imaginary_unit - 1.0), 1e-8) << z << n;
    }
  }
}

TEST(Analytic, SphereEfficiencies) {
  EXPECT_NEAR(MieSphere(1.0, 2.0 * pi, 2.0).scattering_efficiency(), 2.655644916, 1e-9);
  EXPECT_NEAR(MieSphere(1.0, 3.0, 2.0).scattering_efficiency(), 3.036170633, 1e-9);
  // C. F. Bohren and D. R. Huffman, appendix A: x = 2 pi 0.525 / 0.6328, m = 1.55.
  const MieSphere drop(2.0 * pi / 0.6328, 0.525, 1.55);
  EXPECT_NEAR(drop.scattering_efficiency(), 3.10543, 1e-5);
  EXPECT_NEAR(drop.extinction_efficiency(), drop.scattering_efficiency(), 1e-12);
  // W. J. Wiscombe, NCAR Technical Note TN-140 (1979): m = 1.5 + i, x = 1 and 100.
  const MieSphere dark(1.0, 1.0, Complex(1.5, 1.0)), large(1.0, 100.0, Complex(1.5, 1.0));
  EXPECT_NEAR(dark.scattering_efficiency(), 0.663454, 1e-6);
  EXPECT_NEAR(dark.extinction_efficiency(), 2.336321, 1e-6);
  EXPECT_NEAR(large.scattering_efficiency(), 1.283697, 1e-6);
  EXPECT_NEAR(large.extinction_efficiency(), 2.097502, 1e-6);
}

// Tangential E and normal eps E go through the surface; far away E falls as 1 / r.
TEST(Analytic, SphereFieldsFitAtTheSurface) {
  const Complex index(1.8, 0.1);
  const MieSphere sphere(2.0, 1.3, index);
  for (const double theta : {0.3, 1.1, 2.5})
    for (const double phi : {0.2, 1.9, 4.0}) {
      const std::array<double, 3> n = {std::sin(theta) * std::cos(phi),
                                       std::sin(theta) * std::sin(phi), std::cos(theta)};
      const double a = 1.3 * (1.0 + 1e-12), b = 1.3 * (1.0 - 1e-12);
      const Vector out = sphere.total(a * n[0], a * n[1], a * n[2]);
      const Vector in = sphere.total(b * n[0], b * n[1], b * n[2]);
      Complex normal_out = 0.0, normal_in = 0.0;
      for (std::size_t i = 0; i < 3; ++i) {
        normal_out += n[i] * out[i];
        normal_in += n[i] * in[i];
      }
      EXPECT_LT(std::abs(normal_out - index * index * normal_in), 1e-9);
      for (std::size_t i = 0; i < 3; ++i)
        EXPECT_LT(std::abs(out[i] - n[i] * normal_out - in[i] + n[i] * normal_in), 1e-9);
    }
}

// Without a contrast the field inside is the incident wave.
TEST(Analytic, SphereExpandsThePlaneWave) {
  const MieSphere nothing(2.0, 1.3, 1.0);
  const Vector field = nothing.internal(0.3, -0.5, 0.7);
  EXPECT_LT(std::abs(field[0] - std::exp(Complex(0.0, 1.4))), 1e-12);
  EXPECT_LT(std::abs(field[1]) + std::abs(field[2]), 1e-12);
}

TEST(Analytic, CylinderEfficiency) {
  const double k = 2.0 * pi;
  const ScalarScattering tm({.radius = 0.175, .k0 = k, .k1 = 2.0 * k});
  EXPECT_NEAR(tm.scattering_efficiency(), 3.788208074, 1e-9);
  EXPECT_NEAR(tm.extinction_efficiency(), 3.788208074, 1e-9);
  // C. F. Bohren and D. R. Huffman, appendix C: m = 1.55, x = 2 pi 0.525 / 0.6328.
  const double k2 = 2.0 * pi / 0.6328, m = 1.55;
  const ScalarScattering parallel({.radius = 0.525, .k0 = k2, .k1 = m * k2});
  const ScalarScattering across({.radius = 0.525, .k0 = k2, .k1 = m * k2, .q = 1.0 / (m * m)});
  EXPECT_NEAR(parallel.scattering_efficiency(), 2.09716, 1e-5);
  EXPECT_NEAR(across.scattering_efficiency(), 1.92782, 1e-5);
}

// Boundary conditions, energy, the limit of no contrast and the low-frequency limit.
TEST(Analytic, ScalarScatteringFitsAtTheSurface) {
  const double e = 1e-6;
  for (const int dimensions : {2, 3})
    for (const double angle : {0.0, 0.8, 2.2, 3.14}) {
      const ScalarScatterer body{
          .dimensions = dimensions, .radius = 1.1, .k0 = 3.0, .k1 = Complex(4.0, 0.3), .q = 0.4};
      const ScalarScattering fluid(body);
      const auto u = [&](double r) { return fluid.total(r, angle); };
      EXPECT_LT(std::abs(u(1.1 + 1e-13) - u(1.1 - 1e-13)), 1e-10);
      const Complex outer = (-3.0 * u(1.1 + 1e-13) + 4.0 * u(1.1 + e) - u(1.1 + 2 * e)) / (2 * e);
      const Complex inner = (3.0 * u(1.1 - 1e-13) - 4.0 * u(1.1 - e) + u(1.1 - 2 * e)) / (2 * e);
      EXPECT_LT(std::abs(outer - 0.4 * inner), 1e-6);

      ScalarScatterer hard = body;
      hard.boundary = Boundary::soft;
      EXPECT_LT(std::abs(ScalarScattering(hard).total(1.1, angle)), 1e-10);
      EXPECT_NEAR(ScalarScattering(hard).extinction_efficiency(),
                  ScalarScattering(hard).scattering_efficiency(), 1e-12);
      hard.boundary = Boundary::rigid;
      const ScalarScattering rigid(hard);
      const Complex slope = (-3.0 * rigid.total(1.1, angle) + 4.0 * rigid.total(1.1 + e, angle) -
                             rigid.total(1.1 + 2 * e, angle)) /
                            (2 * e);
      EXPECT_LT(std::abs(slope), 1e-6);
      EXPECT_NEAR(rigid.extinction_efficiency(), rigid.scattering_efficiency(), 1e-12);

      ScalarScatterer nothing = body;
      nothing.k1 = 3.0;
      nothing.q = 1.0;
      const ScalarScattering absent(nothing);
      EXPECT_LT(absent.scattering_efficiency(), 1e-25);
      EXPECT_LT(std::abs(absent.total(0.7, angle) - std::exp(Complex(0, 2.1 * std::cos(angle)))),
                1e-12);
    }
  // Lord Rayleigh: a small rigid sphere scatters (7 / 9) (k a)^4 of its cross-section.
  const double x = 0.01;
  const ScalarScattering small(
      {.dimensions = 3, .radius = 1.0, .k0 = x, .boundary = Boundary::rigid});
  EXPECT_NEAR(small.scattering_efficiency() / (7.0 / 9.0 * std::pow(x, 4)), 1.0, 1e-3);
}

TEST(Analytic, FresnelAndFabryPerot) {
  const double angle = 20.6 * pi / 180.0;
  EXPECT_NEAR(fresnel(1.4, 3.5, 0.0, Polarization::s).R, 0.1836734694, 1e-10);
  EXPECT_NEAR(fresnel(1.4, 3.5, 0.0, Polarization::p).R, 0.1836734694, 1e-10);
  EXPECT_NEAR(fresnel(1.4, 3.5, angle, Polarization::p).R, 0.1643589850, 1e-10);
  EXPECT_NEAR(fresnel(1.4, 3.5, angle, Polarization::s).R, 0.2035642388, 1e-10);
  EXPECT_NEAR(fresnel(1.0, 1.5, std::atan(1.5), Polarization::p).R, 0.0, 1e-30);  // Brewster
  EXPECT_NEAR(fresnel(1.5, 1.0, 0.9, Polarization::s).R, 1.0, 1e-14);  // total reflection
  const auto slab = [](double wavelength) {
    return stack(1.0, {{3.5, 0.5}}, 1.0, wavelength, 0.0, Polarization::s);
  };
  EXPECT_NEAR(slab(1.0).T, 0.2791028836, 1e-10);
  EXPECT_NEAR(slab(1.5).T, 0.3404624905, 1e-10);
  for (const Polarization polarization : {Polarization::s, Polarization::p}) {
    const std::vector<Layer> layers = {{2.1, 0.3}, {1.4, 0.2}, {3.0, 0.05}};
    const Interface lossless = stack(1.2, layers, 1.5, 0.7, 0.6, polarization);
    EXPECT_NEAR(lossless.R + lossless.T, 1.0, 1e-13);
    // A layer cut in two is the same layer; an absorbing one absorbs.
    const Interface whole = stack(1.0, {{{2.0, 0.3}, 0.4}}, 1.5, 0.7, 0.6, polarization);
    const Interface halves =
        stack(1.0, {{{2.0, 0.3}, 0.1}, {{2.0, 0.3}, 0.3}}, 1.5, 0.7, 0.6, polarization);
    EXPECT_LT(std::abs(whole.t - halves.t) + std::abs(whole.r - halves.r), 1e-13);
    EXPECT_LT(whole.R + whole.T, 0.9);
  }
}

TEST(Analytic, RingResonance) {
  const Resonance resonance = annulus_resonance({3.4, 1.0, 2.0}, 3, {0.118, -0.0008});
  EXPECT_NEAR(resonance.frequency, 0.118191693734, 1e-11);
  EXPECT_NEAR(resonance.q, 77.2554, 5e-5);
}

TEST(Analytic, YeeCavity) {
  const std::vector<int> cells = {34, 34, 34};
  const YeeStep step{{50e-3 / 34, 20e-3 / 34, 60e-3 / 34}, 1.72295451621e-12};
  EXPECT_NEAR(yee_box_frequency(step, {1, 0, 1}, cells) * 1e-9, 3.90132510298, 2e-11);
  EXPECT_NEAR(yee_box_frequency(step, {1, 0, 3}, cells) * 1e-9, 8.05205777441, 2e-11);
  EXPECT_NEAR(yee_box_frequency(step, {1, 1, 0}, cells) * 1e-9, 8.07185558192, 2e-11);
  const std::vector<double> sides = {50e-3, 20e-3, 60e-3};
  EXPECT_NEAR(box_frequency({1, 0, 1}, sides, 299792458.0) * 1e-9, 3.902423247, 1e-9);
  EXPECT_NEAR(box_frequency({1, 0, 2}, sides, 299792458.0) * 1e-9, 5.826918003, 1e-9);
  EXPECT_NEAR(box_frequency({2, 0, 1}, sides, 299792458.0) * 1e-9, 6.495503257, 1e-9);
}

TEST(Analytic, YeeWavenumberInvertsYeeFrequency) {
  const YeeStep step{{0.05e-6, 0.07e-6, 0.04e-6}, 5e-17};
  const std::vector<double> direction = {0.36, 0.48, 0.8};
  const double omega = 2.0 * pi * 299792458.0 / 0.9e-6;
  const double k = yee_wavenumber(step, omega, direction);
  EXPECT_NEAR(yee_frequency(step, {0.36 * k, 0.48 * k, 0.8 * k}) / omega, 1.0, 1e-14);
  EXPECT_GT(k, omega / 299792458.0);
  // At the magic time step one dimension is exact.
  const YeeStep magic{{1e-8}, 1e-8 / 299792458.0};
  EXPECT_NEAR(yee_wavenumber(magic, omega, {1.0}) * 299792458.0 / omega, 1.0, 1e-13);
}

// Against stepping the grid: a slab of two media, at the end of a long ramped tone. And against the
// continuum, at second order.
TEST(Analytic, DiscreteSlab) {
  const double c = 299792458.0, dx = 20e-9, dt = 0.9 * dx / c, omega = 2.0 * pi * c / 1e-6;
  std::vector<Complex> eps(12, 4.0);
  for (std::size_t i = 6; i < 12; ++i) eps[i] = 9.0;
  const DiscreteSlab slab = discrete_slab(dx, dt, omega, eps);
  EXPECT_NEAR(std::norm(slab.r) + std::norm(slab.t), 1.0, 1e-12);

  // A soft source at node 1400 of 4000, slab from node 2000; ends too far away to be felt.
  const std::size_t nodes = 4000, source = 1400, first = 2000;
  std::vector<double> inverse(nodes, 1.0), e(nodes), h(nodes), e2(nodes), h2(nodes);
  for (std::size_t i = 0; i < 12; ++i) inverse[first + i] = 1.0 / eps[i].real();
  const double courant = c * dt / dx;
  Complex with = 0.0, without = 0.0, reflected = 0.0;
  const int steps = 2200;
  const auto advance = [&](std::vector<double>& ef, std::vector<double>& hf, bool full, int n) {
    for (std::size_t i = 0; i + 1 < nodes; ++i) hf[i] += courant * (ef[i + 1] - ef[i]);
    for (std::size_t i = 1; i + 1 < nodes; ++i)
      ef[i] += courant * (full ? inverse[i] : 1.0) * (hf[i] - hf[i - 1]);
    const double t = (n + 0.5) * dt, ramp = std::exp(-std::pow((t / dt - 500.0) / 110.0, 2));
    ef[source] += ramp * std::cos(omega * t);
  };
  for (int n = 0; n < steps; ++n) {
    advance(e, h, true, n);
    advance(e2, h2, false, n);
    const Complex phase = std::exp(imaginary_unit * (omega * n * dt));
    with += e[first + 11] * phase;
    without += e2[first] * phase;
    reflected += (e[first] - e2[first]) * phase;
  }
  EXPECT_LT(std::abs(with / without - slab.t), 1e-8);
  EXPECT_LT(std::abs(reflected / without - slab.r), 1e-8);

  // Eps at nodes of an n = 3.5 slab, halves at its faces.
  const auto error = [&](int cells) {
    const double d = 0.5e-6 / cells;
    std::vector<Complex> nodes_of(static_cast<std::size_t>(cells) + 1, 12.25);
    nodes_of.front() = nodes_of.back() = 0.5 * (12.25 + 1.0);
    return std::norm(discrete_slab(d, 0.5 * d / c, omega, nodes_of).t) - 0.2791028836;
  };
  EXPECT_NEAR(std::log2(error(200) / error(400)), 2.0, 0.05);
}

TEST(Analytic, GreensFunctionsSolveTheirEquation) {
  const double k = 3.0, r = 1.7, e = 1e-4;
  const auto residual = [&](const auto& g, double dimensions) {
    const Complex second = (g(r + e) - 2.0 * g(r) + g(r - e)) / (e * e);
    const Complex first = (g(r + e) - g(r - e)) / (2.0 * e);
    return std::abs(second + (dimensions - 1.0) / r * first + k * k * g(r));
  };
  const auto g1 = [&](double x) { return green_1d(k, x); };
  const auto g2 = [&](double x) { return green_2d(k, x); };
  const auto g3 = [&](double x) { return green_3d(k, x); };
  EXPECT_LT(residual(g1, 1.0) + residual(g2, 2.0) + residual(g3, 3.0), 1e-5);
  // Unit flux out of a small circle or ball.
  const double s = 1e-4, d = 1e-7;
  EXPECT_NEAR(((g1(d) - g1(0.0)) / d * 2.0).real(), -1.0, 1e-5);
  EXPECT_NEAR((2.0 * pi * s * (g2(s + d) - g2(s - d)) / (2.0 * d)).real(), -1.0, 1e-5);
  EXPECT_NEAR((4.0 * pi * s * s * (g3(s + d) - g3(s - d)) / (2.0 * d)).real(), -1.0, 1e-5);
}

// Maxwell's equations away from the dipole, by differences.
TEST(Analytic, DipoleFieldSolvesMaxwell) {
  const double c = 299792458.0, omega = 2.0 * pi * c, mu0 = 1.0 / (8.8541878128e-12 * c * c);
  const Vector p = {1e-12, Complex(0.0, 2e-12), -0.5e-12};
  const std::array<double, 3> at = {0.21, -0.13, 0.3};
  const double d = 1e-5;
  const auto field = [&](std::size_t axis, double shift) {
    std::array<double, 3> place = at;
    place[axis] += shift;
    return dipole_field(p, omega, place);
  };
  const DipoleField here = dipole_field(p, omega, at);
  for (std::size_t i = 0; i < 3; ++i) {
    const std::size_t j = (i + 1) % 3, l = (i + 2) % 3;
    const auto slope = [&](bool electric, std::size_t component, std::size_t axis) {
      const DipoleField up = field(axis, d), down = field(axis, -d);
      return electric ? (up.e[component] - down.e[component]) / (2.0 * d)
                      : (up.h[component] - down.h[component]) / (2.0 * d);
    };
    const Complex curl_e = slope(true, l, j) - slope(true, j, l);
    const Complex curl_h = slope(false, l, j) - slope(false, j, l);
    const Complex drive_h = imaginary_unit * omega * mu0 * here.h[i];
    const Complex drive_e = -imaginary_unit * omega * 8.8541878128e-12 * here.e[i];
    EXPECT_LT(std::abs(curl_e - drive_h), 1e-6 * std::abs(drive_h) + 1e-7);
    EXPECT_LT(std::abs(curl_h - drive_e), 1e-6 * std::abs(drive_e) + 1e-9);
  }
  // Larmor's power from the far field: |p|^2 omega^4 / (12 pi eps0 c^3).
  const double r = 1e5;
  const DipoleField far = dipole_field({0.0, 0.0, 1e-12}, omega, {r, 0.0, 0.0});
  const double flux = 0.5 * (-far.e[2] * std::conj(far.h[1])).real();
  EXPECT_NEAR(flux * 8.0 * pi * r * r / 3.0 /
                  (1e-24 * std::pow(omega, 4) / (12.0 * pi * 8.8541878128e-12 * c * c * c)),
              1.0, 1e-9);
}

TEST(Analytic, Sound) {
  const double k = 2.0 * pi * 1e6 / 1500.0, a = 4.9375e-3;
  const double last = piston_last_maximum(1.5e-3, a);
  EXPECT_NEAR(last * 1e3, 15.8776, 5e-5);
  EXPECT_NEAR(piston_on_axis(k, a, last), 2.0, 1e-12);
  // The Rayleigh integral over the piston itself: p = -i rho c k v / (2 pi) int exp(i k R) / R dS.
  const double x = 0.02;
  Complex sum = 0.0;
  for (int i = 0; i < 4000; ++i) {
    const double s = a * (i + 0.5) / 4000.0, distance = std::hypot(s, x);
    sum += std::exp(imaginary_unit * k * distance) / distance * s * a / 4000.0;
  }
  EXPECT_NEAR(std::abs(k * sum), piston_on_axis(k, a, x), 1e-5);
  EXPECT_DOUBLE_EQ(box_frequency({1, 0, 2}, {0.5, 0.4, 1.0}, 340.0), 170.0 * std::sqrt(8.0));
  EXPECT_DOUBLE_EQ(impedance_reflection(1.0, 3.0), 0.5);
}

}  // namespace
}  // namespace wavesmith::analytic
