#include "training/npy_file.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>

#include "core/atomic_file.hpp"
#include "core/error.hpp"

namespace wavesmith {

namespace {

constexpr std::size_t most_extents = 32;
constexpr std::size_t longest_header = 65536;  // [bytes]; names of record fields are not read
constexpr std::size_t alignment = 64;          // of the first element in the file [bytes]
constexpr std::string_view magic = "\x93NUMPY";

struct TypeTraits {
  NpyType type;
  std::string_view code;     // of NumPy, without the byte order
  std::size_t size;          // [bytes]
  std::size_t swapped_size;  // of what a byte order applies to: half a complex number
};

constexpr std::array<TypeTraits, 12> types{{{NpyType::i8, "i1", 1, 1},
                                            {NpyType::i16, "i2", 2, 2},
                                            {NpyType::i32, "i4", 4, 4},
                                            {NpyType::i64, "i8", 8, 8},
                                            {NpyType::u8, "u1", 1, 1},
                                            {NpyType::u16, "u2", 2, 2},
                                            {NpyType::u32, "u4", 4, 4},
                                            {NpyType::u64, "u8", 8, 8},
                                            {NpyType::f32, "f4", 4, 4},
                                            {NpyType::f64, "f8", 8, 8},
                                            {NpyType::c64, "c8", 8, 4},
                                            {NpyType::c128, "c16", 16, 8}}};

const TypeTraits& traits(NpyType type) {
  return types[static_cast<std::size_t>(type)];
}

constexpr char native_order = std::endian::native == std::endian::little ? '<' : '>';

struct Header {
  NpyType type = NpyType::f64;
  char order = native_order;
  bool fortran_order = false;
  std::vector<std::size_t> shape;
};

std::string printable(std::string_view text) {
  std::string result;
  for (const char letter : text.substr(0, 60)) {
    result += (letter >= ' ' && letter <= '~') ? letter : '?';
  }
  return result + (text.size() > 60 ? "..." : "");
}

// Reads the header: a Python dictionary of a string, a truth value and a tuple of integers.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, std::string name)
      : text_(text), all_(text), name_(std::move(name)) {}

  Header parse() {
    Header header;
    std::array<bool, 3> seen{};
    expect('{');
    while (!accept('}')) {
      const std::string key = quoted();
      expect(':');
      const std::size_t which = key == "descr" ? 0 : key == "fortran_order" ? 1 : 2;
      if (key == "descr") {
        read_type(header);
      } else if (key == "fortran_order") {
        header.fortran_order = truth();
      } else if (key == "shape") {
        header.shape = tuple();
      } else {
        fail("unknown key '" + printable(key) + "'");
      }
      if (seen[which]) fail("the key '" + key + "' comes twice");
      seen[which] = true;
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_blanks();
    if (!text_.empty()) fail("text follows the dictionary");
    if (!seen[0] || !seen[1] || !seen[2]) {
      fail("'descr', 'fortran_order' and 'shape' are needed");
    }
    return header;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw InputError(name_ + ": the .npy header is wrong: " + what + ", in " + printable(all_));
  }

  void skip_blanks() {
    const std::size_t first = text_.find_first_not_of(" \t\r\n");
    text_.remove_prefix(std::min(first, text_.size()));
  }

  bool accept(char letter) {
    skip_blanks();
    if (!text_.starts_with(letter)) return false;
    text_.remove_prefix(1);
    return true;
  }

  void expect(char letter) {
    if (!accept(letter)) fail(std::string("expected '") + letter + "'");
  }

  std::string quoted() {
    const char quote = accept('\'') ? '\'' : '"';
    if (quote == '"') expect('"');
    const std::size_t end = text_.find(quote);
    if (end == std::string_view::npos) fail("a string is not closed");
    const std::string result(text_.substr(0, end));
    text_.remove_prefix(end + 1);
    return result;
  }

  bool truth() {
    skip_blanks();
    for (const std::string_view word : {"True", "False"}) {
      if (!text_.starts_with(word)) continue;
      text_.remove_prefix(word.size());
      return word == "True";
    }
    fail("'fortran_order' should be True or False");
  }

  std::vector<std::size_t> tuple() {
    std::vector<std::size_t> extents;
    expect('(');
    while (!accept(')')) {
      skip_blanks();
      std::size_t extent = 0;
      const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), extent);
      if (error != std::errc()) fail("'shape' should be a tuple of whole numbers");
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      extents.push_back(extent);
      if (extents.size() > most_extents) fail("more than 32 extents");
      accept('L');  // the mark of a long integer in Python 2
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return extents;
  }

  void read_type(Header& header) {
    skip_blanks();
    if (text_.starts_with('[')) fail("records are not supported; save one plain array");
    const std::string descr = quoted();
    const std::string_view code =
        std::string_view(descr).substr(std::min<std::size_t>(1, descr.size()));
    const auto found = std::find_if(types.begin(), types.end(),
                                    [&](const TypeTraits& type) { return type.code == code; });
    if (found == types.end() || std::string_view("<>=|").find(descr[0]) == std::string_view::npos) {
      throw InputError(name_ + ": elements of type '" + printable(descr) +
                       "' are not supported; expected one of i1 i2 i4 i8 u1 u2 u4 u8 f4 f8 c8 c16 "
                       "after < or > (in NumPy: array.astype('<f4'))");
    }
    if (descr[0] == '|' && found->size > 1) fail("'" + descr + "' lacks its byte order");
    header.type = found->type;
    header.order = (descr[0] == '<' || descr[0] == '>') ? descr[0] : native_order;
  }

  std::string_view text_, all_;
  std::string name_;
};

std::string shape_text(const std::vector<std::size_t>& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  }
  return text + (shape.size() == 1 ? ",)" : ")");
}

// Bytes of an array; the largest size_t where it would be more than that.
std::size_t payload_size(const std::vector<std::size_t>& shape, std::size_t element) {
  if (std::find(shape.begin(), shape.end(), 0u) != shape.end()) return 0;
  std::size_t size = element;
  for (const std::size_t extent : shape) {
    if (extent > std::numeric_limits<std::size_t>::max() / size) {
      return std::numeric_limits<std::size_t>::max();
    }
    size *= extent;
  }
  return size;
}

void swap_bytes(std::vector<std::uint8_t>& elements, std::size_t size) {
  for (auto first = elements.begin(); first != elements.end();) {
    const auto last = first + static_cast<std::ptrdiff_t>(size);
    std::reverse(first, last);
    first = last;
  }
}

// First index fastest -> last index fastest.
std::vector<std::uint8_t> reordered(const std::vector<std::uint8_t>& source,
                                    const std::vector<std::size_t>& shape, std::size_t size) {
  std::vector<std::size_t> stride(shape.size());  // in the source [elements]
  std::size_t step = 1;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    stride[axis] = step;
    step *= shape[axis];
  }
  std::vector<std::uint8_t> result(source.size());
  std::vector<std::size_t> index(shape.size(), 0);
  std::size_t from = 0;
  for (std::size_t to = 0; to < result.size(); to += size) {
    std::memcpy(result.data() + to, source.data() + from * size, size);
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      from += stride[axis];
      if (++index[axis] < shape[axis]) break;
      from -= stride[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}

std::size_t little_endian(Bytes bytes) {
  std::size_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | bytes[i];
  return value;
}

template <typename T>
T loaded(const std::uint8_t* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

}  // namespace

std::size_t NpyArray::count() const {
  return elements.size() / traits(type).size;
}

std::complex<double> NpyArray::value(std::size_t index) const {
  const std::uint8_t* bytes = elements.data() + index * traits(type).size;
  switch (type) {
    case NpyType::i8:
      return loaded<std::int8_t>(bytes);
    case NpyType::i16:
      return loaded<std::int16_t>(bytes);
    case NpyType::i32:
      return loaded<std::int32_t>(bytes);
    case NpyType::i64:
      return static_cast<double>(loaded<std::int64_t>(bytes));
    case NpyType::u8:
      return loaded<std::uint8_t>(bytes);
    case NpyType::u16:
      return loaded<std::uint16_t>(bytes);
    case NpyType::u32:
      return loaded<std::uint32_t>(bytes);
    case NpyType::u64:
      return static_cast<double>(loaded<std::uint64_t>(bytes));
    case NpyType::f32:
      return loaded<float>(bytes);
    case NpyType::f64:
      return loaded<double>(bytes);
    case NpyType::c64:
      return {loaded<float>(bytes), loaded<float>(bytes + 4)};
    case NpyType::c128:
      break;
  }
  return {loaded<double>(bytes), loaded<double>(bytes + 8)};
}

NpyArray parse_npy(Bytes bytes, const std::string& name) {
  PieceReader reader(bytes, name);
  WAVESMITH_VALIDATE(!is_gzip(bytes), name + " is compressed with gzip; decompress it first");
  WAVESMITH_VALIDATE(
      bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0,
      name + " is not a .npy file: it does not begin with 0x93 NUMPY");
  reader.take(magic.size(), ".npy magic");
  const std::vector<std::uint8_t> version = reader.take(2, ".npy version");
  WAVESMITH_VALIDATE(version[0] >= 1 && version[0] <= 3 && version[1] == 0,
                     name + ": expected version 1.0, 2.0 or 3.0 of .npy, found " +
                         std::to_string(version[0]) + "." + std::to_string(version[1]));
  const std::size_t length =
      little_endian(reader.take(version[0] == 1 ? 2 : 4, ".npy header length"));
  WAVESMITH_VALIDATE(length <= longest_header, name + ": the .npy header should have at most " +
                                                   std::to_string(longest_header) +
                                                   " bytes, and announces " +
                                                   std::to_string(length));
  const std::vector<std::uint8_t> text = reader.take(length, ".npy header");
  const Header header =
      HeaderParser({reinterpret_cast<const char*>(text.data()), text.size()}, name).parse();

  // The size that the header announces is held against what is there, before any memory.
  const TypeTraits& type = traits(header.type);
  const std::size_t payload = payload_size(header.shape, type.size);
  const std::size_t left = reader.upper_bound();
  WAVESMITH_VALIDATE(
      payload == left,
      name + ": shape " + shape_text(header.shape) + " of " + std::string(type.code) + " needs " +
          (payload == std::numeric_limits<std::size_t>::max() ? "more than 10^19"
                                                              : std::to_string(payload)) +
          " bytes, found " + std::to_string(left) +
          (left < payload ? "; the file is truncated or its header is wrong"
                          : "; the header does not match the file's size"));

  NpyArray array{header.type, header.shape, reader.take(payload, ".npy elements")};
  if (header.order != native_order && type.swapped_size > 1) {
    swap_bytes(array.elements, type.swapped_size);
  }
  if (header.fortran_order && header.shape.size() > 1 && payload > 0) {
    array.elements = reordered(array.elements, header.shape, type.size);
  }
  for (std::size_t i = 0; !array.is_integer() && i < array.count(); ++i) {
    const std::complex<double> value = array.value(i);
    WAVESMITH_VALIDATE(std::isfinite(value.real()) && std::isfinite(value.imag()),
                       name + ": element " + std::to_string(i) +
                           " (counted from 0, last index fastest) is not a finite number; remove "
                           "it or replace it");
  }
  return array;
}

NpyArray read_npy(const std::filesystem::path& path) {
  return parse_npy(read_file(path), path.string());
}

void write_npy(const std::filesystem::path& path, const NpyArray& array) {
  const TypeTraits& type = traits(array.type);
  WAVESMITH_VALIDATE(payload_size(array.shape, type.size) == array.elements.size() &&
                         array.shape.size() <= most_extents,
                     path.string() + ": shape " + shape_text(array.shape) + " of " +
                         std::string(type.code) + " does not fit " +
                         std::to_string(array.elements.size()) + " bytes of elements");
  std::string text = "{'descr': '" + std::string(1, type.size == 1 ? '|' : native_order) +
                     std::string(type.code) +
                     "', 'fortran_order': False, 'shape': " + shape_text(array.shape) + ", }";
  const std::size_t unpadded = magic.size() + 4 + text.size() + 1;
  text.append((alignment - unpadded % alignment) % alignment, ' ');
  text += '\n';
  std::string head(magic);
  head +=
      {'\x01', '\x00', static_cast<char>(text.size() & 0xff), static_cast<char>(text.size() >> 8)};
  head += text;
  AtomicFile file(path, head.size() + array.elements.size());
  file.write(head);
  file.write_bytes(std::as_bytes(std::span(array.elements)));
  file.commit();
}

}  // namespace wavesmith
