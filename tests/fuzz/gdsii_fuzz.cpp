// sources: physics/gdsii_read.cpp physics/gdsii_write.cpp physics/gdsii_path.cpp
// sources: physics/gdsii_flatten.cpp physics/input_file.cpp physics/polygon_check.cpp
// sources: physics/polygon.cpp physics/spatial_bins.cpp physics/solid.cpp
// Any bytes are a layout or an InputError, and its polygons cross themselves or do not; what was
// read and written is read again the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/error.hpp"
#include "physics/gdsii.hpp"
#include "physics/polygon_check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const wavesmith::GdsLibrary library = wavesmith::parse_gdsii({data, size}, "fuzz.gds");
    for (const std::string& cell : wavesmith::top_cells(library))
      for (const wavesmith::GdsPolygon& polygon : wavesmith::flattened(library, cell, 1e4))
        static_cast<void>(wavesmith::find_crossing(polygon.points));
    const auto bytes = wavesmith::gdsii_bytes(library);
    const auto again = wavesmith::parse_gdsii(bytes, "again.gds");
    if (again.cells.size() != library.cells.size()) std::abort();
    for (std::size_t c = 0; c < again.cells.size(); ++c)
      if (again.cells[c].polygons.size() != library.cells[c].polygons.size()) std::abort();
  } catch (const wavesmith::InputError&) {
  }
  return 0;
}
