// Record types, data types and numbers of GDSII, for its reader and writer.
#pragma once

#include <cstdint>

namespace wavesmith::gds {

enum Record : int {
  header = 0x00,
  begin_library = 0x01,
  library_name = 0x02,
  units = 0x03,
  end_library = 0x04,
  begin_structure = 0x05,
  structure_name = 0x06,
  end_structure = 0x07,
  boundary = 0x08,
  path = 0x09,
  structure_reference = 0x0a,
  array_reference = 0x0b,
  text = 0x0c,
  layer = 0x0d,
  datatype = 0x0e,
  width = 0x0f,
  xy = 0x10,
  end_element = 0x11,
  referred_name = 0x12,
  columns_rows = 0x13,
  node = 0x15,
  strans = 0x1a,
  magnification = 0x1b,
  angle = 0x1c,
  path_type = 0x21,
  box = 0x2d,
  box_type = 0x2e,
  begin_extension = 0x30,
  end_extension = 0x31,
};

enum Data : int { none = 0, bits = 1, int16 = 2, int32 = 3, real64 = 5, ascii = 6 };

// An 8-byte real: sign, exponent of 16 in excess of 64, 56-bit fraction. Zero for 0.
double from_real64(std::uint64_t raw);
// The nearest one; the value must be finite and within 1e-75 .. 1e75, or 0.
std::uint64_t to_real64(double value);

}  // namespace wavesmith::gds
