// sources: training/byte_file.cpp training/csv_file.cpp
// Any bytes are a table or an InputError, whatever is expected of the header and the labels.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/error.hpp"
#include "training/csv_file.hpp"

namespace {

using wavesmith::CsvHeader;
using wavesmith::CsvLabel;

void parse(wavesmith::Bytes bytes, const wavesmith::CsvOptions& options) {
  try {
    const wavesmith::CsvNumbers table = wavesmith::parse_csv(bytes, "fuzz.csv", options);
    const bool labelled = options.label != CsvLabel::none;
    if (table.values.size() != table.rows * table.columns || table.rows == 0) std::abort();
    if (table.labels.size() != (labelled ? table.rows : 0)) std::abort();
    for (const double value : table.values) {
      if (!std::isfinite(value)) std::abort();
    }
    for (const int label : table.labels) {
      if (label < 0) std::abort();
    }
  } catch (const wavesmith::InputError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const wavesmith::Bytes bytes{data, size};
  parse(bytes, {});
  parse(bytes, {CsvHeader::detect, CsvLabel::last, {}});
  parse(bytes, {CsvHeader::detect, CsvLabel::named, "kind"});
  try {
    const wavesmith::ComplexCsvTable table = wavesmith::parse_complex_csv(bytes, "fuzz.csv");
    if (table.values.size() != table.rows * table.columns) std::abort();
  } catch (const wavesmith::InputError&) {
  }
  return 0;
}
