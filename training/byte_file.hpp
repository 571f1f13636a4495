// Whole files as bytes, and bounded decompression: the bottom of every data reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct z_stream_s;

namespace wavesmith {

using Bytes = std::span<const std::uint8_t>;

// Reads a regular file of at most 4 GiB. UnavailableError where it is missing or unreadable,
// InputError where it is something else than a regular file, or larger.
std::vector<std::uint8_t> read_file(const std::filesystem::path& path);

// True for the two magic bytes of gzip (RFC 1952, section 2.3.1).
bool is_gzip(Bytes bytes);

// Reads consecutive pieces of a byte sequence, plain or gzip by its magic. Never holds more
// decompressed bytes than were asked for, whatever the stream would expand to.
class PieceReader {
 public:
  PieceReader(Bytes bytes, std::string name);
  ~PieceReader();
  PieceReader(const PieceReader&) = delete;
  PieceReader& operator=(const PieceReader&) = delete;

  // The next `size` bytes; `what` names them in the InputError thrown where fewer are left.
  std::vector<std::uint8_t> take(std::size_t size, std::string_view what);
  // Throws InputError unless everything was taken; for gzip this also checks the stream's own
  // length and CRC-32.
  void expect_end(std::string_view what);
  // No more than this many bytes can still come: deflate expands by less than 1032 times.
  std::size_t upper_bound() const;

 private:
  std::size_t inflate_into(std::span<std::uint8_t> out);

  Bytes rest_;
  std::string name_;
  std::unique_ptr<z_stream_s> stream_;  // null for plain bytes
  bool ended_ = false;                  // at the end of a gzip member
};

}  // namespace wavesmith
