// What the Yee and the staggered acoustic scheme do exactly, on a uniform grid.
//
// Second-order leapfrog: sin^2(omega dt / 2) / (c dt)^2 = sum_i sin^2(k_i d_i / 2) / d_i^2.
// A. Taflove and S. Hagness, Computational Electrodynamics, chapter 4. SI units.
#pragma once

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "tests/analytic/bessel.hpp"

namespace wavesmith::analytic {

struct YeeStep {
  std::vector<double> spacing;  // of each direction in use [m]
  double dt = 0.0;              // [s]
  double speed = 299792458.0;   // [m/s]
};

// omega of a plane wave with wave vector k [1/m], as many components as directions.
inline double yee_frequency(const YeeStep& step, const std::vector<double>& k) {
  double sum = 0.0;
  for (std::size_t i = 0; i < step.spacing.size(); ++i) {
    const double s = std::sin(0.5 * k[i] * step.spacing[i]) / step.spacing[i];
    sum += s * s;
  }
  return 2.0 / step.dt * std::asin(step.speed * step.dt * std::sqrt(sum));
}

// Length of the wave vector [1/m] along the unit vector `direction` at omega, by Newton's method.
inline double yee_wavenumber(const YeeStep& step, double omega,
                             const std::vector<double>& direction) {
  const double time = std::sin(0.5 * omega * step.dt) / (step.speed * step.dt);
  double k = omega / step.speed;
  for (int iteration = 0; iteration < 50; ++iteration) {
    double value = -time * time, slope = 0.0;
    for (std::size_t i = 0; i < step.spacing.size(); ++i) {
      const double phase = 0.5 * k * direction[i] * step.spacing[i];
      value += std::pow(std::sin(phase) / step.spacing[i], 2);
      slope += 0.5 * direction[i] * std::sin(2.0 * phase) / step.spacing[i];
    }
    const double change = value / slope;
    k -= change;
    if (std::abs(change) < 1e-15 * k) break;
  }
  return k;
}

// Mode (p, q, ...) [half waves] of a closed box with `cells` cells a direction: [Hz]. Perfectly
// conducting walls for light, rigid or soft walls for sound.
inline double yee_box_frequency(const YeeStep& step, const std::vector<int>& mode,
                                const std::vector<int>& cells) {
  std::vector<double> k;
  for (std::size_t i = 0; i < mode.size(); ++i)
    k.push_back(std::numbers::pi * mode[i] / (cells[i] * step.spacing[i]));
  return yee_frequency(step, k) / (2.0 * std::numbers::pi);
}

struct DiscreteSlab {
  Complex r, t;  // E of the reflected wave at node `first`, of the transmitted wave at node
                 // `first + eps.size() - 1`, with the incident wave 1 at node `first`
};

// 1D Yee grid in vacuum with relative permittivity eps[i] at consecutive E nodes (complex: the
// discrete permittivity of a dispersive or lossy medium at this omega), normal incidence. Exact:
// E[i-1] - (2 - eps[i] w^2 dx^2 / c^2) E[i] + E[i+1] = 0 with w = (2 / dt) sin(omega dt / 2).
inline DiscreteSlab discrete_slab(double dx, double dt, double omega,
                                  const std::vector<Complex>& eps, double speed = 299792458.0) {
  const double w = 2.0 / dt * std::sin(0.5 * omega * dt) * dx / speed;
  const double phase = 2.0 * std::asin(0.5 * w);  // k dx in vacuum
  const Complex step = std::exp(imaginary_unit * phase);
  // Outgoing wave 1 at the last node of the slab and on; then back to before the first.
  Complex here = 1.0, after = step;
  for (std::size_t i = eps.size(); i-- > 0;) {
    const Complex before = (2.0 - eps[i] * w * w) * here - after;
    after = here;
    here = before;
  }
  // Node first is `after`, node first - 1 is `here`: incident a exp(i k x), reflected b exp(-i k
  // x).
  const Complex a = (after * step - here) / (step - 1.0 / step);
  const Complex b = after - a;
  return {b / a, 1.0 / a};
}

}  // namespace wavesmith::analytic
