#include "physics/fit_medium.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/constrained_fit.hpp"
#include "physics/optical_media.hpp"

namespace wavesmith {
namespace {

using Complex = std::complex<double>;

// The conditions of Karush, Kuhn and Tucker, which single out the minimum.
TEST(ConstrainedFit, NonnegativeLeastSquaresIsOptimal) {
  std::mt19937 random(7);
  std::normal_distribution<> normal;
  for (int trial = 0; trial < 200; ++trial) {
    const std::size_t rows = 3 + random() % 20, count = 1 + random() % 12;
    std::vector<std::vector<double>> columns(count, std::vector<double>(rows));
    std::vector<double> b(rows);
    for (auto& column : columns)
      for (double& value : column) value = normal(random);
    for (double& value : b) value = normal(random);
    const std::vector<double> x = nonnegative_least_squares(columns, b);
    std::vector<double> misfit = b;
    for (std::size_t row = 0; row < rows; ++row)
      for (std::size_t i = 0; i < count; ++i) misfit[row] -= columns[i][row] * x[i];
    for (std::size_t i = 0; i < count; ++i) {
      double gain = 0.0;
      for (std::size_t row = 0; row < rows; ++row) gain += columns[i][row] * misfit[row];
      EXPECT_GE(x[i], 0.0);
      if (x[i] > 0.0) {
        EXPECT_NEAR(gain, 0.0, 1e-9);
      } else {
        EXPECT_LE(gain, 1e-9);
      }
    }
  }
}

TEST(FitMedium, FindsThePolesThatTheSamplesWereMadeOf) {
  DispersiveMedium truth;
  truth.eps_inf = 1.7;
  truth.lorentz = {{0.0, 1e14, 4e31}, {4e15, 5e14, 2e31}};
  std::vector<double> omega;
  std::vector<Complex> eps;
  for (int i = 0; i < 60; ++i) {
    omega.push_back(1e15 + 5e15 * i / 59.0);
    eps.push_back(truth.permittivity(omega.back()));
  }
  const MediumFit fit = fit_medium(omega, eps, {.poles = 2});
  EXPECT_LT(fit.max_error, 1e-5);
  ASSERT_EQ(fit.medium.lorentz.size(), 2u);
  EXPECT_NEAR(fit.medium.eps_inf, 1.7, 1e-3);
}

// A Sellmeier medium without its far resonances: as good an index, and a longer time step.
TEST(FitMedium, SellmeierMediaFitWithResonancesBelowALimit) {
  const DispersiveMedium silica = find_optical_medium("fused_silica");
  const double limit = 2.0 * pi * speed_of_light / 0.15e-6;
  const MediumFit fit = refit_medium(silica, 0.45e-6, 0.8e-6, {.poles = 1, .max_resonance = limit});
  EXPECT_EQ(fit.medium.name, "fused_silica");
  for (const LorentzPole& pole : fit.medium.lorentz) EXPECT_LE(pole.resonance, limit);
  EXPECT_LT(fit.max_error, 2e-3);
  EXPECT_LT(fit.max_error * 5.0, refit_medium(silica, 0.45e-6, 0.8e-6, {.poles = 0}).max_error);
  EXPECT_THROW(fit.medium.permittivity_at(0.9e-6), InputError);
}

TEST(FitMedium, MetalsFitBetterWithMorePolesAndStayPassive) {
  const DispersiveMedium gold = find_optical_medium("gold");
  double before = 1e9;
  for (const int poles : {1, 2, 3}) {
    const MediumFit fit = refit_medium(gold, 0.5e-6, 1.2e-6, {.poles = poles});
    EXPECT_LT(fit.rms_error, before);
    before = fit.rms_error;
    EXPECT_NO_THROW(validate_medium(fit.medium));
    for (double omega = 1e13; omega < 1e17; omega *= 1.2)
      EXPECT_GE(fit.medium.permittivity(omega).imag(), 0.0);
  }
  EXPECT_LT(before, 0.01);
}

// Samples of an overdamped relaxation, with noise.
TEST(FitMedium, IsRobustAgainstNoise) {
  std::mt19937 random(3);
  std::normal_distribution<> normal(0.0, 0.01);
  std::vector<double> omega;
  std::vector<Complex> eps;
  for (int i = 0; i < 40; ++i) {
    omega.push_back(1e10 * std::pow(10.0, i / 20.0));
    const Complex value = 5.0 + 70.0 / Complex(1.0, -omega.back() * 8e-12);
    eps.push_back(value * (1.0 + normal(random)) + Complex(0.0, 0.05));
  }
  EXPECT_LT(fit_medium(omega, eps, {.poles = 2}).rms_error, 0.03);
}

TEST(FitMedium, BadSamplesAreNamed) {
  const std::vector<double> omega = {1e15, 2e15, 3e15};
  const std::vector<Complex> good = {2.0, 2.1, 2.2}, gain = {2.0, {2.1, -0.1}, 2.2};
  const auto message = [](const auto& call) {
    try {
      call();
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_NE(message([&] { fit_medium(omega, gain, {.poles = 1}); }).find("sample 1"),
            std::string::npos);
  EXPECT_NE(message([&] { fit_medium(omega, good, {.poles = 5}); }).find("too few"),
            std::string::npos);
  EXPECT_NE(message([&] { fit_medium(omega, good, {.poles = 50}); }).find("0 to 12"),
            std::string::npos);
  const std::vector<double> falling = {3e15, 2e15, 1e15};
  EXPECT_NE(message([&] { fit_medium(falling, good, {.poles = 1}); }).find("rising"),
            std::string::npos);
  EXPECT_THROW(refit_medium(find_optical_medium("gold"), 1e-6, 20e-6), InputError);
}

}  // namespace
}  // namespace wavesmith
