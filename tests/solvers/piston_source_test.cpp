// Pistons and bowls on their axes against Rayleigh's integral in closed form.
#include "solvers/piston_source.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "core/error.hpp"
#include "tests/analytic/sources.hpp"

namespace wavesmith {
namespace {

using analytic::Complex;

constexpr double speed = 1500.0, density = 1000.0, frequency = 1e6;
constexpr double lambda = speed / frequency, wavenumber = 2.0 * pi / lambda;

// A quarter of space about the z axis, mirrors on x = 0 and y = 0, absorbing far away. The low face
// of z is a mirror at 0, or absorbing below `low`.
TimeDomainSetup quarter(double radius, double low, double high, int cells_per_wave, bool baffle) {
  TimeDomainSetup setup;
  setup.system = WaveSystem::scalar;
  setup.speed = speed;
  const int layer = 8;
  const double dx = lambda / cells_per_wave;
  const int across = static_cast<int>(std::lround(radius / dx)) + layer;
  const int below = baffle ? 0 : static_cast<int>(std::lround(-low / dx)) + layer;
  const int above = static_cast<int>(std::lround(high / dx)) + layer;
  setup.grid.axes = {uniform_axis(0.0, across * dx, across), uniform_axis(0.0, across * dx, across),
                     uniform_axis(-below * dx, above * dx, below + above)};
  setup.boundaries.faces = {
      {{Boundary::mirror, Boundary::absorbing},
       {Boundary::mirror, Boundary::absorbing},
       {baffle ? Boundary::mirror : Boundary::absorbing, Boundary::absorbing}}};
  setup.boundaries.layer.cells = layer;
  setup.boundaries.layer.reflection = 1e-5;
  setup.dt = 0.95 * courant_limit(setup.grid, speed);
  setup.schedule.threads = 1;
  return setup;
}

// Pressure over density speed velocity at nodes of the axis.
std::vector<Complex> on_axis(TimeDomainSetup setup, const std::vector<TimeSource>& sources,
                             const Waveform& waveform, const std::vector<double>& places) {
  const WaveContext context = context_of(setup, Equations::sound, density * speed);
  const StoredField p = find_field(Equations::sound, "p");
  setup.sources = sources;
  for (const double z : places) {
    const auto at = nearest_point(context, p, {0.0, 0.0, z});
    setup.monitors.push_back({0, {at, {at[0] + 1, at[1] + 1, at[2] + 1}}, {frequency}, 1});
  }
  const double length = setup.grid.axis(2).high() - setup.grid.axis(2).low();
  TimeDomain march(setup);
  march.run(static_cast<long>((waveform.end + 1.6 * length / speed) / setup.dt));
  std::vector<Complex> found;
  for (std::size_t m = 0; m < places.size(); ++m)
    found.push_back(march.spectrum(static_cast<int>(m))[0] /
                    (waveform.spectrum(frequency) * density * speed));
  return found;
}

double relative_error(const std::vector<Complex>& found, const std::vector<Complex>& expected) {
  double wrong = 0.0, all = 0.0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    wrong += std::norm(found[i] - expected[i]);
    all += std::norm(expected[i]);
  }
  return std::sqrt(wrong / all);
}

TEST(PistonSource, BaffledDiscOnItsAxis) {
  const double a = 1.37 * lambda;
  const std::vector<double> places = {0.5 * lambda, lambda, 1.5 * lambda, 2.0 * lambda};
  std::vector<Complex> expected;
  for (const double z : places)
    expected.push_back(std::polar(1.0, wavenumber * z) -
                       std::polar(1.0, wavenumber * std::hypot(z, a)));
  for (const bool baffle : {true, false}) {
    std::vector<double> errors;
    for (const int n : {8, 16}) {
      const TimeDomainSetup setup = quarter(1.8 * lambda, -0.25 * lambda, 2.25 * lambda, n, baffle);
      const WaveContext context = context_of(setup, Equations::sound, density * speed);
      const Waveform waveform = gaussian_pulse(frequency, frequency);
      FlatPiston piston;
      piston.radius = a;
      errors.push_back(relative_error(
          on_axis(setup, piston_source(context, piston, 1.0, waveform), waveform, places),
          expected));
    }
    std::printf("piston %s: %.2e, %.2e, ratio %.2f\n", baffle ? "in a mirror" : "in the open",
                errors[0], errors[1], errors[0] / errors[1]);
    EXPECT_LT(errors[1], 0.05);
    EXPECT_GT(errors[0] / errors[1], 3.0);
  }
}

// H. T. O'Neil, J. Acoust. Soc. Am. 21, 516 (1949): on the axis at z from the apex
//   p = rho c v [exp(i k z) - exp(i k B)] / (1 - z / R),  B^2 = (z - h)^2 + a^2.
TEST(PistonSource, BowlOnItsAxisAndInItsFocus) {
  const double curvature = 2.5 * lambda, a = 1.4 * lambda;
  const double h = curvature - std::sqrt(curvature * curvature - a * a);
  const std::vector<double> places = {1.5 * lambda, 2.0 * lambda, 2.5 * lambda, 3.0 * lambda};
  std::vector<Complex> expected;
  for (const double z : places) {
    if (std::abs(z - curvature) < 1e-9 * lambda) {
      expected.push_back(Complex(0.0, -wavenumber * h) * std::polar(1.0, wavenumber * curvature));
      continue;
    }
    const double b = std::hypot(z - h, a);
    expected.push_back((std::polar(1.0, wavenumber * z) - std::polar(1.0, wavenumber * b)) /
                       (1.0 - z / curvature));
  }
  std::vector<double> errors;
  for (const int n : {8, 16}) {
    TimeDomainSetup setup = quarter(1.8 * lambda, -0.25 * lambda, 3.25 * lambda, n, false);
    const WaveContext context = context_of(setup, Equations::sound, density * speed);
    const Waveform waveform = gaussian_pulse(frequency, frequency);
    // The points of the quarter that is modelled; the others are images.
    std::vector<SurfacePoint> points =
        bowl_points(context, {0.0, 0.0, 0.0}, {0.0, 0.0, 1.0}, curvature, a);
    double area = 0.0;
    for (const SurfacePoint& point : points) area += point.area;
    EXPECT_NEAR(area, 2.0 * pi * curvature * h, 1e-9 * area);
    for (SurfacePoint& point : points) {
      point.position[0] = std::abs(point.position[0]);
      point.position[1] = std::abs(point.position[1]);
      point.area /= 4.0;
    }
    const auto found =
        on_axis(setup, surface_source(context, points, 1.0, waveform), waveform, places);
    errors.push_back(relative_error(found, expected));
    std::printf("bowl: in the focus %.4f, exact %.4f\n", std::abs(found[2]), std::abs(expected[2]));
  }
  std::printf("bowl: %.2e, %.2e, ratio %.2f\n", errors[0], errors[1], errors[0] / errors[1]);
  EXPECT_LT(errors[1], 0.05);
  EXPECT_GT(errors[0] / errors[1], 3.0);
}

// In two dimensions an array of strips, focused by its delays, against the sum of Green's
// functions.
TEST(PistonSource, ArrayMeetsInItsFocus) {
  std::vector<double> errors;
  for (const int n : {10, 20}) {
    TimeDomainSetup setup;
    setup.system = WaveSystem::scalar;
    setup.speed = speed;
    setup.grid.axes = {uniform_axis(-4 * lambda, 4 * lambda, 8 * n),
                       uniform_axis(-1.0 * lambda, 5.0 * lambda, 6 * n), Axis{}};
    setup.boundaries.faces = {{{Boundary::absorbing, Boundary::absorbing},
                               {Boundary::absorbing, Boundary::absorbing},
                               {}}};
    setup.dt = 0.95 * courant_limit(setup.grid, speed);
    setup.schedule.threads = 1;
    const WaveContext context = context_of(setup, Equations::sound, density * speed);
    std::vector<ArrayElement> elements;
    for (int e = -3; e <= 3; ++e)
      elements.push_back({{0.8 * e * lambda, 0.02 * lambda * e, 0.0},
                          {0.1 * e, 1.0, 0.0},
                          0.35 * lambda,
                          1.0 + 0.1 * e,
                          0.0});
    const Vec3 focus = {1.0 * lambda, 3.0 * lambda, 0.0};
    focus_array(elements, focus, speed);
    const Waveform waveform = gaussian_pulse(frequency, 0.8 * frequency);
    setup.sources = array_source(context, elements, 2.0, waveform);
    const StoredField p = find_field(Equations::sound, "p");
    std::vector<Vec3> places;
    for (const Vec3& target :
         {focus, Vec3{-lambda, 3.0 * lambda, 0.0}, Vec3{0.0, 2.0 * lambda, 0.0}}) {
      const auto at = nearest_point(context, p, target);
      places.push_back(point_position(context, p, at));
      setup.monitors.push_back({0, {at, {at[0] + 1, at[1] + 1, 1}}, {frequency}, 1});
    }
    TimeDomain march(setup);
    march.run(static_cast<long>((waveform.end + 16.0 * lambda / speed) / setup.dt));
    std::vector<Complex> found, expected;
    for (std::size_t m = 0; m < places.size(); ++m) {
      found.push_back(march.spectrum(static_cast<int>(m))[0] / waveform.spectrum(frequency));
      Complex sum = 0.0;
      for (const ArrayElement& element : elements) {
        const double length = std::hypot(element.normal[0], element.normal[1]);
        const int parts = 200;
        for (int i = 0; i < parts; ++i) {
          const double s = element.radius * (2.0 * (i + 0.5) / parts - 1.0);
          const double x = element.centre[0] + s * element.normal[1] / length;
          const double y = element.centre[1] - s * element.normal[0] / length;
          // Volume flow 2 v per length; p = -i omega rho Q G.
          sum += 2.0 * 2.0 * element.amplitude * 2.0 * element.radius / parts *
                 std::polar(1.0, 2.0 * pi * frequency * element.delay) *
                 analytic::green_2d(wavenumber, std::hypot(places[m][0] - x, places[m][1] - y));
        }
      }
      expected.push_back(Complex(0.0, -2.0 * pi * frequency * density) * sum);
    }
    errors.push_back(relative_error(found, expected));
    EXPECT_GT(std::abs(found[0] / found[1]), 5.0);
  }
  std::printf("array: %.2e, %.2e, ratio %.2f\n", errors[0], errors[1], errors[0] / errors[1]);
  EXPECT_LT(errors[1], 0.05);
  EXPECT_GT(errors[0] / errors[1], 3.0);
}

TEST(PistonSource, WhatIsNoTransducerIsAnError) {
  const TimeDomainSetup setup = quarter(lambda, -lambda, lambda, 6, false);
  const WaveContext sound = context_of(setup, Equations::sound, density * speed);
  const Waveform waveform = ricker_pulse(frequency);
  EXPECT_THROW(piston_source(sound, {}, 1.0, waveform), InputError);
  FlatPiston far;
  far.radius = lambda;
  far.centre = {0.0, 0.0, 9.0 * lambda};
  EXPECT_THROW(piston_source(sound, far, 1.0, waveform), InputError);
  EXPECT_THROW(bowl_points(sound, {}, {0, 0, 1}, lambda, 2.0 * lambda), InputError);
  EXPECT_THROW(bowl_points(sound, {}, {0, 0, 0}, lambda, 0.5 * lambda), InputError);
}

}  // namespace
}  // namespace wavesmith
