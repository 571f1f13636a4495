// [material.*] of a scene of waves in time.
#include <algorithm>
#include <cmath>

#include "apps/wave_problem.hpp"
#include "core/error.hpp"
#include "core/suggest.hpp"
#include "physics/acoustic_absorption.hpp"
#include "physics/optical_media.hpp"

namespace wavesmith {
namespace {

DispersiveMedium read_medium(const SceneTable& table, const std::string& name) {
  if (table.has("medium")) {
    std::vector<std::string> known;
    for (const DispersiveMedium& medium : list_optical_media()) known.push_back(medium.name);
    DispersiveMedium medium = find_optical_medium(table.choice("medium", known));
    medium.chi2 = table.number("chi2", 0.0);
    medium.chi3 = table.number("chi3", 0.0);
    return medium;
  }
  if (table.has("index") && table.has("permittivity"))
    throw table.error("permittivity", "stands beside an index; give one of the two");
  DispersiveMedium medium;
  medium.name = name;
  const double index = table.number("index", 1.0, Range::above(0));
  medium.eps_inf = table.number("permittivity", index * index, Range::above(0));
  medium.conductivity = table.number("conductivity", 0.0, Range::at_least(0));
  medium.chi2 = table.number("chi2", 0.0);
  medium.chi3 = table.number("chi3", 0.0);
  if (medium.conductivity > 0.0 && (medium.chi2 != 0.0 || medium.chi3 != 0.0))
    throw table.error("conductivity", "stands beside chi2 or chi3; a nonlinear medium is lossless");
  for (const SceneTable& pole : table.tables("lorentz")) {
    LorentzPole own;
    own.resonance = 2.0 * pi * pole.frequency("resonance", Range::above(0));
    own.damping = 2.0 * pi * pole.frequency("damping", 0.0, Range::at_least(0));
    own.strength = pole.number("strength", Range::at_least(0)) * own.resonance * own.resonance;
    medium.lorentz.push_back(own);
  }
  for (const SceneTable& pole : table.tables("drude")) {
    LorentzPole own;
    const double plasma = 2.0 * pi * pole.frequency("plasma", Range::above(0));
    own.damping = 2.0 * pi * pole.frequency("damping", 0.0, Range::at_least(0));
    own.strength = plasma * plasma;
    medium.lorentz.push_back(own);
  }
  for (const SceneTable& pole : table.tables("debye"))
    medium.debye.push_back({pole.number("strength", Range::at_least(0)),
                            pole.quantity("time", Dimension::time, Range::above(0))});
  return medium;
}

// Absorption alpha0 (f / MHz)^y in dB/cm over a band, with the speed told at a frequency in it.
SoundMaterial read_fluid(const SceneTable& table, const std::string& name) {
  SoundMaterial fluid;
  fluid.name = name;
  fluid.speed = table.quantity("speed", Dimension::speed, Range::above(0));
  fluid.density = table.quantity("density", Dimension::density, Range::above(0));
  fluid.beta =
      table.has("b_over_a") ? 1.0 + 0.5 * table.number("b_over_a", Range::at_least(0)) : 0.0;
  if (!table.has("absorption")) return fluid;
  const SceneTable law = table.table("absorption");
  const std::vector<double> band =
      law.quantities("band", Dimension::frequency, Range::above(0), Count::exactly(2));
  if (!(band[0] < band[1])) throw law.error("band", "is not [lowest, highest]");
  const AbsorbingFluid fit = fit_absorption(
      {law.number("alpha0", Range::at_least(0)), law.number("y", Range::between(0.01, 2.0))},
      fluid.speed, law.frequency("reference", std::sqrt(band[0] * band[1]), Range::above(0)),
      band[0], band[1], law.integer("relaxations", 3, IntegerRange::between(1, 8)));
  fluid.speed = fit.speed_inf;
  fluid.relaxations = fit.relaxations;
  return fluid;
}

}  // namespace

int WaveMaterials::find(const SceneTable& table, const std::string& key) const {
  const std::string name = table.choice(key, names);
  for (std::size_t m = 0; m < names.size(); ++m)
    if (names[m] == name) return static_cast<int>(m);
  return 0;
}

WaveMaterials read_materials(const SceneTable& root, bool sound, const std::string& background) {
  WaveMaterials materials;
  const SceneTable all = root.optional_table("material");
  std::vector<std::string> names = all.keys();
  if (!sound && !all.has("vacuum")) names.push_back("vacuum");
  std::stable_partition(names.begin(), names.end(),
                        [&](const std::string& name) { return name == background; });
  if (names.empty() || names.front() != background)
    throw root.error("background \"" + background +
                     "\" is no material of the scene; write a [material." + background + "]" +
                     suggestion(background, names));
  for (const std::string& name : names) {
    materials.names.push_back(name);
    if (!all.has(name)) {
      materials.light.emplace_back().medium.name = name;
      continue;
    }
    const SceneTable table = all.table(name);
    if (sound) {
      materials.sound.push_back(read_fluid(table, name));
    } else {
      materials.light.push_back(
          {read_medium(table, name), table.number("permeability", 1.0, Range::above(0))});
      try {
        validate_medium(materials.light.back().medium);
      } catch (const InputError& error) {
        throw table.error(std::string("is no medium: ") + error.what());
      }
    }
  }
  return materials;
}

}  // namespace wavesmith
