// Grids, pulses and derivative checks for the tests of monitors.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <functional>
#include <numbers>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "solvers/frequency_monitor.hpp"
#include "solvers/wave_context.hpp"

namespace wavesmith::testing {

using Complex = std::complex<double>;

// A tone f under a Gaussian that leaves 1e-14 of it at zero frequency and nothing near the limit of
// the grid, where waves would stay for long; it is over at t = 22 / f.
inline double pulse_length(double f) {
  return 22.0 / f;
}
inline double pulse(double f, double t) {
  const double from_middle = t - 11.0 / f, width = 4.0 / (std::numbers::pi * f);
  if (std::abs(from_middle) > 11.0 / f) return 0.0;
  return std::exp(-0.5 * std::pow(from_middle / width, 2)) *
         std::sin(2.0 * std::numbers::pi * f * from_middle);
}

inline TimeSource point_source(int component, const std::array<int, 3>& at, double f,
                               double weight = 1.0) {
  return {component, {at, {at[0] + 1, at[1] + 1, at[2] + 1}}, 1, {weight}, [f](int, double t) {
            return pulse(f, t);
          }};
}

// Cells of unequal width about `width`; equal ones where spread = 0.
inline Axis random_axis(int cells, double width, double spread, std::uint64_t seed) {
  const Random random(seed, 17);
  Axis axis;
  axis.edges = {0.0};
  for (int i = 0; i < cells; ++i)
    axis.edges.push_back(axis.edges.back() + width * random.uniform(static_cast<std::uint64_t>(i),
                                                                    1.0 - spread, 1.0 + spread));
  return axis;
}

inline Spectra random_spectra(const TimeDomainSetup& setup, std::uint64_t seed) {
  const Random random(seed, 5);
  std::uint64_t n = 0;
  Spectra spectra;
  for (const SpectrumMonitor& monitor : setup.monitors) {
    std::vector<Complex> one(monitor.frequencies.size() * monitor.box.count());
    for (Complex& value : one) {
      const auto pair = random.normal_pair(n++);
      value = {pair[0], pair[1]};
    }
    spectra.push_back(one);
  }
  return spectra;
}

inline MonitorValues random_values(const MonitorValues& like, std::uint64_t seed) {
  const Random random(seed, 6);
  std::uint64_t n = 0;
  MonitorValues values = like;
  for (auto& row : values)
    for (Complex& value : row) {
      const auto pair = random.normal_pair(n++);
      value = {pair[0], pair[1]};
    }
  return values;
}

template <class Rows>
double real_product(const Rows& a, const Rows& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < a[i].size(); ++j) sum += (std::conj(a[i][j]) * b[i][j]).real();
  return sum;
}

inline Spectra moved(const Spectra& spectra, const Spectra& direction, double by) {
  Spectra other = spectra;
  for (std::size_t i = 0; i < other.size(); ++i)
    for (std::size_t j = 0; j < other[i].size(); ++j) other[i][j] += by * direction[i][j];
  return other;
}

// <g, dV> = <pull_back(g), dF>: the error relative to the lengths of what is multiplied. Linear
// and quadratic numbers have exact central differences of any step; others take a small one.
inline double pull_back_error(const FrequencyMonitor& monitor, const TimeDomainSetup& setup,
                              double step = 0.5) {
  const Spectra spectra = random_spectra(setup, 1), direction = random_spectra(setup, 2);
  const MonitorValues plus = monitor.evaluate(moved(spectra, direction, step));
  const MonitorValues minus = monitor.evaluate(moved(spectra, direction, -step));
  const MonitorValues cotangent = random_values(plus, 3);
  MonitorValues change = plus;
  for (std::size_t i = 0; i < plus.size(); ++i)
    for (std::size_t j = 0; j < plus[i].size(); ++j)
      change[i][j] = (plus[i][j] - minus[i][j]) / (2.0 * step);
  Spectra cotangents = zeros_like(spectra);
  monitor.pull_back(spectra, cotangent, cotangents);
  const double forward = real_product(cotangent, change);
  const double back = real_product(cotangents, direction);
  const double size = std::sqrt(real_product(cotangent, cotangent) * real_product(change, change));
  return std::abs(forward - back) / size;
}

// d loss / d coefficient of the first group in `design`, along a random direction, against central
// differences of fourth order; the loss is sum Re(conj(g) V) with random g.
inline double gradient_error(const TimeDomainSetup& setup, const FrequencyMonitor& monitor,
                             const GridBox& design, long steps, double h = 1e-3) {
  MonitorValues cotangent;
  TimeDomain march(setup);
  const TimeDomainGradient gradient = march.pull_back(steps, design, [&](const Spectra& spectra) {
    cotangent = random_values(monitor.evaluate(spectra), 4);
    Spectra cotangents = zeros_like(spectra);
    monitor.pull_back(spectra, cotangent, cotangents);
    return cotangents;
  });
  const Random random(9, 0);
  const auto loss_at = [&](double by) {
    TimeDomainSetup other = setup;
    std::uint64_t draw = 0;
    for (int c = 0; c < first_group_size(setup.system); ++c) {
      auto& values = other.coefficient[static_cast<std::size_t>(c)];
      if (values.size() <= 1) values.assign(march.size().count(), values.empty() ? 1.0 : values[0]);
      for_each_point(design, [&](const std::array<int, 3>& p, std::size_t) {
        values[march.size().index(p[0], p[1], p[2])] += by * random.uniform(draw++, -1.0, 1.0);
      });
    }
    TimeDomain run(std::move(other));
    run.run(steps);
    return real_product(cotangent, monitor.evaluate(spectra_of(run)));
  };
  double expected = 0.0;
  std::uint64_t draw = 0;
  for (int c = 0; c < first_group_size(setup.system); ++c)
    for (const double g : gradient.coefficient[static_cast<std::size_t>(c)])
      expected += g * random.uniform(draw++, -1.0, 1.0);
  const double found =
      (8.0 * (loss_at(h) - loss_at(-h)) - (loss_at(2.0 * h) - loss_at(-2.0 * h))) / (12.0 * h);
  return std::abs(found - expected) / std::abs(expected);
}

}  // namespace wavesmith::testing
