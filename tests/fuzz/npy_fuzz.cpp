// sources: training/byte_file.cpp training/npy_file.cpp
// Any bytes are an array or an InputError; an array has as many elements as its shape says.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/error.hpp"
#include "training/npy_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const wavesmith::NpyArray array = wavesmith::parse_npy({data, size}, "fuzz.npy");
    std::size_t count = 1;
    for (const std::size_t extent : array.shape) count *= extent;
    if (count != array.count()) std::abort();
    for (std::size_t i = 0; i < count; ++i) static_cast<void>(array.value(i));
  } catch (const wavesmith::InputError&) {
  }
  return 0;
}
