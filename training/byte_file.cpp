#include "training/byte_file.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>
#include <system_error>

#include "core/error.hpp"

namespace wavesmith {

namespace {

constexpr std::uintmax_t largest_file = std::uintmax_t{4} << 30;  // [bytes]
constexpr std::size_t largest_expansion = 1032;       // of deflate, zlib's technical notes
constexpr std::size_t growth = std::size_t{1} << 22;  // [bytes] bought at a time while inflating

}  // namespace

std::vector<std::uint8_t> read_file(const std::filesystem::path& path) {
  const std::string name = path.string();
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status)) {
    throw UnavailableError(name + " does not exist" +
                           (failure && failure != std::errc::no_such_file_or_directory
                                ? " or cannot be reached (" + failure.message() + ")"
                                : std::string()) +
                           "; check the path");
  }
  WAVESMITH_VALIDATE(std::filesystem::is_regular_file(status),
                     name + " is not a regular file" +
                         (std::filesystem::is_directory(status) ? " but a folder" : "") +
                         "; name the data file itself");
  const std::uintmax_t size = std::filesystem::file_size(path, failure);
  if (failure) throw UnavailableError("cannot read " + name + ": " + failure.message());
  WAVESMITH_VALIDATE(size <= largest_file, name + " has " + std::to_string(size) +
                                               " bytes, more than the 4 GiB that a data file may "
                                               "have; split it");

  std::ifstream file(path, std::ios::binary);
  if (!file) throw UnavailableError("cannot open " + name + " for reading; check its permissions");
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (file.gcount() != static_cast<std::streamsize>(bytes.size())) {
    throw UnavailableError("reading " + name + " stopped after " + std::to_string(file.gcount()) +
                           " of " + std::to_string(size) + " bytes");
  }
  return bytes;
}

bool is_gzip(Bytes bytes) {
  return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

PieceReader::PieceReader(Bytes bytes, std::string name) : rest_(bytes), name_(std::move(name)) {
  if (!is_gzip(bytes)) return;
  stream_ = std::make_unique<z_stream_s>();
  std::memset(stream_.get(), 0, sizeof(z_stream_s));
  // 16 added to the window's bits: a gzip header and trailer, not a zlib one.
  if (inflateInit2(stream_.get(), 15 + 16) != Z_OK) {
    throw UnavailableError("zlib could not be started for " + name_);
  }
}

PieceReader::~PieceReader() {
  if (stream_) inflateEnd(stream_.get());
}

std::size_t PieceReader::upper_bound() const {
  if (!stream_) return rest_.size();
  // The stream may hold a few bytes that it has read but not written yet: one window of slack.
  return rest_.size() * largest_expansion + (std::size_t{1} << 16);
}

std::size_t PieceReader::inflate_into(std::span<std::uint8_t> out) {
  std::size_t done = 0;
  while (true) {
    if (ended_) {
      if (rest_.empty()) break;
      // A gzip file may be several members in a row; they count as one sequence.
      WAVESMITH_VALIDATE(is_gzip(rest_), name_ + ": " + std::to_string(rest_.size()) +
                                             " bytes that are not gzip follow the compressed "
                                             "data; the file is damaged");
      inflateReset(stream_.get());
      ended_ = false;
    }
    constexpr std::size_t most = std::numeric_limits<unsigned>::max();
    const std::size_t offered = std::min(rest_.size(), most);
    const std::size_t room = std::min(out.size() - done, most);
    stream_->next_in = const_cast<Bytef*>(rest_.data());
    stream_->avail_in = static_cast<unsigned>(offered);
    stream_->next_out = out.data() + done;
    stream_->avail_out = static_cast<unsigned>(room);
    const int result = inflate(stream_.get(), Z_NO_FLUSH);
    const std::size_t written = room - stream_->avail_out;
    done += written;
    const std::size_t consumed = offered - stream_->avail_in;
    rest_ = rest_.subspan(consumed);
    if (result == Z_STREAM_END) {
      ended_ = true;
      continue;
    }
    WAVESMITH_VALIDATE(result == Z_OK || result == Z_BUF_ERROR,
                       name_ + ": the gzip data is damaged (" +
                           (stream_->msg != nullptr ? stream_->msg : "unknown reason") +
                           "); get the file again");
    if (written == 0 && consumed == 0) break;  // no room, or no input left
  }
  return done;
}

std::vector<std::uint8_t> PieceReader::take(std::size_t size, std::string_view what) {
  std::vector<std::uint8_t> piece;
  if (!stream_) {
    const std::size_t available = std::min(size, rest_.size());
    piece.assign(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(available));
    rest_ = rest_.subspan(available);
  } else {
    // Memory is bought as data arrives, not as a header claims.
    while (piece.size() < size) {
      const std::size_t before = piece.size();
      piece.resize(before + std::min(size - before, std::max(growth, before)));
      const std::size_t got = inflate_into(std::span(piece).subspan(before));
      if (got < piece.size() - before) {
        piece.resize(before + got);
        break;
      }
    }
  }
  WAVESMITH_VALIDATE(piece.size() == size, name_ + ": expected " + std::to_string(size) +
                                               " bytes of " + std::string(what) + ", found " +
                                               std::to_string(piece.size()) +
                                               "; the file is truncated or its header is wrong");
  return piece;
}

void PieceReader::expect_end(std::string_view what) {
  if (!stream_) {
    WAVESMITH_VALIDATE(rest_.empty(), name_ + ": " + std::to_string(rest_.size()) +
                                          " bytes are left over after " + std::string(what) +
                                          "; the header does not match the file's size");
    return;
  }
  std::uint8_t extra = 0;
  const std::size_t more = inflate_into(std::span(&extra, 1));
  WAVESMITH_VALIDATE(more == 0, name_ + ": the compressed data goes on after " + std::string(what) +
                                    "; the header does not match the file's size");
  WAVESMITH_VALIDATE(ended_, name_ +
                                 ": the gzip data stops before its checksum; the file is "
                                 "truncated");
}

}  // namespace wavesmith
