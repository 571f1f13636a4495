// design/: what is made in a workshop, and what another run can start from.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "apps/outputs.hpp"
#include "core/csv_table.hpp"
#include "physics/height_layer.hpp"
#include "physics/layer_design.hpp"
#include "physics/phase_layer.hpp"
#include "training/npy_file.hpp"
#include "viz/stl.hpp"

namespace wavesmith {
namespace {

// A surface of more design pixels is too large for the programs that read .stl files.
constexpr std::size_t most_printed_pixels = std::size_t{1} << 20;

const Layer& made_layer(const Layer& layer) {
  const auto* frozen = dynamic_cast<const FrozenLayer*>(&layer);
  return frozen != nullptr ? frozen->layer() : layer;
}

}  // namespace

std::vector<std::string> write_design(const FinishedRun& run, OutputFolder& folder) {
  const StackDescription& description = run.problem.description;
  const OutputPart& output = run.problem.output;
  const double wavelength = description.wavelengths.front();
  std::vector<std::string> left_out;
  std::size_t offset = 0;
  for (std::size_t l = 0; l < description.layers.size(); ++l) {
    const Layer& layer = *description.layers[l].layer;
    const std::span<const double> own = run.parameters().subspan(offset, layer.parameter_count());
    offset += layer.parameter_count();
    const std::string stem = fmt::format("design/layer_{}", l + 1);
    for (LayerDesign& design : layer_designs(layer, own, wavelength)) {
      const CsvMatrix matrix{design.quantity,         design.unit,      design.pixels.nx,
                             design.pixels.ny,        design.pixels.dx, design.pixels.dy,
                             std::move(design.values)};
      write_csv_matrix(matrix, folder.add(stem + "_" + design.quantity + ".csv",
                                          fmt::format("{} of layer {} per design pixel [{}]",
                                                      design.quantity, l + 1, design.unit)));
    }

    const Layer& made = made_layer(layer);
    if (const auto* cells = dynamic_cast<const CellsLayer*>(&made)) {
      const auto* frozen = dynamic_cast<const FrozenLayer*>(&layer);
      write_cells(*cells, frozen != nullptr ? frozen->parameters() : own, stem, folder);
    }
    const bool is_height = dynamic_cast<const HeightLayer*>(&made) != nullptr;
    const bool is_phase = dynamic_cast<const PhaseLayer*>(&made) != nullptr;
    if (!is_height && !(is_phase && !output.material.empty())) continue;
    const Plane pixels = design_pixels(layer);
    if (pixels.size() > most_printed_pixels) {
      left_out.push_back(fmt::format(
          "layer {} has {} x {} pixels, more than an .stl file is good for; its .csv has them all",
          l + 1, pixels.nx, pixels.ny));
      continue;
    }
    const Material material =
        is_height ? material_of(run.problem.layers[l].spec) : find_material(output.material);
    const double designed_for =
        is_height ? run.problem.layers[l].spec.design_wavelength : wavelength;
    HeightMap map{pixels.nx, pixels.ny,   pixels.dx,
                  pixels.dy, output.base, height_map(layer, own, material, designed_for)};
    if (is_phase)
      write_csv_matrix({"height", "m", map.nx, map.ny, map.dx, map.dy, map.heights},
                       folder.add(stem + "_height.csv", fmt::format("height of layer {} in {} [m]",
                                                                    l + 1, output.material)));
    write_stl(map,
              folder.add(stem + ".stl", fmt::format("layer {} as a solid for printing, in {}, mm",
                                                    l + 1, material.name)),
              fmt::format("layer {}", l + 1));
  }
  if (!run.parameters().empty())
    write_npy(folder.add("design/parameters.npy", "all parameters, as training left them"),
              run.parameters(), {run.parameters().size()});
  return left_out;
}

}  // namespace wavesmith
