#include "training/idx_file.hpp"

#include <bit>
#include <cmath>

#include "core/error.hpp"

namespace wavesmith {

namespace {

constexpr int most_extents = 8;

// 0 for a code that IDX does not define.
std::size_t element_size(std::uint8_t code) {
  switch (code) {
    case 0x08:
    case 0x09:
      return 1;
    case 0x0B:
      return 2;
    case 0x0C:
    case 0x0D:
      return 4;
    case 0x0E:
      return 8;
    default:
      return 0;
  }
}

std::uint64_t big_endian(Bytes bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

std::string hexadecimal(std::uint8_t value) {
  constexpr char digits[] = "0123456789abcdef";
  return {'0', 'x', digits[value >> 4], digits[value & 15]};
}

}  // namespace

std::size_t IdxArray::count() const {
  return elements.size() / element_size(static_cast<std::uint8_t>(type));
}

double IdxArray::value(std::size_t index) const {
  const std::size_t size = element_size(static_cast<std::uint8_t>(type));
  const std::uint64_t bits = big_endian(Bytes(elements).subspan(index * size, size));
  switch (type) {
    case IdxType::u8:
      return static_cast<double>(bits);
    case IdxType::i8:
      return static_cast<std::int8_t>(static_cast<std::uint8_t>(bits));
    case IdxType::i16:
      return static_cast<std::int16_t>(static_cast<std::uint16_t>(bits));
    case IdxType::i32:
      return static_cast<std::int32_t>(static_cast<std::uint32_t>(bits));
    case IdxType::f32:
      return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    case IdxType::f64:
      break;
  }
  return std::bit_cast<double>(bits);
}

IdxArray parse_idx(Bytes bytes, const std::string& name) {
  PieceReader reader(bytes, name);

  // Magic: two zeros, the type, the number of extents.
  const std::vector<std::uint8_t> magic = reader.take(4, "IDX magic number");
  const std::size_t size = element_size(magic[2]);
  WAVESMITH_VALIDATE(magic[0] == 0 && magic[1] == 0 && size != 0,
                     name +
                         " is not an IDX file: its first bytes should be 0x00 0x00 and a type "
                         "(0x08, 0x09, 0x0b to 0x0e), and are " +
                         hexadecimal(magic[0]) + " " + hexadecimal(magic[1]) + " " +
                         hexadecimal(magic[2]));
  WAVESMITH_VALIDATE(magic[3] >= 1 && magic[3] <= most_extents,
                     name + ": expected 1 to " + std::to_string(most_extents) +
                         " extents in the IDX header, found " + std::to_string(magic[3]));

  // Extents; their product is held against what the file can possibly hold, before any memory.
  IdxArray array;
  array.type = static_cast<IdxType>(magic[2]);
  const std::vector<std::uint8_t> header = reader.take(4u * magic[3], "IDX extents");
  const std::size_t bound = reader.upper_bound();
  std::size_t payload = size;
  bool fits = true;
  std::string product;
  for (std::size_t axis = 0; axis < magic[3]; ++axis) {
    const auto extent = static_cast<std::size_t>(big_endian(Bytes(header).subspan(4 * axis, 4)));
    product += (axis == 0 ? "" : " x ") + std::to_string(extent);
    WAVESMITH_VALIDATE(extent >= 1, name + ": the IDX header has an extent of zero (" + product +
                                        "); an empty set is of no use");
    // Once past the bound the product only grows, so it may stay where it is.
    fits = fits && extent <= bound / payload;
    if (fits) payload *= extent;
    array.extents.push_back(extent);
  }
  WAVESMITH_VALIDATE(fits, name + ": the IDX header announces " + product + " elements of " +
                               std::to_string(size) + " bytes, but at most " +
                               std::to_string(bound) +
                               " bytes can follow; the file is truncated or its header is wrong");

  array.elements = reader.take(
      payload, "IDX data (" + product + " elements of " + std::to_string(size) + " bytes)");
  reader.expect_end("the " + std::to_string(payload) + " bytes that the IDX header announces (" +
                    product + ")");

  if (array.type == IdxType::f32 || array.type == IdxType::f64) {
    for (std::size_t i = 0; i < array.count(); ++i) {
      WAVESMITH_VALIDATE(std::isfinite(array.value(i)),
                         name + ": element " + std::to_string(i) +
                             " (counted from 0) is not a finite number; remove it or replace it");
    }
  }
  return array;
}

IdxArray read_idx(const std::filesystem::path& path) {
  return parse_idx(read_file(path), path.string());
}

}  // namespace wavesmith
