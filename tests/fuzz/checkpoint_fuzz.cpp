// sources: training/checkpoint.cpp training/byte_stream.cpp
// Any bytes are a checkpoint or an InputError; a checkpoint encodes to the very same bytes.
#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <vector>

#include "core/error.hpp"
#include "training/checkpoint.hpp"

namespace {

void parse(std::span<const std::byte> bytes) {
  try {
    const wavesmith::Checkpoint checkpoint = wavesmith::decode_checkpoint(bytes, "fuzz");
    const std::vector<std::byte> again = wavesmith::encode_checkpoint(checkpoint);
    if (!std::equal(bytes.begin(), bytes.end(), again.begin(), again.end())) std::abort();
  } catch (const wavesmith::InputError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::byte> bytes(size);
  std::transform(data, data + size, bytes.begin(), [](std::uint8_t b) { return std::byte{b}; });
  parse(bytes);
  // Once more with the header made right, so that what lies behind its checksum is reached too.
  constexpr std::size_t header = 28;
  if (size >= header + 4) {
    std::memcpy(bytes.data(), "WSMCHKPT\1\0\0\0", 12);
    const auto sum = static_cast<std::uint32_t>(
        crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), header));
    std::memcpy(bytes.data() + header, &sum, sizeof sum);
    parse(bytes);
  }
  return 0;
}
