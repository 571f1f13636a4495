// Networks as files that ParaView and other VTK readers open: .vtp, and .pvd for series.
//
// Format  VTK XML poly data (.vtp): a point and a vertex per node, a line per bond. Values of nodes
//         are point data, so that lines show them too, shaded from end to end; values of bonds are
//         cell data, which vertices have not: theirs are NaN. The cell array "part" tells vertices
//         (0) from lines (1), and "number" counts each from 1. Units as in viz/field_files.hpp.
// Use     Colour by a cell array to see bonds, by a point array to see nodes; Warp By Vector with
//         the displacement of a lattice shows its deformed shape, Tube and Glyph make it solid.
#pragma once

#include <filesystem>

#include "core/network_figure.hpp"
#include "viz/field_files.hpp"

namespace wavesmith {

// Throws InputError as validate, UnavailableError where the file cannot be written.
void write_network_vtp(const NetworkFigure& figure, const std::filesystem::path& path,
                       Compression compression = Compression::none);

// Networks at increasing times as <stem>/0000.vtp, 0001.vtp, ... and <stem>.pvd, which is written
// last. Throws as write_network_vtp, and InputError for times that do not increase.
void write_network_series(const std::vector<NetworkFigure>& figures,
                          const std::filesystem::path& pvd,
                          Compression compression = Compression::none);

}  // namespace wavesmith
