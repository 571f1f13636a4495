#include "apps/design_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <sstream>

#include "core/atomic_file.hpp"
#include "core/csv_table.hpp"
#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/contour.hpp"
#include "physics/gds_layout.hpp"
#include "physics/polygon_mesh.hpp"
#include "viz/stl.hpp"

namespace wavesmith {
namespace {

constexpr const char* layout_file = "design/design.gds";
constexpr const char* cell_name = "design";

// A header of a part of the scene that belongs to the design.
bool is_design_header(const std::string& line) {
  static const std::regex header(
      R"(^\s*\[+\s*(design|goal|optimization|metric|expect|output)(\.[A-Za-z_]+)*\s*\]+.*$)");
  return std::regex_match(line, header);
}
bool is_header(const std::string& line) {
  static const std::regex header(R"(^\s*\[+\s*[A-Za-z_][A-Za-z_0-9.]*\s*\]+\s*(#.*)?$)");
  return std::regex_match(line, header);
}

std::string length_text(double metres) {
  return "\"" + fmt::format("{:.10g} um", 1e6 * metres) + "\"";
}

}  // namespace

std::vector<Ring> design_rings(const DensityPattern& pattern, std::span<const double> parameters) {
  // Corners two nanometres from pixel centres: rounding to the file's nanometres makes no rings
  // meet.
  const Plane& pixels = pattern.pixels();
  ContourSettings settings;
  settings.gap = std::min(2.0 * GdsLibrary{}.database_unit, 0.2 * std::min(pixels.dx, pixels.dy));
  return contour(pixels, pattern.filtered(parameters), pattern.threshold(), settings);
}

std::vector<GdsPolygon> write_design_layout(const DesignPart& design, std::span<const Ring> rings,
                                            OutputFolder& folder) {
  GdsLibrary library;
  library.cells.push_back({cell_name, gds_polygons(rings, design.layer, design.datatype), {}});
  const std::filesystem::path path = folder.add(layout_file, "the part's outlines, GDSII");
  write_gdsii(library, path);
  return flattened(read_gdsii(path), cell_name);
}

FeatureSizes measure_features(const DesignPart& design, const std::vector<GdsPolygon>& polygons) {
  FeatureSettings settings;
  const Bounds& region = design.region;
  const double extent = std::max(region.hi[0] - region.lo[0], region.hi[1] - region.lo[1]);
  settings.accuracy = std::max(0.25 * design.pixels.dx, extent / 2000.0);
  settings.region = {{{region.lo[0], region.lo[1]}, {region.hi[0], region.hi[1]}}};
  return minimum_feature(outlines(polygons, design.layer, design.datatype), settings);
}

std::string write_design_solid(const DesignPart& design, std::span<const Ring> rings,
                               OutputFolder& folder) {
  if (rings.empty()) return {};
  TriangleMesh solid;
  try {
    solid = prism_mesh(rings, design.region.lo[2], design.region.hi[2]);
  } catch (const InputError& error) {
    return std::string("no STL: ") + error.what();
  }
  write_stl(in_millimetres(solid.vertices, solid.triangles),
            folder.add("design/design.stl", "the part as a closed surface [mm]"), "design");
  return {};
}

void write_design_files(const DensityPattern& pattern, std::span<const double> parameters,
                        OutputFolder& folder) {
  CsvTable table;
  table.columns = {"parameter"};
  for (const double value : parameters) table.rows.push_back({value});
  write_csv_table(
      table, folder.add("design/parameters.csv", "the parameters, where a design can start from"));
  const Plane& pixels = pattern.pixels();
  CsvMatrix matrix{
      "density", "1", pixels.nx, pixels.ny, pixels.dx, pixels.dy, pattern.filtered(parameters)};
  write_csv_matrix(matrix, folder.add("design/density.csv",
                                      "the filtered density; solid is above the threshold"));
}

void write_verification_scene(const WaveProblem& problem, OutputFolder& folder) {
  const DesignPart& design = *problem.design;
  std::istringstream lines(problem.scene_text);
  std::string text, line;
  bool skipped = false;
  while (std::getline(lines, line)) {
    if (is_design_header(line))
      skipped = true;
    else if (is_header(line))
      skipped = false;
    if (!skipped) text += line + "\n";
  }
  const Bounds& region = design.region;
  const bool space = problem.dimensions == 3;
  const std::string z = space ? fmt::format("floor = {}\ntop = {}\n", length_text(region.lo[2]),
                                            length_text(region.hi[2]))
                              : std::string();
  const std::vector<std::string>& names = problem.materials.names;
  text += fmt::format(
      "\n# The region of the design, and in it the part as exported.\n[[solid]]\nkind = "
      "\"prism\"\nmaterial = \"{}\"\nx = [{}, {}, {}, {}]\ny = [{}, {}, {}, {}]\n{}\n[[solid]]\n"
      "kind = \"layout\"\nmaterial = \"{}\"\nfile = \"design.gds\"\nlayer = {}\ndatatype = {}\n{}",
      names[static_cast<std::size_t>(design.empty)], length_text(region.lo[0]),
      length_text(region.hi[0]), length_text(region.hi[0]), length_text(region.lo[0]),
      length_text(region.lo[1]), length_text(region.lo[1]), length_text(region.hi[1]),
      length_text(region.hi[1]), z, names[static_cast<std::size_t>(design.solid)], design.layer,
      design.datatype, z);
  write_file(folder.add("design/verify.toml", "a scene of the exported part alone"), text);
}

WaveProblem with_polygons(const Scene& scene, const std::vector<GdsPolygon>& polygons, int refine) {
  WaveProblem problem = read_wave_problem(scene, refine);
  const DesignPart& design = *problem.design;
  problem.geometry.add(design_block(design), design.empty);
  for (const GdsPolygon& polygon : polygons)
    problem.geometry.add(
        std::make_shared<PrismSolid>(polygon.points, design.region.lo[2], design.region.hi[2]),
        design.solid);
  return problem;
}

}  // namespace wavesmith
