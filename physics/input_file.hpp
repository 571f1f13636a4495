// Whole input files as bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace wavesmith {

// A regular file of at most `most` bytes. UnavailableError where it is missing or cannot be read,
// InputError where it is something else than a regular file, or larger.
std::vector<std::uint8_t> read_input_file(const std::filesystem::path& path, std::uint64_t most);

}  // namespace wavesmith
