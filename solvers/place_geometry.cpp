#include "solvers/place_geometry.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <tuple>

#include "core/error.hpp"
#include "physics/acoustic_absorption.hpp"
#include "physics/vacuum.hpp"

namespace wavesmith {
namespace {

// The stored points of an axis as low edges of cells. Behind a mirror there is one point more than
// cells: a sliver of a cell is put there, so that its box ends at the mirror.
Axis axis_of_points(const Axis& axis, int points) {
  Axis longer = axis;
  if (points > axis.cells())
    longer.edges.push_back(axis.high() + 1e-9 * axis.width(axis.cells() - 1));
  return longer;
}

bool is_plain(const DispersiveMedium& medium) {
  return medium.conductivity == 0.0 && medium.lorentz.empty() && medium.debye.empty() &&
         medium.chi2 == 0.0 && medium.chi3 == 0.0;
}

// The mean of media by volume.
DispersiveMedium mix(const Mixture& mixture, std::span<const LightMaterial> materials) {
  DispersiveMedium mixed;
  mixed.eps_inf = 0.0;
  for (const MaterialShare& part : mixture.materials) {
    const DispersiveMedium& medium = materials[static_cast<std::size_t>(part.material)].medium;
    mixed.eps_inf += part.share * medium.eps_inf;
    mixed.conductivity += part.share * medium.conductivity;
    mixed.chi2 += part.share * medium.chi2;
    mixed.chi3 += part.share * medium.chi3;
    for (LorentzPole pole : medium.lorentz) {
      pole.strength *= part.share;
      mixed.lorentz.push_back(pole);
    }
    for (DebyePole pole : medium.debye) {
      pole.step *= part.share;
      mixed.debye.push_back(pole);
    }
  }
  return mixed;
}

// Points of one component, by what fills them: each material, and each mixture.
class PoleBuilder {
 public:
  PoleBuilder(int component, const LeapfrogSize& size) : component_(component), size_(size) {}

  // The poles of a material at a point, which in `update` come from these on.
  void add(std::size_t point, int material, const DispersiveMedium& medium,
           const MediumUpdate& update, std::size_t first_lorentz = 0, std::size_t first_debye = 0) {
    for (std::size_t l = 0; l < medium.lorentz.size(); ++l) {
      const LorentzUpdate& own = update.lorentz[first_lorentz + l];
      points_[{material, false, l}].push_back({point, own.a1, own.a2, own.a3, update.pole});
    }
    add_relaxing(point, material, update.pole,
                 std::span(update.debye).subspan(first_debye, medium.debye.size()));
  }
  void add_relaxing(std::size_t point, int material, double gain,
                    std::span<const DebyeUpdate> updates) {
    for (std::size_t d = 0; d < updates.size(); ++d)
      points_[{material, true, d}].push_back(
          {point, updates[d].b1, updates[d].b2, 0.0, gain * updates[d].decay});
  }

  void build(std::vector<PoleField>& poles) const {
    for (const auto& [key, points] : points_) {
      PoleField field;
      field.component = component_;
      field.relaxing = std::get<1>(key);
      field.box = bounds(points);
      const std::size_t count = field.box.count();
      field.a1.assign(count, 0.0);
      field.a2.assign(count, 0.0);
      if (!field.relaxing) field.a3.assign(count, 0.0);
      field.gain.assign(count, 0.0);
      for (const Point& point : points) {
        const std::size_t at = place_in(field.box, point.index);
        field.a1[at] = point.a1;
        field.a2[at] = point.a2;
        if (!field.relaxing) field.a3[at] = point.a3;
        field.gain[at] = point.gain;
      }
      poles.push_back(std::move(field));
    }
  }

 private:
  struct Point {
    std::size_t index;
    double a1, a2, a3, gain;
  };

  std::array<int, 3> position(std::size_t index) const {
    const auto nx = static_cast<std::size_t>(size_.points[0]);
    const auto ny = static_cast<std::size_t>(size_.points[1]);
    return {static_cast<int>(index % nx), static_cast<int>(index / nx % ny),
            static_cast<int>(index / (nx * ny))};
  }
  GridBox bounds(const std::vector<Point>& points) const {
    GridBox box{size_.points, {0, 0, 0}};
    for (const Point& point : points) {
      const std::array<int, 3> p = position(point.index);
      for (std::size_t d = 0; d < 3; ++d) {
        box.begin[d] = std::min(box.begin[d], p[d]);
        box.end[d] = std::max(box.end[d], p[d] + 1);
      }
    }
    return box;
  }
  std::size_t place_in(const GridBox& box, std::size_t index) const {
    const std::array<int, 3> p = position(index);
    std::size_t place = 0;
    for (std::size_t d = 3; d-- > 0;)
      place = place * static_cast<std::size_t>(box.end[d] - box.begin[d]) +
              static_cast<std::size_t>(p[d] - box.begin[d]);
    return place;
  }

  int component_;
  LeapfrogSize size_;
  std::map<std::tuple<int, bool, std::size_t>, std::vector<Point>> points_;
};

std::vector<double> permittivities(std::span<const LightMaterial> materials) {
  std::vector<double> values;
  for (const LightMaterial& material : materials) values.push_back(material.medium.eps_inf);
  return values;
}

void validate_count(std::size_t given, int needed) {
  WAVESMITH_VALIDATE(given >= static_cast<std::size_t>(needed),
                     "the geometry names " + std::to_string(needed) + " materials, but " +
                         std::to_string(given) + " are given");
}

// A nonlinear field over the bounds of the points where there is one.
void add_nonlinear(int component, const LeapfrogSize& size, const std::vector<double>& square,
                   const std::vector<double>& cube, std::vector<NonlinearField>& fields) {
  GridBox box{size.points, {0, 0, 0}};
  std::array<int, 3> p{};
  const auto for_each = [&p](const GridBox& range, const auto& work) {
    for (p[2] = range.begin[2]; p[2] < range.end[2]; ++p[2])
      for (p[1] = range.begin[1]; p[1] < range.end[1]; ++p[1])
        for (p[0] = range.begin[0]; p[0] < range.end[0]; ++p[0]) work();
  };
  for_each({{0, 0, 0}, size.points}, [&] {
    const std::size_t at = size.index(p[0], p[1], p[2]);
    if (square[at] == 0.0 && cube[at] == 0.0) return;
    for (std::size_t d = 0; d < 3; ++d) {
      box.begin[d] = std::min(box.begin[d], p[d]);
      box.end[d] = std::max(box.end[d], p[d] + 1);
    }
  });
  if (box.end[0] == 0) return;
  NonlinearField field{component, box, {}, {}};
  for_each(box, [&] {
    const std::size_t at = size.index(p[0], p[1], p[2]);
    field.square.push_back(square[at]);
    field.cube.push_back(cube[at]);
  });
  fields.push_back(std::move(field));
}

// One number instead of many that are all the same.
void shorten(std::vector<double>& values) {
  if (values.empty() ||
      std::adjacent_find(values.begin(), values.end(), std::not_equal_to<>()) != values.end())
    return;
  values.resize(1);
}

}  // namespace

GeometryOnGrid::GeometryOnGrid(const TimeDomainSetup& setup, Equations equations,
                               const Geometry& geometry, int threads)
    : equations_(equations),
      material_count_(geometry.material_count()),
      electric_first_(equations == Equations::tm ? 2 : 0) {
  const GridLines lines = make_grid_lines(setup.system, setup.grid, setup.boundaries, setup.nodes,
                                          setup.speed, setup.dt);
  size_ = lines.size;
  YeeGrid points;
  FaceRules rules{};
  for (std::size_t d = 0; d < 3; ++d) {
    points.axes[d] = axis_of_points(setup.grid.axes[d], size_.points[d]);
    rules[d] = size_.periodic[d] ? FaceRule::periodic : FaceRule::clip;
  }
  for (const StoredField& field : fields_of(equations)) {
    if (field.component >= component_count(setup.system)) continue;
    mixtures_[static_cast<std::size_t>(field.component)] =
        mixtures_on_grid(geometry, points, field.places, rules, threads);
  }
}

bool GeometryOnGrid::plain_at(int component, std::size_t point,
                              std::span<const LightMaterial> materials) const {
  const auto plain = [&](int material) {
    return is_plain(materials[static_cast<std::size_t>(material)].medium);
  };
  const ComponentMixtures& mixtures = mixtures_of(component);
  const std::int32_t entry = mixtures.entry[point];
  if (entry >= 0) return plain(entry);
  const auto& parts = mixtures.mixtures[static_cast<std::size_t>(-1 - entry)].materials;
  return std::all_of(parts.begin(), parts.end(),
                     [&](const MaterialShare& part) { return plain(part.material); });
}

TensorRow GeometryOnGrid::tensor(int component, std::span<const double> constants,
                                 TensorLaw law) const {
  const int split = first_group_size(system_of(equations_));
  const int row = equations_ == Equations::maxwell ? component % 3
                  : component < split              ? electric_first_
                                                   : component - split;
  return tensor_row(mixtures_of(component), constants, row, law);
}

void GeometryOnGrid::place(TimeDomainSetup& setup, std::span<const LightMaterial> materials) const {
  validate_count(materials.size(), material_count_);
  const double limit = courant_limit(setup.grid, 1.0);
  bool all_plain = true, magnetic = false;
  for (const LightMaterial& material : materials) {
    validate_time_step(material.medium, setup.dt, 1.0 / (limit * limit), material.permeability);
    all_plain = all_plain && is_plain(material.medium);
    magnetic = magnetic || material.permeability != 1.0;
  }
  const int split = first_group_size(setup.system);
  const std::vector<double> constants = permittivities(materials);
  setup.poles.clear();
  setup.nonlinear.clear();
  for (int c = 0; c < split; ++c) {
    const std::size_t at = static_cast<std::size_t>(c);
    const ComponentMixtures& mixtures = mixtures_of(c);
    std::vector<double>& coefficient = setup.coefficient[at];
    TensorRow row = tensor(c, constants, TensorLaw::permittivity);
    coefficient = std::move(row.diagonal);
    setup.decay[at].clear();
    setup.off_diagonal[at].clear();
    if (setup.system == WaveSystem::maxwell)
      std::copy_if(row.off_diagonal.begin(), row.off_diagonal.end(),
                   std::back_inserter(setup.off_diagonal[at]),
                   [&](const OffDiagonal& entry) { return plain_at(c, entry.point, materials); });
    if (all_plain) {
      shorten(coefficient);
      continue;
    }
    std::vector<MediumUpdate> updates;
    for (const LightMaterial& material : materials)
      updates.push_back(medium_update(material.medium, setup.dt));
    std::vector<double> decay(size_.count(), 1.0), square(size_.count()), cube(size_.count());
    PoleBuilder poles(c, size_);
    for (std::size_t p = 0; p < mixtures.entry.size(); ++p) {
      const std::int32_t entry = mixtures.entry[p];
      if (entry >= 0) {
        const std::size_t m = static_cast<std::size_t>(entry);
        const DispersiveMedium& medium = materials[m].medium;
        if (is_plain(medium)) continue;
        coefficient[p] = updates[m].curl * vacuum_permittivity / setup.dt;
        decay[p] = updates[m].keep;
        square[p] = updates[m].pole * medium.chi2;
        cube[p] = updates[m].pole * medium.chi3;
        poles.add(p, entry, medium, updates[m]);
        continue;
      }
      const Mixture& mixture = mixtures.mixtures[static_cast<std::size_t>(-1 - entry)];
      if (plain_at(c, p, materials)) continue;
      const DispersiveMedium mixed = mix(mixture, materials);
      const MediumUpdate update = medium_update(mixed, setup.dt);
      coefficient[p] = update.curl * vacuum_permittivity / setup.dt;
      decay[p] = update.keep;
      square[p] = update.pole * mixed.chi2;
      cube[p] = update.pole * mixed.chi3;
      std::size_t lorentz = 0, debye = 0;
      for (const MaterialShare& part : mixture.materials) {
        const DispersiveMedium& own = materials[static_cast<std::size_t>(part.material)].medium;
        poles.add(p, part.material, own, update, lorentz, debye);
        lorentz += own.lorentz.size();
        debye += own.debye.size();
      }
    }
    shorten(decay);
    if (decay.size() > 1 || decay.front() != 1.0) setup.decay[at] = std::move(decay);
    shorten(coefficient);
    poles.build(setup.poles);
    add_nonlinear(c, size_, square, cube, setup.nonlinear);
  }
  std::vector<double> permeability;
  for (const LightMaterial& material : materials) permeability.push_back(material.permeability);
  for (int c = split; c < component_count(setup.system); ++c) {
    std::vector<double>& coefficient = setup.coefficient[static_cast<std::size_t>(c)];
    coefficient.clear();
    if (!magnetic || mixtures_of(c).entry.empty()) continue;
    // Hx of tm is stored as the component along y: its row of the tensor is x.
    const int row = equations_ == Equations::tm ? (c == 1 ? 1 : 0) : c - split;
    coefficient = tensor_row(mixtures_of(c), permeability, row, TensorLaw::permittivity).diagonal;
    shorten(coefficient);
  }
}

void GeometryOnGrid::place(TimeDomainSetup& setup, std::span<const SoundMaterial> materials,
                           const SoundMaterial& reference) const {
  validate_count(materials.size(), material_count_);
  std::vector<double> modulus, density;
  for (const SoundMaterial& material : materials) {
    WAVESMITH_VALIDATE(material.speed > 0.0 && material.density > 0.0,
                       material.name + " needs a speed and a density above 0");
    density.push_back(material.density / reference.density);
    const double speed = material.speed / reference.speed;
    modulus.push_back(density.back() * speed * speed);
  }
  std::vector<double>& pressure = setup.coefficient[0];
  pressure = mean_inverse_on_grid(mixtures_of(0), modulus);
  for (double& value : pressure) value = 1.0 / value;
  place_absorption(setup, materials, reference);
  shorten(pressure);
  for (int c = 1; c < component_count(setup.system); ++c) {
    std::vector<double>& coefficient = setup.coefficient[static_cast<std::size_t>(c)];
    TensorRow row = tensor(c, density, TensorLaw::density);
    coefficient = std::move(row.diagonal);
    setup.off_diagonal[static_cast<std::size_t>(c - 1)] = std::move(row.off_diagonal);
    shorten(coefficient);
  }
}

// Compressibilities add up by volume, kappa [1 + sum weight / (1 - i omega tau)] p - kappa^2 beta
// p^2, and so do their relaxing and nonlinear parts.
void GeometryOnGrid::place_absorption(TimeDomainSetup& setup,
                                      std::span<const SoundMaterial> materials,
                                      const SoundMaterial& reference) const {
  setup.poles.clear();
  setup.nonlinear.clear();
  setup.decay[0].clear();
  const auto is_simple = [](const SoundMaterial& m) {
    return m.relaxations.empty() && m.beta == 0.0;
  };
  if (std::all_of(materials.begin(), materials.end(), is_simple)) return;
  const ComponentMixtures& mixtures = mixtures_of(0);
  const double reference_modulus = reference.density * reference.speed * reference.speed;
  std::vector<double> decay(size_.count(), 1.0), square(size_.count(), 0.0);
  const std::vector<double> cube(size_.count(), 0.0);
  PoleBuilder poles(0, size_);
  for (std::size_t p = 0; p < mixtures.entry.size(); ++p) {
    const std::int32_t entry = mixtures.entry[p];
    const std::vector<MaterialShare> parts =
        entry >= 0 ? std::vector<MaterialShare>{{entry, 1.0}}
                   : mixtures.mixtures[static_cast<std::size_t>(-1 - entry)].materials;
    double compressibility = 0.0, nonlinearity = 0.0;
    for (const MaterialShare& part : parts) {
      const SoundMaterial& own = materials[static_cast<std::size_t>(part.material)];
      const double kappa = 1.0 / (own.density * own.speed * own.speed);
      compressibility += part.share * kappa;
      nonlinearity += part.share * own.beta * kappa * kappa;
    }
    AbsorbingFluid mixed;
    mixed.speed_inf = reference.speed;
    for (const MaterialShare& part : parts) {
      const SoundMaterial& own = materials[static_cast<std::size_t>(part.material)];
      const double kappa = 1.0 / (own.density * own.speed * own.speed);
      for (const DebyePole& relaxation : own.relaxations)
        mixed.relaxations.push_back(
            {relaxation.step * part.share * kappa / compressibility, relaxation.time});
    }
    if (mixed.relaxations.empty() && nonlinearity == 0.0) continue;
    const FluidUpdate update = fluid_update(mixed, reference.density, setup.dt);
    setup.coefficient[0][p] = update.pole / (compressibility * reference_modulus);
    decay[p] = update.keep;
    square[p] = -update.pole * nonlinearity / compressibility;
    std::size_t first = 0;
    for (const MaterialShare& part : parts) {
      const std::size_t count =
          materials[static_cast<std::size_t>(part.material)].relaxations.size();
      poles.add_relaxing(p, part.material, update.pole,
                         std::span(update.relaxations).subspan(first, count));
      first += count;
    }
  }
  poles.build(setup.poles);
  add_nonlinear(0, size_, square, cube, setup.nonlinear);
  shorten(decay);
  if (decay.size() > 1 || decay.front() != 1.0) setup.decay[0] = std::move(decay);
}

std::vector<double> GeometryOnGrid::pull_back_permittivity(
    std::span<const LightMaterial> materials, const GridBox& box,
    const TimeDomainGradient& medium_gradient) const {
  const std::vector<double> constants = permittivities(materials);
  std::vector<double> gradient(materials.size(), 0.0);
  for (int c = 0; c < first_group_size(system_of(equations_)); ++c) {
    const ComponentMixtures& mixtures = mixtures_of(c);
    TensorRow cotangent = tensor(c, constants, TensorLaw::permittivity);
    std::fill(cotangent.diagonal.begin(), cotangent.diagonal.end(), 0.0);
    for (OffDiagonal& entry : cotangent.off_diagonal) entry.next = entry.after_next = 0.0;
    std::size_t from = 0;
    for (int k = box.begin[2]; k < box.end[2]; ++k)
      for (int j = box.begin[1]; j < box.end[1]; ++j)
        for (int i = box.begin[0]; i < box.end[0]; ++i, ++from) {
          const std::size_t point = size_.index(i, j, k);
          if (plain_at(c, point, materials))
            cotangent.diagonal[point] =
                medium_gradient.coefficient[static_cast<std::size_t>(c)][from];
        }
    // Those of plain points, in the order of their points, are the setup's.
    if (equations_ == Equations::maxwell) {
      std::size_t given = 0;
      for (OffDiagonal& entry : cotangent.off_diagonal)
        if (plain_at(c, entry.point, materials)) {
          const auto& both = medium_gradient.off_diagonal[static_cast<std::size_t>(c)][given++];
          entry.next = both[0];
          entry.after_next = both[1];
        }
    }
    const int row = equations_ == Equations::maxwell ? c : electric_first_;
    pull_back_tensor_row(mixtures, constants, row, cotangent, gradient, TensorLaw::permittivity);
  }
  return gradient;
}

int GeometryOnGrid::material_at(int component, std::size_t point) const {
  const ComponentMixtures& mixtures = mixtures_of(component);
  const std::int32_t entry = mixtures.entry[point];
  if (entry >= 0) return entry;
  const Mixture& mixture = mixtures.mixtures[static_cast<std::size_t>(-1 - entry)];
  return std::max_element(
             mixture.materials.begin(), mixture.materials.end(),
             [](const MaterialShare& a, const MaterialShare& b) { return a.share < b.share; })
      ->material;
}

}  // namespace wavesmith
