// What a design leaves behind: its polygons, pixels and parameters as files, and the part as a
// geometry, read back from its file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "apps/design_part.hpp"
#include "apps/outputs.hpp"
#include "apps/wave_problem.hpp"
#include "core/scene.hpp"
#include "physics/feature_size.hpp"
#include "physics/gdsii.hpp"

namespace wavesmith {

// What is made of a pattern: outlines and holes at full binarisation.
std::vector<Ring> design_rings(const DensityPattern& pattern, std::span<const double> parameters);

// design/design.gds; what comes back is what the file holds.
std::vector<GdsPolygon> write_design_layout(const DesignPart& design, std::span<const Ring> rings,
                                            OutputFolder& folder);

// The least widths of the exported solid and of the gaps in it, within the region [m].
FeatureSizes measure_features(const DesignPart& design, const std::vector<GdsPolygon>& polygons);

// design/design.stl, the part between floor and top; nothing where there is no solid. A line for
// people where no surface can be made of the rings, else empty.
std::string write_design_solid(const DesignPart& design, std::span<const Ring> rings,
                               OutputFolder& folder);

// design/parameters.csv and design/density.csv.
void write_design_files(const DensityPattern& pattern, std::span<const double> parameters,
                        OutputFolder& folder);

// design/verify.toml: a scene of its own, with the exported layout in place of the design.
void write_verification_scene(const WaveProblem& problem, OutputFolder& folder);

// The scene with the polygons in place of the design. refine: as in read_wave_problem.
WaveProblem with_polygons(const Scene& scene, const std::vector<GdsPolygon>& polygons, int refine);

}  // namespace wavesmith
