// Light of a line current past a rod, and the derivative of the power behind it by the rod's
// permittivity. docs/time_domain.md shows this program.
#include <cmath>
#include <cstdio>

#include "physics/optical_media.hpp"
#include "physics/solids.hpp"
#include "solvers/current_source.hpp"
#include "solvers/flux.hpp"
#include "solvers/place_geometry.hpp"

using namespace wavesmith;

struct Result {
  double power = 0.0, derivative = 0.0;  // [W/m], for a current of 1 A
};

Result power_behind_rod(double permittivity) {
  TimeDomainSetup setup;
  setup.system = WaveSystem::scalar;  // Ez, Hx and Hy: one cell along z
  setup.grid.axes = {uniform_axis(-1e-6, 1e-6, 80), uniform_axis(-1e-6, 1e-6, 80), {}};
  const std::array open = {Boundary::absorbing, Boundary::absorbing};
  setup.boundaries.faces = {open, open, {Boundary::periodic, Boundary::periodic}};
  setup.dt = 0.95 * courant_limit(setup.grid, setup.speed);

  Geometry geometry;  // material 0 but for a rod along z of material 1
  geometry.add(std::make_shared<CylinderSolid>(Vec3{}, 2, 0.2e-6, endless), 1);
  const std::vector<LightMaterial> materials = {{constant_medium(1.0)},
                                                {constant_medium(permittivity)}};
  const GeometryOnGrid media(setup, Equations::tm, geometry);
  media.place(setup, materials);

  const double frequency = speed_of_light / 0.8e-6;
  const Waveform pulse = gaussian_pulse(frequency, 0.3 * frequency);
  const WaveContext context = context_of(setup, Equations::tm);
  setup.sources = point_source(context, "Ez", {-0.5e-6, 0, 0}, 1.0, pulse);
  const PlaneRectangle plane = {0, 0.5e-6, {0, -0.4e-6, -0.5}, {0, 0.4e-6, 0.5}};
  const Flux flux(setup, context, "behind", plane, {frequency});

  const long steps = std::lround((pulse.end + 30e-15) / setup.dt);
  const double unit =
      std::norm(waveform_spectrum(pulse.value, flux.frequencies(), setup.dt, steps)[0]);
  TimeDomain march(setup);
  Result result;
  const GridBox everywhere = {{0, 0, 0}, march.size().points};
  const TimeDomainGradient gradient =
      march.pull_back(steps, everywhere, [&](const Spectra& spectra) {
        result.power = flux.evaluate(spectra)[0][0].real() / unit;
        Spectra cotangents = zeros_like(spectra);
        flux.pull_back(spectra, {{1.0 / unit}}, cotangents);
        return cotangents;
      });
  result.derivative = media.pull_back_permittivity(materials, everywhere, gradient)[1];
  return result;
}

int main() {
  const Result at = power_behind_rod(4.0);
  const double step = 1e-3;
  const double change = power_behind_rod(4.0 + step).power - power_behind_rod(4.0 - step).power;
  std::printf("power %g W/m, derivative %g, by differences %g\n", at.power, at.derivative,
              change / (2.0 * step));
  return std::abs(change / (2.0 * step) - at.derivative) < 1e-5 * std::abs(at.derivative) ? 0 : 1;
}
