#include "solvers/place_fluid.hpp"

#include <cmath>
#include <string>

#include "core/error.hpp"
#include "solvers/place_medium.hpp"

namespace wavesmith {

void place_fluid(TimeDomainSetup& setup, const GridBox& box, const Fluid& fluid,
                 double reference_density) {
  WAVESMITH_VALIDATE(setup.system == WaveSystem::scalar && setup.nodes == Nodes::on_edges,
                     "a fluid belongs to sound: the scalar system with pressure on the edges");
  WAVESMITH_VALIDATE(reference_density > 0.0 && std::isfinite(fluid.beta) && fluid.beta >= 0.0,
                     fluid.name +
                         " needs a density of the reference above 0, and a coefficient of "
                         "nonlinearity that is not negative");
  const LeapfrogSize size = stored_size(setup);
  validate_new_medium(setup, size, box, fluid.name);
  const FluidUpdate update = fluid_update(fluid.sound, fluid.density, setup.dt);
  const double speed = fluid.sound.speed_inf;
  const double limit = courant_limit(setup.grid, speed);
  WAVESMITH_VALIDATE(setup.dt <= limit * (1.0 + 1e-12),
                     "a time step of " + std::to_string(setup.dt * 1e9) + " ns is unstable in " +
                         fluid.name + ", where sound is faster; at most " +
                         std::to_string(limit * 1e9) + " ns");
  const double modulus = fluid.density * speed * speed;
  const double reference_modulus = reference_density * setup.speed * setup.speed;
  set_points(setup.coefficient[0], box, size, update.pole * modulus / reference_modulus);
  for (std::size_t c = 1; c < 4; ++c)
    set_points(setup.coefficient[c], box, size, reference_density / fluid.density);
  if (update.keep != 1.0 || !setup.decay[0].empty())
    set_points(setup.decay[0], box, size, update.keep);
  const auto everywhere = [&](double value) { return std::vector<double>(box.count(), value); };
  for (const DebyeUpdate& pole : update.relaxations)
    setup.poles.push_back({0,
                           box,
                           true,
                           everywhere(pole.b1),
                           everywhere(pole.b2),
                           {},
                           everywhere(update.pole * pole.decay)});
  if (fluid.beta > 0.0)
    setup.nonlinear.push_back(
        {0, box, everywhere(-fluid.beta / modulus * update.pole), everywhere(0.0)});
}

}  // namespace wavesmith
