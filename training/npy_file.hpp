// NumPy's .npy, versions 1 to 3: "magic, version, header length, header, elements".
//
//   6 bytes      0x93 "NUMPY"
//   2 bytes      major and minor version
//   2 or 4 bytes length of the header, little-endian (4 from version 2 on)
//   header       {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }, blanks, a line end
//   elements     back to back, last index fastest (first index where fortran_order is True)
//
// Source: NumPy reference, numpy.lib.format. Version 3 differs from 2 by the header's encoding
// only.
#pragma once

#include <complex>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "training/byte_file.hpp"

namespace wavesmith {

enum class NpyType { i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, c64, c128 };

struct NpyArray {
  NpyType type = NpyType::f64;
  std::vector<std::size_t> shape;      // empty for a single number
  std::vector<std::uint8_t> elements;  // last index fastest, this machine's byte order

  std::size_t count() const;  // of elements
  bool is_complex() const { return type == NpyType::c64 || type == NpyType::c128; }
  bool is_integer() const { return type < NpyType::f32; }
  // Element `index`, last index fastest. 64-bit integers beyond 2^53 are rounded.
  std::complex<double> value(std::size_t index) const;
};

// `name` stands for the file in messages. InputError where the header, the size or a value (not
// finite) is wrong.
NpyArray parse_npy(Bytes bytes, const std::string& name);
NpyArray read_npy(const std::filesystem::path& path);

// Version 1, last index fastest. The file appears under its name when it is whole.
void write_npy(const std::filesystem::path& path, const NpyArray& array);

template <typename T>
concept NpyElement = std::same_as<T, std::int8_t> || std::same_as<T, std::int16_t> ||
    std::same_as<T, std::int32_t> || std::same_as<T, std::int64_t> ||
    std::same_as<T, std::uint8_t> || std::same_as<T, std::uint16_t> ||
    std::same_as<T, std::uint32_t> || std::same_as<T, std::uint64_t> || std::same_as<T, float> ||
    std::same_as<T, double> || std::same_as<T, std::complex<float>> ||
    std::same_as<T, std::complex<double>>;

template <NpyElement T>
constexpr NpyType npy_type() {
  if constexpr (std::same_as<T, std::int8_t>) return NpyType::i8;
  if constexpr (std::same_as<T, std::int16_t>) return NpyType::i16;
  if constexpr (std::same_as<T, std::int32_t>) return NpyType::i32;
  if constexpr (std::same_as<T, std::int64_t>) return NpyType::i64;
  if constexpr (std::same_as<T, std::uint8_t>) return NpyType::u8;
  if constexpr (std::same_as<T, std::uint16_t>) return NpyType::u16;
  if constexpr (std::same_as<T, std::uint32_t>) return NpyType::u32;
  if constexpr (std::same_as<T, std::uint64_t>) return NpyType::u64;
  if constexpr (std::same_as<T, float>) return NpyType::f32;
  if constexpr (std::same_as<T, double>) return NpyType::f64;
  if constexpr (std::same_as<T, std::complex<float>>) return NpyType::c64;
  if constexpr (std::same_as<T, std::complex<double>>) return NpyType::c128;
}

// InputError where `values` does not have as many elements as `shape`.
template <NpyElement T>
void write_npy(const std::filesystem::path& path, std::span<const T> values,
               std::vector<std::size_t> shape) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(values.data());
  write_npy(path, NpyArray{npy_type<T>(), std::move(shape), {data, data + values.size_bytes()}});
}

}  // namespace wavesmith
