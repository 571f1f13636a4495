// SHA-256 (FIPS 180-4): checksums of downloaded and saved files.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace wavesmith {

class Sha256 {
 public:
  void update(std::span<const std::uint8_t> bytes);
  // Ends the message; 64 hexadecimal digits, lower case. Call it once, last.
  std::string digest();

 private:
  void compress(const std::uint8_t* block);

  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, 64> block_{};
  std::size_t filled_ = 0;    // bytes waiting in block_
  std::uint64_t length_ = 0;  // of the message so far [bytes]
};

std::string sha256(std::span<const std::uint8_t> bytes);
// UnavailableError where the file cannot be read.
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace wavesmith
