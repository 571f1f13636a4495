#include "viz/png_check.hpp"

#include <zlib.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace wavesmith {
namespace {

constexpr std::string_view signature = "\x89PNG\r\n\x1a\n";
constexpr std::uint32_t largest_side = 16384;

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

struct Header {
  std::size_t height = 0, row_bytes = 0;  // with the filter type
  bool palette = false;
};

Header read_header(std::string_view data) {
  WAVESMITH_VALIDATE(data.size() == 13, "the picture's PNG header has a wrong length");
  const std::uint32_t width = number_at(data, 0), height = number_at(data, 4);
  WAVESMITH_VALIDATE(width >= 1 && height >= 1 && width <= largest_side && height <= largest_side,
                     "the picture has " + std::to_string(width) + " x " + std::to_string(height) +
                         " pixels; at most 16384 x 16384 are read");
  const int depth = data[8], colour = data[9];
  constexpr std::array<std::size_t, 7> channels = {1, 0, 3, 1, 2, 0, 4};
  WAVESMITH_VALIDATE(
      depth == 8 && colour >= 0 && colour <= 6 && channels[static_cast<std::size_t>(colour)] > 0,
      "the picture is not an 8-bit PNG file; save it with 8 bits a channel");
  WAVESMITH_VALIDATE(data[10] == 0 && data[11] == 0 && data[12] == 0,
                     "the picture is interlaced, or compressed in an unknown way; save it plainly");
  return {height, 1 + width * channels[static_cast<std::size_t>(colour)], colour == 3};
}

// Inflates a chunk at a time, counting rows and looking at their filter types.
class Rows {
 public:
  Rows() { ready_ = inflateInit(&stream_) == Z_OK; }
  ~Rows() {
    if (ready_) inflateEnd(&stream_);
  }
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  void add(std::string_view data, const Header& header) {
    std::vector<unsigned char> out(std::size_t{1} << 16);
    // zlib does not write to its input.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream_.avail_in = static_cast<uInt>(data.size());
    while (ready_ && !ended_ && stream_.avail_in > 0) {
      stream_.next_out = out.data();
      stream_.avail_out = static_cast<uInt>(out.size());
      const int status = inflate(&stream_, Z_NO_FLUSH);
      WAVESMITH_VALIDATE(status == Z_OK || status == Z_STREAM_END,
                         "the picture's compressed pixels are damaged");
      count(out, out.size() - stream_.avail_out, header);
      ended_ = status == Z_STREAM_END;
    }
  }

  void finish(const Header& header) const {
    WAVESMITH_VALIDATE(ended_ && bytes_ == header.height * header.row_bytes,
                       "the picture's pixels do not fill it; the file is damaged");
  }

 private:
  void count(const std::vector<unsigned char>& out, std::size_t length, const Header& header) {
    const std::size_t into = bytes_ % header.row_bytes;
    for (std::size_t i = into == 0 ? 0 : header.row_bytes - into; i < length; i += header.row_bytes)
      WAVESMITH_VALIDATE(out[i] <= 4, "the picture's pixels are filtered in an unknown way");
    bytes_ += length;
    WAVESMITH_VALIDATE(bytes_ <= header.height * header.row_bytes,
                       "the picture has more pixels than it says; the file is damaged");
  }

  z_stream stream_{};
  bool ready_ = false, ended_ = false;
  std::size_t bytes_ = 0;
};

}  // namespace

void validate_png(const std::string& bytes) {
  WAVESMITH_VALIDATE(bytes.starts_with(signature), "the picture is not a PNG file");
  const std::string_view all = bytes;
  Header header;
  Rows rows;
  bool palette = false;
  for (std::size_t at = signature.size();;) {
    WAVESMITH_VALIDATE(all.size() - at >= 12, "the picture's PNG file is cut short");
    const std::size_t length = number_at(all, at);
    WAVESMITH_VALIDATE(length <= all.size() - at - 12, "the picture's PNG file is cut short");
    const std::string_view type = all.substr(at + 4, 4), data = all.substr(at + 8, length);
    const auto sum =
        crc32_z(0, reinterpret_cast<const Bytef*>(type.data()), static_cast<z_size_t>(length + 4));
    WAVESMITH_VALIDATE(sum == number_at(all, at + 8 + length),
                       "the picture's PNG file is damaged: a checksum does not fit");
    const bool first = at == signature.size();
    WAVESMITH_VALIDATE(first == (type == "IHDR"), "the picture's PNG file has no header in front");
    if (first) header = read_header(data);
    palette = palette || (type == "PLTE" && length >= 3 && length <= 768 && length % 3 == 0);
    if (type == "IDAT") rows.add(data, header);
    if (type == "IEND") break;
    at += length + 12;
  }
  rows.finish(header);
  WAVESMITH_VALIDATE(!header.palette || palette, "the picture's PNG file has no palette");
}

}  // namespace wavesmith
