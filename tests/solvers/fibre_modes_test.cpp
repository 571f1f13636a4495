// Modes of guides in two transverse directions: a fibre against its exact dispersion equation, a
// silicon wire against a published index.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <functional>
#include <string>
#include <vector>

#include "core/units.hpp"
#include "solvers/waveguide_modes.hpp"

namespace wavesmith {
namespace {

constexpr double unit = 1e-6;  // [m]

// Paints `inside(u, v)` by averages over a cell around each position: the arithmetic mean along the
// interface and the harmonic mean across it.
using Inside = std::function<bool(double, double)>;

double fraction(const Inside& inside, double u, double v, double du, double dv, int points) {
  int hits = 0;
  for (int b = 0; b < points; ++b)
    for (int a = 0; a < points; ++a)
      hits += inside(u + ((a + 0.5) / points - 0.5) * du, v + ((b + 0.5) / points - 0.5) * dv);
  return static_cast<double>(hits) / (points * points);
}

// `normal(u, v)`: squares of the unit normal's components along u and v of the nearest interface.
using Normal = std::function<std::array<double, 2>(double, double)>;

void paint(CrossSection& section, const Inside& inside, const Normal& normal, double eps_in,
           double eps_out) {
  const double du = section.u.width(0), dv = section.v.width(0);
  for (int c = 0; c < 3; ++c) {
    const std::array<int, 2> shape = electric_shape(section, c);
    for (int j = 0; j < shape[1]; ++j)
      for (int i = 0; i < shape[0]; ++i) {
        const double u = section.u.low() + (i + (c == 0 ? 0.5 : 0.0)) * du;
        const double v = section.v.low() + (j + (c == 1 ? 0.5 : 0.0)) * dv;
        const double f = fraction(inside, u, v, du, dv, 12);
        const double mean = f * eps_in + (1.0 - f) * eps_out;
        const double harmonic = 1.0 / (f / eps_in + (1.0 - f) / eps_out);
        const double share = c == 2 ? 0.0 : normal(u, v)[static_cast<std::size_t>(c)];
        section
            .permittivity[static_cast<std::size_t>(c)][static_cast<std::size_t>(i + j * shape[0])] =
            1.0 / (share / harmonic + (1.0 - share) / mean);
      }
  }
}

// A quarter of a guide: mirrors at u = 0 and v = 0, the fundamental mode with E along u.
CrossSection quarter(double extent_u, double extent_v, int nu, int nv) {
  CrossSection section = make_cross_section(uniform_axis(0.0, extent_u * unit, nu),
                                            uniform_axis(0.0, extent_v * unit, nv));
  section.u_low = SectionWall::electric;
  section.v_low = SectionWall::magnetic;
  return section;
}

// HE11 of a step-index fibre, radius a: A. W. Snyder and J. D. Love, Optical Waveguide Theory
// (1983), table 12-4, nu = 1:
//   (J'/(U J) + K'/(W K)) (J'/(U J) + (n2/n1)^2 K'/(W K)) = (beta / (k n1))^2 (V / (U W))^4
double fibre_index(double n1, double n2, double radius_over_wavelength) {
  const double ka = 2.0 * pi * radius_over_wavelength;
  const double V2 = ka * ka * (n1 * n1 - n2 * n2);
  const auto f = [&](double n) {
    const double U = ka * std::sqrt(n1 * n1 - n * n), W = ka * std::sqrt(n * n - n2 * n2);
    const double J = std::cyl_bessel_j(1.0, U), K = std::cyl_bessel_k(1.0, W);
    const double dJ = std::cyl_bessel_j(0.0, U) - J / U;
    const double dK = -std::cyl_bessel_k(0.0, W) - K / W;
    const double a = dJ / (U * J), b = dK / (W * K);
    const double r = (n2 * n2) / (n1 * n1);
    const double right = n * n / (n1 * n1) * std::pow(V2 / (U * U * W * W), 2);
    return (a + b) * (a + r * b) - right;
  };
  // The root of the largest n: walk down from n1.
  double high = n1 - (n1 - n2) / 4001.0;
  const bool sign = f(high) < 0.0;
  double low = high;
  for (int step = 2; step < 4000; ++step) {
    low = n1 - (n1 - n2) * step / 4001.0;
    if ((f(low) < 0.0) != sign) break;
    high = low;
  }
  for (int step = 0; step < 100; ++step) {
    const double middle = 0.5 * (low + high);
    ((f(middle) < 0.0) == sign ? high : low) = middle;
  }
  return 0.5 * (low + high);
}

// At a curved wall the averaged tensor has off-diagonal parts; without them the order is one.
TEST(Fibre, FundamentalModeConvergesToTheExactIndex) {
  const double n1 = 2.0, n2 = 1.0, radius = 0.5, wavelength = 1.5;
  const double exact = fibre_index(n1, n2, radius / wavelength);
  const Inside inside = [&](double u, double v) { return std::hypot(u, v) < radius * unit; };
  const Normal normal = [](double u, double v) -> std::array<double, 2> {
    const double r2 = u * u + v * v;
    return r2 > 0.0 ? std::array<double, 2>{u * u / r2, v * v / r2} : std::array<double, 2>{};
  };
  std::array<double, 3> error{};
  for (int level = 0; level < 3; ++level) {
    CrossSection section = quarter(1.8, 1.8, 24 << level, 24 << level);
    paint(section, inside, normal, n1 * n1, n2 * n2);
    const WaveguideModes solver(section, speed_of_light / (wavelength * unit));
    error[static_cast<std::size_t>(level)] = solver.find(1)[0].n_eff.real() - exact;
  }
  std::printf("fibre HE11: exact %.8f, errors %.2e, %.2e, %.2e\n", exact, error[0], error[1],
              error[2]);
  EXPECT_LT(std::abs(error[2]), 3e-4);
  EXPECT_GT(error[0] / error[2], 3.0);
}

// The whole section: HE11 comes twice, and the two are made pure and orthogonal.
TEST(Fibre, DegeneratePairIsOrthogonal) {
  const double n1 = 2.0, n2 = 1.0, radius = 0.5, wavelength = 1.5;
  const int n = 40;
  CrossSection section = make_cross_section(uniform_axis(-1.6 * unit, 1.6 * unit, n),
                                            uniform_axis(-1.6 * unit, 1.6 * unit, n));
  paint(
      section, [&](double u, double v) { return std::hypot(u, v) < radius * unit; },
      [](double u, double v) -> std::array<double, 2> {
        const double r2 = u * u + v * v;
        return r2 > 0.0 ? std::array<double, 2>{u * u / r2, v * v / r2} : std::array<double, 2>{};
      },
      n1* n1, n2* n2);
  const WaveguideModes solver(section, speed_of_light / (wavelength * unit));
  const auto modes = solver.find(2);
  EXPECT_NEAR(modes[0].n_eff.real(), modes[1].n_eff.real(), 1e-9);
  EXPECT_LT(std::abs(solver.reciprocal_product(modes[0].profile, modes[1].profile)), 1e-8);
  EXPECT_LT(std::abs(solver.conjugated_product(modes[0].profile, modes[1].profile)), 1e-8);
  const auto share = [&](const WaveguideMode& mode) {
    double u = 0.0, all = 0.0;
    for (const auto& value : mode.profile.e[0]) u += std::norm(value);
    all = u;
    for (const auto& value : mode.profile.e[1]) all += std::norm(value);
    return u / all;
  };
  EXPECT_GT(share(modes[0]), 0.9);
  EXPECT_LT(share(modes[1]), 0.1);
}

// 500 x 220 nm, n = 3.473 in 1.444 at 1550 nm: n_eff = 2.443 by a converged vectorial solver.
// L. Chrostowski and M. Hochberg, Silicon Photonics Design (2015), section 3.2.
TEST(SiliconWire, PublishedIndex) {
  CrossSection section = quarter(1.0, 0.88, 80, 80);
  const double half_u = 0.25 * unit, half_v = 0.11 * unit;
  paint(
      section, [&](double u, double v) { return std::abs(u) < half_u && std::abs(v) < half_v; },
      [&](double u, double v) -> std::array<double, 2> {
        const bool across_u = std::abs(u) - half_u > std::abs(v) - half_v;
        return across_u ? std::array<double, 2>{1.0, 0.0} : std::array<double, 2>{0.0, 1.0};
      },
      3.473 * 3.473, 1.444 * 1.444);
  const WaveguideModes solver(section, speed_of_light / (1.55 * unit));
  const auto mode = solver.find(1)[0];
  std::printf("silicon wire: n_eff %.5f (published 2.443), group index %.4f\n", mode.n_eff.real(),
              solver.group_index(mode).real());
  EXPECT_NEAR(mode.n_eff.real(), 2.443, 0.006);
}

}  // namespace
}  // namespace wavesmith
