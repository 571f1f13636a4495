// wavesmith run, check and gradcheck of a sweep of unit cells.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "apps/cells_problem.hpp"
#include "apps/commands.hpp"
#include "apps/metrics.hpp"
#include "core/error.hpp"
#include "physics/cell_table.hpp"

namespace wavesmith {

Status run_cells_scene(const Scene& scene, const RunOptions& settings);
Status check_cells_scene(const Scene& scene, const SceneOptions& options);
Status gradcheck_cells_scene(const Scene& scene, const SceneOptions& options);

struct CellsFindings {
  Metrics metrics;
  std::map<std::string, double> timing;  // [s]
  std::size_t from_cache = 0, marched = 0;
  std::vector<std::string> notes;  // for people
};

// Files and, last, result.json. Lines for people about what was left out.
std::vector<std::string> write_cells_outputs(const CellsProblem& problem,
                                             const RunOptions& settings, const CellTable& table,
                                             const CellsFindings& findings,
                                             const std::filesystem::path& out);

}  // namespace wavesmith
