#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "apps/commands.hpp"
#include "apps/lens_kinds.hpp"
#include "apps/networks.hpp"
#include "apps/scene_folder.hpp"
#include "apps/wave_parts.hpp"
#include "core/error.hpp"
#include "core/scene.hpp"
#include "core/suggest.hpp"
#include "physics/circuit_components.hpp"
#include "physics/detectors.hpp"
#include "physics/layers.hpp"
#include "physics/material.hpp"
#include "physics/optical_media.hpp"
#include "physics/source.hpp"
#include "training/losses.hpp"
#include "training/method.hpp"
#include "training/optimizer.hpp"
#include "training/schedule.hpp"

namespace wavesmith {

namespace {

struct Line {
  std::string name, sentence;
};

template <class Registry>
std::vector<Line> lines_of(const Registry& registry) {
  std::vector<Line> lines;
  for (const auto& entry : registry) lines.push_back({entry.name, entry.sentence});
  return lines;
}

// A scene's title, or what is wrong with the file.
std::string title_of(const std::filesystem::path& path) {
  try {
    return Scene::load(path.string()).root().string("title", "(without a title)");
  } catch (const Error& error) {
    return std::string("(") + error.what() + ")";
  }
}

std::vector<Line> scene_lines() {
  std::vector<Line> lines;
  for (const auto& path : list_scenes()) lines.push_back({path.stem().string(), title_of(path)});
  return lines;
}

std::vector<Line> method_lines() {
  std::vector<Line> lines;
  for (const MethodEntry& entry : method_registry()) {
    lines.push_back({entry.name, entry.needs.empty() || entry.needs == "nothing"
                                     ? entry.sentence
                                     : fmt::format("{} (needs: {})", entry.sentence, entry.needs)});
  }
  return lines;
}

std::vector<Line> material_lines() {
  std::vector<Line> lines;
  for (const Material& material : list_materials()) {
    lines.push_back(
        {material.name, fmt::format("{}, {} to {}; {}", material.sentence,
                                    format_quantity(material.min_wavelength, Dimension::length),
                                    format_quantity(material.max_wavelength, Dimension::length),
                                    material.citation)});
  }
  return lines;
}

std::vector<Line> medium_lines() {
  std::vector<Line> lines;
  for (const DispersiveMedium& medium : list_optical_media()) {
    lines.push_back(
        {medium.name,
         fmt::format("{}, {} to {}; {}", medium.sentence,
                     format_quantity(medium.min_wavelength, Dimension::length),
                     format_quantity(medium.max_wavelength, Dimension::length), medium.citation)});
  }
  return lines;
}

std::vector<Line> system_lines() {
  std::vector<Line> lines{
      {"diffractive", "A stack of thin layers between planes, lit by images or by sources"}};
  for (Line& line : lines_of(list_networks())) lines.push_back(std::move(line));
  return lines;
}

std::vector<Line> component_lines() {
  std::vector<Line> lines;
  for (const ComponentKind* kind : list_circuit_components())
    lines.push_back({kind->name, kind->sentence});
  return lines;
}

std::vector<Line> solver_lines() {
  std::vector<Line> lines = {
      {"angular_spectrum", "Scalar waves from plane to plane through thin layers"},
      {"time_domain", "Maxwell's equations and sound in time on a staggered grid"},
      {"network", "Coupled parts with an amplitude each, trained"},
      {"circuit", "Components by their scattering matrices, joined port to port"},
      {"unit_cells", "Cells of a metasurface in time, swept into a table of transmissions"}};
  for (const LensKind* kind : list_lens_kinds())
    lines.push_back({kind->solver(), kind->sentence()});
  return lines;
}

struct Section {
  const char* name;
  std::vector<Line> (*lines)();
};

constexpr Section sections[] = {
    {"scenes", scene_lines},
    {"systems", system_lines},
    {"networks", [] { return lines_of(list_networks()); }},
    {"components", component_lines},
    {"methods", method_lines},
    {"solvers", solver_lines},
    {"materials", material_lines},
    {"layers", [] { return lines_of(list_layers()); }},
    {"sources", [] { return lines_of(list_sources()); }},
    {"detectors", [] { return lines_of(list_detectors()); }},
    {"losses", [] { return lines_of(loss_registry()); }},
    {"optimizers", [] { return lines_of(optimizer_registry()); }},
    {"schedules", [] { return lines_of(schedule_registry()); }},
    {"waveforms", [] { return lines_of(list_waveforms()); }},
    {"wave_sources", [] { return lines_of(list_wave_sources()); }},
    {"wave_monitors", [] { return lines_of(list_wave_monitors()); }},
    {"wave_solids", [] { return lines_of(list_wave_solids()); }},
    {"wave_media", medium_lines},
};

void print_section(const Section& section, const std::string& indent) {
  const std::vector<Line> lines = section.lines();
  std::size_t width = 0;
  for (const Line& line : lines) width = std::max(width, line.name.size());
  for (const Line& line : lines) {
    std::cout << fmt::format("{}{:<{}}  {}\n", indent, line.name, width, line.sentence);
  }
}

}  // namespace

int list_command(const ListOptions& options) {
  std::vector<std::string> names;
  for (const Section& section : sections) {
    names.emplace_back(section.name);
    if (options.what == section.name) {
      print_section(section, "");
      return static_cast<int>(Status::done);
    }
  }
  if (!options.what.empty()) {
    throw InputError(fmt::format("there is no list of \"{}\"; lists are {}{}", options.what,
                                 join_names(names), suggestion(options.what, names)));
  }
  for (const Section& section : sections) {
    std::cout << section.name << ":\n";
    print_section(section, "  ");
  }
  return static_cast<int>(Status::done);
}

}  // namespace wavesmith
