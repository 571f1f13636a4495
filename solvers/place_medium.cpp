#include "solvers/place_medium.hpp"

#include <algorithm>
#include <string>

#include "core/error.hpp"

namespace wavesmith {

LeapfrogSize stored_size(const TimeDomainSetup& setup) {
  return make_grid_lines(setup.system, setup.grid, setup.boundaries, setup.nodes, setup.speed,
                         setup.dt)
      .size;
}

void set_points(std::vector<double>& values, const GridBox& box, const LeapfrogSize& size,
                double value) {
  if (values.size() != size.count())
    values.assign(size.count(), values.empty() ? 1.0 : values.front());
  for (int k = box.begin[2]; k < box.end[2]; ++k)
    for (int j = box.begin[1]; j < box.end[1]; ++j) {
      const std::size_t start = size.index(box.begin[0], j, k);
      std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(start), box.end[0] - box.begin[0],
                  value);
    }
}

void validate_new_medium(const TimeDomainSetup& setup, const LeapfrogSize& size, const GridBox& box,
                         const std::string& name) {
  for (std::size_t d = 0; d < 3; ++d)
    WAVESMITH_VALIDATE(
        box.begin[d] >= 0 && box.end[d] > box.begin[d] && box.end[d] <= size.points[d],
        name + " reaches outside of the grid along " + "xyz"[d] + "; it has " +
            std::to_string(size.points[d]) + " points there");
  for (const PoleField& pole : setup.poles)
    WAVESMITH_VALIDATE(!overlap(pole.box, box),
                       name + " lies over a medium with poles; give each point one medium");
  for (const NonlinearField& field : setup.nonlinear)
    WAVESMITH_VALIDATE(!overlap(field.box, box),
                       name + " lies over a nonlinear medium; give each point one medium");
}

void place_medium(TimeDomainSetup& setup, const GridBox& box, const DispersiveMedium& medium) {
  WAVESMITH_VALIDATE(
      setup.system == WaveSystem::maxwell || setup.nodes == Nodes::on_edges,
      "a dispersive medium belongs to the electric field: with Hz as the scalar, use "
      "the three-dimensional system with one cell along z");
  const LeapfrogSize size = stored_size(setup);
  validate_new_medium(setup, size, box, medium.name);
  const double limit = courant_limit(setup.grid, 1.0);  // 1 / sqrt(sum 1 / width^2)
  validate_time_step(medium, setup.dt, 1.0 / (limit * limit));

  const MediumUpdate update = medium_update(medium, setup.dt);
  const double coefficient = update.curl * vacuum_permittivity / setup.dt;
  const int components = first_group_size(setup.system);
  for (int c = 0; c < components; ++c) {
    const std::size_t at = static_cast<std::size_t>(c);
    set_points(setup.coefficient[at], box, size, coefficient);
    if (update.keep != 1.0 || !setup.decay[at].empty())
      set_points(setup.decay[at], box, size, update.keep);
    const auto everywhere = [&](double value) { return std::vector<double>(box.count(), value); };
    for (const LorentzUpdate& pole : update.lorentz)
      setup.poles.push_back({c, box, false, everywhere(pole.a1), everywhere(pole.a2),
                             everywhere(pole.a3), everywhere(update.pole)});
    for (const DebyeUpdate& pole : update.debye)
      setup.poles.push_back({c,
                             box,
                             true,
                             everywhere(pole.b1),
                             everywhere(pole.b2),
                             {},
                             everywhere(update.pole * pole.decay)});
    if (medium.chi2 != 0.0 || medium.chi3 != 0.0)
      setup.nonlinear.push_back(
          {c, box, everywhere(update.pole * medium.chi2), everywhere(update.pole * medium.chi3)});
  }
}

}  // namespace wavesmith
