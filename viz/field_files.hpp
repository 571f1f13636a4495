// Frames as files that ParaView and other VTK readers open: .vti, .vtr, .vtm and .pvd.
//
// Format  VTK XML image data (.vti) or, for graded axes, a rectilinear grid (.vtr): appended raw
//         binary, 64-bit headers, float32 point data. Lengths are in metres. Each array carries its
//         unit as vtkDataArray::UNITS_LABEL, and all units are repeated in the field data "units"
//         ("name = unit", one a line), which viewers show. Field data also holds "TimeValue",
//         "name", "title" and the exact origin and spacing.
// Speed   Uncompressed files of a gigabyte a second and more go to a disk in memory; LZ4 costs
//         little and saves what is smooth or zero; zlib is smallest and about 30 times slower.
// All files appear under their name only when whole.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/frame.hpp"

namespace wavesmith {

enum class Compression { none, lz4, zlib };

// Regular grids only. Throws InputError for a frame that does not fit, UnavailableError where the
// file cannot be written; so do the others.
void write_vti(const Frame& frame, const std::filesystem::path& path,
               Compression compression = Compression::none);
// Any grid, by the coordinates of its points.
void write_vtr(const Frame& frame, const std::filesystem::path& path,
               Compression compression = Compression::none);
// As `stem`.vti where the grid is regular, else `stem`.vtr; returns which.
std::filesystem::path write_frame(const Frame& frame, const std::filesystem::path& stem,
                                  Compression compression = Compression::none);

// One multi-block file whose blocks are named by the frames' titles. The pieces are written into a
// folder beside it that has its stem; returns the pieces' paths.
std::vector<std::filesystem::path> write_vtm(const std::vector<Frame>& frames,
                                             const std::filesystem::path& path,
                                             Compression compression = Compression::none);

struct SeriesEntry {
  double value = 0.0;  // on the series' axis: epoch, z [m] or t [s]
  std::string file;    // relative to the .pvd file, or absolute
};
void write_pvd(const std::vector<SeriesEntry>& series, const std::filesystem::path& path);

// A film written while it happens: frames at increasing times as <stem>/0000.vti, 0001.vti, ...
// beside <stem>.pvd, which finish() writes when they are all there.
class FrameSeries {
 public:
  explicit FrameSeries(std::filesystem::path pvd, Compression compression = Compression::none);

  // Returns the piece's path.
  std::filesystem::path add(const Frame& frame);
  void finish() const { write_pvd(entries_, path_); }
  const std::vector<SeriesEntry>& entries() const { return entries_; }

 private:
  std::filesystem::path path_;
  Compression compression_;
  std::vector<SeriesEntry> entries_;
};

// Back from write_vti or write_vtr, every value as it was; a .vtr comes back with the coordinates
// of all axes. Throws UnavailableError where there is no such file, InputError where it is no such
// grid.
Frame read_frame(const std::filesystem::path& path);

}  // namespace wavesmith
