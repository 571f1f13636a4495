// Pictures of a whole lens by full waves.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "apps/outputs.hpp"
#include "core/csv_table.hpp"
#include "solvers/cell_lens.hpp"

namespace wavesmith {

// Of designs by their names, the ideal one first: intensities of the focal line and, in three
// dimensions, of the focal plane's middle, all in one range of colours.
void write_focus_pictures(const std::vector<std::pair<std::string, Focus>>& designs,
                          OutputFolder& folder);

// The sizes of the cells before and after, and their change; of lists with x_m and y_m.
void write_size_pictures(const CsvTable& list, double pitch, OutputFolder& folder);

}  // namespace wavesmith
