// Frames as files that ParaView and other VTK readers open: .vti, .vtm and .pvd.
//
// Format  VTK XML image data: appended raw binary, LZ4, 64-bit headers, float32 point data. Lengths
//         are in metres. Each array carries its unit as vtkDataArray::UNITS_LABEL, and all units
//         are repeated in the field data "units" ("name = unit", one a line), which viewers show.
//         Field data also holds "TimeValue", "name", "title" and the exact origin and spacing.
// All files appear under their name only when whole.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/frame.hpp"

namespace wavesmith {

void write_vti(const Frame& frame, const std::filesystem::path& path);

// One multi-block file whose blocks are named by the frames' titles. The pieces are written as .vti
// into a folder beside it that has its stem; returns the pieces' paths.
std::vector<std::filesystem::path> write_vtm(const std::vector<Frame>& frames,
                                             const std::filesystem::path& path);

struct SeriesEntry {
  double value = 0.0;  // on the series' axis: epoch, z [m] or t [s]
  std::string file;    // relative to the .pvd file, or absolute
};
void write_pvd(const std::vector<SeriesEntry>& series, const std::filesystem::path& path);

// Back from write_vti, every value as it was. Throws UnavailableError where there is no such file,
// InputError where it is not image data.
Frame read_vti(const std::filesystem::path& path);

}  // namespace wavesmith
