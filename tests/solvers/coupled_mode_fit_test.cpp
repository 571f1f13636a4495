// Curves of networks with known parameters, with and without noise, and of exact circuits.
#include "solvers/coupled_mode_fit.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <complex>
#include <cstdio>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/circuit_components.hpp"
#include "solvers/circuit_solver.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;
constexpr Complex i_unit{0.0, 1.0};
constexpr double resonance = 190e12;  // [Hz]

std::vector<double> frequencies_around(double centre, double half_band, int count) {
  std::vector<double> frequencies;
  for (int f = 0; f < count; ++f)
    frequencies.push_back(centre + half_band * (2.0 * f / (count - 1) - 1.0));
  return frequencies;
}

// By the two standing waves, each a Lorentzian of its own, instead of by the waves that run around.
AddDropCurves curves_of(const AddDropRing& ring, const std::vector<double>& frequencies,
                        double delay_1 = 0.0, double delay_2 = 0.0) {
  AddDropCurves curves;
  curves.frequencies = frequencies;
  for (const double f : frequencies) {
    const auto standing = [&](double sign) {
      const Complex omega =
          2.0 * pi * ring.frequency - 0.5 * i_unit * ring.total_loss() + sign * ring.backscatter;
      return 1.0 / (2.0 * pi * f - omega);
    };
    const Complex same = 0.5 * (standing(1.0) + standing(-1.0));
    const Complex other = 0.5 * (standing(1.0) - standing(-1.0));
    const Complex one = std::polar(1.0, 0.4 + 2.0 * pi * (f - resonance) * delay_1);
    const Complex two = std::polar(1.0, -2.9 + 2.0 * pi * (f - resonance) * delay_2);
    const double over = std::sqrt(ring.kappa_1 * ring.kappa_2);
    curves.through.push_back(one * (1.0 - i_unit * ring.kappa_1 * same));
    curves.drop.push_back(two * (-i_unit * over * same));
    curves.reflected.push_back(one * (-i_unit * ring.kappa_1 * other));
    curves.added.push_back(two * (-i_unit * over * other));
  }
  return curves;
}

// Rates in shares of 2 pi 1e11 / s.
AddDropRing ring_of(double kappa_1, double kappa_2, double intrinsic, Complex backscatter) {
  const double unit = 2.0 * pi * 1e11;
  return {resonance + 3.7e10, kappa_1 * unit, kappa_2 * unit, intrinsic * unit, backscatter * unit};
}

const std::vector<AddDropRing>& rings() {
  static const std::vector<AddDropRing> all = {
      ring_of(1.0, 1.0, 0.1, {0.1, -0.002}),  // the scene's
      ring_of(1.0, 1.0, 0.0, 0.0),            // lossless
      ring_of(2.0, 0.3, 0.2, {0.05, 0.01}),   // overcoupled
      ring_of(0.3, 2.0, 0.2, {0.05, 0.01}),   // undercoupled
      ring_of(0.5, 0.2, 1.5, {0.0, 0.1}),     // by shared loss alone
      ring_of(0.6, 0.5, 0.1, {1.5, 0.05}),    // split in two
      ring_of(0.3, 0.4, 0.1, {-3.0, 0.2}),
  };
  return all;
}

TEST(CoupledModeFit, ResponseIsThatOfTheStandingWaves) {
  // Frequencies are rounded to 1e-16 of themselves, and the lines are 1e-4 of them.
  constexpr double rounding = 5e-12;
  for (const AddDropRing& ring : rings()) {
    const auto frequencies = frequencies_around(resonance, 1e12, 101);
    const AddDropCurves network = add_drop_response(ring, frequencies);
    const AddDropCurves standing = curves_of(ring, frequencies);
    for (std::size_t f = 0; f < frequencies.size(); ++f) {
      const Complex one = std::polar(1.0, 0.4), two = std::polar(1.0, -2.9);
      EXPECT_NEAR(std::abs(one * network.through[f] - standing.through[f]), 0.0, rounding);
      EXPECT_NEAR(std::abs(two * network.drop[f] - standing.drop[f]), 0.0, rounding);
      EXPECT_NEAR(std::abs(one * network.reflected[f] - standing.reflected[f]), 0.0, rounding);
      EXPECT_NEAR(std::abs(two * network.added[f] - standing.added[f]), 0.0, rounding);
      if (ring.kappa_intrinsic == 0.0 && ring.backscatter.imag() == 0.0) {
        EXPECT_NEAR(std::norm(network.through[f]) + std::norm(network.drop[f]) +
                        std::norm(network.reflected[f]) + std::norm(network.added[f]),
                    1.0, rounding);
      }
    }
  }
}

TEST(CoupledModeFit, RecoversKnownRingsExactly) {
  double worst = 0.0;
  for (const AddDropRing& ring : rings())
    for (const bool backscatter_seen : {true, false}) {
      AddDropCurves curves =
          curves_of(ring, frequencies_around(resonance, 1.4e12, 241), 60e-15, 45e-15);
      if (!backscatter_seen) curves.reflected = curves.added = {};
      const CoupledModeFit fit = fit_coupled_modes(curves);
      const double width = ring.total_loss();
      // Unseen, J is known by its square alone.
      const Complex found = fit.ring.backscatter / width, known = ring.backscatter / width;
      const double j_error =
          backscatter_seen ? std::abs(found - known) : std::abs(found * found - known * known);
      for (const double error :
           {2.0 * pi * (fit.ring.frequency - ring.frequency) / width,
            (fit.ring.kappa_1 - ring.kappa_1) / width, (fit.ring.kappa_2 - ring.kappa_2) / width,
            (fit.ring.kappa_intrinsic - ring.kappa_intrinsic) / width, j_error,
            fit.ring.quality() / ring.quality() - 1.0, fit.residual,
            (fit.through_delay() - 60e-15) * width, (fit.drop_delay() - 45e-15) * width}) {
        EXPECT_NEAR(error, 0.0, 1e-8) << "ring " << (&ring - rings().data());
        worst = std::max(worst, std::abs(error));
      }
      EXPECT_NEAR(std::remainder(
                      fit.through_phase[0] - 0.4 - 2.0 * pi * (ring.frequency - resonance) * 60e-15,
                      2.0 * pi),
                  0.0, 1e-8);
    }
  std::printf("known rings: off by at most %.1e linewidths\n", worst);
}

TEST(CoupledModeFit, ErrorBarsAreThoseOfTheNoise) {
  std::mt19937 random(7);
  for (const std::size_t which : {0u, 2u, 5u}) {
    const AddDropRing& ring = rings()[which];
    constexpr int draws = 120;
    constexpr double noise = 0.01;  // of either part
    std::normal_distribution<double> normal(0.0, noise);
    std::array<double, 7> squares{};
    int beyond = 0;
    double residuals = 0.0;
    for (int draw = 0; draw < draws; ++draw) {
      AddDropCurves curves =
          curves_of(ring, frequencies_around(resonance, 1e12, 81), 60e-15, 45e-15);
      for (auto* curve : {&curves.through, &curves.drop, &curves.reflected, &curves.added})
        for (Complex& value : *curve) value += Complex(normal(random), normal(random));
      const CoupledModeFit fit = fit_coupled_modes(curves);
      const std::array<double, 7> deviation = {
          (fit.ring.frequency - ring.frequency) / fit.error.frequency,
          (fit.ring.kappa_1 - ring.kappa_1) / fit.error.kappa_1,
          (fit.ring.kappa_2 - ring.kappa_2) / fit.error.kappa_2,
          (fit.ring.kappa_intrinsic - ring.kappa_intrinsic) / fit.error.kappa_intrinsic,
          (fit.ring.backscatter.real() - ring.backscatter.real()) / fit.error.backscatter.real(),
          (fit.ring.backscatter.imag() - ring.backscatter.imag()) / fit.error.backscatter.imag(),
          (fit.ring.quality() - ring.quality()) / fit.quality_error};
      for (std::size_t k = 0; k < deviation.size(); ++k) {
        squares[k] += deviation[k] * deviation[k];
        beyond += std::abs(deviation[k]) > 3.0 ? 1 : 0;
      }
      residuals += fit.residual;
    }
    // 0.27 % of a normal distribution lie beyond three deviations: 2.3 expected of 840. The mean of
    // 120 squares scatters by sqrt(2 / 120) = 0.13.
    EXPECT_LE(beyond, 9);
    for (const double sum : squares) EXPECT_NEAR(sum / draws, 1.0, 4.0 * 0.13);
    EXPECT_NEAR(residuals / draws, std::sqrt(2.0) * noise, 0.02 * noise);
    std::printf(
        "ring %zu: mean squares of deviation / error bar %.2f %.2f %.2f %.2f %.2f %.2f "
        "%.2f; %d of %d beyond 3\n",
        which, squares[0] / draws, squares[1] / draws, squares[2] / draws, squares[3] / draws,
        squares[4] / draws, squares[5] / draws, squares[6] / draws, beyond, 7 * draws);
  }
}

// A ring of round-trip time T and amplitude `a` a round, with couplers that pass r_1 and r_2:
//   through = (r_1 - r_2 a e^{i theta}) / (1 - r_1 r_2 a e^{i theta}),
//   drop = - t_1 t_2 sqrt(a) e^{i theta / 2} / (1 - r_1 r_2 a e^{i theta}), theta = omega T
// (A. Yariv, Electron. Lett. 36, 321 (2000)). Modes are its limit of weak coupling: kappa T =
// t^2, with a relative error that falls with t^2.
TEST(CoupledModeFit, ExactCircuitsInTheLimitOfWeakCoupling) {
  constexpr double round_trip = 9e-14;  // [s]
  const double centre = std::round(resonance * round_trip) / round_trip;
  double before = 0.0;
  for (const double weak : {1.0, 0.5, 0.25}) {
    const double t1 = 0.06 * weak, t2 = 0.04 * weak, lost = 0.02 * weak;  // of power
    const double r1 = std::sqrt(1.0 - t1), r2 = std::sqrt(1.0 - t2), a = std::sqrt(1.0 - lost);
    const double width = (t1 + t2 + lost) / round_trip / (2.0 * pi);
    AddDropCurves curves;
    curves.frequencies = frequencies_around(centre, 5.0 * width, 201);
    for (const double f : curves.frequencies) {
      const Complex turn = std::polar(a, 2.0 * pi * (f - centre) * round_trip);
      const Complex half = std::polar(std::sqrt(a), pi * (f - centre) * round_trip);
      curves.through.push_back((r1 - r2 * turn) / (1.0 - r1 * r2 * turn));
      curves.drop.push_back(-std::sqrt(t1 * t2) * half / (1.0 - r1 * r2 * turn));
    }
    curves.reflected.assign(curves.frequencies.size(), 0.0);
    const CoupledModeFit fit = fit_coupled_modes(curves);
    const double error = fit.ring.kappa_1 * round_trip / t1 - 1.0;
    std::printf(
        "circuit, t_1^2 = %.3f: kappa_1 %+.4f, kappa_2 %+.4f, kappa' %+.4f, f %.1e of the "
        "width, residual %.1e\n",
        t1, error, fit.ring.kappa_2 * round_trip / t2 - 1.0,
        fit.ring.kappa_intrinsic * round_trip / lost - 1.0, (fit.ring.frequency - centre) / width,
        fit.residual);
    EXPECT_NEAR(fit.ring.frequency, centre, 1e-3 * width);
    EXPECT_NEAR(fit.ring.kappa_2 * round_trip, t2, t2 * (t1 + t2 + lost));
    EXPECT_NEAR(fit.ring.kappa_intrinsic * round_trip, lost, lost * (t1 + t2 + lost));
    EXPECT_NEAR(error, 0.0, t1 + t2 + lost);
    EXPECT_NEAR(std::abs(fit.ring.backscatter) * round_trip, 0.0, 1e-6);
    if (before != 0.0) {
      EXPECT_NEAR(before / error, 2.0, 0.25);
    }
    before = error;
  }
}

// The same ring as a circuit of couplers and guides, coupled as strongly as that of scene 44: two
// couplers of 7.995 %, 1.37 % lost in a round of 1 / 13.13674 THz. The numbers are those of another
// program: the formulas above, fitted with SciPy's least_squares.
TEST(CoupledModeFit, RingOfTheCircuitSolver) {
  constexpr double share = 0.07995, lost = 0.0137, round_trip = 1.0 / 13.13674e12;
  constexpr double index = 1.9, wavelength = 1.55e-6;
  const double length = 11.0 * wavelength / index;  // resonant at the reference
  Circuit circuit;
  const auto add = [&](const char* kind, const char* name, std::map<std::string, double> numbers) {
    circuit.add(
        name, make_circuit_component(
                  kind, {.name = name, .numbers = std::move(numbers), .texts = {}, .folder = {}}));
  };
  add("coupler", "c1", {{"ratio", share}});
  add("coupler", "c2", {{"ratio", share}});
  for (const char* name : {"half1", "half2"})
    add("waveguide", name,
        {{"length", 0.5 * length},
         {"effective_index", index},
         {"group_index", speed_of_light * round_trip / length},
         {"reference_wavelength", wavelength},
         {"loss", -10.0 * std::log10(1.0 - lost) / length}});
  circuit.join("c1.out2", "half1.in");
  circuit.join("half1.out", "c2.in2");
  circuit.join("c2.out2", "half2.in");
  circuit.join("half2.out", "c1.in2");
  circuit.expose("in", "c1.in1");
  circuit.expose("through", "c1.out1");
  circuit.expose("drop", "c2.out1");
  circuit.expose("add", "c2.in1");

  const double centre = speed_of_light / wavelength;
  AddDropCurves curves;
  curves.frequencies = frequencies_around(centre, 1.5e12, 241);
  const std::vector<Complex> s =
      CircuitSolver(circuit, curves.frequencies).solve(circuit.parameters());
  for (std::size_t f = 0; f < curves.frequencies.size(); ++f) {
    curves.reflected.push_back(s[16 * f]);  // [frequency][to][from in]
    curves.through.push_back(s[16 * f + 4]);
    curves.drop.push_back(s[16 * f + 8]);
    curves.added.push_back(s[16 * f + 12]);
  }
  const CoupledModeFit fit = fit_coupled_modes(curves);
  const double weak = share / round_trip;
  EXPECT_NEAR(fit.ring.kappa_1 / weak, 1.04368, 1e-4);
  EXPECT_NEAR(fit.ring.kappa_2 / weak, 1.04629, 1e-4);
  EXPECT_NEAR(fit.ring.kappa_intrinsic / (lost / round_trip), 1.0025, 1e-3);
  EXPECT_NEAR(fit.ring.frequency, centre, 1e6);
  EXPECT_NEAR(std::abs(fit.ring.backscatter) * round_trip, 0.0, 1e-6);
}

std::string message_of(const AddDropCurves& curves) {
  try {
    fit_coupled_modes(curves);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(CoupledModeFit, SaysWhatIsWrong) {
  const AddDropCurves good = curves_of(rings()[0], frequencies_around(resonance, 1e12, 41));
  AddDropCurves bad = good;
  bad.drop.pop_back();
  EXPECT_NE(message_of(bad).find("\"drop\" has 40 values for 41"), std::string::npos);
  bad = good;
  bad.reflected[3] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NE(message_of(bad).find("value 4 of the curve \"reflected\""), std::string::npos);
  bad = good;
  bad.frequencies[5] = bad.frequencies[4];
  EXPECT_NE(message_of(bad).find("frequency 6"), std::string::npos);
  bad = good;
  bad.drop.assign(41, 0.0);
  EXPECT_NE(message_of(bad).find("nothing leaves by the drop port"), std::string::npos);
  EXPECT_NE(
      message_of(curves_of(rings()[0], frequencies_around(resonance, 1e12, 5))).find("at least 8"),
      std::string::npos);
  // The flank of a resonance far away.
  EXPECT_NE(message_of(curves_of(rings()[0], frequencies_around(resonance + 9e12, 1e12, 41)))
                .find("no resonance was found"),
            std::string::npos);
  EXPECT_THROW(fit_coupled_modes(good, {9}), InputError);
  AddDropRing ring = rings()[0];
  ring.kappa_1 = -1.0;
  EXPECT_THROW(add_drop_response(ring, good.frequencies), InputError);
  ring = ring_of(0.0, 0.0, 0.0, 0.0);
  EXPECT_THROW(add_drop_response(ring, std::array{ring.frequency}), NumericsError);
}

}  // namespace
}  // namespace wavesmith
