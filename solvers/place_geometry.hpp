// Materials of a geometry on the grid of the time march, averaged where a cell holds several.
//
// Light. Between plain dielectrics a point takes the inverse permittivity tensor of
// physics/subpixel.hpp, second order at smooth interfaces. Where conductors, poles or nonlinear
// media take part, the tensor's electric and magnetic parts have no common meaning in time; the
// point then takes the mean of the media by volume, which is stable wherever each of them is.
// Sound. Pressure sees the mean compressibility, velocity the tensor of the inverse density.
//
// Coefficients are relative to the vacuum, or to the reference fluid.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "physics/dispersive_medium.hpp"
#include "physics/geometry.hpp"
#include "physics/subpixel.hpp"
#include "solvers/field_names.hpp"
#include "solvers/time_domain.hpp"

namespace wavesmith {

struct LightMaterial {
  DispersiveMedium medium;
  double permeability = 1.0;  // relative
};

struct SoundMaterial {
  std::string name;
  double speed = 343.0;   // unrelaxed [m/s]
  double density = 1.21;  // [kg/m^3]
  // Absorption: fit_absorption (physics/acoustic_absorption.hpp) makes them of a power law.
  std::vector<DebyePole> relaxations;
  double beta = 0.0;  // 1 + (B/A) / 2 (solvers/place_fluid.hpp); 0: linear
};

// The mixtures of a geometry at the points of the components that see a material: found once, and
// used for any constants.
class GeometryOnGrid {
 public:
  // Of `setup` the system, grid, boundaries, nodes, speed and dt count. Throws as make_grid_lines
  // does. `threads` <= 0: all.
  GeometryOnGrid(const TimeDomainSetup& setup, Equations equations, const Geometry& geometry,
                 int threads = 0);

  // Sets coefficient, decay and poles of the setup; materials by number. Throws InputError where a
  // material is missing, not valid, or not stable with the setup's dt.
  void place(TimeDomainSetup& setup, std::span<const LightMaterial> materials) const;
  // reference: the fluid of the setup's speed, to which coefficients are relative.
  void place(TimeDomainSetup& setup, std::span<const SoundMaterial> materials,
             const SoundMaterial& reference) const;

  // d loss / d permittivity of each material, from the derivative with respect to the medium at
  // all points of `box`. Exact for plain dielectrics; points where others take part
  // are left out.
  std::vector<double> pull_back_permittivity(std::span<const LightMaterial> materials,
                                             const GridBox& box,
                                             const TimeDomainGradient& medium_gradient) const;

  // The material that fills most of the cell around a point of a component.
  int material_at(int component, std::size_t point) const;
  std::span<const std::int32_t> entries(int component) const {
    return mixtures_of(component).entry;
  }

 private:
  void place_absorption(TimeDomainSetup& setup, std::span<const SoundMaterial> materials,
                        const SoundMaterial& reference) const;
  const ComponentMixtures& mixtures_of(int component) const {
    return mixtures_[static_cast<std::size_t>(component)];
  }
  // Whether all that a point of a component sees is plain dielectric.
  bool plain_at(int component, std::size_t point, std::span<const LightMaterial> materials) const;
  TensorRow tensor(int component, std::span<const double> constants, TensorLaw law) const;

  Equations equations_;
  int material_count_ = 0;
  LeapfrogSize size_;
  std::array<ComponentMixtures, 6> mixtures_;  // of stored components, over the stored points
  int electric_first_ = 0;                     // field component of the first stored one: 2 in tm
};

}  // namespace wavesmith
