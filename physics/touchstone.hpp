// Touchstone files of scattering parameters: .s1p, .s2p, ... of version 1.1 and .ts of version 2.0
// (EIA/IBIS Open Forum, Touchstone File Format Specification, versions 1.1 (2002) and 2.0 (2009)).
//
// The files follow electrical engineering, where fields go as exp(+i omega t): they hold the
// conjugate of the S that the program computes with, and so does the table that is read.
//
// Read: S in RI, MA or DB; Hz, kHz, MHz, GHz, and THz beyond the standard; any number of ports; of
// version 2 the full, lower and upper matrix format and both orders of two ports. Noise data is
// passed over. Not read: Y, Z, G, H and mixed-mode parameters.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "physics/scattering_table.hpp"

namespace wavesmith {

enum class TouchstoneFormat { real_imaginary, magnitude_angle, decibel_angle };
enum class TouchstoneUnit { Hz, kHz, MHz, GHz };

struct TouchstoneOptions {
  TouchstoneFormat format = TouchstoneFormat::real_imaginary;
  TouchstoneUnit unit = TouchstoneUnit::Hz;
  int version = 1;                    // or 2
  std::vector<std::string> comments;  // lines before the data
};

// Text of a file. `ports`: by the file's ending, 0 where only the text tells. Throws InputError
// `name:line: what`.
ScatteringTable parse_touchstone(std::string_view text, const std::string& name, std::size_t ports);

// Throws UnavailableError where there is no such file, InputError with file and line where it is
// wrong.
ScatteringTable read_touchstone(const std::filesystem::path& path);

// Numbers read back exactly in real_imaginary and Hz. A value of 0 is -400 dB.
std::string touchstone_text(const ScatteringTable& table, const TouchstoneOptions& options = {});
void write_touchstone(const ScatteringTable& table, const std::filesystem::path& path,
                      const TouchstoneOptions& options = {});

// ".s4p"
std::string touchstone_ending(std::size_t ports);

}  // namespace wavesmith
