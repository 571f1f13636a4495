#include "physics/input_file.hpp"

#include <fstream>

#include "core/error.hpp"

namespace wavesmith {

std::vector<std::uint8_t> read_input_file(const std::filesystem::path& path, std::uint64_t most) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status))
    throw UnavailableError(path.string() + ": there is no such file");
  WAVESMITH_VALIDATE(std::filesystem::is_regular_file(status),
                     path.string() + ": it is not a regular file");
  const std::uint64_t size = std::filesystem::file_size(path, error);
  if (error)
    throw UnavailableError(path.string() + ": it cannot be read (" + error.message() + ")");
  WAVESMITH_VALIDATE(size <= most, path.string() + ": it has " + std::to_string(size) +
                                       " bytes, more than the " + std::to_string(most) +
                                       " that are read at once");
  std::ifstream file(path, std::ios::binary);
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  if (!file || file.gcount() != static_cast<std::streamsize>(size))
    throw UnavailableError(path.string() + ": it cannot be read to its end");
  return bytes;
}

}  // namespace wavesmith
