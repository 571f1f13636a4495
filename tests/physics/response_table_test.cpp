#include "physics/response_table.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

#include "core/error.hpp"

namespace wavesmith {
namespace {

constexpr double pi = std::numbers::pi;

TEST(ResponseTable, MeetsItsPointsAndStaysBetweenThem) {
  const std::vector<double> control = {10, 12, 20, 21, 40};
  const std::vector<double> amplitude = {0.2, 0.9, 0.85, 0.3, 1.0};
  const std::vector<double> phase = {0.0, 0.5, 0.6, 2.9, 3.0};
  for (const auto interpolation : {TableInterpolation::linear, TableInterpolation::cubic}) {
    const ResponseTable table(control, amplitude, phase, interpolation, PhaseUnwrap::none);
    for (std::size_t i = 0; i < control.size(); ++i) {
      const Complex t = table.at((control[i] - 10.0) / 30.0).t;
      EXPECT_LT(std::abs(t - std::polar(amplitude[i], phase[i])), 1e-14);
    }
    for (std::size_t i = 0; i + 1 < control.size(); ++i)
      for (double s = 0.05; s < 1.0; s += 0.05) {
        const double at = (control[i] + s * (control[i + 1] - control[i]) - 10.0) / 30.0;
        const double a = std::abs(table.at(at).t), phi = std::arg(table.at(at).t);
        EXPECT_GE(a, std::min(amplitude[i], amplitude[i + 1]) - 1e-12);
        EXPECT_LE(a, std::max(amplitude[i], amplitude[i + 1]) + 1e-12);
        EXPECT_GE(phi, phase[i] - 1e-12);
        EXPECT_LE(phi, phase[i + 1] + 1e-12);
      }
  }
}

TEST(ResponseTable, SlopeIsTheDerivativeAndCubicIsSmooth) {
  const std::vector<double> control = {0, 1, 3, 4, 7}, amplitude = {0.2, 0.5, 0.6, 0.9, 0.8},
                            phase = {0.0, 1.0, 2.5, 3.0, 6.0};
  const ResponseTable table(control, amplitude, phase, TableInterpolation::cubic,
                            PhaseUnwrap::nearest);
  for (double c = 0.01; c < 1.0; c += 0.0173) {
    const double step = 1e-6;
    const Complex slope = (table.at(c + step).t - table.at(c - step).t) / (2.0 * step);
    EXPECT_LT(std::abs(table.at(c).slope - slope), 1e-4 * (1.0 + std::abs(slope))) << c;
  }
  for (const double knot : {1.0 / 7, 3.0 / 7, 4.0 / 7})
    EXPECT_LT(std::abs(table.at(knot - 1e-9).slope - table.at(knot + 1e-9).slope), 1e-6);
}

// A straight line is met exactly by both interpolations.
TEST(ResponseTable, LinePassesUnchanged) {
  for (const auto interpolation : {TableInterpolation::linear, TableInterpolation::cubic}) {
    const std::vector<double> control = {0, 0.1, 0.55, 1.0}, amplitude = {1, 1, 1, 1};
    const std::vector<double> phase = {0.0, 0.5, 2.75, 5.0};
    const ResponseTable table(control, amplitude, phase, interpolation, PhaseUnwrap::none);
    for (double c = 0.0; c <= 1.0; c += 0.01)
      EXPECT_LT(std::abs(table.at(c).t - std::polar(1.0, 5.0 * c)), 1e-13);
  }
}

TEST(ResponseTable, UnwrapsAMeasurementModuloTwoPi) {
  // True phase 0 .. 4 pi in steps of 0.4 pi, measured in (-pi, pi].
  std::vector<double> control, amplitude, phase, truth;
  for (int i = 0; i <= 10; ++i) {
    control.push_back(i);
    amplitude.push_back(1.0);
    truth.push_back(0.4 * pi * i);
    phase.push_back(std::arg(std::polar(1.0, truth.back())));
  }
  for (const auto unwrap : {PhaseUnwrap::nearest, PhaseUnwrap::monotone}) {
    const ResponseTable table(control, amplitude, phase, TableInterpolation::linear, unwrap);
    for (std::size_t i = 0; i < truth.size(); ++i) EXPECT_NEAR(table.phases()[i], truth[i], 1e-12);
  }
  // Steps of more than half a wave: only the monotone rule recovers a rising phase.
  const std::vector<double> coarse = {0, 1, 2}, ones = {1, 1, 1};
  const std::vector<double> wrapped = {0.0, std::arg(std::polar(1.0, 1.5 * pi)),
                                       std::arg(std::polar(1.0, 3.0 * pi))};
  const ResponseTable table(coarse, ones, wrapped, TableInterpolation::linear,
                            PhaseUnwrap::monotone);
  EXPECT_NEAR(table.phases()[1], 1.5 * pi, 1e-12);
  EXPECT_NEAR(table.phases()[2], 3.0 * pi, 1e-12);
}

TEST(ResponseTable, BadTablesAreRefused) {
  const auto make = [](std::vector<double> c, std::vector<double> a, std::vector<double> p) {
    ResponseTable(c, a, p, TableInterpolation::cubic, PhaseUnwrap::nearest);
  };
  EXPECT_THROW(make({0}, {1}, {0}), InputError);
  EXPECT_THROW(make({}, {}, {}), InputError);
  EXPECT_THROW(make({0, 1}, {1}, {0, 1}), InputError);
  EXPECT_THROW(make({0, 0}, {1, 1}, {0, 1}), InputError);
  EXPECT_THROW(make({1, 0}, {1, 1}, {0, 1}), InputError);
  EXPECT_THROW(make({0, 1}, {1, 1.2}, {0, 1}), InputError);
  EXPECT_THROW(make({0, 1}, {1, 1}, {0, std::nan("")}), InputError);
}

}  // namespace
}  // namespace wavesmith
