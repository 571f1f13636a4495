#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/units.hpp"
#include "physics/touchstone.hpp"
#include "physics/validate.hpp"

namespace wavesmith {
namespace {

constexpr std::size_t pairs_per_line = 4;  // of three ports and more
constexpr double least_level = -400.0;     // [dB]

struct Names {
  const char* unit;
  double scale;
};

Names unit_names(TouchstoneUnit unit) {
  switch (unit) {
    case TouchstoneUnit::kHz:
      return {"kHz", 1e3};
    case TouchstoneUnit::MHz:
      return {"MHz", 1e6};
    case TouchstoneUnit::GHz:
      return {"GHz", 1e9};
    default:
      return {"Hz", 1.0};
  }
}

const char* format_name(TouchstoneFormat format) {
  return format == TouchstoneFormat::real_imaginary    ? "RI"
         : format == TouchstoneFormat::magnitude_angle ? "MA"
                                                       : "DB";
}

// One entry, conjugated: the file's fields go as exp(+i omega t).
std::string pair_text(ScatteringTable::Complex s, TouchstoneFormat format) {
  if (format == TouchstoneFormat::real_imaginary)
    return format_number(s.real()) + " " + format_number(-s.imag());
  const double size = std::abs(s), angle = size > 0.0 ? -180.0 / pi * std::arg(s) : 0.0;
  const double first = format == TouchstoneFormat::magnitude_angle
                           ? size
                           : std::max(least_level, 20.0 * std::log10(size));
  return format_number(first) + " " + format_number(angle);
}

}  // namespace

std::string touchstone_text(const ScatteringTable& table, const TouchstoneOptions& options) {
  const std::size_t n = table.ports;
  WAVESMITH_VALIDATE(n > 0 && !table.frequencies.empty(),
                     "a Touchstone file needs a port and a frequency");
  validate_count(table.s.size(), table.frequencies.size() * n * n, "scattering table");
  for (const ScatteringTable::Complex& s : table.s)
    WAVESMITH_VALIDATE(std::isfinite(s.real()) && std::isfinite(s.imag()),
                       "a scattering parameter is not finite; a Touchstone file holds numbers");
  const Names unit = unit_names(options.unit);
  std::string text;
  const auto comment = [&](std::string line) {
    std::ranges::replace_if(
        line, [](char c) { return c < ' '; }, ' ');
    text += "! " + line + "\n";
  };
  for (const std::string& line : options.comments) comment(line);
  for (std::size_t port = 0; port < table.port_names.size(); ++port)
    comment(fmt::format("Port[{}] = {}", port + 1, table.port_names[port]));
  if (options.version == 2) text += "[Version] 2.0\n";
  text += fmt::format("# {} S {} R {}\n", unit.unit, format_name(options.format),
                      format_number(table.resistance));
  if (options.version == 2) {
    text += fmt::format("[Number of Ports] {}\n", n);
    if (n == 2) text += "[Two-Port Data Order] 21_12\n";
    text += fmt::format("[Number of Frequencies] {}\n[Network Data]\n", table.frequencies.size());
  }
  for (std::size_t f = 0; f < table.frequencies.size(); ++f) {
    text += format_number(table.frequencies[f] / unit.scale);
    const auto s = table.at(f);
    for (std::size_t i = 0; i < n; ++i) {
      if (n > 2 && i > 0) text += "\n";
      for (std::size_t j = 0; j < n; ++j) {
        if (n > 2 && j > 0 && j % pairs_per_line == 0) text += "\n";
        // Two ports stand column by column.
        text += " " + pair_text(n == 2 ? s[j * n + i] : s[i * n + j], options.format);
      }
    }
    text += "\n";
  }
  if (options.version == 2) text += "[End]\n";
  return text;
}

void write_touchstone(const ScatteringTable& table, const std::filesystem::path& path,
                      const TouchstoneOptions& options) {
  write_file(path, touchstone_text(table, options));
}

std::string touchstone_ending(std::size_t ports) {
  return fmt::format(".s{}p", ports);
}

}  // namespace wavesmith
