// IDX, the format of the MNIST family: "magic, extents, data", all big-endian.
//
//   byte 0, 1   0
//   byte 2      type of the elements
//   byte 3      number of extents
//   4 bytes each: the extents, unsigned; then the elements, last extent fastest
//
// Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits".
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "training/byte_file.hpp"

namespace wavesmith {

enum class IdxType : std::uint8_t {
  u8 = 0x08,
  i8 = 0x09,
  i16 = 0x0B,
  i32 = 0x0C,
  f32 = 0x0D,
  f64 = 0x0E,
};

struct IdxArray {
  IdxType type = IdxType::u8;
  std::vector<std::size_t> extents;
  std::vector<std::uint8_t> elements;  // as in the file: big-endian

  std::size_t count() const;              // of elements
  double value(std::size_t index) const;  // of element `index`, in the file's order
};

// `bytes` are plain or gzip, told by their magic. `name` stands for the file in messages.
// InputError where the header, the size or a value (not finite) is wrong.
IdxArray parse_idx(Bytes bytes, const std::string& name);
IdxArray read_idx(const std::filesystem::path& path);

}  // namespace wavesmith
