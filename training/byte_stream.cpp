#include "training/byte_stream.hpp"

#include <fmt/format.h>

#include <cstring>

#include "core/error.hpp"

namespace wavesmith {

void ByteWriter::append(const void* data, std::size_t size) {
  const auto* first = static_cast<const std::byte*>(data);
  bytes_.insert(bytes_.end(), first, first + size);
}

void ByteWriter::put_text(const std::string& text) {
  put_array(std::span<const char>(text.data(), text.size()));
}

std::string ByteReader::get_text() {
  const std::vector<char> text = get_array<char>();
  return {text.begin(), text.end()};
}

std::span<const std::byte> ByteReader::get_bytes(std::size_t size) {
  if (size > left())
    fail(fmt::format("it ends after {} bytes where {} more were expected", bytes_.size(),
                     size - left()));
  const auto part = bytes_.subspan(position_, size);
  position_ += size;
  return part;
}

std::size_t ByteReader::get_count(std::size_t item_size) {
  const auto count = get<std::uint64_t>();
  if (count > left() / item_size)
    fail(fmt::format("it announces {} entries of {} bytes with {} bytes left", count, item_size,
                     left()));
  return static_cast<std::size_t>(count);
}

void ByteReader::expect_count(std::size_t expected, std::size_t found) const {
  if (expected != found)
    fail(fmt::format("it holds {} numbers where {} were expected", found, expected));
}

void ByteReader::expect_end() const {
  if (left() != 0) fail(fmt::format("{} bytes follow its end", left()));
}

void ByteReader::copy(void* to, std::size_t size) {
  const auto from = get_bytes(size);
  if (size != 0) std::memcpy(to, from.data(), size);
}

void ByteReader::fail(const std::string& why) const {
  throw InputError(
      fmt::format("{} cannot be read: {}; start the run afresh without --resume", what_, why));
}

}  // namespace wavesmith
