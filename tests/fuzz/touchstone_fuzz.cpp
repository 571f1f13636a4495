// sources: physics/touchstone_read.cpp physics/touchstone_write.cpp physics/input_file.cpp
// sources: physics/validate.cpp
// Any bytes are scattering parameters or an InputError; what is written of them reads back.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/error.hpp"
#include "physics/touchstone.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::size_t ports : {0u, 1u, 2u, 4u}) {
    wavesmith::ScatteringTable table;
    try {
      table = wavesmith::parse_touchstone(text, "fuzz", ports);
    } catch (const wavesmith::InputError&) {
      continue;
    }
    if (table.s.size() != table.frequencies.size() * table.ports * table.ports) std::abort();
    for (std::size_t f = 0; f < table.frequencies.size(); ++f)
      if (!std::isfinite(table.frequencies[f]) ||
          (f > 0 && !(table.frequencies[f] > table.frequencies[f - 1])))
        std::abort();
    for (const std::complex<double>& s : table.s)
      if (!std::isfinite(s.real()) || !std::isfinite(s.imag())) std::abort();
    const wavesmith::ScatteringTable back =
        wavesmith::parse_touchstone(wavesmith::touchstone_text(table), "again", table.ports);
    if (back.s != table.s || back.frequencies != table.frequencies) std::abort();
  }
  return 0;
}
