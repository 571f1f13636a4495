// sources: training/byte_file.cpp training/idx_file.cpp
// Any bytes are an IDX array or an InputError; an array has as many elements as its extents say.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/error.hpp"
#include "training/idx_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const wavesmith::IdxArray array = wavesmith::parse_idx({data, size}, "fuzz.idx");
    std::size_t count = 1;
    for (const std::size_t extent : array.extents) count *= extent;
    if (count != array.count()) std::abort();
    for (std::size_t i = 0; i < count; ++i) static_cast<void>(array.value(i));
  } catch (const wavesmith::InputError&) {
  }
  return 0;
}
