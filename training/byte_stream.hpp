// Plain numbers to bytes and back, for states that must resume bit for bit. Little-endian, as
// every machine that this project runs on.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace wavesmith {

static_assert(std::endian::native == std::endian::little);

template <class T>
concept PlainNumber = std::is_arithmetic_v<T> || std::is_enum_v<T>;

class ByteWriter {
 public:
  explicit ByteWriter(std::vector<std::byte>& bytes) : bytes_(bytes) {}

  template <PlainNumber T>
  void put(T value) {
    append(&value, sizeof value);
  }
  // Length first, then the entries.
  template <PlainNumber T>
  void put_array(std::span<const T> values) {
    put<std::uint64_t>(values.size());
    append(values.data(), values.size_bytes());
  }
  void put_array(const std::vector<double>& values) { put_array(std::span<const double>(values)); }
  void put_text(const std::string& text);

 private:
  void append(const void* data, std::size_t size);
  std::vector<std::byte>& bytes_;
};

// Reads in the order of writing. Never reads past the end nor allocates more than is there: throws
// InputError naming `what` instead.
class ByteReader {
 public:
  ByteReader(std::span<const std::byte> bytes, std::string what)
      : bytes_(bytes), what_(std::move(what)) {}

  template <PlainNumber T>
  T get() {
    T value;
    copy(&value, sizeof value);
    return value;
  }
  template <PlainNumber T>
  std::vector<T> get_array() {
    std::vector<T> values(get_count(sizeof(T)));
    copy(values.data(), values.size() * sizeof(T));
    return values;
  }
  // An array whose length is known: another one means that the bytes belong to something else.
  template <PlainNumber T>
  void get_array(std::span<T> values) {
    expect_count(values.size(), get_count(sizeof(T)));
    copy(values.data(), values.size_bytes());
  }
  std::string get_text();
  std::span<const std::byte> get_bytes(std::size_t size);
  std::size_t left() const { return bytes_.size() - position_; }
  void expect_end() const;
  [[noreturn]] void fail(const std::string& why) const;

 private:
  std::size_t get_count(std::size_t item_size);
  void expect_count(std::size_t expected, std::size_t found) const;
  void copy(void* to, std::size_t size);

  std::span<const std::byte> bytes_;
  std::string what_;
  std::size_t position_ = 0;
};

}  // namespace wavesmith
